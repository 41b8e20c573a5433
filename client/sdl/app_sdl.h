/* app_sdl.h - what outlives a match: the window, the sound, the game pads, and the player's settings.
 *
 * Place:   main opens one; home, play and watch are given it, and hand it each event first.
 * Memory:  owns all of it; borrows what was typed on the command line.
 * Errors:  settings that cannot be read or kept, and sounds that cannot be heard, are told on
 *          stderr and do not stop anybody from playing.
 */
#ifndef TICKWIRE_CLIENT_SDL_APP_SDL_H
#define TICKWIRE_CLIENT_SDL_APP_SDL_H

#include <SDL_events.h>
#include <stdbool.h>

#include "client/sdl/cmdline.h"
#include "client/sdl/pad_sdl.h"
#include "client/sdl/screen_sdl.h"
#include "client/sdl/settings.h"
#include "client/sdl/sound_sdl.h"

struct app {
    const struct cmdline *options; /* borrowed */
    struct screen screen;
    struct sound *sound; /* owned; NULL: silent */
    struct pads pads;
    struct settings settings;
    char settings_path[CMDLINE_PATH_CHARS_MAX + 1]; /* "": they are not kept */
    bool wants_quit;                                /* the window was closed */
};

enum result app_init(struct app *a, const struct cmdline *options, struct error *error);
void app_deinit(struct app *a);

/* The settings were changed: from now on they hold, and are kept. */
void app_take_settings(struct app *a);

/* Who to be: as typed, else as chosen before. */
const char *app_name(const struct app *a);
uint8_t app_colour(const struct app *a);

/* Takes what concerns the window and the devices. Returns whether that was all of it. */
bool app_take_event(struct app *a, const SDL_Event *event);

void app_toggle_mute(struct app *a);

#endif
