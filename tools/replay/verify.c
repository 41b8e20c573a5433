#include "server/record/verify.h"

#include <stdio.h>
#include <string.h>

#include "shared/host/error.h"
#include "tools/replay/commands.h"
#include "tools/replay/progress.h"
#include "tools/replay/show.h"

#define JSON_BYTES (1024 * 1024) /* the usercmds of a full room */

struct watched {
    const struct reader_info *info;
    struct progress progress;
};

static void show_progress(void *context, uint32_t tick)
{
    struct watched *w = context;
    progress_show(&w->progress, tick - w->info->first_tick,
                  (uint64_t)w->info->last_tick - w->info->first_tick + 1);
}

/* What differs, by name, with both values and the tick's inputs. */
static void put_difference(struct json_writer *w, const struct reader *r,
                           const struct verify_difference *d, const char *sentence)
{
    const struct field_table *table = reader_info(r)->head.table;
    bool is_entity = d->place == VERIFY_FIELD || d->place == VERIFY_ENTITY;
    json_put_key(w, "tick");
    json_put_unsigned(w, d->tick);
    json_put_key(w, "difference");
    json_put_text(w, sentence, strlen(sentence));
    if (is_entity) {
        const char *kind =
            d->kind >= 1 && d->kind <= table->kind_count ? table->kinds[d->kind - 1].name : "free";
        json_put_key(w, "slot");
        json_put_unsigned(w, d->slot);
        json_put_key(w, "kind");
        json_put_text(w, kind, strlen(kind));
        json_put_key(w, "generation");
        json_put_unsigned(w, d->generation);
    }
    if (d->name[0] != '\0') {
        json_put_key(w, "field");
        json_put_text(w, d->name, strlen(d->name));
        json_put_key(w, "recorded");
        json_put_integer(w, d->recorded);
        json_put_key(w, "expected");
        json_put_integer(w, d->expected);
        json_put_key(w, "words");
        json_put_unsigned(w, d->word_count);
    }
    show_put_inputs(w, r);
}

static void print_json(const struct reader *r, const struct verify_report *report,
                       const char *sentence)
{
    static char text[JSON_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    json_open(&w, '{');
    json_put_key(&w, "verified_ticks");
    json_put_unsigned(&w, report->tick_count);
    json_put_key(&w, "gaps");
    json_put_unsigned(&w, report->start_count > 0 ? report->start_count - 1 : 0);
    json_put_key(&w, "same");
    json_put_bool(&w, report->first.place == VERIFY_SAME);
    if (report->first.place != VERIFY_SAME) put_difference(&w, r, &report->first, sentence);
    json_close(&w, '}');
    printf("%.*s\n", (int)json_finish(&w), text);
}

static enum exit_code print_report(struct reader *r, const struct verify_report *report, bool json)
{
    bool is_same = report->first.place == VERIFY_SAME;
    char sentence[ERROR_MESSAGE_BYTES];
    verify_describe(&report->first, reader_info(r)->head.table, sentence, sizeof sentence);
    if (json) {
        print_json(r, report, sentence);
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
    struct watched watched = {.info = i};
    if (game == NULL) {
        error_set(&error, RESULT_TOO_BIG,
                  "%s: this build has no game %s: it plays, but cannot be verified here", o->path,
                  i->game);
        return complain(&error);
    }
    progress_begin(&watched.progress, "verify", false);
    enum result result = verify_run(r, game, show_progress, &watched, &report, &error);
    progress_end(&watched.progress);
    return result == RESULT_OK ? print_report(r, &report, o->json) : complain(&error);
}
