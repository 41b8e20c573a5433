#include "client/sdl/pad.h"

#include <math.h>
#include <string.h>

#define PUSHED  16384 /* of 32767 */
#define BACK    10923
#define AIM_MIN 13000.0f

static const char *const button_codes[PAD_BUTTONS] = {
    [PAD_A] = "PadA",       [PAD_B] = "PadB",        [PAD_X] = "PadX",   [PAD_Y] = "PadY",
    [PAD_L1] = "PadL1",     [PAD_R1] = "PadR1",      [PAD_UP] = "PadUp", [PAD_DOWN] = "PadDown",
    [PAD_LEFT] = "PadLeft", [PAD_RIGHT] = "PadRight"};

/* By axis: what it holds pushed to its lower and its upper end; NULL: nothing. */
static const char *const axis_codes[PAD_AXES][2] = {[PAD_AXIS_LEFT_X] = {"PadLeft", "PadRight"},
                                                    [PAD_AXIS_LEFT_Y] = {"PadUp", "PadDown"},
                                                    [PAD_AXIS_L2] = {NULL, "PadL2"},
                                                    [PAD_AXIS_R2] = {NULL, "PadR2"}};

const char *pad_code(int button)
{
    bool is_known = button >= 0 && button < PAD_BUTTONS && button_codes[button] != NULL;
    return is_known ? button_codes[button] : "";
}

static bool is_code(const char *known, const char *code)
{
    return known != NULL && strcmp(known, code) == 0;
}

bool pad_has_code(const char *code)
{
    for (int i = 0; i < PAD_BUTTONS; i++)
        if (is_code(button_codes[i], code)) return true;
    return is_code("PadL2", code) || is_code("PadR2", code);
}

void pad_take_button(struct input *input, int button, bool is_down)
{
    const char *code = pad_code(button);
    if (code[0] != '\0') input_key(input, code, is_down);
}

/* `push` is how far it is pushed to the end that the code stands for. */
static void hold(struct input *input, const char *code, int push)
{
    if (code == NULL) return;
    if (push > PUSHED) input_key(input, code, true);
    if (push < BACK) input_key(input, code, false);
}

void pad_take_axis(struct pad *pad, struct input *input, int axis, int16_t value)
{
    if (axis < 0 || axis >= PAD_AXES) return;

    hold(input, axis_codes[axis][0], -(int)value);
    hold(input, axis_codes[axis][1], value);
    if (axis == PAD_AXIS_RIGHT_X) pad->aim_x = value;
    if (axis == PAD_AXIS_RIGHT_Y) pad->aim_y = value;
    if (axis != PAD_AXIS_RIGHT_X && axis != PAD_AXIS_RIGHT_Y) return;
    float x = pad->aim_x, y = pad->aim_y;
    if (hypotf(x, y) >= AIM_MIN) input->angle = atan2f(y, x);
}

void pad_release(struct pad *pad, struct input *input)
{
    *pad = (struct pad){0};
    for (int i = 0; i < PAD_BUTTONS; i++)
        pad_take_button(input, i, false);
    for (int i = 0; i < PAD_AXES; i++)
        pad_take_axis(pad, input, i, 0);
}
