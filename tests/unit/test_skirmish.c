#include "shared/games/skirmish/skirmish.h"

#include <stdlib.h>

#include "shared/fixed.h"
#include "shared/games/skirmish/contest.h"
#include "shared/games/skirmish/craft.h"
#include "shared/games/skirmish/ground.h"
#include "shared/games/skirmish/shot.h"
#include "tests/unit/arena.h"
#include "tests/unit/suite.h"

#define UNIT   SKIRMISH_UNIT
#define EAST   0
#define SOUTH  (FIXED_TURN / 4)
#define MINUTE (60 * 20)

/* A hall of 38 by 3 tiles with a pit, a wall and a crate in its lower row. */
static const char hall[] = "########################################\n"
                           "#......................................#\n"
                           "#......................................#\n"
                           "#.........o.........#..............%...#\n"
                           "########################################\n";

static struct arena a;

static void open_hall(void)
{
    arena_open_drawn(&a, &game_skirmish, hall, 1);
}

/* Leaves the hall for the game's own map. */
static void use_arena(void)
{
    arena_close(&a);
    arena_open(&a, &game_skirmish, "arena", 1);
}

static void close_arena(void)
{
    arena_close(&a);
}

/* Puts a new player's craft on a tile, unprotected and at rest. */
static uint16_t place(int32_t tile_x, int32_t tile_y)
{
    uint16_t seat = arena_join(&a);
    struct point centre = ground_tile_centre(tile_x, tile_y);
    int32_t *words = arena_body(&a, seat)->words;
    words[CRAFT_X] = centre.x;
    words[CRAFT_Y] = centre.y;
    words[CRAFT_FLAGS] = 0;
    return seat;
}

static int32_t word(uint16_t seat, int index)
{
    return arena_body(&a, seat)->words[index];
}

static void step_with(uint16_t seat, int32_t buttons, int32_t aim, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        arena_command(&a, seat, buttons, aim);
        arena_step(&a);
    }
}

static void step(int ticks)
{
    for (int i = 0; i < ticks; i++)
        arena_step(&a);
}

static struct entity *first_of(uint8_t kind)
{
    for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++) {
        struct entity *e = world_entity(&a.world, slot);
        if (e != NULL && e->kind == kind) return e;
    }
    return NULL;
}

static size_t count_of(uint8_t kind)
{
    size_t count = 0;
    for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++)
        count += a.world.state->entities[slot].kind == kind;
    return count;
}

/* -- flight -- */

START_TEST(the_table_is_a_schema)
{
    struct schema s;
    ck_assert_int_eq(schema_init(&s, game_skirmish.table), RESULT_OK);
}
END_TEST

/* Whom seat 0 aims at, as its view shows the craft of the seats there are. */
static uint16_t aimed_at(int32_t aim, uint16_t seat_count)
{
    const struct entity *entities[4];
    uint16_t slots[4];
    arena_body(&a, 0)->words[CRAFT_AIM] = aim;
    for (uint16_t seat = 0; seat < seat_count; seat++) {
        entities[seat] = arena_body(&a, seat);
        slots[seat] = world_body(&a.world, seat);
    }
    const struct game_view view = {
        .own = entities[0], .entities = entities, .slots = slots, .count = seat_count};
    return game_skirmish.target(&view);
}

START_TEST(the_target_is_the_nearest_near_the_line_of_fire)
{
    place(3, 3);
    uint16_t near = place(6, 3), far = place(8, 3), below = place(3, 6);
    ck_assert_uint_eq(aimed_at(0, 4), world_body(&a.world, near));
    ck_assert_uint_eq(aimed_at(20, 4), world_body(&a.world, near));
    ck_assert_uint_eq(aimed_at(FIXED_TURN / 4, 4), world_body(&a.world, below));
    ck_assert_uint_eq(aimed_at(FIXED_TURN / 2, 4), SLOT_NONE);
    arena_body(&a, near)->words[CRAFT_FLAGS] = CRAFT_IS_DEAD;
    ck_assert_uint_eq(aimed_at(0, 4), world_body(&a.world, far));
    ck_assert_uint_eq(aimed_at(0, 1), SLOT_NONE);
}
END_TEST

START_TEST(top_speed_is_near_260_units_a_second_within_half_a_second)
{
    uint16_t seat = place(2, 1);
    step_with(seat, BUTTON_RIGHT, 0, 10);
    ck_assert_int_ge(word(seat, CRAFT_VX) * 20 / UNIT, 230);
    step_with(seat, BUTTON_RIGHT, 0, 40);
    ck_assert_int_ge(word(seat, CRAFT_VX) * 20 / UNIT, 255);
    ck_assert_int_le(word(seat, CRAFT_VX), CRAFT_SPEED);
}
END_TEST

