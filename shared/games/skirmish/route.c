#include "shared/games/skirmish/route.h"

#include "shared/bytes.h"
#include "shared/fixed.h"
#include "shared/games/skirmish/skirmish.h"

#define WINDOW_HALF  12 /* tiles seen to each side of the start */
#define WINDOW       (2 * WINDOW_HALF + 1)
#define WINDOW_TILES (WINDOW * WINDOW)
#define STRETCH_MAX  6 /* tiles of a way looked at for a short cut */

struct tile {
    int32_t x, y;
};

/* A breadth-first search over the window; tiles in it are numbered row by row. */
struct search {
    const struct map *map;
    struct tile corner; /* of the window */
    struct tile goal;
    uint8_t came_by[WINDOW_TILES]; /* 0: not reached; else 1 + index into steps */
    uint16_t queue[WINDOW_TILES];
    uint32_t queued;
};

static const struct tile steps[4] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

#define START_INDEX  (WINDOW_HALF * WINDOW + WINDOW_HALF)
#define CAME_BY_NONE 5 /* the start's */

static struct tile tile_of(struct point p)
{
    return (struct tile){fixed_floor_shift(p.x, TILE_SHIFT), fixed_floor_shift(p.y, TILE_SHIFT)};
}

static struct tile tile_at(const struct search *s, uint32_t index)
{
    return (struct tile){s->corner.x + (int32_t)(index % WINDOW),
                         s->corner.y + (int32_t)(index / WINDOW)};
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Whether every tile of the rectangle spanned by two tiles is free: then so is any line in it. */
static bool is_open_between(const struct map *map, struct tile a, struct tile b)
{
    for (int32_t y = least(a.y, b.y); y <= most(a.y, b.y); y++) {
        for (int32_t x = least(a.x, b.x); x <= most(a.x, b.x); x++) {
            if (ground_stops_craft(map, x, y)) return false;
        }
    }
    return true;
}

static int32_t distance_squared(struct tile a, struct tile b)
{
    return (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y);
}

static void visit_neighbours(struct search *s, uint32_t index)
{
    int32_t column = (int32_t)(index % WINDOW), row = (int32_t)(index / WINDOW);
    for (uint8_t i = 0; i < 4; i++) {
        int32_t x = column + steps[i].x, y = row + steps[i].y;
        if (x < 0 || y < 0 || x >= WINDOW || y >= WINDOW) continue;
        int32_t next = y * WINDOW + x;
        if (s->came_by[next] != 0) continue;
        if (ground_stops_craft(s->map, s->corner.x + x, s->corner.y + y)) continue;
        s->came_by[next] = (uint8_t)(i + 1);
        s->queue[s->queued++] = (uint16_t)next;
    }
}

/* Returns the reached tile that is nearest to the goal. */
static uint32_t search_run(struct search *s)
{
    uint32_t best = START_INDEX;
    int32_t best_distance = distance_squared(tile_at(s, best), s->goal);

    s->came_by[START_INDEX] = CAME_BY_NONE;
    s->queue[s->queued++] = START_INDEX;
    for (uint32_t i = 0; i < s->queued && best_distance > 0; i++) {
        int32_t distance = distance_squared(tile_at(s, s->queue[i]), s->goal);
        if (distance < best_distance) {
            best = s->queue[i];
            best_distance = distance;
        }
        visit_neighbours(s, s->queue[i]);
    }
    return best;
}

/* The tile before `index` on its way from the start. */
static uint32_t tile_before(const struct search *s, uint32_t index)
{
    struct tile step = steps[s->came_by[index] - 1];
    return (uint32_t)((int32_t)index - step.y * WINDOW - step.x);
}

/* Returns the farthest of the way's first tiles that can be reached in a straight line. */
static struct tile first_stretch(const struct search *s, uint32_t end)
{
    uint32_t recent[STRETCH_MAX]; /* a ring: what the walk back from the end passed last */
    uint32_t count = 0;
    for (uint32_t at = end; at != START_INDEX; at = tile_before(s, at))
        recent[count++ % STRETCH_MAX] = at;

    struct tile start = tile_at(s, START_INDEX), farthest = start;
    for (uint32_t i = 0; i < STRETCH_MAX && i < count; i++) {
        struct tile candidate = tile_at(s, recent[(count - 1 - i) % STRETCH_MAX]);
        if (!is_open_between(s->map, start, candidate)) break;
        farthest = candidate;
    }
    return farthest;
}

struct point route_next(const struct map *map, struct point from, struct point goal)
{
    struct tile start = tile_of(from), end = tile_of(goal);
    bool is_near = fixed_absolute(end.x - start.x) <= STRETCH_MAX &&
                   fixed_absolute(end.y - start.y) <= STRETCH_MAX;
    if (is_near && is_open_between(map, start, end)) return goal;

    struct search s;
    s.map = map;
    s.corner = (struct tile){start.x - WINDOW_HALF, start.y - WINDOW_HALF};
    s.goal = end;
    s.queued = 0;
    bytes_zero(s.came_by, sizeof s.came_by);

    struct tile next = first_stretch(&s, search_run(&s));
    return ground_tile_centre(next.x, next.y);
}
