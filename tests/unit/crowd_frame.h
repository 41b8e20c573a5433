/* crowd_frame.h - a frame full of entities at random places, without a room around it.
 *
 * Place:   tests and benchmarks of what reads frames. The entities are those of pebbles.h.
 */
#ifndef TICKWIRE_TESTS_UNIT_CROWD_FRAME_H
#define TICKWIRE_TESTS_UNIT_CROWD_FRAME_H

#include <stdint.h>

#include "server/room/frame_pool.h"
#include "shared/rng.h"
#include "tests/unit/pebbles.h"

struct crowd_frame {
    struct schema schema;
    struct frame_shape shape;
    struct frame_pool pool;
    struct roster_pool rosters;
    struct roster *roster;
    struct world_state *state; /* owned: to be changed before crowd_frame_publish() */
    struct frame *frame;       /* the last published, or NULL */
};

/* `count` pebbles, anywhere on the field and now and then beyond it; every 50th entity is a clock.
 * Every tenth slot is free. */
void crowd_frame_init(struct crowd_frame *c, uint32_t count, struct rng *rng);
void crowd_frame_deinit(struct crowd_frame *c);

/* Moves everybody by up to `step` simulation units, and replaces some. */
void crowd_frame_move(struct crowd_frame *c, int32_t step, struct rng *rng);

/* Copies the state into a new frame and releases the one before. */
void crowd_frame_publish(struct crowd_frame *c);

#endif
