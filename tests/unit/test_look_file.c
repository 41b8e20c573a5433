#include "client/sdl/look_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/game.h"
#include "shared/world.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define OWN_SEAT 3

static struct look *look;
static struct error error;

static void make_look(void)
{
    look = malloc(sizeof *look);
    ck_assert_ptr_nonnull(look);
}

static void free_look(void)
{
    free(look);
}

/* Quotes are written as ' for reading's sake. */
static enum result parse(const char *text)
{
    static char json[8192];
    ck_assert_uint_lt(strlen(text), sizeof json);
    strcpy(json, text);
    for (char *c = json; *c != '\0'; c++)
        if (*c == '\'') *c = '"';
    return look_parse(look, toy_game.table, json, strlen(json), &error);
}

static const char *name_of(const void *source, uint16_t seat)
{
    (void)source;
    return seat == 7 ? "Ada" : "";
}

static uint8_t colour_of(const void *source, uint16_t seat)
{
    (void)source;
    return seat == 8 ? 1 : seat == 9 ? 12 : 0;
}

static const struct look_facts facts = {
    .tick = 100, .own_seat = OWN_SEAT, .name = name_of, .colour = colour_of};

START_TEST(an_empty_look_is_the_default_one)
{
    ck_assert_int_eq(parse("{}"), RESULT_OK);
    ck_assert_uint_eq(look->order_count, 2);
    ck_assert_uint_eq(look->kinds[0].layer_count, 1);
    ck_assert(look->kinds[0].has_name && !look->kinds[1].has_name);
    ck_assert(look->tiles['#'].is_raised && !look->tiles['.'].is_raised);
    ck_assert_uint_gt(look->controls[TOY_PUSH].key_count, 7);
    ck_assert_uint_ge(look->palettes[LOOK_STANDARD].other_count, 1);
}
END_TEST

START_TEST(what_is_no_look_is_refused_and_leaves_the_default)
{
    static const char *const texts[] = {"", "[", "[]", "1", "{", "{'a':}", "nonsense"};

    ck_assert_int_eq(parse(texts[_i]), RESULT_INVALID);
    ck_assert_uint_eq(look->order_count, 2);
}
END_TEST

START_TEST(unknown_and_mistyped_things_are_ignored)
{
    ck_assert_int_eq(
        parse("{'nonsense': 1, 'palette': 7, 'floor': [], 'tiles': {'ab': {}, '': {}},"
              "'kinds': {'ghost': {}, 'craft': {'layers': [1, {}, {'shape': 'blob'},"
              "{'shape': 'polygon', 'points': [[1], 2, [3, 4]]},"
              "{'shape': 'circle', 'radius': 'x'}, {'shape': 'circle', 'radius': 5,"
              " 'fill': '#12', 'turn': {'field': 'nothing'}}]}},"
              "'events': {'burst': [{'effect': 'ring', 'at': ['nowhere', 'x']}]},"
              "'hud': {'bars': [{'field': 'nothing'}, {}]}, 'leaderboard': [],"
              "'clock': {'kind': 'craft', 'field': 'nothing'}, 'controls': {'push': 1}}"),
        RESULT_OK);
    ck_assert_uint_eq(look->order_count, 1);
    ck_assert_uint_eq(look->kinds[0].layer_count, 1);
    ck_assert_int_eq(look->kinds[0].layers[0].fill.source, LOOK_COLOUR_NONE);
    ck_assert_int_eq(look->kinds[0].layers[0].turn.kind, LOOK_TURN_NONE);
    ck_assert_uint_eq(look->events[TOY_BURST].effect_count, 0);
    ck_assert_uint_eq(look->bar_count, 0);
    ck_assert_uint_eq(look->leaderboard.kind, 0);
    ck_assert_uint_eq(look->clock.kind, 0);
}
END_TEST

START_TEST(more_than_fits_is_left_out)
{
    char text[8192] = "{'kinds': {'craft': {'layers': [";

    for (int i = 0; i < LOOK_LAYERS_MAX + 10; i++)
        strcat(text, "{'shape': 'circle', 'radius': 1},");
    strcat(text, "{}]}}, 'palette': {'others': [");
    for (int i = 0; i < LOOK_COLOURS_MAX + 10; i++)
        strcat(text, "'#010203',");
    strcat(text, "'']}}");
    ck_assert_int_eq(parse(text), RESULT_OK);
    ck_assert_uint_eq(look->kinds[0].layer_count, LOOK_LAYERS_MAX);
    ck_assert_uint_eq(look->palettes[LOOK_STANDARD].other_count, LOOK_COLOURS_MAX);
}
END_TEST

