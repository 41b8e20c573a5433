#include "shared/games/skirmish/craft.h"

#include "shared/fixed.h"
#include "shared/games/skirmish/skirmish.h"
#include "shared/tick.h"
#include "shared/trail.h"

#define HALF_WIDTH (11 * SKIRMISH_UNIT) /* leaves 5 units on each side in a passage of one tile */

/* Top speed is THRUST * 64 / DRAG; nine tenths of it are reached in half a second. */
#define THRUST          676
#define THRUST_DIAGONAL 478
#define DRAG            13

#define BOUNCE_SPEED    1200 /* slower than this, a craft just stops at a wall */
#define SHOT_WAIT       4
#define SHOT_WAIT_RAPID 2
#define BEAM_WAIT       40

#define DEAD_TICKS    60
#define SAFE_TICKS    40
#define KILL_SCORE    10
#define SPAWN_CHOICES 4
#define AIM_WIDTH     (FIXED_TURN / 32) /* to either side of the line of fire */

/* By vertical and horizontal push, -1..1 each: 1 + the eighth of a turn, 0 for none. */
static const uint8_t thrust_directions[3][3] = {{6, 7, 8}, {5, 0, 1}, {4, 3, 2}};

/* Slows by DRAG/64, at least by one, so that a craft without thrust comes to rest. */
static int32_t damp(int32_t speed)
{
    int32_t magnitude = fixed_absolute(speed);
    int32_t left = magnitude - (magnitude * DRAG + 63) / 64;
    return speed < 0 ? -left : left;
}

static void push(struct entity *craft, int32_t buttons)
{
    int32_t x = ((buttons & BUTTON_RIGHT) != 0) - ((buttons & BUTTON_LEFT) != 0);
    int32_t y = ((buttons & BUTTON_DOWN) != 0) - ((buttons & BUTTON_UP) != 0);
    int32_t thrust = x != 0 && y != 0 ? THRUST_DIAGONAL : THRUST;
    craft->words[CRAFT_THRUST] = thrust_directions[y + 1][x + 1];
    craft->words[CRAFT_VX] = damp(craft->words[CRAFT_VX]) + x * thrust;
    craft->words[CRAFT_VY] = damp(craft->words[CRAFT_VY]) + y * thrust;
}

/* A craft is smaller than a tile, so its corners tell. */
static bool is_blocked(const struct map *map, int32_t x, int32_t y)
{
    int32_t left = fixed_floor_shift(x - HALF_WIDTH, TILE_SHIFT);
    int32_t right = fixed_floor_shift(x + HALF_WIDTH, TILE_SHIFT);
    int32_t top = fixed_floor_shift(y - HALF_WIDTH, TILE_SHIFT);
    int32_t bottom = fixed_floor_shift(y + HALF_WIDTH, TILE_SHIFT);
    return ground_stops_craft(map, left, top) || ground_stops_craft(map, right, top) ||
           ground_stops_craft(map, left, bottom) || ground_stops_craft(map, right, bottom);
}

/* Where a craft moving to `place` along one axis stands when it touches the tile in front. */
static int32_t place_at_wall(int32_t place, int32_t speed)
{
    int32_t front = fixed_floor_shift(place + (speed > 0 ? HALF_WIDTH : -HALF_WIDTH), TILE_SHIFT);
    int32_t low_edge = front * (1 << TILE_SHIFT);
    return speed > 0 ? low_edge - HALF_WIDTH - 1 : low_edge + (1 << TILE_SHIFT) + HALF_WIDTH;
}

static int32_t bounce(int32_t speed)
{
    return fixed_absolute(speed) < BOUNCE_SPEED ? 0 : -(speed * 3 / 8);
}

/* One axis after the other, so that a craft slides along what stops the other one. */
static void move(const struct map *map, struct entity *craft)
{
    int32_t *words = craft->words;
    int32_t x = words[CRAFT_X] + words[CRAFT_VX];
    if (is_blocked(map, x, words[CRAFT_Y])) {
        x = place_at_wall(x, words[CRAFT_VX]);
        words[CRAFT_VX] = bounce(words[CRAFT_VX]);
    }
    words[CRAFT_X] = x;

    int32_t y = words[CRAFT_Y] + words[CRAFT_VY];
    if (is_blocked(map, x, y)) {
        y = place_at_wall(y, words[CRAFT_VY]);
        words[CRAFT_VY] = bounce(words[CRAFT_VY]);
    }
    words[CRAFT_Y] = y;
}

