#include "server/room/seats.h"

#include <stdio.h>
#include <string.h>

#include "server/room/bot_names.h"
#include "server/room/roster.h"
#include "tests/unit/pebbles.h"
#include "tests/unit/suite.h"

#define CAPACITY 6

static struct seats seats;

static void open_seats(uint32_t capacity, uint32_t bots)
{
    struct seats_settings settings = {.table = game_pebbles.table,
                                      .capacity = capacity,
                                      .bots = bots,
                                      .keep_ticks = SEAT_KEEP_TICKS,
                                      .seed = 1};
    ck_assert_int_eq(seats_init(&seats, &settings), RESULT_OK);
}

static void close_seats(void)
{
    seats_deinit(&seats);
}

static struct room_command join_command(const char *name, uint8_t token)
{
    struct room_command c = {.kind = ROOM_JOIN, .session = {.worker = 1, .index = token}};
    memset(c.join.token_hash, token, TOKEN_HASH_BYTES);
    snprintf(c.join.guise.name, sizeof c.join.guise.name, "%s", name);
    return c;
}

static struct seats_joined join(const char *name, uint8_t token, uint32_t tick)
{
    struct room_command c = join_command(name, token);
    struct seats_joined joined;
    ck_assert_int_eq(seats_join(&seats, &c, tick, &joined), RESULT_OK);
    return joined;
}

static struct seats_joined resume(uint16_t seat, uint8_t token, uint32_t tick)
{
    struct room_command c = join_command("", (uint8_t)(token + 1));
    struct seats_joined joined;
    c.join.has_resume = true;
    c.join.resume_seat = seat;
    memset(c.join.resume_hash, token, TOKEN_HASH_BYTES);
    ck_assert_int_eq(seats_join(&seats, &c, tick, &joined), RESULT_OK);
    return joined;
}

/* The roster as it is now; valid until the next call. */
static const struct roster *roster(void)
{
    static struct roster_pool pool;
    if (pool.count == 0) roster_pool_init(&pool, CAPACITY);
    struct roster *r = roster_pool_take(&pool);
    seats_fill_roster(&seats, r);
    roster_release(r);
    return r;
}

static bool has_name(uint16_t seat, const char *name)
{
    const struct roster_entry *e = &roster()->entries[seat];
    return e->length_bytes == strlen(name) && memcmp(e->name, name, e->length_bytes) == 0;
}

START_TEST(players_take_the_lowest_free_seat)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 10), b = join("bob", 2, 10);
    ck_assert_uint_eq(a.seat, 0);
    ck_assert_uint_eq(b.seat, 1);
    ck_assert(seats_leave(&seats, a.seat, a.generation, false, 11));
    ck_assert_uint_eq(join("cid", 3, 12).seat, 0);
    ck_assert_uint_eq(seats.player_count, 2);
    close_seats();
}
END_TEST

START_TEST(the_nameless_are_told_apart)
{
    open_seats(CAPACITY, 0);
    join("", 1, 10);
    join("bob", 2, 10);
    join("", 3, 10);
    ck_assert(has_name(0, "Guest 1"));
    ck_assert(has_name(1, "bob"));
    ck_assert(has_name(2, "Guest 3"));
    close_seats();
}
END_TEST

START_TEST(a_new_name_is_known_since_its_tick)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 10);
    ck_assert_uint_eq(roster()->entries[0].since_tick, 10);
    seats.roster_is_stale = false;
    ck_assert(
        !seats_rename(&seats, a.seat, a.generation + 1, &(struct room_guise){.name = "eve"}, 15));
    ck_assert(!seats.roster_is_stale);
    ck_assert(seats_rename(&seats, a.seat, a.generation, &(struct room_guise){.name = "zoe"}, 20));
    ck_assert(seats.roster_is_stale);
    ck_assert(has_name(0, "zoe"));
    ck_assert_uint_eq(roster()->entries[0].since_tick, 20);
    seats_leave(&seats, a.seat, a.generation, false, 30);
    ck_assert(!roster()->entries[0].is_taken);
    ck_assert_uint_eq(roster()->entries[0].length_bytes, 0);
    ck_assert_uint_eq(roster()->entries[0].since_tick, 30);
    close_seats();
}
END_TEST

