#include "server/session/cohort.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"

void cohorts_init(struct cohorts *c, const struct schema *schema, uint32_t slot_capacity)
{
    *c = (struct cohorts){.schema = schema,
                          .slot_capacity = slot_capacity,
                          .arena_words =
                              slot_capacity + FRAGMENT_BITS_MAX / 64}; /* most need none */
}

static void strip(struct cohort *cohort)
{
    free(cohort->arena);
    free(cohort->fragments);
    cohort->arena = NULL;
    cohort->fragments = NULL;
}

/* Gives a cohort its memory when it first builds; without any, it builds nothing and encodes. */
static void equip(const struct cohorts *c, struct cohort *cohort)
{
    if (cohort->fragments != NULL) return;
    cohort->arena = calloc(c->arena_words, sizeof *cohort->arena);
    cohort->fragments = calloc(c->slot_capacity, sizeof *cohort->fragments);
    if (cohort->arena == NULL || cohort->fragments == NULL) strip(cohort);
}

void cohorts_deinit(struct cohorts *c)
{
    for (unsigned i = 0; i < COHORTS_MAX; i++)
        strip(&c->list[i]);
    *c = (struct cohorts){0};
}

/* What a busy minute took is given back after it. */
static void strip_resting(struct cohorts *c)
{
    if (++c->turn_count < COHORT_REST_TURNS) return;
    for (uint32_t i = c->built_end; i < COHORTS_MAX; i++)
        strip(&c->list[i]);
    c->turn_count = 0;
    c->built_end = 0;
}

void cohorts_begin(struct cohorts *c, const struct frame *now)
{
    strip_resting(c);
    c->now = now;
    c->used_count = 0;
}

static struct cohort *find(struct cohorts *c, const struct frame *base, const struct frame *before)
{
    for (uint32_t i = 0; i < c->used_count; i++) {
        if (c->list[i].base == base && c->list[i].before == before) return &c->list[i];
    }
    return NULL;
}

static void start(struct cohort *cohort, const struct frame *base, const struct frame *before)
{
    cohort->base = base;
    cohort->before = before;
    cohort->stamp++;
    cohort->used_words = 0;
}

struct cohort *cohorts_get(struct cohorts *c, const struct frame *base, const struct frame *before)
{
    struct cohort *cohort = find(c, base, before);
    if (cohort != NULL) {
        uint32_t end = (uint32_t)(cohort - c->list) + 1;
        if (end > c->built_end) c->built_end = end;
        equip(c, cohort);
        return cohort;
    }
    if (c->used_count < COHORTS_MAX) start(&c->list[c->used_count++], base, before);
    c->straight = (struct cohort){.base = base, .before = before};
    return &c->straight;
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

/* Builds the fragment of `slot`, the bits beyond 63 in the arena. False: there is no room left. */
static bool build(struct cohorts *c, struct cohort *cohort, uint16_t slot)
{
    struct bits_writer w;
    uint64_t *rest = cohort->arena + cohort->used_words;
    bits_writer_init(&w, (uint8_t *)rest, (c->arena_words - cohort->used_words) * sizeof *rest);
    encode(c, cohort, slot, &w);
    struct fragment fragment = {.length_bits = (uint32_t)bits_used(&w), .stamp = cohort->stamp};
    ASSERT(fragment.length_bits <= FRAGMENT_BITS_MAX);
    if (!bits_is_short_run(&w, &fragment.word)) {
        size_t count = bits_finish_run(&w, rest);
        if (count == 0) return false;
        fragment.word = count == 1 ? rest[0] : cohort->used_words;
        cohort->used_words += (uint32_t)count;
    }
    cohort->fragments[slot] = fragment;
    c->built_count++;
    return true;
}

/* Returns the fragment of `slot`, or NULL: it must be encoded straight. */
static inline const struct fragment *find_fragment(struct cohorts *c, struct cohort *cohort,
                                                   uint16_t slot)
{
    const struct fragment *fragment = &cohort->fragments[slot];
    if (fragment->stamp == cohort->stamp || build(c, cohort, slot)) return fragment;
    return NULL;
}

static void append(struct cohorts *c, struct cohort *cohort, uint16_t slot, struct bits_writer *w)
{
    ASSERT(slot < c->slot_capacity);

    const struct fragment *fragment =
        cohort->fragments == NULL ? NULL : find_fragment(c, cohort, slot);
    if (fragment == NULL) {
        encode(c, cohort, slot, w);
    } else if (fragment->length_bits <= 64) {
        bits_put_run(w, &fragment->word, fragment->length_bits);
    } else {
        bits_put_run(w, cohort->arena + fragment->word, fragment->length_bits);
    }
}

void cohort_append(struct cohorts *c, struct cohort *cohort, uint16_t slot, struct bits_writer *w)
{
    c->appended_count++;
    append(c, cohort, slot, w);
}

void cohort_append_list(struct cohorts *c, struct cohort *cohort, const uint16_t *slots,
                        const bool *is_new, uint32_t count, struct bits_writer *w)
{
    struct bits_writer local = *w;
    bool has_fragments = cohort->fragments != NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (is_new[i]) continue;
        const struct fragment *fragment = has_fragments ? find_fragment(c, cohort, slots[i]) : NULL;
        if (fragment != NULL && fragment->length_bits <= 64) {
            bits_append(&local, fragment->word, fragment->length_bits);
        } else {
            *w = local;
            append(c, cohort, slots[i], w);
            local = *w;
        }
        c->appended_count++;
    }
    *w = local;
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
