/* curtain_sdl.h - what lies over everything while there is no game: where we are, why, what to do.
 *
 * Place:   connecting, reconnecting, refusals, leaving, a recording that cannot be read.
 */
#ifndef TICKWIRE_CLIENT_SDL_CURTAIN_SDL_H
#define TICKWIRE_CLIENT_SDL_CURTAIN_SDL_H

#include "client/sdl/screen_sdl.h"

struct curtain {
    const char *state;  /* one short line */
    const char *reason; /* a sentence or two; "" for none */
    const char *keys;   /* what the player can do; "" for nothing */
};

/* Dims what is there. */
void curtain_dim(struct screen *screen);

void curtain_draw(struct screen *screen, const struct curtain *curtain);

#endif
