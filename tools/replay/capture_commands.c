#include "tools/replay/capture_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"
#include "tools/replay/captured.h"
#include "tools/replay/show.h"
#include "tools/replay/shown.h"

#define JSON_BYTES (4u * 1024 * 1024) /* 1024 entities of 24 words and their names */

/* A walk over a capture. */
struct walk {
    const struct options *options;
    struct captured *captured;         /* owned */
    struct shown *shown;               /* owned; NULL: there is no recording to compare with */
    char *json;                        /* owned */
    char difference[SHOWN_TEXT_BYTES]; /* of the last step's snapshot; "" if none */
    unsigned messages[CAPTURE_KIND_COUNT];
    uint64_t bytes[CAPTURE_KIND_COUNT];
    unsigned snapshots, fulls, undecoded;
    uint64_t first_us, last_us;
    uint32_t first_tick, last_tick;
    bool has_printed;
};

/* -- walking -- */

static void count(struct walk *w)
{
    const struct captured *c = w->captured;
    const struct capture_record *r = &c->record;
    if (w->messages[CAPTURE_DOWN] + w->messages[CAPTURE_UP] == 0) w->first_us = r->at_us;
    w->last_us = r->at_us;
    w->messages[r->kind]++;
    w->bytes[r->kind] += r->length_bytes;
    w->undecoded += c->decoded != RESULT_OK;
    if (!c->is_snapshot) return;
    if (w->snapshots++ == 0) w->first_tick = c->seen.tick;
    w->fulls += c->seen.header.is_full;
    w->last_tick = c->seen.tick;
}

/* Called after each record; not EXIT_FINE ends the walk. */
typedef enum exit_code walk_visit(struct walk *w);

static enum exit_code walk(struct walk *w, walk_visit *visit)
{
    struct error error;
    enum exit_code code = EXIT_FINE;
    enum result result;
    while (code == EXIT_FINE && (result = captured_step(w->captured, &error)) == RESULT_OK) {
        w->difference[0] = '\0';
        count(w);
        if (w->captured->is_snapshot && w->shown != NULL &&
            shown_compare(w->shown, w->captured, w->difference, &error) != RESULT_OK) {
            return complain(&error);
        }
        if (visit != NULL) code = visit(w);
    }
    if (code != EXIT_FINE) return code;
    return result == RESULT_CLOSED ? EXIT_FINE : complain(&error);
}

static enum exit_code verdict(const struct walk *w)
{
    bool differs = w->shown != NULL && w->shown->differing_ticks > 0;
    return differs || w->undecoded > 0 ? EXIT_DIFFERS : EXIT_FINE;
}

/* -- info -- */

static void print_messages(const struct walk *w, const char *name, enum capture_kind kind)
{
    char size[24];
    show_bytes(size, w->bytes[kind]);
    printf("%-10s %u messages, %s\n", name, w->messages[kind], size);
}

static void print_comparison(const struct walk *w)
{
    const struct shown *s = w->shown;
    if (s == NULL) return;
    printf("%-10s ", "recording");
    show_text(s->path, strlen(s->path));
    printf("\n%-10s %u snapshots with %llu entities", "compared", s->compared_ticks,
           (unsigned long long)s->compared_entities);
    if (s->missing_ticks > 0) printf("; %u of ticks that were not recorded", s->missing_ticks);
    if (s->first[0] == '\0') {
        printf("\nwhat was shown is what was\n");
    } else {
        printf("\ndiffers in %u snapshots, first at tick %u: %s\n", s->differing_ticks,
               s->first_tick, s->first);
    }
}

static void print_info(const struct walk *w)
{
    const struct capture_head *head = &w->captured->reader.head;
    char saved[32];
    show_date(saved, head->wall_ms);
    printf("%-10s of %s in room %s", "capture", head->welcome.game, head->welcome.room);
    if (head->welcome.seat != SEAT_NONE) printf(", seat %u", head->welcome.seat);
    printf("\n%-10s %s by build ", "saved", saved);
    show_text(head->build, strlen(head->build));
    printf("\n%-10s %.1f s, ticks %u to %u\n", "span", (double)(w->last_us - w->first_us) / 1e6,
           w->first_tick, w->last_tick);
    print_messages(w, "received", CAPTURE_DOWN);
    print_messages(w, "sent", CAPTURE_UP);
    printf("%-10s %u, %u of them full; messages not understood: %u\n", "snapshots", w->snapshots,
           w->fulls, w->undecoded);
    print_comparison(w);
}

