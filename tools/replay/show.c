#include "tools/replay/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "shared/host/error.h"

#define VALUE_BYTES     32
#define JSON_BYTES_MIN  65536
#define ENTITY_JSON_MAX 2048 /* names and numbers of one entity */
#define EVENT_JSON_MAX  1024
#define SEAT_JSON_MAX   1024 /* its usercmds */
#define FACTS_JSON_MAX  4096

void show_init(struct show *s, struct reader *reader)
{
    s->reader = reader;
    s->json = NULL;
    s->json_capacity_bytes = 0;
}

void show_deinit(struct show *s)
{
    free(s->json);
    s->json = NULL;
}

/* -- small texts -- */

void show_time(char text[24], const struct reader_info *info, uint32_t tick)
{
    uint64_t ms = (uint64_t)(tick - info->first_tick) * 1000 / info->head.tick_hz;
    snprintf(text, 24, "%u:%02u.%02u", (unsigned)(ms / 60000), (unsigned)(ms / 1000 % 60),
             (unsigned)(ms / 10 % 100));
}

void show_bytes(char text[24], uint64_t bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double value = (double)bytes;
    unsigned unit = 0;
    for (; value >= 1000 && unit < 4; unit++)
        value /= 1000;
    snprintf(text, 24, "%.*f %s", unit == 0 || value >= 100 ? 0 : 1, value, units[unit]);
}

void show_date(char text[32], uint64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    if (wall_ms == 0 || gmtime_r(&seconds, &utc) == NULL ||
        strftime(text, 32, "%Y-%m-%d %H:%M:%S", &utc) == 0) {
        snprintf(text, 32, "-");
    }
}

/* U+0000 to U+001F, U+007F, and U+0080 to U+009F, which UTF-8 writes as C2 80 to C2 9F. */
void show_text(const char *text, size_t length_bytes)
{
    for (size_t i = 0; i < length_bytes; i++) {
        uint8_t byte = (uint8_t)text[i], next = i + 1 < length_bytes ? (uint8_t)text[i + 1] : 0;
        bool is_c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;
        if (is_c1) i++;
        putchar(byte < 0x20 || byte == 0x7F || is_c1 ? '.' : text[i]);
    }
}

static void print_seat(const struct reader *r, int32_t seat)
{
    const struct recording_player *player = NULL;
    if (seat >= 0 && seat < SEAT_NONE) player = reader_player(r, (uint16_t)seat, reader_tick(r));
    if (player == NULL) {
        printf(seat == SEAT_NONE || seat < 0 ? "nobody" : "seat %d", seat);
        return;
    }
    putchar('"');
    show_text(player->name, player->name_bytes);
    putchar('"');
}

/* -- values -- */

void show_put_value(struct json_writer *w, const struct field *f, int32_t word)
{
    int64_t denominator = (int64_t)f->unit_denominator << f->shift;
    if (f->kind == FIELD_SEAT) {
        json_put_integer(w, word);
    } else {
        json_put_ratio(w, (int64_t)word * f->unit_numerator, denominator);
    }
}

static void print_value(const struct reader *r, const struct field *f, int32_t word)
{
    char text[VALUE_BYTES];
    struct json_writer w;
    if (f->kind == FIELD_SEAT) {
        print_seat(r, word);
        return;
    }
    json_writer_init(&w, text, sizeof text);
    show_put_value(&w, f, word);
    printf("%.*s", (int)json_finish(&w), text);
}

static int32_t unit_of(const struct reader *r)
{
    return (int32_t)reader_info(r)->head.unit;
}

static void print_event_value(const struct reader *r, const struct event_field *f, int32_t word)
{
    char text[VALUE_BYTES];
    struct json_writer w;
    if (f->value == EVENT_SEAT) {
        print_seat(r, word);
        return;
    }
    json_writer_init(&w, text, sizeof text);
    json_put_ratio(&w, word, f->value == EVENT_POSITION ? unit_of(r) : 1);
    printf("%.*s", (int)json_finish(&w), text);
}

static const struct entity_kind *kind_of(const struct reader *r, const struct entity *e)
{
    return &reader_schema(r)->table->kinds[e->kind - 1];
}

