/* watch_sdl.h - plays a recording: the loop of frames, and the keys to move in it.
 *
 * Place:   main runs it for --replay, home from its menu; no server is needed.
 */
#ifndef TICKWIRE_CLIENT_SDL_WATCH_SDL_H
#define TICKWIRE_CLIENT_SDL_WATCH_SDL_H

#include "client/sdl/app_sdl.h"
#include "shared/result.h"

/* Plays `file` from `tick` on (0: the start) until the player leaves, or for a headless run the time
 * is up. */
enum result watch_run(struct app *app, const char *file, uint32_t tick, struct error *error);

#endif
