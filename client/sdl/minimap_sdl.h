/* minimap_sdl.h - the whole map in a corner: walls, bodies in view, and the part that is on screen.
 *
 * Place:   field draws it over the world.
 */
#ifndef TICKWIRE_CLIENT_SDL_MINIMAP_SDL_H
#define TICKWIRE_CLIENT_SDL_MINIMAP_SDL_H

#include "client/sdl/camera.h"
#include "client/sdl/scene.h"
#include "client/sdl/screen_sdl.h"

void minimap_draw(struct screen *screen, const struct camera *camera, const struct scene *scene);

#endif
