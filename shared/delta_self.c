#include "shared/delta_parts.h"

/* What everybody sees of one's own body comes with the update; here is what lies below the quantum,
 * and what nobody else is told. */

#define SELF_GOLOMB 6

/* One word of the self block, as its client expects it. */
struct self_word {
    int32_t expected; /* as it was, or moved into the quantum that the client knows */
    unsigned shift;   /* bits below the quantum; 0: they would not help */
    bool is_moving;   /* they are likely to change */
};

static inline struct self_word self_word_of(const struct schema_kind *kind,
                                            const struct self_field *f, int32_t before,
                                            const int32_t *own_wire)
{
    if (f->wire < 0 || own_wire == NULL) return (struct self_word){.expected = before};

    struct self_word word = {before, f->shift, f->is_moving};
    int32_t wire = own_wire[f->wire];
    uint32_t low = (UINT32_C(1) << f->shift) - 1;
    if (quantize(&kind->fields[f->wire], before) != wire)
        word.expected = (int32_t)((uint32_t)wire << f->shift | ((uint32_t)before & low));
    return word;
}

/* Where low bits help: 0 and they follow, 1 the difference follows, if they are likely to change;
 * else 0 as expected, 10 they follow, 11 the difference follows. Where not: 0 as expected, 1 the
 * difference follows. */
static inline void put_self_word(struct bits_writer *w, const struct self_word *word, int32_t now)
{
    uint32_t low = (UINT32_C(1) << word->shift) - 1;
    uint32_t apart = (uint32_t)now - (uint32_t)word->expected;
    bool is_near = word->shift > 0 && (((uint32_t)now ^ (uint32_t)word->expected) & ~low) == 0;
    if (!word->is_moving) bits_append(w, apart != 0, 1);
    if (!word->is_moving && apart == 0) return;
    if (word->shift > 0) bits_append(w, !is_near, 1);
    if (is_near) {
        bits_append(w, (uint32_t)now & low, word->shift);
    } else {
        bits_put_signed_golomb(w, (int32_t)apart, SELF_GOLOMB);
    }
}

static int32_t get_self_word(struct bits_reader *r, const struct self_word *word)
{
    uint32_t low = (UINT32_C(1) << word->shift) - 1;
    if (!word->is_moving && bits_get(r, 1) == 0) return word->expected;
    if (word->shift > 0 && bits_get(r, 1) == 0) {
        return (int32_t)(((uint32_t)word->expected & ~low) | (uint32_t)bits_get(r, word->shift));
    }
    uint32_t apart = (uint32_t)bits_get_signed_golomb(r, SELF_GOLOMB);
    return (int32_t)((uint32_t)word->expected + apart);
}

/* What differs from the expectation mostly shows at the first word, the position. */
static bool is_as_expected(const struct schema_kind *kind, const int32_t *now, const int32_t *base,
                           const int32_t *own_wire)
{
    for (unsigned i = 0; i < kind->self_count; i++) {
        const struct self_field *f = &kind->self_fields[i];
        struct self_word word = self_word_of(kind, f, base[f->word], own_wire);
        if (now[f->word] != word.expected) return false;
    }
    return true;
}

void delta_encode_self(struct bits_writer *w, const struct schema *s, const struct entity *now,
                       const struct entity *base, const int32_t *own_wire)
{
    const struct schema_kind *kind = sorted_kind(s, now->kind);
    if (is_as_expected(kind, now->words, base->words, own_wire)) {
        bits_append(w, 0, 1);
        return;
    }
    bits_append(w, 1, 1);
    for (unsigned i = 0; i < kind->self_count; i++) {
        const struct self_field *f = &kind->self_fields[i];
        struct self_word word = self_word_of(kind, f, base->words[f->word], own_wire);
        put_self_word(w, &word, now->words[f->word]);
    }
}

enum result delta_decode_self(struct bits_reader *r, const struct schema *s, struct entity *body,
                              const int32_t *own_wire)
{
    const struct schema_kind *kind = sorted_kind(s, body->kind);
    bool differs = bits_get(r, 1) == 1;
    for (unsigned i = 0; i < kind->self_count; i++) {
        const struct self_field *f = &kind->self_fields[i];
        struct self_word word = self_word_of(kind, f, body->words[f->word], own_wire);
        body->words[f->word] = differs ? get_self_word(r, &word) : word.expected;
    }
    return r->overflow ? RESULT_INVALID : RESULT_OK;
}
