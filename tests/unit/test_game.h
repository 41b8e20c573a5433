/* test_game.h - a field table for tests of the codecs: every field kind, audience and way to move.
 *
 * Place:   unit tests, fuzzers, benchmarks and the golden vectors include it, also for wasm32; it
 *          is data alone, no game. A change to it changes tests/vectors.
 */
#ifndef TICKWIRE_TESTS_UNIT_TEST_GAME_H
#define TICKWIRE_TESTS_UNIT_TEST_GAME_H

#include "shared/fields.h"

enum test_kind {
    TEST_CRAFT = 1,
    TEST_ORB,
    TEST_CRATE,
    TEST_MATCH,
    TEST_DIAL,
    TEST_ROVER,
    TEST_KIND_COUNT = TEST_ROVER
};
enum test_event { TEST_KILL, TEST_BOOM, TEST_NOTE };

/* Words of a craft that tests write to. */
enum test_word {
    TEST_X,
    TEST_Y,
    TEST_HEADING,
    TEST_HEALTH,
    TEST_MODE,
    TEST_WARP,
    TEST_TARGET,
    TEST_VX,
    TEST_VY,
    TEST_AMMO,
    TEST_SECRET
};

#define TEST_NUMBER(field_name, field_word, who)                                             \
    {                                                                                        \
        .name = (field_name), .kind = FIELD_NUMBER, .audience = (who), .word = (field_word), \
        .unit_numerator = 1, .unit_denominator = 1                                           \
    }

static const struct field test_craft_fields[] = {
    {.name = "x",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_X,
     .shift = 5,
     .bits = 15,
     .max = 32767,
     .unit_numerator = 1,
     .unit_denominator = 8},
    {.name = "y",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_Y,
     .shift = 5,
     .bits = 15,
     .max = 32767,
     .unit_numerator = 1,
     .unit_denominator = 8},
    {.name = "heading",
     .kind = FIELD_ANGLE,
     .audience = AUDIENCE_ALL,
     .word = TEST_HEADING,
     .shift = 8,
     .bits = 8,
     .wraps = true,
     .max = 255,
     .unit_numerator = 45,
     .unit_denominator = 32},
    {.name = "health",
     .kind = FIELD_UNSIGNED,
     .audience = AUDIENCE_ALL,
     .word = TEST_HEALTH,
     .bits = 7,
     .max = 100,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "mode",
     .kind = FIELD_ENUM,
     .audience = AUDIENCE_ALL,
     .word = TEST_MODE,
     .bits = 3,
     .max = 4,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "warp",
     .kind = FIELD_WARP,
     .audience = AUDIENCE_ALL,
     .word = TEST_WARP,
     .bits = 2,
     .wraps = true,
     .max = 3,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "target",
     .kind = FIELD_SEAT,
     .audience = AUDIENCE_ALL,
     .word = TEST_TARGET,
     .bits = 16,
     .max = 65535,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "vx",
     .kind = FIELD_NUMBER,
     .audience = AUDIENCE_OWNER,
     .word = TEST_VX,
     .unit_numerator = 1,
     .unit_denominator = 256},
    TEST_NUMBER("vy", TEST_VY, AUDIENCE_OWNER),
    TEST_NUMBER("ammo", TEST_AMMO, AUDIENCE_OWNER),
    TEST_NUMBER("secret", TEST_SECRET, AUDIENCE_NONE),
};

/* A torus: both coordinates wrap. */
static const struct field test_orb_fields[] = {
    {.name = "x",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_X,
     .shift = 4,
     .bits = 12,
     .wraps = true,
     .max = 3999,
     .unit_numerator = 1,
     .unit_denominator = 10},
    {.name = "y",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_Y,
     .shift = 4,
     .bits = 12,
     .wraps = true,
     .min = -2000,
     .max = 1999,
     .unit_numerator = 1,
     .unit_denominator = 10},
};

/* Moves now and then, by jumps. */
static const struct field test_crate_fields[] = {
    {.name = "x",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .word = TEST_X,
     .shift = 8,
     .bits = 12,
     .max = 4095,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "y",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .word = TEST_Y,
     .shift = 8,
     .bits = 12,
     .max = 4095,
     .unit_numerator = 1,
     .unit_denominator = 1},
    {.name = "content",
     .kind = FIELD_ENUM,
     .audience = AUDIENCE_ALL,
     .word = TEST_MODE,
     .bits = 1,
     .max = 1,
     .unit_numerator = 1,
     .unit_denominator = 1},
};

/* Neither moves nor turns. */
static const struct field test_match_fields[] = {
    {.name = "seconds",
     .kind = FIELD_UNSIGNED,
     .audience = AUDIENCE_ALL,
     .word = TEST_HEALTH,
     .bits = 24,
     .max = 0xffffff,
     .unit_numerator = 1,
     .unit_denominator = 20},
    {.name = "leader",
     .kind = FIELD_SEAT,
     .audience = AUDIENCE_ALL,
     .word = TEST_TARGET,
     .bits = 16,
     .max = 65535,
     .unit_numerator = 1,
     .unit_denominator = 1},
};

