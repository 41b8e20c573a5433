#include "server/room/room.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/ops/metrics.h"
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

static struct rooms_setup plain_setup(const struct room_settings *settings, size_t count)
{
    return (struct rooms_setup){.rooms = settings,
                                .room_count = count,
                                .rooms_max = (uint32_t)count,
                                .recorded_max = 10,
                                .thread_count = 1,
                                .worker_count = WORKERS,
                                .wake = wake,
                                .wake_context = &bench};
}

static void start_setup(struct rooms_setup *setup)
{
    struct frame_sink sink = {&bench, record_push, record_end};
    struct error error;
    bool is_new;
    memset(&bench, 0, sizeof bench);
    setup->sink = &sink;
    bench.rooms = rooms_create(setup, &error);
    ck_assert_msg(bench.rooms != NULL, "%s", error.message);
    ck_assert_int_eq(rooms_enter(bench.rooms, "", &bench.room, &is_new), RESULT_OK);
    ck_assert(!is_new);
    ck_assert_int_eq(rooms_start(bench.rooms, &error), RESULT_OK);
}

static void start(const struct room_settings *settings, size_t count, uint32_t threads)
{
    struct rooms_setup setup = plain_setup(settings, count);
    setup.thread_count = threads;
    start_setup(&setup);
}

static struct room *enter(const char *name)
{
    struct room *room;
    bool is_new;
    ck_assert_int_eq(rooms_enter(bench.rooms, name, &room, &is_new), RESULT_OK);
    return room;
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
    ck_assert_uint_gt(atomic_load(&bench.wakes[0]), 0); /* a late reader finds several */
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

    struct room_usercmd c = {
        .seat = joined.seat, .seat_generation = joined.seat_generation, .usercmd = {.seq = 1}};
    c.usercmd.words[PUSH_X] = 300;
    ck_assert_int_eq(room_post_usercmd(bench.room, 0, &c), RESULT_OK);
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

/* Whichever worker is asked first. */
START_TEST(a_goodbye_to_one_worker_comes_before_a_return_by_another)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    for (uint8_t round = 0; round < 20; round++) {
        uint16_t from = round % 2, to = 1 - from;
        struct room_reply first = join(from, 0, 42);
        struct room_command c = join_command(to, 3, 43);
        c.join.has_resume = true;
        c.join.resume_seat = first.seat;
        memset(c.join.resume_hash, 42, sizeof c.join.resume_hash);
        leave(&first, false);
        ck_assert_int_eq(room_post(bench.room, to, &c), RESULT_OK);
        struct room_reply again = await_reply(to);
        ck_assert_uint_eq(again.kind, ROOM_JOINED);
        ck_assert(!again.is_resumed);
        leave(&again, false);
    }
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
        bench.room = enter(names[i]);
        ck_assert_uint_eq(join(0, (uint32_t)i, 1).kind, ROOM_JOINED);
        struct frame *f = await_frame(bench.room, 0);
        ck_assert_ptr_eq(f->room, bench.room);
        phases_us[i] = f->due_us % 50000;
        frame_release(f);
        for (size_t j = 0; j < i; j++)
            ck_assert_uint_ne(phases_us[i], phases_us[j]);
    }
    stop();
}
END_TEST

START_TEST(a_full_ring_drops_usercmds_and_keeps_places_for_leaving)
{
    struct room_settings settings = plain_settings();
    struct error error;
    struct room_stats stats;
    struct rooms_setup setup = plain_setup(&settings, 1);
    bench.rooms = rooms_create(&setup, &error);
    struct room *room = enter(""); /* its thread was not started: nothing is drained */
    struct room_command c = {.kind = ROOM_LEAVE};
    unsigned accepted = 0;
    while (room_post_usercmd(room, 0, &(struct room_usercmd){0}) == RESULT_OK)
        accepted++;
    ck_assert_uint_ge(accepted, 1000);
    ck_assert_int_eq(room_post(room, 0, &c), RESULT_OK);
    room_read_stats(room, &stats);
    ck_assert_uint_eq(stats.usercmds_dropped, 1);
    rooms_destroy(bench.rooms);
}
END_TEST

START_TEST(two_rooms_of_one_name_are_an_error)
{
    struct room_settings settings[2] = {plain_settings(), plain_settings()};
    struct error error;
    struct rooms_setup setup = plain_setup(settings, 2);
    ck_assert_ptr_null(rooms_create(&setup, &error));
    ck_assert_str_eq(error.message, "room field is configured twice");
}
END_TEST

/* ---- rooms made on demand ---- */

/* "field" and as many as 3 more like it, gone after `keep_ms`. */
static void start_with_template(uint32_t keep_ms)
{
    struct room_settings settings = plain_settings();
    struct rooms_setup setup = plain_setup(&settings, 1);
    setup.template = &settings;
    setup.rooms_max = 4;
    setup.keep_ms = keep_ms;
    setup.thread_count = 2;
    start_setup(&setup);
}

