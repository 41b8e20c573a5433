#include "shared/games/skirmish/ground.h"

#include "shared/fixed.h"
#include "shared/games/skirmish/skirmish.h"

static bool is_wall(uint8_t tile)
{
    return tile == '#' || tile == '%';
}

bool ground_stops_shot(const struct map *map, int32_t tile_x, int32_t tile_y)
{
    return is_wall(map_tile(map, tile_x, tile_y, '#'));
}

bool ground_stops_craft(const struct map *map, int32_t tile_x, int32_t tile_y)
{
    return ground_tile_stops_craft(map_tile(map, tile_x, tile_y, '#'));
}

/* One axis of a line that visits tiles in turn. */
struct axis {
    int32_t tile, last_tile;
    int32_t step;   /* of `tile` */
    int64_t next;   /* distance from the start to where the next tile begins */
    int64_t length; /* of the whole line along this axis */
};

static struct axis axis_between(int32_t from, int32_t to)
{
    struct axis a = {.tile = fixed_floor_shift(from, TILE_SHIFT),
                     .last_tile = fixed_floor_shift(to, TILE_SHIFT),
                     .step = to < from ? -1 : 1,
                     .length = fixed_absolute(to - from)};
    int32_t low_edge = a.tile * (1 << TILE_SHIFT);
    a.next = to < from ? from - low_edge + 1 : low_edge + (1 << TILE_SHIFT) - from;
    return a;
}

/* The last point of the line before it crosses into the next tile of `crossed`. */
static struct point point_before(struct point from, const struct axis *x, const struct axis *y,
                                 const struct axis *crossed)
{
    int64_t run = crossed->next - 1;
    int64_t along_x = crossed == x ? run : x->length * run / crossed->length;
    int64_t along_y = crossed == y ? run : y->length * run / crossed->length;
    return (struct point){from.x + x->step * (int32_t)along_x, from.y + y->step * (int32_t)along_y};
}

bool ground_trace(const struct map *map, struct point from, struct point to, struct point *end)
{
    struct axis x = axis_between(from.x, to.x);
    struct axis y = axis_between(from.y, to.y);

    while (x.tile != x.last_tile || y.tile != y.last_tile) {
        bool x_is_first = x.next * y.length <= y.next * x.length;
        bool crosses_x = y.tile == y.last_tile || (x.tile != x.last_tile && x_is_first);
        struct axis *crossed = crosses_x ? &x : &y;
        crossed->tile += crossed->step;
        if (ground_stops_shot(map, x.tile, y.tile)) {
            *end = point_before(from, &x, &y, crossed);
            return true;
        }
        crossed->next += 1 << TILE_SHIFT;
    }
    *end = to;
    return false;
}

struct point ground_tile_centre(int32_t tile_x, int32_t tile_y)
{
    int32_t half = 1 << (TILE_SHIFT - 1);
    return (struct point){tile_x * (1 << TILE_SHIFT) + half, tile_y * (1 << TILE_SHIFT) + half};
}

/* From a random tile on, the first that is a spawn place, or the first where a craft can be. */
struct point ground_spawn_place(const struct map *map, struct rng *rng)
{
    uint32_t count = (uint32_t)map->width * map->height;
    uint32_t start = rng_below(rng, count);
    uint32_t found = start;
    bool has_floor = false;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (start + i) % count;
        int32_t x = (int32_t)(at % map->width), y = (int32_t)(at / map->width);
        bool is_spawn = map->tiles[at] == 'S';
        if (is_spawn || (!has_floor && !ground_stops_craft(map, x, y))) found = at;
        if (is_spawn) break;
        has_floor = has_floor || !ground_stops_craft(map, x, y);
    }
    return ground_tile_centre((int32_t)(found % map->width), (int32_t)(found / map->width));
}