/* -- lines -- */

void show_tick_line(const struct reader *r)
{
    char time[24];
    show_time(time, reader_info(r), reader_tick(r));
    printf("tick %u  %s%s\n", reader_tick(r), time,
           reader_is_start(r) ? "  (recorded from here)" : "");
}

static void print_event(const struct reader *r, const struct recording_event *e)
{
    if (e->is_chat) {
        printf("  chat ");
        print_seat(r, e->event.seat);
        printf(": ");
        show_text(e->text, e->text_bytes);
        putchar('\n');
        return;
    }
    const struct event_kind *kind = &reader_schema(r)->table->event_kinds[e->event.kind];
    printf("  event %s", kind->name);
    for (unsigned i = 0; i < kind->field_count; i++) {
        printf(" %s=", kind->fields[i].name);
        print_event_value(r, &kind->fields[i], e->event.words[i]);
    }
    if (e->event.seat != SEAT_NONE) {
        printf(" for ");
        print_seat(r, e->event.seat);
    }
    putchar('\n');
}

/* Reads the tick's events; the error of a damaged file shows when the reader moves on. */
static size_t get_events(struct show *s)
{
    struct error ignored;
    size_t count;
    uint32_t tick = reader_tick(s->reader);
    if (reader_events(s->reader, tick, tick, s->events, SHOW_EVENTS_MAX, &count, &ignored) !=
        RESULT_OK) {
        return 0;
    }
    return count < SHOW_EVENTS_MAX ? count : SHOW_EVENTS_MAX;
}

static void print_player_change(const struct recording_player *p, bool comes)
{
    printf("  %s ", comes ? "comes" : "goes");
    putchar('"');
    show_text(p->name, p->name_bytes);
    printf("\" (seat %u%s)\n", p->seat, p->is_bot ? ", bot" : "");
}

static bool goes_now(const struct recording_player *p, uint32_t tick)
{
    return p->has_left && p->to_tick + 1 == tick;
}

bool show_has_happenings(struct show *s)
{
    size_t player_count;
    uint32_t tick = reader_tick(s->reader);
    const struct recording_player *players = reader_players(s->reader, &player_count);
    for (size_t i = 0; i < player_count; i++) {
        if (players[i].from_tick == tick || goes_now(&players[i], tick)) return true;
    }
    return get_events(s) > 0;
}

void show_happenings(struct show *s)
{
    const struct reader *r = s->reader;
    size_t player_count;
    const struct recording_player *players = reader_players(r, &player_count);
    for (size_t i = 0; i < player_count; i++) {
        if (goes_now(&players[i], reader_tick(r))) print_player_change(&players[i], false);
        if (players[i].from_tick == reader_tick(r)) print_player_change(&players[i], true);
    }
    size_t count = get_events(s);
    for (size_t i = 0; i < count; i++)
        print_event(r, &s->events[i]);
}

static void print_entity(const struct reader *r, uint32_t slot, const struct entity *e)
{
    const struct entity_kind *kind = kind_of(r, e);
    printf("  %s %u#%u", kind->name, slot, e->generation);
    if (e->owner != SEAT_NONE) {
        printf(" of ");
        print_seat(r, e->owner);
    }
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        printf(" %s=", f->name);
        print_value(r, f, e->words[f->word]);
    }
    putchar('\n');
}

void show_entities(const struct reader *r)
{
    const struct world_state *state = reader_state(r);
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        if (state->entities[slot].kind != 0) print_entity(r, slot, &state->entities[slot]);
    }
}

void show_globals(const struct reader *r)
{
    const struct field_table *table = reader_schema(r)->table;
    const struct world_state *state = reader_state(r);
    printf("  globals");
    for (unsigned i = 0; i < table->global_count; i++)
        printf(" %s=%d", table->global_names[i], state->globals[i]);
    putchar('\n');
}

