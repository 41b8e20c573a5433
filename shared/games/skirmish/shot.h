/* shot.h - shots that take time to arrive: straight lines at one speed until something stops them.
 *
 * Place:   fired by craft, stepped once a tick after all craft have moved.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_SHOT_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_SHOT_H

#include "shared/games/skirmish/crowd.h"

#define MUZZLE_DISTANCE (14 * SKIRMISH_UNIT) /* from a craft's centre */
#define SHOT_SPEED      (32 * SKIRMISH_UNIT) /* per tick: 640 units a second */

/* A full world has no place for another shot: then none leaves. It left the muzzle in the picture
 * that the player acted on, `lag` (usercmd_lag()) ago, and has flown since then, past the others
 * as they were. */
void shot_fire(struct world *w, const struct crowd *crowd, const struct entity *craft, int32_t lag);

/* What the owner of `craft`, just moved, sees of it before the server has told: as it leaves, and a
 * tick on (false: it meets a wall there). */
struct entity shot_foresee(const struct map *map, const struct entity *craft);
bool shot_foresee_flight(const struct map *map, struct entity *shot);

/* Moves every shot fired before this tick, hurts what it meets, frees what has ended. */
void shots_step(struct world *w, const struct crowd *crowd);

/* Frees the shots of a seat that is left: its next player did not fire them. */
void shots_forget(struct world *w, uint16_t seat);

#endif
