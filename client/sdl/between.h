/* between.h - what the world looked like between two ticks of a recording.
 *
 * Place:   replay draws from it. Live play goes by client/view/interpolate instead, which knows no
 *          more than was sent.
 * Rule:    positions and angles move evenly, the short way round where they wrap; a warp snaps;
 *          everything else changes at its tick, and so do appearing and going.
 */
#ifndef TICKWIRE_CLIENT_SDL_BETWEEN_H
#define TICKWIRE_CLIENT_SDL_BETWEEN_H

#include <stdint.h>

#include "client/view/drawn.h"
#include "shared/fields.h"
#include "shared/world.h"

/* `part` (0..WORDS_ONE) of the way from one state to the next. */
struct between {
    const struct field_table *table; /* borrowed, and so are the states */
    const struct world_state *before, *after;
    int32_t part;
};

/* Fills out[] with all entities of the state before. Returns how many there are, at most
 * before->slot_count. */
uint32_t between_draw(const struct between *b, struct drawn *out);

#endif
