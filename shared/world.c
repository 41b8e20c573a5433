#include "shared/world.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/game.h"

_Static_assert(sizeof(struct entity) == 8 + 4 * ENTITY_WORDS,
               "no padding: entities are hashed as bytes");
_Static_assert(sizeof(struct world_state) % 8 == 0, "the entities follow without padding");

static size_t state_capacity_bytes(uint32_t slot_capacity)
{
    return sizeof(struct world_state) + (size_t)slot_capacity * sizeof(struct entity);
}

size_t world_memory_bytes(uint32_t slot_capacity, uint32_t seat_capacity)
{
    return state_capacity_bytes(slot_capacity) + MARKS_WORDS(seat_capacity) * sizeof(uint64_t) +
           (size_t)seat_capacity * sizeof(uint16_t);
}

void world_init(struct world *w, const struct game *game, const struct map *map, void *memory,
                uint32_t slot_capacity, uint32_t seat_capacity)
{
    ASSERT(slot_capacity >= 1 && slot_capacity <= SLOTS_MAX);
    ASSERT(seat_capacity < SEAT_NONE);

    bytes_zero(memory, world_memory_bytes(slot_capacity, seat_capacity));
    w->game = game;
    w->map = map;
    w->state = memory;
    w->slot_capacity = slot_capacity;
    w->seat_capacity = seat_capacity;
    w->embodied = (uint64_t *)(void *)((uint8_t *)memory + state_capacity_bytes(slot_capacity));
    w->bodies = (uint16_t *)(void *)(w->embodied + MARKS_WORDS(seat_capacity));
    w->events_dropped = 0;
    world_clear_events(w);
    world_derive(w);
}

void world_start(struct world *w, uint32_t tick, uint64_t seed, uint32_t match_ticks)
{
    bytes_zero(w->state, state_capacity_bytes(w->slot_capacity));
    w->state->tick = tick;
    w->state->globals[0] = (int32_t)match_ticks;
    rng_init(&w->state->rng, seed);
    world_clear_events(w);
    world_derive(w);
    w->game->init(w);
}

void world_step(struct world *w, const struct tick_inputs *inputs)
{
    world_clear_events(w);
    w->state->tick++;
    for (uint32_t i = 0; i < inputs->change_count; i++) {
        const struct seat_change *change = &inputs->changes[i];
        (change->is_join ? w->game->join : w->game->leave)(w, change->seat);
    }
    w->game->step(w, inputs->inputs, inputs->input_count);
}

static void embody(struct world *w, uint16_t seat, uint16_t slot)
{
    w->bodies[seat] = slot;
    marks_put(w->embodied, seat);
}

void world_derive(struct world *w)
{
    const struct field_table *table = w->game->table;
    w->free_hint = 0;
    for (uint32_t seat = 0; seat < w->seat_capacity; seat++)
        w->bodies[seat] = SLOT_NONE;
    bytes_zero(w->embodied, MARKS_WORDS(w->seat_capacity) * sizeof w->embodied[0]);
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        const struct entity *e = &w->state->entities[slot];
        if (e->kind == 0 || !(table->kinds[e->kind - 1].flags & KIND_BODY)) continue;
        if (e->owner < w->seat_capacity) embody(w, e->owner, (uint16_t)slot);
    }
}

struct entity *world_entity(const struct world *w, uint32_t slot)
{
    if (slot >= w->state->slot_count || w->state->entities[slot].kind == 0) return NULL;
    return &w->state->entities[slot];
}

/* Returns the lowest free slot that may be taken now, or slot_capacity. */
static uint32_t find_free_slot(struct world *w)
{
    bool is_lowest = true;
    for (uint32_t slot = w->free_hint; slot < w->state->slot_count; slot++) {
        const struct entity *e = &w->state->entities[slot];
        if (e->kind != 0) continue;
        if (is_lowest) w->free_hint = slot;
        is_lowest = false;
        /* One tick of rest: a client that saw the old entity then always sees it go first. */
        if (e->since_tick != w->state->tick) return slot;
    }
    if (is_lowest) w->free_hint = w->state->slot_count;
    return w->state->slot_count;
}

uint16_t world_spawn(struct world *w, uint8_t kind, uint16_t owner)
{
    const struct field_table *table = w->game->table;
    ASSERT(kind >= 1 && kind <= table->kind_count);

    uint32_t slot = find_free_slot(w);
    if (slot == w->slot_capacity) return SLOT_NONE;
    if (slot == w->state->slot_count) w->state->slot_count++;
    struct entity *e = &w->state->entities[slot];
    *e = (struct entity){.kind = kind,
                         .generation = (uint8_t)(e->generation + 1),
                         .owner = owner,
                         .since_tick = w->state->tick};
    if (table->kinds[kind - 1].flags & KIND_BODY && owner < w->seat_capacity) {
        embody(w, owner, (uint16_t)slot);
    }
    return (uint16_t)slot;
}

void world_free(struct world *w, uint16_t slot)
{
    struct entity *e = world_entity(w, slot);
    ASSERT(e != NULL);

    if (e->owner < w->seat_capacity && w->bodies[e->owner] == slot) {
        w->bodies[e->owner] = SLOT_NONE;
        marks_take(w->embodied, e->owner);
    }
    *e = (struct entity){.generation = e->generation, .since_tick = w->state->tick};
    if (slot < w->free_hint) w->free_hint = slot;
}

uint16_t world_body(const struct world *w, uint16_t seat)
{
    return seat < w->seat_capacity ? w->bodies[seat] : SLOT_NONE;
}

void world_emit(struct world *w, const struct event *event)
{
    ASSERT(event->kind < w->game->table->event_kind_count);

    if (w->event_count == EVENTS_PER_TICK_MAX) {
        w->events_dropped++;
        return;
    }
    w->events[w->event_count++] = *event;
}

void world_clear_events(struct world *w)
{
    w->event_count = 0;
}

size_t world_state_bytes(const struct world_state *state)
{
    return state_capacity_bytes(state->slot_count);
}

uint64_t world_hash(const struct world_state *state)
{
    /* A multiply-xor over 64-bit words, fields in a stated order so that no byte order shows. */
    const uint64_t prime = UINT64_C(0x9FB21C651E98DF25);
    const uint32_t *words = (const uint32_t *)(const void *)state;
    size_t word_count = sizeof(struct world_state) / 4;
    uint64_t hash = UINT64_C(0x2545F4914F6CDD1D);

    for (size_t i = 0; i + 1 < word_count; i += 2) {
        hash = (hash ^ (words[i] | (uint64_t)words[i + 1] << 32)) * prime;
        hash ^= hash >> 32;
    }
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        const struct entity *e = &state->entities[slot];
        uint64_t head = e->kind | (uint64_t)e->generation << 8 | (uint64_t)e->owner << 16 |
                        (uint64_t)e->since_tick << 32;
        hash = (hash ^ head) * prime;
        hash ^= hash >> 32;
        for (size_t i = 0; i < ENTITY_WORDS; i += 2) {
            uint64_t pair = (uint32_t)e->words[i] | (uint64_t)(uint32_t)e->words[i + 1] << 32;
            hash = (hash ^ pair) * prime;
            hash ^= hash >> 32;
        }
    }
    return hash;
}
