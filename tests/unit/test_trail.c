#include "shared/trail.h"

#include <stdlib.h>

#include "tests/unit/suite.h"

#define TICKS 40

static int32_t words[LAG_TICKS_MAX];

/* Moves twice a tick, at random; x[t] and y[t] are where the thing stood at the end of tick t. */
static void walk(int32_t x[TICKS], int32_t y[TICKS], uint32_t last_tick)
{
    trail_clear(words);
    x[0] = y[0] = 0;
    for (uint32_t tick = 1; tick <= last_tick; tick++) {
        trail_start_tick(words, tick);
        x[tick] = x[tick - 1];
        y[tick] = y[tick - 1];
        for (int i = 0; i < 2; i++) {
            int32_t dx = rand() % 30000 - 15000, dy = rand() % 30000 - 15000;
            trail_note(words, tick, dx, dy);
            x[tick] += dx;
            y[tick] += dy;
        }
    }
}

START_TEST(the_last_five_ticks_are_known_exactly)
{
    int32_t x[TICKS], y[TICKS];
    srand((unsigned)_i);
    for (uint32_t tick = 6; tick < TICKS; tick++) {
        walk(x, y, tick);
        for (uint32_t back = 1; back <= LAG_TICKS_MAX; back++) {
            int32_t at_x = x[tick], at_y = y[tick];
            trail_rewind(words, tick, (int32_t)back * VIEW_PARTS, &at_x, &at_y);
            ck_assert_int_eq(at_x, x[tick - back]);
            ck_assert_int_eq(at_y, y[tick - back]);
        }
    }
}
END_TEST

START_TEST(between_two_ticks_it_moved_evenly)
{
    int32_t x[TICKS], y[TICKS];
    srand((unsigned)_i);
    walk(x, y, 20);
    for (int32_t part = 0; part <= VIEW_PARTS; part++) {
        int32_t at_x = x[20], at_y = y[20];
        trail_rewind(words, 20, 2 * VIEW_PARTS + part, &at_x, &at_y);
        ck_assert_int_eq(at_x, x[18] - (x[18] - x[17]) * part / VIEW_PARTS);
        ck_assert_int_eq(at_y, y[18] - (y[18] - y[17]) * part / VIEW_PARTS);
    }
}
END_TEST

START_TEST(less_than_a_tick_ago_is_where_it_stands_now)
{
    int32_t x[TICKS], y[TICKS];
    walk(x, y, 10);
    int32_t at_x = 77, at_y = -77;
    trail_rewind(words, 10, VIEW_PARTS - 1, &at_x, &at_y);
    ck_assert_int_eq(at_x, 77);
    ck_assert_int_eq(at_y, -77);
}
END_TEST

START_TEST(a_leap_forgets_where_it_was)
{
    int32_t x[TICKS], y[TICKS];
    walk(x, y, 10);
    trail_note(words, 10, 40000, 0);
    int32_t at_x = 5, at_y = 6;
    trail_rewind(words, 10, LAG_TICKS_MAX * VIEW_PARTS, &at_x, &at_y);
    ck_assert_int_eq(at_x, 5);
    ck_assert_int_eq(at_y, 6);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("trail");

    tcase_add_loop_test(tests, the_last_five_ticks_are_known_exactly, 1, 4);
    tcase_add_loop_test(tests, between_two_ticks_it_moved_evenly, 1, 4);
    tcase_add_test(tests, less_than_a_tick_ago_is_where_it_stands_now);
    tcase_add_test(tests, a_leap_forgets_where_it_was);
    return suite_run("trail", tests);
}
