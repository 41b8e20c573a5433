#include "server/record/state_codec.h"

#include <stdlib.h>
#include <string.h>

#include "shared/check.h"

/* A tick starts with a byte of these flags. */
enum { HAS_RNG = 1, HAS_GLOBALS = 2, HAS_SLOT_COUNT = 4, FLAGS_ALL = 7 };

/* An entity's record starts with (mask of changed words) << 1 | HAS_HEADER. */
enum { HAS_HEADER = 1 };

static const struct entity nothing;

static uint32_t stepping_words(const struct entity_kind *kind)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].kind == FIELD_POSITION) mask |= 1u << kind->fields[i].word;
    }
    return mask;
}

enum result state_codec_init(struct state_codec *c, const struct field_table *table,
                             uint32_t slot_capacity)
{
    ASSERT(slot_capacity >= 1 && slot_capacity <= SLOTS_MAX);

    *c = (struct state_codec){.slot_capacity = slot_capacity, .kind_count = table->kind_count};
    for (unsigned i = 0; i < table->kind_count; i++)
        c->stepping[i + 1] = stepping_words(&table->kinds[i]);
    c->state = calloc(1, sizeof *c->state + slot_capacity * sizeof c->state->entities[0]);
    c->steps = calloc(slot_capacity, sizeof c->steps[0]);
    if (c->state != NULL && c->steps != NULL) return RESULT_OK;
    state_codec_deinit(c);
    return RESULT_IO;
}

void state_codec_deinit(struct state_codec *c)
{
    free(c->state);
    free(c->steps);
    *c = (struct state_codec){0};
}

void state_codec_begin_chunk(struct state_codec *c)
{
    memset(c->steps, 0, c->touched_slots * sizeof c->steps[0]);
}

static void touch(struct state_codec *c, uint32_t slots)
{
    if (slots > c->touched_slots) c->touched_slots = slots;
}

/* The state of no world at all, at the tick before `tick`. */
static void reset(struct state_codec *c, uint32_t tick)
{
    /* All that was touched: a chunk that broke off may have left entities beyond slot_count. */
    memset(c->state, 0, sizeof *c->state + c->touched_slots * sizeof c->state->entities[0]);
    c->state->tick = tick - 1;
    state_codec_begin_chunk(c);
    c->touched_slots = 0;
}

/* -- encoding -- */

static bool header_differs(const struct entity *a, const struct entity *b)
{
    return a->kind != b->kind || a->generation != b->generation || a->owner != b->owner ||
           a->since_tick != b->since_tick;
}

/* A new tenant of a slot starts from zero; what it had of the old one would only cost bytes. */
static bool is_another(const struct entity *a, const struct entity *b)
{
    return a->kind != b->kind || a->generation != b->generation;
}

static void put_header(struct buffer *out, const struct entity *e, uint32_t tick)
{
    buffer_put_byte(out, e->kind);
    buffer_put_byte(out, e->generation);
    buffer_put_number(out, e->owner == SEAT_NONE ? 0 : e->owner + 1u);
    buffer_put_signed(out, (int32_t)(tick - e->since_tick));
}

/* Computes what is left to say of each word; returns the mask of those that are not zero. */
static uint32_t residues_of(const struct state_codec *c, uint32_t slot, const struct entity *now,
                            int32_t residues[ENTITY_WORDS])
{
    const struct entity *last = &c->state->entities[slot];
    bool is_new = is_another(now, last);
    uint32_t stepping = c->stepping[now->kind];
    uint32_t mask = 0;

    for (unsigned i = 0; i < ENTITY_WORDS; i++) {
        uint32_t base = is_new ? 0 : (uint32_t)last->words[i];
        uint32_t step = (uint32_t)now->words[i] - base;
        uint32_t expected = 0;
        if (stepping & 1u << i) {
            if (!is_new) expected = (uint32_t)c->steps[slot][i];
            c->steps[slot][i] = (int32_t)step;
        }
        residues[i] = (int32_t)(step - expected);
        if (residues[i] != 0) mask |= 1u << i;
    }
    return mask;
}

