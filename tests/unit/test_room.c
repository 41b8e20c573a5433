#include "server/room/room_state.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/pebbles.h"
#include "tests/unit/suite.h"

/* A room alone, in virtual time: no thread, no ring. */

static struct room *room;
static uint64_t now_us;

static void open_room(uint32_t bots, uint32_t match_ticks)
{
    struct room_settings settings = {.name = "field",
                                     .game = &game_pebbles,
                                     .map = &pebbles_field,
                                     .map_name = "field",
                                     .slot_capacity = 32,
                                     .seat_capacity = 6,
                                     .bots = bots,
                                     .match_ticks = match_ticks,
                                     .seat_keep_ticks = SEAT_KEEP_TICKS,
                                     .seed = 1};
    struct error error;
    room = malloc(sizeof *room);
    ck_assert_msg(room_init(room, &settings, 2, &error) == RESULT_OK, "%s", error.message);
    now_us = 1000000;
}

static void close_room(void)
{
    room_deinit(room);
    free(room);
}

static struct frame *step(void)
{
    now_us += TICK_US;
    return room_step(room, now_us);
}

static struct room_reply join(uint16_t worker, uint32_t index)
{
    struct room_command c = {.kind = ROOM_JOIN, .session = {.worker = worker, .index = index}};
    struct room_reply replies[ROOM_REPLIES_MAX];
    ck_assert_uint_eq(room_apply(room, &c, replies), 1);
    return replies[0];
}

static void apply(struct room_command *c, const struct room_reply *joined)
{
    struct room_reply replies[ROOM_REPLIES_MAX];
    c->seat = joined->seat;
    c->seat_generation = joined->seat_generation;
    c->session = joined->session;
    ck_assert_uint_eq(room_apply(room, c, replies), 0);
}

static void leave(const struct room_reply *joined, bool keep_seat)
{
    struct room_command c = {.kind = ROOM_LEAVE, .leave = {.keep_seat = keep_seat}};
    apply(&c, joined);
}

static void push(const struct room_reply *joined, uint32_t seq, int32_t buttons)
{
    struct room_usercmd c = {.seat = joined->seat,
                             .seat_generation = joined->seat_generation,
                             .usercmd = {.seq = seq, .words = {buttons}}};
    room_apply_usercmd(room, &c);
}

static void say(const struct room_reply *joined, const char *text)
{
    struct room_command c = {.kind = ROOM_CHAT};
    c.chat.length_bytes = (uint8_t)strlen(text);
    memcpy(c.chat.text, text, strlen(text));
    apply(&c, joined);
}

START_TEST(a_frame_tells_everything_of_its_tick)
{
    open_room(0, 0);
    struct room_reply a = join(0, 1);
    push(&a, 1, PEBBLES_JUMP);
    say(&a, "hello");
    struct frame *f = step();
    ck_assert_uint_eq(f->tick, 1);
    ck_assert_uint_eq(f->epoch, 1);
    ck_assert_uint_eq(f->due_us, now_us);
    ck_assert_ptr_eq(f->room, room);
    ck_assert_ptr_eq(f->schema, room_schema(room));
    ck_assert_uint_eq(f->change_count, 1);
    ck_assert_uint_eq(f->input_count, 1);
    ck_assert_uint_eq(f->inputs[0].count, 1);
    ck_assert_uint_eq(f->event_count, 1);
    ck_assert_uint_eq(f->chat_count, 1);
    ck_assert_mem_eq(f->chats[0].text, "hello", 5);
    ck_assert_uint_eq(f->seats[a.seat].input_seq, 1);
    ck_assert(f->roster->entries[a.seat].is_taken);
    ck_assert_uint_eq(f->roster->entries[a.seat].since_tick, 1);
    ck_assert_int_eq(frame_entity(f, f->seats[a.seat].body_slot)->words[PEBBLE_JUMPS], 1);
    ck_assert_uint_eq(world_hash(f->state), world_hash(room->world.state));

    f = step();
    ck_assert_uint_eq(f->change_count, 0);
    ck_assert_uint_eq(f->event_count, 0);
    ck_assert_uint_eq(f->chat_count, 0);
    close_room();
}
END_TEST

