/* interpolate.h - the last snapshots, and what the world looked like at any moment between them.
 *
 * Place:   the view pushes each decoded list and asks for the moment that it draws.
 * Rule:    positions and angles move evenly between two received states, the short way round where
 *          they wrap; a warp snaps; everything else changes at its tick. An entity appears and goes
 *          at its tick. Past the newest state things go on as they moved, for 250 ms, then hold.
 * Memory:  borrows past_capacity * entity_capacity wire entities; a full ring forgets the oldest.
 */
#ifndef TICKWIRE_CLIENT_VIEW_INTERPOLATE_H
#define TICKWIRE_CLIENT_VIEW_INTERPOLATE_H

#include <stdint.h>

#include "client/view/drawn.h"
#include "client/view/tickclock.h"
#include "shared/delta.h"

#define INTERPOLATE_PASTS_MAX      32
#define INTERPOLATE_EXTRAPOLATE_US 250000

struct interpolate_past {
    uint32_t tick;
    uint32_t count;
    struct wire_entity *list; /* borrowed: slots ascending */
};

struct interpolate {
    const struct schema *schema; /* borrowed */
    uint32_t entity_capacity;
    uint32_t past_capacity; /* 2..INTERPOLATE_PASTS_MAX */
    uint32_t first;         /* of the ring: the oldest */
    uint32_t count;
    struct interpolate_past pasts[INTERPOLATE_PASTS_MAX];
};

void interpolate_init(struct interpolate *p, const struct schema *schema,
                      struct wire_entity *memory, uint32_t past_capacity, uint32_t entity_capacity);

/* Forgets all states: what comes next has nothing to do with them. */
void interpolate_clear(struct interpolate *p);

/* Appends the state at `tick`, newer than all before; count <= entity_capacity. Entities that were
 * left out of it (behind_ticks) are drawn on their way to the next state that tells of them. */
void interpolate_push(struct interpolate *p, uint32_t tick, const struct wire_entity *list,
                      uint32_t count);

/* Fills out[0..capacity) with the world at `at`, slots ascending. Returns how many there are.
 * Before the oldest state the oldest is drawn. */
uint32_t interpolate_draw(const struct interpolate *p, struct moment at, struct drawn *out,
                          uint32_t capacity);

#endif
