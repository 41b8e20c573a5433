#include "shared/games/snake/snake.h"

#include <stdlib.h>

#include "tests/unit/arena.h"
#include "tests/unit/suite.h"

#define UP           (1 << HEADING_UP)
#define DOWN         (1 << HEADING_DOWN)
#define LEFT         (1 << HEADING_LEFT)
#define RIGHT        (1 << HEADING_RIGHT)
#define TICKS_A_TILE (SNAKE_TILE / SNAKE_SPEED)
#define MINUTE       (60 * 20)

static const char lawn[] = "####################\n"
                           "#..................#\n"
                           "#..................#\n"
                           "#..................#\n"
                           "#..................#\n"
                           "####################\n";

static struct arena a;

static void open_lawn(void)
{
    arena_open_drawn(&a, &game_snake, lawn, 1);
}

static void close_arena(void)
{
    arena_close(&a);
}

static uint16_t place(int32_t tile_x, int32_t tile_y, int32_t heading)
{
    uint16_t seat = arena_join(&a);
    int32_t *words = arena_body(&a, seat)->words;
    words[HEAD_X] = tile_x * SNAKE_TILE + SNAKE_TILE / 2;
    words[HEAD_Y] = tile_y * SNAKE_TILE + SNAKE_TILE / 2;
    words[HEAD_HEADING] = words[HEAD_TURN] = heading;
    return seat;
}

static int32_t word(uint16_t seat, int index)
{
    return arena_body(&a, seat)->words[index];
}

/* Takes the food away: a test lays its own. */
static void clear_food(void)
{
    for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&a.world, slot);
        if (e != NULL && e->kind == SNAKE_FOOD) world_free(&a.world, (uint16_t)slot);
    }
}

static void lay_food(int32_t tile_x, int32_t tile_y)
{
    struct entity *food = world_entity(&a.world, world_spawn(&a.world, SNAKE_FOOD, SEAT_NONE));
    food->words[PLACE_X] = tile_x * SNAKE_TILE + SNAKE_TILE / 2;
    food->words[PLACE_Y] = tile_y * SNAKE_TILE + SNAKE_TILE / 2;
}

/* Every snake keeps its course but that of `seat`, which presses `buttons`. */
static void step_with(uint16_t seat, int32_t buttons, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        for (uint16_t other = 0; other < a.input_count; other++)
            arena_command(&a, other, other == seat ? buttons : 0, 0);
        arena_step(&a);
    }
}

static int32_t segments_of(uint16_t seat)
{
    int32_t count = 0;
    for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++) {
        const struct entity *e = &a.world.state->entities[slot];
        count += e->kind == SNAKE_SEGMENT && e->owner == seat;
    }
    return count;
}

START_TEST(the_table_is_a_schema)
{
    struct schema s;
    ck_assert_int_eq(schema_init(&s, game_snake.table), RESULT_OK);
}
END_TEST

START_TEST(a_head_moves_a_tile_in_four_usercmds)
{
    uint16_t seat = place(3, 2, HEADING_RIGHT);
    int32_t x = word(seat, HEAD_X);
    step_with(seat, 0, TICKS_A_TILE);
    ck_assert_int_eq(word(seat, HEAD_X), x + SNAKE_TILE);
    ck_assert_int_eq(word(seat, HEAD_Y) / SNAKE_TILE, 2);
}
END_TEST

START_TEST(a_turn_waits_for_the_next_centre)
{
    uint16_t seat = place(3, 2, HEADING_RIGHT);
    step_with(seat, 0, 1);
    step_with(seat, DOWN, 1);
    ck_assert_int_eq(word(seat, HEAD_HEADING), HEADING_RIGHT);
    step_with(seat, 0, TICKS_A_TILE - 1);
    ck_assert_int_eq(word(seat, HEAD_HEADING), HEADING_DOWN);
    ck_assert_int_eq(word(seat, HEAD_X) / SNAKE_TILE, 4);
}
END_TEST

START_TEST(a_snake_cannot_turn_back_into_itself)
{
    uint16_t seat = place(3, 2, HEADING_RIGHT);
    step_with(seat, LEFT, 2 * TICKS_A_TILE);
    ck_assert_int_eq(word(seat, HEAD_HEADING), HEADING_RIGHT);
}
END_TEST

START_TEST(segments_follow_up_to_the_snakes_length)
{
    uint16_t seat = place(2, 2, HEADING_RIGHT);
    clear_food();
    for (int32_t tiles = 1; tiles <= 6; tiles++) {
        step_with(seat, 0, TICKS_A_TILE);
        clear_food();
        ck_assert_int_eq(segments_of(seat), tiles < SNAKE_LENGTH_MIN ? tiles : SNAKE_LENGTH_MIN);
    }
}
END_TEST

START_TEST(who_eats_scores_and_grows)
{
    uint16_t seat = place(2, 2, HEADING_RIGHT);
    clear_food();
    lay_food(3, 2);
    step_with(seat, 0, TICKS_A_TILE);
    ck_assert_int_eq(word(seat, HEAD_SCORE), 1);
    ck_assert_ptr_nonnull(arena_event(&a, SNAKE_EVENT_EAT));
    step_with(seat, 0, 7 * TICKS_A_TILE);
    ck_assert_int_ge(segments_of(seat), SNAKE_LENGTH_MIN + 2);
}
END_TEST

