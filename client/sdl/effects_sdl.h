/* effects_sdl.h - what an event looks like for a moment: sparks, rings, beams, rising texts.
 *
 * Place:   the app starts them from the lines of the feed and draws them above the entities.
 * Memory:  a fixed list; when it is full, new ones are left out.
 */
#ifndef TICKWIRE_CLIENT_SDL_EFFECTS_SDL_H
#define TICKWIRE_CLIENT_SDL_EFFECTS_SDL_H

#include <stdint.h>

#include "client/sdl/camera.h"
#include "client/sdl/look.h"
#include "client/sdl/scene.h"
#include "client/sdl/screen_sdl.h"
#include "shared/world.h"

#define EFFECTS_MAX 400

struct effect {
    const struct look_effect *look; /* borrowed from the look */
    double start_s;
    struct point at, to; /* units */
    struct rgba color;
    uint32_t seed;     /* for the sparks */
    uint32_t foreseen; /* of an event that may be withdrawn: its number; else 0 */
    char label[LOOK_TEXT_BYTES];
};

struct effects {
    struct effect list[EFFECTS_MAX];
    uint32_t count;
    uint32_t seed;
};

/* Starts the effects of one event; `foreseen` as in struct view_line. */
void effects_start(struct effects *e, const struct scene *scene, const struct event *event,
                   uint32_t foreseen);

/* That foreseen event did not happen: what shows it goes. */
void effects_withdraw(struct effects *e, uint32_t foreseen);

/* Forgets all: another match, another look. */
void effects_clear(struct effects *e);

void effects_draw(struct effects *e, struct screen *screen, const struct camera *camera,
                  const struct scene *scene);

#endif
