#include "tools/replay/shown.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "server/record/catalog.h"
#include "shared/host/error.h"
#include "tools/replay/show.h"

/* A file is listed once its first second is written, and clocks of two machines differ. */
#define CLOCKS_APART_MS 60000
/* A recording begins with a match's first player, whose welcome tells the tick before. */
#define BEGIN_TICKS (CAPTURE_SECONDS * TICK_HZ)

/* -- the recording -- */

static bool is_of_match(const struct catalog_entry *e, const struct capture_head *head)
{
    uint64_t ended_ms = e->ended_ms != 0 ? e->ended_ms : UINT64_MAX - CLOCKS_APART_MS;
    return strcmp(e->room, head->welcome.room) == 0 && strcmp(e->game, head->welcome.game) == 0 &&
           e->started_ms <= head->wall_ms + CLOCKS_APART_MS &&
           head->wall_ms <= ended_ms + CLOCKS_APART_MS;
}

/* Whether it was recorded when the capture began: two matches of a room may lie close together. */
static bool is_near_tick(const char *path, uint32_t tick)
{
    struct reader *reader;
    struct error ignored;
    if (reader_open(&reader, path, &ignored) != RESULT_OK) return false;
    const struct reader_info *info = reader_info(reader);
    bool is_near = tick + BEGIN_TICKS >= info->first_tick && tick <= info->last_tick;
    reader_close(reader);
    return is_near;
}

static bool is_newer(const struct catalog_entry *e, const struct catalog_entry *than)
{
    return than == NULL || e->started_ms > than->started_ms;
}

/* Returns the first tick that the capture shows; 0: none. */
static uint32_t first_tick_of(const struct captured *c)
{
    struct capture_reader reader = c->reader;
    struct capture_record record;
    while (capture_next(&reader, &record) == RESULT_OK) {
        const uint8_t *b = record.bytes;
        if (record.kind != CAPTURE_START || record.length_bytes < 4) continue;
        return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    }
    return c->reader.head.welcome.tick;
}

static enum result find_recording(struct shown *s, const char *dir, const struct captured *c,
                                  struct error *error)
{
    struct catalog_entry *entries, *best = NULL;
    size_t count;
    uint32_t tick = first_tick_of(c);
    if (catalog_list(dir, &entries, &count, error) != RESULT_OK) return error->code;
    for (size_t i = 0; i < count; i++) {
        char path[sizeof s->path];
        snprintf(path, sizeof path, "%.800s/%s%s", dir, entries[i].id, RECORDING_SUFFIX);
        if (!is_of_match(&entries[i], &c->reader.head) || !is_newer(&entries[i], best)) continue;
        if (!is_near_tick(path, tick)) continue;
        best = &entries[i];
        memcpy(s->path, path, sizeof path);
    }
    free(entries);
    if (best != NULL) return RESULT_OK;
    return error_set(error, RESULT_TOO_BIG, "%s: no recording of room %s has tick %u at that time",
                     dir, c->reader.head.welcome.room, tick);
}

static enum result prepare(struct shown *s, const struct captured *c, struct error *error)
{
    if (reader_open(&s->reader, s->path, error) != RESULT_OK) return error->code;
    const struct reader_info *info = reader_info(s->reader);
    if (strcmp(info->game, c->game->name) != 0) {
        return error_set(error, RESULT_TOO_BIG, "%s: is of %s, the capture of %s", s->path,
                         info->game, c->game->name);
    }
    uint32_t slots = info->head.slot_capacity;
    s->state = calloc(1, sizeof *s->state + slots * sizeof s->state->entities[0]);
    if (s->state == NULL) return error_set(error, RESULT_IO, "%s: no memory", s->path);
    table_map_init(&s->map, info->head.table, c->game->table);
    return RESULT_OK;
}

enum result shown_open(struct shown **shown, const char *path, const struct captured *c,
                       struct error *error)
{
    struct shown *s = calloc(1, sizeof *s);
    struct stat status;
    *shown = NULL;
    if (s == NULL) return error_set(error, RESULT_IO, "%s: no memory", path);
    enum result result = RESULT_OK;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
        result = find_recording(s, path, c, error);
    } else {
        snprintf(s->path, sizeof s->path, "%s", path);
    }
    if (result == RESULT_OK) result = prepare(s, c, error);
    if (result == RESULT_OK) {
        *shown = s;
    } else {
        shown_close(s);
    }
    return result;
}

void shown_close(struct shown *s)
{
    if (s == NULL) return;
    reader_close(s->reader);
    free(s->state);
    free(s);
}

/* -- comparing -- */

