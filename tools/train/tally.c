#include "tools/train/tally.h"

#include <stdlib.h>
#include <string.h>

#include "shared/check.h"

/* How often an update spans so many ticks, by and large. */
static const struct {
    uint32_t ticks, weight;
} ages[] = {{1, 8}, {2, 1}, {4, 1}};

bool tally_init(struct tally *t, const struct schema *schema, uint32_t slot_capacity)
{
    *t = (struct tally){.schema = schema, .slot_capacity = slot_capacity};
    for (unsigned i = 0; i < TALLY_HISTORY; i++) {
        t->states[i] =
            calloc(1, sizeof *t->states[i] + slot_capacity * sizeof t->states[i]->entities[0]);
        if (t->states[i] == NULL) return false;
    }
    return true;
}

void tally_deinit(struct tally *t)
{
    for (unsigned i = 0; i < TALLY_HISTORY; i++)
        free(t->states[i]);
    *t = (struct tally){0};
}

void tally_cut(struct tally *t)
{
    t->known_ticks = 0;
}

struct world_state *tally_next(struct tally *t, uint32_t tick)
{
    return t->states[tick % TALLY_HISTORY];
}

static const struct entity *find(const struct tally *t, uint32_t tick, uint32_t slot)
{
    const struct world_state *state = t->states[tick % TALLY_HISTORY];
    if (slot >= state->slot_count || state->entities[slot].kind == 0) return NULL;
    return &state->entities[slot];
}

static bool is_same(const struct entity *a, const struct entity *b)
{
    return a != NULL && b != NULL && a->generation == b->generation && a->kind == b->kind;
}

static void count_difference(struct kind_tally *k, const struct schema_kind *kind, bool moved,
                             const struct delta_difference *d, uint32_t weight)
{
    unsigned extra_bits;
    k->updates += weight;
    k->shapes[moved][d->shape] += weight;
    if (d->mask != 0 && codes_mask_count(kind->rare_count) > 0) k->masks[d->mask - 1] += weight;
    for (unsigned i = 0; i < kind->turning_count && d->shape / SHAPE_TURNING % 2 == 1; i++) {
        unsigned at = kind->turning[i];
        k->residues[at][delta_residue_symbol(d->residues[at], &extra_bits)] += weight;
    }
    for (unsigned i = 0; i < kind->moving_count && d->shape % MISSES == MISS_FAR; i++) {
        unsigned at = kind->moving[i];
        k->residues[at][delta_residue_symbol(d->residues[at], &extra_bits)] += weight;
    }
    for (unsigned i = 0; i < kind->rare_count; i++) {
        unsigned at = kind->rare[i];
        if (!(d->mask >> i & 1)) continue;
        k->residues[at][delta_residue_symbol(d->residues[at], &extra_bits)] += weight;
    }
}

/* As cohort_known() has it: what is known of `base` follows from it and the state before. */
static void count_slot(struct tally *t, uint32_t tick, uint32_t slot, uint32_t age_ticks,
                       uint32_t weight)
{
    const struct entity *now = find(t, tick, slot), *base = find(t, tick - age_ticks, slot);
    if (!is_same(now, base)) return;
    const struct entity *before =
        t->known_ticks > 2 * age_ticks ? find(t, tick - 2 * age_ticks, slot) : NULL;
    const struct schema_kind *kind = &t->schema->kinds[now->kind - 1];
    struct wire_entity known;
    struct delta_difference d;
    int32_t wire[WIRE_FIELDS_MAX];
    if (is_same(base, before)) {
        delta_start(t->schema, &known, (uint16_t)slot, before);
        delta_quantize(t->schema, base, wire);
        delta_advance(t->schema, &known, wire, age_ticks);
    } else {
        delta_start(t->schema, &known, (uint16_t)slot, base);
    }
    delta_quantize(t->schema, now, wire);
    delta_compare(t->schema, &known, wire, age_ticks, &d);
    count_difference(&t->kinds[now->kind - 1], kind, delta_has_moved(t->schema, &known), &d,
                     weight);
}

void tally_count(struct tally *t, uint32_t tick)
{
    t->known_ticks++;
    uint32_t slot_count = t->states[tick % TALLY_HISTORY]->slot_count;
    ASSERT(slot_count <= t->slot_capacity);
    for (unsigned i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        if (t->known_ticks <= ages[i].ticks) continue;
        for (uint32_t slot = 0; slot < slot_count; slot++)
            count_slot(t, tick, slot, ages[i].ticks, ages[i].weight);
    }
}
