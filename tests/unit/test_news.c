#include "client/view/news.h"

#include <string.h>

#include "tests/unit/suite.h"

#define SEATS 4

static struct news news;
static struct news_name names[SEATS];
static struct seen seen;
static struct view_line line;

static void setup(void)
{
    memset(names, 'x', sizeof names);
    memset(&seen, 0, sizeof seen);
    news_init(&news, names, SEATS);
}

static void receive_name(uint16_t seat, const char *text)
{
    seen.name_count = 1;
    seen.names[0] = (struct snapshot_name){
        .seat = seat, .length_bytes = (uint8_t)strlen(text), .colour = (uint8_t)strlen(text)};
    memcpy(seen.names[0].text, text, strlen(text));
    news_receive(&news, &seen, 1);
    seen.name_count = 0;
}

static void receive_event(uint32_t tick, uint8_t age_ticks, uint8_t kind)
{
    seen.line_count = 1;
    seen.lines[0] = (struct snapshot_line){.age_ticks = age_ticks, .event = {.kind = kind}};
    news_receive(&news, &seen, tick);
    seen.line_count = 0;
}

START_TEST(unknown_seats_have_no_name)
{
    ck_assert_str_eq(news_name(&news, 0), "");
    ck_assert_str_eq(news_name(&news, SEATS), "");
    ck_assert_str_eq(news_name(&news, UINT16_MAX), "");
    ck_assert_uint_eq(news_colour(&news, 0), 0);
    ck_assert_uint_eq(news_colour(&news, SEATS), 0);
}
END_TEST

START_TEST(names_come_change_and_go)
{
    receive_name(2, "Ada Lovelace");
    ck_assert_str_eq(news_name(&news, 2), "Ada Lovelace");
    receive_name(2, "Bob");
    ck_assert_str_eq(news_name(&news, 2), "Bob");
    ck_assert_uint_eq(news_colour(&news, 2), 3);
    receive_name(2, "");
    ck_assert_str_eq(news_name(&news, 2), "");
    ck_assert_uint_eq(news_colour(&news, 2), 0);
}
END_TEST

START_TEST(the_longest_name_fits)
{
    receive_name(3, "abcdefghijklmnopqrstuvwx");
    ck_assert_uint_eq(strlen(news_name(&news, 3)), NAME_BYTES_MAX);
}
END_TEST

START_TEST(a_name_beyond_the_table_is_let_go)
{
    receive_name(SEATS, "Eve");
    ck_assert_str_eq(news_name(&news, SEATS), "");
}
END_TEST

START_TEST(a_line_waits_for_its_tick)
{
    receive_event(100, 3, 7);
    ck_assert(!news_pop(&news, 96, &line));
    ck_assert(news_pop(&news, 97, &line));
    ck_assert_uint_eq(line.tick, 97);
    ck_assert_uint_eq(line.line.event.kind, 7);
    ck_assert(!news_pop(&news, 97, &line));
}
END_TEST

START_TEST(lines_come_in_order)
{
    for (uint8_t i = 0; i < 10; i++)
        receive_event(100u + i, 0, i);
    for (uint8_t i = 0; i < 10; i++) {
        ck_assert(news_pop(&news, 200, &line));
        ck_assert_uint_eq(line.line.event.kind, i);
    }
}
END_TEST

START_TEST(a_full_list_forgets_the_oldest)
{
    for (uint32_t i = 0; i < NEWS_LINES_MAX + 5; i++)
        receive_event(i, 0, 0);
    ck_assert(news_pop(&news, 1000, &line));
    ck_assert_uint_eq(line.tick, 5);
}
END_TEST

START_TEST(ticks_may_wrap)
{
    receive_event(1, 3, 0);
    ck_assert(!news_pop(&news, UINT32_MAX - 2, &line));
    ck_assert(news_pop(&news, 0, &line));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("news");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, unknown_seats_have_no_name);
    tcase_add_test(tests, names_come_change_and_go);
    tcase_add_test(tests, the_longest_name_fits);
    tcase_add_test(tests, a_name_beyond_the_table_is_let_go);
    tcase_add_test(tests, a_line_waits_for_its_tick);
    tcase_add_test(tests, lines_come_in_order);
    tcase_add_test(tests, a_full_list_forgets_the_oldest);
    tcase_add_test(tests, ticks_may_wrap);
    return suite_run("news", tests);
}