START_TEST(diagonal_flight_is_no_faster)
{
    struct entity craft = {.kind = KIND_CRAFT};
    struct usercmd cmd = {.words = {BUTTON_RIGHT | BUTTON_DOWN}};
    char tiles[64 * 64];
    memset(tiles, '.', sizeof tiles);
    struct map open = {.width = 64, .height = 64, .tiles = (const uint8_t *)tiles};
    craft.words[CRAFT_X] = craft.words[CRAFT_Y] = 100 * UNIT;
    for (int i = 0; i < 60; i++)
        game_skirmish.predict(&open, &craft, &cmd);
    uint32_t speed = fixed_length(craft.words[CRAFT_VX], craft.words[CRAFT_VY]);
    ck_assert_uint_le(speed, CRAFT_SPEED + 10);
    ck_assert_uint_ge(speed, CRAFT_SPEED - 60);
}
END_TEST

START_TEST(without_thrust_a_craft_glides_and_comes_to_rest)
{
    uint16_t seat = place(2, 1);
    step_with(seat, BUTTON_RIGHT, 0, 20);
    int32_t x = word(seat, CRAFT_X);
    step_with(seat, 0, 0, 60);
    ck_assert_int_eq(word(seat, CRAFT_VX), 0);
    ck_assert_int_gt(word(seat, CRAFT_X), x + 40 * UNIT);
}
END_TEST

START_TEST(without_a_usercmd_a_craft_stays)
{
    uint16_t seat = place(2, 1);
    step_with(seat, BUTTON_RIGHT, 0, 5);
    int32_t x = word(seat, CRAFT_X);
    step(5);
    ck_assert_int_eq(word(seat, CRAFT_X), x);
}
END_TEST

START_TEST(two_usercmds_in_a_tick_are_two_steps_of_flight)
{
    uint16_t one = place(2, 1), other = place(2, 1);
    for (int i = 0; i < 8; i++) {
        arena_command(&a, one, BUTTON_RIGHT, 0);
        if (i % 2 == 1) arena_command(&a, other, BUTTON_RIGHT, 0);
        if (i % 2 == 1) arena_command(&a, other, BUTTON_RIGHT, 0);
        arena_step(&a);
    }
    ck_assert_int_eq(word(one, CRAFT_X), word(other, CRAFT_X));
}
END_TEST

START_TEST(a_craft_slides_along_what_stops_it)
{
    uint16_t seat = place(2, 1);
    step_with(seat, BUTTON_UP | BUTTON_RIGHT, 0, 30);
    ck_assert_int_eq(word(seat, CRAFT_VY), 0);
    ck_assert_int_gt(word(seat, CRAFT_VX), CRAFT_SPEED / 2);
    ck_assert_int_lt(word(seat, CRAFT_Y), (32 + 12) * UNIT);
}
END_TEST

START_TEST(a_fast_craft_bounces_off_a_wall)
{
    uint16_t seat = place(34, 1);
    bool has_bounced = false;
    for (int i = 0; i < 20; i++) {
        step_with(seat, BUTTON_RIGHT, 0, 1);
        has_bounced = has_bounced || word(seat, CRAFT_VX) < 0;
    }
    ck_assert(has_bounced);
    step_with(seat, BUTTON_RIGHT, 0, 30);
    ck_assert_int_eq(word(seat, CRAFT_VX), 0);
}
END_TEST

static bool overlaps_solid(const struct entity *craft)
{
    for (int corner = 0; corner < 4; corner++) {
        int32_t x = craft->words[CRAFT_X] + (corner & 1 ? 11 : -11) * UNIT;
        int32_t y = craft->words[CRAFT_Y] + (corner & 2 ? 11 : -11) * UNIT;
        if (ground_stops_craft(&a.map, x >> TILE_SHIFT, y >> TILE_SHIFT)) return true;
    }
    return false;
}

START_TEST(no_flight_leads_into_a_wall)
{
    use_arena();
    uint16_t seat = arena_join(&a);
    srand((unsigned)_i);
    int32_t buttons = 0;
    for (int i = 0; i < 5 * MINUTE; i++) {
        if (i % 7 == 0) buttons = rand() % 16;
        step_with(seat, buttons, 0, 1);
        ck_assert(!overlaps_solid(arena_body(&a, seat)));
    }
}
END_TEST

/* What the self block tells: no more may be needed to predict. */
static struct entity as_owner_knows(const struct entity *e)
{
    const struct entity_kind *kind = &game_skirmish.table->kinds[e->kind - 1];
    struct entity known = {.kind = e->kind, .owner = SEAT_NONE};
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (f->audience != AUDIENCE_NONE) known.words[f->word] = e->words[f->word];
    }
    return known;
}

