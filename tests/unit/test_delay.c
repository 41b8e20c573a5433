#include "client/view/delay.h"

#include "tests/unit/suite.h"

#define START_US 1000000u
#define STEP_US  50000u

static struct delay delay;
static uint64_t now_us;

static void setup(void)
{
    delay_init(&delay);
    now_us = START_US;
}

static void note_many(unsigned count, int64_t needed_us, unsigned cadence)
{
    for (unsigned i = 0; i < count; i++, now_us += STEP_US)
        delay_note(&delay, needed_us, cadence, now_us);
}

START_TEST(a_quiet_link_needs_the_least)
{
    note_many(200, 60000, 1);
    ck_assert_int_eq(delay.target_us, 100000);
}
END_TEST

START_TEST(it_covers_what_is_needed_and_10_ms)
{
    note_many(200, 150000, 1);
    ck_assert_int_eq(delay.target_us, 160000);
}
END_TEST

START_TEST(the_most_is_250_ms)
{
    note_many(200, 900000, 1);
    ck_assert_int_eq(delay.target_us, 250000);
}
END_TEST

START_TEST(a_slow_cadence_has_limits_of_its_own)
{
    note_many(10, 100000, 2);
    ck_assert_int_eq(delay.target_us, 150000);
    note_many(200, 900000, 2);
    ck_assert_int_eq(delay.target_us, 400000);
}
END_TEST

START_TEST(a_change_of_the_cadence_counts_at_once)
{
    note_many(100, 60000, 1);
    delay_set_cadence(&delay, 4);
    ck_assert_int_eq(delay.target_us, 210000);
    note_many(25, 230000, 4);
    ck_assert_int_eq(delay.target_us, 240000);
    delay_set_cadence(&delay, 1);
    note_many(1, 60000, 1);
    ck_assert_int_eq(delay.target_us, 100000);
}
END_TEST

START_TEST(one_late_of_twenty_is_let_go)
{
    for (unsigned i = 0; i < 10; i++) {
        note_many(19, 60000, 1);
        if (i % 2 == 0) note_many(1, 240000, 1);
    }
    ck_assert_int_eq(delay.target_us, 100000);
    note_many(6, 240000, 1);
    ck_assert_int_eq(delay.target_us, 250000);
}
END_TEST

START_TEST(what_is_older_than_5_s_is_forgotten)
{
    note_many(20, 200000, 1);
    now_us += 6000000;
    note_many(1, 60000, 1);
    ck_assert_int_eq(delay.target_us, 100000);
}
END_TEST

START_TEST(it_changes_by_five_percent_of_time_at_most)
{
    note_many(50, 190000, 1);
    delay_advance(&delay, now_us);
    delay_advance(&delay, now_us + 1000000);
    ck_assert_int_eq(delay.shown_us, 150000);
    delay_advance(&delay, now_us + 3000000);
    ck_assert_int_eq(delay.shown_us, 200000);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("delay");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_quiet_link_needs_the_least);
    tcase_add_test(tests, it_covers_what_is_needed_and_10_ms);
    tcase_add_test(tests, the_most_is_250_ms);
    tcase_add_test(tests, a_slow_cadence_has_limits_of_its_own);
    tcase_add_test(tests, a_change_of_the_cadence_counts_at_once);
    tcase_add_test(tests, one_late_of_twenty_is_let_go);
    tcase_add_test(tests, what_is_older_than_5_s_is_forgotten);
    tcase_add_test(tests, it_changes_by_five_percent_of_time_at_most);
    return suite_run("delay", tests);
}
