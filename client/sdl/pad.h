/* pad.h - a game pad's buttons and sticks become keys held down, and the direction of aim.
 *
 * Place:   pad_sdl hands it what SDL's controllers do; input takes the keys by their codes, which
 *          bindings lays over the look's.
 * Rule:    a stick counts as its cross when it is pushed by more than half, until it is back within
 *          a third; the right stick aims where it points.
 */
#ifndef TICKWIRE_CLIENT_SDL_PAD_H
#define TICKWIRE_CLIENT_SDL_PAD_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/input.h"

/* As SDL_GameControllerButton and SDL_GameControllerAxis number them. */
enum pad_button {
    PAD_A,
    PAD_B,
    PAD_X,
    PAD_Y,
    PAD_BACK,
    PAD_GUIDE,
    PAD_START,
    PAD_LEFT_STICK,
    PAD_RIGHT_STICK,
    PAD_L1,
    PAD_R1,
    PAD_UP,
    PAD_DOWN,
    PAD_LEFT,
    PAD_RIGHT,
    PAD_BUTTONS
};

enum pad_axis {
    PAD_AXIS_LEFT_X,
    PAD_AXIS_LEFT_Y,
    PAD_AXIS_RIGHT_X,
    PAD_AXIS_RIGHT_Y,
    PAD_AXIS_L2,
    PAD_AXIS_R2,
    PAD_AXES
};

struct pad {
    int16_t aim_x, aim_y; /* the right stick */
};

/* The code of a button, or "" for one that has none: it does not steer. */
const char *pad_code(int button);

/* Whether there is a code of that name. */
bool pad_has_code(const char *code);

void pad_take_button(struct input *input, int button, bool is_down);
void pad_take_axis(struct pad *pad, struct input *input, int axis, int16_t value);

/* It was pulled out: lets go of what it held. */
void pad_release(struct pad *pad, struct input *input);

#endif