START_TEST(prediction_equals_the_step_for_a_lone_craft)
{
    use_arena();
    uint16_t seat = arena_join(&a);
    struct entity predicted = as_owner_knows(arena_body(&a, seat));
    srand((unsigned)_i);
    for (int i = 0; i < 3 * MINUTE; i++) {
        for (int n = rand() % (USERCMDS_PER_TICK_MAX + 1); n > 0; n--) {
            struct usercmd cmd = {.words = {rand() % (BUTTONS_ALL + 1), rand() % FIXED_TURN}};
            arena_command(&a, seat, cmd.words[0], cmd.words[1]);
            game_skirmish.predict(&a.map, &predicted, &cmd);
        }
        arena_step(&a);
        const struct entity *craft = arena_body(&a, seat);
        static const int words[] = {CRAFT_X, CRAFT_Y, CRAFT_VX, CRAFT_VY, CRAFT_AIM, CRAFT_THRUST};
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
            ck_assert_int_eq(predicted.words[words[k]], craft->words[words[k]]);
        if (arena_event(&a, EVENT_PICKUP) != NULL) predicted = as_owner_knows(craft);
    }
}
END_TEST

/* -- weapons -- */

START_TEST(a_shot_flies_straight_by_whole_wire_quanta)
{
    uint16_t seat = place(3, 2);
    step_with(seat, BUTTON_FIRE, 13, 1);
    struct entity *shot = first_of(KIND_SHOT);
    ck_assert_ptr_nonnull(shot);
    int32_t x = shot->words[SHOT_X], y = shot->words[SHOT_Y];
    step(1);
    int32_t dx = shot->words[SHOT_X] - x, dy = shot->words[SHOT_Y] - y;
    ck_assert_int_eq(dx % (1 << QUANTUM_SHIFT), 0);
    ck_assert_int_eq(dy % (1 << QUANTUM_SHIFT), 0);
    step(3);
    ck_assert_int_eq(shot->words[SHOT_X], x + 4 * dx);
    ck_assert_int_eq(shot->words[SHOT_Y], y + 4 * dy);
}
END_TEST

START_TEST(a_shot_takes_time_and_then_hurts)
{
    uint16_t shooter = place(3, 2), victim = place(13, 2);
    step_with(shooter, BUTTON_FIRE, EAST, 1);
    step(5);
    ck_assert_int_eq(word(victim, CRAFT_HP), CRAFT_HP_MAX);
    const struct event *hit = NULL;
    for (int i = 0; i < 10 && hit == NULL; i++) {
        step(1);
        hit = arena_event(&a, EVENT_HIT);
    }
    ck_assert_ptr_nonnull(hit);
    ck_assert_uint_eq(hit->seat, shooter);
    ck_assert_int_eq(hit->words[1], victim);
    ck_assert_int_eq(word(victim, CRAFT_HP), CRAFT_HP_MAX - hit->words[2]);
    ck_assert_ptr_null(first_of(KIND_SHOT));
    ck_assert_int_eq(word(shooter, CRAFT_HP), CRAFT_HP_MAX);
}
END_TEST

START_TEST(walls_and_crates_stop_shots_but_pits_do_not)
{
    uint16_t shooter = place(7, 3), beyond_pit = place(14, 3), beyond_wall = place(23, 3);
    step_with(shooter, BUTTON_FIRE, EAST, 1);
    step(30);
    ck_assert_int_lt(word(beyond_pit, CRAFT_HP), CRAFT_HP_MAX);
    step_with(beyond_pit, BUTTON_FIRE | BUTTON_BEAM, EAST, 1);
    step(30);
    ck_assert_int_eq(word(beyond_wall, CRAFT_HP), CRAFT_HP_MAX);
}
END_TEST

START_TEST(a_shot_ends_by_itself)
{
    uint16_t seat = place(2, 1);
    step_with(seat, BUTTON_FIRE, EAST, 1);
    step(22);
    ck_assert_uint_eq(count_of(KIND_SHOT), 1);
    step(1);
    ck_assert_uint_eq(count_of(KIND_SHOT), 0);
}
END_TEST

START_TEST(rapid_fire_doubles_the_rate)
{
    uint16_t slow = place(2, 1), fast = place(2, 2);
    arena_body(&a, fast)->words[CRAFT_FLAGS] = CRAFT_IS_RAPID;
    arena_body(&a, fast)->words[CRAFT_RAPID_TICK] = (int32_t)a.world.state->tick + 100;
    size_t fired[2] = {0, 0};
    for (int i = 0; i < 40; i++) {
        arena_command(&a, slow, BUTTON_FIRE, EAST);
        arena_command(&a, fast, BUTTON_FIRE, EAST);
        arena_step(&a);
        for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++) {
            const struct entity *e = &a.world.state->entities[slot];
            if (e->kind == KIND_SHOT && e->since_tick == a.world.state->tick) fired[e->owner]++;
        }
    }
    ck_assert_uint_eq(fired[slow], 10);
    ck_assert_uint_eq(fired[fast], 20);
}
END_TEST

