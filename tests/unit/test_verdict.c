#include "client/view/verdict.h"

#include <string.h>

#include "tests/unit/suite.h"

#define START_US    5000000
#define FRAME_US    16667
#define INTERVAL_US 50000
#define DELAY_US    100000 /* the picture lies so far behind the server's time */

static struct verdict verdict;
static struct verdict_link fine = {.rtt_us = 40000, .jitter_us = 2000, .cadence = 1};
static char text[VERDICT_TEXT_BYTES];
static uint64_t now_us, news_due_us, newest_us;

static void setup(void)
{
    verdict_init(&verdict);
    now_us = news_due_us = newest_us = START_US;
}

/* What the client sees for so long: a frame each `frame_us`; news when they are due, unless
 * `is_silent`; those that are due at once came late, which `why` says of the first. */
static void play(uint64_t duration_us, uint64_t frame_us, bool is_silent,
                 const struct verdict_news *why)
{
    for (uint64_t end_us = now_us + duration_us; now_us < end_us; now_us += frame_us) {
        for (; !is_silent && news_due_us <= now_us; news_due_us += INTERVAL_US) {
            static const struct verdict_news nothing;
            verdict_note_news(&verdict, why != NULL ? why : &nothing, now_us);
            newest_us = news_due_us;
            why = NULL;
        }
        verdict_note_frame(&verdict, (int64_t)(now_us - DELAY_US) - (int64_t)newest_us, now_us);
    }
}

static void play_well(uint64_t duration_us)
{
    play(duration_us, FRAME_US, false, NULL);
}

static enum verdict_cause say(void)
{
    return verdict_print(&verdict, &fine, now_us, text);
}

START_TEST(a_smooth_game_is_nobodys_fault)
{
    play_well(5000000);
    ck_assert_int_eq(say(), VERDICT_FINE);
    ck_assert_str_eq(text, "All is well.");
}
END_TEST

START_TEST(before_anything_came_nothing_is_said_to_be_missing)
{
    ck_assert_int_eq(say(), VERDICT_FINE);
    verdict_note_frame(&verdict, 5000000, now_us);
    verdict_note_frame(&verdict, 5000000, now_us + FRAME_US);
    ck_assert_int_eq(say(), VERDICT_FINE);
}
END_TEST

START_TEST(what_stood_still_and_then_came_at_once_was_the_link)
{
    play_well(2000000);
    play(300000, FRAME_US, true, NULL);
    play_well(1500000);
    ck_assert_int_eq(say(), VERDICT_LINK);
    ck_assert_uint_eq(verdict.counts[VERDICT_LINK], 1);
    ck_assert_ptr_nonnull(strstr(text, "Your link: nothing came for 3"));
    ck_assert_ptr_nonnull(strstr(text, "(1 s ago)."));
}
END_TEST

START_TEST(while_nothing_comes_nobody_is_blamed)
{
    play_well(2000000);
    play(800000, FRAME_US, true, NULL);
    ck_assert_int_eq(say(), VERDICT_UNKNOWN);
    ck_assert_ptr_nonnull(strstr(text, "Nothing has come for "));
}
END_TEST

START_TEST(what_the_server_held_back_was_the_link)
{
    static const struct verdict_news held = {.held_ticks = 6};
    play_well(2000000);
    play(340000, FRAME_US, true, NULL);
    play(100000, FRAME_US, false, &held);
    ck_assert_int_eq(say(), VERDICT_LINK);
    ck_assert_ptr_nonnull(strstr(text, "the server held 6 updates back for it"));
}
END_TEST

START_TEST(what_the_server_says_came_late_was_the_server)
{
    static const struct verdict_news late = {.is_server_late = true};
    play_well(2000000);
    play(280000, FRAME_US, true, NULL);
    play(100000, FRAME_US, false, &late);
    ck_assert_int_eq(say(), VERDICT_SERVER);
    ck_assert_uint_eq(verdict.counts[VERDICT_SERVER], 1);
    ck_assert_uint_eq(verdict.counts[VERDICT_LINK], 0);
    ck_assert_ptr_nonnull(strstr(text, "The server: its ticks came late"));
}
END_TEST

START_TEST(a_late_tick_that_nobody_saw_is_no_stutter)
{
    static const struct verdict_news late = {.is_server_late = true};
    play_well(2000000);
    play(60000, FRAME_US, true, NULL);
    play(100000, FRAME_US, false, &late);
    ck_assert_int_eq(say(), VERDICT_FINE);
    play(340000, FRAME_US, true, NULL); /* and does not explain the next one */
    play_well(100000);
    ck_assert_int_eq(say(), VERDICT_LINK);
}
END_TEST

START_TEST(a_long_frame_is_the_machine)
{
    play_well(2000000);
    now_us += 1000000;
    play_well(100000);
    ck_assert_int_eq(say(), VERDICT_MACHINE);
    ck_assert_ptr_nonnull(strstr(text, "Your machine: a frame took 10"));
}
END_TEST

