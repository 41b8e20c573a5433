/* keys_sdl.h - the names of keys: SDL's scancodes as KeyboardEvent.code calls them.
 *
 * Place:   input takes keys by these names, as looks list them, so a look serves page and native
 *          client alike.
 * Source:  W3C UI Events KeyboardEvent code Values; USB HID usage table, which SDL's scancodes
 *          follow.
 */
#ifndef TICKWIRE_CLIENT_SDL_KEYS_SDL_H
#define TICKWIRE_CLIENT_SDL_KEYS_SDL_H

#include <SDL_events.h>
#include <stdbool.h>

#include "client/sdl/input.h"

/* Returns the code of a key, a string that lives for ever, or "" for a key without one. */
const char *keys_code(SDL_Scancode scancode);

/* Notes a keyboard or mouse event. */
void keys_take_event(struct input *input, const SDL_Event *event);

/* Holds the key of that name: SDL's ("W", "Left Shift"), a code ("KeyW"), "Mouse 1" or "Mouse 2".
 * False: there is none. */
bool keys_hold(struct input *input, const char *name);

#endif