START_TEST(colours_come_from_text_owner_and_seat)
{
    struct look_subject mine = {.owner = OWN_SEAT}, nobodys = {.owner = SEAT_NONE};
    struct look_subject other = {.owner = 5};
    const int32_t words[EVENT_WORDS] = {OWN_SEAT};
    struct look_subject happened = {.words = words};

    ck_assert_int_eq(
        parse("{'palette': {'own': '#0102037f', 'others': ['#0a0b0c', '#0D0E0F'],"
              "'nobody': '#ffffff'}, 'kinds': {'craft': {'layers': ["
              "{'shape': 'glow', 'radius': 1, 'fill': 'owner', 'stroke': '#102030'}]}},"
              "'events': {'burst': [{'effect': 'glow', 'at': ['who', 'who'],"
              "'colour': 'who'}]}}"),
        RESULT_OK);
    const struct look_layer *layer = &look->kinds[0].layers[0];
    struct rgba own = look_colour(look, &layer->fill, &mine, &facts);
    ck_assert(own.r == 1 && own.g == 2 && own.b == 3 && own.a == 0x7f);
    ck_assert_uint_eq(look_colour(look, &layer->fill, &other, &facts).r, 0x0d);
    /* Of two, the first and the twelfth: as chosen, whatever the seat. */
    ck_assert_uint_eq(look_seat_colour(look, &facts, 8).r, 0x0a);
    ck_assert_uint_eq(look_seat_colour(look, &facts, 9).r, 0x0d);
    ck_assert_uint_eq(look_colour(look, &layer->fill, &nobodys, &facts).r, 0xff);
    ck_assert_uint_eq(look_colour(look, &layer->stroke, &other, &facts).g, 0x20);
    const struct look_effect *effect = &look->events[TOY_BURST].effects[0];
    ck_assert_uint_eq(look_colour(look, &effect->colour, &happened, &facts).b, 3);
}
END_TEST

START_TEST(conditions_hold_when_each_does)
{
    int32_t words[ENTITY_WORDS] = {[TOY_MODE] = 3, [TOY_SPEED_X] = 10};
    struct look_subject subject = {.words = words, .is_own = true};

    ck_assert_int_eq(parse("{'kinds': {'craft': {'if': [{'field': 'mode', 'mask': 2, 'is': 2},"
                           "{'field': 'speed_x', 'min': 5}, {'own': true}]},"
                           "'spark': {'if': [{'field': 'nothing', 'is': 0}]}}}"),
                     RESULT_OK);
    ck_assert(look_holds(&look->kinds[0].when, &subject));
    words[TOY_MODE] = 1;
    ck_assert(!look_holds(&look->kinds[0].when, &subject));
    words[TOY_MODE] = 2;
    words[TOY_SPEED_X] = 4;
    ck_assert(!look_holds(&look->kinds[0].when, &subject));
    words[TOY_SPEED_X] = 5;
    subject.is_own = false;
    ck_assert(!look_holds(&look->kinds[0].when, &subject));
    ck_assert(!look_holds(&look->kinds[1].when, &subject));
}
END_TEST

START_TEST(texts_are_filled_in)
{
    const int32_t bounced[EVENT_WORDS] = {1, 160}, burst[EVENT_WORDS] = {7},
                  other[EVENT_WORDS] = {9};
    struct look_subject subject = {.words = bounced};
    char line[LOOK_LINE_BYTES];

    ck_assert_int_eq(
        parse("{'feed': {'bounced': {'text': 'a {slot} at {x}, {x|seconds} s {none}!',"
              "'words': {'slot': ['zero', 'one']}}, 'burst': {'text': '{who} burst'}}}"),
        RESULT_OK);
    ck_assert(look_print(&look->events[TOY_BOUNCED].feed, &subject, &facts, line, sizeof line));
    ck_assert_str_eq(line, "a one at 160, 3 s !");
    subject.words = burst;
    ck_assert(look_print(&look->events[TOY_BURST].feed, &subject, &facts, line, sizeof line));
    ck_assert_str_eq(line, "Ada burst");
    subject.words = other;
    ck_assert(look_print(&look->events[TOY_BURST].feed, &subject, &facts, line, sizeof line));
    ck_assert_str_eq(line, "player 9 burst");
    ck_assert(look_print(&look->events[TOY_BURST].feed, &subject, &facts, line, 5));
    ck_assert_str_eq(line, "play");
    ck_assert(!look_print(&look->events[TOY_BURST].announce, &subject, &facts, line, sizeof line));
}
END_TEST