START_TEST(what_comes_late_because_the_machine_slept_is_the_machine)
{
    play_well(2000000);
    now_us += 500000;
    play(100000, FRAME_US, true, NULL); /* it reads its socket only now */
    play_well(2000000);
    ck_assert_int_eq(say(), VERDICT_MACHINE);
    ck_assert_uint_eq(verdict.counts[VERDICT_LINK], 0);
    ck_assert_uint_eq(verdict.counts[VERDICT_MACHINE], 1);
}
END_TEST

START_TEST(a_slow_machine_is_told_its_rate)
{
    play(5000000, 100000, false, NULL);
    ck_assert_int_eq(say(), VERDICT_MACHINE);
    ck_assert_str_eq(text, "Your machine draws 10 frames a second.");
    ck_assert_uint_eq(verdict.counts[VERDICT_MACHINE], 0);
}
END_TEST

START_TEST(after_ten_seconds_it_is_forgotten_but_counted)
{
    play_well(2000000);
    now_us += 1000000;
    play_well(9500000);
    ck_assert_int_eq(say(), VERDICT_MACHINE);
    play_well(1000000);
    ck_assert_int_eq(say(), VERDICT_FINE);
    ck_assert_uint_eq(verdict.counts[VERDICT_MACHINE], 1);
}
END_TEST

START_TEST(a_page_that_was_hidden_did_not_stutter)
{
    play_well(2000000);
    verdict_pause(&verdict);
    now_us += 60000000;
    news_due_us = now_us;
    play_well(1000000);
    ck_assert_int_eq(say(), VERDICT_FINE);
    ck_assert_uint_eq(verdict.counts[VERDICT_MACHINE] + verdict.counts[VERDICT_LINK], 0);
}
END_TEST

START_TEST(how_a_link_is_is_said_while_nothing_stutters)
{
    static const struct {
        struct verdict_link link;
        const char *said;
    } links[] = {
        {{.rtt_us = 210400, .cadence = 1}, "Your link is long: 210 ms there and back."},
        {{.jitter_us = 35000, .cadence = 1},
         "Your link is uneven: updates come 35 ms early or late."},
        {{.rtt_us = 300000, .cadence = 2}, "Your link is narrow: one update of 2 is sent."}};
    play_well(1000000);
    for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
        ck_assert_int_eq(verdict_print(&verdict, &links[i].link, now_us, text), VERDICT_LINK);
        ck_assert_str_eq(text, links[i].said);
    }
}
END_TEST

START_TEST(what_does_not_leave_is_the_link)
{
    play_well(1000000);
    verdict_note_unsent(&verdict, 200, now_us);
    ck_assert_int_eq(say(), VERDICT_FINE);
    play_well(250000);
    verdict_note_unsent(&verdict, 200, now_us);
    ck_assert_int_eq(say(), VERDICT_LINK);
    ck_assert_str_eq(text, "Your link is full: what you do waits to leave.");
    verdict_note_unsent(&verdict, 0, now_us);
    ck_assert_int_eq(say(), VERDICT_FINE);
}
END_TEST

START_TEST(the_longest_words_fit)
{
    static const struct verdict_news held = {.held_ticks = UINT32_MAX};
    play_well(1000000);
    play(4000000000000, 30000000, true, NULL);
    verdict.last = (struct verdict_stutter){.cause = VERDICT_LINK,
                                            .at_us = now_us,
                                            .length_ms = UINT32_MAX,
                                            .held_ticks = held.held_ticks};
    verdict.is_starved = false;
    ck_assert_int_eq(say(), VERDICT_LINK);
    ck_assert_ptr_nonnull(strstr(text, "s ago)."));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("verdict");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_smooth_game_is_nobodys_fault);
    tcase_add_test(tests, before_anything_came_nothing_is_said_to_be_missing);
    tcase_add_test(tests, what_stood_still_and_then_came_at_once_was_the_link);
    tcase_add_test(tests, while_nothing_comes_nobody_is_blamed);
    tcase_add_test(tests, what_the_server_held_back_was_the_link);
    tcase_add_test(tests, what_the_server_says_came_late_was_the_server);
    tcase_add_test(tests, a_late_tick_that_nobody_saw_is_no_stutter);
    tcase_add_test(tests, a_long_frame_is_the_machine);
    tcase_add_test(tests, what_comes_late_because_the_machine_slept_is_the_machine);
    tcase_add_test(tests, a_slow_machine_is_told_its_rate);
    tcase_add_test(tests, after_ten_seconds_it_is_forgotten_but_counted);
    tcase_add_test(tests, a_page_that_was_hidden_did_not_stutter);
    tcase_add_test(tests, how_a_link_is_is_said_while_nothing_stutters);
    tcase_add_test(tests, what_does_not_leave_is_the_link);
    tcase_add_test(tests, the_longest_words_fit);
    return suite_run("verdict", tests);
}
