/* pace.h - when a room's ticks are due, and what happens to those that come too late.
 *
 * Place:   a room thread sleeps until the earliest of its rooms is due. Time is passed in.
 * Rules:   ticks are due every TICK_US at the room's own phase, so that rooms do not all run at
 *          once. At most PACE_CATCH_UP_TICKS late ones are run one behind the other; what lies
 *          farther back is dropped and counted: the later ticks are due that much later.
 */
#ifndef TICKWIRE_SERVER_ROOM_PACE_H
#define TICKWIRE_SERVER_ROOM_PACE_H

#include <stdint.h>

#include "shared/limits.h"

#define TICK_US             (TICK_MS * 1000u)
#define PACE_CATCH_UP_TICKS 5

struct pace {
    uint64_t due_us;     /* of the next tick */
    uint64_t phase_us;   /* due_us modulo TICK_US */
    uint64_t late_ticks; /* that began a whole tick late, or later */
    uint64_t dropped_ticks;
};

void pace_init(struct pace *p, uint64_t phase_us);

/* The next tick is due at the first moment of the room's phase from `now_us` on. */
void pace_start(struct pace *p, uint64_t now_us);

/* Begins the tick that is due and returns when it was; the next is due one tick later. `now_us`
 * must not be earlier than due_us. */
uint64_t pace_begin(struct pace *p, uint64_t now_us);

#endif