static uint8_t colour_at(uint16_t seat)
{
    return roster()->entries[seat].colour;
}

START_TEST(a_colour_is_kept_with_the_name)
{
    struct room_command c = join_command("ann", 1);
    struct seats_joined a;
    open_seats(CAPACITY, 0);
    c.join.guise.has_colour = true;
    c.join.guise.colour = 7;
    ck_assert_int_eq(seats_join(&seats, &c, 10, &a), RESULT_OK);
    ck_assert_uint_eq(colour_at(0), 7);
    seats.roster_is_stale = false;
    ck_assert(seats_rename(&seats, 0, a.generation, &(struct room_guise){.name = "zoe"}, 20));
    ck_assert_uint_eq(colour_at(0), 7);
    struct room_guise other = {.has_colour = true, .colour = COLOURS_MAX};
    ck_assert(seats_rename(&seats, 0, a.generation, &other, 30));
    ck_assert(has_name(0, "zoe"));
    ck_assert_uint_eq(colour_at(0), COLOURS_MAX);
    ck_assert_uint_eq(roster()->entries[0].since_tick, 30);
    ck_assert(seats.roster_is_stale);
    close_seats();
}
END_TEST

START_TEST(a_resume_keeps_the_colour_and_a_new_player_has_none)
{
    struct room_command c = join_command("ann", 1);
    struct seats_joined a;
    open_seats(CAPACITY, 0);
    c.join.guise.has_colour = true;
    c.join.guise.colour = 3;
    ck_assert_int_eq(seats_join(&seats, &c, 10, &a), RESULT_OK);
    ck_assert(seats_leave(&seats, 0, a.generation, true, 20));
    a = resume(0, 1, 30);
    ck_assert(a.is_resumed);
    ck_assert_uint_eq(colour_at(0), 3);
    ck_assert(seats_leave(&seats, 0, a.generation, false, 40));
    ck_assert_uint_eq(join("bob", 5, 50).seat, 0);
    ck_assert_uint_eq(colour_at(0), 0);
    close_seats();
}
END_TEST

START_TEST(a_room_full_of_players_refuses)
{
    struct room_command c = join_command("late", 9);
    struct seats_joined joined;
    open_seats(2, 2);
    join("a", 1, 1);
    join("b", 2, 1);
    ck_assert_int_eq(seats_join(&seats, &c, 1, &joined), RESULT_FULL);
    close_seats();
}
END_TEST

START_TEST(a_lost_seat_is_kept_and_taken_up_by_its_token)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 10);
    ck_assert(seats_leave(&seats, a.seat, a.generation, true, 100));
    ck_assert_uint_eq(seats.lost_count, 1);
    seats_step(&seats, 100 + SEAT_KEEP_TICKS - 1);

    struct seats_joined again = resume(a.seat, 1, 100 + SEAT_KEEP_TICKS - 1);
    ck_assert(again.is_resumed);
    ck_assert(!again.takes_over);
    ck_assert_uint_eq(again.seat, a.seat);
    ck_assert_uint_ne(again.generation, a.generation);
    ck_assert(has_name(again.seat, "ann"));
    ck_assert_uint_eq(seats.lost_count, 0);
    ck_assert_uint_eq(seats.player_count, 1);
    ck_assert(!resume(a.seat, 1, 200).is_resumed); /* the token was changed for a new one */
    close_seats();
}
END_TEST

START_TEST(a_kept_seat_is_freed_after_its_time)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 10);
    seats_leave(&seats, a.seat, a.generation, true, 100);
    seats_step(&seats, 100 + SEAT_KEEP_TICKS);
    ck_assert_uint_eq(seats.lost_count, 0);
    struct seats_joined again = resume(a.seat, 1, 100 + SEAT_KEEP_TICKS);
    ck_assert(!again.is_resumed);
    ck_assert(has_name(again.seat, "Guest 1"));
    close_seats();
}
END_TEST