static enum result try_enter(const char *name)
{
    struct room *room;
    bool is_new;
    enum result r = rooms_enter(bench.rooms, name, &room, &is_new);
    ck_assert((r == RESULT_OK) == (room != NULL));
    return r;
}

static void count_room(void *context, const struct room *room)
{
    (void)room;
    ++*(unsigned *)context;
}

static unsigned room_count(void)
{
    unsigned count = 0;
    rooms_visit(bench.rooms, count_room, &count);
    return count;
}

static uint64_t total(enum metric metric)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < rooms_thread_count(bench.rooms); i++)
        sum += atomic_load(&rooms_metrics(bench.rooms, i)->values[metric]);
    return sum;
}

static void await_freed(uint64_t count)
{
    for (int i = 0; i < 5000 && total(METRIC_ROOMS_FREED) < count; i++)
        sleep_ms(1);
    ck_assert_uint_eq(total(METRIC_ROOMS_FREED), count);
}

START_TEST(an_unknown_room_is_refused_without_a_template)
{
    struct room_settings settings = plain_settings();
    start(&settings, 1, 1);
    ck_assert_int_eq(try_enter("elsewhere"), RESULT_INVALID);
    ck_assert_int_eq(try_enter("field"), RESULT_OK);
    ck_assert_uint_eq(room_count(), 1);
    stop();
}
END_TEST

START_TEST(an_unknown_room_is_made_once_and_played)
{
    bool is_new;
    struct room *first, *second;
    start_with_template(0);
    ck_assert_int_eq(rooms_enter(bench.rooms, "mine", &first, &is_new), RESULT_OK);
    ck_assert(is_new);
    ck_assert_int_eq(rooms_enter(bench.rooms, "mine", &second, &is_new), RESULT_OK);
    ck_assert(!is_new);
    ck_assert_ptr_eq(first, second);
    ck_assert_str_eq(room_settings(first)->name, "mine");

    bench.room = first;
    struct room_reply joined = join(1, 0, 1);
    ck_assert_uint_eq(joined.kind, ROOM_JOINED);
    struct frame *f = await_frame(first, 1);
    ck_assert_ptr_eq(f->room, first);
    rooms_leave(second);
    sleep_ms(100); /* one session still stands in it */
    ck_assert_uint_eq(total(METRIC_ROOMS_FREED), 0);
    frame_release(f);
    leave(&joined, false);
    rooms_leave(first);
    await_freed(1);
    ck_assert_uint_eq(room_count(), 1);
    stop();
}
END_TEST

