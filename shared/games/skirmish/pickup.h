/* pickup.h - things that lie on their places, help who flies over them, and come back later.
 *
 * Place:   laid once by the map's tiles (ground.h), offered each tick after all craft have moved.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_PICKUP_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_PICKUP_H

#include "shared/games/skirmish/crowd.h"

/* Puts one on each pickup place of the map, as far as the world has room. */
void pickups_init(struct world *w);

void pickups_step(struct world *w, const struct crowd *crowd);

#endif