static void print_usercmd(const struct reader *r, uint16_t seat, const struct usercmd *cmd)
{
    const struct field_table *table = reader_schema(r)->table;
    printf("  usercmd ");
    print_seat(r, seat);
    printf(" seat=%u seq=%u view=%u+%u/%d", seat, cmd->seq, cmd->view_tick, cmd->view_part,
           VIEW_PARTS);
    for (unsigned i = 0; i < table->usercmd_field_count; i++)
        printf(" %s=%d", table->usercmd_fields[i].name, cmd->words[i]);
    putchar('\n');
}

void show_inputs(const struct reader *r)
{
    const struct tick_inputs *inputs = reader_inputs(r);
    if (inputs == NULL) return;
    for (uint32_t i = 0; i < inputs->change_count; i++) {
        const struct seat_change *change = &inputs->changes[i];
        printf("  %s seat=%u\n", change->is_join ? "join" : "leave", change->seat);
    }
    for (uint32_t i = 0; i < inputs->input_count; i++) {
        const struct seat_input *input = &inputs->inputs[i];
        for (uint32_t j = 0; j < input->count; j++)
            print_usercmd(r, input->seat, &input->cmds[j]);
    }
}

static const char *word_name(const struct reader *r, const struct entity *e, unsigned word)
{
    if (e->kind == 0) return "word";
    const struct entity_kind *kind = kind_of(r, e);
    for (unsigned i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].word == word) return kind->fields[i].name;
    }
    return "word";
}

void show_words(const struct reader *r)
{
    const struct world_state *state = reader_state(r);
    printf("  hash=%016llx slot_count=%u rng=%08x %08x %08x %08x\n",
           (unsigned long long)reader_hash(r), state->slot_count, state->rng.words[0],
           state->rng.words[1], state->rng.words[2], state->rng.words[3]);
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        const struct entity *e = &state->entities[slot];
        printf("  slot %u: %s generation=%u owner=%u since_tick=%u", slot,
               e->kind == 0 ? "free" : kind_of(r, e)->name, e->generation, e->owner, e->since_tick);
        for (unsigned i = 0; i < ENTITY_WORDS; i++) {
            if (e->words[i] != 0) printf(" %s[%u]=%d", word_name(r, e, i), i, e->words[i]);
        }
        putchar('\n');
    }
}

/* -- JSON -- */

static void put_name(struct json_writer *w, const char *key, const char *name)
{
    json_put_key(w, key);
    json_put_text(w, name, strlen(name));
}

static void put_entity(struct json_writer *w, const struct reader *r, const struct entity *e)
{
    const struct entity_kind *kind = kind_of(r, e);
    json_open(w, '{');
    put_name(w, "kind", kind->name);
    json_put_key(w, "generation");
    json_put_unsigned(w, e->generation);
    if (e->owner != SEAT_NONE) {
        json_put_key(w, "owner");
        json_put_unsigned(w, e->owner);
    }
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        json_put_key(w, f->name);
        show_put_value(w, f, e->words[f->word]);
    }
    json_close(w, '}');
}

static void put_event(struct json_writer *w, const struct reader *r,
                      const struct recording_event *e)
{
    json_open(w, '{');
    json_put_key(w, "tick");
    json_put_unsigned(w, e->tick);
    if (e->is_chat) {
        put_name(w, "kind", "chat");
        json_put_key(w, "seat");
        json_put_unsigned(w, e->event.seat);
        json_put_key(w, "text");
        json_put_text(w, e->text, e->text_bytes);
    } else {
        const struct event_kind *kind = &reader_schema(r)->table->event_kinds[e->event.kind];
        put_name(w, "kind", kind->name);
        for (unsigned i = 0; i < kind->field_count; i++) {
            bool is_position = kind->fields[i].value == EVENT_POSITION;
            json_put_key(w, kind->fields[i].name);
            json_put_ratio(w, e->event.words[i], is_position ? unit_of(r) : 1);
        }
    }
    json_close(w, '}');
}

static void put_usercmd(struct json_writer *w, const struct reader *r, uint16_t seat,
                        const struct usercmd *cmd)
{
    const struct field_table *table = reader_schema(r)->table;
    json_open(w, '{');
    json_put_key(w, "seat");
    json_put_unsigned(w, seat);
    json_put_key(w, "seq");
    json_put_unsigned(w, cmd->seq);
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        json_put_key(w, table->usercmd_fields[i].name);
        json_put_integer(w, cmd->words[i]);
    }
    json_close(w, '}');
}

