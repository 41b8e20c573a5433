/* typing.h - a line of text while it is written: what is typed goes on its end, Backspace takes off.
 *
 * Place:   chat, and the menu's fields.
 * Memory:  plain data.
 */
#ifndef TICKWIRE_CLIENT_SDL_TYPING_H
#define TICKWIRE_CLIENT_SDL_TYPING_H

#include <stddef.h>

#define TYPING_BYTES_MAX 255

struct typing {
    char text[TYPING_BYTES_MAX + 1]; /* UTF-8 */
    size_t limit_bytes;              /* <= TYPING_BYTES_MAX */
};

/* Starts with `text`, as far as it fits. */
void typing_start(struct typing *t, const char *text, size_t limit_bytes);

/* Adds what fits, whole characters. */
void typing_put(struct typing *t, const char *text);

/* Takes the last character off. */
void typing_erase(struct typing *t);

#endif
