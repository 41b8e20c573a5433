/* squeeze.h - how much one client is sent, and how often: less while its link cannot take it all.
 *
 * Place:   a session says of each tick that was due whether it was held; what it asks here decides
 *          which ticks are due and how many bytes a snapshot may have.
 * Steps:   all; half the bytes of a usual snapshot; then 10 Hz; then 5 Hz. Bytes first: what is
 *          left out is what matters least, while at a lower rate each delta grows.
 * Rule:    a quarter of the ticks due in 2 s held: a step down; to fewer bytes, and from a step up
 *          that was tried in vain, as soon as so many are held. Windows of 2 s with hardly any: a
 *          step up; to 10 and 20 Hz after one (two, if that was tried in vain), so that a link that
 *          recovers has 20 Hz within 10 s; to all bytes after two, up to 32 if tried in vain.
 * Memory:  plain data; the clock is passed in, so tests run in virtual time.
 */
#ifndef TICKWIRE_SERVER_SESSION_SQUEEZE_H
#define TICKWIRE_SERVER_SESSION_SQUEEZE_H

#include <stdbool.h>
#include <stdint.h>

#define SQUEEZE_WINDOW_MS 2000

enum squeeze_step { SQUEEZE_ALL, SQUEEZE_BYTES, SQUEEZE_10_HZ, SQUEEZE_5_HZ, SQUEEZE_STEP_COUNT };

/* Of the flavour: what a snapshot may have, and what it may have at least. */
struct squeeze_bytes {
    uint32_t max, min;
};

struct squeeze {
    uint8_t step; /* enum squeeze_step */
    bool has_noted;
    uint8_t due_count, held_count;           /* in the present window */
    uint8_t calm_count;                      /* windows in a row with hardly a hold */
    uint8_t window_count;                    /* whole ones at this step, up to 255 */
    bool is_risen;                           /* to this step from the one below */
    uint8_t calm_wanted[SQUEEZE_STEP_COUNT]; /* windows, for a step up to each */
    uint32_t window_ms;                      /* when the present window began */
    uint32_t noted_tick;
    uint32_t usual_bytes; /* of snapshots a tick after the last, smoothed; 0: none yet */
    uint32_t halved_bytes;
    uint32_t transitions[SQUEEZE_STEP_COUNT]; /* entries into each step */
};

void squeeze_init(struct squeeze *q, uint32_t now_ms);

/* Notes whether a tick could be sent; only the first time for each tick that is due. True: the step
 * has changed by it. */
bool squeeze_note_tick(struct squeeze *q, uint32_t tick, bool is_held,
                       const struct squeeze_bytes *bytes, uint32_t now_ms);

bool squeeze_has_noted(const struct squeeze *q, uint32_t tick);

/* Notes the length of a snapshot that spans `age_ticks` and left nothing out. */
void squeeze_note_bytes(struct squeeze *q, uint32_t length_bytes, uint32_t age_ticks);

/* Returns the ticks between two snapshots: 1, 2 or 4. */
unsigned squeeze_cadence(const struct squeeze *q);

/* Returns whether a snapshot of `tick` is due: those at the same cadence go out in the same ticks,
 * and share what is built for them. */
bool squeeze_is_due(const struct squeeze *q, uint32_t tick);

/* Returns what a snapshot may have now. */
uint32_t squeeze_budget_bytes(const struct squeeze *q, const struct squeeze_bytes *bytes);

#endif
