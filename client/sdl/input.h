/* input.h - what is held down becomes a usercmd, as the look's controls say.
 *
 * Place:   input_sdl notes keys and pointer; the app reads a usercmd's words once a frame.
 * Rule:    keys go by their place on the keyboard, named as KeyboardEvent.code; a press between two
 *          frames counts; what is held is let go when the window loses the focus or chat is open.
 */
#ifndef TICKWIRE_CLIENT_SDL_INPUT_H
#define TICKWIRE_CLIENT_SDL_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/look.h"
#include "shared/fields.h"

#define INPUT_HELD_MAX 16

enum input_pointer { INPUT_PRIMARY, INPUT_SECONDARY, INPUT_POINTERS };

struct input_held {
    char code[LOOK_CODE_BYTES]; /* "": free */
    bool is_down;               /* false: let go again, but not read yet */
};

struct input {
    struct input_held keys[INPUT_HELD_MAX];
    struct input_held pointers[INPUT_POINTERS];
    float angle; /* radians, of the pointer from the own body */
};

/* A key went down or up. With more keys than a hand has, further ones are ignored. */
void input_key(struct input *input, const char *code, bool is_down);
void input_pointer(struct input *input, enum input_pointer which, bool is_down);

/* Lets go of everything. */
void input_release(struct input *input);

/* Fills the words of a usercmd. */
void input_read(struct input *input, const struct look *look, const struct field_table *table,
                int32_t words[USERCMD_WORDS]);

/* Whether the pointer's angle steers anything. */
bool input_aims(const struct look *look);

#endif
