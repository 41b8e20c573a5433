/* route.h - the next stretch of a way round walls and pits, for pilots.
 *
 * Place:   pilot_think() asks it when it wants to be somewhere. It searches the tiles around the
 *          start only, so a call costs a few microseconds, and remembers nothing.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_ROUTE_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_ROUTE_H

#include "shared/games/skirmish/ground.h"

/* Returns a place to fly to in a straight line now: `goal` itself when nothing lies between, else
 * the centre of a tile on the way to it, or to the nearest place in reach. Returns `from`'s own
 * tile when there is no way to come nearer. */
struct point route_next(const struct map *map, struct point from, struct point goal);

#endif
