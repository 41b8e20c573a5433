#include "server/session/cohort.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"

#define PIECES_AT_ONCE 64

void cohorts_init(struct cohorts *c, const struct schema *schema, uint32_t slot_capacity)
{
    *c = (struct cohorts){.schema = schema,
                          .slot_capacity = slot_capacity,
                          .arena_words =
                              slot_capacity + FRAGMENT_BITS_MAX / 64}; /* most need none */
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

/* Puts the fragment's bits into the arena. False: there is no room left. */
static bool store_long(const struct cohorts *c, struct cohort *cohort, const uint64_t *words,
                       uint32_t count, struct fragment *fragment)
{
    if (c->arena_words - cohort->used_words < count) return false;
    bytes_copy(cohort->arena + cohort->used_words, words, count * sizeof *words);
    fragment->word = cohort->used_words;
    cohort->used_words += count;
    return true;
}

/* Builds the fragment of `slot`. False: there is no room left. */
static bool build(struct cohorts *c, struct cohort *cohort, uint16_t slot)
{
    uint8_t bytes[FRAGMENT_BITS_MAX / 8 + 16];
    uint64_t words[FRAGMENT_BITS_MAX / 64];
    struct bits_writer w;
    bits_writer_init(&w, bytes, sizeof bytes);
    encode(c, cohort, slot, &w);
    struct fragment fragment = {.length_bits = (uint32_t)bits_used(&w), .stamp = cohort->stamp};
    ASSERT(fragment.length_bits <= FRAGMENT_BITS_MAX);
    bytes_zero(bytes + bits_finish(&w), 8); /* the last word is whole */
    uint32_t count = (fragment.length_bits + 63) / 64;
    for (uint32_t i = 0; i < count; i++)
        words[i] = bytes_load_64(bytes + i * 8);
    if (count == 1) {
        fragment.word = words[0];
    } else if (!store_long(c, cohort, words, count, &fragment)) {
        return false;
    }
    cohort->fragments[slot] = fragment;
    c->built_count++;
    return true;
}

/* Returns the fragment of `slot`, or NULL: it must be encoded straight. */
static inline const struct fragment *find_fragment(struct cohorts *c, struct cohort *cohort,
                                                   uint16_t slot)
{
    if (cohort->fragments == NULL) return NULL;
    const struct fragment *fragment = &cohort->fragments[slot];
    if (fragment->stamp == cohort->stamp || build(c, cohort, slot)) return fragment;
    return NULL;
}

void cohort_append(struct cohorts *c, struct cohort *cohort, uint16_t slot, struct bits_writer *w)
{
    ASSERT(slot < c->slot_capacity);

    c->appended_count++;
    const struct fragment *fragment = find_fragment(c, cohort, slot);
    if (fragment == NULL) {
        encode(c, cohort, slot, w);
    } else if (fragment->length_bits <= 64) {
        bits_put_run(w, &fragment->word, fragment->length_bits);
    } else {
        bits_put_run(w, cohort->arena + fragment->word, fragment->length_bits);
    }
}

void cohort_append_list(struct cohorts *c, struct cohort *cohort, const uint16_t *slots,
                        const bool *is_new, uint32_t count, struct bits_writer *w)
{
    struct bits_piece pieces[PIECES_AT_ONCE];
    uint32_t piece_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (is_new[i]) continue;
        const struct fragment *fragment = find_fragment(c, cohort, slots[i]);
        bool is_short = fragment != NULL && fragment->length_bits <= 64;
        if (is_short) {
            pieces[piece_count++] = (struct bits_piece){fragment->word, fragment->length_bits};
            c->appended_count++;
        }
        if (!is_short || piece_count == PIECES_AT_ONCE) {
            bits_put_pieces(w, pieces, piece_count);
            piece_count = 0;
        }
        if (!is_short) cohort_append(c, cohort, slots[i], w);
    }
    bits_put_pieces(w, pieces, piece_count);
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