/* Lets `seat` do that in the next tick, having seen the picture `lag` before its end. */
static void step_seen(uint16_t seat, int32_t buttons, int32_t aim, int32_t lag)
{
    arena_command(&a, seat, buttons, aim);
    struct usercmd *cmd = &a.inputs[seat].cmds[0];
    uint32_t ticks = (uint32_t)(lag + VIEW_PARTS - 1) / VIEW_PARTS;
    cmd->view_tick = a.world.state->tick + 1 - ticks;
    cmd->view_part = ticks * VIEW_PARTS - (uint32_t)lag;
    arena_step(&a);
}

/* A target that flies to the right for half a second; then where it was `lag` before the end of
 * the next tick, aimed at from `shooter`. */
static int32_t aim_at_past(uint16_t shooter, uint16_t target, int32_t lag)
{
    int32_t x[16];
    for (int i = 0; i < 16; i++) {
        step_with(target, BUTTON_RIGHT, 0, 1);
        x[i] = word(target, CRAFT_X);
    }
    int32_t ticks = lag / VIEW_PARTS, part = lag % VIEW_PARTS;
    int32_t newer = x[16 - ticks], older = x[16 - ticks - 1];
    int32_t seen = newer + (older - newer) * part / VIEW_PARTS;
    return fixed_angle(seen - word(shooter, CRAFT_X),
                       word(target, CRAFT_Y) - word(shooter, CRAFT_Y));
}

static const int32_t lags[] = {16, 24, 40, 64, 73, 80};

START_TEST(a_beam_hits_what_its_player_saw)
{
    uint16_t shooter = place(6, 1), target = place(2, 3);
    arena_body(&a, target)->words[CRAFT_HP] = 80;
    int32_t aim = aim_at_past(shooter, target, lags[_i]);
    step_seen(shooter, BUTTON_BEAM, aim, lags[_i]);
    ck_assert_ptr_nonnull(arena_event(&a, EVENT_HIT));
}
END_TEST

START_TEST(what_was_not_seen_there_is_not_hit)
{
    uint16_t shooter = place(6, 1), target = place(2, 3);
    int32_t aim = aim_at_past(shooter, target, 80);
    step_seen(shooter, BUTTON_BEAM, aim, 16);
    ck_assert_ptr_null(arena_event(&a, EVENT_HIT));
}
END_TEST

START_TEST(a_shot_has_flown_since_its_player_fired)
{
    uint16_t seat = place(3, 2);
    step_seen(seat, BUTTON_FIRE, EAST, 16);
    int32_t x = first_of(KIND_SHOT)->words[SHOT_X];
    world_free(&a.world, (uint16_t)(first_of(KIND_SHOT) - a.world.state->entities));
    step_with(seat, 0, EAST, 10);
    step_seen(seat, BUTTON_FIRE, EAST, lags[_i]);
    ck_assert_int_eq(first_of(KIND_SHOT)->words[SHOT_X],
                     x + (lags[_i] - VIEW_PARTS) * SHOT_SPEED / VIEW_PARTS);
}
END_TEST

START_TEST(a_shot_meets_on_its_way_those_who_were_there)
{
    uint16_t shooter = place(6, 1), target = place(2, 3);
    int32_t aim = aim_at_past(shooter, target, 80 - 2 * VIEW_PARTS);
    step_seen(shooter, BUTTON_FIRE, aim, 80);
    ck_assert_ptr_nonnull(arena_event(&a, EVENT_HIT));
    ck_assert_ptr_null(first_of(KIND_SHOT));
}
END_TEST

START_TEST(who_just_came_back_was_nowhere_else)
{
    uint16_t seat = place(2, 1);
    step_with(seat, BUTTON_RIGHT, 0, 10);
    craft_spawn(&a.world, arena_body(&a, seat));
    struct point now = craft_place(arena_body(&a, seat));
    struct point past = craft_past_place(arena_body(&a, seat), a.world.state->tick, 80);
    ck_assert_int_eq(past.x, now.x);
    ck_assert_int_eq(past.y, now.y);
}
END_TEST

START_TEST(a_beam_arrives_at_once_and_tells_both_ends)
{
    uint16_t shooter = place(3, 2), victim = place(18, 2);
    step_with(shooter, BUTTON_BEAM, EAST, 1);
    const struct event *beam = arena_event(&a, EVENT_BEAM);
    ck_assert_ptr_nonnull(beam);
    ck_assert_int_eq(beam->words[0], shooter);
    ck_assert_int_eq(beam->words[1], word(shooter, CRAFT_X));
    ck_assert_int_eq(beam->words[3], word(victim, CRAFT_X));
    ck_assert_int_eq(word(victim, CRAFT_HP), 45);
}
END_TEST

