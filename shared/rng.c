#include "shared/rng.h"

#include "shared/check.h"

static uint32_t rotate_left(uint32_t x, unsigned k)
{
    return x << k | x >> (32 - k);
}

/* splitmix64 spreads the seed, so that seeds 1, 2, 3 give unrelated streams. */
static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

void rng_init(struct rng *r, uint64_t seed)
{
    for (unsigned i = 0; i < 4; i++)
        r->words[i] = (uint32_t)(splitmix64(&seed) >> 32);
    r->words[0] |= 1;
}

uint32_t rng_next(struct rng *r)
{
    uint32_t *s = r->words;
    uint32_t result = rotate_left(s[1] * 5, 7) * 9;
    uint32_t t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 11);
    return result;
}

uint32_t rng_below(struct rng *r, uint32_t bound)
{
    ASSERT(bound > 0);
    return (uint32_t)((uint64_t)rng_next(r) * bound >> 32);
}
