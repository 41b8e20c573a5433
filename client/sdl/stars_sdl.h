/* stars_sdl.h - the sky behind the menu, and beyond a map.
 *
 * Place:   home draws it, and picture below the ground where the look wants stars.
 */
#ifndef TICKWIRE_CLIENT_SDL_STARS_SDL_H
#define TICKWIRE_CLIENT_SDL_STARS_SDL_H

#include "client/sdl/screen_sdl.h"

/* The same stars each time; the nearest have gone by `drift` (pixels), the others by less. */
void stars_draw(struct screen *screen, struct rgba color, struct point drift);

#endif
