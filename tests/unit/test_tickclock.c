#include "client/view/tickclock.h"

#include "tests/unit/suite.h"

#define START_US 1000000000u

static struct tickclock clock_state;
static struct seen seen;

static void setup(void)
{
    tickclock_init(&clock_state, false);
    seen = (struct seen){0};
}

/* A snapshot of `tick` that arrives now, without any part about time. */
static void arrive(uint32_t tick, uint64_t now_us)
{
    seen.header = (struct snapshot_header){.tick = tick};
    tickclock_receive(&clock_state, &seen, now_us);
}

/* One that echoes a stamp `rtt_ms` old, of which the server held it `hold_ms`. */
static void arrive_echo(uint32_t tick, uint64_t now_us, uint32_t rtt_ms, uint32_t hold_ms,
                        uint32_t late_100us)
{
    seen.header = (struct snapshot_header){.tick = tick, .has_echo = true};
    seen.echo = (struct snapshot_echo){.stamp_ms = (uint16_t)(now_us / 1000 - rtt_ms - hold_ms),
                                       .hold_ms = hold_ms,
                                       .late_100us = late_100us,
                                       .cadence = 1};
    tickclock_receive(&clock_state, &seen, now_us);
}

static void arrive_due(uint32_t tick, uint64_t now_us, uint64_t due_us)
{
    seen.header = (struct snapshot_header){.tick = tick, .has_clock = true};
    seen.clock = (struct snapshot_clock){.due_us = due_us};
    tickclock_receive(&clock_state, &seen, now_us);
}

START_TEST(the_fastest_snapshot_counts_as_undelayed_before_an_echo)
{
    arrive(100, START_US + 30000);
    arrive(101, START_US + TICK_US + 10000);
    arrive(102, START_US + 2 * TICK_US + 20000);
    ck_assert_int_eq(tickclock_due_us(&clock_state, 102), START_US + 2 * TICK_US + 10000);
}
END_TEST

START_TEST(an_echo_tells_the_round_trip_without_the_hold)
{
    arrive_echo(100, START_US, 80, 30, 0);
    ck_assert_int_eq(clock_state.rtt_us, 80000);
    ck_assert_int_eq(tickclock_rtt_min_us(&clock_state), 80000);
}
END_TEST

START_TEST(due_is_half_a_round_trip_and_the_lateness_before_arrival)
{
    arrive_echo(100, START_US, 80, 7, 25);
    ck_assert_int_eq(tickclock_due_us(&clock_state, 100), START_US - 40000 - 2500);
}
END_TEST

START_TEST(the_shortest_round_trip_of_the_last_16_is_believed)
{
    arrive_echo(0, START_US, 40, 0, 0);
    for (uint32_t i = 1; i < TICKCLOCK_SAMPLES; i++)
        arrive_echo(i, START_US + i * (uint64_t)TICK_US + 60000, 100, 0, 0);
    ck_assert_int_eq(tickclock_due_us(&clock_state, 0), START_US - 20000);

    uint64_t later_us = START_US + 16 * (uint64_t)TICK_US + 60000;
    arrive_echo(16, later_us, 100, 0, 0);
    ck_assert_int_eq(tickclock_due_us(&clock_state, 16), (int64_t)later_us - 50000);
}
END_TEST

START_TEST(what_is_shown_moves_by_two_percent_at_most)
{
    arrive(0, START_US);
    arrive_echo(1, START_US + TICK_US, 200, 0, 0); /* now believed 100 ms earlier */
    tickclock_advance(&clock_state, START_US + 1000000);
    ck_assert_int_eq(clock_state.shown_us, START_US - 1000000 / TICKCLOCK_SLEW_DIVISOR);
    tickclock_advance(&clock_state, START_US + 10000000);
    ck_assert_int_eq(clock_state.shown_us, START_US - 100000);
}
END_TEST

