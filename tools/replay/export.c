#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"
#include "tools/replay/commands.h"
#include "tools/replay/csv.h"
#include "tools/replay/range.h"
#include "tools/replay/show.h"
#include "tools/replay/statistics.h"

#define COLUMNS_MAX       (EVENT_KINDS_MAX * EVENT_WORDS)
#define PLAYER_JSON_BYTES 32768

struct export
{
    const struct options *options;
    struct show show;
    const char *columns[COLUMNS_MAX]; /* the names of all fields of events, each once */
    unsigned column_count;
    struct statistics statistics;
};

static void csv_name(struct csv *c, const char *name)
{
    csv_put_text(c, name, strlen(name));
}

/* -- ticks: JSON lines of everything -- */

static enum exit_code visit_tick_json(void *context, struct reader *r)
{
    struct export *e = context;
    struct error error;
    (void)r;
    return show_json(&e->show, &error) == RESULT_OK ? EXIT_FINE : complain(&error);
}

/* -- positions: one line an entity and tick -- */

static const struct field *position_in(const struct entity_kind *kind, uint8_t word)
{
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (f->word == word && f->kind == FIELD_POSITION) return f;
    }
    return NULL;
}

static void put_seat(struct csv *c, uint16_t seat)
{
    if (seat == SEAT_NONE) {
        csv_put_nothing(c);
    } else {
        csv_put_number(c, seat);
    }
}

/* What has no place is left out. */
static void print_position(uint32_t tick, uint32_t slot, const struct entity *e,
                           const struct entity_kind *kind)
{
    const struct field *x = position_in(kind, kind->x_word), *y = position_in(kind, kind->y_word);
    struct csv line = {0};
    if (kind->flags & KIND_EVERYWHERE || x == NULL || y == NULL) return;
    csv_put_number(&line, tick);
    csv_put_number(&line, slot);
    csv_put_number(&line, e->generation);
    csv_name(&line, kind->name);
    put_seat(&line, e->owner);
    csv_put_value(&line, x, e->words[kind->x_word]);
    csv_put_value(&line, y, e->words[kind->y_word]);
    csv_end(&line);
}

static enum exit_code visit_positions(void *context, struct reader *r)
{
    const struct world_state *state = reader_state(r);
    const struct field_table *table = reader_schema(r)->table;
    (void)context;
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        const struct entity *e = &state->entities[slot];
        if (e->kind != 0) print_position(state->tick, slot, e, &table->kinds[e->kind - 1]);
    }
    return EXIT_FINE;
}

/* -- events: one line each; a column for each name that a field of some kind has -- */

static void collect_columns(struct export *e, const struct field_table *table)
{
    for (unsigned i = 0; i < table->event_kind_count; i++) {
        for (unsigned j = 0; j < table->event_kinds[i].field_count; j++) {
            const char *name = table->event_kinds[i].fields[j].name;
            unsigned at = 0;
            while (at < e->column_count && strcmp(e->columns[at], name) != 0)
                at++;
            if (at == e->column_count) e->columns[e->column_count++] = name;
        }
    }
}

static void print_event_head(const struct export *e)
{
    struct csv line = {0};
    csv_name(&line, "tick");
    csv_name(&line, "event");
    csv_name(&line, "seat");
    csv_name(&line, "text");
    for (unsigned i = 0; i < e->column_count; i++)
        csv_name(&line, e->columns[i]);
    csv_end(&line);
}

static void put_column(struct csv *line, const struct reader *r, const struct recording_event *e,
                       const char *column)
{
    const struct event_kind *kind = &reader_schema(r)->table->event_kinds[e->event.kind];
    for (unsigned i = 0; i < kind->field_count; i++) {
        if (strcmp(kind->fields[i].name, column) != 0) continue;
        bool is_position = kind->fields[i].value == EVENT_POSITION;
        csv_put_ratio(line, e->event.words[i], is_position ? reader_info(r)->head.unit : 1);
        return;
    }
    csv_put_nothing(line);
}