START_TEST(a_beam_hits_the_first_in_its_way)
{
    uint16_t shooter = place(3, 2), far = place(18, 2), near = place(8, 2);
    step_with(shooter, BUTTON_BEAM, EAST, 1);
    ck_assert_int_lt(word(near, CRAFT_HP), CRAFT_HP_MAX);
    ck_assert_int_eq(word(far, CRAFT_HP), CRAFT_HP_MAX);
}
END_TEST

START_TEST(a_beam_ends_at_a_wall)
{
    uint16_t shooter = place(3, 2);
    step_with(shooter, BUTTON_BEAM, SOUTH, 1);
    const struct event *beam = arena_event(&a, EVENT_BEAM);
    ck_assert_int_eq(beam->words[4], 4 * 32 * UNIT - 1);
    ck_assert_int_eq(beam->words[3], word(shooter, CRAFT_X));
}
END_TEST

/* Aimed more and less well: what its player foresees, from where the others were in the tick before,
 * is what the server makes of it. */
START_TEST(a_beam_is_as_foreseen)
{
    uint16_t shooter = place(6, 1), target = place(12, 3);
    arena_body(&a, target)->words[CRAFT_HP] = CRAFT_HP_MAX;
    step_with(target, BUTTON_UP, 0, 4);
    struct entity before = *arena_body(&a, shooter), other = *arena_body(&a, target);
    int32_t aim = fixed_angle(other.words[CRAFT_X] - before.words[CRAFT_X],
                              other.words[CRAFT_Y] - before.words[CRAFT_Y]) +
                  _i * 8;
    struct usercmd cmd = {.words = {BUTTON_BEAM, aim & (FIXED_TURN - 1)}};
    struct event foreseen;
    ck_assert(game_skirmish.strike(&a.map, &before, &cmd, &foreseen));
    game_skirmish.meet(&other, &foreseen);
    game_skirmish.meet(&before, &foreseen);

    step_seen(shooter, BUTTON_BEAM, cmd.words[1], VIEW_PARTS);
    const struct event *beam = arena_event(&a, EVENT_BEAM);
    ck_assert_ptr_nonnull(beam);
    for (unsigned i = 0; i < 5; i++)
        ck_assert_int_le(fixed_absolute(beam->words[i] - foreseen.words[i]), UNIT / 4);
}
END_TEST

START_TEST(a_beam_needs_forty_usercmds_to_recover)
{
    uint16_t seat = place(3, 2);
    int beams = 0;
    for (int i = 0; i < 81; i++) {
        step_with(seat, BUTTON_BEAM, EAST, 1);
        beams += arena_event(&a, EVENT_BEAM) != NULL;
    }
    ck_assert_int_eq(beams, 3);
}
END_TEST

START_TEST(a_full_world_has_no_place_for_a_shot)
{
    uint16_t seat = place(3, 2);
    a.world.slot_capacity = a.world.state->slot_count;
    step_with(seat, BUTTON_FIRE, EAST, 1);
    ck_assert_ptr_null(first_of(KIND_SHOT));
}
END_TEST

/* -- damage, death, return -- */

static void hurt(uint16_t victim, uint16_t by, int32_t amount)
{
    struct entity *craft = arena_body(&a, victim);
    craft_damage(&a.world, craft, &(struct damage){by, WEAPON_SHOT, amount, craft_place(craft)});
}

START_TEST(a_shield_absorbs_first)
{
    uint16_t one = place(3, 2), other = place(9, 2);
    arena_body(&a, one)->words[CRAFT_SHIELD] = 30;
    hurt(one, other, 20);
    ck_assert_int_eq(word(one, CRAFT_SHIELD), 10);
    ck_assert_int_eq(word(one, CRAFT_HP), CRAFT_HP_MAX);
    hurt(one, other, 20);
    ck_assert_int_eq(word(one, CRAFT_SHIELD), 0);
    ck_assert_int_eq(word(one, CRAFT_HP), CRAFT_HP_MAX - 10);
}
END_TEST

START_TEST(a_kill_counts_and_is_told)
{
    uint16_t killer = place(3, 2), victim = place(9, 2);
    hurt(victim, killer, CRAFT_HP_MAX);
    const struct event *kill = arena_event(&a, EVENT_KILL);
    ck_assert_ptr_nonnull(kill);
    ck_assert_uint_eq(kill->seat, SEAT_NONE);
    ck_assert_int_eq(kill->words[0], killer);
    ck_assert_int_eq(kill->words[1], victim);
    ck_assert_int_eq(word(killer, CRAFT_KILLS), 1);
    ck_assert_int_gt(word(killer, CRAFT_SCORE), 0);
    ck_assert_int_eq(word(victim, CRAFT_DEATHS), 1);
    ck_assert_int_eq(word(victim, CRAFT_FLAGS), CRAFT_IS_DEAD);
    ck_assert_int_eq(word(victim, CRAFT_HP), 0);
}
END_TEST

