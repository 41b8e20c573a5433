#include "shared/games/skirmish/route.h"

#include "shared/bytes.h"
#include "shared/fixed.h"
#include "shared/games/skirmish/skirmish.h"

#define WINDOW_HALF 12 /* tiles seen to each side of the start */
#define WINDOW      (2 * WINDOW_HALF + 1)
#define ROWS        (WINDOW + 2) /* with a rim, where nobody can be */
#define MIDDLE      (WINDOW_HALF + 1)
#define WAY_MAX     64 /* tiles: longer ways are not looked for */
#define STRETCH_MAX 6  /* tiles of a way looked at for a short cut */

struct tile {
    int32_t x, y;
};

/* A search in rings, a whole row of tiles at once: bit x of row y is tile (x, y) from the corner. */
struct search {
    struct tile corner;                /* of the rim */
    struct tile goal;                  /* from the corner */
    uint32_t open[ROWS];               /* craft can be there */
    uint32_t reached[ROWS];            /* from the start */
    uint32_t rings[WAY_MAX + 1][ROWS]; /* by so many steps, and no fewer */
};

_Static_assert(ROWS <= 32, "a row is a word");

static const struct tile sides[4] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

static struct tile tile_of(struct point p)
{
    return (struct tile){fixed_floor_shift(p.x, TILE_SHIFT), fixed_floor_shift(p.y, TILE_SHIFT)};
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
            if (ground_tile_stops_craft(map_tile(map, x, y, '#'))) return false;
        }
    }
    return true;
}

static bool is_in(const uint32_t rows[ROWS], struct tile t)
{
    return rows[t.y] >> t.x & 1;
}

/* Notes where in the window craft can be; the rim and what lies beyond the map stay closed. */
static void survey(struct search *s, const struct map *map)
{
    int32_t left = most(s->corner.x + 1, 0), top = most(s->corner.y + 1, 0);
    int32_t right = least(s->corner.x + 1 + WINDOW, map->width);
    int32_t bottom = least(s->corner.y + 1 + WINDOW, map->height);
    bytes_zero(s->open, sizeof s->open);
    for (int32_t y = top; y < bottom; y++) {
        const uint8_t *tiles = map->tiles + (size_t)y * map->width;
        uint32_t open = 0;
        for (int32_t x = left; x < right; x++)
            open |= (uint32_t)!ground_tile_stops_craft(tiles[x]) << (x - s->corner.x);
        s->open[y - s->corner.y] = open;
    }
}

/* The same as is_open_between(), in the window. */
static bool is_open_within(const struct search *s, struct tile a, struct tile b)
{
    uint32_t columns = (2u << most(a.x, b.x)) - (1u << least(a.x, b.x));
    for (int32_t y = least(a.y, b.y); y <= most(a.y, b.y); y++) {
        if ((s->open[y] & columns) != columns) return false;
    }
    return true;
}

/* Makes ring number `step` of the one before. False: it is empty. */
static bool spread(struct search *s, uint32_t step)
{
    const uint32_t *ring = s->rings[step - 1];
    uint32_t *next = s->rings[step], any = 0;
    next[0] = next[ROWS - 1] = 0;
    for (uint32_t y = 1; y < ROWS - 1; y++) {
        uint32_t beside = ring[y] << 1 | ring[y] >> 1 | ring[y - 1] | ring[y + 1];
        next[y] = beside & s->open[y] & ~s->reached[y];
        s->reached[y] |= next[y];
        any |= next[y];
    }
    return any != 0;
}

/* Returns the bit of `row`, which has one, that is nearest to number `x`. */
static int32_t nearest_bit(uint32_t row, int32_t x)
{
    uint32_t from = (uint32_t)least(most(x, 0), ROWS - 1);
    uint32_t up = row >> from << from, down = row & ((2u << from) - 1);
    int32_t above = up == 0 ? INT32_MAX : __builtin_ctz(up);
    int32_t below = down == 0 ? -1 : 31 - __builtin_clz(down);
    if (up == 0) return below;
    return below >= 0 && x - below <= above - x ? below : above;
}

/* Returns that of the tiles in `rows` which is nearest to the goal. */
static struct tile nearest(const uint32_t rows[ROWS], struct tile goal)
{
    struct tile best = {MIDDLE, MIDDLE};
    int32_t best_distance = INT32_MAX;
    for (int32_t y = 1; y < ROWS - 1; y++) {
        if (rows[y] == 0) continue;
        int32_t x = nearest_bit(rows[y], goal.x);
        int32_t across = x - goal.x, along = y - goal.y;
        int32_t distance = across * across + along * along;
        if (distance >= best_distance) continue;
        best = (struct tile){x, y};
        best_distance = distance;
    }
    return best;
}

/* Returns the tile in reach that is nearest to the goal: often the nearest one there is. */
static struct tile search_run(struct search *s)
{
    struct tile wanted = nearest(s->open, s->goal);
    bytes_zero(s->reached, sizeof s->reached);
    bytes_zero(s->rings[0], sizeof s->rings[0]);
    s->reached[MIDDLE] = s->rings[0][MIDDLE] = 1u << MIDDLE;
    for (uint32_t step = 1; step <= WAY_MAX && !is_in(s->reached, wanted); step++) {
        if (!spread(s, step)) break;
    }
    return nearest(s->reached, s->goal);
}

/* Returns a tile of ring number `step` beside `t`, which is of the next ring. */
static struct tile tile_before(const struct search *s, struct tile t, uint32_t step)
{
    struct tile before = t;
    for (unsigned i = 0; i < 4; i++) {
        before = (struct tile){t.x - sides[i].x, t.y - sides[i].y};
        if (is_in(s->rings[step], before)) break;
    }
    return before;
}

/* Returns the farthest of the way's first tiles that can be reached in a straight line. */
static struct tile first_stretch(const struct search *s, struct tile end)
{
    struct tile way[STRETCH_MAX + 1]; /* its first tiles, by steps from the start */
    uint32_t length = 0;
    while (!is_in(s->rings[length], end))
        length++;
    struct tile at = end;
    for (uint32_t step = length; step > 0; at = tile_before(s, at, --step)) {
        if (step <= STRETCH_MAX) way[step] = at;
    }
    struct tile farthest = at;
    for (uint32_t step = 1; step <= STRETCH_MAX && step <= length; step++) {
        if (!is_open_within(s, at, way[step])) break;
        farthest = way[step];
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
    s.corner = (struct tile){start.x - MIDDLE, start.y - MIDDLE};
    s.goal = (struct tile){end.x - s.corner.x, end.y - s.corner.y};
    survey(&s, map);

    struct tile next = first_stretch(&s, search_run(&s));
    return ground_tile_centre(s.corner.x + next.x, s.corner.y + next.y);
}