/* Counts a weapon's wait down. Returns whether it fires now, having set the next wait. */
static bool trigger(int32_t *wait, bool is_pressed, int32_t period)
{
    if (*wait > 0) (*wait)--;
    if (*wait > 0 || !is_pressed) return false;
    *wait = period;
    return true;
}

unsigned craft_fly(const struct map *map, struct entity *craft, const struct usercmd *cmd)
{
    int32_t flags = craft->words[CRAFT_FLAGS];
    int32_t buttons = cmd->words[CMD_BUTTONS];
    craft->words[CRAFT_AIM] = cmd->words[CMD_AIM];
    if (flags & CRAFT_IS_DEAD) return 0;

    push(craft, buttons);
    move(map, craft);

    bool is_armed = !(flags & CRAFT_IS_DISARMED);
    int32_t shot_wait = flags & CRAFT_IS_RAPID ? SHOT_WAIT_RAPID : SHOT_WAIT;
    bool shoots = is_armed && buttons & BUTTON_FIRE;
    bool beams = is_armed && buttons & BUTTON_BEAM;
    unsigned fired = 0;
    if (trigger(&craft->words[CRAFT_SHOT_WAIT], shoots, shot_wait)) fired |= CRAFT_FIRED_SHOT;
    if (trigger(&craft->words[CRAFT_BEAM_WAIT], beams, BEAM_WAIT)) fired |= CRAFT_FIRED_BEAM;
    if (fired != 0) craft->words[CRAFT_FLAGS] &= ~CRAFT_IS_SAFE;
    return fired;
}

struct point craft_place(const struct entity *craft)
{
    return (struct point){craft->words[CRAFT_X], craft->words[CRAFT_Y]};
}

struct point craft_past_place(const struct entity *craft, uint32_t tick, int32_t lag)
{
    struct point place = craft_place(craft);
    trail_rewind(&craft->words[CRAFT_TRAIL], tick, lag, &place.x, &place.y);
    return place;
}

void crafts_start_tick(struct world *w)
{
    uint32_t seat = world_next_embodied(w, 0);
    for (; seat != MARKS_NONE; seat = world_next_embodied(w, seat + 1)) {
        struct entity *craft = world_entity(w, world_body(w, (uint16_t)seat));
        if (craft != NULL) trail_start_tick(&craft->words[CRAFT_TRAIL], w->state->tick);
    }
}

void craft_note_move(const struct world *w, struct entity *craft, struct point from)
{
    struct point place = craft_place(craft);
    trail_note(&craft->words[CRAFT_TRAIL], w->state->tick, place.x - from.x, place.y - from.y);
}

bool craft_is_target(const struct entity *craft)
{
    return !(craft->words[CRAFT_FLAGS] & (CRAFT_IS_DEAD | CRAFT_IS_SAFE));
}

/* How far the nearest living craft other than `self` is from `place`, squared. */
static int64_t nearest_squared(const struct world *w, struct point place, const struct entity *self)
{
    int64_t nearest = INT64_MAX;
    uint32_t seat = world_next_embodied(w, 0);
    for (; seat < SEATS_MAX; seat = world_next_embodied(w, seat + 1)) {
        const struct entity *other = world_entity(w, world_body(w, (uint16_t)seat));
        if (other == NULL || other == self || other->words[CRAFT_FLAGS] & CRAFT_IS_DEAD) continue;
        int64_t x = other->words[CRAFT_X] - place.x, y = other->words[CRAFT_Y] - place.y;
        if (x * x + y * y < nearest) nearest = x * x + y * y;
    }
    return nearest;
}

/* Of a few random places, the one farthest from anyone. */
static struct point choose_spawn_place(struct world *w, const struct entity *craft)
{
    struct point best = ground_spawn_place(w->map, &w->state->rng);
    int64_t best_squared = nearest_squared(w, best, craft);
    for (int i = 1; i < SPAWN_CHOICES; i++) {
        struct point place = ground_spawn_place(w->map, &w->state->rng);
        int64_t squared = nearest_squared(w, place, craft);
        if (squared > best_squared) {
            best = place;
            best_squared = squared;
        }
    }
    return best;
}

uint16_t craft_aimed_at(const struct game_view *view)
{
    uint16_t nearest = SLOT_NONE;
    uint32_t nearest_distance = UINT32_MAX;
    if (view->own == NULL) return SLOT_NONE;
    for (size_t i = 0; i < view->count; i++) {
        const struct entity *e = view->entities[i];
        if (e->kind != KIND_CRAFT || e->owner == view->seat || !craft_is_target(e)) continue;
        int32_t x = e->words[CRAFT_X] - view->own->words[CRAFT_X];
        int32_t y = e->words[CRAFT_Y] - view->own->words[CRAFT_Y];
        int32_t off = fixed_angle_difference(fixed_angle(x, y), view->own->words[CRAFT_AIM]);
        uint32_t distance = fixed_length(x, y);
        if (fixed_absolute(off) > AIM_WIDTH || distance >= nearest_distance) continue;
        nearest = view->slots[i];
        nearest_distance = distance;
    }
    return nearest;
}

