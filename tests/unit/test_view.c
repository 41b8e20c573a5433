#include "client/view/view.h"

#include <stdlib.h>
#include <string.h>

#include "shared/tick.h"
#include "tests/unit/suite.h"
#include "tests/unit/view_rig.h"

#define SECOND_US        1000000u
#define MOVE             8  /* a button of the default game that moves the body along +x */
#define FIRE             16 /* buttons of the game that the rig plays */
#define BEAM             32
#define SHOT_UNITS_PER_S 640

static struct rig rig;
static struct view_stats stats;

static void play(uint64_t delay_us, uint64_t jitter_us, uint64_t duration_us)
{
    rig_init(&rig, delay_us, jitter_us);
    rig_run(&rig, duration_us);
    view_read_stats(rig.view, rig.now_us, &stats);
}

static const struct drawn *own_drawn(void)
{
    ck_assert_int_ge(rig.frame->own_index, 0);
    return &rig.frame->drawn[rig.frame->own_index];
}

static int32_t own_x(void)
{
    const struct drawn *own = own_drawn();
    return own->words[rig.game->table->kinds[own->kind - 1].x_word];
}

START_TEST(a_colour_is_said_and_learned)
{
    rig_init(&rig, 20000, 0);
    view_set_colour(rig.view, COLOURS_MAX + 1);
    view_set_colour(rig.view, COLOURS_MAX);
    rig_run(&rig, SECOND_US);
    ck_assert(rig.hello.has_colour);
    ck_assert_uint_eq(rig.hello.colour, COLOURS_MAX);
    ck_assert_uint_eq(view_colour(rig.view, RIG_OWN_SEAT), COLOURS_MAX);
    ck_assert_uint_eq(view_colour(rig.view, 1), 0);
}
END_TEST

START_TEST(it_joins_and_draws_the_world)
{
    play(20000, 0, SECOND_US);
    ck_assert_int_eq(rig.frame->phase, VIEW_PLAYING);
    ck_assert_str_eq(view_welcome(rig.view)->room, "main");
    ck_assert_uint_eq(view_map(rig.view)->width, RIG_MAP_EDGE);
    ck_assert_str_eq(view_name(rig.view, RIG_OWN_SEAT), "Ada");
    ck_assert_str_eq(view_name(rig.view, 1), "");
    ck_assert_str_eq(rig.hello.name, "Ada");
    ck_assert(!rig.hello.has_colour);
    ck_assert_uint_eq(view_colour(rig.view, RIG_OWN_SEAT), 0);
    ck_assert_uint_ge(rig.frame->count, RIG_SEATS);
    ck_assert_uint_eq(own_drawn()->flags, DRAWN_OWN | DRAWN_MINE);
    ck_assert_uint_eq(stats.hash_errors, 0);
    ck_assert_uint_eq(stats.decode_errors, 0);
}
END_TEST

START_TEST(drawn_slots_ascend)
{
    play(20000, 5000, SECOND_US);
    for (uint32_t i = 1; i < rig.frame->count; i++)
        ck_assert_uint_lt(rig.frame->drawn[i - 1].slot, rig.frame->drawn[i].slot);
}
END_TEST

START_TEST(the_own_body_moves_in_the_frame_after_a_key)
{
    play(200000, 0, 3 * SECOND_US);
    int32_t before = own_x();
    rig.input[0] = MOVE;
    rig_run(&rig, 2 * RIG_FRAME_US);
    ck_assert_int_ne(own_x(), before);
}
END_TEST

START_TEST(without_contact_nothing_is_corrected)
{
    play(100000, 30000, SECOND_US);
    for (unsigned i = 0; i < 40; i++) {
        rig.input[0] = 1 << i % 4;
        rig_run(&rig, 150000);
    }
    view_read_stats(rig.view, rig.now_us, &stats);
    ck_assert_uint_eq(stats.corrections, 0);
}
END_TEST

