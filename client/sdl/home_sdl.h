/* home_sdl.h - the menu that one starts in, and comes back to after a match or a recording.
 *
 * Place:   main runs it when the command line says neither where to play nor what to watch.
 */
#ifndef TICKWIRE_CLIENT_SDL_HOME_SDL_H
#define TICKWIRE_CLIENT_SDL_HOME_SDL_H

#include "client/sdl/app_sdl.h"

/* Shows it, plays and watches what the player wishes, until they quit. What could not be played or
 * watched is said in the menu. */
enum result home_run(struct app *app, struct error *error);

#endif
