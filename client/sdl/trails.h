/* trails.h - where entities were a moment ago, for the light they draw behind them.
 *
 * Place:   entities_sdl notes each drawn entity that has a trail and draws what is left of it.
 * Memory:  one table, allocated by its owner; two entities whose slots fall together take the
 *          place from each other, which costs a trail, no more.
 */
#ifndef TICKWIRE_CLIENT_SDL_TRAILS_H
#define TICKWIRE_CLIENT_SDL_TRAILS_H

#include <stddef.h>
#include <stdint.h>

#include "client/sdl/outline.h"
#include "client/view/drawn.h"

#define TRAILS_COUNT     1024
#define TRAIL_POINTS_MAX OUTLINE_POINTS_MAX
#define TRAIL_JUMP_UNITS 200.0f     /* farther apart, two places are no way flown */
#define TRAIL_STEP_S     (1.0 / 60) /* points closer in time become one */

struct trail {
    uint64_t identity; /* slot, generation, kind; 0: free */
    uint16_t count;    /* oldest first */
    struct point points[TRAIL_POINTS_MAX];
    double times_s[TRAIL_POINTS_MAX];
};

struct trails {
    struct trail trails[TRAILS_COUNT];
};

struct trail_sample {
    struct point place;
    double now_s;
    float keep_s; /* what is older is forgotten */
};

/* Notes where `d` is now. Returns its trail, borrowed until the next call. */
const struct trail *trails_note(struct trails *trails, const struct drawn *d,
                                const struct trail_sample *sample);

#endif
