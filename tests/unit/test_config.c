#include "server/config.h"

#include <string.h>

#include "server/config_file.h"
#include "server/config_keys.h"
#include "tests/unit/suite.h"

static struct config config;
static struct error error;

static enum result parse_json(const char *json)
{
    config_set_defaults(&config);
    return config_file_parse(&config, "f.json", json, strlen(json), &error);
}

START_TEST(every_key_has_a_name_of_its_own_and_a_help)
{
    for (size_t i = 0; i < config_key_count; i++) {
        ck_assert_ptr_eq(config_key_find(config_keys[i].name), &config_keys[i]);
        ck_assert_uint_gt(strlen(config_keys[i].help), 0);
    }
}
END_TEST

START_TEST(defaults_lie_in_their_ranges)
{
    config_set_defaults(&config);
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        if (key->kind != CONFIG_KIND_NUMBER) continue;
        ck_assert_uint_ge(config_key_number(&config, key), key->min);
        ck_assert_uint_le(config_key_number(&config, key), key->max);
    }
}
END_TEST

START_TEST(addresses_are_read)
{
    struct config_listen listen;

    ck_assert_int_eq(config_parse_listen(&listen, "localhost:8080"), RESULT_OK);
    ck_assert_str_eq(listen.host, "localhost");
    ck_assert_uint_eq(listen.port, 8080);
    ck_assert_int_eq(config_parse_listen(&listen, "[::1]:0"), RESULT_OK);
    ck_assert_str_eq(listen.host, "::1");
    ck_assert_int_eq(config_parse_listen(&listen, ":80"), RESULT_OK);
    ck_assert_str_eq(listen.host, "");

    const char *const bad[] = {
        "", "localhost", "::1:80", "a:", "a:65536", "a:-1", "[]:1", "[::1:2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(config_parse_listen(&listen, bad[i]), RESULT_INVALID);
}
END_TEST

START_TEST(rooms_are_read)
{
    struct config_room room;
    const char *expected;

    ck_assert_int_eq(config_parse_room(&room, "main", &expected), RESULT_OK);
    ck_assert_str_eq(room.name, "main");
    ck_assert_str_eq(room.game, "");
    ck_assert_int_eq(room.bots, -1);
    ck_assert_int_eq(
        config_parse_room(&room, "big,game=g,map=a/b.json,bots=20,players=9,match_s=60", &expected),
        RESULT_OK);
    ck_assert_str_eq(room.game, "g");
    ck_assert_str_eq(room.map, "a/b.json");
    ck_assert_int_eq(room.bots, 20);
    ck_assert_int_eq(room.players, 9);
    ck_assert_int_eq(room.match_s, 60);

    const char *const bad[] = {"",      "a b",       ",bots=1",     "a,",          "a,bots",
                               "a,x=1", "a,bots=-1", "a,match_s=0", "a,game=../g", "a,map="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(config_parse_room(&room, bad[i], &expected), RESULT_INVALID);
}
END_TEST

START_TEST(json_sets_the_same_keys)
{
    ck_assert_int_eq(parse_json("{\"listen\":[\"a:1\",\"b:2\"],\"echo\":true,\"drain_ms\":7,"
                                "\"record\":\"none\",\"log_level\":\"debug\",\"room\":\"x\"}\n"),
                     RESULT_OK);
    ck_assert_uint_eq(config.listen_count, 2);
    ck_assert_str_eq(config.listen[1].host, "b");
    ck_assert(config.echo);
    ck_assert_uint_eq(config.drain_ms, 7);
    ck_assert_str_eq(config.record, "");
    ck_assert_int_eq(config.log_level, LOG_DEBUG);
    ck_assert_uint_eq(config.room_count, 1);
}
END_TEST

START_TEST(a_mistake_names_file_key_and_expectation)
{
    ck_assert_int_eq(parse_json("{\"drain_ms\": \"7\"}"), RESULT_INVALID);
    ck_assert_str_eq(error.message,
                     "f.json: key \"drain_ms\": expected a whole number from 0 to 600000");
    ck_assert_int_eq(parse_json("{\"\\u001b[31m\": 1}"), RESULT_INVALID);
    ck_assert_ptr_null(strchr(error.message, '\x1b'));
    ck_assert_int_eq(parse_json("{\n\n,}"), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "line 3"));
}
END_TEST

START_TEST(lists_are_matched_whole)
{
    const char *list = "https://a.example,B.example";

    ck_assert(config_list_has(list, "https://a.example", 17));
    ck_assert(config_list_has(list, "b.EXAMPLE", 9));
    ck_assert(!config_list_has(list, "a.example", 9));
    ck_assert(!config_list_has(list, "B.example,", 10));
    ck_assert(!config_list_has(list, "", 0));
    ck_assert(!config_list_has("", "", 0));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("config");

    tcase_add_test(tests, every_key_has_a_name_of_its_own_and_a_help);
    tcase_add_test(tests, defaults_lie_in_their_ranges);
    tcase_add_test(tests, addresses_are_read);
    tcase_add_test(tests, rooms_are_read);
    tcase_add_test(tests, json_sets_the_same_keys);
    tcase_add_test(tests, a_mistake_names_file_key_and_expectation);
    tcase_add_test(tests, lists_are_matched_whole);
    return suite_run("config", tests);
}
