/* menu_choices.h - the settings that left and right change in the menu, in its order.
 *
 * Place:   the menu makes a row of each.
 * Memory:  borrows the settings for the call.
 */
#ifndef TICKWIRE_CLIENT_SDL_MENU_CHOICES_H
#define TICKWIRE_CLIENT_SDL_MENU_CHOICES_H

#include <stddef.h>

#include "client/sdl/settings.h"

enum { MENU_CHOICE_COLOUR = 0, MENU_CHOICES = 9 };

const char *menu_choice_label(size_t index);

/* Writes the value as a player reads it. */
void menu_choice_print(const struct settings *s, size_t index, char *out, size_t capacity_bytes);

/* One step on (1) or back (-1). Flags and the colour go round, other numbers have ends. */
void menu_choice_change(struct settings *s, size_t index, int direction);

#endif
