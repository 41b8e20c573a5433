/* menu_pages.h - which rows each page of the menu has, as things stand.
 *
 * Place:   the menu has them made anew after each press; it alone knows what they do.
 * Memory:  writes the menu's rows.
 */
#ifndef TICKWIRE_CLIENT_SDL_MENU_PAGES_H
#define TICKWIRE_CLIENT_SDL_MENU_PAGES_H

#include <stddef.h>

#include "client/sdl/menu.h"

/* Makes the rows of the page that shows; the chosen one may then lie beyond them. */
void menu_pages_build(struct menu *m);

/* Copies as much as fits, whole characters. */
void menu_pages_copy(char *to, size_t capacity_bytes, const char *from);

#endif
