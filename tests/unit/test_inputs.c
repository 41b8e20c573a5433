#include "server/room/inputs.h"

#include "server/room/room.h"
#include "tests/unit/pebbles.h"
#include "tests/unit/suite.h"

#define TICK0 1000

static struct inputs in;
static struct seat_input out;

static void setup_queued(void)
{
    inputs_init(&in, INPUT_QUEUED, TICK0);
}

static void setup_held(void)
{
    inputs_init(&in, INPUT_HELD, TICK0);
}

static bool push(uint32_t seq, int32_t buttons, int32_t x, uint32_t tick)
{
    struct usercmd cmd = {.seq = seq, .words = {[PUSH_BUTTONS] = buttons, [PUSH_X] = x}};
    return inputs_push(&in, game_pebbles.table, &cmd, tick);
}

static unsigned take(uint32_t tick)
{
    inputs_take(&in, game_pebbles.table, tick, &out);
    return out.count;
}

static bool push_seen(uint32_t seq, uint32_t view_tick, uint8_t view_part, uint32_t tick)
{
    struct usercmd cmd = {.seq = seq, .view_tick = view_tick, .view_part = view_part};
    return inputs_push(&in, game_pebbles.table, &cmd, tick);
}

/* ---- queued ---- */

START_TEST(no_picture_counts_as_older_than_250_ms_or_as_one_to_come)
{
    setup_queued();
    push_seen(1, TICK0 - 3, 7, TICK0);
    take(TICK0);
    ck_assert_uint_eq(out.cmds[0].view_tick, TICK0 - 3);
    ck_assert_uint_eq(out.cmds[0].view_part, 7);
    push_seen(2, TICK0 - 30, 7, TICK0 + 1);
    take(TICK0 + 1);
    ck_assert_uint_eq(out.cmds[0].view_tick, TICK0 + 1 - LAG_TICKS_MAX);
    ck_assert_uint_eq(out.cmds[0].view_part, 0);
    push_seen(3, TICK0 + 50, 7, TICK0 + 2);
    take(TICK0 + 2);
    ck_assert_uint_eq(out.cmds[0].view_tick, TICK0 + 1);
    push_seen(4, 0, 0, TICK0 + 3);
    take(TICK0 + 3);
    ck_assert_uint_eq(out.cmds[0].view_tick, TICK0 + 2);
    ck_assert_uint_eq(out.cmds[0].view_part, 0);
}
END_TEST

START_TEST(each_usercmd_is_applied_once)
{
    setup_queued();
    ck_assert(push(1, 0, 5, TICK0));
    ck_assert_uint_eq(take(TICK0), 1);
    ck_assert_uint_eq(out.cmds[0].seq, 1);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 5);
    ck_assert_uint_eq(in.applied_seq, 1);
    ck_assert_uint_eq(take(TICK0 + 1), 0);
}
END_TEST

START_TEST(one_may_wait_and_more_are_caught_up_two_a_tick)
{
    setup_queued();
    for (uint32_t seq = 1; seq <= 6; seq++)
        push(seq, 0, (int32_t)seq, TICK0);
    ck_assert_uint_eq(take(TICK0), 2);
    ck_assert_uint_eq(out.cmds[1].seq, 2);
    ck_assert_uint_eq(take(TICK0 + 1), 2);
    ck_assert_uint_eq(take(TICK0 + 2), 1);
    ck_assert_uint_eq(in.count, 1);
    ck_assert_uint_eq(take(TICK0 + 3), 1);
    ck_assert_uint_eq(out.cmds[0].seq, 6);
}
END_TEST

START_TEST(an_older_a_repeated_and_an_impossible_usercmd_are_refused)
{
    setup_queued();
    ck_assert(!push(0, 0, 0, TICK0));
    ck_assert(push(7, 0, 0, TICK0));
    ck_assert(!push(7, 0, 0, TICK0));
    ck_assert(!push(3, 0, 0, TICK0));
    ck_assert(!push(8, 0, 1001, TICK0));
    ck_assert(!push(8, 4, 0, TICK0));
    ck_assert(push(8, 3, 1000, TICK0));
    ck_assert_uint_eq(in.count, 2);
}
END_TEST

