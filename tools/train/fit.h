/* fit.h - makes a game's codes of what was counted.
 *
 * Place:   between tally.c and the generated source (source.c).
 * Rules:   every symbol that can occur has a word, as if it had been seen a few times more often
 *          than it was, by the guess for games untrained. A field has a code of its own if that
 *          saves more than it takes to say so; the others share one.
 */
#ifndef TICKWIRE_TOOLS_TRAIN_FIT_H
#define TICKWIRE_TOOLS_TRAIN_FIT_H

#include "tools/train/tally.h"

struct fitted {
    uint8_t lengths[CODES_MAX][CODE_SYMBOLS_MAX];
    struct code_lengths codes[CODES_MAX];
    struct kind_codes kinds[KINDS_MAX];
    struct code_set set; /* of the arrays above: do not move it */
};

void fit_codes(struct fitted *f, const struct tally *t);

/* What all counted updates of one kind take, in bits, by what takes them. */
struct kind_cost {
    double shapes, masks, fields[WIRE_FIELDS_MAX];
};

/* Fills costs[] with what the counted updates take in the codes of `schema`, kind by kind. Returns
 * the bits of all. */
double fit_costs(const struct tally *t, const struct schema *schema,
                 struct kind_cost costs[KINDS_MAX]);

#endif
