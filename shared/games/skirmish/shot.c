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

void shot_fire(struct world *w, const struct entity *craft)
{
    struct entity *shot = world_entity(w, world_spawn(w, KIND_SHOT, craft->owner));
    if (shot == NULL) return;

    int32_t aim = craft->words[CRAFT_AIM];
    struct point centre = craft_place(craft), muzzle = centre;
    muzzle.x += fixed_along_x(aim, MUZZLE_DISTANCE);
    muzzle.y += fixed_along_y(aim, MUZZLE_DISTANCE);
    ground_trace(w->map, centre, muzzle, &muzzle);
    shot->words[SHOT_X] = muzzle.x;
    shot->words[SHOT_Y] = muzzle.y;
    shot->words[SHOT_VX] = whole_quanta(fixed_along_x(aim, SHOT_SPEED));
    shot->words[SHOT_VY] = whole_quanta(fixed_along_y(aim, SHOT_SPEED));
    shot->words[SHOT_TICKS_LEFT] = SHOT_TICKS;
}

/* Returns whether the shot flies on. */
static bool fly(struct world *w, const struct crowd *crowd, struct entity *shot)
{
    int32_t *words = shot->words;
    struct point from = {words[SHOT_X], words[SHOT_Y]};
    struct point to = {from.x + words[SHOT_VX], from.y + words[SHOT_VY]};
    struct point end;
    bool meets_wall = ground_trace(w->map, from, to, &end);

    struct entity *target =
        crowd_first_on_line(crowd, from, end, CRAFT_RADIUS + SHOT_RADIUS, shot->owner);
    if (target != NULL) {
        craft_damage(w, target,
                     &(struct damage){shot->owner, WEAPON_SHOT, SHOT_DAMAGE, craft_place(target)});
        return false;
    }
    words[SHOT_X] = to.x;
    words[SHOT_Y] = to.y;
    return !meets_wall && --words[SHOT_TICKS_LEFT] > 0;
}

void shots_step(struct world *w, const struct crowd *crowd)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        struct entity *shot = &w->state->entities[slot];
        if (shot->kind != KIND_SHOT || shot->since_tick == w->state->tick) continue;
        if (!fly(w, crowd, shot)) world_free(w, (uint16_t)slot);
    }
}

void shots_forget(struct world *w, uint16_t seat)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        const struct entity *shot = &w->state->entities[slot];
        if (shot->kind == KIND_SHOT && shot->owner == seat) world_free(w, (uint16_t)slot);
    }
}
