#include "client/sdl/room_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define LONGEST_NAME "abcdefghijklmnopqrstuvwxyzABCDE_"

static struct room_list list;

static enum result parse(const char *text)
{
    /* Where a read beyond its end is seen. */
    size_t length_bytes = strlen(text);
    char *exact = malloc(length_bytes + 1);
    memcpy(exact, text, length_bytes + 1);
    memset(&list, 0xaa, sizeof list);
    enum result r = room_list_parse(&list, exact, length_bytes);
    free(exact);
    return r;
}

START_TEST(rooms_come_in_the_server_s_order)
{
    ck_assert_int_eq(
        parse("[{\"name\":\"arena\",\"game\":\"tag\",\"players\":3,\"players_max\":16},"
              "{\"players_max\":2,\"players\":2,\"name\":\"" LONGEST_NAME
              "\",\"game\":\"sn\\u00e4ke\",\"more\":[{}]}]"),
        RESULT_OK);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq(list.entries[0].name, "arena");
    ck_assert_str_eq(list.entries[0].game, "tag");
    ck_assert_uint_eq(list.entries[0].players, 3);
    ck_assert_uint_eq(list.entries[0].players_max, 16);
    ck_assert(!room_entry_is_full(&list.entries[0]));
    ck_assert_str_eq(list.entries[1].name, LONGEST_NAME);
    ck_assert_str_eq(list.entries[1].game, "snäke");
    ck_assert(room_entry_is_full(&list.entries[1]));
}
END_TEST

static const char *const no_rooms[] = {
    "1",
    "null",
    "[]",
    "{}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":0}",
    "{\"name\":\"\",\"game\":\"g\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a b\",\"game\":\"g\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a&spectate=1\",\"game\":\"g\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a\\r\\n\",\"game\":\"g\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"" LONGEST_NAME "x\",\"game\":\"g\",\"players\":0,\"players_max\":1}",
    "{\"name\":7,\"game\":\"g\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"\\u001b[2J\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"\\u202egat\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"\xff\xfe\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"" LONGEST_NAME "x\",\"players\":0,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":-1,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":\"1\",\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":1e99,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":65536,\"players_max\":1}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":0,\"players_max\":0}",
    "{\"name\":\"a\",\"game\":\"g\",\"players\":0,\"players_max\":1e999}",
};

START_TEST(what_is_no_room_is_left_out)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "[%s,{\"name\":\"good\",\"game\":\"g\",\"players\":0,\"players_max\":1},%s]",
                   no_rooms[_i], no_rooms[_i]);
    ck_assert_int_eq(parse(text), RESULT_OK);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_str_eq(list.entries[0].name, "good");
}
END_TEST

static const char *const no_lists[] = {"",       "[",   "{}",      "null",      "\"[]\"",
                                       "<html>", "[{]", "[\"\\x]", "\xff[\xff", "[1,"};

START_TEST(what_is_no_list_is_invalid)
{
    ck_assert_int_eq(parse(no_lists[_i]), RESULT_INVALID);
    ck_assert_uint_eq(list.count, 0);
}
END_TEST

START_TEST(no_prefix_of_a_list_is_one)
{
    const char whole[] = "[{\"name\":\"a\",\"game\":\"g\",\"players\":1,\"players_max\":2}]";
    char part[sizeof whole] = "";

    for (size_t length = 0; length < sizeof whole - 1; length++) {
        ck_assert_int_eq(parse(part), RESULT_INVALID);
        part[length] = whole[length];
    }
    ck_assert_int_eq(parse(whole), RESULT_OK);
}
END_TEST

START_TEST(depth_is_no_danger)
{
    static char deep[60001];

    memset(deep, '[', sizeof deep - 1);
    ck_assert_int_eq(parse(deep), RESULT_INVALID);
}
END_TEST

START_TEST(more_rooms_than_fit_are_left_out)
{
    static char text[65536];
    size_t used = 1;

    text[0] = '[';
    for (int i = 0; i < ROOM_LIST_MAX + 10; i++)
        used += (size_t)snprintf(
            text + used, sizeof text - used,
            "{\"name\":\"r%d\",\"game\":\"g\",\"players\":0,\"players_max\":1},", i);
    text[used - 1] = ']';
    ck_assert_int_eq(parse(text), RESULT_OK);
    ck_assert_uint_eq(list.count, ROOM_LIST_MAX);
    ck_assert_str_eq(list.entries[ROOM_LIST_MAX - 1].name, "r255");
}
END_TEST

static const struct {
    long status;
    const char *text, *notice;
} answers[] = {
    {200, "[]", "There is no room."},
    {200, "[1]", "There is no room."},
    {403, "[]", "This server does not tell its rooms: type the name of yours."},
    {404, "", "The server answered 404. Asking again…"},
    {302, "[]", "The server answered 302. Asking again…"},
    {200, "<html>", "What h:1 answered is no list of rooms. Asking again…"},
    {200, "[{\"name\":\"a\",\"game\":\"g\",\"players\":0,\"players_max\":1}]", ""},
};

START_TEST(without_a_room_there_is_a_sentence)
{
    room_list_ask(&list, "h:1");
    ck_assert_str_eq(list.notice, "Asking h:1 for its rooms…");
    room_list_take(&list, "h:1", answers[_i].status, answers[_i].text, strlen(answers[_i].text));
    ck_assert_str_eq(list.notice, answers[_i].notice);
    ck_assert_uint_eq(list.count, answers[_i].notice[0] == '\0');
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

int main(void)
{
    TCase *tests = tcase_create("room_list");

    tcase_add_test(tests, rooms_come_in_the_server_s_order);
    tcase_add_loop_test(tests, what_is_no_room_is_left_out, 0, COUNT(no_rooms));
    tcase_add_loop_test(tests, what_is_no_list_is_invalid, 0, COUNT(no_lists));
    tcase_add_test(tests, no_prefix_of_a_list_is_one);
    tcase_add_test(tests, depth_is_no_danger);
    tcase_add_test(tests, more_rooms_than_fit_are_left_out);
    tcase_add_loop_test(tests, without_a_room_there_is_a_sentence, 0, COUNT(answers));
    return suite_run("room_list", tests);
}
