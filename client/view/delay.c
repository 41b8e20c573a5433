#include "client/view/delay.h"

#include "client/view/tickclock.h"

#define SPARE_US     10000
#define LATE_ONE_OF  20 /* 95 % are in time */
#define LARGEST_KEPT (DELAY_SAMPLES / LATE_ONE_OF + 1)
#define MIN_US       100000
#define MAX_US       250000
#define SLOW_MIN_US  150000
#define SLOW_MAX_US  400000

void delay_init(struct delay *d)
{
    *d = (struct delay){.target_us = MIN_US, .shown_us = MIN_US};
}

/* Keeps the largest values, in descending order. */
static void insert(int64_t largest[LARGEST_KEPT], int64_t value)
{
    for (unsigned i = 0; i < LARGEST_KEPT; i++) {
        if (value <= largest[i]) continue;
        int64_t smaller = largest[i];
        largest[i] = value;
        value = smaller;
    }
}

static int64_t percentile_95(const struct delay *d, uint64_t now_us)
{
    uint32_t held = d->sample_count < DELAY_SAMPLES ? d->sample_count : DELAY_SAMPLES;
    int64_t largest[LARGEST_KEPT] = {0};
    uint32_t recent = 0;
    for (uint32_t i = 0; i < held; i++) {
        if (d->samples[i].at_us + DELAY_WINDOW_US < now_us) continue;
        insert(largest, d->samples[i].needed_us);
        recent++;
    }
    return largest[recent / LATE_ONE_OF];
}

static int64_t clamp_to_cadence(int64_t wanted_us, unsigned cadence)
{
    int64_t min_us = cadence > 1 ? SLOW_MIN_US : MIN_US;
    int64_t max_us = cadence > 1 ? SLOW_MAX_US : MAX_US;
    return wanted_us < min_us ? min_us : wanted_us > max_us ? max_us : wanted_us;
}

void delay_note(struct delay *d, int64_t needed_us, unsigned cadence, uint64_t now_us)
{
    d->samples[d->sample_count++ % DELAY_SAMPLES] =
        (struct delay_sample){.at_us = now_us, .needed_us = needed_us};

    d->target_us = clamp_to_cadence(percentile_95(d, now_us) + SPARE_US, cadence);
}

void delay_set_cadence(struct delay *d, unsigned cadence)
{
    d->sample_count = 0;
    d->target_us = clamp_to_cadence(cadence * (int64_t)TICK_US + SPARE_US, cadence);
}

void delay_advance(struct delay *d, uint64_t now_us)
{
    if (d->slewed_us == 0) d->slewed_us = now_us;
    if (now_us <= d->slewed_us) return;

    int64_t error_us = d->target_us - d->shown_us;
    int64_t limit_us = (int64_t)(now_us - d->slewed_us) / DELAY_SLEW_DIVISOR;
    if (limit_us == 0) return;

    d->slewed_us = now_us;
    d->shown_us += error_us > limit_us ? limit_us : error_us < -limit_us ? -limit_us : error_us;
}
