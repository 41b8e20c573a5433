#include "client/sdl/input.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TURN 6.2831853f

static struct input_held *find(struct input *input, const char *code)
{
    for (int i = 0; i < INPUT_HELD_MAX; i++) {
        if (strcmp(input->keys[i].code, code) == 0) return &input->keys[i];
    }
    return NULL;
}

void input_key(struct input *input, const char *code, bool is_down)
{
    struct input_held *key = find(input, code);
    if (key == NULL && is_down) key = find(input, "");
    if (key == NULL) return;

    key->is_down = is_down;
    (void)snprintf(key->code, sizeof key->code, "%s", code);
}

void input_pointer(struct input *input, enum input_pointer which, bool is_down)
{
    struct input_held *pointer = &input->pointers[which];
    (void)snprintf(pointer->code, sizeof pointer->code, "pointer");
    pointer->is_down = is_down;
}

void input_release(struct input *input)
{
    memset(input->keys, 0, sizeof input->keys);
    memset(input->pointers, 0, sizeof input->pointers);
}

static int32_t bits_of(const struct input *input, const struct look_control *control)
{
    const int32_t pointer_bits[INPUT_POINTERS] = {
        [INPUT_PRIMARY] = control->primary_bits, [INPUT_SECONDARY] = control->secondary_bits};
    int32_t bits = 0;

    for (uint8_t i = 0; i < control->key_count; i++) {
        for (int j = 0; j < INPUT_HELD_MAX; j++)
            if (strcmp(input->keys[j].code, control->keys[i].code) == 0)
                bits |= control->keys[i].bits;
    }
    for (int i = 0; i < INPUT_POINTERS; i++)
        if (input->pointers[i].code[0] != '\0') bits |= pointer_bits[i];
    return bits;
}

static int32_t angle_of(float angle, const struct usercmd_field *field)
{
    int32_t span = field->max - field->min + 1;
    float turns = angle / TURN;
    int32_t steps = (int32_t)lroundf((turns - floorf(turns)) * (float)span);
    return field->min + steps % span;
}

static int32_t confine(int32_t value, const struct usercmd_field *field)
{
    return value < field->min ? field->min : value > field->max ? field->max : value;
}

/* A bit that no field has would make the whole usercmd invalid. */
static int32_t value_of(const struct input *input, const struct look_control *control,
                        const struct usercmd_field *field)
{
    if (control->is_pointer_angle) return angle_of(input->angle, field);
    int32_t bits = bits_of(input, control);
    return confine(field->kind == USERCMD_BUTTONS ? bits & field->max : bits, field);
}

static void forget_released(struct input_held *held, int count)
{
    for (int i = 0; i < count; i++)
        if (!held[i].is_down) held[i].code[0] = '\0';
}

void input_read(struct input *input, const struct look *look, const struct field_table *table,
                int32_t words[USERCMD_WORDS])
{
    memset(words, 0, USERCMD_WORDS * sizeof words[0]);
    for (uint8_t i = 0; i < table->usercmd_field_count; i++)
        words[i] = value_of(input, &look->controls[i], &table->usercmd_fields[i]);
    forget_released(input->keys, INPUT_HELD_MAX);
    forget_released(input->pointers, INPUT_POINTERS);
}

bool input_aims(const struct look *look)
{
    for (int i = 0; i < USERCMD_WORDS; i++) {
        if (look->controls[i].is_pointer_angle) return true;
    }
    return false;
}
