#include "client/sdl/stars_sdl.h"

#include <math.h>

#include "shared/rng.h"

#define STARS       220
#define SEED        7
#define RADIUS_NEAR 1.6f
#define DEPTH_FAR   0.25f

/* `place` (0..1) of `size` pixels, moved back by `way`, and in again at the other side. */
static float wrapped(float place, float size, float way)
{
    float at = place * size - way;
    return at - floorf(at / size) * size;
}

void stars_draw(struct screen *screen, struct rgba color, struct point drift)
{
    struct rng rng;

    rng_init(&rng, SEED);
    for (int i = 0; i < STARS; i++) {
        float depth = DEPTH_FAR + (1 - DEPTH_FAR) * (float)rng_below(&rng, 1024) / 1024;
        float x = (float)rng_below(&rng, 65536) / 65536, y = (float)rng_below(&rng, 65536) / 65536;
        float part = depth * depth;
        struct point at = {wrapped(x, screen->width, drift.x * part),
                           wrapped(y, screen->height, drift.y * part)};
        struct circle star = {at, RADIUS_NEAR * depth * screen->scale};
        paint_disc(screen->paint, star, rgba_faded(color, depth * 0.8f));
    }
}