static void put_globals(struct buffer *out, const int32_t *now, const int32_t *last)
{
    uint32_t mask = 0;
    for (unsigned i = 0; i < GLOBAL_WORDS; i++) {
        if (now[i] != last[i]) mask |= 1u << i;
    }
    buffer_put_number(out, mask);
    for (unsigned i = 0; i < GLOBAL_WORDS; i++) {
        if (mask & 1u << i) buffer_put_signed(out, (int32_t)((uint32_t)now[i] - (uint32_t)last[i]));
    }
}

static void put_world_words(struct buffer *out, const struct world_state *now,
                            const struct world_state *last)
{
    uint8_t flags = 0;
    if (memcmp(&now->rng, &last->rng, sizeof now->rng) != 0) flags |= HAS_RNG;
    if (memcmp(now->globals, last->globals, sizeof now->globals) != 0) flags |= HAS_GLOBALS;
    if (now->slot_count != last->slot_count) flags |= HAS_SLOT_COUNT;

    buffer_put_byte(out, flags);
    if (flags & HAS_RNG) {
        for (unsigned i = 0; i < 4; i++)
            buffer_put_u32(out, now->rng.words[i]);
    }
    if (flags & HAS_GLOBALS) put_globals(out, now->globals, last->globals);
    if (flags & HAS_SLOT_COUNT) buffer_put_number(out, now->slot_count);
}

static void put_entity(struct state_codec *c, struct buffer *out, uint32_t slot,
                       const struct entity *now, uint32_t tick, uint32_t *next_slot)
{
    const struct entity *last = &c->state->entities[slot];
    int32_t residues[ENTITY_WORDS];
    bool has_header = header_differs(now, last);
    uint32_t mask = residues_of(c, slot, now, residues);
    if (!has_header && mask == 0) return;

    buffer_put_number(out, slot - *next_slot + 1);
    buffer_put_number(out, mask << 1 | (has_header ? HAS_HEADER : 0));
    if (has_header) put_header(out, now, tick);
    for (unsigned i = 0; mask >> i != 0; i++) {
        if (mask & 1u << i) buffer_put_signed(out, residues[i]);
    }
    *next_slot = slot + 1;
}

void state_codec_put_next(struct state_codec *c, struct buffer *out,
                          const struct world_state *state)
{
    ASSERT(state->slot_count <= c->slot_capacity);
    ASSERT(state->tick == c->state->tick + 1);

    struct world_state *last = c->state;
    uint32_t slots = state->slot_count > last->slot_count ? state->slot_count : last->slot_count;
    uint32_t next_slot = 0;
    touch(c, slots);
    put_world_words(out, state, last);
    for (uint32_t slot = 0; slot < slots; slot++) {
        const struct entity *now = slot < state->slot_count ? &state->entities[slot] : &nothing;
        put_entity(c, out, slot, now, state->tick, &next_slot);
    }
    buffer_put_number(out, 0);

    memcpy(last, state, world_state_bytes(state));
    size_t unused = slots - state->slot_count;
    memset(&last->entities[state->slot_count], 0, unused * sizeof last->entities[0]);
}

void state_codec_put_full(struct state_codec *c, struct buffer *out,
                          const struct world_state *state)
{
    reset(c, state->tick);
    buffer_put_u32(out, state->tick);
    state_codec_put_next(c, out, state);
    state_codec_begin_chunk(c);
}

/* -- decoding -- */

static void get_globals(struct cursor *in, int32_t *globals)
{
    uint32_t mask = cursor_get_number(in);
    for (unsigned i = 0; i < GLOBAL_WORDS; i++) {
        if (mask & 1u << i) {
            globals[i] = (int32_t)((uint32_t)globals[i] + (uint32_t)cursor_get_signed(in));
        }
    }
}

/* Reads the world's own words; slot_count is set once the entities are read. */
static enum result get_world_words(struct state_codec *c, struct cursor *in, uint32_t *slot_count)
{
    struct world_state *state = c->state;
    uint8_t flags = cursor_get_byte(in);
    if (flags & ~FLAGS_ALL) return RESULT_INVALID;

