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

#endif