static void print_event(const struct export *x, const struct reader *r,
                        const struct recording_event *e)
{
    struct csv line = {0};
    csv_put_number(&line, e->tick);
    csv_name(&line, e->is_chat ? "chat" : reader_schema(r)->table->event_kinds[e->event.kind].name);
    put_seat(&line, e->event.seat);
    csv_put_text(&line, e->text, e->is_chat ? e->text_bytes : 0);
    for (unsigned i = 0; i < x->column_count; i++) {
        if (e->is_chat) {
            csv_put_nothing(&line);
        } else {
            put_column(&line, r, e, x->columns[i]);
        }
    }
    csv_end(&line);
}

static enum exit_code visit_events(void *context, struct reader *r)
{
    struct export *e = context;
    struct error error;
    uint32_t tick = reader_tick(r);
    size_t count;
    if (reader_events(r, tick, tick, e->show.events, SHOW_EVENTS_MAX, &count, &error) !=
        RESULT_OK) {
        return complain(&error);
    }
    for (size_t i = 0; i < count && i < SHOW_EVENTS_MAX; i++) {
        if (e->options->format == EXPORT_CSV) {
            print_event(e, r, &e->show.events[i]);
        } else {
            show_event_json(r, &e->show.events[i]);
        }
    }
    return EXIT_FINE;
}

/* -- players: one line each, at the end -- */

static enum exit_code visit_players(void *context, struct reader *r)
{
    struct export *e = context;
    struct error error;
    (void)r;
    return statistics_take(&e->statistics, &error) == RESULT_OK ? EXIT_FINE : complain(&error);
}

/* The body that players have in this game, for its last values; NULL: none. */
static const struct entity_kind *body_kind(const struct field_table *table)
{
    for (unsigned i = 0; i < table->kind_count; i++) {
        if (table->kinds[i].flags & KIND_BODY) return &table->kinds[i];
    }
    return NULL;
}

/* A figure of a player and its name, as the columns of CSV and the members of JSON have it. */
struct figure {
    char name[80];
    bool is_known;
    int64_t value, denominator; /* 0: `field` and `word` instead */
    const struct field *field;
    int32_t word;
};

static void count_figure(struct figure *f, const char *name, int64_t value, int64_t denominator)
{
    *f = (struct figure){.is_known = true, .value = value, .denominator = denominator};
    snprintf(f->name, sizeof f->name, "%s", name);
}

static unsigned role_figures(const struct statistics *s, size_t player, struct figure *figures)
{
    const struct field_table *table = reader_schema(s->reader)->table;
    for (unsigned i = 0; i < s->role_count; i++) {
        const struct event_kind *kind = &table->event_kinds[s->roles[i].kind];
        count_figure(&figures[i], "", s->players[player].role_counts[i], 1);
        snprintf(figures[i].name, sizeof figures[i].name, "%.38s.%.38s", kind->name,
                 kind->fields[s->roles[i].word].name);
    }
    return s->role_count;
}

static unsigned last_figures(const struct statistics *s, size_t player, struct figure *figures)
{
    const struct field_table *table = reader_schema(s->reader)->table;
    const struct entity *last = &s->players[player].last;
    const struct entity_kind *kind = body_kind(table);
    if (kind == NULL) return 0;
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        bool has_body = last->kind == kind - table->kinds + 1;
        figures[i] =
            (struct figure){.is_known = has_body, .field = f, .word = last->words[f->word]};
        snprintf(figures[i].name, sizeof figures[i].name, "last.%.70s", f->name);
    }
    return kind->field_count;
}

#define FIGURES_MAX (8 + STATISTICS_ROLES_MAX + ENTITY_WORDS)

static unsigned make_figures(const struct statistics *s, size_t player,
                             struct figure figures[FIGURES_MAX])
{
    const struct reader_info *info = reader_info(s->reader);
    const struct player_statistics *p = &s->players[player];
    const struct recording_player *who = &s->who[player];
    unsigned count = 0;
    count_figure(&figures[count++], "seat", who->seat, 1);
    count_figure(&figures[count++], "from_tick", who->from_tick, 1);
    count_figure(&figures[count++], "to_tick", who->has_left ? who->to_tick : info->last_tick, 1);
    count_figure(&figures[count++], "seconds", p->tick_count, info->head.tick_hz);
    count_figure(&figures[count++], "seconds_with_body", p->body_ticks, info->head.tick_hz);
    count_figure(&figures[count++], "distance", (int64_t)(p->distance + 0.5), info->head.unit);
    count_figure(&figures[count++], "usercmds", p->usercmd_count, 1);
    count_figure(&figures[count++], "chats", p->chat_count, 1);
    count += role_figures(s, player, figures + count);
    count += last_figures(s, player, figures + count);
    return count;
}

