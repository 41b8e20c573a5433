#include "server/session/cohort.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"

#define ARENA_WORDS_PER_SLOT 2 /* a usual fragment takes one */

void cohorts_init(struct cohorts *c, const struct schema *schema, uint32_t slot_capacity)
{
    *c = (struct cohorts){.schema = schema,
                          .slot_capacity = slot_capacity,
                          .arena_words =
                              slot_capacity * ARENA_WORDS_PER_SLOT + FRAGMENT_BITS_MAX / 64};
}

/* Gives a cohort its memory when it is first used; without any, it builds nothing and encodes. */
static void equip(const struct cohorts *c, struct cohort *cohort)
{
    if (cohort->fragments != NULL) return;
    cohort->arena = calloc(c->arena_words, sizeof *cohort->arena);
    cohort->fragments = calloc(c->slot_capacity, sizeof *cohort->fragments);
    if (cohort->arena != NULL && cohort->fragments != NULL) return;
    free(cohort->arena);
    free(cohort->fragments);
    cohort->arena = NULL;
    cohort->fragments = NULL;
}

void cohorts_deinit(struct cohorts *c)
{
    for (unsigned i = 0; i < COHORTS_MAX; i++) {
        free(c->list[i].fragments);
        free(c->list[i].arena);
    }
    *c = (struct cohorts){0};
}

void cohorts_begin(struct cohorts *c, const struct frame *now)
{
    c->now = now;
    c->used_count = 0;
}

static struct cohort *find(struct cohorts *c, const struct frame *base, const struct frame *before)
{
    uint32_t kept = c->used_count < COHORTS_MAX ? c->used_count : COHORTS_MAX;
    for (uint32_t i = 0; i < kept; i++) {
        if (c->list[i].base == base && c->list[i].before == before) return &c->list[i];
    }
    return NULL;
}

struct cohort *cohorts_get(struct cohorts *c, const struct frame *base, const struct frame *before)
{
    struct cohort *cohort = find(c, base, before);
    if (cohort != NULL) return cohort;
    cohort = &c->list[c->used_count++ % COHORTS_MAX];
    equip(c, cohort);
    cohort->base = base;
    cohort->before = before;
    cohort->stamp++;
    cohort->used_words = 0;
    return cohort;
}

/* Whether the entity in `slot` of `frame` is in `before`, too, which may be NULL. */
static bool was_there(const struct frame *before, const struct frame *frame, uint16_t slot)
{
    return before != NULL && before->epoch == frame->epoch &&
           frame_identity(before, slot) == frame_identity(frame, slot);
}

void cohort_known(const struct schema *schema, const struct frame *frame,
                  const struct frame *before, uint16_t slot, struct wire_entity *e)
{
    const int32_t *wire = frame_wire(frame, slot);
    uint16_t identity = frame_identity(frame, slot);
    ASSERT(identity != 0);

    unsigned count = schema->kinds[identity_kind(identity) - 1].wire_count;
    *e = (struct wire_entity){.slot = slot,
                              .owner = frame->state->entities[slot].owner,
                              .kind = identity_kind(identity),
                              .generation = identity_generation(identity)};
    bool is_old = was_there(before, frame, slot);
    bytes_copy(e->wire, is_old ? frame_wire(before, slot) : wire, count * sizeof *wire);
    if (is_old) delta_advance(schema, e, wire, frame->tick - before->tick);
}

static void encode(const struct cohorts *c, const struct cohort *cohort, uint16_t slot,
                   struct bits_writer *w)
{
    const struct frame *base = cohort->base, *before = cohort->before;
    uint16_t identity = frame_identity(base, slot);
    struct delta_step step = {.base = frame_wire(base, slot),
                              .now = frame_wire(c->now, slot),
                              .age_ticks = c->now->tick - base->tick};
    ASSERT(identity != 0);
    if (was_there(before, base, slot)) {
        step.before = frame_wire(before, slot);
        step.base_age_ticks = base->tick - before->tick;
    }
    delta_encode_step(w, c->schema, identity_kind(identity), &step);
}

/* Builds the fragment of `slot` at the arena's end. False: there is no room left. */
static bool build(struct cohorts *c, struct cohort *cohort, uint16_t slot)
{
    uint32_t free_words = c->arena_words - cohort->used_words;
    if (free_words < FRAGMENT_BITS_MAX / 64) return false;

    struct bits_writer w;
    uint64_t *words = cohort->arena + cohort->used_words;
    uint8_t bytes[FRAGMENT_BITS_MAX / 8 + 8];
    bits_writer_init(&w, bytes, sizeof bytes);
    encode(c, cohort, slot, &w);
    size_t length_bits = bits_used(&w);
    ASSERT(length_bits <= FRAGMENT_BITS_MAX);
    size_t length_bytes = bits_finish(&w);
    uint32_t length_words = (uint32_t)(length_bits + 63) / 64;
    for (uint32_t i = 0; i < length_words; i++) {
        words[i] = 0;
        for (unsigned j = 0; j < 8 && i * 8 + j < length_bytes; j++) {
            words[i] |= (uint64_t)bytes[i * 8 + j] << (8 * j);
        }
    }
    cohort->fragments[slot] = (struct fragment){.stamp = cohort->stamp,
                                                .first_word = cohort->used_words,
                                                .length_bits = (uint16_t)length_bits};
    cohort->used_words += length_words;
    c->built_count++;
    return true;
}

void cohort_append(struct cohorts *c, struct cohort *cohort, uint16_t slot, struct bits_writer *w)
{
    ASSERT(slot < c->slot_capacity);

    c->appended_count++;
    bool is_built = cohort->fragments != NULL &&
                    (cohort->fragments[slot].stamp == cohort->stamp || build(c, cohort, slot));
    if (!is_built) {
        encode(c, cohort, slot, w);
        return;
    }
    const struct fragment *fragment = &cohort->fragments[slot];
    bits_put_run(w, cohort->arena + fragment->first_word, fragment->length_bits);
}

void cohorts_append_alone(struct cohorts *c, const struct frame *base, const struct frame *before,
                          uint16_t slot, struct bits_writer *w)
{
    struct cohort *cohort = find(c, base, before);
    if (cohort != NULL) {
        cohort_append(c, cohort, slot, w);
        return;
    }
    const struct cohort alone = {.base = base, .before = before};
    c->appended_count++;
    encode(c, &alone, slot, w);
}
