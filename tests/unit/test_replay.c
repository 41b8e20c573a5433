#include "client/sdl/replay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/sdl/between.h"
#include "client/view/words.h"
#include "shared/game.h"
#include "shared/world.h"
#include "tests/lib/scratch.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define TICKS      300
#define FIRST_TICK 500

static struct scratch scratch;
static struct replay *replay;
static struct replay_place place;
static struct scene scene;
static struct error error;

static void record_and_open(void)
{
    const struct match_settings settings = {.game = &toy_game,
                                            .player_count = 4,
                                            .slot_capacity = 64,
                                            .seat_capacity = 8,
                                            .seed = 1,
                                            .first_tick = FIRST_TICK};
    scratch_open(&scratch);
    scratch_record(&scratch, &settings, TICKS, NULL, NULL);
    ck_assert_msg(replay_open(&replay, scratch.path, 0, &error) == RESULT_OK, "%s", error.message);
    replay_read_place(replay, &place);
}

static void close_and_remove(void)
{
    replay_close(replay);
    scratch_close(&scratch);
}

static struct replay_place now(void)
{
    replay_read_place(replay, &place);
    return place;
}

static struct point followed_place(void)
{
    replay_fill_scene(replay, &scene);
    ck_assert_int_ge(scene.own_index, 0);
    return scene_place(&scene, scene_own(&scene));
}

START_TEST(it_opens_at_the_start_and_follows_somebody)
{
    ck_assert_uint_eq(place.tick, place.first_tick);
    ck_assert_uint_eq(place.last_tick - place.first_tick, TICKS - 1);
    ck_assert(!place.is_paused && !place.is_at_end);
    ck_assert_uint_gt(strlen(place.followed), 0);
    ck_assert_str_eq(replay_problem(replay), "");
    replay_fill_scene(replay, &scene);
    ck_assert_str_eq(scene.table->game, "toy");
    ck_assert_uint_ge(scene.count, 4);
    ck_assert_uint_ne(scene.facts.own_seat, SEAT_NONE);
    ck_assert(scene_own(&scene)->flags & DRAWN_OWN);
    ck_assert_uint_eq(scene_own(&scene)->owner, scene.facts.own_seat);
}
END_TEST

START_TEST(time_goes_by_at_20_ticks_a_second_and_any_speed)
{
    replay_advance(replay, 1.0);
    ck_assert_uint_eq(now().tick, place.first_tick + 20);
    replay_change_speed(replay, 1);
    replay_advance(replay, 1.0);
    ck_assert_uint_eq(now().tick, place.first_tick + 60);
    replay_change_speed(replay, -2);
    replay_advance(replay, 1.0);
    ck_assert_uint_eq(now().tick, place.first_tick + 70);
    replay_set_paused(replay, true);
    replay_advance(replay, 1.0);
    ck_assert_uint_eq(now().tick, place.first_tick + 70);
}
END_TEST

START_TEST(speeds_have_limits)
{
    replay_change_speed(replay, 100);
    ck_assert_float_eq(now().speed, 16);
    replay_change_speed(replay, -100);
    ck_assert_float_eq(now().speed, 0.125f);
}
END_TEST

START_TEST(it_stands_still_at_the_end_and_plays_again_from_the_start)
{
    replay_advance(replay, 1000);
    ck_assert(now().is_at_end);
    ck_assert_uint_eq(place.tick, place.last_tick);
    ck_assert_double_eq(place.position, place.last_tick);
    replay_advance(replay, 1);
    ck_assert_uint_eq(now().tick, place.last_tick);
    replay_set_paused(replay, false);
    ck_assert_uint_eq(now().tick, place.first_tick);
    ck_assert(!place.is_at_end);
}
END_TEST