static void print_player_csv(const struct statistics *s, size_t player,
                             const struct figure *figures, unsigned count)
{
    struct csv line = {0};
    csv_put_text(&line, s->who[player].name, s->who[player].name_bytes);
    csv_put_number(&line, s->who[player].is_bot);
    for (unsigned i = 0; i < count; i++) {
        const struct figure *f = &figures[i];
        if (!f->is_known) {
            csv_put_nothing(&line);
        } else if (f->field != NULL) {
            csv_put_value(&line, f->field, f->word);
        } else {
            csv_put_ratio(&line, f->value, f->denominator);
        }
    }
    csv_end(&line);
}

static void print_player_json(const struct statistics *s, size_t player,
                              const struct figure *figures, unsigned count)
{
    static char text[PLAYER_JSON_BYTES];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    json_open(&w, '{');
    json_put_key(&w, "name");
    json_put_text(&w, s->who[player].name, s->who[player].name_bytes);
    json_put_key(&w, "is_bot");
    json_put_bool(&w, s->who[player].is_bot);
    for (unsigned i = 0; i < count; i++) {
        if (!figures[i].is_known) continue;
        json_put_key(&w, figures[i].name);
        if (figures[i].field != NULL) {
            show_put_value(&w, figures[i].field, figures[i].word);
        } else {
            json_put_ratio(&w, figures[i].value, figures[i].denominator);
        }
    }
    json_close(&w, '}');
    printf("%.*s\n", (int)json_finish(&w), text);
}

static void print_player_head(const struct figure *figures, unsigned count)
{
    struct csv line = {0};
    csv_name(&line, "name");
    csv_name(&line, "is_bot");
    for (unsigned i = 0; i < count; i++)
        csv_name(&line, figures[i].name);
    csv_end(&line);
}

/* Who was not there between --from and --to is left out. */
static void print_players(const struct export *e)
{
    static struct figure figures[FIGURES_MAX];
    const struct statistics *s = &e->statistics;
    bool is_csv = e->options->format == EXPORT_CSV;
    for (size_t player = 0; player < s->player_count; player++) {
        unsigned count = make_figures(s, player, figures);
        if (is_csv && player == 0) print_player_head(figures, count);
        if (s->players[player].tick_count == 0) continue;
        if (is_csv) {
            print_player_csv(s, player, figures, count);
        } else {
            print_player_json(s, player, figures, count);
        }
    }
}

static enum exit_code export_players(struct export *e, struct reader *r)
{
    struct error error;
    reader_want_inputs(r, true);
    if (statistics_init(&e->statistics, r, &error) != RESULT_OK) return complain(&error);
    enum exit_code code = range_walk(r, e->options, visit_players, e);
    if (code == EXIT_FINE) print_players(e);
    return code;
}

/* -- the command -- */

static enum exit_code export_what(struct export *e, struct reader *r)
{
    bool is_csv = e->options->format == EXPORT_CSV;
    switch (e->options->what) {
    case EXPORT_EVENTS:
        collect_columns(e, reader_schema(r)->table);
        if (is_csv) print_event_head(e);
        return range_walk(r, e->options, visit_events, e);
    case EXPORT_PLAYERS:
        return export_players(e, r);
    default:
        if (is_csv) {
            printf("tick,slot,generation,kind,seat,x,y\n");
            return range_walk(r, e->options, visit_positions, e);
        }
        reader_want_inputs(r, true);
        return range_walk(r, e->options, visit_tick_json, e);
    }
}

enum exit_code export_ticks(struct reader *r, const struct options *o)
{
    struct error error;
    struct export *e = calloc(1, sizeof *e);
    if (e == NULL) {
        error_set(&error, RESULT_IO, "no memory for an export");
        return complain(&error);
    }
    e->options = o;
    show_init(&e->show, r);
    enum exit_code code = export_what(e, r);
    statistics_deinit(&e->statistics);
    show_deinit(&e->show);
    free(e);
    return code;
}
