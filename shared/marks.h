/* marks.h - a set of small numbers as bits, quick to walk where few are in it.
 *
 * Place:   seats and bodies: rooms have places for a thousand and mostly a dozen taken.
 * Memory:  the caller's words, MARKS_WORDS(capacity) of them; all zero is the empty set.
 */
#ifndef TICKWIRE_SHARED_MARKS_H
#define TICKWIRE_SHARED_MARKS_H

#include <stdint.h>

#define MARKS_WORDS(capacity) (((capacity) + 63u) / 64u)
#define MARKS_NONE            UINT32_MAX

static inline void marks_put(uint64_t *words, uint32_t number)
{
    words[number / 64] |= UINT64_C(1) << number % 64;
}

static inline void marks_take(uint64_t *words, uint32_t number)
{
    words[number / 64] &= ~(UINT64_C(1) << number % 64);
}

/* Returns the lowest number of the set from `from` on and below `capacity`, or MARKS_NONE. */
static inline uint32_t marks_next(const uint64_t *words, uint32_t capacity, uint32_t from)
{
    uint64_t above = ~UINT64_C(0) << from % 64;
    for (uint32_t i = from / 64; i < MARKS_WORDS(capacity); i++, above = ~UINT64_C(0)) {
        if ((words[i] & above) != 0) return i * 64 + (uint32_t)__builtin_ctzll(words[i] & above);
    }
    return MARKS_NONE;
}

/* Returns the highest number of the set below `end`, or MARKS_NONE. */
static inline uint32_t marks_before(const uint64_t *words, uint32_t end)
{
    uint64_t below = (UINT64_C(1) << end % 64) - 1;
    for (uint32_t i = end / 64 + 1; i-- > 0; below = ~UINT64_C(0)) {
        uint64_t word = below == 0 ? 0 : words[i] & below;
        if (word != 0) return i * 64 + 63 - (uint32_t)__builtin_clzll(word);
    }
    return MARKS_NONE;
}

#endif