static void print_value(char text[32], const struct field *f, int32_t word)
{
    struct json_writer w;
    json_writer_init(&w, text, 31);
    show_put_value(&w, f, word);
    text[json_finish(&w)] = '\0';
}

static void tell_value(char text[SHOWN_TEXT_BYTES], const struct entity_kind *kind, uint16_t slot,
                       const struct field *f, int32_t was, int32_t is)
{
    char shown_text[32], was_text[32];
    print_value(shown_text, f, is);
    print_value(was_text, f, was);
    snprintf(text, SHOWN_TEXT_BYTES, "%s in slot %u, %s: shown %s, was %s", kind->name, slot,
             f->name, shown_text, was_text);
}

static const struct entity *recorded_at(const struct shown *s, uint16_t slot)
{
    static const struct entity nothing;
    return slot < s->state->slot_count ? &s->state->entities[slot] : &nothing;
}

/* Returns false, and tells why, if who is shown in the slot is not who was there. */
static bool is_same_identity(char text[SHOWN_TEXT_BYTES], const struct captured *c, uint16_t slot,
                             const struct entity *is, const struct entity *was)
{
    if (was->kind == is->kind && was->generation == is->generation) return true;
    const struct field_table *table = c->game->table;
    bool was_free = was->kind < 1 || was->kind > table->kind_count;
    snprintf(text, SHOWN_TEXT_BYTES, "slot %u: shown %s of generation %u, was %s of generation %u",
             slot, table->kinds[is->kind - 1].name, is->generation,
             was_free ? "free," : table->kinds[was->kind - 1].name, was->generation);
    return false;
}

static bool is_entity_shown(const struct shown *s, const struct captured *c,
                            const struct wire_entity *e, char text[SHOWN_TEXT_BYTES])
{
    const struct entity_kind *kind = &c->game->table->kinds[e->kind - 1];
    const struct schema_kind *sorted = &c->schema.kinds[e->kind - 1];
    const struct entity *was = recorded_at(s, e->slot);
    const struct entity is = {.kind = e->kind, .generation = e->generation};
    int32_t wire[WIRE_FIELDS_MAX];
    if (!is_same_identity(text, c, e->slot, &is, was)) return false;
    delta_quantize(&c->schema, was, wire);
    for (unsigned i = 0; i < sorted->wire_count; i++) {
        const struct field *f = &kind->fields[sorted->wire[i]];
        if (wire[i] == e->wire[i]) continue;
        tell_value(text, kind, e->slot, f, field_dequantize(f, wire[i]),
                   field_dequantize(f, e->wire[i]));
        return false;
    }
    return true;
}

static bool is_self_shown(const struct shown *s, const struct captured *c,
                          char text[SHOWN_TEXT_BYTES])
{
    const struct snapshot_self *self = &c->seen.self;
    if (!self->is_known) return true;
    const struct entity_kind *kind = &c->game->table->kinds[self->body.kind - 1];
    const struct schema_kind *sorted = &c->schema.kinds[self->body.kind - 1];
    const struct entity *was = recorded_at(s, self->slot);
    if (!is_same_identity(text, c, self->slot, &self->body, was)) return false;
    for (unsigned i = 0; i < sorted->self_count; i++) {
        const struct field *f = &kind->fields[sorted->self[i]];
        if (was->words[f->word] == self->body.words[f->word]) continue;
        tell_value(text, kind, self->slot, f, was->words[f->word], self->body.words[f->word]);
        return false;
    }
    return true;
}

static bool is_all_shown(struct shown *s, const struct captured *c, char text[SHOWN_TEXT_BYTES])
{
    for (uint32_t i = 0; i < c->seen.count; i++) {
        const struct wire_entity *e = &c->seen.list[i];
        if (e->behind_ticks > 0) continue;
        s->compared_entities++;
        if (!is_entity_shown(s, c, e, text)) return false;
    }
    return is_self_shown(s, c, text);
}

enum result shown_compare(struct shown *s, const struct captured *c, char text[SHOWN_TEXT_BYTES],
                          struct error *error)
{
    text[0] = '\0';
    enum result result = reader_seek(s->reader, c->seen.tick, error);
    if (result == RESULT_TOO_BIG) {
        s->missing_ticks++;
        return RESULT_OK;
    }
    if (result != RESULT_OK) return result;
    table_map_state(&s->map, s->state, reader_state(s->reader));
    s->compared_ticks++;
    if (is_all_shown(s, c, text)) return RESULT_OK;
    if (s->differing_ticks++ > 0) return RESULT_OK;
    s->first_tick = c->seen.tick;
    memcpy(s->first, text, SHOWN_TEXT_BYTES);
    return RESULT_OK;
}