/* As many moving fields as there may be, one of them an angle that goes on turning; no others. */
static const struct field test_dial_fields[] = {
    {.name = "x",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_X,
     .bits = 24,
     .min = -8388608,
     .max = 8388607,
     .unit_numerator = 1,
     .unit_denominator = 1000},
    {.name = "y",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_Y,
     .bits = 1,
     .max = 1,
     .unit_numerator = 1,
     .unit_denominator = 3},
    {.name = "hand",
     .kind = FIELD_ANGLE,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_HEADING,
     .bits = 10,
     .wraps = true,
     .max = 1023,
     .unit_numerator = 45,
     .unit_denominator = 128},
    {.name = "level",
     .kind = FIELD_UNSIGNED,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_VELOCITY,
     .word = TEST_HEALTH,
     .bits = 10,
     .max = 1000,
     .unit_numerator = 1,
     .unit_denominator = 10},
};

/* Goes where it heads, round the edge of the world on one axis. */
static const struct field test_rover_fields[] = {
    {.name = "heading",
     .kind = FIELD_ANGLE,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_HEADING,
     .word = TEST_HEADING,
     .bits = 12,
     .wraps = true,
     .max = 4095,
     .unit_numerator = 45,
     .unit_denominator = 512},
    {.name = "x",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_HEADING,
     .word = TEST_X,
     .shift = 4,
     .bits = 16,
     .wraps = true,
     .max = 49999,
     .unit_numerator = 1,
     .unit_denominator = 10},
    {.name = "y",
     .kind = FIELD_POSITION,
     .audience = AUDIENCE_ALL,
     .extrapolate = EXTRAPOLATE_HEADING,
     .word = TEST_Y,
     .shift = 4,
     .bits = 16,
     .max = 65535,
     .unit_numerator = 1,
     .unit_denominator = 10},
    {.name = "warp",
     .kind = FIELD_WARP,
     .audience = AUDIENCE_ALL,
     .word = TEST_WARP,
     .bits = 2,
     .wraps = true,
     .max = 3,
     .unit_numerator = 1,
     .unit_denominator = 1},
};

#define TEST_COUNT(table) (sizeof(table) / sizeof(table)[0])
#define TEST_ENTITY_KIND(kind_name, kind_flags, kind_fields)                            \
    {                                                                                   \
        .name = (kind_name), .flags = (kind_flags), .x_word = TEST_X, .y_word = TEST_Y, \
        .field_count = TEST_COUNT(kind_fields), .fields = (kind_fields)                 \
    }

static const struct entity_kind test_kinds[TEST_KIND_COUNT] = {
    TEST_ENTITY_KIND("craft", KIND_BODY, test_craft_fields),
    TEST_ENTITY_KIND("orb", 0, test_orb_fields),
    TEST_ENTITY_KIND("crate", 0, test_crate_fields),
    TEST_ENTITY_KIND("match", KIND_EVERYWHERE, test_match_fields),
    TEST_ENTITY_KIND("dial", 0, test_dial_fields),
    TEST_ENTITY_KIND("rover", 0, test_rover_fields),
};

static const struct usercmd_field test_usercmd_fields[] = {
    {"buttons", USERCMD_BUTTONS, 4, 0, 15, 1, 1},
    {"aim", USERCMD_ANGLE, 10, 0, 1023, 45, 128},
    {"throttle", USERCMD_SIGNED, 8, -100, 100, 1, 100},
    {"weapon", USERCMD_UNSIGNED, 3, 0, 5, 1, 1},
};

static const struct event_kind test_events[] = {
    [TEST_KILL] = {"kill",
                   EVENT_RELIABLE,
                   3,
                   {{"killer", EVENT_SEAT}, {"victim", EVENT_SEAT}, {"score", EVENT_NUMBER}}},
    [TEST_BOOM] = {"boom", EVENT_DROPPABLE, 2, {{"x", EVENT_POSITION}, {"y", EVENT_POSITION}}},
    [TEST_NOTE] = {"note", EVENT_RELIABLE, 0, {{0}}},
};

static const char *const test_globals[] = {"match_ticks"};

static const struct field_table test_table = {
    .game = "probe",
    .step_version = 1,
    .kinds = test_kinds,
    .kind_count = TEST_KIND_COUNT,
    .global_names = test_globals,
    .global_count = TEST_COUNT(test_globals),
    .usercmd_fields = test_usercmd_fields,
    .usercmd_field_count = TEST_COUNT(test_usercmd_fields),
    .event_kinds = test_events,
    .event_kind_count = TEST_COUNT(test_events),
};

#endif
