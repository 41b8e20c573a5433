#include "server/record/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/fault.h"
#include "shared/host/error.h"

#define PROGRESS_TICKS 20

struct simulation {
    struct world world;
    void *memory;               /* owned: of the world */
    struct world_state *mended; /* owned: slot_capacity slots, for faults */
    size_t mended_bytes;
};

static void simulation_deinit(struct simulation *s)
{
    free(s->memory);
    free(s->mended);
}

static enum result simulation_init(struct simulation *s, const struct reader *reader,
                                   const struct game *game)
{
    const struct recording_head *head = &reader_info(reader)->head;
    *s = (struct simulation){0};
    s->mended_bytes = sizeof *s->mended + head->slot_capacity * sizeof s->mended->entities[0];
    s->memory = malloc(world_memory_bytes(head->slot_capacity, head->seat_capacity));
    s->mended = malloc(s->mended_bytes);
    if (s->memory == NULL || s->mended == NULL) return RESULT_IO;
    world_init(&s->world, game, reader_map(reader), s->memory, head->slot_capacity,
               head->seat_capacity);
    return RESULT_OK;
}

static void copy_state(struct world_state *to, const struct world_state *from)
{
    memcpy(to, from, world_state_bytes(from));
}

/* Begins from what is recorded. */
static void simulation_start(struct simulation *s, const struct world_state *state)
{
    uint32_t used_slots = s->world.state->slot_count;
    memset(s->world.state->entities, 0, used_slots * sizeof(struct entity));
    copy_state(s->world.state, state);
    world_derive(&s->world);
}

/* -- comparing -- */

struct comparison {
    struct verify_difference *first; /* the first one found is kept */
    const struct field_table *table;
};

static void note(struct comparison *c, enum verify_place place, const char *name, int64_t recorded,
                 int64_t expected)
{
    if (recorded == expected || c->first->word_count++ > 0) return;
    c->first->place = place;
    snprintf(c->first->name, sizeof c->first->name, "%s", name);
    c->first->recorded = recorded;
    c->first->expected = expected;
}

static const char *field_name(const struct field_table *table, uint8_t kind, unsigned word)
{
    static const char unknown[] = "a word without a field";
    if (kind == 0 || kind > table->kind_count) return unknown;
    const struct entity_kind *k = &table->kinds[kind - 1];
    for (unsigned i = 0; i < k->field_count; i++) {
        if (k->fields[i].word == word) return k->fields[i].name;
    }
    return unknown;
}

static void compare_entity(struct comparison *c, uint32_t slot, const struct entity *recorded,
                           const struct entity *expected)
{
    bool is_first = c->first->word_count == 0;
    note(c, VERIFY_ENTITY, "kind", recorded->kind, expected->kind);
    note(c, VERIFY_ENTITY, "generation", recorded->generation, expected->generation);
    note(c, VERIFY_ENTITY, "owner", recorded->owner, expected->owner);
    note(c, VERIFY_ENTITY, "since_tick", recorded->since_tick, expected->since_tick);
    for (unsigned i = 0; i < ENTITY_WORDS; i++) {
        note(c, VERIFY_FIELD, field_name(c->table, recorded->kind, i), recorded->words[i],
             expected->words[i]);
    }
    if (!is_first || c->first->word_count == 0) return;
    c->first->slot = (uint16_t)slot;
    c->first->kind = recorded->kind;
    c->first->generation = recorded->generation;
}

static void compare_world_words(struct comparison *c, const struct world_state *recorded,
                                const struct world_state *expected)
{
    char name[32];
    for (unsigned i = 0; i < GLOBAL_WORDS; i++) {
        snprintf(name, sizeof name, "global %u", i);
        note(c, VERIFY_GLOBAL, i < c->table->global_count ? c->table->global_names[i] : name,
             recorded->globals[i], expected->globals[i]);
    }
    note(c, VERIFY_WORLD, "slot_count", recorded->slot_count, expected->slot_count);
    note(c, VERIFY_WORLD, "tick", recorded->tick, expected->tick);
    for (unsigned i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "rng %u", i);
        note(c, VERIFY_RNG, name, recorded->rng.words[i], expected->rng.words[i]);
    }
}

