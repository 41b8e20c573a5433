#include "tools/train/fit.h"

#include <string.h>

#include "shared/check.h"

#define GUESSED      24   /* how many sightings the guess is worth */
#define SAVING_LEAST 4000 /* bits over all recordings that earn a field a code of its own */

/* The bits behind a residue's word. */
static unsigned extra_bits_of(unsigned symbol, unsigned field_bits)
{
    unsigned bucket = (symbol + 1) / 2;
    if (symbol == RESIDUE_RAW) return field_bits;
    return bucket <= RESIDUE_EXACT ? 0 : 2 + (bucket - RESIDUE_EXACT - 1) / 2;
}

static unsigned symbol_bits(const uint8_t *lengths, unsigned symbol, unsigned field_bits)
{
    return lengths[symbol] + extra_bits_of(symbol, field_bits);
}

/* What residues of such a field take: a symbol's word and what follows it, or where that is shorter
 * the value itself. */
static double residue_bits(const uint8_t *lengths, const uint64_t counts[RESIDUES],
                           unsigned field_bits)
{
    double bits = 0;
    unsigned raw_bits = symbol_bits(lengths, RESIDUE_RAW, field_bits);
    for (unsigned i = 0; i < RESIDUES; i++) {
        unsigned own_bits = symbol_bits(lengths, i, field_bits);
        bits += (double)counts[i] * (own_bits < raw_bits ? own_bits : raw_bits);
    }
    return bits;
}

/* Adds the guess to the counts and fits. */
static void fit_weights(uint8_t *lengths, const uint64_t *counts, const uint32_t *guess,
                        unsigned symbol_count)
{
    uint32_t weights[CODE_SYMBOLS_MAX];
    double all[CODE_SYMBOLS_MAX], guess_sum = 0, sum = 0;
    for (unsigned i = 0; i < symbol_count; i++)
        guess_sum += guess[i];
    for (unsigned i = 0; i < symbol_count; i++) {
        all[i] = (double)counts[i] + GUESSED * guess[i] / guess_sum;
        sum += all[i];
    }
    for (unsigned i = 0; i < symbol_count; i++) {
        uint32_t weight = (uint32_t)(all[i] / sum * (1 << 28));
        weights[i] = guess[i] == 0 ? 0 : weight > 0 ? weight : 1;
    }
    code_fit(lengths, weights, symbol_count);
}

/* Residues that are shorter as values count as such, and the fit begins anew. */
static void fit_residues(uint8_t lengths[RESIDUES], const uint64_t counts[RESIDUES],
                         unsigned field_bits)
{
    uint32_t guess[RESIDUES];
    uint64_t shifted[RESIDUES];
    codes_guess_residues(guess);
    memcpy(shifted, counts, sizeof shifted);
    for (int round = 0; round < 4; round++) {
        fit_weights(lengths, shifted, guess, RESIDUES);
        memcpy(shifted, counts, sizeof shifted);
        unsigned raw_bits = symbol_bits(lengths, RESIDUE_RAW, field_bits);
        for (unsigned i = 1; i < RESIDUE_RAW; i++) {
            if (symbol_bits(lengths, i, field_bits) <= raw_bits) continue;
            shifted[RESIDUE_RAW] += shifted[i];
            shifted[i] = 0;
        }
    }
}

static uint8_t *add_code(struct fitted *f, unsigned symbol_count, uint8_t *index)
{
    ASSERT(f->set.code_count < CODES_MAX);
    *index = f->set.code_count++;
    f->codes[*index] = (struct code_lengths){(uint8_t)symbol_count, f->lengths[*index]};
    return f->lengths[*index];
}

static void fit_shapes(struct fitted *f, const struct tally *t, unsigned at)
{
    const struct schema_kind *kind = &t->schema->kinds[at];
    const struct kind_tally *k = &t->kinds[at];
    uint32_t guess[CODE_SYMBOLS_MAX];
    for (unsigned moved = 0; moved < (kind->moving_count > 0 ? 2 : 1); moved++) {
        codes_guess_shapes(kind, moved, guess);
        uint8_t *lengths = add_code(f, SHAPES, &f->kinds[at].shapes[moved]);
        fit_weights(lengths, k->shapes[moved], guess, SHAPES);
    }
    unsigned mask_count = codes_mask_count(kind->rare_count);
    if (mask_count == 0) return;
    codes_guess_masks(kind->rare_count, guess);
    fit_weights(add_code(f, mask_count, &f->kinds[at].mask), k->masks, guess, mask_count);
}

/* -- what it costs -- */

static void read_lengths(const struct schema *s, unsigned index, uint8_t lengths[CODE_SYMBOLS_MAX])
{
    for (unsigned i = 0; i < s->codes[index].symbol_count; i++)
        lengths[i] = (uint8_t)code_length(&s->codes[index], i);
}