START_TEST(turns_know_the_field_s_full_turn)
{
    ck_assert_int_eq(parse("{'kinds': {'craft': {'layers': ["
                           "{'shape': 'circle', 'radius': 1, 'turn': {'field': 'heading'}},"
                           "{'shape': 'circle', 'radius': 1, 'turn': {'field': 'mode', 'steps': 8,"
                           " 'offset': -1}},"
                           "{'shape': 'circle', 'radius': 1, 'turn': {'field': 'mode',"
                           " 'degrees': [0, 90]}},"
                           "{'shape': 'circle', 'radius': 1, 'turn': {'field': 'mode', 'steps': 0}}"
                           "]}}}"),
                     RESULT_OK);
    const struct look_layer *layers = look->kinds[0].layers;
    ck_assert_int_eq(layers[0].turn.kind, LOOK_TURN_ANGLE);
    ck_assert_float_eq(layers[0].turn.span, 256);
    ck_assert_int_eq(layers[1].turn.kind, LOOK_TURN_STEPS);
    ck_assert_float_eq(layers[1].turn.offset, -1);
    ck_assert_int_eq(layers[2].turn.kind, LOOK_TURN_DEGREES);
    ck_assert_uint_eq(layers[2].turn.degree_count, 2);
    ck_assert_int_eq(layers[3].turn.kind, LOOK_TURN_NONE);
}
END_TEST

/* The looks that are shipped name only what their games have: nothing of them is left out. */
START_TEST(every_game_s_look_is_read_whole)
{
    const struct game *game = games_get((size_t)_i);

    ck_assert_msg(look_load(look, game->table, "assets", &error) == RESULT_OK, "%s", error.message);
    ck_assert_uint_gt(look->order_count, 0);
    ck_assert_uint_gt(strlen(look->help), 10);
    ck_assert_uint_ne(look->leaderboard.kind, 0);
    ck_assert_uint_gt(look->leaderboard.column_count, 0);
    ck_assert_uint_gt(look->value_count, 0);
    ck_assert_uint_gt(look->controls[0].key_count, 7);
    for (uint8_t i = 0; i < look->order_count; i++) {
        const struct look_kind *kind = &look->kinds[look->order[i] - 1];
        ck_assert_uint_gt(kind->layer_count, 0);
        for (uint8_t j = 0; j < kind->layer_count; j++) {
            const struct look_layer *layer = &kind->layers[j];
            ck_assert(layer->fill.source != LOOK_COLOUR_NONE ||
                      layer->stroke.source != LOOK_COLOUR_NONE);
            if (layer->shape == LOOK_POLYGON)
                ck_assert_int_eq(layer->index_count, 3 * (layer->point_count - 2));
            for (uint8_t c = 0; c < layer->when.count; c++)
                ck_assert_int_ne(layer->when.conditions[c].kind, LOOK_IF_NEVER);
        }
    }
}
END_TEST

START_TEST(a_missing_file_gives_the_default_and_says_so)
{
    ck_assert_int_eq(look_load(look, toy_game.table, "assets", &error), RESULT_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "games/toy/look.json"));
    ck_assert_uint_eq(look->order_count, 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("look_file");

    tcase_add_checked_fixture(tests, make_look, free_look);
    tcase_add_test(tests, an_empty_look_is_the_default_one);
    tcase_add_loop_test(tests, what_is_no_look_is_refused_and_leaves_the_default, 0, 7);
    tcase_add_test(tests, unknown_and_mistyped_things_are_ignored);
    tcase_add_test(tests, more_than_fits_is_left_out);
    tcase_add_test(tests, colours_come_from_text_owner_and_seat);
    tcase_add_test(tests, conditions_hold_when_each_does);
    tcase_add_test(tests, texts_are_filled_in);
    tcase_add_test(tests, turns_know_the_field_s_full_turn);
    tcase_add_loop_test(tests, every_game_s_look_is_read_whole, 0, (int)games_count());
    tcase_add_test(tests, a_missing_file_gives_the_default_and_says_so);
    return suite_run("look_file", tests);
}