START_TEST(an_error_above_half_a_second_is_stepped)
{
    arrive(0, START_US);
    arrive_echo(1, START_US + TICK_US, 1200, 0, 0);
    tickclock_advance(&clock_state, START_US + TICK_US + 1000);
    ck_assert_int_eq(clock_state.shown_us, START_US - 600000);
}
END_TEST

START_TEST(a_shifted_schedule_moves_everything_believed)
{
    arrive_due(100, START_US, 7000000);
    arrive_echo(101, START_US + TICK_US, 40, 0, 0);
    int64_t due_us = tickclock_due_us(&clock_state, 102), shown_us = clock_state.shown_us;
    arrive_due(102, START_US + 2 * TICK_US + 200000, 7000000 + 2 * TICK_US + 200000);
    ck_assert_int_eq(tickclock_due_us(&clock_state, 102), due_us + 200000);
    ck_assert_int_eq(clock_state.shown_us, shown_us + 200000); /* at once: it was no error */
}
END_TEST

START_TEST(on_one_machine_due_times_are_exact)
{
    tickclock_init(&clock_state, true);
    arrive_due(100, START_US + 3000, START_US);
    arrive_echo(120, START_US + 20 * TICK_US + 9000, 8, 0, 0);
    ck_assert_int_eq(tickclock_due_us(&clock_state, 120), START_US + 20 * TICK_US);
}
END_TEST

START_TEST(ticks_may_wrap)
{
    arrive(UINT32_MAX, START_US);
    arrive(1, START_US + 2 * TICK_US);
    struct moment moment = tickclock_moment(&clock_state, START_US + 2 * TICK_US, 30000);
    ck_assert_uint_eq(moment.tick, 0);
    ck_assert_uint_eq(moment.after_us, 20000);
}
END_TEST

START_TEST(a_moment_may_lie_before_the_first_tick)
{
    arrive(5, START_US);
    struct moment moment = tickclock_moment(&clock_state, START_US, 60000);
    ck_assert_uint_eq(moment.tick, 3);
    ck_assert_uint_eq(moment.after_us, 40000);
}
END_TEST

START_TEST(jitter_grows_with_uneven_arrivals_only)
{
    for (uint32_t i = 0; i < 50; i++)
        arrive(i, START_US + i * (uint64_t)TICK_US);
    ck_assert_int_eq(clock_state.jitter_us, 0);
    for (uint32_t i = 50; i < 100; i++)
        arrive(i, START_US + i * (uint64_t)TICK_US + (i % 2) * 20000);
    ck_assert_int_gt(clock_state.jitter_us, 10000);
}
END_TEST

START_TEST(a_stamp_may_wrap_between_sending_and_echo)
{
    uint64_t now_us = (uint64_t)65536 * 1000 * 3 + 10000; /* the stamp was made before the wrap */
    arrive_echo(1, now_us, 50, 0, 0);
    ck_assert_int_eq(clock_state.rtt_us, 50000);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tickclock");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, the_fastest_snapshot_counts_as_undelayed_before_an_echo);
    tcase_add_test(tests, an_echo_tells_the_round_trip_without_the_hold);
    tcase_add_test(tests, due_is_half_a_round_trip_and_the_lateness_before_arrival);
    tcase_add_test(tests, the_shortest_round_trip_of_the_last_16_is_believed);
    tcase_add_test(tests, what_is_shown_moves_by_two_percent_at_most);
    tcase_add_test(tests, an_error_above_half_a_second_is_stepped);
    tcase_add_test(tests, a_shifted_schedule_moves_everything_believed);
    tcase_add_test(tests, on_one_machine_due_times_are_exact);
    tcase_add_test(tests, ticks_may_wrap);
    tcase_add_test(tests, a_moment_may_lie_before_the_first_tick);
    tcase_add_test(tests, jitter_grows_with_uneven_arrivals_only);
    tcase_add_test(tests, a_stamp_may_wrap_between_sending_and_echo);
    return suite_run("tickclock", tests);
}
