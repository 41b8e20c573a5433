#include "client/sdl/hearing.h"

#include <stdlib.h>
#include <string.h>

#include "client/sdl/captions.h"
#include "client/sdl/look_file.h"
#include "client/sdl/look_sounds.h"
#include "tests/unit/suite.h"

enum { MINE = 3, HALF = 400, UNIT = 16 };
enum { SHOT = 1, CRAFT = 2 }; /* kinds */
enum { BLAST = 0, GONG = 1 }; /* events */

static const struct field_table table = {
    .game = "test",
    .kind_count = 2,
    .kinds = (const struct entity_kind[]){{.name = "shot", .x_word = 0, .y_word = 1},
                                          {.name = "craft",
                                           .x_word = 0,
                                           .y_word = 1,
                                           .field_count = 1,
                                           .fields = (const struct field[]){{.name = "thrust",
                                                                             .word = 2}}}},
    .event_kind_count = 2,
    .event_kinds = (const struct event_kind[]){
        {"blast", EVENT_DROPPABLE, 2, {{"x", EVENT_POSITION}, {"y", EVENT_POSITION}}},
        {"gong", EVENT_RELIABLE, 1, {{"by", EVENT_SEAT}}}}};

static const char json[] =
    "{\"kinds\": {\"shot\": {\"sounds\": {\"appear\": {\"name\": \"shot\", \"volume\": 0.5}}},"
    "\"craft\": {\"sounds\": {\"loop\": {\"name\": \"engine\","
    "\"if\": [{\"field\": \"thrust\", \"min\": 1}]}}}},"
    "\"events\": {\"blast\": [{\"effect\": \"sound\", \"name\": \"boom\", \"at\": [\"x\", \"y\"]},"
    "{\"effect\": \"sound\", \"name\": \"../boom\"},"
    "{\"effect\": \"sound\", \"name\": \"boom\", \"at\": [\"nowhere\", \"y\"]}],"
    "\"gong\": [{\"effect\": \"sound\", \"name\": \"gong\", \"for\": \"by\"}]},"
    "\"captions\": {\"boom\": \"explosion\", \"shot\": \"shots\"},"
    "\"sounds\": {\"join\": {\"name\": \"hello\", \"volume\": 7}}}";

static struct look *look;
static struct hearing hearing;
static struct drawn drawn[8];
static struct scene scene;
static struct heard heard[HEARD_MAX];
static const struct point ear = {1000, 1000};

static void set_up(void)
{
    struct error error;
    look = calloc(1, sizeof *look);
    ck_assert_int_eq(look_parse(look, &table, json, strlen(json), &error), RESULT_OK);
    hearing_clear(&hearing);
    scene = (struct scene){.table = &table,
                           .look = look,
                           .unit = UNIT,
                           .half_x = HALF,
                           .half_y = HALF,
                           .drawn = drawn,
                           .own_index = -1,
                           .facts.own_seat = MINE,
                           .now_s = 10};
}

static void tear_down(void)
{
    free(look);
}

/* Puts an entity `dx` units to the right of the ear. */
static struct drawn *put(uint8_t kind, uint16_t slot, int dx)
{
    struct drawn *d = &drawn[scene.count++];
    *d = (struct drawn){
        .slot = slot, .kind = kind, .owner = 5, .words = {(1000 + dx) * UNIT, 1000 * UNIT}};
    return d;
}

static size_t appear(void)
{
    return hearing_appeared(&hearing, &scene, ear, heard);
}

START_TEST(what_was_there_at_first_is_silent_and_what_comes_is_heard_once)
{
    put(SHOT, 1, 0);
    ck_assert_uint_eq(appear(), 0);
    put(SHOT, 7, 0);
    ck_assert_uint_eq(appear(), 1);
    ck_assert_str_eq(heard[0].sound->name, "shot");
    ck_assert_float_eq_tol(heard[0].volume, 0.5f, 0.001f);
    ck_assert_uint_eq(appear(), 0);
    drawn[1].generation = 1;
    ck_assert_uint_eq(appear(), 1);
}
END_TEST

START_TEST(the_side_and_the_distance_are_heard)
{
    (void)appear();
    put(SHOT, 1, -HALF);
    put(SHOT, 2, HALF / 2);
    put(SHOT, 3, 2 * HALF + 1);
    ck_assert_uint_eq(appear(), 2);
    ck_assert_float_eq_tol(heard[0].pan, -1, 0.001f);
    ck_assert_float_eq_tol(heard[1].pan, 0.5f, 0.001f);
    ck_assert_float_gt(heard[1].volume, heard[0].volume);
    ck_assert_float_gt(heard[0].volume, 0);
}
END_TEST

