/* rng.h - the simulation's random numbers: xoshiro128**, its state part of the world's.
 *
 * Place:   games draw from world->state->rng inside step(), bots from their own.
 * Source:  Blackman and Vigna, "Scrambled linear pseudorandom number generators" (public domain).
 */
#ifndef TICKWIRE_SHARED_RNG_H
#define TICKWIRE_SHARED_RNG_H

#include <stdint.h>

struct rng {
    uint32_t words[4]; /* never all zero after rng_init() */
};

void rng_init(struct rng *r, uint64_t seed);

uint32_t rng_next(struct rng *r);

/* Returns a number in 0..bound-1; bound > 0. The bias is below bound / 2^32. */
uint32_t rng_below(struct rng *r, uint32_t bound);

#endif
