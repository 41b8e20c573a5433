/* codes.h - which codes a schema uses: a game's trained ones, or those for games untrained.
 *
 * Place:   schema_init() alone calls it; tools/train fits new ones with the same alphabets
 *          (fields.h).
 * Layout:  PROTOCOL.md "Code tables".
 */
#ifndef TICKWIRE_SHARED_CODES_H
#define TICKWIRE_SHARED_CODES_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/fields.h"

/* Fills s->codes and the kinds' indexes into them, the kinds being sorted. False if a set of the
 * table breaks a rule: every shape, mask and residue that can occur has a word, no other has. */
bool codes_make(struct schema *s);

/* How often the symbols of a game untrained are taken to occur; tools/train adds what it counts.
 * Weights of what cannot occur are 0. Shapes are those of a kind that rested or moved. */
void codes_guess_shapes(const struct schema_kind *kind, bool moved, uint32_t weights[SHAPES]);
void codes_guess_masks(unsigned rare_count, uint32_t weights[1 << MASK_FIELDS_MAX]);
void codes_guess_residues(uint32_t weights[RESIDUES]);

/* Returns how many symbols a mask of so many rare fields has, 0 if it is not coded as one. */
unsigned codes_mask_count(unsigned rare_count);

#endif