START_TEST(a_seek_shows_what_playing_there_shows)
{
    replay_advance(replay, 7.31);
    double position = now().position;
    struct point played = followed_place();

    replay_seek(replay, place.first_tick);
    replay_seek(replay, floor(position));
    replay_advance(replay, (position - floor(position)) / 20);
    struct point sought = followed_place();
    ck_assert_float_eq_tol(played.x, sought.x, 0.01f);
    ck_assert_float_eq_tol(played.y, sought.y, 0.01f);
}
END_TEST

START_TEST(a_seek_beyond_the_ends_stays_within)
{
    replay_seek(replay, -1e9);
    ck_assert_uint_eq(now().tick, place.first_tick);
    replay_seek(replay, 1e12);
    ck_assert_uint_eq(now().tick, place.last_tick);
    ck_assert_str_eq(replay_problem(replay), "");
}
END_TEST

START_TEST(steps_go_by_single_ticks)
{
    replay_seek(replay, place.first_tick + 50);
    replay_step(replay, 1);
    ck_assert_uint_eq(now().tick, place.first_tick + 51);
    ck_assert(place.is_paused);
    replay_step(replay, -1);
    replay_step(replay, -1);
    ck_assert_uint_eq(now().tick, place.first_tick + 49);
    replay_set_paused(replay, false);
    replay_advance(replay, 0.02);
    replay_step(replay, -1); /* back to the picture of the tick it has just left */
    ck_assert_double_eq(now().position, place.first_tick + 49);
    replay_seek(replay, place.last_tick);
    replay_step(replay, 1);
    ck_assert_double_eq(now().position, place.last_tick);
}
END_TEST

START_TEST(everybody_is_followed_in_turn)
{
    uint16_t seen[8] = {0};

    for (int i = 0; i < 8; i++) {
        replay_follow_next(replay);
        replay_fill_scene(replay, &scene);
        ck_assert_uint_lt(scene.facts.own_seat, 8);
        seen[scene.facts.own_seat]++;
    }
    for (int seat = 0; seat < 4; seat++)
        ck_assert_uint_eq(seen[seat], 2);
}
END_TEST

START_TEST(back_follows_who_was_followed_before)
{
    char first[NAME_BYTES_MAX + 1];

    snprintf(first, sizeof first, "%s", now().followed);
    for (int i = 0; i < 3; i++)
        replay_follow_next(replay);
    ck_assert_str_ne(now().followed, first);
    for (int i = 0; i < 3; i++)
        replay_follow_previous(replay);
    ck_assert_str_eq(now().followed, first);
    for (int i = 0; i < 4; i++)
        replay_follow_previous(replay);
    ck_assert_str_eq(now().followed, first);
}
END_TEST

START_TEST(a_free_camera_follows_nobody_until_somebody_is_chosen)
{
    replay_set_free(replay, true);
    replay_fill_scene(replay, &scene);
    ck_assert(now().is_free);
    ck_assert_int_eq(scene.own_index, -1);
    ck_assert_uint_eq(scene.facts.own_seat, SEAT_NONE);
    replay_advance(replay, 1);
    replay_fill_scene(replay, &scene);
    ck_assert_int_eq(scene.own_index, -1);
    replay_follow(replay, 2);
    replay_fill_scene(replay, &scene);
    ck_assert(!now().is_free);
    ck_assert_uint_eq(scene.facts.own_seat, 2);
    ck_assert_int_ge(scene.own_index, 0);
}
END_TEST

START_TEST(events_come_when_they_happened)
{
    struct view_line line;
    unsigned count = 0;
    uint32_t last_tick = place.first_tick;

    for (int i = 0; i < 140; i++) {
        replay_advance(replay, 0.1);
        (void)now();
        while (replay_take_line(replay, &line)) {
            ck_assert_uint_ge(line.tick, last_tick);
            ck_assert_uint_le(line.tick, place.tick);
            last_tick = line.tick;
            count++;
        }
    }
    ck_assert_uint_gt(count, 0);
    replay_seek(replay, place.first_tick + 10);
    ck_assert(!replay_take_line(replay, &line));
}
END_TEST

