#include "server/record/verify.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/host/error.h"
#include "tools/replay/commands.h"
#include "tools/replay/show.h"

/* On a terminal only. */
static void show_progress(void *context, uint32_t tick)
{
    const struct reader_info *i = context;
    uint64_t done = tick - i->first_tick, all = i->last_tick - i->first_tick + 1u;
    if (done % 1000 < 20) fprintf(stderr, "\rverifying %u%% ", (unsigned)(done * 100 / all));
}

static void print_json(const struct verify_report *report, const char *sentence)
{
    char text[1024];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    json_open(&w, '{');
    json_put_key(&w, "verified_ticks");
    json_put_unsigned(&w, report->tick_count);
    json_put_key(&w, "gaps");
    json_put_unsigned(&w, report->start_count > 0 ? report->start_count - 1 : 0);
    json_put_key(&w, "same");
    json_put_bool(&w, report->first.place == VERIFY_SAME);
    if (report->first.place != VERIFY_SAME) {
        json_put_key(&w, "tick");
        json_put_unsigned(&w, report->first.tick);
        json_put_key(&w, "difference");
        json_put_text(&w, sentence, strlen(sentence));
    }
    json_close(&w, '}');
    printf("%.*s\n", (int)json_finish(&w), text);
}

static enum exit_code print_report(struct reader *r, const struct verify_report *report, bool json)
{
    bool is_same = report->first.place == VERIFY_SAME;
    char sentence[ERROR_MESSAGE_BYTES];
    verify_describe(&report->first, reader_info(r)->head.table, sentence, sizeof sentence);
    if (json) {
        print_json(report, sentence);
    } else if (is_same) {
        printf("verified %u ticks\n", report->tick_count);
        if (report->start_count > 1) {
            printf("in %u parts: %u ticks between them were never recorded\n", report->start_count,
                   reader_info(r)->lost_ticks);
        }
    } else {
        printf("differs after %u verified ticks\n%s\n", report->tick_count, sentence);
        show_inputs(r);
    }
    return is_same ? EXIT_FINE : EXIT_DIFFERS;
}

enum exit_code verify(struct reader *r, const struct options *o)
{
    const struct reader_info *i = reader_info(r);
    const struct game *game = games_find(i->game);
    struct verify_report report;
    struct error error;
    bool has_terminal = isatty(STDERR_FILENO) != 0;
    if (game == NULL) {
        error_set(&error, RESULT_TOO_BIG,
                  "%s: this build has no game %s: it plays, but cannot be verified here", o->path,
                  i->game);
        return complain(&error);
    }
    enum result result =
        verify_run(r, game, has_terminal ? show_progress : NULL, (void *)i, &report, &error);
    if (has_terminal) fprintf(stderr, "\r              \r");
    return result == RESULT_OK ? print_report(r, &report, o->json) : complain(&error);
}
