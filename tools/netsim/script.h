/* script.h - how a link changes over time: a file of steps, and the settings by their names.
 *
 * Place:   main reads the flags and the file, the relay (or tun.h) takes each step when it is due.
 * Layout:  a step a line: seconds since the first connection, then pairs of a setting and its value;
 *          what is not named stays as it was. `stop-ms` is no setting: nothing leaves for so long.
 *              # a lift
 *              0     rate 12000 delay-ms 30
 *              10    stop-ms 3000
 *              12.5  rate 0
 * Memory:  plain data, SCRIPT_STEPS_MAX steps.
 */
#ifndef TICKWIRE_TOOLS_NETSIM_SCRIPT_H
#define TICKWIRE_TOOLS_NETSIM_SCRIPT_H

#include "shared/result.h"
#include "tools/netsim/narrow.h"

#define SCRIPT_STEPS_MAX   256
#define SCRIPT_CHANGES_MAX 8 /* of one step */

/* One setting by its place in struct narrow_settings. */
struct script_change {
    size_t offset;
    uint64_t value;
};

struct script_step {
    uint64_t at_us;
    uint64_t stop_us; /* 0: it goes on */
    struct script_change changes[SCRIPT_CHANGES_MAX];
    size_t change_count;
};

struct script {
    size_t count;
    struct script_step steps[SCRIPT_STEPS_MAX];
};

/* Reads `text`, the value of the setting `name`: delay-ms, jitter-ms, loss-percent, rate, buffer,
 * stall-every-ms or stall-ms. RESULT_INVALID and a sentence if there is none, or it is no such
 * number. */
enum result script_parse_setting(struct script_change *change, const char *name, const char *text,
                                 struct error *error);

/* Whether the settings fit together; else RESULT_INVALID and a sentence. */
enum result script_check(const struct narrow_settings *s, struct error *error);

/* Reads a whole script, ended by NUL, for a link that begins with `link`. */
enum result script_parse(struct script *s, const char *text, const struct narrow_settings *link,
                         struct error *error);

/* Returns what a link that begins with `link` may hold at most, its rate lifted or not. */
size_t script_capacity_bytes(const struct script *s, const struct narrow_settings *link);

void script_set(struct narrow_settings *settings, const struct script_change *change);
void script_apply(const struct script_step *step, struct narrow_settings *settings,
                  uint64_t now_us);

#endif
