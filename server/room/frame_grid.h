/* frame_grid.h - sorts a frame's entities into the cells of a uniform grid.
 *
 * Place:   once per tick on the room's thread, before the frame is published; interest.h reads it.
 * Rules:   a cell is about a third of the largest view, a power of two (256 units where a view
 *          reaches 600), larger where a map would have more than GRID_CELLS_MAX. A position beyond
 *          the map counts to the nearest cell. KIND_EVERYWHERE stands apart.
 * Cost:    two passes over the entities and one over the cells (counting sort).
 */
#ifndef TICKWIRE_SERVER_ROOM_FRAME_GRID_H
#define TICKWIRE_SERVER_ROOM_FRAME_GRID_H

#include <stdint.h>

#include "server/room/frame.h"
#include "shared/fields.h"
#include "shared/game.h"
#include "shared/map.h"
#include "shared/world.h"

#define GRID_CELLS_MAX 65536u

/* How a room's ground is divided: fixed by its map and its game. */
struct grid_shape {
    uint32_t columns, rows;
    unsigned cell_shift; /* a cell's edge is 1 << cell_shift simulation units */
};

/* The lists that a frame's grid points to. */
struct grid_lists {
    uint32_t *cell_start; /* columns * rows + 2: one more than readers see, used while sorting */
    struct grid_place *places; /* as many as the world has slots */
    uint16_t *everywhere;      /* likewise */
};

void grid_shape_init(struct grid_shape *shape, const struct map *map, const struct game *game);

/* Fills `lists` and points `grid` at them. */
void frame_grid_build(struct frame_grid *grid, const struct grid_shape *shape,
                      const struct grid_lists *lists, const struct world_state *state,
                      const struct field_table *table);

#endif
