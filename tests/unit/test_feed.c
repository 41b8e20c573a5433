#include "client/sdl/feed.h"

#include <stdio.h>

#include "tests/unit/suite.h"

static struct feed feed;

static void put(int number, double at_s)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%d", number);
    feed_tell(&feed, text, at_s);
}

START_TEST(the_newest_line_comes_first)
{
    ck_assert_ptr_null(feed_line_at(&feed, 0));
    put(1, 0);
    put(2, 1);
    ck_assert_str_eq(feed_line_at(&feed, 0)->text, "2");
    ck_assert_str_eq(feed_line_at(&feed, 1)->text, "1");
    ck_assert_ptr_null(feed_line_at(&feed, 2));
}
END_TEST

START_TEST(the_oldest_gives_way)
{
    for (int i = 0; i < FEED_LINES_MAX + 5; i++)
        put(i, i);
    ck_assert_str_eq(feed_line_at(&feed, FEED_LINES_MAX - 1)->text, "5");
    ck_assert_ptr_null(feed_line_at(&feed, FEED_LINES_MAX));
}
END_TEST

START_TEST(what_is_shown_fades_at_its_end)
{
    ck_assert_float_eq(feed_strength(10, 5, 10), 1);
    ck_assert_float_eq(feed_strength(10, 5, 14), 1);
    ck_assert_float_eq_tol(feed_strength(10, 5, 15 - FEED_FADE_SECONDS / 2), 0.5f, 0.001f);
    ck_assert_float_eq(feed_strength(10, 5, 15), 0);
    /* A recording may be played from an earlier moment. */
    ck_assert_float_eq(feed_strength(10, 5, 9), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("feed");

    tcase_add_test(tests, the_newest_line_comes_first);
    tcase_add_test(tests, the_oldest_gives_way);
    tcase_add_test(tests, what_is_shown_fades_at_its_end);
    return suite_run("feed", tests);
}