START_TEST(the_own_body_is_where_the_server_will_have_it)
{
    play(100000, 0, SECOND_US);
    rig.input[0] = MOVE;
    rig_run(&rig, SECOND_US);
    rig.input[0] = 0;
    rig_run(&rig, 2 * SECOND_US);
    const struct entity *body = rig_body(&rig);
    ck_assert_int_eq(own_x(), body->words[rig.game->table->kinds[body->kind - 1].x_word]);
}
END_TEST

START_TEST(a_shove_is_corrected_without_a_jump)
{
    play(50000, 0, SECOND_US);
    int32_t before = own_x();
    struct entity *body = world_entity(&rig.world, world_body(&rig.world, RIG_OWN_SEAT));
    unsigned x_word = rig.game->table->kinds[body->kind - 1].x_word;
    int32_t shove = 10 * rig.game->unit;
    body->words[x_word] += shove;

    int32_t last = before, largest = 0;
    for (unsigned i = 0; i < 60; i++) {
        rig_run(&rig, RIG_FRAME_US);
        int32_t step = abs(own_x() - last);
        if (step > largest) largest = step;
        last = own_x();
    }
    view_read_stats(rig.view, rig.now_us, &stats);
    ck_assert_uint_ge(stats.corrections, 1);
    ck_assert_int_lt(largest, shove / 4);
    ck_assert_int_le(abs(last - before - shove), 1);
}
END_TEST

/* The own shot on the screen, or NULL; there is never more than one of a single press. */
static const struct drawn *own_shot(void)
{
    const struct drawn *found = NULL;
    for (uint32_t i = 0; i < rig.frame->count; i++) {
        const struct drawn *d = &rig.frame->drawn[i];
        const struct entity_kind *kind = &rig.game->table->kinds[d->kind - 1];
        if (!(d->flags & DRAWN_MINE) || kind->flags != 0) continue;
        ck_assert_ptr_null(found);
        found = d;
    }
    return found;
}

START_TEST(a_shot_is_drawn_at_once_and_the_servers_takes_its_place_unseen)
{
    static const uint64_t delays_us[] = {0, 20000, 50000};
    play(delays_us[_i], 0, 3 * SECOND_US);
    rig.input[0] = FIRE;
    rig_run(&rig, 50000 + RIG_FRAME_US);
    rig.input[0] = 0;
    struct drawn before = *own_shot();
    struct moment last = rig.frame->moment;
    ck_assert_int_ne(before.flags & DRAWN_PREDICTED, 0);

    while (before.flags & DRAWN_PREDICTED) {
        rig_run(&rig, RIG_FRAME_US);
        const struct drawn *shot = own_shot();
        ck_assert_ptr_nonnull(shot);
        struct moment now = rig.frame->moment;
        int64_t passed_us =
            (int64_t)tick_difference(now.tick, last.tick) * TICK_US + now.after_us - last.after_us;
        int64_t expected = passed_us * SHOT_UNITS_PER_S / (int64_t)SECOND_US;
        int64_t moved = (shot->words[0] - before.words[0]) / rig.game->unit;
        ck_assert_int_le(moved, expected + 3);
        ck_assert_int_ge(moved, expected - 3);
        before = *shot;
        last = now;
    }
}
END_TEST

START_TEST(what_the_server_does_not_know_of_goes)
{
    play(20000, 0, 3 * SECOND_US);
    rig.server_is_silent = true;
    rig.input[0] = FIRE;
    rig_run(&rig, 50000 + RIG_FRAME_US);
    rig.input[0] = 0;
    ck_assert_ptr_nonnull(own_shot());
    rig_run(&rig, 4 * SECOND_US);
    ck_assert_ptr_null(own_shot());
}
END_TEST

/* The word of the own body that the default game calls so. */
static int32_t *own_word(const char *name)
{
    struct entity *body = world_entity(&rig.world, world_body(&rig.world, RIG_OWN_SEAT));
    const struct entity_kind *kind = &rig.game->table->kinds[body->kind - 1];
    for (unsigned i = 0; i < kind->field_count; i++) {
        if (strcmp(kind->fields[i].name, name) == 0) return &body->words[kind->fields[i].word];
    }
    ck_abort_msg("no field %s", name);
}

