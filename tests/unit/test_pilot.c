#include "shared/games/skirmish/pilot.h"

#include <stdlib.h>
#include <string.h>

#include "shared/games/skirmish/ground.h"
#include "shared/games/skirmish/skirmish.h"
#include "tests/unit/arena.h"
#include "tests/unit/suite.h"

#define UNIT   SKIRMISH_UNIT
#define MINUTE (60 * 20)
#define MIDDLE (1024 * UNIT) /* of the arena, both ways */

static struct arena a;

static void open_arena(void)
{
    arena_open(&a, &game_skirmish, "arena", 1);
}

static void close_arena(void)
{
    arena_close(&a);
}

static void seat_bots(int count)
{
    for (int i = 0; i < count; i++)
        arena_join(&a);
}

struct box {
    int32_t x_min, x_max, y_min, y_max;
    int ticks;
};

/* Fails when a craft that lived through ten seconds stayed within one tile. */
static void check_moves(struct box *box, const struct entity *craft)
{
    int32_t x = craft->words[CRAFT_X], y = craft->words[CRAFT_Y];
    bool is_new = box->ticks == 0 || craft->words[CRAFT_FLAGS] & CRAFT_IS_DEAD;
    if (is_new) *box = (struct box){x, x, y, y, 0};
    if (x < box->x_min) box->x_min = x;
    if (x > box->x_max) box->x_max = x;
    if (y < box->y_min) box->y_min = y;
    if (y > box->y_max) box->y_max = y;
    if (++box->ticks < 200) return;
    ck_assert_int_gt(box->x_max - box->x_min + box->y_max - box->y_min, 32 * UNIT);
    box->ticks = 0;
}

START_TEST(bots_play_ten_minutes_and_none_gets_stuck)
{
    struct box boxes[16] = {{0}};
    int kills = 0, pickups = 0, beams = 0;
    seat_bots(16);
    for (int i = 0; i < 10 * MINUTE - 1; i++) {
        arena_think(&a);
        arena_step(&a);
        kills += arena_event(&a, EVENT_KILL) != NULL;
        pickups += arena_event(&a, EVENT_PICKUP) != NULL;
        beams += arena_event(&a, EVENT_BEAM) != NULL;
        for (uint16_t seat = 0; seat < 16; seat++)
            check_moves(&boxes[seat], arena_body(&a, seat));
        if (i % 20 == 0) arena_check_wire(&a);
    }
    ck_assert_int_gt(kills, 100);
    ck_assert_int_gt(pickups, 50);
    ck_assert_int_gt(beams, 100);
    ck_assert_uint_eq(a.world.events_dropped, 0);
    for (uint16_t seat = 0; seat < 16; seat++)
        ck_assert_int_gt(arena_body(&a, seat)->words[CRAFT_KILLS], 0);
}
END_TEST

START_TEST(bots_find_their_way_on_the_plains)
{
    static struct box boxes[ARENA_SEATS];
    arena_close(&a);
    arena_open(&a, &game_skirmish, "plains", 1);
    seat_bots(ARENA_SEATS);
    for (int i = 0; i < 2 * MINUTE; i++) {
        arena_think(&a);
        arena_step(&a);
        for (uint16_t seat = 0; seat < ARENA_SEATS; seat++)
            check_moves(&boxes[seat], arena_body(&a, seat));
    }
}
END_TEST

/* Marks all that a craft can reach from tile `at`, going by its four neighbours. */
static void flood(const struct map *map, uint8_t *reached, uint32_t *stack, uint32_t at)
{
    size_t depth = 0;
    stack[depth++] = at;
    reached[at] = 1;
    while (depth > 0) {
        uint32_t tile = stack[--depth];
        const int32_t x = (int32_t)(tile % map->width), y = (int32_t)(tile / map->width);
        const int32_t next[4][2] = {{x + 1, y}, {x - 1, y}, {x, y + 1}, {x, y - 1}};
        for (int i = 0; i < 4; i++) {
            uint32_t to = (uint32_t)(next[i][1] * map->width + next[i][0]);
            if (ground_stops_craft(map, next[i][0], next[i][1]) || reached[to]) continue;
            reached[to] = 1;
            stack[depth++] = to;
        }
    }
}

START_TEST(every_place_of_a_map_can_be_reached)
{
    static const char *const names[] = {"arena", "plains"};
    arena_close(&a);
    arena_open(&a, &game_skirmish, names[_i], 1);
    uint32_t count = (uint32_t)a.map.width * a.map.height, places = 0;
    uint8_t *reached = calloc(1, count);
    uint32_t *stack = malloc(count * sizeof *stack);
    for (uint32_t i = 0; i < count; i++) {
        if (strchr("SHRD", a.map.tiles[i]) == NULL) continue;
        if (places++ == 0) flood(&a.map, reached, stack, i);
        ck_assert_msg(reached[i], "%u, %u", i % a.map.width, i / a.map.width);
    }
    ck_assert_uint_gt(places, 30);
    free(reached);
    free(stack);
}
END_TEST

START_TEST(a_lone_bot_strolls_over_the_map)
{
    struct box box = {0};
    bool has_been[4] = {false};
    seat_bots(1);
    for (int i = 0; i < 5 * MINUTE; i++) {
        arena_think(&a);
        arena_step(&a);
        check_moves(&box, arena_body(&a, 0));
        const int32_t *words = arena_body(&a, 0)->words;
        has_been[(words[CRAFT_X] > MIDDLE) + 2 * (words[CRAFT_Y] > MIDDLE)] = true;
    }
    for (int quarter = 0; quarter < 4; quarter++)
        ck_assert(has_been[quarter]);
}
END_TEST

START_TEST(a_bot_without_a_body_asks_for_nothing)
{
    struct game_view view = {.map = &a.map};
    struct usercmd cmd = {.words = {BUTTON_FIRE, 5}};
    pilot_think(&view, &a.bots, &cmd);
    ck_assert_int_eq(cmd.words[CMD_BUTTONS], 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pilot");

    tcase_add_checked_fixture(tests, open_arena, close_arena);
    tcase_add_test(tests, bots_play_ten_minutes_and_none_gets_stuck);
    tcase_add_test(tests, bots_find_their_way_on_the_plains);
    tcase_add_loop_test(tests, every_place_of_a_map_can_be_reached, 0, 2);
    tcase_add_test(tests, a_lone_bot_strolls_over_the_map);
    tcase_add_test(tests, a_bot_without_a_body_asks_for_nothing);
    return suite_run("pilot", tests);
}
