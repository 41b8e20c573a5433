#include "client/view/outbox.h"

#include "client/view/words.h"
#include "tests/unit/drift.h"
#include "tests/unit/suite.h"

#define START_US  2000000u
#define PERIOD_US 50000u

static struct outbox outbox;
static struct usercmd made;
static bool merged;

static void setup(void)
{
    outbox_init(&outbox, &drift_table);
}

static void hold(int32_t buttons, int32_t push)
{
    outbox_set_input(&outbox, (int32_t[USERCMD_WORDS]){buttons, push});
}

static unsigned make_all(uint64_t now_us)
{
    unsigned count = 0;
    while (outbox_make(&outbox, now_us, (struct moment){77, 40000}, &made, &merged))
        count++;
    return count;
}

START_TEST(one_usercmd_every_50_ms)
{
    unsigned count = 0;
    for (uint64_t us = 0; us < 1000000; us += 16667)
        count += make_all(START_US + us);
    ck_assert_uint_eq(count, 20);
    ck_assert_uint_eq(made.seq, 20);
    ck_assert_uint_eq(made.view_tick, 77);
    ck_assert_uint_eq(made.view_part, 12);
}
END_TEST

START_TEST(the_input_of_the_moment_goes_in)
{
    hold(5, -30);
    make_all(START_US);
    ck_assert_int_eq(made.words[0], 5);
    ck_assert_int_eq(made.words[1], -30);
}
END_TEST

START_TEST(words_are_brought_into_range)
{
    hold(99, -1000);
    make_all(START_US);
    ck_assert_int_eq(made.words[0], 15);
    ck_assert_int_eq(made.words[1], -100);
}
END_TEST

START_TEST(a_press_between_two_usercmds_is_kept_once)
{
    make_all(START_US);
    hold(2, 0);
    hold(0, 0);
    make_all(START_US + PERIOD_US);
    ck_assert_int_eq(made.words[0], 2);
    make_all(START_US + 2 * PERIOD_US);
    ck_assert_int_eq(made.words[0], 0);
}
END_TEST

START_TEST(the_next_usercmd_can_be_asked_for_before)
{
    make_all(START_US);
    hold(4, 12);
    struct usercmd next = outbox_next(&outbox, (struct moment){5, 0});
    make_all(START_US + PERIOD_US);
    ck_assert_uint_eq(next.seq, made.seq);
    ck_assert_mem_eq(next.words, made.words, sizeof made.words);
}
END_TEST

START_TEST(the_part_grows_from_usercmd_to_usercmd)
{
    make_all(START_US);
    ck_assert_uint_eq(outbox_part(&outbox, START_US), 0);
    ck_assert_uint_eq(outbox_part(&outbox, START_US + PERIOD_US / 2), WORDS_ONE / 2);
    ck_assert_uint_eq(outbox_part(&outbox, START_US + PERIOD_US), WORDS_ONE);
    ck_assert_uint_eq(outbox_part(&outbox, START_US + 9 * PERIOD_US), WORDS_ONE);
}
END_TEST

START_TEST(a_message_takes_all_that_is_unsent)
{
    struct message_input m;
    for (unsigned i = 0; i < 3; i++)
        make_all(START_US + i * PERIOD_US);
    outbox_take(&outbox, &m);
    ck_assert_uint_eq(m.count, 3);
    ck_assert_uint_eq(m.cmds[0].seq, 1);
    ck_assert_uint_eq(m.cmds[2].seq, 3);
    outbox_take(&outbox, &m);
    ck_assert_uint_eq(m.count, 0);
}
END_TEST

START_TEST(beyond_eight_the_oldest_merge_and_presses_stay)
{
    hold(1, 0);
    make_all(START_US);
    hold(0, 40);
    for (unsigned i = 1; i < 12; i++) {
        make_all(START_US + i * PERIOD_US);
    }
    struct message_input m;
    outbox_take(&outbox, &m);
    ck_assert_uint_eq(m.count, USERCMDS_PER_MESSAGE_MAX);
    ck_assert_int_eq(m.cmds[0].words[0], 1);
    ck_assert_int_eq(m.cmds[0].words[1], 40);
    for (unsigned i = 0; i < m.count; i++)
        ck_assert_uint_eq(m.cmds[i].seq, 5 + i);
}
END_TEST

START_TEST(merging_is_told)
{
    for (unsigned i = 0; i < USERCMDS_PER_MESSAGE_MAX; i++) {
        ck_assert(
            outbox_make(&outbox, START_US + i * PERIOD_US, (struct moment){0, 0}, &made, &merged));
        ck_assert(!merged);
    }
    uint64_t now_us = START_US + USERCMDS_PER_MESSAGE_MAX * PERIOD_US;
    ck_assert(outbox_make(&outbox, now_us, (struct moment){0, 0}, &made, &merged));
    ck_assert(merged);
    ck_assert_uint_eq(outbox.unsent[0].seq, 2);
}
END_TEST

START_TEST(a_late_frame_makes_up_for_its_ticks)
{
    make_all(START_US);
    ck_assert_uint_eq(make_all(START_US + 3 * PERIOD_US), 3);
}
END_TEST

START_TEST(a_long_pause_is_dropped)
{
    make_all(START_US);
    ck_assert_uint_eq(make_all(START_US + 100 * PERIOD_US), 1);
}
END_TEST

START_TEST(running_ahead_slows_it_down_by_four_percent_at_most)
{
    outbox_steer(&outbox, 50);
    make_all(START_US);
    ck_assert_uint_eq(make_all(START_US + 51999), 0);
    ck_assert_uint_eq(make_all(START_US + 52000), 1);
    outbox_steer(&outbox, 0);
    ck_assert_uint_eq(make_all(START_US + 52000 * 2), 1);
    ck_assert_uint_eq(make_all(START_US + 52000 * 2 + PERIOD_US), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("outbox");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, one_usercmd_every_50_ms);
    tcase_add_test(tests, the_input_of_the_moment_goes_in);
    tcase_add_test(tests, words_are_brought_into_range);
    tcase_add_test(tests, a_press_between_two_usercmds_is_kept_once);
    tcase_add_test(tests, the_next_usercmd_can_be_asked_for_before);
    tcase_add_test(tests, the_part_grows_from_usercmd_to_usercmd);
    tcase_add_test(tests, a_message_takes_all_that_is_unsent);
    tcase_add_test(tests, beyond_eight_the_oldest_merge_and_presses_stay);
    tcase_add_test(tests, merging_is_told);
    tcase_add_test(tests, a_late_frame_makes_up_for_its_ticks);
    tcase_add_test(tests, a_long_pause_is_dropped);
    tcase_add_test(tests, running_ahead_slows_it_down_by_four_percent_at_most);
    return suite_run("outbox", tests);
}
