#include "shared/codes.h"

#include "shared/bytes.h"
#include "shared/check.h"

_Static_assert(SHAPES <= CODE_SYMBOLS_MAX && RESIDUES <= CODE_SYMBOLS_MAX, "symbols fit a code");
_Static_assert(1 << MASK_FIELDS_MAX <= CODE_SYMBOLS_MAX, "masks fit a code");

bool schema_has_shape(const struct schema_kind *kind, unsigned shape)
{
    unsigned miss = shape % MISSES;
    if (shape >= SHAPE_RARE && kind->rare_count == 0) return false;
    if (shape / SHAPE_TURNING % 2 == 1 && kind->turning_count == 0) return false;
    if (miss == 0 || kind->moving_count == 2) return true;
    return miss == MISS_FAR && kind->moving_count > 0;
}

unsigned codes_mask_count(unsigned rare_count)
{
    return rare_count < 2 || rare_count > MASK_FIELDS_MAX ? 0 : (1u << rare_count) - 1;
}

/* -- a game untrained -- */

void codes_guess_shapes(const struct schema_kind *kind, bool moved, uint32_t weights[SHAPES])
{
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        unsigned miss = shape % MISSES;
        uint32_t weight = miss == 0 ? (moved ? 96 : 512) : miss == MISS_FAR ? 48 : 2;
        if (shape / SHAPE_TURNING % 2 == 0) weight *= 2;
        if (shape < SHAPE_RARE) weight *= 32;
        weights[shape] = schema_has_shape(kind, shape) ? weight : 0;
    }
}

void codes_guess_masks(unsigned rare_count, uint32_t weights[1 << MASK_FIELDS_MAX])
{
    for (unsigned i = 0; i < codes_mask_count(rare_count); i++)
        weights[i] = (i & (i + 1)) == 0 ? 8 : 1; /* one field alone */
}

void codes_guess_residues(uint32_t weights[RESIDUES])
{
    weights[0] = 1u << 15;
    for (unsigned bucket = 1; bucket <= RESIDUE_BUCKETS; bucket++) {
        unsigned size_bits = bucket > RESIDUE_EXACT ? 4 + (bucket - RESIDUE_EXACT - 1) / 2
                                                    : 32 - (unsigned)__builtin_clz(bucket);
        unsigned rarity = bucket > RESIDUE_EXACT ? size_bits + 3 : 2 * size_bits;
        weights[2 * bucket - 1] = weights[2 * bucket] = (1u << 16) >> rarity;
    }
    weights[RESIDUE_RAW] = 64;
}

static bool add_code(struct schema *s, const uint8_t *lengths, unsigned symbol_count,
                     uint8_t *index)
{
    if (s->code_count == CODES_MAX) return false;
    *index = (uint8_t)s->code_count;
    return code_init(&s->codes[s->code_count++], lengths, symbol_count) == RESULT_OK;
}

static bool add_fitted(struct schema *s, const uint32_t *weights, unsigned symbol_count,
                       uint8_t *index)
{
    uint8_t lengths[CODE_SYMBOLS_MAX];
    code_fit(lengths, weights, symbol_count);
    return add_code(s, lengths, symbol_count, index);
}

static bool has_any(const struct schema_kind *kind)
{
    return kind->wire_count > 0;
}

/* All residues share one code. */
static bool guess_all(struct schema *s)
{
    uint32_t weights[CODE_SYMBOLS_MAX];
    uint8_t residues;
    codes_guess_residues(weights);
    if (!add_fitted(s, weights, RESIDUES, &residues)) return false;
    for (unsigned i = 0; i < s->table->kind_count; i++) {
        struct schema_kind *kind = &s->kinds[i];
        if (!has_any(kind)) continue;
        for (unsigned moved = 0; moved < (kind->moving_count > 0 ? 2 : 1); moved++) {
            codes_guess_shapes(kind, moved, weights);
            if (!add_fitted(s, weights, SHAPES, &kind->shapes[moved])) return false;
        }
        unsigned mask_count = codes_mask_count(kind->rare_count);
        codes_guess_masks(kind->rare_count, weights);
        if (mask_count > 0 && !add_fitted(s, weights, mask_count, &kind->mask)) return false;
        for (unsigned j = 0; j < kind->wire_count; j++)
            kind->fields[j].code = residues;
    }
    return true;
}

/* -- a game's own -- */

static bool shapes_are_valid(const struct schema *s, const struct schema_kind *kind, uint8_t index)
{
    if (index >= s->code_count || s->codes[index].symbol_count != SHAPES) return false;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        bool has_word = code_length(&s->codes[index], shape) > 0;
        if (has_word != schema_has_shape(kind, shape)) return false;
    }
    return true;
}

/* All of its symbols have words. */
static bool is_whole(const struct schema *s, uint8_t index, unsigned symbol_count)
{
    if (index >= s->code_count || s->codes[index].symbol_count != symbol_count) return false;
    for (unsigned symbol = 0; symbol < symbol_count; symbol++) {
        if (code_length(&s->codes[index], symbol) == 0) return false;
    }
    return true;
}

static bool take_kind(const struct schema *s, struct schema_kind *kind,
                      const struct kind_codes *codes)
{
    if (!has_any(kind)) return true;
    for (unsigned moved = 0; moved < (kind->moving_count > 0 ? 2 : 1); moved++) {
        kind->shapes[moved] = codes->shapes[moved];
        if (!shapes_are_valid(s, kind, kind->shapes[moved])) return false;
    }
    unsigned mask_count = codes_mask_count(kind->rare_count);
    if (mask_count > 0) kind->mask = codes->mask;
    if (mask_count > 0 && !is_whole(s, kind->mask, mask_count)) return false;
    for (unsigned i = 0; i < kind->wire_count; i++) {
        kind->fields[i].code = codes->residues[i];
        if (!is_whole(s, kind->fields[i].code, RESIDUES)) return false;
    }
    return true;
}

bool codes_make(struct schema *s)
{
    const struct code_set *set = s->table->codes;
    if (set == NULL) return guess_all(s);

    for (unsigned i = 0; i < set->code_count; i++) {
        uint8_t index;
        if (!add_code(s, set->codes[i].lengths, set->codes[i].symbol_count, &index)) return false;
    }
    for (unsigned i = 0; i < s->table->kind_count; i++) {
        if (!take_kind(s, &s->kinds[i], &set->kinds[i])) return false;
    }
    return true;
}