START_TEST(it_opens_at_a_tick)
{
    struct replay *other;

    ck_assert_int_eq(replay_open(&other, scratch.path, place.first_tick + 77, &error), RESULT_OK);
    struct replay_place there;
    replay_read_place(other, &there);
    ck_assert_uint_eq(there.tick, place.first_tick + 77);
    replay_close(other);
    ck_assert_int_eq(replay_open(&other, scratch.path, place.last_tick + 1, &error),
                     RESULT_TOO_BIG);
    ck_assert_int_ne(replay_open(&other, "/nonexistent", 0, &error), RESULT_OK);
}
END_TEST

/* ---- between two states ---- */

static struct world_state *state_of(int32_t x, int32_t heading, uint8_t generation)
{
    struct world_state *state = calloc(1, sizeof *state + 2 * sizeof(struct entity));
    state->slot_count = 2;
    state->entities[1] = (struct entity){.kind = TOY_CRAFT, .generation = generation, .owner = 1};
    state->entities[1].words[TOY_X] = x;
    state->entities[1].words[TOY_HEADING] = heading;
    state->entities[1].words[TOY_SECRET] = x;
    return state;
}

static uint32_t halfway(const struct world_state *before, const struct world_state *after,
                        struct drawn *out)
{
    struct between between = {toy_game.table, before, after, WORDS_ONE / 2};
    return between_draw(&between, out);
}

START_TEST(positions_move_evenly_and_angles_the_short_way)
{
    struct world_state *a = state_of(100, 250, 1), *b = state_of(200, 6, 1);
    struct drawn drawn[2];

    ck_assert_uint_eq(halfway(a, b, drawn), 1);
    ck_assert_uint_eq(drawn[0].slot, 1);
    ck_assert_int_eq(drawn[0].words[TOY_X], 150);
    ck_assert_int_eq(drawn[0].words[TOY_HEADING], 0);
    ck_assert_int_eq(drawn[0].words[TOY_SECRET], 100);
    free(b);
    free(a);
}
END_TEST

START_TEST(another_entity_in_the_slot_is_not_moved_to)
{
    struct world_state *a = state_of(100, 0, 1), *b = state_of(900, 0, 2);
    struct drawn drawn[2];

    ck_assert_uint_eq(halfway(a, b, drawn), 1);
    ck_assert_int_eq(drawn[0].words[TOY_X], 100);
    b->slot_count = 0;
    ck_assert_uint_eq(halfway(a, b, drawn), 1);
    ck_assert_uint_eq(halfway(b, a, drawn), 0);
    free(b);
    free(a);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("replay");

    tcase_add_checked_fixture(tests, record_and_open, close_and_remove);
    tcase_add_test(tests, it_opens_at_the_start_and_follows_somebody);
    tcase_add_test(tests, time_goes_by_at_20_ticks_a_second_and_any_speed);
    tcase_add_test(tests, speeds_have_limits);
    tcase_add_test(tests, it_stands_still_at_the_end_and_plays_again_from_the_start);
    tcase_add_test(tests, a_seek_shows_what_playing_there_shows);
    tcase_add_test(tests, a_seek_beyond_the_ends_stays_within);
    tcase_add_test(tests, steps_go_by_single_ticks);
    tcase_add_test(tests, everybody_is_followed_in_turn);
    tcase_add_test(tests, back_follows_who_was_followed_before);
    tcase_add_test(tests, a_free_camera_follows_nobody_until_somebody_is_chosen);
    tcase_add_test(tests, events_come_when_they_happened);
    tcase_add_test(tests, it_opens_at_a_tick);
    tcase_add_test(tests, positions_move_evenly_and_angles_the_short_way);
    tcase_add_test(tests, another_entity_in_the_slot_is_not_moved_to);
    return suite_run("replay", tests);
}
