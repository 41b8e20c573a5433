/* options.h - what the command line asks for.
 *
 * Place:   main() parses, each command reads.
 * Errors:  one sentence; the tool then ends with 2.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_OPTIONS_H
#define TICKWIRE_TOOLS_REPLAY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/record/reader.h"
#include "shared/result.h"

/* A moment of a match: a tick as recorded, or a time since its first tick. */
struct moment {
    bool is_given;
    bool is_time;
    uint32_t tick;
    uint32_t time_ms;
};

enum export_format { EXPORT_JSON_LINES, EXPORT_CSV };
enum export_what { EXPORT_TICKS, EXPORT_EVENTS, EXPORT_PLAYERS };

struct options {
    const char *command;
    const char *path;    /* a recording, or list's folder */
    const char *target;  /* of cut: the new file */
    const char *against; /* of a capture: the recording to compare with, or its folder */
    struct moment at;    /* of seek and dump */
    struct moment from, to;
    bool json;
    bool events_only;
    enum export_format format;
    enum export_what what;
    bool help;
};

extern const char options_usage[];

enum result options_parse(struct options *o, int argc, char **argv, struct error *error);

/* Returns the tick of `moment` in the recording, or `otherwise` if none was given. */
uint32_t moment_tick(const struct moment *moment, const struct reader_info *info,
                     uint32_t otherwise);

#endif
