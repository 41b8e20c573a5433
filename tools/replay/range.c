#include "tools/replay/range.h"

#include "shared/host/error.h"

enum exit_code range_walk(struct reader *r, const struct options *o, range_visit *visit,
                          void *context)
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
        if (reader_tick(r) == to) return EXIT_FINE;
        result = reader_step(r, &error);
    }
    return result == RESULT_OK || result == RESULT_CLOSED ? EXIT_FINE : complain(&error);
}
