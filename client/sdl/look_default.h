/* look_default.h - the look of a game that has none.
 *
 * Place:   look_file starts from it and puts what a look.json says in its stead.
 */
#ifndef TICKWIRE_CLIENT_SDL_LOOK_DEFAULT_H
#define TICKWIRE_CLIENT_SDL_LOOK_DEFAULT_H

#include "client/sdl/look.h"

/* Discs in their owner's colour, walls where a map has '#', WASD for the first field of buttons. */
void look_default(struct look *look, const struct field_table *table);

#endif
