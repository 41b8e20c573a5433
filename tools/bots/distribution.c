#include "tools/bots/distribution.h"

#include "shared/check.h"

#define LINEAR_BITS 7 /* below 2^7 each value has a bucket of its own */
#define VALUE_MAX   ((UINT64_C(1) << DISTRIBUTION_BITS) - 1)

/* How many low bits the bucket of `value` leaves open. */
static unsigned open_bits(uint64_t value)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    return bits > LINEAR_BITS ? bits - LINEAR_BITS : 0;
}

void distribution_add(struct distribution *d, uint64_t value)
{
    if (value > VALUE_MAX) value = VALUE_MAX;
    unsigned open = open_bits(value);
    d->buckets[open * 64 + (value >> open)]++;
    d->count++;
}

static uint64_t bucket_middle(unsigned bucket)
{
    if (bucket < 128) return bucket;
    unsigned open = bucket / 64 - 1;
    uint64_t low = (uint64_t)(bucket - open * 64) << open;
    return low + (UINT64_C(1) << open) / 2;
}

uint64_t distribution_quantile(const struct distribution *d, unsigned per_mille)
{
    ASSERT(per_mille <= 1000);

    uint64_t wanted = (d->count * per_mille + 999) / 1000, seen = 0;
    for (unsigned i = 0; i < DISTRIBUTION_BUCKETS; i++) {
        seen += d->buckets[i];
        if (seen > 0 && seen >= wanted) return bucket_middle(i);
    }
    return 0;
}

uint64_t distribution_mean(const struct distribution *d)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < DISTRIBUTION_BUCKETS; i++)
        sum += d->buckets[i] * bucket_middle(i);
    return d->count > 0 ? sum / d->count : 0;
}
