/* The view while time is lost: the link stops, the server stops, the machine sleeps or is slow. What
 * is drawn never goes back, catches up without end, or is late for longer than it must be. The page's
 * module plays the same script in tests/vectors/view_lost_time.txt. */
#include <stdlib.h>

#include "client/view/view.h"
#include "shared/tick.h"
#include "tests/unit/suite.h"
#include "tests/unit/view_rig.h"

#define SECOND_US      1000000
#define DELAY_US       30000 /* one way */
#define UNITS_PER_S    260   /* about the fastest of the default game */
#define MOVES          15    /* its buttons that move */
#define NOT_SEEN_UNITS 5
#define CATCH_UP_MAX   9 /* usercmds in one frame: what a message holds, and the one that is due */

static struct rig rig;
static struct view_stats stats;
static struct drawn last[RIG_SLOTS];
static uint32_t last_count;
static struct moment last_moment;
static bool may_go_back; /* the server drops time: what was guessed of it was not so */
static int32_t farthest; /* units beyond what flies, of any craft from frame to frame */

static int32_t units(int32_t sim)
{
    return sim / rig.game->unit;
}

static const struct drawn *find_last(const struct drawn *d)
{
    for (uint32_t i = 0; i < last_count; i++) {
        if (last[i].slot == d->slot && last[i].generation == d->generation) return &last[i];
    }
    return NULL;
}

/* How far the bodies went since the last frame, beyond what they may fly in that time. */
static void note_jumps(uint64_t passed_us)
{
    int32_t may = (int32_t)(2 * UNITS_PER_S * passed_us / SECOND_US) + 2;
    for (uint32_t i = 0; i < rig.frame->count; i++) {
        const struct drawn *d = &rig.frame->drawn[i], *before = find_last(d);
        const struct entity_kind *kind = &rig.game->table->kinds[d->kind - 1];
        if (before == NULL || !(kind->flags & KIND_BODY)) continue;
        int32_t x = abs(units(d->words[kind->x_word] - before->words[kind->x_word]));
        int32_t y = abs(units(d->words[kind->y_word] - before->words[kind->y_word]));
        int32_t beyond = (x > y ? x : y) - may;
        if (beyond > farthest) farthest = beyond;
    }
}

/* Lets frames go by and looks at each. */
static void watch(uint64_t duration_us)
{
    for (uint64_t end_us = rig.now_us + duration_us; rig.now_us < end_us;) {
        uint64_t before_us = rig.now_us;
        rig_run(&rig, rig.frame_us);
        struct moment m = rig.frame->moment;
        int32_t ticks = tick_difference(m.tick, last_moment.tick);
        bool is_back = ticks < 0 || (ticks == 0 && m.after_us < last_moment.after_us);
        ck_assert(!is_back || may_go_back || last_count == 0);
        if (last_count > 0) note_jumps(rig.now_us - before_us);
        last_moment = m;
        last_count = rig.frame->count;
        for (uint32_t i = 0; i < last_count; i++)
            last[i] = rig.frame->drawn[i];
    }
    view_read_stats(rig.view, rig.now_us, &stats);
}

static void setup(void)
{
    rig_init(&rig, DELAY_US, 0);
    last_count = 0;
    farthest = 0;
    may_go_back = false;
    rig.input[0] = 1;
    watch(3 * SECOND_US);
    ck_assert_int_le(farthest, 0);
}

static enum verdict_cause verdict(void)
{
    static struct view_verdict said;
    view_read_verdict(rig.view, rig.now_us, &said);
    return said.cause;
}

/* How far the picture lies behind the server's time. */
static int64_t behind_us(void)
{
    int64_t ticks = tick_difference(rig.world.state->tick, rig.frame->moment.tick);
    return ticks * TICK_US - rig.frame->moment.after_us;
}

static bool is_anyone(uint16_t flag)
{
    for (uint32_t i = 0; i < rig.frame->count; i++) {
        if (rig.frame->drawn[i].flags & flag) return true;
    }
    return false;
}

/* All is as it was: soon enough, and with nothing left over. */
static void check_recovered(void)
{
    ck_assert_int_le(behind_us(), 180000);
    ck_assert_int_ge(behind_us(), 20000);
    ck_assert_uint_le(stats.pending, 4);
    ck_assert_uint_le(stats.queued, 2);
    ck_assert(!is_anyone(DRAWN_EXTRAPOLATED));
    ck_assert_uint_ge(stats.updates_per_s, 19);
}

START_TEST(a_frame_that_takes_a_second_is_made_up_for_in_one)
{
    uint32_t received = rig.received_cmds;
    rig.client_sleeps = true;
    rig_run(&rig, SECOND_US);
    rig.client_sleeps = false;
    last_count = 0; /* a second later all is elsewhere */
    watch(rig.frame_us);
    ck_assert_int_le(behind_us(), 180000);
    watch(200000);
    ck_assert_uint_le(rig.received_cmds - received, CATCH_UP_MAX + 5);
    ck_assert_int_eq(verdict(), VERDICT_MACHINE);
    ck_assert_int_eq(stats.delay_us, 100000); /* the link is as good as it was */
    watch(SECOND_US);
    ck_assert_int_le(farthest, 0);
    check_recovered();
}
END_TEST