void craft_spawn(struct world *w, struct entity *craft)
{
    struct point place = choose_spawn_place(w, craft);
    int32_t *words = craft->words;
    int32_t disarmed = words[CRAFT_FLAGS] & CRAFT_IS_DISARMED;
    words[CRAFT_X] = place.x;
    words[CRAFT_Y] = place.y;
    words[CRAFT_VX] = 0;
    words[CRAFT_VY] = 0;
    words[CRAFT_THRUST] = 0;
    words[CRAFT_HP] = CRAFT_HP_MAX;
    words[CRAFT_SHIELD] = 0;
    words[CRAFT_FLAGS] = CRAFT_IS_SAFE | disarmed;
    words[CRAFT_WARP] = (words[CRAFT_WARP] + 1) % 16;
    words[CRAFT_SHOT_WAIT] = 0;
    words[CRAFT_BEAM_WAIT] = 0;
    words[CRAFT_SAFE_TICK] = (int32_t)(w->state->tick + SAFE_TICKS);
    trail_clear(&words[CRAFT_TRAIL]);
}

void craft_join(struct world *w, uint16_t seat)
{
    if (seat >= SEATS_MAX) return;
    struct entity *craft = world_entity(w, world_spawn(w, KIND_CRAFT, seat));
    if (craft == NULL) return;
    if (w->state->globals[GLOBAL_PHASE] == MATCH_IS_OVER) {
        craft->words[CRAFT_FLAGS] = CRAFT_IS_DISARMED;
    }
    craft_spawn(w, craft);
}

static bool has_come(const struct world *w, int32_t tick)
{
    return !tick_is_newer((uint32_t)tick, w->state->tick);
}

void craft_age(struct world *w, struct entity *craft)
{
    int32_t *words = craft->words;
    int32_t flags = words[CRAFT_FLAGS];
    if (flags & CRAFT_IS_DEAD && has_come(w, words[CRAFT_RETURN_TICK])) {
        craft_spawn(w, craft);
        return;
    }
    if (has_come(w, words[CRAFT_SAFE_TICK])) words[CRAFT_FLAGS] &= ~CRAFT_IS_SAFE;
    if (has_come(w, words[CRAFT_RAPID_TICK])) words[CRAFT_FLAGS] &= ~CRAFT_IS_RAPID;
}

static void die(struct world *w, struct entity *craft, const struct damage *damage)
{
    int32_t *words = craft->words;
    words[CRAFT_HP] = 0;
    words[CRAFT_FLAGS] = (words[CRAFT_FLAGS] & CRAFT_IS_DISARMED) | CRAFT_IS_DEAD;
    words[CRAFT_THRUST] = 0;
    words[CRAFT_VX] = 0;
    words[CRAFT_VY] = 0;
    words[CRAFT_DEATHS]++;
    words[CRAFT_RETURN_TICK] = (int32_t)(w->state->tick + DEAD_TICKS);

    struct entity *killer = world_entity(w, world_body(w, damage->by));
    if (killer != NULL) {
        killer->words[CRAFT_KILLS]++;
        killer->words[CRAFT_SCORE] += KILL_SCORE;
    }
    world_emit(w, &(struct event){.kind = EVENT_KILL,
                                  .seat = SEAT_NONE,
                                  .words = {damage->by, craft->owner, damage->weapon,
                                            words[CRAFT_X], words[CRAFT_Y]}});
}

void craft_damage(struct world *w, struct entity *craft, const struct damage *damage)
{
    if (!craft_is_target(craft) || w->state->globals[GLOBAL_PHASE] == MATCH_IS_OVER) return;

    int32_t *words = craft->words;
    int32_t absorbed = fixed_clamp(damage->amount, 0, words[CRAFT_SHIELD]);
    words[CRAFT_SHIELD] -= absorbed;
    words[CRAFT_HP] -= damage->amount - absorbed;
    world_emit(w, &(struct event){.kind = EVENT_HIT,
                                  .seat = damage->by,
                                  .words = {damage->by, craft->owner, damage->amount,
                                            damage->place.x, damage->place.y}});
    if (words[CRAFT_HP] <= 0) die(w, craft, damage);
}
