/* play_sdl.h - plays on a server: the loop of frames, the player's keys, chat, and what lies over.
 *
 * Place:   main runs it, unless a recording is to be played.
 * Errors:  a headless run fails with the reason if it never joined.
 */
#ifndef TICKWIRE_CLIENT_SDL_PLAY_SDL_H
#define TICKWIRE_CLIENT_SDL_PLAY_SDL_H

#include "client/sdl/cmdline.h"
#include "client/sdl/screen_sdl.h"
#include "shared/result.h"

/* Plays until the player leaves, or for a headless run the time is up. */
enum result play_run(struct screen *screen, const struct cmdline *options, struct error *error);

#endif