START_TEST(stalls_again_and_again_do_not_add_up)
{
    for (unsigned i = 0; i < 10; i++) {
        rig.client_sleeps = true;
        rig_run(&rig, 300000);
        rig.client_sleeps = false;
        last_count = 0;
        watch(300000);
        ck_assert_uint_lt(stats.pending, 24);
        ck_assert_int_le(behind_us(), 180000);
    }
    watch(2 * SECOND_US);
    check_recovered();
}
END_TEST

START_TEST(a_machine_of_ten_frames_a_second_keeps_up)
{
    rig.frame_us = 100000;
    watch(2 * SECOND_US);
    uint32_t received = rig.received_cmds;
    watch(10 * SECOND_US);
    ck_assert_uint_ge(rig.received_cmds - received, 195);
    ck_assert_uint_le(rig.received_cmds - received, 205);
    ck_assert_uint_eq(stats.corrections, 0);
    ck_assert_int_le(stats.delay_us, 120000); /* nothing was late, it was looked at seldom */
    ck_assert_uint_le(stats.pending, 6);
    ck_assert_int_eq(verdict(), VERDICT_MACHINE);
}
END_TEST

START_TEST(a_link_that_stops_is_guessed_held_and_put_right_without_a_jump)
{
    rig.link_stops = true;
    watch(220000);
    ck_assert(is_anyone(DRAWN_EXTRAPOLATED));
    ck_assert(!is_anyone(DRAWN_HELD));
    rig.link_stops = false;
    watch(SECOND_US);
    ck_assert_int_le(farthest, NOT_SEEN_UNITS);
    ck_assert_int_eq(verdict(), VERDICT_LINK);

    rig.link_stops = true;
    watch(SECOND_US);
    ck_assert(is_anyone(DRAWN_HELD));
    rig.link_stops = false;
    watch(8 * SECOND_US);
    check_recovered();
    ck_assert_int_le(stats.delay_us, 110000); /* what was needed then is forgotten */
}
END_TEST

START_TEST(the_own_body_flies_on_while_the_link_stops)
{
    int32_t from = rig.frame->drawn[rig.frame->own_index].words[0];
    rig.link_stops = true;
    rig.input[0] = from > rig_body(&rig)->words[0] ? 4 : 8;
    watch(400000);
    ck_assert_int_ge(rig.frame->own_index, 0);
    ck_assert_int_ne(rig.frame->drawn[rig.frame->own_index].words[0], from);
    ck_assert_uint_eq(stats.corrections, 0);
    rig.link_stops = false;
    watch(8 * SECOND_US);
    ck_assert_int_le(farthest, NOT_SEEN_UNITS);
    check_recovered();
}
END_TEST

START_TEST(a_server_that_stops_is_blamed_and_followed)
{
    may_go_back = rig.server_stops = true;
    watch(700000);
    rig.server_stops = false;
    watch(300000);
    ck_assert_int_eq(verdict(), VERDICT_SERVER);
    watch(8 * SECOND_US);
    check_recovered();
    ck_assert_int_le(farthest, NOT_SEEN_UNITS);
}
END_TEST

START_TEST(all_at_once_ends_well)
{
    may_go_back = true;
    for (unsigned i = 0; i < 40; i++) {
        rig.link_stops = rng_below(&rig.rng, 4) == 0;
        rig.server_stops = rng_below(&rig.rng, 6) == 0;
        rig.client_sleeps = rng_below(&rig.rng, 5) == 0;
        rig.frame_us = rng_below(&rig.rng, 4) == 0 ? 70000 : RIG_FRAME_US;
        rig.input[0] = (int32_t)rng_below(&rig.rng, MOVES + 1);
        if (rig.client_sleeps)
            rig_run(&rig, 150000);
        else
            watch(150000);
    }
    rig.link_stops = rig.server_stops = rig.client_sleeps = false;
    rig.frame_us = RIG_FRAME_US;
    watch(8 * SECOND_US);
    check_recovered();
    ck_assert_uint_eq(stats.hash_errors, 0);
}
END_TEST

START_TEST(a_machine_that_was_shut_for_an_hour_goes_on)
{
    may_go_back = true;
    rig.server_stops = true; /* so does this server, or the link would be full */
    rig.client_sleeps = true;
    rig.now_us += 3600ull * SECOND_US;
    rig.next_tick_us += 3600ull * SECOND_US;
    rig_run(&rig, 100000);
    rig.server_stops = rig.client_sleeps = false;
    last_count = 0;
    watch(3 * SECOND_US);
    check_recovered();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("view_lost_time");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, a_frame_that_takes_a_second_is_made_up_for_in_one);
    tcase_add_test(tests, stalls_again_and_again_do_not_add_up);
    tcase_add_test(tests, a_machine_of_ten_frames_a_second_keeps_up);
    tcase_add_test(tests, a_link_that_stops_is_guessed_held_and_put_right_without_a_jump);
    tcase_add_test(tests, the_own_body_flies_on_while_the_link_stops);
    tcase_add_test(tests, a_server_that_stops_is_blamed_and_followed);
    tcase_add_test(tests, all_at_once_ends_well);
    tcase_add_test(tests, a_machine_that_was_shut_for_an_hour_goes_on);
    return suite_run("view_lost_time", tests);
}