START_TEST(a_wall_is_deadly)
{
    uint16_t seat = place(17, 2, HEADING_RIGHT);
    step_with(seat, 0, TICKS_A_TILE);
    ck_assert_int_eq(word(seat, HEAD_IS_DEAD), 0);
    step_with(seat, 0, 1);
    ck_assert_int_eq(word(seat, HEAD_IS_DEAD), 1);
    ck_assert_ptr_nonnull(arena_event(&a, SNAKE_EVENT_DEATH));
    ck_assert_int_eq(segments_of(seat), 0);
}
END_TEST

START_TEST(another_snake_is_deadly)
{
    uint16_t one = place(2, 2, HEADING_RIGHT), other = place(5, 4, HEADING_UP);
    clear_food();
    step_with(one, 0, 3 * TICKS_A_TILE);
    ck_assert_int_eq(word(one, HEAD_IS_DEAD) + word(other, HEAD_IS_DEAD), 1);
}
END_TEST

START_TEST(the_dead_return_with_nothing_but_their_best)
{
    uint16_t seat = place(17, 2, HEADING_RIGHT);
    arena_body(&a, seat)->words[HEAD_SCORE] = 4;
    arena_body(&a, seat)->words[HEAD_BEST] = 4;
    int32_t warp = word(seat, HEAD_WARP);
    step_with(seat, 0, TICKS_A_TILE + 1);
    step_with(seat, UP, SNAKE_DEAD_TICKS);
    ck_assert_int_eq(word(seat, HEAD_IS_DEAD), 0);
    ck_assert_int_ne(word(seat, HEAD_WARP), warp);
    ck_assert_int_eq(word(seat, HEAD_SCORE), 0);
    ck_assert_int_eq(word(seat, HEAD_BEST), 4);
}
END_TEST

START_TEST(who_leaves_leaves_nothing)
{
    uint16_t seat = place(2, 2, HEADING_RIGHT);
    step_with(seat, 0, 3 * TICKS_A_TILE);
    game_snake.leave(&a.world, seat);
    ck_assert_int_eq(segments_of(seat), 0);
    ck_assert_uint_eq(world_body(&a.world, seat), SLOT_NONE);
}
END_TEST

START_TEST(prediction_equals_the_step_for_a_lone_snake)
{
    uint16_t seat = arena_join(&a);
    struct entity predicted = *arena_body(&a, seat);
    srand((unsigned)_i);
    for (int i = 0; i < MINUTE; i++) {
        for (int n = rand() % (USERCMDS_PER_TICK_MAX + 1); n > 0; n--) {
            struct usercmd cmd = {.words = {rand() % 8 == 0 ? rand() % 16 : 0}};
            arena_command(&a, seat, cmd.words[0], 0);
            game_snake.predict(&a.map, &predicted, &cmd);
        }
        bool was_dead = word(seat, HEAD_IS_DEAD);
        arena_step(&a);
        if (was_dead || word(seat, HEAD_IS_DEAD)) predicted = *arena_body(&a, seat);
        ck_assert_int_eq(predicted.words[HEAD_X], word(seat, HEAD_X));
        ck_assert_int_eq(predicted.words[HEAD_Y], word(seat, HEAD_Y));
        ck_assert_int_eq(predicted.words[HEAD_HEADING], word(seat, HEAD_HEADING));
    }
}
END_TEST

START_TEST(a_lawn_without_a_free_tile_does_no_harm)
{
    arena_close(&a);
    arena_open_drawn(&a, &game_snake, "###\n###\n", 1);
    uint16_t seat = arena_join(&a);
    step_with(seat, UP, 200);
    arena_check_wire(&a);
}
END_TEST

START_TEST(bots_eat_and_mostly_live)
{
    int meals = 0, deaths = 0;
    arena_close(&a);
    arena_open(&a, &game_snake, "garden", 5);
    for (int i = 0; i < 8; i++)
        arena_join(&a);
    for (int i = 0; i < 10 * MINUTE; i++) {
        arena_think(&a);
        arena_step(&a);
        meals += arena_event(&a, SNAKE_EVENT_EAT) != NULL;
        deaths += arena_event(&a, SNAKE_EVENT_DEATH) != NULL;
        if (i % 20 == 0) arena_check_wire(&a);
    }
    ck_assert_int_gt(meals, 500);
    ck_assert_int_gt(deaths, 0);
    ck_assert_int_lt(deaths, meals / 4);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("snake");

    tcase_add_checked_fixture(tests, open_lawn, close_arena);
    tcase_add_test(tests, the_table_is_a_schema);
    tcase_add_test(tests, a_head_moves_a_tile_in_four_usercmds);
    tcase_add_test(tests, a_turn_waits_for_the_next_centre);
    tcase_add_test(tests, a_snake_cannot_turn_back_into_itself);
    tcase_add_test(tests, segments_follow_up_to_the_snakes_length);
    tcase_add_test(tests, who_eats_scores_and_grows);
    tcase_add_test(tests, a_wall_is_deadly);
    tcase_add_test(tests, another_snake_is_deadly);
    tcase_add_test(tests, the_dead_return_with_nothing_but_their_best);
    tcase_add_test(tests, who_leaves_leaves_nothing);
    tcase_add_loop_test(tests, prediction_equals_the_step_for_a_lone_snake, 1, 4);
    tcase_add_test(tests, a_lawn_without_a_free_tile_does_no_harm);
    tcase_add_test(tests, bots_eat_and_mostly_live);
    return suite_run("snake", tests);
}