static void print_info_json(const struct walk *w)
{
    const struct capture_head *head = &w->captured->reader.head;
    const struct shown *s = w->shown;
    const struct show_fact facts[] = {
        {"game", head->welcome.game, 0},
        {"room", head->welcome.room, 0},
        {"build", head->build, 0},
        {"seat", NULL, head->welcome.seat},
        {"saved_ms", NULL, head->wall_ms},
        {"span_ms", NULL, (w->last_us - w->first_us) / 1000},
        {"first_tick", NULL, w->first_tick},
        {"last_tick", NULL, w->last_tick},
        {"received", NULL, w->messages[CAPTURE_DOWN]},
        {"received_bytes", NULL, w->bytes[CAPTURE_DOWN]},
        {"sent", NULL, w->messages[CAPTURE_UP]},
        {"sent_bytes", NULL, w->bytes[CAPTURE_UP]},
        {"snapshots", NULL, w->snapshots},
        {"full_snapshots", NULL, w->fulls},
        {"not_understood", NULL, w->undecoded},
        /* With a recording only: */
        {"recording", s != NULL ? s->path : "", 0},
        {"compared_snapshots", NULL, s != NULL ? s->compared_ticks : 0},
        {"compared_entities", NULL, s != NULL ? s->compared_entities : 0},
        {"snapshots_not_recorded", NULL, s != NULL ? s->missing_ticks : 0},
        {"differing_snapshots", NULL, s != NULL ? s->differing_ticks : 0},
        {"first_differing_tick", NULL, s != NULL ? s->first_tick : 0},
        {"difference", s != NULL ? s->first : "", 0},
    };
    size_t alone = 15, all = sizeof facts / sizeof facts[0];
    show_facts(facts, s != NULL ? all : alone);
}

static enum exit_code run_info(struct walk *w)
{
    enum exit_code code = walk(w, NULL);
    if (code != EXIT_FINE) return code;
    if (w->options->json) {
        print_info_json(w);
    } else {
        print_info(w);
    }
    return verdict(w);
}

/* -- what was seen, as text -- */

static void print_words(const struct walk *w, const struct entity_kind *kind,
                        const struct entity *e, const uint8_t *order, unsigned field_count)
{
    (void)w;
    for (unsigned i = 0; i < field_count; i++) {
        const struct field *f = &kind->fields[order[i]];
        char text[32];
        struct json_writer writer;
        json_writer_init(&writer, text, sizeof text);
        show_put_value(&writer, f, e->words[f->word]);
        printf(" %s=%.*s", f->name, (int)json_finish(&writer), text);
    }
    putchar('\n');
}

static void print_seat(const struct walk *w, uint16_t seat)
{
    const char *name = news_name(&w->captured->news, seat);
    if (name[0] == '\0') {
        printf("seat %u", seat);
        return;
    }
    putchar('"');
    show_text(name, strlen(name));
    putchar('"');
}

static void print_seen(const struct walk *w)
{
    const struct captured *c = w->captured;
    for (uint32_t i = 0; i < c->seen.count; i++) {
        const struct wire_entity *wire = &c->seen.list[i];
        const struct entity_kind *kind = &c->game->table->kinds[wire->kind - 1];
        const struct schema_kind *sorted = &c->schema.kinds[wire->kind - 1];
        struct entity e;
        delta_dequantize(&c->schema, wire, &e);
        printf("  %s %u#%u", kind->name, wire->slot, wire->generation);
        if (wire->owner != SEAT_NONE) {
            printf(" of ");
            print_seat(w, wire->owner);
        }
        if (wire->behind_ticks > 0) printf(" (%u ticks behind)", wire->behind_ticks);
        print_words(w, kind, &e, sorted->wire, sorted->wire_count);
    }
    if (!c->seen.self.is_known) return;
    const struct entity *body = &c->seen.self.body;
    const struct entity_kind *kind = &c->game->table->kinds[body->kind - 1];
    const struct schema_kind *sorted = &c->schema.kinds[body->kind - 1];
    printf("  own body in slot %u:", c->seen.self.slot);
    print_words(w, kind, body, sorted->self, sorted->self_count);
}

