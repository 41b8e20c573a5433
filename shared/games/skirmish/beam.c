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

/* Up to a wall. */
static struct point reach_of(const struct map *map, const struct entity *craft)
{
    struct point from = craft_place(craft), end;
    ground_trace(map, from, point_along(from, craft->words[CRAFT_AIM], BEAM_LENGTH), &end);
    return end;
}

static struct event event_of(const struct entity *craft, struct point end)
{
    struct point from = craft_place(craft);
    return (struct event){.kind = EVENT_BEAM,
                          .seat = SEAT_NONE,
                          .words = {craft->owner, from.x, from.y, end.x, end.y}};
}

void beam_fire(struct world *w, const struct crowd *crowd, const struct entity *craft, int32_t lag)
{
    struct point from = craft_place(craft), end = reach_of(w->map, craft);
    struct crowd_line line = {
        .from = from, .to = end, .reach = CRAFT_RADIUS, .except = craft->owner, .lag = lag};
    struct entity *target = crowd_first_on_line(crowd, &line);
    if (target != NULL) {
        struct point place = craft_past_place(target, w->state->tick, lag);
        int32_t distance = (int32_t)fixed_length(place.x - from.x, place.y - from.y);
        end = point_along(from, craft->words[CRAFT_AIM], distance);
        craft_damage(w, target, &(struct damage){craft->owner, WEAPON_BEAM, BEAM_DAMAGE, place});
    }
    struct event event = event_of(craft, end);
    world_emit(w, &event);
}

struct event beam_foresee(const struct map *map, const struct entity *craft)
{
    return event_of(craft, reach_of(map, craft));
}

void beam_foresee_meeting(const struct entity *other, struct event *beam)
{
    if (other->kind != KIND_CRAFT || other->owner == beam->words[0] || !craft_is_target(other)) {
        return;
    }
    struct point from = {beam->words[1], beam->words[2]}, to = {beam->words[3], beam->words[4]};
    struct point place = craft_place(other);
    struct crowd_line line = {.from = from, .to = to, .reach = CRAFT_RADIUS};
    if (crowd_line_passes(&line, place) < 0) return;

    int64_t length = fixed_length(to.x - from.x, to.y - from.y);
    int64_t distance = fixed_length(place.x - from.x, place.y - from.y);
    if (distance >= length) return;
    beam->words[3] = from.x + (int32_t)((to.x - from.x) * distance / length);
    beam->words[4] = from.y + (int32_t)((to.y - from.y) * distance / length);
}
