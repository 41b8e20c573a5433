/* crowd.h - finds the craft near a line without looking at all of them.
 *
 * Place:   built once a tick before anyone moves; shots, beams and pickups ask it. Places are
 *          looked up as they are when asked: the search allows for a tick's movement.
 * Memory:  lives on the step's stack, borrows the world.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_CROWD_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_CROWD_H

#include "shared/games/skirmish/ground.h"
#include "shared/games/skirmish/skirmish.h"

#define CROWD_CELLS 4096

struct crowd {
    const struct world *world;        /* borrowed */
    uint16_t first[CROWD_CELLS];      /* seat, or SEAT_NONE */
    uint16_t next_in_cell[SEATS_MAX]; /* by seat, valid for those in a cell */
};

void crowd_build(struct crowd *c, const struct world *w);

/* Returns the craft, other than that of `except` and those that cannot be hit, that the line meets
 * first when it passes within `reach` of it; NULL if none. `from` == `to` asks about a place. */
struct entity *crowd_first_on_line(const struct crowd *c, struct point from, struct point to,
                                   int32_t reach, uint16_t except);

#endif
