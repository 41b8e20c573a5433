/* play_sdl.h - plays on a server: the loop of frames, the player's keys, chat, and what lies over.
 *
 * Place:   main runs it for --url, home from its menu.
 * Errors:  a headless run fails with the reason if it never joined.
 */
#ifndef TICKWIRE_CLIENT_SDL_PLAY_SDL_H
#define TICKWIRE_CLIENT_SDL_PLAY_SDL_H

#include "client/sdl/app_sdl.h"
#include "client/sdl/url.h"
#include "shared/result.h"

/* Plays at `url` until the player leaves, or for a headless run the time is up. */
enum result play_run(struct app *app, const struct url *url, struct error *error);

#endif