static void print_lines(const struct walk *w)
{
    const struct captured *c = w->captured;
    for (uint32_t i = 0; i < c->seen.line_count; i++) {
        const struct snapshot_line *line = &c->seen.lines[i];
        uint32_t tick = c->seen.header.tick - line->age_ticks;
        if (line->line_kind == LINE_CHAT) {
            printf("  tick %u: chat ", tick);
            print_seat(w, line->chat_seat);
            printf(": ");
            show_text(line->chat_text, line->chat_length_bytes);
            putchar('\n');
            continue;
        }
        const struct event_kind *kind = &c->game->table->event_kinds[line->event.kind];
        printf("  tick %u: event %s", tick, kind->name);
        for (unsigned j = 0; j < kind->field_count; j++)
            printf(" %s=%d", kind->fields[j].name, line->event.words[j]);
        putchar('\n');
    }
}

static void print_input(const struct walk *w)
{
    const struct captured *c = w->captured;
    const struct field_table *table = c->game->table;
    struct message_input m;
    if (message_decode_input(c->record.bytes, c->record.length_bytes, table, c->seen.tick, &m) !=
        RESULT_OK) {
        printf(" not understood\n");
        return;
    }
    if (m.has_ack) printf(" ack=%u", m.ack_tick);
    for (unsigned i = 0; i < m.count; i++) {
        printf(" [%u:", m.cmds[i].seq);
        for (unsigned j = 0; j < table->usercmd_field_count; j++)
            printf(" %s=%d", table->usercmd_fields[j].name, m.cmds[i].words[j]);
        putchar(']');
    }
    putchar('\n');
}

/* Its time counts from the first message. */
static void print_message(const struct walk *w)
{
    const struct captured *c = w->captured;
    bool is_up = c->record.kind == CAPTURE_UP;
    printf("%8.3f %s %s, %u bytes", (double)(c->record.at_us - w->first_us) / 1e6,
           is_up ? "  >" : "<  ", captured_name(c), c->record.length_bytes);
    if (is_up && strcmp(captured_name(c), "input") == 0) {
        print_input(w);
        return;
    }
    if (c->decoded == RESULT_AGAIN) printf(": a delta without its base");
    if (c->decoded == RESULT_INVALID) printf(": not understood");
    if (c->is_snapshot) {
        printf(": tick %u, %u entities%s%s", c->seen.tick, c->seen.count,
               c->seen.header.is_full ? ", full" : "", c->seen.hash_differs ? ", wrong hash" : "");
    }
    putchar('\n');
    if (w->difference[0] != '\0') printf("  differs: %s\n", w->difference);
}

/* -- what was seen, as JSON -- */

static void put_name(struct json_writer *j, const char *key, const char *text)
{
    json_put_key(j, key);
    json_put_text(j, text, strlen(text));
}

static void put_words(struct json_writer *j, const struct entity_kind *kind, const struct entity *e,
                      const uint8_t *order, unsigned field_count)
{
    for (unsigned i = 0; i < field_count; i++) {
        const struct field *f = &kind->fields[order[i]];
        json_put_key(j, f->name);
        show_put_value(j, f, e->words[f->word]);
    }
}

static void put_seen(struct json_writer *j, const struct captured *c)
{
    json_put_key(j, "entities");
    json_open(j, '{');
    for (uint32_t i = 0; i < c->seen.count; i++) {
        const struct wire_entity *wire = &c->seen.list[i];
        const struct entity_kind *kind = &c->game->table->kinds[wire->kind - 1];
        const struct schema_kind *sorted = &c->schema.kinds[wire->kind - 1];
        struct entity e;
        delta_dequantize(&c->schema, wire, &e);
        json_put_number_key(j, wire->slot);
        json_open(j, '{');
        put_name(j, "kind", kind->name);
        json_put_key(j, "generation");
        json_put_unsigned(j, wire->generation);
        put_words(j, kind, &e, sorted->wire, sorted->wire_count);
        json_close(j, '}');
    }
    json_close(j, '}');
    if (!c->seen.self.is_known) return;
    const struct entity *body = &c->seen.self.body;
    const struct schema_kind *sorted = &c->schema.kinds[body->kind - 1];
    json_put_key(j, "you");
    json_open(j, '{');
    json_put_key(j, "slot");
    json_put_unsigned(j, c->seen.self.slot);
    put_words(j, &c->game->table->kinds[body->kind - 1], body, sorted->self, sorted->self_count);
    json_close(j, '}');
}

