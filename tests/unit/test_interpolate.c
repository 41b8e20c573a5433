#include "client/view/interpolate.h"

#include <stdlib.h>

#include "tests/unit/drift.h"
#include "tests/unit/suite.h"

#define PASTS    4
#define CAPACITY 8

static struct schema schema;
static struct wire_entity memory[PASTS * CAPACITY];
static struct interpolate past;
static struct drawn drawn[CAPACITY];

static void setup(void)
{
    ck_assert_int_eq(schema_init(&schema, &drift_table), RESULT_OK);
    interpolate_init(&past, &schema, memory, PASTS, CAPACITY);
}

static struct wire_entity body_at(uint16_t slot, int32_t x, int32_t y)
{
    return (struct wire_entity){.slot = slot, .owner = 1, .kind = 1, .wire = {x, y}};
}

static void push_one(uint32_t tick, struct wire_entity e)
{
    interpolate_push(&past, tick, &e, 1);
}

static uint32_t draw(uint32_t tick, uint32_t after_us)
{
    return interpolate_draw(&past, (struct moment){tick, after_us}, drawn, CAPACITY);
}

START_TEST(nothing_known_draws_nothing)
{
    ck_assert_uint_eq(draw(1, 0), 0);
}
END_TEST

START_TEST(positions_move_evenly_between_ticks)
{
    push_one(10, body_at(0, 100, 200));
    push_one(11, body_at(0, 110, 180));
    ck_assert_uint_eq(draw(10, TICK_US / 2), 1);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 105 * 4);
    ck_assert_int_eq(drawn[0].words[DRIFT_Y], 190 * 4);
    ck_assert_uint_eq(drawn[0].flags, 0);
}
END_TEST

START_TEST(parts_of_a_quantum_are_drawn)
{
    push_one(10, body_at(0, 100, 0));
    push_one(11, body_at(0, 101, 0));
    draw(10, TICK_US / 4);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 401);
}
END_TEST

START_TEST(skipped_ticks_are_spanned)
{
    push_one(10, body_at(0, 100, 0));
    push_one(14, body_at(0, 140, 0));
    draw(13, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 130 * 4);
}
END_TEST

/* The same as was known `behind` ticks ago. */
static struct wire_entity left_out(struct wire_entity e, uint16_t behind)
{
    e.behind_ticks = behind;
    return e;
}

START_TEST(what_was_left_out_moves_evenly_to_the_next_state_that_tells_of_it)
{
    push_one(10, body_at(3, 100, 0));
    push_one(11, left_out(body_at(3, 100, 0), 1));
    push_one(12, left_out(body_at(3, 100, 0), 2));
    push_one(13, body_at(3, 130, 0));
    for (uint32_t tick = 10; tick <= 13; tick++) {
        draw(tick, 0);
        int32_t expected = (100 + 10 * (int32_t)(tick - 10)) * 4;
        ck_assert_int_le(abs(drawn[0].words[DRIFT_X] - expected), 1);
        ck_assert_uint_eq(drawn[0].flags, 0);
    }
    draw(11, TICK_US / 2);
    ck_assert_int_le(abs(drawn[0].words[DRIFT_X] - 115 * 4), 1);
}
END_TEST

START_TEST(what_was_left_out_and_not_told_of_since_is_guessed)
{
    struct wire_entity e = body_at(3, 100, 0);
    e.velocity16[0] = 16 * 5;
    push_one(10, e);
    push_one(11, left_out(e, 1));
    push_one(12, left_out(e, 2));
    draw(11, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 105 * 4);
    ck_assert_uint_eq(drawn[0].flags, DRAWN_EXTRAPOLATED);
    draw(12, TICK_US / 2);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 112 * 4 + 2);
    draw(17, 0);
    ck_assert_uint_eq(drawn[0].flags, DRAWN_EXTRAPOLATED | DRAWN_HELD);
}
END_TEST

START_TEST(another_in_the_slot_is_not_where_it_went)
{
    struct wire_entity other = body_at(3, 900, 0);
    other.generation = 1;
    push_one(10, body_at(3, 100, 0));
    push_one(11, left_out(body_at(3, 100, 0), 1));
    push_one(12, other);
    draw(11, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 100 * 4);
}
END_TEST

START_TEST(a_wrapping_position_goes_the_short_way)
{
    push_one(10, body_at(0, DRIFT_SPAN - 2, 0));
    push_one(11, body_at(0, 2, 0));
    draw(10, TICK_US / 4);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], (DRIFT_SPAN - 1) * 4);
    draw(10, TICK_US * 3 / 4);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 1 * 4);
}
END_TEST

START_TEST(an_angle_turns_the_short_way)
{
    struct wire_entity from = body_at(0, 0, 0), to = from;
    from.wire[DRIFT_HEADING] = 250;
    to.wire[DRIFT_HEADING] = 2;
    push_one(10, from);
    push_one(11, to);
    draw(10, TICK_US * 3 / 4);
    ck_assert_int_eq(drawn[0].words[DRIFT_HEADING], 0);
}
END_TEST

