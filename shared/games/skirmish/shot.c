#include "shared/games/skirmish/shot.h"

#include "shared/fixed.h"
#include "shared/games/skirmish/craft.h"

#define SHOT_RADIUS (3 * SKIRMISH_UNIT)
#define SHOT_TICKS  24 /* 768 units far */
#define SHOT_DAMAGE 12

/* A whole number of wire quanta, so that clients extrapolate shots exactly, for no bits at all. */
static int32_t whole_quanta(int32_t speed)
{
    int32_t half = 1 << (QUANTUM_SHIFT - 1);
    return fixed_floor_shift(speed + half, QUANTUM_SHIFT) * (1 << QUANTUM_SHIFT);
}

/* As it leaves the muzzle. */
static void launch(const struct map *map, const struct entity *craft, struct entity *shot)
{
    int32_t aim = craft->words[CRAFT_AIM];
    struct point centre = craft_place(craft), muzzle = centre;
    muzzle.x += fixed_along_x(aim, MUZZLE_DISTANCE);
    muzzle.y += fixed_along_y(aim, MUZZLE_DISTANCE);
    ground_trace(map, centre, muzzle, &muzzle);
    shot->words[SHOT_X] = muzzle.x;
    shot->words[SHOT_Y] = muzzle.y;
    shot->words[SHOT_VX] = whole_quanta(fixed_along_x(aim, SHOT_SPEED));
    shot->words[SHOT_VY] = whole_quanta(fixed_along_y(aim, SHOT_SPEED));
    shot->words[SHOT_TICKS_LEFT] = SHOT_TICKS;
}

/* A stretch of flight: a tick or a part of one, past the craft as they were at its end. */
struct stretch {
    int32_t parts; /* 1..VIEW_PARTS */
    int32_t lag;   /* of its end */
};

/* Returns whether the shot flies on. */
static bool fly(struct world *w, const struct crowd *crowd, struct entity *shot,
                struct stretch stretch)
{
    int32_t *words = shot->words;
    struct point from = {words[SHOT_X], words[SHOT_Y]};
    struct point to = {from.x + words[SHOT_VX] * stretch.parts / VIEW_PARTS,
                       from.y + words[SHOT_VY] * stretch.parts / VIEW_PARTS};
    struct crowd_line line = {.from = from,
                              .reach = CRAFT_RADIUS + SHOT_RADIUS,
                              .except = shot->owner,
                              .lag = stretch.lag};
    bool meets_wall = ground_trace(w->map, from, to, &line.to);

    struct entity *target = crowd_first_on_line(crowd, &line);
    if (target != NULL) {
        craft_damage(w, target,
                     &(struct damage){shot->owner, WEAPON_SHOT, SHOT_DAMAGE, craft_place(target)});
        return false;
    }
    words[SHOT_X] = to.x;
    words[SHOT_Y] = to.y;
    return !meets_wall;
}

/* Returns whether the shot flies on after a whole tick. */
static bool fly_tick(struct world *w, const struct crowd *crowd, struct entity *shot, int32_t lag)
{
    return fly(w, crowd, shot, (struct stretch){VIEW_PARTS, lag}) &&
           --shot->words[SHOT_TICKS_LEFT] > 0;
}

/* Flies to the end of this tick what left `lag` before it. */
static bool catch_up(struct world *w, const struct crowd *crowd, struct entity *shot, int32_t lag)
{
    int32_t part = lag % VIEW_PARTS;
    bool flies_on = part == 0 || fly(w, crowd, shot, (struct stretch){part, lag - part});
    for (lag -= part; flies_on && lag > 0; lag -= VIEW_PARTS)
        flies_on = fly_tick(w, crowd, shot, lag - VIEW_PARTS);
    return flies_on;
}

void shot_fire(struct world *w, const struct crowd *crowd, const struct entity *craft, int32_t lag)
{
    uint16_t slot = world_spawn(w, KIND_SHOT, craft->owner);
    struct entity *shot = world_entity(w, slot);
    if (shot == NULL) return;

    launch(w->map, craft, shot);
    if (!catch_up(w, crowd, shot, lag)) world_free(w, slot);
}

struct entity shot_foresee(const struct map *map, const struct entity *craft)
{
    struct entity shot = {.kind = KIND_SHOT, .owner = craft->owner};
    launch(map, craft, &shot);
    return shot;
}

bool shot_foresee_flight(const struct map *map, struct entity *shot)
{
    int32_t *words = shot->words;
    struct point from = {words[SHOT_X], words[SHOT_Y]}, end;
    bool meets_wall = ground_trace(
        map, from, (struct point){from.x + words[SHOT_VX], from.y + words[SHOT_VY]}, &end);
    words[SHOT_X] = end.x;
    words[SHOT_Y] = end.y;
    return !meets_wall && --words[SHOT_TICKS_LEFT] > 0;
}

void shots_step(struct world *w, const struct crowd *crowd)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        struct entity *shot = &w->state->entities[slot];
        if (shot->kind != KIND_SHOT || shot->since_tick == w->state->tick) continue;
        if (!fly_tick(w, crowd, shot, 0)) world_free(w, (uint16_t)slot);
    }
}

void shots_forget(struct world *w, uint16_t seat)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        const struct entity *shot = &w->state->entities[slot];
        if (shot->kind == KIND_SHOT && shot->owner == seat) world_free(w, (uint16_t)slot);
    }
}
