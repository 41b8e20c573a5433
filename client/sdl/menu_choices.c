#include "client/sdl/menu_choices.h"

#include <stdbool.h>
#include <stdio.h>

#include "shared/check.h"

struct choice {
    const char *label;
    size_t offset; /* in struct settings: a bool, or a uint8_t */
    bool is_flag;
    int min, max, step;
    const char *words[2]; /* of a flag */
    const char *unit;     /* of a number */
};

#define FLAG(label, member, no, yes)                                           \
    {                                                                          \
        label, offsetof(struct settings, member), true, 0, 1, 1, {no, yes}, "" \
    }
#define NUMBER(label, member, min, max, step, unit)                                     \
    {                                                                                   \
        label, offsetof(struct settings, member), false, min, max, step, {"", ""}, unit \
    }

static const struct choice choices[] = {
    [MENU_CHOICE_COLOUR] = NUMBER("Colour", colour, 0, COLOURS_MAX, 1, ""),
    FLAG("Sound", is_muted, "on", "off"),
    NUMBER("Volume", volume, 0, 100, 10, " %"),
    FLAG("Captions for sounds", has_captions, "off", "on"),
    FLAG("Motion", has_reduced_motion, "full", "reduced"),
    FLAG("Colours of players", is_safe, "standard", "safe for colour-blind eyes"),
    NUMBER("Text size", text_scale, SETTINGS_SCALE_MIN, SETTINGS_SCALE_MAX, 10, " %"),
    FLAG("Full screen", is_full_screen, "off", "on"),
    FLAG("Vertical sync", has_vsync, "off", "on"),
};

_Static_assert(sizeof choices / sizeof choices[0] == MENU_CHOICES, "the header counts them");

static int read_choice(const struct settings *s, const struct choice *choice)
{
    const char *at = (const char *)s + choice->offset;
    return choice->is_flag ? *(const bool *)at : *(const uint8_t *)at;
}

void menu_choice_print(const struct settings *s, size_t index, char *out, size_t capacity_bytes)
{
    ASSERT(index < MENU_CHOICES);
    const struct choice *choice = &choices[index];
    int number = read_choice(s, choice);

    if (choice->is_flag)
        (void)snprintf(out, capacity_bytes, "%s", choice->words[number]);
    else if (index == MENU_CHOICE_COLOUR && number == 0)
        (void)snprintf(out, capacity_bytes, "as it comes");
    else
        (void)snprintf(out, capacity_bytes, "%d%s", number, choice->unit);
}

void menu_choice_change(struct settings *s, size_t index, int direction)
{
    ASSERT(index < MENU_CHOICES);
    const struct choice *choice = &choices[index];
    char *at = (char *)s + choice->offset;
    int number = read_choice(s, choice) + direction * choice->step;
    bool goes_round = choice->is_flag || index == MENU_CHOICE_COLOUR;

    if (number > choice->max) number = goes_round ? choice->min : choice->max;
    if (number < choice->min) number = goes_round ? choice->max : choice->min;
    if (choice->is_flag)
        *(bool *)at = number != 0;
    else
        *(uint8_t *)at = (uint8_t)number;
}

const char *menu_choice_label(size_t index)
{
    ASSERT(index < MENU_CHOICES);
    return choices[index].label;
}