/* Presses the button for one usercmd and takes the lines of the next two seconds: how many events of
 * one's own there are, and how many are withdrawn. */
static void strike_once(unsigned *events, unsigned *withdrawn, unsigned *first_frame)
{
    struct view_line line;
    *events = *withdrawn = *first_frame = 0;
    rig.input[0] = BEAM;
    for (unsigned frame = 1; frame < 120; frame++) {
        rig_run(&rig, RIG_FRAME_US);
        if (frame == 4) rig.input[0] = 0;
        while (view_take_line(rig.view, &line)) {
            if (line.line.event.words[0] != RIG_OWN_SEAT || line.line.event.seat != SEAT_NONE)
                continue;
            if ((*events)++ == 0) *first_frame = frame;
        }
        while (view_take_withdrawn(rig.view) != 0)
            (*withdrawn)++;
    }
}

START_TEST(a_beam_is_told_at_once_and_only_once)
{
    static const uint64_t delays_us[] = {0, 20000, 100000};
    unsigned events, withdrawn, first_frame;
    play(delays_us[_i], 0, 3 * SECOND_US);
    strike_once(&events, &withdrawn, &first_frame);
    ck_assert_uint_eq(events, 1);
    ck_assert_uint_eq(withdrawn, 0);
    ck_assert_uint_le(first_frame, 4); /* the usercmd's time at most */
}
END_TEST

START_TEST(a_beam_that_the_server_refuses_is_withdrawn)
{
    unsigned events, withdrawn, first_frame;
    play(50000, 0, 3 * SECOND_US);
    *own_word("beam_wait") = 100; /* of which the client does not know yet */
    strike_once(&events, &withdrawn, &first_frame);
    ck_assert_uint_eq(events, 1);
    ck_assert_uint_eq(withdrawn, 1);
}
END_TEST

START_TEST(stats_tell_the_links_figures)
{
    play(60000, 0, 5 * SECOND_US);
    ck_assert_int_ge(stats.rtt_us, 119000);
    ck_assert_int_le(stats.rtt_us, 122000);
    ck_assert_uint_ge(stats.updates_per_s, 19);
    ck_assert_uint_le(stats.updates_per_s, 21);
    ck_assert_uint_gt(stats.bytes_per_s, 100);
    ck_assert_int_ge(stats.state_age_us, 55000);
    ck_assert_int_le(stats.state_age_us, 115000);
    ck_assert_int_eq(stats.cadence, 1);
    ck_assert_uint_le(stats.pending, 5);
}
END_TEST

START_TEST(the_delay_grows_with_lateness)
{
    play(5000, 0, 5 * SECOND_US);
    ck_assert_int_eq(stats.delay_us, 100000);
    play(60000, 60000, 12 * SECOND_US);
    ck_assert_int_gt(stats.delay_us, 140000);
    ck_assert_int_le(stats.delay_us, 250000);
}
END_TEST

START_TEST(little_is_guessed_on_a_jittery_link)
{
    play(40000, 60000, 8 * SECOND_US);
    unsigned guessed = 0, frames = 0;
    for (; frames < 600; frames++) {
        rig_run(&rig, RIG_FRAME_US);
        for (uint32_t i = 0; i < rig.frame->count; i++) {
            if (rig.frame->drawn[i].flags & DRAWN_EXTRAPOLATED) {
                guessed++;
                break;
            }
        }
    }
    ck_assert_uint_lt(guessed, frames / 20);
}
END_TEST

START_TEST(silence_holds_the_world_and_says_so)
{
    play(20000, 0, 2 * SECOND_US);
    rig.server_is_silent = true;
    rig_run(&rig, SECOND_US);
    for (uint32_t i = 0; i < rig.frame->count; i++) {
        if (!(rig.frame->drawn[i].flags & DRAWN_OWN)) {
            ck_assert(rig.frame->drawn[i].flags & DRAWN_HELD);
        }
    }
    rig.server_is_silent = false;
    rig_run(&rig, SECOND_US);
    ck_assert(!(rig.frame->drawn[0].flags & DRAWN_HELD));
}
END_TEST

