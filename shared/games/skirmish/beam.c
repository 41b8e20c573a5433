#include "shared/games/skirmish/beam.h"

#include "shared/fixed.h"
#include "shared/games/skirmish/craft.h"

#define BEAM_LENGTH (BEAM_REACH_UNITS * SKIRMISH_UNIT)
#define BEAM_DAMAGE 55

static struct point point_along(struct point from, int32_t angle, int32_t distance)
{
    return (struct point){from.x + fixed_along_x(angle, distance),
                          from.y + fixed_along_y(angle, distance)};
}

void beam_fire(struct world *w, const struct crowd *crowd, const struct entity *craft, int32_t lag)
{
    int32_t aim = craft->words[CRAFT_AIM];
    struct point from = craft_place(craft), end;
    ground_trace(w->map, from, point_along(from, aim, BEAM_LENGTH), &end);

    struct crowd_line line = {
        .from = from, .to = end, .reach = CRAFT_RADIUS, .except = craft->owner, .lag = lag};
    struct entity *target = crowd_first_on_line(crowd, &line);
    if (target != NULL) {
        struct point place = craft_past_place(target, w->state->tick, lag);
        int32_t distance = (int32_t)fixed_length(place.x - from.x, place.y - from.y);
        end = point_along(from, aim, distance);
        craft_damage(w, target, &(struct damage){craft->owner, WEAPON_BEAM, BEAM_DAMAGE, place});
    }
    world_emit(w, &(struct event){.kind = EVENT_BEAM,
                                  .seat = SEAT_NONE,
                                  .words = {craft->owner, from.x, from.y, end.x, end.y}});
}
