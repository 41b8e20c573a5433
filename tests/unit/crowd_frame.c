#include "tests/unit/crowd_frame.h"

#include <stdlib.h>
#include <string.h>

#include "shared/check.h"

static int32_t anywhere(struct rng *rng)
{
    return (int32_t)rng_below(rng, PEBBLES_EDGE + PEBBLES_EDGE / 8) - PEBBLES_EDGE / 16;
}

static void spawn(struct entity *e, uint32_t slot, struct rng *rng)
{
    *e = (struct entity){.generation = (uint8_t)(e->generation + 1), .owner = SEAT_NONE};
    if (rng_below(rng, 10) == 0) return;
    e->kind = slot % 50 == 0 ? PEBBLES_CLOCK : PEBBLE;
    e->words[PEBBLE_X] = anywhere(rng);
    e->words[PEBBLE_Y] = anywhere(rng);
}

void crowd_frame_init(struct crowd_frame *c, uint32_t count, struct rng *rng)
{
    memset(c, 0, sizeof *c);
    enum result result = schema_init(&c->schema, game_pebbles.table);
    ASSERT(result == RESULT_OK);
    c->shape = (struct frame_shape){.slot_capacity = count, .seat_capacity = 1};
    grid_shape_init(&c->shape.grid, &pebbles_field, &game_pebbles);
    frame_pool_init(&c->pool, &c->shape);
    roster_pool_init(&c->rosters, 1);
    c->roster = roster_pool_take(&c->rosters);
    c->state = calloc(1, sizeof *c->state + count * sizeof c->state->entities[0]);
    ASSERT(c->roster != NULL && c->state != NULL);
    c->state->slot_count = count;
    for (uint32_t slot = 0; slot < count; slot++)
        spawn(&c->state->entities[slot], slot, rng);
}

void crowd_frame_deinit(struct crowd_frame *c)
{
    if (c->frame != NULL) frame_release(c->frame);
    frame_pool_deinit(&c->pool);
    roster_release(c->roster);
    roster_pool_deinit(&c->rosters);
    free(c->state);
}

void crowd_frame_move(struct crowd_frame *c, int32_t step, struct rng *rng)
{
    for (uint32_t slot = 0; slot < c->state->slot_count; slot++) {
        struct entity *e = &c->state->entities[slot];
        if (e->kind == PEBBLE) {
            e->words[PEBBLE_X] += (int32_t)rng_below(rng, 2 * (uint32_t)step + 1) - step;
            e->words[PEBBLE_Y] += (int32_t)rng_below(rng, 2 * (uint32_t)step + 1) - step;
        }
        if (rng_below(rng, 100) == 0) spawn(e, slot, rng);
    }
    c->state->tick++;
}

void crowd_frame_publish(struct crowd_frame *c)
{
    struct frame_draft *d = frame_pool_take(&c->pool);
    ASSERT(d != NULL);
    frame_draft_fill(d, &c->shape, c->state, &c->schema, c->roster);
    if (c->frame != NULL) frame_release(c->frame);
    c->frame = &d->frame;
}
