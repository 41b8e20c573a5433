#include "shared/games/skirmish/pickup.h"

#include "shared/games/skirmish/craft.h"
#include "shared/tick.h"

#define PICKUP_REACH (22 * SKIRMISH_UNIT)
#define PICKUP_SCORE 1
#define HEALTH_HP    50
#define RAPID_TICKS  200

static const struct {
    uint8_t tile;
    uint32_t return_ticks;
} types[PICKUP_TYPES] = {
    [PICKUP_HEALTH] = {'H', 300}, [PICKUP_RAPID] = {'R', 600}, [PICKUP_SHIELD] = {'D', 500}};

static void put_down(struct world *w, uint8_t type, struct point place)
{
    struct entity *pickup = world_entity(w, world_spawn(w, KIND_PICKUP, SEAT_NONE));
    if (pickup == NULL) return;
    pickup->words[PICKUP_X] = place.x;
    pickup->words[PICKUP_Y] = place.y;
    pickup->words[PICKUP_TYPE] = type;
    pickup->words[PICKUP_IS_READY] = 1;
}

void pickups_init(struct world *w)
{
    for (int32_t y = 0; y < w->map->height; y++) {
        for (int32_t x = 0; x < w->map->width; x++) {
            uint8_t tile = map_tile(w->map, x, y, '#');
            for (uint8_t type = 0; type < PICKUP_TYPES; type++) {
                if (types[type].tile == tile) put_down(w, type, ground_tile_centre(x, y));
            }
        }
    }
}

/* Returns whether it was of any use: what is not needed stays for others. */
static bool give(struct world *w, struct entity *craft, int32_t type)
{
    int32_t *words = craft->words;
    switch (type) {
    case PICKUP_HEALTH:
        if (words[CRAFT_HP] == CRAFT_HP_MAX) return false;
        words[CRAFT_HP] += HEALTH_HP;
        if (words[CRAFT_HP] > CRAFT_HP_MAX) words[CRAFT_HP] = CRAFT_HP_MAX;
        return true;
    case PICKUP_SHIELD:
        if (words[CRAFT_SHIELD] == CRAFT_SHIELD_MAX) return false;
        words[CRAFT_SHIELD] = CRAFT_SHIELD_MAX;
        return true;
    default:
        words[CRAFT_FLAGS] |= CRAFT_IS_RAPID;
        words[CRAFT_RAPID_TICK] = (int32_t)(w->state->tick + RAPID_TICKS);
        return true;
    }
}

static void offer(struct world *w, const struct crowd *crowd, struct entity *pickup)
{
    int32_t *words = pickup->words;
    struct point place = {words[PICKUP_X], words[PICKUP_Y]};
    struct entity *taker = crowd_first_on_line(
        crowd, &(struct crowd_line){
                   .from = place, .to = place, .reach = PICKUP_REACH, .except = SEAT_NONE});
    if (taker == NULL || !give(w, taker, words[PICKUP_TYPE])) return;

    taker->words[CRAFT_SCORE] += PICKUP_SCORE;
    words[PICKUP_IS_READY] = 0;
    words[PICKUP_RETURN_TICK] = (int32_t)(w->state->tick + types[words[PICKUP_TYPE]].return_ticks);
    world_emit(w, &(struct event){.kind = EVENT_PICKUP,
                                  .seat = taker->owner,
                                  .words = {taker->owner, words[PICKUP_TYPE], place.x, place.y}});
}

void pickups_step(struct world *w, const struct crowd *crowd)
{
    for (uint32_t slot = 0; slot < w->state->slot_count; slot++) {
        struct entity *pickup = &w->state->entities[slot];
        if (pickup->kind != KIND_PICKUP) continue;
        if (pickup->words[PICKUP_IS_READY]) {
            offer(w, crowd, pickup);
        } else if (!tick_is_newer((uint32_t)pickup->words[PICKUP_RETURN_TICK], w->state->tick)) {
            pickup->words[PICKUP_IS_READY] = 1;
        }
    }
}
