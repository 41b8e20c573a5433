#include "tools/replay/range.h"

#include <string.h>

#include "shared/host/error.h"
#include "tools/replay/progress.h"

static enum exit_code walk(struct reader *r, const struct options *o, range_visit *visit,
                           void *context, struct progress *progress)
{
    const struct reader_info *info = reader_info(r);
    uint32_t from = moment_tick(&o->from, info, info->first_tick);
    uint32_t to = moment_tick(&o->to, info, info->last_tick);
    struct error error;
    if (from > to) {
        error_set(&error, RESULT_TOO_BIG, "--from is behind --to: tick %u, tick %u", from, to);
        return complain(&error);
    }
    enum result result = reader_seek(r, from, &error);
    while (result == RESULT_OK && reader_tick(r) <= to) {
        enum exit_code code = visit(context, r);
        if (code != EXIT_FINE) return code;
        progress_show(progress, reader_tick(r) - from + 1, (uint64_t)to - from + 1);
        if (reader_tick(r) == to) return EXIT_FINE;
        result = reader_step(r, &error);
    }
    if (result == RESULT_OK || result == RESULT_CLOSED) return EXIT_FINE;
    progress_end(progress);
    return complain(&error);
}

enum exit_code range_walk(struct reader *r, const struct options *o, range_visit *visit,
                          void *context)
{
    struct progress progress;
    bool prints = strcmp(o->command, "cut") != 0;
    progress_begin(&progress, o->command, prints);
    enum exit_code code = walk(r, o, visit, context, &progress);
    progress_end(&progress);
    return code;
}