START_TEST(beyond_eight_the_oldest_merge_and_keep_their_presses)
{
    setup_queued();
    push(1, PEBBLES_JUMP, 100, TICK0);
    for (uint32_t seq = 2; seq <= 10; seq++)
        push(seq, 0, (int32_t)seq, TICK0);
    ck_assert_uint_eq(in.count, INPUT_QUEUE_MAX);
    take(TICK0);
    ck_assert_uint_eq(out.cmds[0].seq, 3);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 3);
    ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], PEBBLES_JUMP);
    ck_assert_uint_eq(out.cmds[1].seq, 4);
    ck_assert_int_eq(out.cmds[1].words[PUSH_BUTTONS], 0);
}
END_TEST

START_TEST(nobody_moves_faster_than_time)
{
    unsigned applied = 0;
    uint32_t seq = 0;
    setup_queued();
    for (uint32_t tick = 0; tick < 200; tick++) {
        for (int i = 0; i < 5; i++)
            push(++seq, 0, 1, TICK0 + tick);
        applied += take(TICK0 + tick);
    }
    ck_assert_uint_le(applied, 200 + INPUT_BURST);
    ck_assert_uint_ge(applied, 200);
}
END_TEST

START_TEST(a_burst_after_silence_is_caught_up_but_only_so_far)
{
    setup_queued();
    for (uint32_t tick = 0; tick < 5; tick++)
        ck_assert_uint_eq(take(TICK0 + tick), 0);
    for (uint32_t seq = 1; seq <= 8; seq++)
        push(seq, 0, 1, TICK0 + 5);
    ck_assert_uint_eq(take(TICK0 + 5), 2);
    ck_assert_uint_eq(take(TICK0 + 6), 2);
    ck_assert_uint_eq(take(TICK0 + 7), 2);
    ck_assert_uint_eq(take(TICK0 + 8), 1);
    ck_assert_uint_eq(in.count, 1);
}
END_TEST

START_TEST(what_waited_for_half_a_second_merges_and_keeps_its_presses)
{
    setup_queued();
    push(1, PEBBLES_JUMP, 50, TICK0);
    push(2, 0, 60, TICK0);
    push(3, 0, 70, TICK0 + 9);
    ck_assert_uint_eq(take(TICK0 + 11), 1);
    ck_assert_uint_eq(out.cmds[0].seq, 3);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 70);
    ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], PEBBLES_JUMP);
}
END_TEST

START_TEST(a_silent_players_body_coasts_and_keeps_its_aim)
{
    struct usercmd cmd = {.seq = 1, .words = {PEBBLES_JUMP, 99, 500, -500}};
    setup_queued();
    inputs_push(&in, game_pebbles.table, &cmd, TICK0);
    take(TICK0);
    for (uint32_t tick = 1; tick <= INPUT_PATIENCE_TICKS; tick++)
        ck_assert_uint_eq(take(TICK0 + tick), 0);
    for (uint32_t tick = 1; tick < 50; tick++) {
        ck_assert_uint_eq(take(TICK0 + INPUT_PATIENCE_TICKS + tick), 1);
        ck_assert_uint_eq(out.cmds[0].seq, 1);
        ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], 0);
        ck_assert_int_eq(out.cmds[0].words[PUSH_AIM], 99);
        ck_assert_int_eq(out.cmds[0].words[PUSH_X], 0);
        ck_assert_int_eq(out.cmds[0].words[PUSH_Y], 0);
    }
    ck_assert_uint_eq(in.applied_seq, 1);
    ck_assert(push(2, 0, 3, TICK0 + 60));
    take(TICK0 + 60);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 3);
}
END_TEST

