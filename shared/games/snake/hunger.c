#include "shared/games/snake/hunger.h"

#include "shared/fixed.h"
#include "shared/games/snake/lawn.h"

#define DEADLY      1000000 /* worse than any way that lives */
#define ROOM_WORTH  3       /* tiles of detour for each free neighbour */
#define WHIM_CHANCE 40      /* one thought in so many picks any way that lives */

static int32_t tiles_between(struct tile a, struct tile b)
{
    return fixed_absolute(a.x - b.x) + fixed_absolute(a.y - b.y);
}

static bool is_deadly(const struct game_view *view, struct tile tile)
{
    if (lawn_is_wall(view->map, tile)) return true;
    for (size_t i = 0; i < view->count; i++) {
        const struct entity *e = view->entities[i];
        bool is_own_head = e->kind == SNAKE_HEAD && e->owner == view->seat;
        if (e->kind != SNAKE_FOOD && !is_own_head && lawn_is_on(e, tile)) return true;
    }
    return false;
}

/* The nearest food, or `from` when there is none in sight. */
static struct tile nearest_food(const struct game_view *view, struct tile from)
{
    struct tile nearest = from;
    int32_t fewest = INT32_MAX;
    for (size_t i = 0; i < view->count; i++) {
        if (view->entities[i]->kind != SNAKE_FOOD) continue;
        struct tile food = lawn_tile(view->entities[i]);
        if (tiles_between(food, from) >= fewest) continue;
        nearest = food;
        fewest = tiles_between(food, from);
    }
    return nearest;
}

/* What it costs to enter `tile` on the way to `goal`: distance, less what room it leaves. */
static int32_t cost_of(const struct game_view *view, struct tile tile, struct tile goal)
{
    if (is_deadly(view, tile)) return DEADLY;
    int32_t room = 0;
    for (int32_t heading = 0; heading < HEADINGS; heading++)
        room += !is_deadly(view, lawn_next(tile, heading));
    if (room == 0) return DEADLY - 1;
    return tiles_between(tile, goal) - room * ROOM_WORTH;
}

void hunger_think(const struct game_view *view, struct rng *rng, struct usercmd *cmd)
{
    cmd->words[0] = 0;
    if (view->own == NULL || view->own->words[HEAD_IS_DEAD]) return;

    /* Between two centres, what counts is the tile it is about to reach. */
    int32_t now = view->own->words[HEAD_HEADING];
    struct tile at = lawn_tile(view->own);
    struct tile step = lawn_next((struct tile){0, 0}, now);
    int32_t past_x = (view->own->words[HEAD_X] - (at.x * SNAKE_TILE + SNAKE_TILE / 2)) * step.x;
    int32_t past_y = (view->own->words[HEAD_Y] - (at.y * SNAKE_TILE + SNAKE_TILE / 2)) * step.y;
    if (past_x + past_y > 0) at = lawn_next(at, now);

    struct tile food = nearest_food(view, at);
    bool has_whim = rng_below(rng, WHIM_CHANCE) == 0;
    int32_t best = now, least_cost = INT32_MAX;
    for (int32_t i = 0; i < HEADINGS; i++) {
        int32_t heading = (now + i) % HEADINGS;
        if (heading == lawn_reverse(now)) continue;
        int32_t cost = cost_of(view, lawn_next(at, heading), food);
        if (has_whim && cost < DEADLY - 1) cost = 0;
        if (cost >= least_cost) continue;
        best = heading;
        least_cost = cost;
    }
    cmd->words[0] = 1 << best;
}
