#include <stdio.h>

#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "tools/replay/commands.h"
#include "tools/replay/range.h"
#include "tools/replay/show.h"

struct play {
    const struct options *options;
    struct show show;
};

static enum exit_code print_json(struct show *s)
{
    struct error error;
    return show_json(s, &error) == RESULT_OK ? EXIT_FINE : complain(&error);
}

/* At the tick where the reader stands. */
static void print_tick(struct show *s, bool events_only)
{
    show_tick_line(s->reader);
    show_happenings(s);
    if (events_only) return;
    show_globals(s->reader);
    show_entities(s->reader);
}

static enum exit_code visit(void *context, struct reader *r)
{
    struct play *p = context;
    (void)r;
    if (p->options->json) return print_json(&p->show);
    if (p->options->events_only && !show_has_happenings(&p->show)) return EXIT_FINE;
    print_tick(&p->show, p->options->events_only);
    return EXIT_FINE;
}

enum exit_code play(struct reader *r, const struct options *o)
{
    struct play p = {.options = o};
    show_init(&p.show, r);
    enum exit_code code = range_walk(r, o, visit, &p);
    show_deinit(&p.show);
    return code;
}

enum exit_code seek(struct reader *r, const struct options *o)
{
    struct show show;
    struct error error;
    uint64_t start_us = clock_monotonic_us();
    if (reader_seek(r, moment_tick(&o->at, reader_info(r), 0), &error) != RESULT_OK) {
        return complain(&error);
    }
    uint64_t took_us = clock_monotonic_us() - start_us;
    enum exit_code code = EXIT_FINE;
    show_init(&show, r);
    if (o->json) {
        code = print_json(&show);
    } else {
        print_tick(&show, false);
        printf("found in %.1f ms\n", (double)took_us / 1000);
    }
    show_deinit(&show);
    return code;
}

enum exit_code dump(struct reader *r, const struct options *o)
{
    struct show show;
    struct error error;
    enum exit_code code = EXIT_FINE;
    reader_want_inputs(r, true);
    if (reader_seek(r, moment_tick(&o->at, reader_info(r), 0), &error) != RESULT_OK) {
        return complain(&error);
    }
    show_init(&show, r);
    if (o->json) {
        code = print_json(&show);
    } else {
        show_tick_line(r);
        show_happenings(&show);
        show_inputs(r);
        show_globals(r);
        show_words(r);
    }
    show_deinit(&show);
    return code;
}