START_TEST(bots_alone_need_a_frame_a_second)
{
    uint32_t frame_count = 0, last_tick = 0;
    open_room(3, 0);
    for (uint32_t tick = 1; tick <= 80; tick++) {
        struct frame *f = step();
        if (f == NULL) continue;
        frame_count++;
        last_tick = f->tick;
    }
    ck_assert_uint_eq(frame_count, 80 / BOT_ALONE_THINK_TICKS);
    ck_assert_uint_eq(room->seats.bot_count, 3);
    for (uint32_t i = 0; i < 6; i++) { /* they thought in the ticks after those frames */
        const struct seat *seat = &room->seats.items[i];
        if (seat->state == SEAT_BOT) ck_assert_uint_ge(seat->inputs.pushed_seq, frame_count - 1);
    }
    ck_assert_uint_ge(last_tick, 80 - BOT_ALONE_THINK_TICKS);

    join(0, 1);
    for (uint32_t tick = 81; tick <= 90; tick++) {
        struct frame *f = step();
        ck_assert_ptr_nonnull(f);
        ck_assert_uint_eq(f->tick, tick);
    }
    close_room();
}
END_TEST

START_TEST(frames_share_a_roster_until_somebody_comes)
{
    open_room(0, 0);
    join(0, 1);
    struct frame *a = frame_hold(step()), *b = frame_hold(step());
    ck_assert_ptr_eq(a->roster, b->roster);
    join(0, 2);
    struct frame *c = frame_hold(step());
    ck_assert_ptr_ne(b->roster, c->roster);
    ck_assert(!b->roster->entries[1].is_taken);
    ck_assert(c->roster->entries[1].is_taken);
    frame_release(a);
    frame_release(b);
    frame_release(c);
    close_room();
}
END_TEST

START_TEST(a_match_that_is_over_is_followed_by_the_next)
{
    open_room(0, 10);
    struct room_reply a = join(0, 1);
    join(0, 2);
    leave(&a, true);
    struct frame *f = step();
    uint8_t generation = frame_entity(f, f->seats[0].body_slot)->generation;
    uint32_t first_number = f->state->rng.words[0];
    for (uint32_t tick = 2; tick <= 10; tick++)
        ck_assert_uint_eq(step()->epoch, 1);

    f = step();
    ck_assert_uint_eq(f->epoch, 2);
    ck_assert_uint_eq(f->tick, 11);
    ck_assert_uint_eq(f->change_count, 2); /* the lost player is still there */
    ck_assert(f->changes[0].is_join && f->changes[1].is_join);
    ck_assert_uint_eq(f->input_count, 2);
    ck_assert_uint_eq(frame_entity(f, f->seats[0].body_slot)->generation, generation);
    ck_assert_uint_ne(f->state->rng.words[0], first_number);
    close_room();
}
END_TEST

/* What a recording does: the same start, changes and inputs give the same states. */
START_TEST(an_epoch_runs_again_from_its_frames)
{
    static uint64_t memory[4096];
    struct world again;
    open_room(3, 20);
    struct room_reply a = join(0, 1);
    ck_assert_uint_le(world_memory_bytes(32, 6), sizeof memory);
    world_init(&again, &game_pebbles, &pebbles_field, memory, 32, 6);

    uint32_t epoch = 0;
    for (uint32_t i = 0; i < 100; i++) {
        uint64_t seed = room->seed;
        if (i % 3 == 0) push(&a, i + 1, (int32_t)(i & 3));
        if (i == 30) join(1, 2);
        struct frame *f = step();
        if (f->epoch != epoch) world_start(&again, f->tick - 1, seed, 20);
        epoch = f->epoch;
        world_step(&again,
                   &(struct tick_inputs){f->changes, f->change_count, f->inputs, f->input_count});
        ck_assert_uint_eq(world_hash(again.state), world_hash(f->state));
    }
    ck_assert_uint_ge(epoch, 5);
    close_room();
}
END_TEST

