#include "server/room/pace.h"

#include <signal.h>

#include "tests/unit/suite.h"

#define START_US 1000000000u

static struct pace started(uint64_t phase_us)
{
    struct pace p;
    pace_init(&p, phase_us);
    pace_start(&p, START_US);
    return p;
}

START_TEST(the_first_tick_is_due_at_the_next_moment_of_the_phase)
{
    ck_assert_uint_eq(started(0).due_us, START_US);
    ck_assert_uint_eq(started(1).due_us, START_US + 1);
    ck_assert_uint_eq(started(49999).due_us, START_US + 49999);
    ck_assert_uint_eq(started(50000).due_us, START_US);
}
END_TEST

START_TEST(ticks_in_time_are_50_ms_apart)
{
    struct pace p = started(700);
    for (uint64_t i = 0; i < 10; i++)
        ck_assert_uint_eq(pace_begin(&p, p.due_us + 100 * i), START_US + 700 + i * TICK_US);
    ck_assert_uint_eq(p.late_ticks, 0);
    ck_assert_uint_eq(p.dropped_ticks, 0);
}
END_TEST

START_TEST(five_late_ticks_are_caught_up)
{
    struct pace p = started(0);
    uint64_t now_us = START_US + 5 * TICK_US + 10;
    for (uint64_t i = 0; i <= 5; i++)
        ck_assert_uint_eq(pace_begin(&p, now_us), START_US + i * TICK_US);
    ck_assert_uint_gt(p.due_us, now_us);
    ck_assert_uint_eq(p.late_ticks, 5);
    ck_assert_uint_eq(p.dropped_ticks, 0);
}
END_TEST

START_TEST(what_lies_farther_back_is_dropped)
{
    struct pace p = started(0);
    uint64_t now_us = START_US + 100 * TICK_US + 10;
    uint64_t due_us = pace_begin(&p, now_us);
    ck_assert_uint_eq(due_us, START_US + 95 * TICK_US);
    ck_assert_uint_eq(p.dropped_ticks, 95);
    for (int i = 0; i < 5; i++)
        pace_begin(&p, now_us);
    ck_assert_uint_gt(p.due_us, now_us);
    ck_assert_uint_eq(p.late_ticks, 5);
    ck_assert_uint_eq(p.dropped_ticks, 95);
}
END_TEST

START_TEST(to_begin_too_early_is_a_bug)
{
    struct pace p = started(10);
    pace_begin(&p, START_US);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pace");

    tcase_add_test(tests, the_first_tick_is_due_at_the_next_moment_of_the_phase);
    tcase_add_test(tests, ticks_in_time_are_50_ms_apart);
    tcase_add_test(tests, five_late_ticks_are_caught_up);
    tcase_add_test(tests, what_lies_farther_back_is_dropped);
    tcase_add_test_raise_signal(tests, to_begin_too_early_is_a_bug, SIGABRT);
    return suite_run("pace", tests);
}
