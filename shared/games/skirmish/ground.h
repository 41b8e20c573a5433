/* ground.h - what the tiles of a map mean: where craft and shots can be, and where things start.
 *
 * Place:   craft slide along it, shots and beams end at it, pilots see and steer by it.
 * Layout:  '#' wall, '%' crate: nothing passes. 'o' pit: shots pass, craft do not. 'S' spawn place,
 *          'H' 'R' 'D' pickup places (health, rapid fire, shield); all else is floor. Beyond the
 *          map's edges all is wall.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_GROUND_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_GROUND_H

#include <stdbool.h>

#include "shared/map.h"
#include "shared/rng.h"

struct point {
    int32_t x, y; /* simulation units */
};

/* Whether no craft can be on such a tile. */
static inline bool ground_tile_stops_craft(uint8_t tile)
{
    return tile == '#' || tile == '%' || tile == 'o';
}

bool ground_stops_craft(const struct map *map, int32_t tile_x, int32_t tile_y);
bool ground_stops_shot(const struct map *map, int32_t tile_x, int32_t tile_y);

/* Follows a shot's line. Returns whether it meets a wall; `end` is the last point before it, else
 * `to`. */
bool ground_trace(const struct map *map, struct point from, struct point to, struct point *end);

struct point ground_tile_centre(int32_t tile_x, int32_t tile_y);

/* Returns a random spawn place; without any, a random place on the floor. */
struct point ground_spawn_place(const struct map *map, struct rng *rng);

#endif