START_TEST(another_token_takes_up_no_seat)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 10);
    ck_assert(!resume(a.seat, 7, 11).is_resumed);
    ck_assert(!resume(CAPACITY - 1, 0, 11).is_resumed); /* a free seat's hash is zero */
    ck_assert(!resume(CAPACITY, 1, 11).is_resumed);
    ck_assert(!resume(SEAT_NONE, 1, 11).is_resumed);
    close_seats();
}
END_TEST

START_TEST(a_session_not_known_to_be_dead_is_taken_over)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 10);
    struct seats_joined again = resume(a.seat, 1, 11);
    ck_assert(again.takes_over);
    ck_assert_uint_eq(again.old_session.index, 1);
    ck_assert_uint_eq(again.old_generation, a.generation);

    struct usercmd cmd = {.seq = 1};
    ck_assert(!seats_push_usercmd(&seats, a.seat, a.generation, &cmd, 12));
    ck_assert(!seats_leave(&seats, a.seat, a.generation, false, 12));
    ck_assert(seats_push_usercmd(&seats, a.seat, again.generation, &cmd, 12));
    close_seats();
}
END_TEST

START_TEST(bots_fill_up_and_leave_as_players_join)
{
    open_seats(CAPACITY, 3);
    seats_step(&seats, 1);
    ck_assert_uint_eq(seats.bot_count, 3);
    struct seats_joined a = join("ann", 1, 2);
    ck_assert_uint_eq(a.seat, 0);
    seats_step(&seats, 2);
    ck_assert_uint_eq(seats.bot_count, 2);
    join("bob", 2, 3);
    join("cid", 3, 3);
    join("dan", 4, 3);
    seats_step(&seats, 3);
    ck_assert_uint_eq(seats.bot_count, 0);
    seats_leave(&seats, a.seat, a.generation, false, 4);
    seats_step(&seats, 4);
    ck_assert_uint_eq(seats.bot_count, 0);
    close_seats();
}
END_TEST

START_TEST(a_player_takes_the_place_of_a_bot)
{
    struct seat_change changes[2 * CAPACITY];
    open_seats(3, 3);
    seats_step(&seats, 1);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 3);
    ck_assert_uint_eq(join("ann", 1, 2).seat, 2);
    seats_step(&seats, 2);
    ck_assert_uint_eq(seats.bot_count, 2);

    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 2);
    ck_assert(changes[0].seat == 2 && !changes[0].is_join);
    ck_assert(changes[1].seat == 2 && changes[1].is_join);
    ck_assert(!roster()->entries[2].is_bot);
    close_seats();
}
END_TEST

START_TEST(bots_have_names_of_their_own)
{
    open_seats(3 * BOT_NAMES_COUNT, 3 * BOT_NAMES_COUNT);
    seats_step(&seats, 1);
    for (uint32_t i = 0; i < seats.settings.capacity; i++) {
        const struct seat *a = &seats.items[i];
        ck_assert_uint_gt(a->name_length_bytes, 0);
        for (uint32_t j = 0; j < i; j++) {
            const struct seat *b = &seats.items[j];
            ck_assert(a->name_length_bytes != b->name_length_bytes ||
                      memcmp(a->name, b->name, a->name_length_bytes) != 0);
        }
    }
    close_seats();
}
END_TEST

START_TEST(changes_tell_who_came_and_went_once)
{
    struct seat_change changes[2 * CAPACITY];
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 1);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 1);
    ck_assert(changes[0].is_join);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 0);

    seats_leave(&seats, a.seat, a.generation, true, 2); /* lost: the body stays */
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 0);
    resume(a.seat, 1, 3);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 0);

    struct seats_joined b = join("bob", 2, 4); /* came and went between two ticks */
    seats_leave(&seats, b.seat, b.generation, false, 4);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 0);

    seats_leave_world(&seats);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 1);
    ck_assert(changes[0].is_join);
    close_seats();
}
END_TEST