/* Fills `first` with the first difference, entities before the rest: they tell more. */
static bool find_difference(struct verify_difference *first, const struct field_table *table,
                            const struct world_state *recorded, const struct world_state *expected)
{
    static const struct entity nothing;
    struct comparison c = {.first = first, .table = table};
    uint32_t slots =
        recorded->slot_count > expected->slot_count ? recorded->slot_count : expected->slot_count;
    for (uint32_t slot = 0; slot < slots; slot++) {
        const struct entity *a = slot < recorded->slot_count ? &recorded->entities[slot] : &nothing;
        const struct entity *b = slot < expected->slot_count ? &expected->entities[slot] : &nothing;
        if (memcmp(a, b, sizeof *a) != 0) compare_entity(&c, slot, a, b);
    }
    compare_world_words(&c, recorded, expected);
    return first->word_count > 0;
}

/* Finds the one word of `recorded` whose change would give it the recorded hash. */
static bool find_fault(struct simulation *s, struct verify_difference *first,
                       const struct field_table *table, const struct world_state *recorded,
                       uint64_t hash)
{
    memset(s->mended, 0, s->mended_bytes);
    copy_state(s->mended, recorded);
    return fault_mend(s->mended, s->world.slot_capacity, hash) &&
           find_difference(first, table, recorded, s->mended);
}

/* The recorded state has not the recorded hash, or the simulated one has not. */
static void explain(struct simulation *s, const struct reader *reader,
                    struct verify_difference *first)
{
    const struct field_table *table = reader_info(reader)->head.table;
    const struct world_state *recorded = reader_state(reader), *simulated = s->world.state;
    uint64_t hash = reader_hash(reader);
    bool record_is_sound = world_hash(recorded) == hash;
    bool simulation_agrees = world_hash(simulated) == hash;
    if (!record_is_sound && !simulation_agrees && find_fault(s, first, table, recorded, hash)) {
        return;
    }
    if (!find_difference(first, table, recorded, simulated)) first->place = VERIFY_HASH;
}

/* -- the run -- */

/* Fills `first` and returns false if the tick where the reader stands is not as it should be. */
static bool check_start(struct simulation *s, const struct reader *reader,
                        struct verify_difference *first)
{
    simulation_start(s, reader_state(reader));
    if (world_hash(s->world.state) == reader_hash(reader)) return true;
    explain(s, reader, first);
    first->is_keyframe = true;
    return false;
}

static bool check_keyframe(const struct reader *reader, struct verify_difference *first)
{
    const struct world_state *keyframe = reader_keyframe(reader);
    if (keyframe == NULL) return true;
    if (!find_difference(first, reader_info(reader)->head.table, keyframe, reader_state(reader))) {
        return true;
    }
    first->is_keyframe = true;
    return false;
}

/* Whether both states have the hash. Where they are the same, one needs to be hashed. */
static bool have_hash(const struct world_state *simulated, const struct world_state *recorded,
                      uint64_t hash)
{
    if (world_hash(simulated) != hash) return false;
    bool is_same = simulated->slot_count == recorded->slot_count &&
                   memcmp(simulated, recorded, world_state_bytes(recorded)) == 0;
    return is_same || world_hash(recorded) == hash;
}

static bool check_tick(struct simulation *s, const struct reader *reader,
                       struct verify_difference *first)
{
    const struct tick_inputs *inputs = reader_inputs(reader);
    world_step(&s->world, inputs);
    if (!have_hash(s->world.state, reader_state(reader), reader_hash(reader))) {
        explain(s, reader, first);
        return false;
    }
    if (tick_inputs_hash(inputs) != reader_inputs_hash(reader)) {
        first->place = VERIFY_INPUTS;
        return false;
    }
    return check_keyframe(reader, first);
}

