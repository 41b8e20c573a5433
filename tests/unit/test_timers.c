#include "server/net/timers.h"

#include <stddef.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

struct probe {
    struct timer timer; /* first: the callback finds the probe by it */
    uint64_t expired_ms;
    unsigned count;
};

static struct timers timers;
static uint64_t now_ms;

static void note(struct timer *timer)
{
    struct probe *probe = (struct probe *)(void *)timer;
    probe->expired_ms = now_ms;
    probe->count++;
}

static void advance_to(uint64_t end_ms, uint64_t step_ms)
{
    while (now_ms < end_ms) {
        now_ms += step_ms;
        timers_advance(&timers, now_ms);
    }
}

START_TEST(a_deadline_is_met_once_never_early_and_within_a_slot)
{
    static struct probe probes[500];

    now_ms = 123456;
    timers_init(&timers, now_ms);
    for (size_t i = 0; i < 500; i++) {
        probes[i] = (struct probe){.timer.expired = note};
        timers_set(&timers, &probes[i].timer, now_ms + i * 211);
    }
    advance_to(now_ms + 500 * 211 + 200, 7);
    for (size_t i = 0; i < 500; i++) {
        ck_assert_uint_eq(probes[i].count, 1);
        ck_assert_uint_ge(probes[i].expired_ms, probes[i].timer.deadline_ms);
        ck_assert_uint_le(probes[i].expired_ms, probes[i].timer.deadline_ms + TIMERS_SLOT_MS + 7);
    }
    ck_assert_uint_eq(timers.set_count, 0);
}
END_TEST

START_TEST(cancelled_and_moved_timers_do_not_fire_at_their_old_time)
{
    struct probe cancelled = {.timer.expired = note}, moved = {.timer.expired = note};

    now_ms = 0;
    timers_init(&timers, now_ms);
    timers_set(&timers, &cancelled.timer, 500);
    timers_set(&timers, &moved.timer, 500);
    timers_cancel(&timers, &cancelled.timer);
    timers_cancel(&timers, &cancelled.timer);
    timers_set(&timers, &moved.timer, 5000);
    advance_to(4000, 50);
    ck_assert_uint_eq(cancelled.count + moved.count, 0);
    advance_to(6000, 50);
    ck_assert_uint_eq(moved.count, 1);
    ck_assert_uint_eq(cancelled.count, 0);
}
END_TEST

static struct probe neighbour;

static void cancel_neighbour(struct timer *timer)
{
    (void)timer;
    timers_cancel(&timers, &neighbour.timer);
}

static void set_again(struct timer *timer)
{
    note(timer);
    timers_set(&timers, timer, now_ms);
}

START_TEST(what_a_timer_does_to_others_is_allowed)
{
    struct probe first = {.timer.expired = cancel_neighbour}, again = {.timer.expired = set_again};

    now_ms = 0;
    timers_init(&timers, now_ms);
    neighbour = (struct probe){.timer.expired = note};
    timers_set(&timers, &first.timer, 100);
    timers_set(&timers, &neighbour.timer, 100);
    timers_set(&timers, &again.timer, 100);
    advance_to(640, 64);
    ck_assert_uint_eq(neighbour.count, 0);
    ck_assert_uint_gt(again.count, 3);
    timers_cancel(&timers, &again.timer);
}
END_TEST

START_TEST(a_long_sleep_meets_everything_that_is_due)
{
    struct probe near = {.timer.expired = note}, far = {.timer.expired = note};

    now_ms = 1000;
    timers_init(&timers, now_ms);
    timers_set(&timers, &near.timer, 2000);
    timers_set(&timers, &far.timer, 10 * TIMERS_SLOT_COUNT * TIMERS_SLOT_MS);
    now_ms += 5 * TIMERS_SLOT_COUNT * TIMERS_SLOT_MS;
    timers_advance(&timers, now_ms);
    ck_assert_uint_eq(near.count, 1);
    ck_assert_uint_eq(far.count, 0);
    now_ms *= 3;
    timers_advance(&timers, now_ms);
    ck_assert_uint_eq(far.count, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("timers");

    tcase_add_test(tests, a_deadline_is_met_once_never_early_and_within_a_slot);
    tcase_add_test(tests, cancelled_and_moved_timers_do_not_fire_at_their_old_time);
    tcase_add_test(tests, what_a_timer_does_to_others_is_allowed);
    tcase_add_test(tests, a_long_sleep_meets_everything_that_is_due);
    return suite_run("timers", tests);
}
