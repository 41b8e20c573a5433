/* watch_sdl.h - plays a recording: the loop of frames, and the keys to move in it.
 *
 * Place:   main runs it for --replay; no server is needed.
 */
#ifndef TICKWIRE_CLIENT_SDL_WATCH_SDL_H
#define TICKWIRE_CLIENT_SDL_WATCH_SDL_H

#include "client/sdl/cmdline.h"
#include "client/sdl/screen_sdl.h"
#include "shared/result.h"

/* Plays until the player leaves, or for a headless run the time is up. */
enum result watch_run(struct screen *screen, const struct cmdline *options, struct error *error);

#endif