    if (flags & HAS_RNG) {
        for (unsigned i = 0; i < 4; i++)
            state->rng.words[i] = cursor_get_u32(in);
    }
    if (flags & HAS_GLOBALS) get_globals(in, state->globals);
    *slot_count = flags & HAS_SLOT_COUNT ? cursor_get_number(in) : state->slot_count;
    return in->failed || *slot_count > c->slot_capacity ? RESULT_INVALID : RESULT_OK;
}

static enum result get_header(const struct state_codec *c, struct cursor *in, struct entity *e)
{
    struct entity now = {.kind = cursor_get_byte(in), .generation = cursor_get_byte(in)};
    uint32_t owner = cursor_get_number(in);
    if (now.kind > c->kind_count || owner > UINT16_MAX) return RESULT_INVALID;
    now.owner = owner == 0 ? SEAT_NONE : (uint16_t)(owner - 1);
    now.since_tick = c->state->tick - (uint32_t)cursor_get_signed(in);
    if (!is_another(&now, e)) memcpy(now.words, e->words, sizeof now.words);
    *e = now;
    return RESULT_OK;
}

static enum result get_entity(struct state_codec *c, struct cursor *in, uint32_t slot)
{
    struct entity *e = &c->state->entities[slot];
    int32_t *steps = c->steps[slot];
    uint32_t head = cursor_get_number(in);
    uint32_t mask = head >> 1;
    if (mask >> ENTITY_WORDS != 0) return RESULT_INVALID;

    if (head & HAS_HEADER) {
        uint8_t kind = e->kind, generation = e->generation;
        if (get_header(c, in, e) != RESULT_OK) return RESULT_INVALID;
        if (kind != e->kind || generation != e->generation) memset(steps, 0, sizeof c->steps[0]);
    }
    uint32_t stepping = c->stepping[e->kind];
    for (unsigned i = 0; (mask | stepping) >> i != 0; i++) {
        uint32_t step = mask & 1u << i ? (uint32_t)cursor_get_signed(in) : 0;
        if (stepping & 1u << i) {
            step += (uint32_t)steps[i];
            steps[i] = (int32_t)step;
        }
        e->words[i] = (int32_t)((uint32_t)e->words[i] + step);
    }
    return in->failed ? RESULT_INVALID : RESULT_OK;
}

/* An entity of which nothing is said goes on as it did. */
static void step_on(struct state_codec *c, uint32_t slot)
{
    struct entity *e = &c->state->entities[slot];
    uint32_t stepping = c->stepping[e->kind];
    for (unsigned i = 0; stepping >> i != 0; i++) {
        if (!(stepping & 1u << i)) continue;
        e->words[i] = (int32_t)((uint32_t)e->words[i] + (uint32_t)c->steps[slot][i]);
    }
}

static enum result get_entities(struct state_codec *c, struct cursor *in, uint32_t slots)
{
    uint32_t slot = 0;
    for (;;) {
        uint32_t distance = cursor_get_number(in);
        if (in->failed || distance > slots - slot) return RESULT_INVALID;
        uint32_t next = distance == 0 ? slots : slot + distance - 1;
        while (slot < next)
            step_on(c, slot++);
        if (distance == 0) return RESULT_OK;
        if (get_entity(c, in, slot++) != RESULT_OK) return RESULT_INVALID;
    }
}

enum result state_codec_get_next(struct state_codec *c, struct cursor *in)
{
    struct world_state *state = c->state;
    uint32_t slot_count;
    state->tick++;
    if (get_world_words(c, in, &slot_count) != RESULT_OK) return RESULT_INVALID;
    uint32_t slots = slot_count > state->slot_count ? slot_count : state->slot_count;
    touch(c, slots);
    if (get_entities(c, in, slots) != RESULT_OK) return RESULT_INVALID;

    state->slot_count = slot_count;
    size_t unused = slots - slot_count;
    memset(&state->entities[slot_count], 0, unused * sizeof state->entities[0]);
    memset(c->steps[slot_count], 0, unused * sizeof c->steps[0]);
    return RESULT_OK;
}

enum result state_codec_get_full(struct state_codec *c, struct cursor *in)
{
    uint32_t tick = cursor_get_u32(in);
    if (in->failed) return RESULT_INVALID;
    reset(c, tick);
    enum result result = state_codec_get_next(c, in);
    state_codec_begin_chunk(c);
    return result;
}
