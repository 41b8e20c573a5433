#include "tests/bench/feel/tally.h"

#include <stdlib.h>

#include "shared/check.h"

#define FIRST_CAPACITY 1024

void tally_add(struct tally *t, double value)
{
    if (t->count == t->capacity) {
        t->capacity = t->capacity == 0 ? FIRST_CAPACITY : 2 * t->capacity;
        t->values = realloc(t->values, t->capacity * sizeof t->values[0]);
        ASSERT(t->values != NULL);
    }
    t->values[t->count++] = (float)value;
}

void tally_deinit(struct tally *t)
{
    free(t->values);
    *t = (struct tally){0};
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

double tally_quantile(struct tally *t, double part)
{
    if (t->count == 0) return 0;
    qsort(t->values, t->count, sizeof t->values[0], compare);
    return (double)t->values[(size_t)(part * (double)(t->count - 1) + 0.5)];
}

double tally_mean(const struct tally *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->count; i++)
        sum += (double)t->values[i];
    return t->count == 0 ? 0 : sum / (double)t->count;
}
