/* bench_room.c - what a room's tick costs beside the game: the frame, its grid, and who sees what.
 *
 * Prints a line per number of entities, at equal density: microseconds to copy the world and sort
 * it into the grid, and microseconds for one client's question and how many entities it is told. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/room/frame_pool.h"
#include "server/room/interest.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/rng.h"
#include "tests/unit/test_game.h"

#define UNIT             256
#define TILE_UNITS       32
#define HALF_X           630 /* a view of 1260 by 800 units, ... */
#define HALF_Y           400
#define VISIBLE          100 /* ... in which so many entities stand */
#define TICKS            500
#define QUERIES_PER_TICK 20

static const struct game game = {.table = &test_table,
                                 .unit = UNIT,
                                 .tile_units = TILE_UNITS,
                                 .view_half_x = HALF_X,
                                 .view_half_y = HALF_Y};

struct field_of {
    uint32_t count;
    int32_t edge; /* of a square in which `count` have the density of a view, simulation units */
    struct schema schema;
    struct frame_shape shape;
    struct frame_pool pool;
    struct roster_pool rosters;
    struct roster *roster;
    struct world_state *state;
    struct rng rng;
};

/* Returns the edge in tiles. */
static uint16_t edge_tiles(uint32_t count)
{
    double area_units = 4.0 * HALF_X * HALF_Y / VISIBLE * count;
    uint16_t tiles = 1;
    while ((double)tiles * tiles * TILE_UNITS * TILE_UNITS < area_units)
        tiles++;
    return tiles;
}

static void place(struct field_of *f, struct entity *e)
{
    e->words[TEST_X] = (int32_t)rng_below(&f->rng, (uint32_t)f->edge);
    e->words[TEST_Y] = (int32_t)rng_below(&f->rng, (uint32_t)f->edge);
}

static void make_field(struct field_of *f, uint32_t count)
{
    uint16_t tiles = edge_tiles(count);
    struct map map = {.width = tiles, .height = tiles};
    *f = (struct field_of){.count = count, .edge = tiles * TILE_UNITS * UNIT};
    rng_init(&f->rng, count);
    f->shape = (struct frame_shape){.slot_capacity = count, .seat_capacity = 1};
    grid_shape_init(&f->shape.grid, &map, &game);
    frame_pool_init(&f->pool, &f->shape);
    roster_pool_init(&f->rosters, 1);
    f->roster = roster_pool_take(&f->rosters);
    f->state = calloc(1, sizeof *f->state + count * sizeof f->state->entities[0]);
    enum result result = schema_init(&f->schema, &test_table);
    ASSERT(result == RESULT_OK && f->roster != NULL && f->state != NULL);
    f->state->slot_count = count;
    for (uint32_t slot = 0; slot < count; slot++) {
        f->state->entities[slot] = (struct entity){.kind = TEST_CRAFT};
        place(f, &f->state->entities[slot]);
    }
}

static void free_field(struct field_of *f)
{
    frame_pool_deinit(&f->pool);
    roster_release(f->roster);
    roster_pool_deinit(&f->rosters);
    free(f->state);
}

struct cost {
    uint64_t frames_ns, queries_ns, seen;
};

static void look_around(struct field_of *f, const struct frame *frame, struct interest_scratch *s,
                        struct cost *cost)
{
    uint16_t slots[VIEW_ENTITIES_MAX];
    bool is_new[VIEW_ENTITIES_MAX];
    uint64_t begin_ns = clock_monotonic_ns();
    for (uint32_t i = 0; i < QUERIES_PER_TICK; i++) {
        uint16_t own = (uint16_t)rng_below(&f->rng, f->count);
        const struct entity *e = frame_entity(frame, own);
        struct interest_view view = {.x = e->words[TEST_X],
                                     .y = e->words[TEST_Y],
                                     .half_x = HALF_X * UNIT,
                                     .half_y = HALF_Y * UNIT,
                                     .own_slot = own};
        struct interest_seen seen = {.slots = slots, .is_new = is_new};
        interest_query(frame, &view, &(struct interest_list){0}, s, &seen, VIEW_ENTITIES_MAX);
        cost->seen += seen.count;
    }
    cost->queries_ns += clock_monotonic_ns() - begin_ns;
}

static struct cost measure(struct field_of *f)
{
    struct interest_scratch scratch;
    void *memory = malloc(interest_scratch_bytes(f->count));
    struct cost cost = {0};
    ASSERT(memory != NULL);
    interest_scratch_init(&scratch, memory, f->count);
    for (int tick = 0; tick < TICKS; tick++) {
        place(f, &f->state->entities[rng_below(&f->rng, f->count)]);
        uint64_t begin_ns = clock_monotonic_ns();
        struct frame_draft *d = frame_pool_take(&f->pool);
        ASSERT(d != NULL);
        frame_draft_fill(d, &f->shape, f->state, &f->schema, f->roster);
        cost.frames_ns += clock_monotonic_ns() - begin_ns;
        look_around(f, &d->frame, &scratch, &cost);
        frame_release(&d->frame);
    }
    free(memory);
    return cost;
}

int main(void)
{
    static const uint32_t counts[] = {100, 1000, 10000};
    printf("entities  frame_us  query_us  seen\n");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct field_of f;
        make_field(&f, counts[i]);
        struct cost cost = measure(&f);
        double queries = (double)TICKS * QUERIES_PER_TICK;
        printf("%8" PRIu32 "  %8.1f  %8.2f  %4.0f\n", counts[i],
               (double)cost.frames_ns / TICKS / 1e3, (double)cost.queries_ns / queries / 1e3,
               (double)cost.seen / queries);
        free_field(&f);
    }
    return EXIT_SUCCESS;
}
