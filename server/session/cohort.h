/* cohort.h - each entity's update built once for all clients that were sent the same two ticks.
 *
 * Place:   a worker keeps one set per room; the binary writer appends from it. What a client knows
 *          of an entity follows from its last two ticks sent alone, so clients in step share
 *          fragments; one out of step is encoded straight, to the same bits by the same code.
 * Rule:    a cohort builds from its second client of a turn on, and only the first COHORTS_MAX of a
 *          turn build at all: however many clients there are, and however many of them a busy
 *          machine has put out of step, a turn builds at most COHORTS_MAX fragments an entity.
 * Memory:  per cohort a fragment by slot and an arena for the long ones, taken when it first builds
 *          and freed when it has not for COHORT_REST_TURNS to twice as many; a full arena, or no
 *          memory for one, means encoding straight into the message.
 * Cost:    building once, appending for each client: tests/bench/bench_delta.c prints both.
 */
#ifndef TICKWIRE_SERVER_SESSION_COHORT_H
#define TICKWIRE_SERVER_SESSION_COHORT_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "shared/bits.h"
#include "shared/delta.h"

#define COHORTS_MAX 32 /* cadences in phase, and those who held a tick or two of late */

#define COHORT_REST_TURNS 40

struct fragment {
    uint64_t word; /* its bits, or if they are more than 64, where they begin in the arena */
    uint32_t length_bits;
    uint32_t stamp; /* of the cohort's turn in which it was built */
};

struct cohort {
    uint32_t stamp;             /* fragments of another stamp are old */
    uint32_t used_words;        /* of the arena */
    struct fragment *fragments; /* owned: by slot */
    uint64_t *arena;            /* owned */
    const struct frame *base;   /* borrowed for this turn */
    const struct frame *before; /* borrowed for this turn, or NULL */
};

struct cohorts {
    const struct schema *schema; /* borrowed */
    const struct frame *now;     /* borrowed for this turn */
    uint32_t slot_capacity;
    uint32_t arena_words;
    struct cohort list[COHORTS_MAX];
    uint32_t used_count;                  /* of the list, in this turn */
    uint32_t built_end;                   /* one past the last that built since the last look, */
    uint32_t turn_count;                  /* and how many turns ago that was */
    struct cohort straight;               /* one that builds nothing: of the last who is alone */
    uint64_t built_count, appended_count; /* for the bench and /metrics */
};

void cohorts_init(struct cohorts *c, const struct schema *schema, uint32_t slot_capacity);
void cohorts_deinit(struct cohorts *c);

/* Starts the turn of a new frame: all fragments are old. */
void cohorts_begin(struct cohorts *c, const struct frame *now);

/* Returns the cohort of clients sent `before` (NULL: none) and then `base`, for one client: to be
 * used before the next one is asked for. Frames stay borrowed until the next cohorts_begin(). */
struct cohort *cohorts_get(struct cohorts *c, const struct frame *base, const struct frame *before);

/* Appends the update of `slot`, which is in use in base and now with the same generation. */
void cohort_append(struct cohorts *c, struct cohort *cohort, uint16_t slot, struct bits_writer *w);

/* Appends the updates of all those of slots[0..count) that are not new. */
void cohort_append_list(struct cohorts *c, struct cohort *cohort, const uint16_t *slots,
                        const bool *is_new, uint32_t count, struct bits_writer *w);

/* Appends the same for one client that knows this entity from other ticks than the rest of what it
 * sees: from the cohort of those two ticks if there is one, else straight. */
void cohorts_append_alone(struct cohorts *c, const struct frame *base, const struct frame *before,
                          uint16_t slot, struct bits_writer *w);

/* Fills `e` with what a client knows of `slot` once it was sent `before` (or NULL) and then
 * `frame`. */
void cohort_known(const struct schema *schema, const struct frame *frame,
                  const struct frame *before, uint16_t slot, struct wire_entity *e);

#endif
