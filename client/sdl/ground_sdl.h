/* ground_sdl.h - the map as seen from above: floor, grid, and tiles with depth.
 *
 * Place:   the app draws it first in each frame.
 */
#ifndef TICKWIRE_CLIENT_SDL_GROUND_SDL_H
#define TICKWIRE_CLIENT_SDL_GROUND_SDL_H

#include "client/sdl/camera.h"
#include "client/sdl/paint_sdl.h"
#include "client/sdl/scene.h"

void ground_draw(struct paint *paint, const struct camera *camera, const struct scene *scene);

#endif