START_TEST(an_own_shot_drawn_ahead_sounds_once)
{
    (void)appear();
    put(SHOT, 16380, 0)->flags = DRAWN_MINE | DRAWN_PREDICTED;
    ck_assert_uint_eq(appear(), 1);
    scene.count = 0;
    scene.now_s += 0.2;
    put(SHOT, 4, 0)->flags = DRAWN_MINE;
    ck_assert_uint_eq(appear(), 0);
    put(SHOT, 5, 0);
    ck_assert_uint_eq(appear(), 1);
    scene.now_s += 10;
    put(SHOT, 6, 0)->flags = DRAWN_MINE;
    ck_assert_uint_eq(appear(), 1);
}
END_TEST

START_TEST(a_loop_goes_on_while_its_condition_holds_as_loud_as_the_loudest)
{
    put(CRAFT, 1, 100);
    ck_assert_uint_eq(hearing_loops(&scene, ear, heard), 0);
    drawn[0].words[2] = 1;
    put(CRAFT, 2, -50)->words[2] = 1;
    ck_assert_uint_eq(hearing_loops(&scene, ear, heard), 1);
    ck_assert_str_eq(heard[0].sound->name, "engine");
    ck_assert_float_lt(heard[0].pan, 0);
}
END_TEST

START_TEST(an_event_is_heard_where_it_happens)
{
    struct event event = {.kind = BLAST, .words = {(1000 + HALF) * UNIT, 1000 * UNIT}};

    ck_assert_uint_eq(hearing_event(&scene, ear, &event, heard), 1);
    ck_assert_str_eq(heard[0].sound->name, "boom");
    ck_assert_float_eq_tol(heard[0].pan, 1, 0.001f);
    event.words[0] = (1000 + 3 * HALF) * UNIT;
    ck_assert_uint_eq(hearing_event(&scene, ear, &event, heard), 0);
}
END_TEST

START_TEST(what_is_for_one_player_others_do_not_hear)
{
    struct event event = {.kind = GONG, .words = {MINE}};

    ck_assert_uint_eq(hearing_event(&scene, ear, &event, heard), 1);
    event.words[0] = MINE + 1;
    ck_assert_uint_eq(hearing_event(&scene, ear, &event, heard), 0);
    scene.facts.own_seat = SEAT_NONE;
    event.words[0] = SEAT_NONE;
    ck_assert_uint_eq(hearing_event(&scene, ear, &event, heard), 0);
}
END_TEST

START_TEST(a_name_that_leads_elsewhere_is_no_sound)
{
    ck_assert_uint_eq(look->events[BLAST].sound_count, 1);
    ck_assert_uint_eq(look->events[BLAST].effect_count, 0);
    ck_assert_float_eq(look->join.volume, 1);
}
END_TEST

START_TEST(captions_say_what_and_from_where)
{
    struct captions captions = {0};
    char line[64];

    captions_note(&captions, look_sounds_caption(look, "boom"), -1, 5);
    captions_note(&captions, look_sounds_caption(look, "gong"), 0, 5); /* has no words */
    ck_assert(captions_print(&captions, 0, 5.5, line, sizeof line));
    ck_assert_str_eq(line, "◀ explosion");
    ck_assert(!captions_print(&captions, 1, 5.5, line, sizeof line));
    captions_note(&captions, look_sounds_caption(look, "boom"), 0.1f, 6);
    ck_assert(captions_print(&captions, 0, 6 + CAPTIONS_SECONDS / 2, line, sizeof line));
    ck_assert_str_eq(line, "explosion");
    ck_assert(!captions_print(&captions, 0, 6.1 + CAPTIONS_SECONDS, line, sizeof line));
    ck_assert(!captions_print(&captions, 0, 2, line, sizeof line));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("hearing");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_was_there_at_first_is_silent_and_what_comes_is_heard_once);
    tcase_add_test(tests, the_side_and_the_distance_are_heard);
    tcase_add_test(tests, an_own_shot_drawn_ahead_sounds_once);
    tcase_add_test(tests, a_loop_goes_on_while_its_condition_holds_as_loud_as_the_loudest);
    tcase_add_test(tests, an_event_is_heard_where_it_happens);
    tcase_add_test(tests, what_is_for_one_player_others_do_not_hear);
    tcase_add_test(tests, a_name_that_leads_elsewhere_is_no_sound);
    tcase_add_test(tests, captions_say_what_and_from_where);
    return suite_run("hearing", tests);
}