START_TEST(the_queue_works_over_the_wrap_of_ticks)
{
    inputs_init(&in, INPUT_QUEUED, UINT32_MAX - 2);
    push(1, 0, 5, UINT32_MAX);
    ck_assert_uint_eq(take(UINT32_MAX), 1);
    ck_assert_uint_eq(take(0), 0);
    ck_assert_uint_eq(take(4), 0);
    ck_assert_uint_eq(take(5), 1); /* coasts */
}
END_TEST

/* ---- held ---- */

START_TEST(the_newest_is_held_and_its_presses_go_on)
{
    setup_held();
    push(1, 0, 5, TICK0);
    push(2, PEBBLES_JUMP, 6, TICK0);
    for (uint32_t tick = 0; tick <= INPUT_STALE_TICKS; tick++) {
        ck_assert_uint_eq(take(TICK0 + tick), 1);
        ck_assert_uint_eq(out.cmds[0].seq, 2);
        ck_assert_int_eq(out.cmds[0].words[PUSH_X], 6);
        ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], PEBBLES_JUMP);
    }
    ck_assert_uint_eq(in.applied_seq, 2);
}
END_TEST

START_TEST(who_holds_a_button_goes_on_looking)
{
    setup_held();
    push_seen(1, TICK0 - 2, 0, TICK0);
    for (uint32_t tick = TICK0; tick < TICK0 + 8; tick++) {
        take(tick);
        ck_assert_uint_eq(out.cmds[0].view_tick, tick - 2);
    }
}
END_TEST

START_TEST(a_press_of_an_earlier_one_counts_once)
{
    setup_held();
    push(1, PEBBLES_JUMP, 5, TICK0);
    push(2, 0, 6, TICK0);
    take(TICK0);
    ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], PEBBLES_JUMP);
    take(TICK0 + 1);
    ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], 0);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 6);
}
END_TEST

START_TEST(after_half_a_second_without_input_nothing_is_held)
{
    setup_held();
    ck_assert_uint_eq(take(TICK0), 1);
    ck_assert_uint_eq(out.cmds[0].seq, 0);
    push(1, PEBBLES_JUMP, 5, TICK0 + 1);
    take(TICK0 + 1 + INPUT_STALE_TICKS);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 5);
    take(TICK0 + 2 + INPUT_STALE_TICKS);
    ck_assert_int_eq(out.cmds[0].words[PUSH_X], 0);
    ck_assert_int_eq(out.cmds[0].words[PUSH_BUTTONS], 0);
    ck_assert_uint_eq(out.cmds[0].seq, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("inputs");

    tcase_add_test(tests, no_picture_counts_as_older_than_250_ms_or_as_one_to_come);
    tcase_add_test(tests, who_holds_a_button_goes_on_looking);
    tcase_add_test(tests, each_usercmd_is_applied_once);
    tcase_add_test(tests, one_may_wait_and_more_are_caught_up_two_a_tick);
    tcase_add_test(tests, an_older_a_repeated_and_an_impossible_usercmd_are_refused);
    tcase_add_test(tests, beyond_eight_the_oldest_merge_and_keep_their_presses);
    tcase_add_test(tests, nobody_moves_faster_than_time);
    tcase_add_test(tests, a_burst_after_silence_is_caught_up_but_only_so_far);
    tcase_add_test(tests, what_waited_for_half_a_second_merges_and_keeps_its_presses);
    tcase_add_test(tests, a_silent_players_body_coasts_and_keeps_its_aim);
    tcase_add_test(tests, the_queue_works_over_the_wrap_of_ticks);
    tcase_add_test(tests, the_newest_is_held_and_its_presses_go_on);
    tcase_add_test(tests, a_press_of_an_earlier_one_counts_once);
    tcase_add_test(tests, after_half_a_second_without_input_nothing_is_held);
    return suite_run("inputs", tests);
}