static enum result run(struct simulation *s, struct reader *reader, verify_progress *progress,
                       void *context, struct verify_report *report, struct error *error)
{
    enum result result = reader_seek(reader, reader_info(reader)->first_tick, error);
    while (result == RESULT_OK) {
        bool is_start = reader_is_start(reader);
        bool agrees = is_start ? check_start(s, reader, &report->first)
                               : check_tick(s, reader, &report->first);
        if (!agrees) {
            report->first.tick = reader_tick(reader);
            return RESULT_OK;
        }
        report->tick_count++;
        report->start_count += is_start;
        if (progress != NULL && report->tick_count % PROGRESS_TICKS == 0) {
            progress(context, reader_tick(reader));
        }
        result = reader_step(reader, error);
    }
    return result == RESULT_CLOSED ? RESULT_OK : result;
}

enum result verify_run(struct reader *reader, const struct game *game, verify_progress *progress,
                       void *context, struct verify_report *report, struct error *error)
{
    const struct reader_info *info = reader_info(reader);
    struct simulation s;
    *report = (struct verify_report){0};
    if (strcmp(game->name, info->game) != 0 || game->table->step_version != info->step_version) {
        return error_set(error, RESULT_TOO_BIG,
                         "it was played by step version %u of %s, this build has version %u of %s: "
                         "it plays, but cannot be verified here",
                         info->step_version, info->game, game->table->step_version, game->name);
    }
    if (game->table->kind_count < info->head.table->kind_count) {
        return error_set(error, RESULT_INVALID, "its field table is not that of its step version");
    }
    enum result result = simulation_init(&s, reader, game);
    if (result != RESULT_OK) {
        error_set(error, result, "no memory for the simulation");
    } else {
        reader_want_inputs(reader, true);
        reader_check_hashes(reader, false);
        result = run(&s, reader, progress, context, report, error);
        reader_check_hashes(reader, true);
    }
    simulation_deinit(&s);
    return result;
}

/* -- words for it -- */

static void describe_place(const struct verify_difference *d, const struct field_table *table,
                           char *text, size_t capacity_bytes)
{
    bool is_entity = d->place == VERIFY_FIELD || d->place == VERIFY_ENTITY;
    if (!is_entity) {
        snprintf(text, capacity_bytes, "%s%s", d->place == VERIFY_GLOBAL ? "global " : "", d->name);
        return;
    }
    bool is_free = d->kind == 0 || d->kind > table->kind_count;
    snprintf(text, capacity_bytes, "slot %u (%s, generation %u), %s", d->slot,
             is_free ? "free" : table->kinds[d->kind - 1].name, d->generation, d->name);
}

void verify_describe(const struct verify_difference *d, const struct field_table *table, char *text,
                     size_t capacity_bytes)
{
    char place[160];
    const char *where = d->is_keyframe ? ", keyframe" : "";
    switch (d->place) {
    case VERIFY_SAME:
        snprintf(text, capacity_bytes, "no difference");
        return;
    case VERIFY_INPUTS:
        snprintf(text, capacity_bytes,
                 "tick %u: the usercmds are not those that were applied, but led to the same state",
                 d->tick);
        return;
    case VERIFY_HASH:
        snprintf(text, capacity_bytes,
                 "tick %u%s: the states agree, but the recorded hash is another", d->tick, where);
        return;
    default:
        describe_place(d, table, place, sizeof place);
        snprintf(text, capacity_bytes, "tick %u%s: %s: recorded %lld, should be %lld (%u word%s)",
                 d->tick, where, place, (long long)d->recorded, (long long)d->expected,
                 d->word_count, d->word_count == 1 ? " differs" : "s differ");
        return;
    }
}
