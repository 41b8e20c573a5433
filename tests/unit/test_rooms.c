#include "server/room/room.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/clock.h"
#include "tests/unit/pebbles.h"
#include "tests/unit/suite.h"

/* Real room threads, and the test's own thread as every worker. */

#define WORKERS 2

struct bench {
    struct rooms *rooms;
    struct room *room;
    _Atomic uint32_t wakes[WORKERS];
    _Atomic uint32_t pushed, ended; /* what the recorder got */
};

static void wake(void *context, uint32_t worker)
{
    struct bench *b = context;
    atomic_fetch_add(&b->wakes[worker], 1);
}

static void record_push(void *context, uint32_t room_thread, struct frame *frame)
{
    struct bench *b = context;
    (void)room_thread;
    atomic_fetch_add(&b->pushed, 1);
    frame_release(frame);
}

static void record_end(void *context, uint32_t room_thread, struct room *room)
{
    struct bench *b = context;
    (void)room_thread;
    (void)room;
    atomic_fetch_add(&b->ended, 1);
}

static struct room_settings plain_settings(void)
{
    return (struct room_settings){.name = "field",
                                  .game = &game_pebbles,
                                  .map = &pebbles_field,
                                  .map_name = "field",
                                  .slot_capacity = 64,
                                  .seat_capacity = 4,
                                  .seat_keep_ticks = SEAT_KEEP_TICKS,
                                  .seed = 1,
                                  .records = true};
}

static struct bench bench;

static void start(const struct room_settings *settings, size_t count, uint32_t threads)
{
    struct frame_sink sink = {&bench, record_push, record_end};
    struct error error;
    memset(&bench, 0, sizeof bench);
    bench.rooms = rooms_create(settings, count, threads, WORKERS, wake, &bench, &sink, &error);
    ck_assert_msg(bench.rooms != NULL, "%s", error.message);
    bench.room = rooms_get(bench.rooms, 0);
    ck_assert_int_eq(rooms_start(bench.rooms, &error), RESULT_OK);
}

static void stop(void)
{
    rooms_stop(bench.rooms);
    rooms_destroy(bench.rooms);
}

static void sleep_ms(int ms)
{
    (void)poll(NULL, 0, ms);
}

static struct room_reply await_reply(uint32_t worker)
{
    struct room_reply reply;
    for (int i = 0; i < 2000; i++) {
        if (rooms_take_reply(bench.rooms, worker, &reply)) return reply;
        sleep_ms(1);
    }
    ck_abort_msg("no reply within 2 s");
}

static struct frame *await_frame(struct room *room, uint32_t worker)
{
    for (int i = 0; i < 2000; i++) {
        struct frame *f = room_take_frame(room, worker);
        if (f != NULL) return f;
        sleep_ms(1);
    }
    ck_abort_msg("no frame within 2 s");
}

static struct room_command join_command(uint16_t worker, uint32_t index, uint8_t token)
{
    struct room_command c = {
        .kind = ROOM_JOIN, .seat = SEAT_NONE, .session = {.worker = worker, .index = index}};
    memset(c.join.token_hash, token, sizeof c.join.token_hash);
    c.join.input_mode = INPUT_QUEUED;
    return c;
}

static struct room_reply join(uint16_t worker, uint32_t index, uint8_t token)
{
    struct room_command c = join_command(worker, index, token);
    ck_assert_int_eq(room_post(bench.room, worker, &c), RESULT_OK);
    return await_reply(worker);
}

static void leave(const struct room_reply *joined, bool keep_seat)
{
    struct room_command c = {.kind = ROOM_LEAVE,
                             .seat = joined->seat,
                             .seat_generation = joined->seat_generation,
                             .session = joined->session,
                             .leave = {.keep_seat = keep_seat}};
    ck_assert_int_eq(room_post(bench.room, joined->session.worker, &c), RESULT_OK);
}

START_TEST(frames_come_every_50_ms_at_consecutive_ticks)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    join(0, 0, 1);

    struct frame *f = await_frame(bench.room, 0);
    uint64_t due_us = f->due_us;
    uint32_t tick = f->tick;
    frame_release(f);
    for (int i = 0; i < 20; i++) {
        f = await_frame(bench.room, 0);
        ck_assert_uint_eq(f->tick, ++tick);
        ck_assert_uint_eq((f->due_us - due_us) % 50000, 0);
        ck_assert_uint_ge(clock_monotonic_us(), f->due_us);
        due_us = f->due_us;
        frame_release(f);
    }
    ck_assert_uint_gt(atomic_load(&bench.wakes[0]), 10);
    ck_assert_uint_eq(atomic_load(&bench.wakes[1]), 0);
    ck_assert_ptr_null(room_take_frame(bench.room, 1));
    stop();
}
END_TEST

