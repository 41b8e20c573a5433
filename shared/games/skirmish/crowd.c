#include "shared/games/skirmish/crowd.h"

#include "shared/fixed.h"
#include "shared/games/skirmish/craft.h"

#define CELL_SHIFT 14 /* 64 units; coordinates modulo 64 cells, so cells far apart share a list */
#define CELL_MASK  63

/* A craft may have moved by this many usercmds since the lists were built, or before. */
#define MOVED_MAX(lag)                                                        \
    ((lag) > VIEW_PARTS ? USERCMDS_PER_TICK_MAX * LAG_TICKS_MAX * CRAFT_SPEED \
                        : USERCMDS_PER_TICK_MAX * CRAFT_SPEED)

_Static_assert(CROWD_CELLS == (CELL_MASK + 1) * (CELL_MASK + 1), "a list for each cell");

static uint32_t cell_index(int32_t cell_x, int32_t cell_y)
{
    return ((uint32_t)cell_y & CELL_MASK) * (CELL_MASK + 1) + ((uint32_t)cell_x & CELL_MASK);
}

void crowd_build(struct crowd *c, const struct world *w)
{
    c->world = w;
    for (uint32_t i = 0; i < CROWD_CELLS; i++)
        c->first[i] = SEAT_NONE;

    /* From the last seat down: each list then ascends. */
    uint32_t seat_count = w->seat_capacity < SEATS_MAX ? w->seat_capacity : SEATS_MAX;
    uint32_t seat = world_embodied_before(w, seat_count);
    for (; seat != MARKS_NONE; seat = world_embodied_before(w, seat)) {
        const struct entity *craft = world_entity(w, world_body(w, (uint16_t)seat));
        if (craft == NULL || craft->words[CRAFT_FLAGS] & CRAFT_IS_DEAD) continue;
        uint32_t cell = cell_index(fixed_floor_shift(craft->words[CRAFT_X], CELL_SHIFT),
                                   fixed_floor_shift(craft->words[CRAFT_Y], CELL_SHIFT));
        c->next_in_cell[seat] = c->first[cell];
        c->first[cell] = (uint16_t)seat;
    }
}

/* A line in wire quanta, which keep the products of hit_along() within 64 bits. */
struct line {
    int64_t x, y;   /* start */
    int64_t dx, dy; /* to the end */
    int64_t reach;
};

/* Returns how far along the line lies the point that is nearest to `place`, 0 at the start to the
 * line's squared length at its end, or -1 if that point is farther than the reach. */
static int64_t hit_along(const struct line *line, struct point place)
{
    int64_t x = fixed_floor_shift(place.x, QUANTUM_SHIFT) - line->x;
    int64_t y = fixed_floor_shift(place.y, QUANTUM_SHIFT) - line->y;
    int64_t squared = line->dx * line->dx + line->dy * line->dy;
    int64_t along = x * line->dx + y * line->dy;
    int64_t reach = line->reach * line->reach;

    if (along <= 0) return x * x + y * y <= reach ? 0 : -1;
    if (along >= squared) {
        x -= line->dx;
        y -= line->dy;
        return x * x + y * y <= reach ? squared : -1;
    }
    int64_t aside = x * line->dy - y * line->dx;
    return aside * aside <= reach * squared ? along : -1;
}

struct search {
    const struct crowd_line *asked;
    struct line line;
    struct entity *best;
    int64_t best_along;
};

static void search_cell(const struct crowd *c, uint32_t cell, struct search *s)
{
    for (uint16_t seat = c->first[cell]; seat != SEAT_NONE; seat = c->next_in_cell[seat]) {
        if (seat == s->asked->except) continue;
        struct entity *craft = world_entity(c->world, world_body(c->world, seat));
        if (craft == NULL || !craft_is_target(craft)) continue;
        struct point place = craft_past_place(craft, c->world->state->tick, s->asked->lag);
        int64_t along = hit_along(&s->line, place);
        if (along < 0 || (s->best != NULL && along >= s->best_along)) continue;
        s->best = craft;
        s->best_along = along;
    }
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* Cells from the one that holds the lower of two coordinates to that of the higher. */
struct span {
    int32_t low, high;
};

static struct span cells_between(int32_t a, int32_t b, int32_t margin)
{
    int32_t low = least(a, b) - margin, high = -least(-a, -b) + margin;
    struct span cells = {fixed_floor_shift(low, CELL_SHIFT), fixed_floor_shift(high, CELL_SHIFT)};
    if (cells.high > cells.low + CELL_MASK) cells.high = cells.low + CELL_MASK;
    return cells;
}

static struct line line_of(const struct crowd_line *asked)
{
    struct line line = {.x = fixed_floor_shift(asked->from.x, QUANTUM_SHIFT),
                        .y = fixed_floor_shift(asked->from.y, QUANTUM_SHIFT),
                        .reach = fixed_floor_shift(asked->reach, QUANTUM_SHIFT)};
    line.dx = fixed_floor_shift(asked->to.x, QUANTUM_SHIFT) - line.x;
    line.dy = fixed_floor_shift(asked->to.y, QUANTUM_SHIFT) - line.y;
    return line;
}

int64_t crowd_line_passes(const struct crowd_line *line, struct point place)
{
    struct line quanta = line_of(line);
    return hit_along(&quanta, place);
}

struct entity *crowd_first_on_line(const struct crowd *c, const struct crowd_line *line)
{
    struct point from = line->from, to = line->to;
    struct search s = {.asked = line, .line = line_of(line)};

    int32_t margin = line->reach + MOVED_MAX(line->lag);
    struct span columns = cells_between(from.x, to.x, margin);
    struct span rows = cells_between(from.y, to.y, margin);
    for (int32_t row = rows.low; row <= rows.high; row++) {
        for (int32_t column = columns.low; column <= columns.high; column++) {
            search_cell(c, cell_index(column, row), &s);
        }
    }
    return s.best;
}