START_TEST(bots_steer_by_usercmds_like_players)
{
    open_room(3, 0);
    join(0, 1);
    struct frame *f = step();
    ck_assert_uint_eq(f->input_count, 3);
    for (int i = 0; i < 10; i++)
        f = step();
    for (uint32_t seat = 0; seat < f->seat_count; seat++) {
        if (!f->roster->entries[seat].is_bot) continue;
        ck_assert_int_gt(frame_entity(f, f->seats[seat].body_slot)->words[PEBBLE_X],
                         PEBBLES_EDGE / 2 + 7 * 8);
        ck_assert_uint_gt(f->seats[seat].input_seq, 2);
    }
    struct room_stats stats;
    room_read_stats(room, &stats);
    ck_assert_uint_eq(stats.players, 1);
    ck_assert_uint_eq(stats.bots, 2);
    ck_assert_uint_eq(stats.entities, 4);
    close_room();
}
END_TEST

START_TEST(the_tick_runs_when_all_frames_are_held)
{
    struct frame *held[FRAMES_MAX];
    open_room(0, 0);
    struct room_reply a = join(0, 1);
    for (uint32_t i = 0; i < FRAMES_MAX; i++)
        held[i] = frame_hold(step());
    say(&a, "wait");
    ck_assert_ptr_null(step());
    ck_assert_ptr_null(step());
    ck_assert_uint_eq(room->world.state->tick, FRAMES_MAX + 2);
    frame_release(held[0]);
    struct frame *f = step();
    ck_assert_uint_eq(f->tick, FRAMES_MAX + 3);
    ck_assert_uint_eq(f->chat_count, 1); /* what was said meanwhile is heard */
    for (uint32_t i = 1; i < FRAMES_MAX; i++)
        frame_release(held[i]);
    close_room();
}
END_TEST

START_TEST(it_is_wanted_while_anybody_is_there_or_may_come_back)
{
    struct room_command watch = {.kind = ROOM_WATCH, .session = {.worker = 1}};
    struct room_command unwatch = {.kind = ROOM_LEAVE, .seat = SEAT_NONE, .session = {.worker = 1}};
    struct room_reply replies[ROOM_REPLIES_MAX];
    open_room(2, 0);
    ck_assert(!room_is_wanted(room));
    ck_assert_uint_eq(room_apply(room, &watch, replies), 1);
    ck_assert(room_is_wanted(room));
    ck_assert(!room_has_players(room));
    ck_assert_uint_eq(room_apply(room, &unwatch, replies), 0);
    ck_assert(!room_is_wanted(room));

    struct room_reply a = join(0, 1);
    ck_assert_uint_eq(room->members[0], 1);
    leave(&a, true);
    ck_assert_uint_eq(room->members[0], 0);
    ck_assert(room_is_wanted(room));
    ck_assert(room_has_players(room));
    for (uint32_t i = 0; i <= SEAT_KEEP_TICKS; i++)
        step();
    ck_assert(!room_is_wanted(room));
    close_room();
}
END_TEST

START_TEST(settings_that_cannot_work_are_named)
{
    struct room_settings settings = {.name = "field",
                                     .game = &game_pebbles,
                                     .map = &pebbles_field,
                                     .map_name = "field",
                                     .slot_capacity = 70000,
                                     .seat_capacity = 6};
    struct error error;
    struct room broken;
    ck_assert_int_eq(room_init(&broken, &settings, 1, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, "room field: 70000 entities, possible are 1 to 65535");
    settings.slot_capacity = 10;
    settings.seat_capacity = 0;
    ck_assert_int_eq(room_init(&broken, &settings, 1, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, "room field: 0 players, possible are 1 to 65534");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("room");

    tcase_add_test(tests, a_frame_tells_everything_of_its_tick);
    tcase_add_test(tests, bots_alone_need_a_frame_a_second);
    tcase_add_test(tests, frames_share_a_roster_until_somebody_comes);
    tcase_add_test(tests, a_match_that_is_over_is_followed_by_the_next);
    tcase_add_test(tests, an_epoch_runs_again_from_its_frames);
    tcase_add_test(tests, bots_steer_by_usercmds_like_players);
    tcase_add_test(tests, the_tick_runs_when_all_frames_are_held);
    tcase_add_test(tests, it_is_wanted_while_anybody_is_there_or_may_come_back);
    tcase_add_test(tests, settings_that_cannot_work_are_named);
    return suite_run("room", tests);
}