static double words_bits(const struct schema *s, unsigned index, const uint64_t *counts)
{
    double bits = 0;
    for (unsigned i = 0; i < s->codes[index].symbol_count; i++)
        bits += (double)counts[i] * code_length(&s->codes[index], i);
    return bits;
}

static double kind_costs(const struct kind_tally *k, const struct schema *s,
                         const struct schema_kind *kind, struct kind_cost *cost)
{
    *cost = (struct kind_cost){0};
    if (kind->wire_count == 0) return 0;
    for (unsigned moved = 0; moved < (kind->moving_count > 0 ? 2 : 1); moved++)
        cost->shapes += words_bits(s, kind->shapes[moved], k->shapes[moved]);
    if (codes_mask_count(kind->rare_count) > 0) cost->masks = words_bits(s, kind->mask, k->masks);
    double bits = cost->shapes + cost->masks;
    for (unsigned i = 0; i < kind->wire_count; i++) {
        uint8_t lengths[CODE_SYMBOLS_MAX];
        read_lengths(s, kind->fields[i].code, lengths);
        cost->fields[i] = residue_bits(lengths, k->residues[i], kind->fields[i].bits);
        bits += cost->fields[i];
    }
    return bits;
}

double fit_costs(const struct tally *t, const struct schema *schema,
                 struct kind_cost costs[KINDS_MAX])
{
    double bits = 0;
    for (unsigned i = 0; i < schema->table->kind_count; i++)
        bits += kind_costs(&t->kinds[i], schema, &schema->kinds[i], &costs[i]);
    return bits;
}

/* -- which fields have codes of their own -- */

/* Fields whose residues are counted together: one, or the two positions that move together. */
struct candidate {
    unsigned kind;
    uint32_t fields; /* a bit for each */
    unsigned bits;
    uint64_t counts[RESIDUES];
    uint8_t lengths[RESIDUES];
    double saving;
};

static void gather(struct candidate *c, const struct tally *t, unsigned kind, uint32_t fields)
{
    *c = (struct candidate){.kind = kind, .fields = fields};
    for (unsigned i = 0; i < WIRE_FIELDS_MAX; i++) {
        if (!(fields >> i & 1)) continue;
        c->bits = t->schema->kinds[kind].fields[i].bits;
        for (unsigned j = 0; j < RESIDUES; j++)
            c->counts[j] += t->kinds[kind].residues[i][j];
    }
    fit_residues(c->lengths, c->counts, c->bits);
}

static unsigned find_candidates(struct candidate *list, const struct tally *t)
{
    unsigned count = 0;
    for (unsigned i = 0; i < t->schema->table->kind_count; i++) {
        const struct schema_kind *kind = &t->schema->kinds[i];
        uint32_t pair = 0;
        if (kind->moving_count == 2) pair = 1u << kind->moving[0] | 1u << kind->moving[1];
        if (pair != 0) gather(&list[count++], t, i, pair);
        for (unsigned j = 0; j < kind->wire_count; j++) {
            if (!(pair >> j & 1)) gather(&list[count++], t, i, 1u << j);
        }
    }
    return count;
}

static void use_code(struct fitted *f, const struct candidate *c, uint8_t index)
{
    for (unsigned i = 0; i < WIRE_FIELDS_MAX; i++) {
        if (c->fields >> i & 1) f->kinds[c->kind].residues[i] = index;
    }
}

void fit_codes(struct fitted *f, const struct tally *t)
{
    static struct candidate list[KINDS_MAX * WIRE_FIELDS_MAX];
    uint64_t all[RESIDUES] = {0};
    uint8_t shared;
    *f = (struct fitted){.set = {.codes = f->codes, .kinds = f->kinds}};
    unsigned count = find_candidates(list, t);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < RESIDUES; j++)
            all[j] += list[i].counts[j];
    }
    uint8_t *lengths = add_code(f, RESIDUES, &shared);
    fit_residues(lengths, all, 16);
    for (unsigned i = 0; i < t->schema->table->kind_count; i++) {
        if (t->schema->kinds[i].wire_count > 0) fit_shapes(f, t, i);
    }
    for (unsigned i = 0; i < count; i++) {
        struct candidate *c = &list[i];
        c->saving = residue_bits(lengths, c->counts, c->bits) -
                    residue_bits(c->lengths, c->counts, c->bits);
    }
    for (;;) {
        struct candidate *best = &list[0];
        for (unsigned i = 1; i < count; i++) {
            if (list[i].saving > best->saving) best = &list[i];
        }
        if (count == 0 || best->saving < SAVING_LEAST || f->set.code_count == CODES_MAX) return;
        uint8_t index;
        memcpy(add_code(f, RESIDUES, &index), best->lengths, RESIDUES);
        use_code(f, best, index);
        best->saving = 0;
    }
}
