/* crowd.h - finds the craft near a line without looking at all of them.
 *
 * Place:   built once a tick before anyone moves; shots, beams and pickups ask it. Places are
 *          looked up as they are when asked, or as they were in the picture that a player acted
 *          on: the search allows for the movement between.
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

/* `from` == `to` asks about a place. */
struct crowd_line {
    struct point from, to;
    int32_t reach;   /* how near it must pass a craft's centre */
    uint16_t except; /* this seat's craft is not looked at; SEAT_NONE: all are */
    int32_t lag;     /* craft_past_place(): of the craft, not of the line; 0: as they are now */
};

/* Returns how far along the line it passes what stands at `place`: 0 at its start, up to its squared
 * length in wire quanta; -1 if it passes beyond its reach. */
int64_t crowd_line_passes(const struct crowd_line *line, struct point place);

/* Returns the craft that can be hit and that the line meets first; NULL if none. */
struct entity *crowd_first_on_line(const struct crowd *c, const struct crowd_line *line);

#endif
