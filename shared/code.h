/* code.h - static prefix codes: what is frequent takes few bits, by a table both ends have.
 *
 * Place:   schema_init() makes them of a game's trained lengths; delta.c writes entities with them.
 * Layout:  a code is told by the length of each of its symbols' words. Words are numbered
 *          canonically: by length, then by symbol, each one more than the one before, and followed
 *          by zeros where the length grows (RFC 1951 §3.2.2). A word's highest bit goes first.
 * Memory:  some 1400 bytes a code, the caller's.
 */
#ifndef TICKWIRE_SHARED_CODE_H
#define TICKWIRE_SHARED_CODE_H

#include <stdint.h>

#include "shared/bits.h"
#include "shared/result.h"

#define CODE_SYMBOLS_MAX 128
#define CODE_BITS_MAX    12 /* of a word */
#define CODE_LOOKUP_BITS 9  /* words up to here are read by one look into a table */

struct code {
    uint8_t symbol_count;
    uint8_t long_count;
    uint16_t words[CODE_SYMBOLS_MAX];       /* as sent, lowest bit first; length << 12 */
    uint16_t lookup[1 << CODE_LOOKUP_BITS]; /* symbol | length << 8; 0: a longer word */
    uint8_t long_symbols[CODE_SYMBOLS_MAX]; /* those with longer words */
};

/* RESULT_INVALID unless the lengths (0: the symbol does not occur) make a code with a meaning for
 * every sequence of bits. */
enum result code_init(struct code *c, const uint8_t *lengths, unsigned symbol_count);

/* Fills lengths[] for symbols that occur as often as weights[] say (0: never; at least two do). */
void code_fit(uint8_t *lengths, const uint32_t *weights, unsigned symbol_count);

/* Returns the length of a symbol's word, 0 if it has none. */
static inline unsigned code_length(const struct code *c, unsigned symbol)
{
    return c->words[symbol] >> CODE_BITS_MAX;
}

/* Appends a symbol that has a word. */
static inline void code_put(struct bits_writer *w, const struct code *c, unsigned symbol)
{
    unsigned word = c->words[symbol];
    bits_append(w, word & ((1u << CODE_BITS_MAX) - 1), word >> CODE_BITS_MAX);
}

/* The rare case of code_get(). */
unsigned code_get_long(struct bits_reader *r, const struct code *c);

/* Takes a symbol; past the end, any. */
static inline unsigned code_get(struct bits_reader *r, const struct code *c)
{
    unsigned found = c->lookup[bits_peek(r) & ((1u << CODE_LOOKUP_BITS) - 1)];
    if (found == 0) return code_get_long(r, c);
    bits_skip(r, found >> 8);
    return found & 0xff;
}

#endif