START_TEST(the_moment_drawn_never_goes_back)
{
    play(30000, 80000, SECOND_US);
    struct moment last = rig.frame->moment;
    for (unsigned i = 0; i < 600; i++) {
        rig.delay_us = i < 200 ? 30000 : 150000;
        rig_run(&rig, RIG_FRAME_US);
        struct moment now = rig.frame->moment;
        ck_assert(tick_is_newer(now.tick, last.tick) ||
                  (now.tick == last.tick && now.after_us >= last.after_us));
        last = now;
    }
}
END_TEST

START_TEST(a_stuck_link_sends_nothing_and_loses_no_press)
{
    play(20000, 0, 2 * SECOND_US);
    uint32_t received = rig.received_cmds;
    rig.link_is_stuck = true;
    rig_run(&rig, SECOND_US);
    ck_assert_uint_le(rig.received_cmds, received + 1);

    rig.link_is_stuck = false;
    rig_run(&rig, SECOND_US / 10);
    ck_assert_uint_ge(rig.received_cmds, received + USERCMDS_PER_MESSAGE_MAX);
    rig_run(&rig, SECOND_US);
    view_read_stats(rig.view, rig.now_us, &stats);
    ck_assert_uint_eq(stats.corrections, 0);
    ck_assert_uint_le(stats.pending, 4);
}
END_TEST

START_TEST(a_hidden_view_asks_for_nothing_and_comes_back_in_full)
{
    play(20000, 0, SECOND_US);
    uint32_t full = rig.full_sent;
    view_set_hidden(rig.view, true);
    rig_run(&rig, SECOND_US);
    ck_assert(rig.is_hidden);
    view_set_hidden(rig.view, false);
    rig_run(&rig, SECOND_US);
    ck_assert(!rig.is_hidden);
    ck_assert_uint_eq(rig.full_sent, full + 1);
}
END_TEST

START_TEST(chat_goes_up_and_bad_chat_does_not)
{
    play(20000, 0, SECOND_US);
    ck_assert(view_say(rig.view, "hello there"));
    ck_assert(!view_say(rig.view, ""));
    ck_assert(!view_say(rig.view, "a\nb"));
    rig_run(&rig, SECOND_US / 5);
    ck_assert_str_eq(rig.chat.text, "hello there");
}
END_TEST

START_TEST(a_new_connection_shows_the_token)
{
    play(20000, 0, SECOND_US);
    ck_assert(!rig.hello.has_token);
    rig_reconnect(&rig);
    rig_run(&rig, SECOND_US);
    ck_assert(rig.hello.has_token);
    ck_assert_uint_eq(rig.hello.token_seat, RIG_OWN_SEAT);
    ck_assert_uint_eq(rig.hello.token[2], 3);
    ck_assert(view_welcome(rig.view)->is_resumed);
    ck_assert_int_eq(rig.frame->phase, VIEW_PLAYING);
    ck_assert_int_ge(rig.frame->own_index, 0);
}
END_TEST

START_TEST(a_broken_message_asks_for_a_full_snapshot_once)
{
    static const uint8_t broken[] = {MESSAGE_SNAPSHOT, 0xff, 0xff, 0xff};
    play(20000, 0, SECOND_US);
    rig_send(&rig, broken, sizeof broken);
    rig_send(&rig, broken, sizeof broken);
    rig_run(&rig, SECOND_US);
    view_read_stats(rig.view, rig.now_us, &stats);
    ck_assert_uint_ge(stats.decode_errors, 1);
    ck_assert_uint_eq(rig.resyncs, 1);
    ck_assert_int_eq(rig.frame->phase, VIEW_PLAYING);
}
END_TEST

START_TEST(bye_ends_it_with_the_reason)
{
    uint8_t bytes[256];
    struct message_bye bye = {.code = 4003, .reason = "kicked"};
    play(20000, 0, SECOND_US);
    rig_send(&rig, bytes, message_encode_bye(bytes, sizeof bytes, &bye));
    rig_run(&rig, SECOND_US / 10);
    ck_assert_int_eq(rig.frame->phase, VIEW_ENDED);
    ck_assert_uint_eq(view_bye(rig.view)->code, 4003);
    ck_assert_str_eq(view_bye(rig.view)->reason, "kicked");
}
END_TEST