static void put_message(struct json_writer *j, const struct walk *w)
{
    const struct captured *c = w->captured;
    json_open(j, '{');
    json_put_key(j, "at_ms");
    json_put_ratio(j, (int64_t)(c->record.at_us - w->first_us), 1000);
    put_name(j, "direction", c->record.kind == CAPTURE_UP ? "sent" : "received");
    put_name(j, "message", captured_name(c));
    json_put_key(j, "bytes");
    json_put_unsigned(j, c->record.length_bytes);
    json_put_key(j, "understood");
    json_put_bool(j, c->decoded == RESULT_OK);
    if (c->is_snapshot) {
        json_put_key(j, "tick");
        json_put_unsigned(j, c->seen.tick);
        json_put_key(j, "full");
        json_put_bool(j, c->seen.header.is_full);
        put_seen(j, c);
    }
    if (w->difference[0] != '\0') put_name(j, "difference", w->difference);
    json_close(j, '}');
}

static enum exit_code print_json(struct walk *w)
{
    struct json_writer j;
    struct error error;
    if (w->json == NULL) w->json = malloc(JSON_BYTES);
    size_t length_bytes = 0;
    if (w->json != NULL) {
        json_writer_init(&j, w->json, JSON_BYTES);
        put_message(&j, w);
        length_bytes = json_finish(&j);
    }
    if (length_bytes == 0) {
        error_set(&error, RESULT_IO, "no memory for a message as JSON");
        return complain(&error);
    }
    fwrite(w->json, 1, length_bytes, stdout);
    putchar('\n');
    return EXIT_FINE;
}

/* -- play and dump -- */

static bool is_in_range(const struct walk *w)
{
    const struct options *o = w->options;
    uint32_t tick = w->captured->seen.tick;
    return (!o->from.is_given || tick >= o->from.tick) && (!o->to.is_given || tick <= o->to.tick);
}

static enum exit_code visit_play(struct walk *w)
{
    if (w->captured->record.kind == CAPTURE_START || !is_in_range(w)) return EXIT_FINE;
    if (w->options->json) return print_json(w);
    if (!w->options->events_only || w->difference[0] != '\0') print_message(w);
    if (w->captured->record.kind == CAPTURE_DOWN) print_lines(w);
    return EXIT_FINE;
}

static enum exit_code visit_dump(struct walk *w)
{
    if (!w->captured->is_snapshot || w->captured->seen.tick != w->options->at.tick) {
        return EXIT_FINE;
    }
    w->has_printed = true;
    if (w->options->json) return print_json(w);
    print_message(w);
    print_lines(w);
    print_seen(w);
    return EXIT_FINE;
}

static enum exit_code run_dump(struct walk *w)
{
    struct error error;
    enum exit_code code = walk(w, visit_dump);
    if (code != EXIT_FINE) return code;
    if (w->has_printed) return verdict(w);
    error_set(&error, RESULT_TOO_BIG, "%s: no such tick: no snapshot of tick %u in %u to %u",
              w->options->path, w->options->at.tick, w->first_tick, w->last_tick);
    return complain(&error);
}

static enum exit_code run_play(struct walk *w)
{
    enum exit_code code = walk(w, visit_play);
    return code == EXIT_FINE ? verdict(w) : code;
}

static enum result check_options(const struct options *o, struct error *error)
{
    const char *c = o->command;
    if (strcmp(c, "info") != 0 && strcmp(c, "play") != 0 && strcmp(c, "dump") != 0) {
        return error_set(error, RESULT_TOO_BIG, "%s: a capture has no %s; info, play and dump",
                         o->path, c);
    }
    if (o->at.is_time || o->from.is_time || o->to.is_time) {
        return error_set(error, RESULT_TOO_BIG, "%s: in a capture a moment is a tick", o->path);
    }
    return RESULT_OK;
}

enum exit_code capture_run(const struct options *o)
{
    struct walk w = {.options = o};
    struct error error;
    enum exit_code code;
    if (check_options(o, &error) != RESULT_OK ||
        captured_open(&w.captured, o->path, &error) != RESULT_OK ||
        (o->against != NULL && shown_open(&w.shown, o->against, w.captured, &error) != RESULT_OK)) {
        code = complain(&error);
    } else if (strcmp(o->command, "info") == 0) {
        code = run_info(&w);
    } else {
        code = strcmp(o->command, "dump") == 0 ? run_dump(&w) : run_play(&w);
    }
    shown_close(w.shown);
    captured_close(w.captured);
    free(w.json);
    return code;
}
