/* pad_sdl.h - the game pads that are plugged in, also while one plays.
 *
 * Place:   the app opens and closes them as SDL tells; play and the menu take what they do.
 * Memory:  owns SDL's handles of up to PADS_MAX pads.
 */
#ifndef TICKWIRE_CLIENT_SDL_PAD_SDL_H
#define TICKWIRE_CLIENT_SDL_PAD_SDL_H

#include <SDL_events.h>
#include <SDL_gamecontroller.h>

#include "client/sdl/pad.h"

#define PADS_MAX 4

struct pads {
    SDL_GameController *open[PADS_MAX]; /* owned; NULL: free */
    struct pad pad;                     /* they all steer as one */
};

void pads_init(struct pads *p);
void pads_deinit(struct pads *p);

/* Opens what was plugged in and closes what was pulled out. */
void pads_take_device(struct pads *p, const SDL_Event *event);

/* Notes what a pad does, and lets go of what a pulled one held. */
void pads_take_event(struct pads *p, struct input *input, const SDL_Event *event);

#endif
