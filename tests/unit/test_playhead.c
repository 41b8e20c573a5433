#include "client/view/playhead.h"

#include "shared/rng.h"
#include "tests/unit/suite.h"

#define START_US 1000000u
#define FRAME_US 10000 /* between two pictures */

static struct playhead head;
static uint64_t now_us;

static void setup(void)
{
    playhead_init(&head);
    now_us = START_US;
}

/* Where it is, in µs of playback since tick 0. */
static int64_t place_us(void)
{
    struct moment at = playhead_moment(&head);
    ck_assert_uint_lt(at.after_us, TICK_US);
    return (int64_t)at.tick * TICK_US + at.after_us;
}

/* Draws pictures for that long; the place never goes back nor beyond the newest state. */
static void draw(int64_t for_us)
{
    int64_t former_us = place_us();
    for (int64_t passed_us = 0; passed_us < for_us; passed_us += FRAME_US) {
        now_us += FRAME_US;
        playhead_advance(&head, now_us);
        ck_assert_int_ge(place_us(), former_us);
        ck_assert_int_le(place_us(), (int64_t)head.newest_tick * TICK_US);
        former_us = place_us();
    }
}

/* States `ticks` apart come each `period_us`. */
static void play(unsigned count, uint32_t ticks, int64_t period_us)
{
    for (unsigned i = 0; i < count; i++) {
        draw(period_us);
        playhead_receive(&head, head.newest_tick + ticks, false, now_us);
    }
}

START_TEST(what_was_sought_is_drawn_at_once)
{
    playhead_receive(&head, 500, true, now_us);
    ck_assert_int_eq(place_us(), 500 * TICK_US);
    play(20, 1, TICK_US);
    playhead_receive(&head, 80, true, now_us);
    ck_assert_int_eq(place_us(), 80 * TICK_US);
}
END_TEST

START_TEST(a_state_from_before_is_a_jump_whoever_says_so)
{
    playhead_receive(&head, 500, true, now_us);
    playhead_receive(&head, 499, false, now_us);
    ck_assert_int_eq(place_us(), 499 * TICK_US);
}
END_TEST

static const struct {
    int8_t speed;
    uint32_t ticks;
    int64_t period_us;
} speeds[] = {
    {-3, 1, 8 * TICK_US}, {-1, 1, 2 * TICK_US}, {0, 1, TICK_US}, {1, 2, TICK_US}, {4, 16, TICK_US}};

START_TEST(it_goes_on_evenly_at_every_speed)
{
    double rate = (double)speeds[_i].ticks * TICK_US / (double)speeds[_i].period_us;
    playhead_set_speed(&head, speeds[_i].speed, false);
    playhead_receive(&head, 1000, true, now_us);
    play(60, speeds[_i].ticks, speeds[_i].period_us);
    for (unsigned i = 0; i < 60; i++) {
        int64_t before_us = place_us();
        play(1, speeds[_i].ticks, speeds[_i].period_us);
        double went_us = (double)(place_us() - before_us);
        ck_assert_double_ge(went_us, 0.9 * rate * (double)speeds[_i].period_us);
        ck_assert_double_le(went_us, 1.1 * rate * (double)speeds[_i].period_us);
    }
}
END_TEST

START_TEST(states_that_come_a_little_late_are_waited_for_behind_them)
{
    struct rng rng;
    rng_init(&rng, 7);
    playhead_receive(&head, 1000, true, now_us);
    play(60, 1, TICK_US);
    for (unsigned i = 0; i < 200; i++) {
        int64_t late_us = (int64_t)(rng_below(&rng, 4)) * FRAME_US;
        draw(TICK_US + (i % 2 == 0 ? late_us : -late_us));
        playhead_receive(&head, head.newest_tick + 1, false, now_us);
        ck_assert_int_gt(head.behind_us, 0);
    }
}
END_TEST

START_TEST(paused_it_goes_on_to_the_newest_state_and_stands)
{
    playhead_receive(&head, 1000, true, now_us);
    play(40, 1, TICK_US);
    ck_assert_int_gt(head.behind_us, 0);
    playhead_set_speed(&head, -3, true);
    draw(300000);
    ck_assert_int_eq(place_us(), (int64_t)head.newest_tick * TICK_US);
    draw(300000);
    ck_assert_int_eq(place_us(), (int64_t)head.newest_tick * TICK_US);
}
END_TEST

START_TEST(a_step_is_shown_within_its_tick)
{
    playhead_receive(&head, 1000, true, now_us);
    playhead_set_speed(&head, 0, true);
    playhead_receive(&head, 1001, false, now_us);
    draw(TICK_US);
    ck_assert_int_eq(place_us(), 1001 * TICK_US);
}
END_TEST

START_TEST(who_slept_does_not_rush_through_what_was_missed)
{
    playhead_receive(&head, 1000, true, now_us);
    play(40, 1, TICK_US);
    now_us += 60000000; /* a hidden page: states come, nothing is drawn */
    for (unsigned i = 0; i < 100; i++)
        playhead_receive(&head, head.newest_tick + 1, false, now_us);
    ck_assert_int_lt(head.behind_us, 5 * TICK_US);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("playhead");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, what_was_sought_is_drawn_at_once);
    tcase_add_test(tests, a_state_from_before_is_a_jump_whoever_says_so);
    tcase_add_loop_test(tests, it_goes_on_evenly_at_every_speed, 0, 5);
    tcase_add_test(tests, states_that_come_a_little_late_are_waited_for_behind_them);
    tcase_add_test(tests, paused_it_goes_on_to_the_newest_state_and_stands);
    tcase_add_test(tests, a_step_is_shown_within_its_tick);
    tcase_add_test(tests, who_slept_does_not_rush_through_what_was_missed);
    return suite_run("playhead", tests);
}
