/* status.h - what a player reads while there is no match: connecting, waiting, kicked, full, over.
 *
 * Place:   play draws it as a curtain; the page has the same words.
 * Memory:  the texts stand in the struct or live as long as `live`.
 */
#ifndef TICKWIRE_CLIENT_SDL_STATUS_H
#define TICKWIRE_CLIENT_SDL_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/live.h"

struct status {
    char state[96];     /* one short line */
    const char *reason; /* a sentence or two; "" for none */
    const char *keys;   /* what the player can do; "" for nothing */
};

/* `host` is where the connection goes. Nothing is to be said in LIVE_PLAYING. */
void status_of(struct status *status, const struct live *live, const char *host, uint64_t now_us);

/* Whether there is no place for a player, who may still look on. */
bool status_can_watch(const struct live *live);

#endif