START_TEST(the_dead_do_not_move_fire_or_suffer)
{
    uint16_t killer = place(3, 2), victim = place(9, 2);
    hurt(victim, killer, CRAFT_HP_MAX);
    int32_t x = word(victim, CRAFT_X);
    step_with(victim, BUTTON_RIGHT | BUTTON_FIRE | BUTTON_BEAM, EAST, 10);
    hurt(victim, killer, 10);
    ck_assert_int_eq(word(victim, CRAFT_X), x);
    ck_assert_int_eq(word(victim, CRAFT_DEATHS), 1);
    ck_assert_ptr_null(first_of(KIND_SHOT));
}
END_TEST

START_TEST(the_dead_return_whole_and_elsewhere_after_three_seconds)
{
    uint16_t killer = place(3, 2), victim = place(9, 2);
    uint16_t slot = world_body(&a.world, victim);
    int32_t warp = word(victim, CRAFT_WARP);
    hurt(victim, killer, CRAFT_HP_MAX);
    step(59);
    ck_assert_int_eq(word(victim, CRAFT_FLAGS), CRAFT_IS_DEAD);
    step(1);
    ck_assert_int_eq(word(victim, CRAFT_FLAGS), CRAFT_IS_SAFE);
    ck_assert_int_eq(word(victim, CRAFT_HP), CRAFT_HP_MAX);
    ck_assert_int_ne(word(victim, CRAFT_WARP), warp);
    ck_assert_uint_eq(world_body(&a.world, victim), slot);
}
END_TEST

START_TEST(spawn_protection_ends_by_time_or_by_firing)
{
    uint16_t one = arena_join(&a), other = arena_join(&a);
    hurt(one, other, 50);
    ck_assert_int_eq(word(one, CRAFT_HP), CRAFT_HP_MAX);
    step_with(other, BUTTON_FIRE, EAST, 1);
    ck_assert_int_eq(word(other, CRAFT_FLAGS), 0);
    step(39);
    ck_assert_int_eq(word(one, CRAFT_FLAGS), 0);
}
END_TEST

START_TEST(one_who_leaves_takes_craft_and_shots_along)
{
    uint16_t seat = place(3, 2);
    step_with(seat, BUTTON_FIRE, EAST, 1);
    game_skirmish.leave(&a.world, seat);
    ck_assert_uint_eq(count_of(KIND_SHOT), 0);
    ck_assert_uint_eq(count_of(KIND_CRAFT), 0);
    game_skirmish.leave(&a.world, seat);
}
END_TEST

START_TEST(one_who_found_the_world_full_gets_a_craft_later)
{
    uint32_t capacity = a.world.slot_capacity;
    a.world.slot_capacity = a.world.state->slot_count;
    uint16_t seat = arena_join(&a);
    step(3);
    ck_assert_uint_eq(world_body(&a.world, seat), SLOT_NONE);
    a.world.slot_capacity = capacity;
    step(1);
    ck_assert_uint_ne(world_body(&a.world, seat), SLOT_NONE);
}
END_TEST

/* -- pickups -- */

static struct entity *pickup_of(int32_t type)
{
    for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++) {
        struct entity *e = world_entity(&a.world, slot);
        if (e != NULL && e->kind == KIND_PICKUP && e->words[PICKUP_TYPE] == type) return e;
    }
    return NULL;
}

static uint16_t place_on(const struct entity *pickup)
{
    return place(pickup->words[PICKUP_X] >> TILE_SHIFT, pickup->words[PICKUP_Y] >> TILE_SHIFT);
}

START_TEST(the_arena_has_each_type_of_pickup)
{
    use_arena();
    for (int type = 0; type < PICKUP_TYPES; type++)
        ck_assert_ptr_nonnull(pickup_of(type));
}
END_TEST

START_TEST(health_heals_goes_and_comes_back)
{
    use_arena();
    struct entity *pickup = pickup_of(PICKUP_HEALTH);
    uint16_t seat = place_on(pickup);
    arena_body(&a, seat)->words[CRAFT_HP] = 70;
    step(1);
    ck_assert_int_eq(word(seat, CRAFT_HP), CRAFT_HP_MAX);
    const struct event *taken = arena_event(&a, EVENT_PICKUP);
    ck_assert_uint_eq(taken->seat, seat);
    ck_assert_int_eq(taken->words[1], PICKUP_HEALTH);
    ck_assert_int_eq(pickup->words[PICKUP_IS_READY], 0);
    step(299);
    ck_assert_int_eq(pickup->words[PICKUP_IS_READY], 0);
    step(1);
    ck_assert_int_eq(pickup->words[PICKUP_IS_READY], 1);
}
END_TEST