START_TEST(names_that_no_room_may_have_make_none)
{
    static const char *const names[] = {"a b", "\xc3\xa4", "../x", "a\n",
                                        "123456789012345678901234567890123"};
    start_with_template(0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_int_eq(try_enter(names[i]), RESULT_INVALID);
    ck_assert_uint_eq(room_count(), 1);
    stop();
}
END_TEST

START_TEST(rooms_are_made_up_to_the_cap)
{
    start_with_template(0);
    struct room *room = enter("a");
    ck_assert_int_eq(try_enter("b"), RESULT_OK);
    ck_assert_int_eq(try_enter("c"), RESULT_OK);
    ck_assert_int_eq(try_enter("d"), RESULT_FULL);
    ck_assert_int_eq(try_enter("c"), RESULT_OK); /* that is there already */
    rooms_leave(room);
    await_freed(1);
    ck_assert_int_eq(try_enter("d"), RESULT_OK);
    stop();
}
END_TEST

START_TEST(a_lost_players_seat_keeps_the_room)
{
    start_with_template(0);
    bench.room = enter("mine");
    struct room_reply joined = join(0, 0, 1);
    leave(&joined, true);
    rooms_leave(bench.room);
    sleep_ms(200);
    ck_assert_uint_eq(total(METRIC_ROOMS_FREED), 0);
    stop();
}
END_TEST

START_TEST(a_room_stays_while_somebody_holds_its_frame)
{
    start_with_template(0);
    bench.room = enter("mine");
    struct room_reply joined = join(0, 0, 1);
    struct frame *f = await_frame(bench.room, 0);
    leave(&joined, false);
    rooms_leave(bench.room);
    sleep_ms(200);
    ck_assert_uint_eq(total(METRIC_ROOMS_FREED), 0);
    ck_assert_uint_eq(room_count(), 1); /* but nobody gets in any more */
    frame_release(f);
    await_freed(1);
    stop();
}
END_TEST

START_TEST(an_empty_room_stays_for_its_time)
{
    start_with_template(200);
    struct room *room = enter("mine");
    uint64_t left_us = clock_monotonic_us();
    rooms_leave(room);
    await_freed(1);
    ck_assert_uint_ge(clock_monotonic_us() - left_us, 200000);
    ck_assert_uint_eq(room_count(), 1);
    stop();
}
END_TEST

START_TEST(hundreds_of_rooms_come_and_go)
{
    enum { ROUNDS = 300 };
    char name[24];
    start_with_template(0);
    for (int i = 0; i < ROUNDS; i++) {
        struct room *room = NULL;
        bool is_new;
        snprintf(name, sizeof name, "room-%d", i);
        for (int tries = 0; tries < 5000 && room == NULL; tries++) {
            if (rooms_enter(bench.rooms, name, &room, &is_new) == RESULT_FULL) sleep_ms(1);
        }
        ck_assert_ptr_nonnull(room);
        bench.room = room;
        if (i % 3 != 0) { /* some are left before anybody plays, some with frames under way */
            struct room_reply joined = join((uint16_t)(i % WORKERS), 0, 1);
            leave(&joined, false);
        }
        rooms_leave(room);
    }
    await_freed(ROUNDS);
    ck_assert_uint_eq(room_count(), 1);
    stop();
}
END_TEST

START_TEST(rooms_that_stay_awake_tick_without_anybody)
{
    struct room_settings settings = plain_settings();
    struct room_stats stats;
    settings.stays_awake = true;
    struct rooms_setup setup = plain_setup(&settings, 1);
    setup.template = &settings;
    setup.rooms_max = 2;
    start_setup(&setup);
    struct room *made = enter("made");
    sleep_ms(400);
    room_read_stats(bench.room, &stats);
    ck_assert_uint_gt(stats.ticks, 2);
    room_read_stats(made, &stats);
    ck_assert_uint_gt(stats.ticks, 0);
    rooms_leave(made);
    await_freed(1); /* awake or not */
    ck_assert_uint_eq(total(METRIC_ROOMS_WOKEN), 2);
    ck_assert_uint_eq(total(METRIC_ROOMS_SLEPT), 1);
    stop();
}
END_TEST

START_TEST(so_many_rooms_are_recorded_at_once)
{
    struct room_settings settings[2] = {plain_settings(), plain_settings()};
    settings[1].name = "other";
    struct rooms_setup setup = plain_setup(settings, 2);
    setup.recorded_max = 1;
    start_setup(&setup);
    struct room_reply first = join(0, 0, 1);
    sleep_ms(120);
    struct room *field = bench.room;
    bench.room = enter("other");
    join(0, 1, 1);
    sleep_ms(200);
    ck_assert_uint_eq(total(METRIC_ROOM_RECORDS_BEGUN), 1);
    ck_assert_uint_eq(total(METRIC_ROOM_RECORDS_REFUSED), 1); /* told once, not each tick */

    bench.room = field;
    leave(&first, false);
    for (int i = 0; i < 2000 && total(METRIC_ROOM_RECORDS_BEGUN) < 2; i++)
        sleep_ms(1);
    ck_assert_uint_eq(total(METRIC_ROOM_RECORDS_BEGUN), 2); /* its place is free */
    ck_assert_uint_eq(total(METRIC_ROOM_RECORDS_ENDED), 1);
    stop();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("rooms");

    tcase_add_test(tests, frames_come_every_50_ms_at_consecutive_ticks);
    tcase_add_test(tests, usercmds_move_the_body);
    tcase_add_test(tests, two_workers_share_one_room);
    tcase_add_test(tests, a_lost_player_comes_back_into_the_seat);
    tcase_add_test(tests, a_goodbye_to_one_worker_comes_before_a_return_by_another);
    tcase_add_test(tests, an_old_connection_is_told_that_it_was_taken_over);
    tcase_add_test(tests, a_full_room_refuses_with_a_reason);
    tcase_add_test(tests, an_empty_room_sleeps_and_then_begins_a_new_match);
    tcase_add_test(tests, the_recorder_gets_frames_while_somebody_plays);
    tcase_add_test(tests, a_late_worker_misses_frames_and_then_gets_the_newest);
    tcase_add_test(tests, many_rooms_on_two_threads_have_phases_of_their_own);
    tcase_add_test(tests, a_full_ring_drops_usercmds_and_keeps_places_for_leaving);
    tcase_add_test(tests, two_rooms_of_one_name_are_an_error);
    tcase_add_test(tests, an_unknown_room_is_refused_without_a_template);
    tcase_add_test(tests, an_unknown_room_is_made_once_and_played);
    tcase_add_test(tests, names_that_no_room_may_have_make_none);
    tcase_add_test(tests, rooms_are_made_up_to_the_cap);
    tcase_add_test(tests, a_lost_players_seat_keeps_the_room);
    tcase_add_test(tests, a_room_stays_while_somebody_holds_its_frame);
    tcase_add_test(tests, an_empty_room_stays_for_its_time);
    tcase_add_test(tests, hundreds_of_rooms_come_and_go);
    tcase_add_test(tests, rooms_that_stay_awake_tick_without_anybody);
    tcase_add_test(tests, so_many_rooms_are_recorded_at_once);
    return suite_run("rooms", tests);
}