START_TEST(a_seat_that_changes_hands_leaves_and_joins)
{
    struct seat_change changes[2 * CAPACITY];
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 1);
    seats_collect_changes(&seats, changes);
    seats_leave(&seats, a.seat, a.generation, false, 2);
    ck_assert_uint_eq(join("bob", 2, 2).seat, a.seat);
    ck_assert_uint_eq(seats_collect_changes(&seats, changes), 2);
    ck_assert(!changes[0].is_join);
    ck_assert(changes[1].is_join);
    close_seats();
}
END_TEST

START_TEST(every_taken_seat_has_an_input)
{
    struct seat_input inputs[CAPACITY];
    struct usercmd cmd = {.seq = 1, .words = {[PUSH_X] = 9}};
    open_seats(CAPACITY, 0);
    join("ann", 1, 1);
    struct seats_joined b = join("bob", 2, 1);
    seats_push_usercmd(&seats, b.seat, b.generation, &cmd, 1);
    ck_assert_uint_eq(seats_take_inputs(&seats, 1, inputs), 2);
    ck_assert_uint_eq(inputs[0].seat, 0);
    ck_assert_uint_eq(inputs[0].count, 0);
    ck_assert_uint_eq(inputs[1].seat, 1);
    ck_assert_uint_eq(inputs[1].count, 1);
    ck_assert_int_eq(inputs[1].cmds[0].words[PUSH_X], 9);
    close_seats();
}
END_TEST

START_TEST(who_talks_too_much_is_not_heard)
{
    open_seats(CAPACITY, 0);
    struct seats_joined a = join("ann", 1, 100);
    for (int i = 0; i < CHAT_BURST; i++)
        ck_assert(seats_take_chat_line(&seats, a.seat, a.generation, 100));
    ck_assert(!seats_take_chat_line(&seats, a.seat, a.generation, 119));
    ck_assert(seats_take_chat_line(&seats, a.seat, a.generation, 120));
    ck_assert(!seats_take_chat_line(&seats, a.seat, a.generation, 121));
    unsigned lines = 0;
    while (seats_take_chat_line(&seats, a.seat, a.generation, 100000))
        lines++;
    ck_assert_uint_eq(lines, CHAT_BURST);
    ck_assert(!seats_take_chat_line(&seats, a.seat, a.generation + 1, 200000));
    close_seats();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("seats");

    tcase_add_test(tests, players_take_the_lowest_free_seat);
    tcase_add_test(tests, the_nameless_are_told_apart);
    tcase_add_test(tests, a_new_name_is_known_since_its_tick);
    tcase_add_test(tests, a_colour_is_kept_with_the_name);
    tcase_add_test(tests, a_resume_keeps_the_colour_and_a_new_player_has_none);
    tcase_add_test(tests, a_room_full_of_players_refuses);
    tcase_add_test(tests, a_lost_seat_is_kept_and_taken_up_by_its_token);
    tcase_add_test(tests, a_kept_seat_is_freed_after_its_time);
    tcase_add_test(tests, another_token_takes_up_no_seat);
    tcase_add_test(tests, a_session_not_known_to_be_dead_is_taken_over);
    tcase_add_test(tests, bots_fill_up_and_leave_as_players_join);
    tcase_add_test(tests, a_player_takes_the_place_of_a_bot);
    tcase_add_test(tests, bots_have_names_of_their_own);
    tcase_add_test(tests, changes_tell_who_came_and_went_once);
    tcase_add_test(tests, a_seat_that_changes_hands_leaves_and_joins);
    tcase_add_test(tests, every_taken_seat_has_an_input);
    tcase_add_test(tests, who_talks_too_much_is_not_heard);
    return suite_run("seats", tests);
}
