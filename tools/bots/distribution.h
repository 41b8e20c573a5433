/* distribution.h - how a measured quantity is spread, in fixed memory, to 1.6 % of each value.
 *
 * Place:   report.h keeps one of every state age and every jitter of a run.
 * Memory:  plain data; all zero is empty.
 * Layout:  values below 128 have a bucket each; above, 64 buckets to each power of two.
 */
#ifndef TICKWIRE_TOOLS_BOTS_DISTRIBUTION_H
#define TICKWIRE_TOOLS_BOTS_DISTRIBUTION_H

#include <stdint.h>

#define DISTRIBUTION_BITS    40 /* larger values count as the largest: 12 days in µs */
#define DISTRIBUTION_BUCKETS ((DISTRIBUTION_BITS - 5) * 64)

struct distribution {
    uint64_t count;
    uint32_t buckets[DISTRIBUTION_BUCKETS];
};

void distribution_add(struct distribution *d, uint64_t value);

/* Returns the value that `per_mille` of 1000 do not exceed, the middle of its bucket; empty: 0. */
uint64_t distribution_quantile(const struct distribution *d, unsigned per_mille);

/* Returns the mean, to the middle of each value's bucket; empty: 0. */
uint64_t distribution_mean(const struct distribution *d);

#endif
