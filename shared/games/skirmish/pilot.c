#include "shared/games/skirmish/pilot.h"

#include "shared/fixed.h"
#include "shared/games/skirmish/beam.h"
#include "shared/games/skirmish/craft.h"
#include "shared/games/skirmish/route.h"
#include "shared/games/skirmish/shot.h"

#define UNIT SKIRMISH_UNIT

#define SHOT_REACH     (600 * UNIT)
#define BEAM_NEAREST   (150 * UNIT)
#define PICKUP_NEAR    (320 * UNIT)
#define HURT_HP        35
#define ALIGNED        (4 * UNIT) /* nearer than this to a goal's row or column is on it */
#define STROLL_TICKS   128
#define STROLL_NEAR    (128 * UNIT)
#define STRAFE_TICKS   24
#define MISS_TICKS     8
#define LEAD_TICKS_MAX 16
#define NOWHERE        INT32_MAX

/* What the pilot makes of its view. */
struct sight {
    const struct entity *own;
    struct point place;         /* its own */
    const struct entity *enemy; /* the nearest in a line of fire, else the nearest; or NULL */
    int32_t enemy_distance;
    bool enemy_is_in_line;
    const struct entity *pickup; /* the nearest that helps; or NULL */
    int32_t pickup_distance;
};

/* A number that stays the same as long as `a` and `b` do. */
static uint32_t mix(uint32_t a, uint32_t b)
{
    uint32_t h = (a * 0x9E3779B1u) ^ (b + 0x7F4A7C15u);
    h = (h ^ h >> 15) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

static int32_t distance_between(struct point a, struct point b)
{
    return (int32_t)fixed_length(a.x - b.x, a.y - b.y);
}

static bool is_in_line(const struct map *map, struct point from, struct point to)
{
    struct point end;
    return !ground_trace(map, from, to, &end);
}

static void notice_craft(struct sight *s, const struct game_view *view, const struct entity *craft)
{
    if (craft->owner == view->seat || !craft_is_target(craft)) return;
    struct point place = craft_place(craft);
    int32_t distance = distance_between(place, s->place);
    if (s->enemy_is_in_line && distance >= s->enemy_distance) return;

    bool in_line = is_in_line(view->map, s->place, place);
    if (!in_line && distance >= s->enemy_distance) return;
    s->enemy = craft;
    s->enemy_distance = distance;
    s->enemy_is_in_line = in_line;
}

static bool pickup_helps(const struct entity *own, int32_t type)
{
    switch (type) {
    case PICKUP_HEALTH:
        return own->words[CRAFT_HP] < 70;
    case PICKUP_SHIELD:
        return own->words[CRAFT_SHIELD] < CRAFT_SHIELD_MAX / 2;
    default:
        return !(own->words[CRAFT_FLAGS] & CRAFT_IS_RAPID);
    }
}

static void notice_pickup(struct sight *s, const struct entity *pickup)
{
    const int32_t *words = pickup->words;
    if (!words[PICKUP_IS_READY] || !pickup_helps(s->own, words[PICKUP_TYPE])) return;
    struct point place = {words[PICKUP_X], words[PICKUP_Y]};
    int32_t distance = distance_between(place, s->place);

    /* Who is hurt goes farther for health. */
    bool is_urgent = s->own->words[CRAFT_HP] < HURT_HP && words[PICKUP_TYPE] == PICKUP_HEALTH;
    if (is_urgent) distance /= 2;
    if (distance >= s->pickup_distance) return;
    s->pickup = pickup;
    s->pickup_distance = distance;
}

static struct sight look(const struct game_view *view)
{
    struct sight s = {.own = view->own,
                      .place = craft_place(view->own),
                      .enemy_distance = NOWHERE,
                      .pickup_distance = NOWHERE};
    for (size_t i = 0; i < view->count; i++) {
        const struct entity *e = view->entities[i];
        if (e->kind == KIND_CRAFT) notice_craft(&s, view, e);
        if (e->kind == KIND_PICKUP) notice_pickup(&s, e);
    }
    return s;
}

/* Some place on the map, the same for a while: where to go when nothing else is to be done. */
static struct point stroll_goal(const struct game_view *view, struct point place)
{
    uint32_t epoch = (view->tick + view->seat * 37u) / STROLL_TICKS;
    struct point goal = place;
    for (uint32_t attempt = 0; attempt < 4; attempt++) {
        uint32_t number = mix(view->seat * 4u + attempt, epoch);
        goal = ground_tile_centre((int32_t)(number % view->map->width),
                                  (int32_t)((number >> 16) % view->map->height));
        if (distance_between(goal, place) > STROLL_NEAR) break;
    }
    return goal;
}

static struct point away_from(struct point place, struct point enemy)
{
    return (struct point){place.x + (place.x - enemy.x), place.y + (place.y - enemy.y)};
}

/* Keeps the distance it likes and circles, turning round now and then. */
static struct point fight_goal(const struct game_view *view, const struct sight *s)
{
    struct point enemy = craft_place(s->enemy);
    int32_t liked = (int32_t)(120 + mix(view->seat, 1) % 160) * UNIT;
    bool turns_left = mix(view->seat, view->tick / STRAFE_TICKS) & 1;
    int32_t to_enemy = fixed_angle(enemy.x - s->place.x, enemy.y - s->place.y);
    int32_t turn = s->enemy_distance > liked ? FIXED_TURN / 8 : FIXED_TURN * 3 / 8;
    int32_t heading = to_enemy + (turns_left ? -turn : turn);
    return (struct point){s->place.x + fixed_along_x(heading, 64 * UNIT),
                          s->place.y + fixed_along_y(heading, 64 * UNIT)};
}

static struct point choose_goal(const struct game_view *view, const struct sight *s)
{
    bool is_hurt = s->own->words[CRAFT_HP] < HURT_HP;
    bool wants_pickup = s->pickup != NULL && (is_hurt || s->pickup_distance < PICKUP_NEAR);
    if (wants_pickup && (s->enemy == NULL || s->pickup_distance < s->enemy_distance || is_hurt)) {
        struct point pickup = {s->pickup->words[PICKUP_X], s->pickup->words[PICKUP_Y]};
        return route_next(view->map, s->place, pickup);
    }
    if (s->enemy == NULL) return route_next(view->map, s->place, stroll_goal(view, s->place));
    if (is_hurt && s->enemy_is_in_line) {
        return route_next(view->map, s->place, away_from(s->place, craft_place(s->enemy)));
    }
    if (s->enemy_is_in_line && s->enemy_distance < SHOT_REACH / 2) return fight_goal(view, s);
    return route_next(view->map, s->place, craft_place(s->enemy));
}

/* Pushes along each axis until on the goal's row and column, allowing for the speed it has. */
static int32_t steer(const struct entity *own, struct point goal)
{
    int32_t x = goal.x - own->words[CRAFT_X] - 2 * own->words[CRAFT_VX];
    int32_t y = goal.y - own->words[CRAFT_Y] - 2 * own->words[CRAFT_VY];
    int32_t buttons = 0;
    if (x > ALIGNED) buttons |= BUTTON_RIGHT;
    if (x < -ALIGNED) buttons |= BUTTON_LEFT;
    if (y > ALIGNED) buttons |= BUTTON_DOWN;
    if (y < -ALIGNED) buttons |= BUTTON_UP;
    return buttons;
}

/* Where the enemy will be when a shot arrives, if it flies on as it pushes now. */
static struct point lead(const struct sight *s)
{
    struct point place = craft_place(s->enemy);
    int32_t thrust = s->enemy->words[CRAFT_THRUST];
    int32_t ticks = fixed_clamp(s->enemy_distance / SHOT_SPEED, 0, LEAD_TICKS_MAX);
    if (thrust == 0) return place;
    int32_t heading = (thrust - 1) * (FIXED_TURN / 8);
    place.x += fixed_along_x(heading, ticks * CRAFT_SPEED * 3 / 4);
    place.y += fixed_along_y(heading, ticks * CRAFT_SPEED * 3 / 4);
    return place;
}

/* An error of aim that stays for a moment, and is smaller for better pilots. */
static int32_t miss(const struct game_view *view, struct rng *rng)
{
    int32_t spread = 14 + (int32_t)(mix(view->seat, 2) % 22);
    uint32_t held = mix(view->seat, view->tick / MISS_TICKS) % (uint32_t)(2 * spread + 1);
    return (int32_t)held - spread + (int32_t)rng_below(rng, 9) - 4;
}

static bool wants_beam(const struct sight *s, struct rng *rng)
{
    return s->own->words[CRAFT_BEAM_WAIT] == 0 && s->enemy_distance > BEAM_NEAREST &&
           rng_below(rng, 12) == 0;
}

void pilot_think(const struct game_view *view, struct rng *rng, struct usercmd *cmd)
{
    cmd->words[CMD_BUTTONS] = 0;
    if (view->own == NULL || view->own->words[CRAFT_FLAGS] & CRAFT_IS_DEAD) {
        cmd->words[CMD_AIM] = 0;
        return;
    }
    struct sight s = look(view);
    struct point goal = choose_goal(view, &s);
    int32_t buttons = steer(s.own, goal);
    struct point target = goal;

    if (s.enemy_is_in_line && s.enemy_distance < SHOT_REACH) {
        bool beams = wants_beam(&s, rng);
        target = beams ? craft_place(s.enemy) : lead(&s);
        buttons |= beams ? BUTTON_BEAM : BUTTON_FIRE;
    }
    int32_t aim = fixed_angle(target.x - s.place.x, target.y - s.place.y) + miss(view, rng);
    cmd->words[CMD_BUTTONS] = buttons;
    cmd->words[CMD_AIM] = (int32_t)((uint32_t)aim % FIXED_TURN);
}