START_TEST(what_is_not_needed_stays)
{
    use_arena();
    struct entity *pickup = pickup_of(PICKUP_HEALTH);
    place_on(pickup);
    step(5);
    ck_assert_int_eq(pickup->words[PICKUP_IS_READY], 1);
}
END_TEST

START_TEST(rapid_fire_lasts_ten_seconds)
{
    use_arena();
    uint16_t seat = place_on(pickup_of(PICKUP_RAPID));
    step(1);
    ck_assert_int_eq(word(seat, CRAFT_FLAGS), CRAFT_IS_RAPID);
    step(199);
    ck_assert_int_eq(word(seat, CRAFT_FLAGS), CRAFT_IS_RAPID);
    step(1);
    ck_assert_int_eq(word(seat, CRAFT_FLAGS), 0);
}
END_TEST

START_TEST(a_shield_is_given_whole)
{
    use_arena();
    uint16_t seat = place_on(pickup_of(PICKUP_SHIELD));
    step(1);
    ck_assert_int_eq(word(seat, CRAFT_SHIELD), CRAFT_SHIELD_MAX);
}
END_TEST

/* -- the match -- */

START_TEST(leaders_are_the_best_by_score)
{
    use_arena();
    for (int i = 0; i < 12; i++)
        arena_body(&a, arena_join(&a))->words[CRAFT_SCORE] = i * 7 % 12;
    step(10);
    int32_t rank = 0;
    for (uint32_t slot = 0; slot < a.world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&a.world, slot);
        if (e == NULL || e->kind != KIND_LEADER) continue;
        ck_assert_int_eq(e->words[LEADER_RANK], rank);
        ck_assert_int_eq(e->words[LEADER_SCORE], 11 - rank);
        ck_assert_int_eq(word((uint16_t)e->words[LEADER_SEAT], CRAFT_SCORE), 11 - rank);
        rank++;
    }
    ck_assert_int_eq(rank, LEADER_COUNT);
}
END_TEST

START_TEST(who_takes_the_lead_is_told_once)
{
    uint16_t one = arena_join(&a), other = arena_join(&a);
    int told = 0;
    for (int i = 0; i < 80; i++) {
        if (i == 20) arena_body(&a, one)->words[CRAFT_SCORE] = 10;
        if (i == 40) arena_body(&a, other)->words[CRAFT_SCORE] = 20;
        if (i == 60) arena_body(&a, other)->words[CRAFT_SCORE] = 30;
        step(1);
        const struct event *lead = arena_event(&a, EVENT_LEAD);
        if (lead == NULL) continue;
        ck_assert_int_eq(lead->words[0], told == 0 ? one : other);
        ck_assert_int_eq(lead->words[1], told == 0 ? 10 : 20);
        told++;
    }
    ck_assert_int_eq(told, 2);
}
END_TEST

START_TEST(a_match_ends_with_a_winner_and_then_is_over)
{
    uint16_t seat = arena_join(&a);
    arena_body(&a, seat)->words[CRAFT_SCORE] = 30;
    step(11999);
    ck_assert_ptr_null(arena_event(&a, EVENT_MATCH_OVER));
    step(1);
    const struct event *over = arena_event(&a, EVENT_MATCH_OVER);
    ck_assert_ptr_nonnull(over);
    ck_assert_int_eq(over->words[0], seat);
    ck_assert_int_eq(over->words[1], 30);
    ck_assert_int_eq(first_of(KIND_MATCH)->words[MATCH_PHASE], MATCH_IS_OVER);
    ck_assert_int_eq(first_of(KIND_MATCH)->words[MATCH_WINNER], seat);
    ck_assert(!game_skirmish.is_over(&a.world));
    step(200);
    ck_assert(game_skirmish.is_over(&a.world));
}
END_TEST

START_TEST(after_the_end_nobody_fires_or_is_hurt)
{
    uint16_t one = arena_join(&a), other = arena_join(&a);
    step(12000);
    step_with(one, BUTTON_FIRE | BUTTON_BEAM, EAST, 20);
    ck_assert_ptr_null(first_of(KIND_SHOT));
    ck_assert_ptr_null(arena_event(&a, EVENT_BEAM));
    hurt(one, other, 50);
    ck_assert_int_eq(word(one, CRAFT_HP), CRAFT_HP_MAX);
    uint16_t late = arena_join(&a);
    ck_assert_int_ne(word(late, CRAFT_FLAGS) & CRAFT_IS_DISARMED, 0);
}
END_TEST

START_TEST(an_endless_match_is_never_over)
{
    world_start(&a.world, 0, 1, 0);
    ck_assert_int_eq(first_of(KIND_MATCH)->words[MATCH_PHASE], MATCH_IS_OPEN);
    step(13000);
    ck_assert(!game_skirmish.is_over(&a.world));
}
END_TEST