void show_put_inputs(struct json_writer *w, const struct reader *r)
{
    const struct tick_inputs *inputs = reader_inputs(r);
    if (inputs == NULL) return;
    json_put_key(w, "usercmds");
    json_open(w, '[');
    for (uint32_t i = 0; i < inputs->input_count; i++) {
        const struct seat_input *input = &inputs->inputs[i];
        for (uint32_t j = 0; j < input->count; j++)
            put_usercmd(w, r, input->seat, &input->cmds[j]);
    }
    json_close(w, ']');
}

static void put_globals(struct json_writer *w, const struct reader *r)
{
    const struct field_table *table = reader_schema(r)->table;
    json_put_key(w, "globals");
    json_open(w, '{');
    for (unsigned i = 0; i < table->global_count; i++) {
        json_put_key(w, table->global_names[i]);
        json_put_integer(w, reader_state(r)->globals[i]);
    }
    json_close(w, '}');
}

static void put_entities(struct json_writer *w, const struct reader *r)
{
    const struct world_state *state = reader_state(r);
    json_put_key(w, "entities");
    json_open(w, '{');
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        if (state->entities[slot].kind == 0) continue;
        json_put_number_key(w, slot);
        put_entity(w, r, &state->entities[slot]);
    }
    json_close(w, '}');
}

static void put_events(struct json_writer *w, struct show *s)
{
    size_t count = get_events(s);
    json_put_key(w, "events");
    json_open(w, '[');
    for (size_t i = 0; i < count; i++)
        put_event(w, s->reader, &s->events[i]);
    json_close(w, ']');
}

/* Makes room for the largest tick there may be. */
static bool grow_json(struct show *s)
{
    const struct reader *r = s->reader;
    size_t needed_bytes = JSON_BYTES_MIN + SHOW_EVENTS_MAX * EVENT_JSON_MAX +
                          (size_t)reader_state(r)->slot_count * ENTITY_JSON_MAX +
                          (size_t)reader_info(r)->head.seat_capacity * SEAT_JSON_MAX;
    if (needed_bytes <= s->json_capacity_bytes) return true;

    char *json = realloc(s->json, needed_bytes);
    if (json == NULL) return false;
    s->json = json;
    s->json_capacity_bytes = needed_bytes;
    return true;
}

enum result show_json(struct show *s, struct error *error)
{
    const struct reader *r = s->reader;
    struct json_writer w;
    if (!grow_json(s)) return error_set(error, RESULT_IO, "no memory for a tick as JSON");

    json_writer_init(&w, s->json, s->json_capacity_bytes);
    json_open(&w, '{');
    json_put_key(&w, "tick");
    json_put_unsigned(&w, reader_tick(r));
    put_globals(&w, r);
    put_entities(&w, r);
    put_events(&w, s);
    show_put_inputs(&w, r);
    json_close(&w, '}');
    size_t length_bytes = json_finish(&w);
    if (length_bytes == 0) return error_set(error, RESULT_IO, "a tick too large for JSON");
    fwrite(s->json, 1, length_bytes, stdout);
    putchar('\n');
    return RESULT_OK;
}

void show_event_json(const struct reader *r, const struct recording_event *e)
{
    char text[EVENT_JSON_MAX];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    put_event(&w, r, e);
    printf("%.*s\n", (int)json_finish(&w), text);
}

void show_facts(const struct show_fact *facts, size_t count)
{
    char text[FACTS_JSON_MAX];
    struct json_writer w;
    json_writer_init(&w, text, sizeof text);
    json_open(&w, '{');
    for (size_t i = 0; i < count; i++) {
        json_put_key(&w, facts[i].key);
        if (facts[i].text != NULL)
            json_put_text(&w, facts[i].text, strlen(facts[i].text));
        else
            json_put_unsigned(&w, facts[i].number);
    }
    json_close(&w, '}');
    printf("%.*s\n", (int)json_finish(&w), text);
}