START_TEST(usercmds_move_the_body)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    struct room_reply joined = join(0, 0, 1);
    ck_assert_uint_eq(joined.kind, ROOM_JOINED);

    struct room_command c = {.kind = ROOM_USERCMD,
                             .seat = joined.seat,
                             .seat_generation = joined.seat_generation,
                             .usercmd = {.seq = 1}};
    c.usercmd.words[PUSH_X] = 300;
    ck_assert_int_eq(room_post(bench.room, 0, &c), RESULT_OK);
    int32_t x = 0;
    for (int i = 0; i < 40 && x != PEBBLES_EDGE / 2 + 300; i++) {
        struct frame *f = await_frame(bench.room, 0);
        const struct frame_seat *seat = &f->seats[joined.seat];
        x = frame_entity(f, seat->body_slot)->words[PEBBLE_X];
        if (x != PEBBLES_EDGE / 2) ck_assert_uint_eq(seat->input_seq, 1);
        frame_release(f);
    }
    ck_assert_int_eq(x, PEBBLES_EDGE / 2 + 300);
    stop();
}
END_TEST

START_TEST(two_workers_share_one_room)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    struct room_reply first = join(0, 7, 1), second = join(1, 9, 2);
    ck_assert_uint_eq(second.session.index, 9);
    ck_assert_uint_ne(first.seat, second.seat);

    struct frame *a = await_frame(bench.room, 0), *b = await_frame(bench.room, 1);
    while (a->tick < b->tick) {
        frame_release(a);
        a = await_frame(bench.room, 0);
    }
    while (b->tick < a->tick) {
        frame_release(b);
        b = await_frame(bench.room, 1);
    }
    ck_assert_ptr_eq(a, b); /* one frame, counted */
    frame_release(a);
    frame_release(b);
    stop();
}
END_TEST

START_TEST(a_lost_player_comes_back_into_the_seat)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    struct room_reply first = join(0, 0, 42);
    leave(&first, true);

    struct room_command c = join_command(1, 3, 43);
    c.join.has_resume = true;
    c.join.resume_seat = first.seat;
    memset(c.join.resume_hash, 42, sizeof c.join.resume_hash);
    ck_assert_int_eq(room_post(bench.room, 1, &c), RESULT_OK);
    struct room_reply again = await_reply(1);
    ck_assert(again.is_resumed);
    ck_assert_uint_eq(again.seat, first.seat);
    ck_assert_uint_ne(again.seat_generation, first.seat_generation);
    frame_release(await_frame(bench.room, 1));
    stop();
}
END_TEST

START_TEST(an_old_connection_is_told_that_it_was_taken_over)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    struct room_reply first = join(0, 5, 42);

    struct room_command c = join_command(1, 3, 43);
    c.join.has_resume = true;
    c.join.resume_seat = first.seat;
    memset(c.join.resume_hash, 42, sizeof c.join.resume_hash);
    ck_assert_int_eq(room_post(bench.room, 1, &c), RESULT_OK);
    ck_assert(await_reply(1).is_resumed);
    struct room_reply old = await_reply(0);
    ck_assert_uint_eq(old.kind, ROOM_TAKEN_OVER);
    ck_assert_uint_eq(old.session.index, 5);
    ck_assert_uint_eq(old.seat_generation, first.seat_generation);
    leave(&first, false); /* too late: it must not end the new session */
    sleep_ms(120);
    struct room_stats stats;
    room_read_stats(bench.room, &stats);
    ck_assert_uint_eq(stats.players, 1);
    stop();
}
END_TEST

START_TEST(a_full_room_refuses_with_a_reason)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    for (uint8_t i = 0; i < 4; i++)
        ck_assert_uint_eq(join(0, i, i).kind, ROOM_JOINED);
    struct room_reply refused = join(0, 4, 4);
    ck_assert_uint_eq(refused.kind, ROOM_REFUSED);
    ck_assert_uint_eq(refused.close_code, 1013);
    ck_assert_str_eq(refused.reason, "the room is full");
    ck_assert_uint_eq(refused.session.index, 4);
    stop();
}
END_TEST

START_TEST(an_empty_room_sleeps_and_then_begins_a_new_match)
{
    struct room_settings settings = plain_settings();
    struct room_stats stats;
    start(&settings, 1, 1);
    sleep_ms(150);
    room_read_stats(bench.room, &stats);
    ck_assert_uint_eq(stats.ticks, 0);

    struct room_reply joined = join(0, 0, 1);
    struct frame *f = await_frame(bench.room, 0);
    uint32_t epoch = f->epoch;
    frame_release(f);
    leave(&joined, false);
    sleep_ms(150);
    while ((f = room_take_frame(bench.room, 0)) != NULL)
        frame_release(f);
    room_read_stats(bench.room, &stats);
    uint32_t tick = stats.tick;
    sleep_ms(150);
    room_read_stats(bench.room, &stats);
    ck_assert_uint_eq(stats.tick, tick);

    join(0, 1, 1);
    f = await_frame(bench.room, 0);
    ck_assert_uint_eq(f->tick, tick + 1);
    ck_assert_uint_eq(f->epoch, epoch + 1);
    frame_release(f);
    stop();
}
END_TEST