START_TEST(a_world_too_small_for_the_match_still_runs)
{
    a.world.slot_capacity = 1 + (uint32_t)_i * 5;
    world_start(&a.world, 0, 1, 100);
    arena_join(&a);
    step(400);
    ck_assert(game_skirmish.is_over(&a.world));
}
END_TEST

/* -- the whole -- */

START_TEST(the_same_inputs_give_the_same_world)
{
    use_arena();
    uint64_t hashes[2];
    for (int i = 0; i < 8; i++)
        arena_join(&a);
    for (int round = 0; round < 2; round++) {
        arena_restart(&a, 99);
        for (int i = 0; i < 500; i++) {
            arena_think(&a);
            arena_step(&a);
        }
        hashes[round] = world_hash(a.world.state);
    }
    ck_assert_uint_eq(hashes[0], hashes[1]);
    arena_restart(&a, 100);
    step(1);
    uint64_t other = world_hash(a.world.state);
    arena_restart(&a, 99);
    step(1);
    ck_assert_uint_ne(world_hash(a.world.state), other);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("skirmish");

    tcase_add_checked_fixture(tests, open_hall, close_arena);
    tcase_add_test(tests, the_table_is_a_schema);
    tcase_add_test(tests, the_target_is_the_nearest_near_the_line_of_fire);
    tcase_add_test(tests, top_speed_is_near_260_units_a_second_within_half_a_second);
    tcase_add_test(tests, diagonal_flight_is_no_faster);
    tcase_add_test(tests, without_thrust_a_craft_glides_and_comes_to_rest);
    tcase_add_test(tests, without_a_usercmd_a_craft_stays);
    tcase_add_test(tests, two_usercmds_in_a_tick_are_two_steps_of_flight);
    tcase_add_test(tests, a_craft_slides_along_what_stops_it);
    tcase_add_test(tests, a_fast_craft_bounces_off_a_wall);
    tcase_add_loop_test(tests, no_flight_leads_into_a_wall, 1, 4);
    tcase_add_loop_test(tests, prediction_equals_the_step_for_a_lone_craft, 1, 4);
    tcase_add_test(tests, a_shot_flies_straight_by_whole_wire_quanta);
    tcase_add_test(tests, a_shot_takes_time_and_then_hurts);
    tcase_add_test(tests, walls_and_crates_stop_shots_but_pits_do_not);
    tcase_add_test(tests, a_shot_ends_by_itself);
    tcase_add_test(tests, rapid_fire_doubles_the_rate);
    tcase_add_loop_test(tests, a_beam_hits_what_its_player_saw, 0, 6);
    tcase_add_test(tests, what_was_not_seen_there_is_not_hit);
    tcase_add_loop_test(tests, a_shot_has_flown_since_its_player_fired, 0, 6);
    tcase_add_test(tests, a_shot_meets_on_its_way_those_who_were_there);
    tcase_add_test(tests, who_just_came_back_was_nowhere_else);
    tcase_add_test(tests, a_beam_arrives_at_once_and_tells_both_ends);
    tcase_add_test(tests, a_beam_hits_the_first_in_its_way);
    tcase_add_test(tests, a_beam_ends_at_a_wall);
    tcase_add_loop_test(tests, a_beam_is_as_foreseen, -6, 7);
    tcase_add_test(tests, a_beam_needs_forty_usercmds_to_recover);
    tcase_add_test(tests, a_full_world_has_no_place_for_a_shot);
    tcase_add_test(tests, a_shield_absorbs_first);
    tcase_add_test(tests, a_kill_counts_and_is_told);
    tcase_add_test(tests, the_dead_do_not_move_fire_or_suffer);
    tcase_add_test(tests, the_dead_return_whole_and_elsewhere_after_three_seconds);
    tcase_add_test(tests, spawn_protection_ends_by_time_or_by_firing);
    tcase_add_test(tests, one_who_leaves_takes_craft_and_shots_along);
    tcase_add_test(tests, one_who_found_the_world_full_gets_a_craft_later);
    tcase_add_test(tests, the_arena_has_each_type_of_pickup);
    tcase_add_test(tests, health_heals_goes_and_comes_back);
    tcase_add_test(tests, what_is_not_needed_stays);
    tcase_add_test(tests, rapid_fire_lasts_ten_seconds);
    tcase_add_test(tests, a_shield_is_given_whole);
    tcase_add_test(tests, leaders_are_the_best_by_score);
    tcase_add_test(tests, who_takes_the_lead_is_told_once);
    tcase_add_test(tests, a_match_ends_with_a_winner_and_then_is_over);
    tcase_add_test(tests, after_the_end_nobody_fires_or_is_hurt);
    tcase_add_test(tests, an_endless_match_is_never_over);
    tcase_add_loop_test(tests, a_world_too_small_for_the_match_still_runs, 0, 3);
    tcase_add_test(tests, the_same_inputs_give_the_same_world);
    return suite_run("skirmish", tests);
}