START_TEST(amounts_change_at_their_tick)
{
    struct wire_entity from = body_at(0, 0, 0), to = from;
    from.wire[DRIFT_HEALTH] = 100;
    to.wire[DRIFT_HEALTH] = 20;
    push_one(10, from);
    push_one(11, to);
    draw(10, TICK_US - 1);
    ck_assert_int_eq(drawn[0].words[DRIFT_HEALTH], 100);
    draw(11, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_HEALTH], 20);
}
END_TEST

START_TEST(a_warp_snaps_at_its_tick)
{
    struct wire_entity to = body_at(0, 900, 900);
    to.wire[DRIFT_WARP] = 1;
    push_one(10, body_at(0, 100, 100));
    push_one(11, to);
    draw(10, TICK_US - 1);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 400);
    draw(11, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 3600);
}
END_TEST

START_TEST(entities_come_and_go_at_their_tick)
{
    struct wire_entity two[] = {body_at(3, 0, 0), body_at(5, 0, 0)};
    push_one(10, two[0]);
    interpolate_push(&past, 11, two, 2);
    push_one(12, two[1]);
    ck_assert_uint_eq(draw(10, TICK_US - 1), 1);
    ck_assert_uint_eq(draw(11, 0), 2);
    ck_assert_uint_eq(draw(11, TICK_US - 1), 2);
    ck_assert_uint_eq(draw(12, 0), 1);
    ck_assert_uint_eq(drawn[0].slot, 5);
}
END_TEST

START_TEST(a_reused_slot_is_another_entity)
{
    struct wire_entity next = body_at(0, 500, 0);
    next.generation = 1;
    push_one(10, body_at(0, 100, 0));
    push_one(11, next);
    draw(10, TICK_US / 2);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 400);
    ck_assert_uint_eq(drawn[0].generation, 0);
}
END_TEST

START_TEST(what_goes_at_the_next_tick_moves_until_then)
{
    struct wire_entity e = body_at(0, 100, 0);
    e.velocity16[0] = 10 * 16;
    push_one(10, e);
    interpolate_push(&past, 11, &e, 0);
    draw(10, TICK_US / 2);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 105 * 4);
    ck_assert_uint_eq(drawn[0].flags, 0);
}
END_TEST

START_TEST(beyond_the_newest_state_it_goes_on_for_250_ms)
{
    struct wire_entity e = body_at(0, 100, 0);
    e.velocity16[0] = 10 * 16;
    push_one(10, e);
    draw(12, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 120 * 4);
    ck_assert_uint_eq(drawn[0].flags, DRAWN_EXTRAPOLATED);
    draw(30, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 150 * 4);
    ck_assert_uint_eq(drawn[0].flags, DRAWN_EXTRAPOLATED | DRAWN_HELD);
}
END_TEST

START_TEST(a_guess_stays_in_the_field)
{
    struct wire_entity e = body_at(0, 0, 2);
    e.velocity16[1] = -10 * 16;
    push_one(10, e);
    draw(12, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_Y], 0);
}
END_TEST

START_TEST(before_the_oldest_state_the_oldest_is_drawn)
{
    push_one(10, body_at(0, 100, 0));
    ck_assert_uint_eq(draw(7, 1000), 1);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 400);
    ck_assert_uint_eq(drawn[0].flags, 0);
}
END_TEST

START_TEST(a_full_ring_forgets_the_oldest)
{
    for (int i = 0; i < 3 * PASTS; i++)
        push_one((uint32_t)i, body_at(0, i, 0));
    draw(0, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], (3 * PASTS - PASTS) * 4);
    draw(3 * PASTS - 2, TICK_US / 2);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], (3 * PASTS - 2) * 4 + 2);
}
END_TEST

START_TEST(ticks_may_wrap)
{
    push_one(UINT32_MAX, body_at(0, 100, 0));
    push_one(1, body_at(0, 120, 0));
    draw(0, 0);
    ck_assert_int_eq(drawn[0].words[DRIFT_X], 440);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("interpolate");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, nothing_known_draws_nothing);
    tcase_add_test(tests, positions_move_evenly_between_ticks);
    tcase_add_test(tests, parts_of_a_quantum_are_drawn);
    tcase_add_test(tests, skipped_ticks_are_spanned);
    tcase_add_test(tests, what_was_left_out_moves_evenly_to_the_next_state_that_tells_of_it);
    tcase_add_test(tests, what_was_left_out_and_not_told_of_since_is_guessed);
    tcase_add_test(tests, another_in_the_slot_is_not_where_it_went);
    tcase_add_test(tests, a_wrapping_position_goes_the_short_way);
    tcase_add_test(tests, an_angle_turns_the_short_way);
    tcase_add_test(tests, amounts_change_at_their_tick);
    tcase_add_test(tests, a_warp_snaps_at_its_tick);
    tcase_add_test(tests, entities_come_and_go_at_their_tick);
    tcase_add_test(tests, a_reused_slot_is_another_entity);
    tcase_add_test(tests, what_goes_at_the_next_tick_moves_until_then);
    tcase_add_test(tests, beyond_the_newest_state_it_goes_on_for_250_ms);
    tcase_add_test(tests, a_guess_stays_in_the_field);
    tcase_add_test(tests, before_the_oldest_state_the_oldest_is_drawn);
    tcase_add_test(tests, a_full_ring_forgets_the_oldest);
    tcase_add_test(tests, ticks_may_wrap);
    return suite_run("interpolate", tests);
}
