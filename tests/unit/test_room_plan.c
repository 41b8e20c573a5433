#include "server/room/room_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shared/game.h"
#include "tests/unit/suite.h"

static char root[64];
static struct config *config;
static struct room_plan plan;
static struct error error;

static void write_map(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* A web root that holds the first game's map and one named "tiny". */
static void setup(void)
{
    char path[256];
    strcpy(root, "/tmp/tickwire-plan-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/assets", root);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/assets/maps", root);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/assets/maps/%s.json", root, games_get(0)->map);
    write_map(path, "{\"rows\": [\"####\", \"####\"]}");
    snprintf(path, sizeof path, "%s/assets/maps/tiny.json", root);
    write_map(path, "{\"rows\": [\"#\"]}");

    config = calloc(1, sizeof *config);
    config_set_defaults(config);
    snprintf(config->web_root, sizeof config->web_root, "%s", root);
    config->room_count = 0;
}

static void teardown(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", root);
    ck_assert_int_eq(system(command), 0);
    free(config);
}

static struct config_room *add_room(const char *name)
{
    struct config_room *room = &config->room[config->room_count++];
    *room = (struct config_room){.bots = -1, .players = -1, .match_s = -1};
    snprintf(room->name, sizeof room->name, "%s", name);
    return room;
}

START_TEST(without_rooms_there_is_one)
{
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_OK);
    ck_assert_uint_eq(plan.count, 1);
    const struct room_settings *s = &plan.settings[0];
    ck_assert_str_eq(s->name, ROOM_DEFAULT_NAME);
    ck_assert_ptr_eq(s->game, games_get(0));
    ck_assert_str_eq(s->map_name, games_get(0)->map);
    ck_assert_uint_eq(s->map->width, 4);
    ck_assert_uint_eq(s->bots, ROOM_DEFAULT_BOTS);
    ck_assert_uint_eq(s->match_ticks, games_get(0)->match_ticks);
    ck_assert_uint_eq(s->seat_keep_ticks, config->seat_keep_s * TICK_HZ);
    room_plan_deinit(&plan);
}
END_TEST

START_TEST(a_room_has_what_its_line_says)
{
    struct config_room *room = add_room("one");
    snprintf(room->map, sizeof room->map, "tiny");
    snprintf(room->game, sizeof room->game, "%s", games_get(games_count() - 1)->name);
    room->bots = 3;
    room->match_s = 60;
    room = add_room("two");
    snprintf(room->map, sizeof room->map, "%s/assets/maps/tiny.json", root);
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_OK);
    ck_assert_uint_eq(plan.count, 2);
    ck_assert_ptr_eq(plan.settings[0].game, games_get(games_count() - 1));
    ck_assert_uint_eq(plan.settings[0].map->width, 1);
    ck_assert_uint_eq(plan.settings[0].bots, 3);
    ck_assert_uint_eq(plan.settings[0].match_ticks, 1200);
    ck_assert_str_eq(plan.settings[1].map_name, "tiny");
    ck_assert_uint_ne(plan.settings[0].seed, plan.settings[1].seed);
    room_plan_deinit(&plan);
}
END_TEST

START_TEST(an_unknown_game_is_named_with_those_there_are)
{
    struct config_room *room = add_room("demo");
    snprintf(room->game, sizeof room->game, "chess");
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_INVALID);
    const char *begin = "room demo: there is no game \"chess\", expected one of: ";
    ck_assert_int_eq(strncmp(error.message, begin, strlen(begin)), 0);
    ck_assert_ptr_nonnull(strstr(error.message, games_get(0)->name));
}
END_TEST

START_TEST(a_missing_map_is_named_with_its_room)
{
    struct config_room *room = add_room("demo");
    char expected[256];
    snprintf(room->map, sizeof room->map, "nowhere");
    add_room("other");
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_IO);
    snprintf(expected, sizeof expected,
             "room demo: map %s/assets/maps/nowhere.json: No such file or directory", root);
    ck_assert_str_eq(error.message, expected);
    ck_assert_uint_eq(plan.count, 0);
}
END_TEST

START_TEST(without_the_page_a_map_must_be_a_file)
{
    struct config_room *room = add_room("demo");
    snprintf(room->map, sizeof room->map, "%s/assets/maps/tiny.json", root);
    config->web_root[0] = '\0';
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_OK);
    room_plan_deinit(&plan);

    snprintf(room->map, sizeof room->map, "tiny");
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_IO);
    ck_assert_str_eq(error.message,
                     "room demo: map tiny comes with the page, which is not there: build it by "
                     "'make web', or say --web-root DIR");
}
END_TEST

START_TEST(the_config_may_allow_fewer_players_than_the_game)
{
    config->room_players_max = 2;
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_OK);
    ck_assert_uint_eq(plan.settings[0].seat_capacity, 2);
    room_plan_deinit(&plan);
    config->room_players_max = 60000;
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_OK);
    ck_assert_uint_eq(plan.settings[0].seat_capacity, games_get(0)->seat_capacity);
    room_plan_deinit(&plan);
}
END_TEST

START_TEST(a_template_is_planned_like_a_room)
{
    config->has_room_template = true;
    config->room_template = (struct config_room){.bots = 3, .players = 8, .match_s = 30};
    strcpy(config->room_template.map, "tiny");
    config->rooms_max = 50;
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_OK);
    ck_assert_uint_eq(plan.count, 1);
    ck_assert_uint_eq(plan.capacity, 50);
    ck_assert(plan.has_template);
    ck_assert_str_eq(plan.template.map_name, "tiny");
    ck_assert_uint_eq(plan.template.seat_capacity, 8);
    ck_assert_uint_eq(plan.template.bots, 3);
    ck_assert_uint_lt(plan.template.slot_capacity, plan.settings[0].slot_capacity);
    room_plan_deinit(&plan);
}
END_TEST

START_TEST(a_template_without_its_map_is_an_error)
{
    config->has_room_template = true;
    config->room_template = (struct config_room){.bots = -1, .players = -1, .match_s = -1};
    strcpy(config->room_template.map, "nowhere");
    ck_assert_int_eq(room_plan_init(&plan, config, 1, &error), RESULT_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "room_template: map "));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("room_plan");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, without_rooms_there_is_one);
    tcase_add_test(tests, a_room_has_what_its_line_says);
    tcase_add_test(tests, an_unknown_game_is_named_with_those_there_are);
    tcase_add_test(tests, a_missing_map_is_named_with_its_room);
    tcase_add_test(tests, without_the_page_a_map_must_be_a_file);
    tcase_add_test(tests, the_config_may_allow_fewer_players_than_the_game);
    tcase_add_test(tests, a_template_is_planned_like_a_room);
    tcase_add_test(tests, a_template_without_its_map_is_an_error);
    return suite_run("room_plan", tests);
}
