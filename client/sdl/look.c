#include "client/sdl/look.h"

#include <stdio.h>
#include <string.h>

#include "shared/limits.h"
#include "shared/tick.h"
#include "shared/world.h"

static bool condition_holds(const struct look_condition *c, const struct look_subject *subject)
{
    switch (c->kind) {
    case LOOK_IF_MASKED:
        return (subject->words[c->word] & c->mask) == c->is;
    case LOOK_IF_WITHIN:
        return subject->words[c->word] >= c->min && subject->words[c->word] <= c->max;
    case LOOK_IF_OWN:
        return subject->is_own == (c->is != 0);
    default:
        return false;
    }
}

bool look_holds(const struct look_if *when, const struct look_subject *subject)
{
    for (uint8_t i = 0; i < when->count; i++) {
        if (!condition_holds(&when->conditions[i], subject)) return false;
    }
    return true;
}

struct rgba look_seat_colour(const struct look *look, const struct look_facts *facts, uint16_t seat)
{
    const struct look_palette *palette = &look->palettes[look->palette];

    if (seat == SEAT_NONE) return palette->nobody;
    uint8_t chosen = facts->colour(facts->source, seat);
    if (chosen > 0) return palette->others[(chosen - 1) % palette->other_count];
    return seat == facts->own_seat ? palette->own : palette->others[seat % palette->other_count];
}

struct rgba look_colour(const struct look *look, const struct look_colour *colour,
                        const struct look_subject *subject, const struct look_facts *facts)
{
    switch (colour->source) {
    case LOOK_COLOUR_FIXED:
        return colour->rgba;
    case LOOK_COLOUR_OWNER:
        return look_seat_colour(look, facts, subject->owner);
    case LOOK_COLOUR_SEAT:
        return look_seat_colour(look, facts, (uint16_t)subject->words[colour->word]);
    default:
        return (struct rgba){0};
    }
}

const char *look_name(const struct look_facts *facts, uint16_t seat, char stand_in[LOOK_TEXT_BYTES])
{
    if (seat == SEAT_NONE) return "nobody";
    const char *name = facts->name(facts->source, seat);
    if (name[0] != '\0') return name;
    (void)snprintf(stand_in, LOOK_TEXT_BYTES, "player %u", seat);
    return stand_in;
}

static void print_piece(const struct look_piece *piece, const struct look_subject *subject,
                        const struct look_facts *facts, char *out, size_t capacity_bytes)
{
    int32_t value = piece->word != LOOK_NO_WORD ? subject->words[piece->word] : 0;

    switch (piece->kind) {
    case LOOK_PIECE_TEXT:
        (void)snprintf(out, capacity_bytes, "%s", piece->text);
        return;
    case LOOK_PIECE_SECONDS: {
        int32_t ticks = tick_difference((uint32_t)value, facts->tick);
        (void)snprintf(out, capacity_bytes, "%d", ticks > 0 ? (ticks + TICK_HZ - 1) / TICK_HZ : 0);
        return;
    }
    case LOOK_PIECE_SEAT: {
        char stand_in[LOOK_TEXT_BYTES];
        (void)snprintf(out, capacity_bytes, "%s", look_name(facts, (uint16_t)value, stand_in));
        return;
    }
    case LOOK_PIECE_WORDS:
        if (value >= 0 && value < piece->word_count)
            (void)snprintf(out, capacity_bytes, "%s", piece->words[value]);
        return;
    default:
        (void)snprintf(out, capacity_bytes, "%d", value);
        return;
    }
}

bool look_print(const struct look_text *text, const struct look_subject *subject,
                const struct look_facts *facts, char *out, size_t capacity_bytes)
{
    size_t used = 0;

    out[0] = '\0';
    for (uint8_t i = 0; i < text->count; i++) {
        print_piece(&text->pieces[i], subject, facts, out + used, capacity_bytes - used);
        used += strlen(out + used);
    }
    return used > 0;
}
