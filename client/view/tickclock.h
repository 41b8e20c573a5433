/* tickclock.h - a client's estimate of when the server's ticks are due, and of the round trip.
 *
 * Place:   fed by the clock parts of snapshots (snapshot.h); interpolation, state age and the net
 *          graph ask it. A local time is any monotonic clock in µs, passed in by the caller.
 * Rule:    an echo bounds the one-way delay by half its round trip; the echo with the shortest
 *          round trip among the last 16 is believed. What is shown follows the belief at 2 % of
 *          real time at most, and jumps only when it is more than 500 ms off.
 * Source:  shared/PROTOCOL.md for the echoes; RFC 3550 §6.4.1 for the jitter.
 */
#ifndef TICKWIRE_CLIENT_VIEW_TICKCLOCK_H
#define TICKWIRE_CLIENT_VIEW_TICKCLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/snapshot.h"

#define TICK_US                50000
#define TICKCLOCK_SAMPLES      16
#define TICKCLOCK_STEP_US      500000 /* an error above it is not slewed */
#define TICKCLOCK_SLEW_DIVISOR 50     /* 2 % */

/* A point on the server's time line. */
struct moment {
    uint32_t tick;
    uint32_t after_us; /* 0..TICK_US - 1 */
};

struct tickclock_sample {
    int64_t rtt_us;
    int64_t origin_us;
};

struct tickclock {
    bool shares_clock; /* with the server: both run on one machine, so due times need no estimate */
    bool has_origin;
    bool has_echo;
    bool has_due;
    uint32_t origin_tick; /* the first tick seen; all ticks are counted from it */
    int64_t believed_us;  /* local time at which origin_tick was due, best estimate */
    int64_t shown_us;     /* the same, slewed */
    uint64_t slewed_us;   /* local time up to which shown_us was moved */
    struct tickclock_sample samples[TICKCLOCK_SAMPLES]; /* a ring */
    uint32_t sample_count;                              /* ever taken */
    int64_t rtt_us;                                     /* of the last echo */
    int64_t jitter_us;
    int64_t transit_us; /* of the last snapshot: arrival after the believed due time */
    uint64_t due_us;    /* the server's own clock when due_tick was due */
    uint32_t due_tick;
};

/* Forgets everything. `shares_clock`: local times are the server's monotonic clock. */
void tickclock_init(struct tickclock *c, bool shares_clock);

/* Takes note of a snapshot's arrival: its header's tick and what it says about time. */
void tickclock_receive(struct tickclock *c, const struct seen *seen, uint64_t now_us);

/* Moves what is shown towards what is believed. Call it once a frame. */
void tickclock_advance(struct tickclock *c, uint64_t now_us);

/* Returns the server's time as shown, `back_us` ago; needs has_origin. */
struct moment tickclock_moment(const struct tickclock *c, uint64_t now_us, int64_t back_us);

/* Returns the local time at which `tick` was due, as believed; needs has_origin. */
int64_t tickclock_due_us(const struct tickclock *c, uint32_t tick);

/* Returns the shortest round trip among the last 16; 0 before the first echo. */
int64_t tickclock_rtt_min_us(const struct tickclock *c);

#endif