START_TEST(the_recorder_gets_frames_while_somebody_plays)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    struct room_command watch = {.kind = ROOM_WATCH, .seat = SEAT_NONE, .session = {.worker = 1}};
    ck_assert_int_eq(room_post(bench.room, 1, &watch), RESULT_OK);
    ck_assert_uint_eq(await_reply(1).seat, SEAT_NONE);
    frame_release(await_frame(bench.room, 1));
    frame_release(await_frame(bench.room, 1));
    ck_assert_uint_eq(atomic_load(&bench.pushed), 0);

    struct room_reply joined = join(0, 0, 1);
    sleep_ms(150);
    ck_assert_uint_gt(atomic_load(&bench.pushed), 0);
    ck_assert_uint_eq(atomic_load(&bench.ended), 0);
    leave(&joined, false);
    sleep_ms(150);
    ck_assert_uint_eq(atomic_load(&bench.ended), 1);
    join(0, 1, 1);
    sleep_ms(100);
    rooms_stop(bench.rooms);
    ck_assert_uint_eq(atomic_load(&bench.ended), 2); /* the end of the server ends it, too */
    rooms_destroy(bench.rooms);
}
END_TEST

START_TEST(a_late_worker_misses_frames_and_then_gets_the_newest)
{
    struct room_settings settings = plain_settings();
    struct room_stats stats;
    start(&settings, 1, 1);
    join(0, 0, 1);
    sleep_ms(700);
    room_read_stats(bench.room, &stats);
    ck_assert_uint_gt(stats.frames_skipped, 0);
    uint32_t count = 0;
    for (struct frame *f; (f = room_take_frame(bench.room, 0)) != NULL; count++)
        frame_release(f);
    ck_assert_uint_eq(count, 8);
    struct frame *f = await_frame(bench.room, 0);
    ck_assert_uint_gt(f->tick, 8);
    frame_release(f);
    stop();
}
END_TEST

START_TEST(many_rooms_on_two_threads_have_phases_of_their_own)
{
    struct room_settings settings[4];
    static const char *const names[] = {"a", "b", "c", "d"};
    uint64_t phases_us[4];
    for (size_t i = 0; i < 4; i++) {
        settings[i] = plain_settings();
        settings[i].name = names[i];
    }
    start(settings, 4, 2);
    for (size_t i = 0; i < 4; i++) {
        bench.room = rooms_find(bench.rooms, names[i]);
        ck_assert_uint_eq(join(0, (uint32_t)i, 1).kind, ROOM_JOINED);
        struct frame *f = await_frame(bench.room, 0);
        ck_assert_ptr_eq(f->room, bench.room);
        phases_us[i] = f->due_us % 50000;
        frame_release(f);
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_ne(phases_us[i], phases_us[j]);
    }
    ck_assert_ptr_null(rooms_find(bench.rooms, "e"));
    stop();
}
END_TEST

START_TEST(a_full_ring_drops_usercmds_and_keeps_places_for_leaving)
{
    struct room_settings settings = plain_settings();
    struct error error;
    struct room_stats stats;
    struct rooms *rooms = rooms_create(&settings, 1, 1, 1, wake, &bench, NULL, &error);
    struct room *room = rooms_get(rooms, 0); /* its thread was not started: nothing is drained */
    struct room_command c = {.kind = ROOM_USERCMD};
    unsigned accepted = 0;
    while (room_post(room, 0, &c) == RESULT_OK)
        accepted++;
    ck_assert_uint_ge(accepted, 1000);
    c.kind = ROOM_LEAVE;
    ck_assert_int_eq(room_post(room, 0, &c), RESULT_OK);
    room_read_stats(room, &stats);
    ck_assert_uint_eq(stats.usercmds_dropped, 1);
    rooms_destroy(rooms);
}
END_TEST

START_TEST(two_rooms_of_one_name_are_an_error)
{
    struct room_settings settings[2] = {plain_settings(), plain_settings()};
    struct error error;
    ck_assert_ptr_null(rooms_create(settings, 2, 1, 1, wake, &bench, NULL, &error));
    ck_assert_str_eq(error.message, "room field is configured twice");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("rooms");

    tcase_add_test(tests, frames_come_every_50_ms_at_consecutive_ticks);
    tcase_add_test(tests, usercmds_move_the_body);
    tcase_add_test(tests, two_workers_share_one_room);
    tcase_add_test(tests, a_lost_player_comes_back_into_the_seat);
    tcase_add_test(tests, an_old_connection_is_told_that_it_was_taken_over);
    tcase_add_test(tests, a_full_room_refuses_with_a_reason);
    tcase_add_test(tests, an_empty_room_sleeps_and_then_begins_a_new_match);
    tcase_add_test(tests, the_recorder_gets_frames_while_somebody_plays);
    tcase_add_test(tests, a_late_worker_misses_frames_and_then_gets_the_newest);
    tcase_add_test(tests, many_rooms_on_two_threads_have_phases_of_their_own);
    tcase_add_test(tests, a_full_ring_drops_usercmds_and_keeps_places_for_leaving);
    tcase_add_test(tests, two_rooms_of_one_name_are_an_error);
    return suite_run("rooms", tests);
}
