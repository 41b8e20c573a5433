/* world.h - the simulated world: entities in slots, the world's own words, its random numbers.
 *
 * Place:   a room steps it through its game (game.h); its state, one block without pointers, is
 *          copied into frames, hashed for verification and stored as a keyframe.
 * Memory:  the caller gives one block (world_memory_bytes); nothing is allocated later. A free slot
 *          is all zero but for its generation and since_tick, so equal worlds are equal bytes.
 * Errors:  a full world refuses to spawn (SLOT_NONE); a full event list drops and counts.
 */
#ifndef TICKWIRE_SHARED_WORLD_H
#define TICKWIRE_SHARED_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/map.h"
#include "shared/marks.h"
#include "shared/rng.h"

#define SLOT_NONE           UINT16_MAX
#define SEAT_NONE           UINT16_MAX
#define SLOTS_MAX           65535u
#define EVENTS_PER_TICK_MAX 256

struct game;
struct tick_inputs;

struct entity {
    uint8_t kind;                /* 1 + index into table->kinds; 0: the slot is free */
    uint8_t generation;          /* goes up at each spawn in this slot; wraps */
    uint16_t owner;              /* the seat it belongs to, or SEAT_NONE */
    uint32_t since_tick;         /* when it was spawned, or freed */
    int32_t words[ENTITY_WORDS]; /* by the kind's fields */
};

/* One block: this, then slot_capacity entities. Everything in it is simulation. */
struct world_state {
    uint32_t tick;
    uint32_t slot_count; /* slots ever used: beyond it all entities are zero */
    struct rng rng;
    int32_t globals[GLOBAL_WORDS];
    struct entity entities[];
};

/* What happened in one tick; leaves with the frame. Seats and positions as the kind's fields say.
 */
struct event {
    uint8_t kind;  /* index into table->event_kinds */
    uint16_t seat; /* who alone learns of it, or SEAT_NONE for everyone */
    int32_t words[EVENT_WORDS];
};

struct world {
    const struct game *game; /* borrowed */
    const struct map *map;   /* borrowed */
    struct world_state *state;
    uint32_t slot_capacity;
    uint32_t seat_capacity;
    uint32_t free_hint; /* no slot below it is free: saves searching, not part of the state */
    uint16_t *bodies;   /* by seat: the slot of its KIND_BODY entity, or SLOT_NONE; derived */
    uint64_t *embodied; /* marks.h: the seats that have one; derived */
    struct event events[EVENTS_PER_TICK_MAX]; /* emitted since the last world_clear_events() */
    uint32_t event_count;
    uint32_t events_dropped;
};

/* Returns the bytes that a world of this size needs beside its struct. */
size_t world_memory_bytes(uint32_t slot_capacity, uint32_t seat_capacity);

/* Carves an empty world at tick 0 out of `memory` (8-aligned, borrowed until the end of its use).
 * slot_capacity is 1..SLOTS_MAX. The game's init() has not run yet: world_start() does that. */
void world_init(struct world *w, const struct game *game, const struct map *map, void *memory,
                uint32_t slot_capacity, uint32_t seat_capacity);

/* Empties the world, seeds it and lets the game set it up. The next step will be tick + 1;
 * `match_ticks` is the length of the match (0: without end) and stands in globals[0]. */
void world_start(struct world *w, uint32_t tick, uint64_t seed, uint32_t match_ticks);

/* Advances by one tick: forgets the events of the one before, lets players come and go, then runs
 * the game's step. The one place that says in which order. */
void world_step(struct world *w, const struct tick_inputs *inputs);

/* Rebuilds what is derived (bodies, free_hint) after the state was overwritten from outside. */
void world_derive(struct world *w);

/* Returns the entity in `slot`, or NULL if the slot is free or out of range. */
struct entity *world_entity(const struct world *w, uint32_t slot);

/* Takes the lowest slot that was not freed in this very tick. Words are zero. */
uint16_t world_spawn(struct world *w, uint8_t kind, uint16_t owner);

void world_free(struct world *w, uint16_t slot);

/* Returns the slot of the body that `seat` steers, or SLOT_NONE. */
uint16_t world_body(const struct world *w, uint16_t seat);

/* Returns the first seat from `seat` on that has a body, or MARKS_NONE; the last one below `end`. */
static inline uint32_t world_next_embodied(const struct world *w, uint32_t seat)
{
    return marks_next(w->embodied, w->seat_capacity, seat);
}

static inline uint32_t world_embodied_before(const struct world *w, uint32_t end)
{
    return marks_before(w->embodied, end);
}

void world_emit(struct world *w, const struct event *event);
void world_clear_events(struct world *w);

/* Returns the bytes of `state` that are in use: header and entities below slot_count. */
size_t world_state_bytes(const struct world_state *state);

/* Returns a 64-bit hash of everything in `state`: equal states, equal hashes, on every build. */
uint64_t world_hash(const struct world_state *state);

#endif
