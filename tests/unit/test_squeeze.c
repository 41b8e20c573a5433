#include "server/session/squeeze.h"

#include "tests/unit/suite.h"

#define TICK_MS 50

static const struct squeeze_bytes limits = {.max = 1380, .min = 120};
static struct squeeze squeeze;
static uint32_t tick;

static void set_up(void)
{
    tick = 1000;
    squeeze_init(&squeeze, tick * TICK_MS);
    squeeze_note_bytes(&squeeze, 600, 1);
}

/* Runs for so long; one in `held_one_of` of the ticks due is held (0: none). Returns how many steps
 * were changed. */
static unsigned run_ms(uint32_t duration_ms, uint32_t held_one_of)
{
    unsigned changes = 0;
    uint32_t due = 0;
    for (uint32_t end = tick + duration_ms / TICK_MS; tick < end; tick++) {
        if (!squeeze_is_due(&squeeze, tick)) continue;
        bool is_held = held_one_of > 0 && due++ % held_one_of == 0;
        changes += squeeze_note_tick(&squeeze, tick, is_held, &limits, tick * TICK_MS);
    }
    return changes;
}

START_TEST(a_link_that_carries_all_gets_all)
{
    ck_assert_uint_eq(run_ms(60000, 0), 0);
    ck_assert_int_eq(squeeze.step, SQUEEZE_ALL);
    ck_assert_uint_eq(squeeze_cadence(&squeeze), 1);
    ck_assert_uint_eq(squeeze_budget_bytes(&squeeze, &limits), 1380);
}
END_TEST

START_TEST(a_lost_packet_now_and_then_changes_nothing)
{
    ck_assert_uint_eq(run_ms(60000, 5), 0);
}
END_TEST

START_TEST(bytes_go_first_then_10_hz_then_5)
{
    ck_assert_uint_eq(run_ms(2100, 2), 1);
    ck_assert_int_eq(squeeze.step, SQUEEZE_BYTES);
    ck_assert_uint_eq(squeeze_budget_bytes(&squeeze, &limits), 300);
    ck_assert_uint_eq(squeeze_cadence(&squeeze), 1);
    ck_assert_uint_eq(run_ms(2100, 2), 1);
    ck_assert_uint_eq(squeeze_cadence(&squeeze), 2);
    ck_assert_uint_eq(run_ms(2200, 2), 1);
    ck_assert_uint_eq(squeeze_cadence(&squeeze), 4);
    ck_assert_uint_eq(run_ms(20000, 1), 0);
    ck_assert_int_eq(squeeze.step, SQUEEZE_5_HZ);
    for (int step = SQUEEZE_BYTES; step <= SQUEEZE_5_HZ; step++)
        ck_assert_uint_eq(squeeze.transitions[step], 1);
}
END_TEST

START_TEST(whoever_recovers_has_20_hz_within_10_s)
{
    (void)run_ms(60000, (uint32_t)_i);
    (void)run_ms(8500, 0);
    ck_assert_uint_eq(squeeze_cadence(&squeeze), 1);
    (void)run_ms(70000, 0);
    ck_assert_int_eq(squeeze.step, SQUEEZE_ALL);
}
END_TEST

/* A link that takes half the bytes and no more: the whole is tried ever more seldom. */
START_TEST(what_was_tried_in_vain_is_tried_more_seldom)
{
    for (int i = 0; i < 6000; i++)
        (void)run_ms(100, squeeze.step == SQUEEZE_ALL ? 1 : 0);
    uint32_t tried = squeeze.transitions[SQUEEZE_ALL];
    ck_assert_uint_ge(tried, 9); /* once in 68 s at least */
    ck_assert_uint_le(tried, 16);
}
END_TEST

START_TEST(a_budget_has_its_least)
{
    set_up();
    for (int i = 0; i < 50; i++)
        squeeze_note_bytes(&squeeze, 100, 1);
    (void)run_ms(2100, 1);
    ck_assert_uint_eq(squeeze_budget_bytes(&squeeze, &limits), 120);
}
END_TEST

START_TEST(snapshots_after_a_gap_are_not_usual)
{
    squeeze_note_bytes(&squeeze, 1300, 3);
    (void)run_ms(2100, 1);
    ck_assert_uint_eq(squeeze_budget_bytes(&squeeze, &limits), 300);
}
END_TEST

START_TEST(a_tick_counts_once)
{
    for (int i = 0; i < 100; i++)
        ck_assert(!squeeze_note_tick(&squeeze, tick, true, &limits, tick * TICK_MS + 5000));
    ck_assert_uint_le(squeeze.due_count, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("squeeze");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, a_link_that_carries_all_gets_all);
    tcase_add_test(tests, a_lost_packet_now_and_then_changes_nothing);
    tcase_add_test(tests, bytes_go_first_then_10_hz_then_5);
    tcase_add_loop_test(tests, whoever_recovers_has_20_hz_within_10_s, 1, 5);
    tcase_add_test(tests, what_was_tried_in_vain_is_tried_more_seldom);
    tcase_add_test(tests, a_budget_has_its_least);
    tcase_add_test(tests, snapshots_after_a_gap_are_not_usual);
    tcase_add_test(tests, a_tick_counts_once);
    return suite_run("squeeze", tests);
}
