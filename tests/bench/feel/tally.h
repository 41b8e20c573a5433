/* tally.h - numbers of one kind, kept to the end of a run: how they are spread.
 *
 * Place:   player.h keeps several, main.c prints them.
 * Memory:  owns a list that grows; a run has a known end.
 */
#ifndef TICKWIRE_TESTS_BENCH_FEEL_TALLY_H
#define TICKWIRE_TESTS_BENCH_FEEL_TALLY_H

#include <stddef.h>

struct tally {
    float *values; /* owned */
    size_t count, capacity;
};

void tally_add(struct tally *t, double value);
void tally_deinit(struct tally *t);

/* Returns the value that `part` (0..1) of all do not exceed; none: 0. Sorts the list. */
double tally_quantile(struct tally *t, double part);
double tally_mean(const struct tally *t);

#endif