START_TEST(another_schema_ends_it_with_4001)
{
    rig_init(&rig, 1000, 0);
    rig.schema.hash ^= 1;
    rig_run(&rig, SECOND_US);
    ck_assert_int_eq(rig.frame->phase, VIEW_ENDED);
    ck_assert_uint_eq(view_bye(rig.view)->code, 4001);
}
END_TEST

START_TEST(lines_come_when_their_tick_is_drawn)
{
    struct view_line line;
    unsigned taken = 0;
    play(20000, 0, SECOND_US);
    rig.input[0] = 0x7fffffff; /* all buttons: something will happen */
    for (unsigned i = 0; i < 600; i++) {
        rig_run(&rig, RIG_FRAME_US);
        while (view_take_line(rig.view, &line)) {
            ck_assert(!tick_is_newer(line.tick, rig.frame->moment.tick));
            ck_assert_int_ge(tick_difference(line.tick, rig.frame->moment.tick), -2);
            taken++;
        }
    }
    ck_assert_uint_gt(taken, 0);
}
END_TEST

START_TEST(any_bytes_at_all_do_no_harm)
{
    uint8_t bytes[64];
    play(20000, 0, SECOND_US);
    for (unsigned i = 0; i < 20000; i++) {
        size_t length = rng_below(&rig.rng, sizeof bytes);
        for (size_t j = 0; j < length; j++)
            bytes[j] = (uint8_t)rng_next(&rig.rng);
        if (length > 0) bytes[0] = (uint8_t)(1 + i % 6);
        if (length > 0 && bytes[0] == MESSAGE_BYE) continue;
        view_receive(rig.view, bytes, length, rig.now_us);
        view_frame(rig.view, rig.now_us);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("view");

    tcase_add_test(tests, a_colour_is_said_and_learned);
    tcase_add_test(tests, it_joins_and_draws_the_world);
    tcase_add_test(tests, drawn_slots_ascend);
    tcase_add_test(tests, the_own_body_moves_in_the_frame_after_a_key);
    tcase_add_test(tests, without_contact_nothing_is_corrected);
    tcase_add_test(tests, the_own_body_is_where_the_server_will_have_it);
    tcase_add_test(tests, a_shove_is_corrected_without_a_jump);
    tcase_add_loop_test(tests, a_shot_is_drawn_at_once_and_the_servers_takes_its_place_unseen, 0,
                        3);
    tcase_add_test(tests, what_the_server_does_not_know_of_goes);
    tcase_add_loop_test(tests, a_beam_is_told_at_once_and_only_once, 0, 3);
    tcase_add_test(tests, a_beam_that_the_server_refuses_is_withdrawn);
    tcase_add_test(tests, stats_tell_the_links_figures);
    tcase_add_test(tests, the_delay_grows_with_lateness);
    tcase_add_test(tests, little_is_guessed_on_a_jittery_link);
    tcase_add_test(tests, silence_holds_the_world_and_says_so);
    tcase_add_test(tests, the_moment_drawn_never_goes_back);
    tcase_add_test(tests, a_stuck_link_sends_nothing_and_loses_no_press);
    tcase_add_test(tests, a_hidden_view_asks_for_nothing_and_comes_back_in_full);
    tcase_add_test(tests, chat_goes_up_and_bad_chat_does_not);
    tcase_add_test(tests, a_new_connection_shows_the_token);
    tcase_add_test(tests, a_broken_message_asks_for_a_full_snapshot_once);
    tcase_add_test(tests, bye_ends_it_with_the_reason);
    tcase_add_test(tests, another_schema_ends_it_with_4001);
    tcase_add_test(tests, lines_come_when_their_tick_is_drawn);
    tcase_add_test(tests, any_bytes_at_all_do_no_harm);
    return suite_run("view", tests);
}
