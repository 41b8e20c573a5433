/* menu_sdl.h - the menu on the screen, pressed by keyboard, mouse and game pad.
 *
 * Place:   home shows it alone, play over a match.
 * Memory:  none of its own.
 */
#ifndef TICKWIRE_CLIENT_SDL_MENU_SDL_H
#define TICKWIRE_CLIENT_SDL_MENU_SDL_H

#include <SDL_events.h>

#include "client/sdl/menu.h"
#include "client/sdl/screen_sdl.h"

/* Takes an event and returns what the player wishes. */
enum menu_wish menu_take_event(struct menu *m, struct screen *screen, const SDL_Event *event);

/* Draws it over what is there. `palette` shows what a colour is. */
void menu_draw(const struct menu *m, struct screen *screen, const struct look_palette *palette);

#endif
