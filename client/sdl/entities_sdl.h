/* entities_sdl.h - draws everything that moves, as its look says: trails, layers, names, bars.
 *
 * Place:   the app draws the bodies above the ground, and after the effects the labels.
 * Memory:  owns the trails.
 */
#ifndef TICKWIRE_CLIENT_SDL_ENTITIES_SDL_H
#define TICKWIRE_CLIENT_SDL_ENTITIES_SDL_H

#include "client/sdl/camera.h"
#include "client/sdl/scene.h"
#include "client/sdl/screen_sdl.h"
#include "client/sdl/trails.h"
#include "shared/rng.h"

struct entities {
    struct trails trails;
    struct rng rng; /* for what flickers */
};

void entities_draw(struct entities *e, struct screen *screen, const struct camera *camera,
                   const struct scene *scene);

void entities_draw_labels(struct screen *screen, const struct camera *camera,
                          const struct scene *scene);

#endif
