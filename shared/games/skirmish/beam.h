/* beam.h - the weapon that arrives at once: a line to the first craft or wall in its way, the craft
 * where they were in the picture that the player acted on, `lag` (usercmd_lag()) ago.
 *
 * Place:   fired by craft while they move; clients draw the line from the event it emits.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_BEAM_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_BEAM_H

#include "shared/games/skirmish/crowd.h"

#define BEAM_REACH_UNITS 800

void beam_fire(struct world *w, const struct crowd *crowd, const struct entity *craft, int32_t lag);

/* What the owner of `craft`, just moved, sees of it before the server has told: up to the wall, and
 * shorter by whom it meets in the picture that the owner acts on. */
struct event beam_foresee(const struct map *map, const struct entity *craft);
void beam_foresee_meeting(const struct entity *other, struct event *beam);

#endif
