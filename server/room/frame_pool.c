#include "server/room/frame_pool.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/delta.h"

#define ALIGN_BYTES 8
#define LOOK_TICKS  40 /* between two looks whether there are too many */
#define SPARE_MAX   1
#define FREED_MAX   4 /* in one tick: each takes the system some 20 µs */

uint32_t frame_wire_stride(const struct schema *schema)
{
    uint32_t most = 1;
    for (unsigned i = 0; i < schema->table->kind_count; i++) {
        if (schema->kinds[i].wire_count > most) most = schema->kinds[i].wire_count;
    }
    return most;
}

void frame_pool_init(struct frame_pool *p, const struct frame_shape *shape)
{
    *p = (struct frame_pool){.shape = *shape, .spare_count = FRAMES_MAX};
    if (p->shape.wire_stride == 0) p->shape.wire_stride = WIRE_FIELDS_MAX;
}

static void drop_roster(struct frame_draft *d)
{
    if (d->roster != NULL) roster_release(d->roster);
    d->roster = NULL;
    d->frame.roster = NULL;
}

void frame_pool_deinit(struct frame_pool *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        ASSERT(atomic_load(&p->drafts[i]->frame.references) == 0);
        drop_roster(p->drafts[i]);
        free(p->drafts[i]);
    }
    p->count = 0;
}

/* Hands out parts of one block; before there is one (NULL), it only counts. */
struct carver {
    uint8_t *block;
    size_t used_bytes;
};

static void *carve(struct carver *c, size_t count, size_t item_bytes)
{
    void *part = c->block == NULL ? NULL : c->block + c->used_bytes;
    size_t length_bytes = count * item_bytes;
    c->used_bytes += (length_bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
    return part;
}

static void carve_arrays(struct frame_draft *d, const struct frame_shape *shape, struct carver *c)
{
    size_t slots = shape->slot_capacity, seats = shape->seat_capacity;
    size_t cells = (size_t)shape->grid.columns * shape->grid.rows;

    d->state = carve(c, 1, sizeof *d->state + slots * sizeof d->state->entities[0]);
    d->identities = carve(c, slots, sizeof *d->identities);
    d->wire = carve(c, slots * shape->wire_stride, sizeof *d->wire);
    d->seats = carve(c, seats, sizeof *d->seats);
    d->events = carve(c, EVENTS_PER_TICK_MAX, sizeof *d->events);
    d->chats = carve(c, CHATS_PER_TICK_MAX, sizeof *d->chats);
    d->changes = carve(c, 2 * seats, sizeof *d->changes);
    d->inputs = carve(c, seats, sizeof *d->inputs);
    d->grid_lists.cell_start = carve(c, cells + 2, sizeof *d->grid_lists.cell_start);
    d->grid_lists.places = carve(c, slots, sizeof *d->grid_lists.places);
    d->grid_lists.everywhere = carve(c, slots, sizeof *d->grid_lists.everywhere);
}

static struct frame_draft *make_draft(const struct frame_shape *shape)
{
    struct frame_draft counted;
    struct carver c = {0};
    carve(&c, 1, sizeof counted);
    carve_arrays(&counted, shape, &c);

    c = (struct carver){.block = malloc(c.used_bytes)};
    if (c.block == NULL) return NULL;
    struct frame_draft *d = carve(&c, 1, sizeof *d);
    bytes_zero(d, sizeof *d);
    carve_arrays(d, shape, &c);
    atomic_init(&d->frame.references, 0);
    d->frame.state = d->state;
    d->frame.identities = d->identities;
    d->frame.wire = d->wire;
    d->frame.wire_stride = shape->wire_stride;
    d->frame.seats = d->seats;
    d->frame.events = d->events;
    d->frame.chats = d->chats;
    d->frame.changes = d->changes;
    d->frame.inputs = d->inputs;
    return d;
}

static bool is_held(const struct frame_draft *d)
{
    return atomic_load_explicit(&d->frame.references, memory_order_acquire) != 0;
}

bool frame_pool_is_idle(const struct frame_pool *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (is_held(p->drafts[i])) return false;
    }
    return true;
}

void frame_pool_trim(struct frame_pool *p)
{
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        struct frame_draft *d = p->drafts[i];
        if (is_held(d)) {
            p->drafts[kept_count++] = d;
        } else {
            drop_roster(d);
            free(d);
        }
    }
    p->count = kept_count;
}

/* The first one; and counts all that are free. */
static struct frame_draft *find_free(const struct frame_pool *p, uint32_t *free_count)
{
    struct frame_draft *first = NULL;

    *free_count = 0;
    for (uint32_t i = p->count; i-- > 0;) {
        if (is_held(p->drafts[i])) continue;
        first = p->drafts[i];
        ++*free_count;
    }
    return first;
}

/* Frees of the frames that nobody needed of late the last: the first are taken first. */
static void shrink(struct frame_pool *p)
{
    if (++p->taken_count < LOOK_TICKS) return;
    for (unsigned freed = 0; freed < FREED_MAX && p->spare_count > SPARE_MAX; freed++) {
        struct frame_draft *last = p->drafts[p->count - 1];
        if (is_held(last)) break;
        drop_roster(last);
        free(last);
        p->count--;
        p->spare_count--;
    }
    p->taken_count = 0;
    p->spare_count = FRAMES_MAX;
}

static struct frame_draft *grow(struct frame_pool *p)
{
    if (p->count == FRAMES_MAX) return NULL;
    struct frame_draft *d = make_draft(&p->shape);
    if (d != NULL) p->drafts[p->count++] = d;
    return d;
}

struct frame_draft *frame_pool_take(struct frame_pool *p)
{
    uint32_t free_count;
    struct frame_draft *d = find_free(p, &free_count);
    if (free_count < p->spare_count) p->spare_count = free_count;
    if (d == NULL) d = grow(p);
    if (d == NULL) return NULL;

    drop_roster(d);
    d->frame.seat_count = 0;
    d->frame.event_count = 0;
    d->frame.chat_count = 0;
    d->frame.change_count = 0;
    d->frame.input_count = 0;
    atomic_store_explicit(&d->frame.references, 1, memory_order_relaxed);
    shrink(p);
    return d;
}

/* Slots never used have no identity, so that nobody need ask how many are. */
static void fill_columns(struct frame_draft *d, const struct frame_shape *shape,
                         const struct schema *schema)
{
    const struct world_state *state = d->state;
    bytes_zero(d->identities, shape->slot_capacity * sizeof d->identities[0]);
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        const struct entity *e = &state->entities[slot];
        if (e->kind == 0) continue;
        d->identities[slot] = (uint16_t)(e->kind | (unsigned)e->generation << 8);
        ASSERT(schema->kinds[e->kind - 1].wire_count <= d->frame.wire_stride);
        delta_quantize(schema, e, d->wire + (size_t)slot * d->frame.wire_stride);
    }
}

void frame_draft_fill(struct frame_draft *d, const struct frame_shape *shape,
                      const struct world_state *state, const struct schema *schema,
                      struct roster *roster)
{
    ASSERT(state->slot_count <= shape->slot_capacity);

    bytes_copy(d->state, state, world_state_bytes(state));
    frame_grid_build(&d->frame.grid, &shape->grid, &d->grid_lists, d->state, schema->table);
    fill_columns(d, shape, schema);
    d->roster = roster_hold(roster);
    d->frame.roster = roster;
    d->frame.schema = schema;
    d->frame.tick = state->tick;
}
