#include "server/room/frame_grid.h"

#include <stdbool.h>

#include "shared/bytes.h"
#include "shared/check.h"

#define CELL_SHIFT_MAX 30

static uint32_t cells_for(uint16_t tiles, const struct game *game, unsigned cell_shift)
{
    int64_t extent = (int64_t)tiles * game->tile_units * game->unit;
    int64_t cells = (extent + (INT64_C(1) << cell_shift) - 1) >> cell_shift;
    return cells > GRID_CELLS_MAX ? GRID_CELLS_MAX : (uint32_t)cells;
}

void grid_shape_init(struct grid_shape *shape, const struct map *map, const struct game *game)
{
    ASSERT(game->unit > 0 && game->tile_units > 0);

    int32_t view = game->view_half_x > game->view_half_y ? game->view_half_x : game->view_half_y;
    int64_t cell_max = (int64_t)view * game->unit / 2;
    unsigned shift = 0;
    while (shift < CELL_SHIFT_MAX && INT64_C(2) << shift <= cell_max)
        shift++;
    for (;; shift++) {
        shape->columns = cells_for(map->width, game, shift);
        shape->rows = cells_for(map->height, game, shift);
        if ((uint64_t)shape->columns * shape->rows <= GRID_CELLS_MAX) break;
    }
    shape->cell_shift = shift;
}

static uint32_t clamp_cell(int32_t position, unsigned cell_shift, uint32_t cell_count)
{
    if (position < 0) return 0;
    uint32_t cell = (uint32_t)position >> cell_shift;
    return cell < cell_count ? cell : cell_count - 1;
}

/* Returns the cell of `e`, or UINT32_MAX if it has no place. */
static uint32_t cell_of(const struct grid_shape *shape, const struct field_table *table,
                        const struct entity *e)
{
    const struct entity_kind *kind = &table->kinds[e->kind - 1];
    if (kind->flags & KIND_EVERYWHERE) return UINT32_MAX;
    uint32_t column = clamp_cell(e->words[kind->x_word], shape->cell_shift, shape->columns);
    uint32_t row = clamp_cell(e->words[kind->y_word], shape->cell_shift, shape->rows);
    return row * shape->columns + column;
}

static void put_at(const struct grid_lists *lists, uint32_t at, uint32_t slot,
                   const struct entity *e, const struct field_table *table)
{
    const struct entity_kind *kind = &table->kinds[e->kind - 1];
    lists->places[at] = (struct grid_place){
        .x = e->words[kind->x_word], .y = e->words[kind->y_word], .slot = (uint16_t)slot};
}

void frame_grid_build(struct frame_grid *grid, const struct grid_shape *shape,
                      const struct grid_lists *lists, const struct world_state *state,
                      const struct field_table *table)
{
    uint32_t cell_count = shape->columns * shape->rows;
    uint32_t *start = lists->cell_start;
    uint32_t everywhere_count = 0;

    /* Counted two places up: the sums then stand one up, and filling a cell, which moves its own
     * start on to its end, leaves every start in its place. */
    bytes_zero(start, ((size_t)cell_count + 2) * sizeof *start);
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        if (state->entities[slot].kind == 0) continue;
        uint32_t cell = cell_of(shape, table, &state->entities[slot]);
        if (cell == UINT32_MAX) {
            lists->everywhere[everywhere_count++] = (uint16_t)slot;
        } else {
            start[cell + 2]++;
        }
    }
    for (uint32_t cell = 1; cell <= cell_count; cell++)
        start[cell + 1] += start[cell];
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        if (state->entities[slot].kind == 0) continue;
        uint32_t cell = cell_of(shape, table, &state->entities[slot]);
        if (cell != UINT32_MAX)
            put_at(lists, start[cell + 1]++, slot, &state->entities[slot], table);
    }
    *grid = (struct frame_grid){.columns = shape->columns,
                                .rows = shape->rows,
                                .cell_shift = shape->cell_shift,
                                .cell_start = start,
                                .places = lists->places,
                                .everywhere = lists->everywhere,
                                .everywhere_count = everywhere_count};
}
