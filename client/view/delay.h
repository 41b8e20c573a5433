/* delay.h - how far behind the server's time the world is drawn, so that there is mostly a newer
 * state to move towards.
 *
 * Place:   told of every snapshot; the view subtracts it from the server's time (tickclock.h).
 * Rule:    95 % of the snapshots of the last 5 s came before it ran out, 10 ms to spare: the
 *          interval between two plus how late they were. 100 to 250 ms at 20 Hz, 150 to 400 ms
 *          below. A change of the cadence counts as soon as it is told. It changes at 5 % of real time at most, so that motion never jumps.
 */
#ifndef TICKWIRE_CLIENT_VIEW_DELAY_H
#define TICKWIRE_CLIENT_VIEW_DELAY_H

#include <stdint.h>

#define DELAY_SAMPLES      100 /* 5 s at 20 Hz */
#define DELAY_WINDOW_US    5000000
#define DELAY_SLEW_DIVISOR 20 /* 5 % */

struct delay_sample {
    uint64_t at_us;
    int64_t needed_us;
};

struct delay {
    struct delay_sample samples[DELAY_SAMPLES]; /* a ring */
    uint32_t sample_count;                      /* ever taken */
    int64_t target_us;
    int64_t shown_us;
    uint64_t slewed_us; /* local time up to which shown_us was moved; 0: not yet */
};

void delay_init(struct delay *d);

/* Takes note of a snapshot that came when the one before had been due `needed_us` ago; `cadence` is
 * the ticks between two snapshots. */
void delay_note(struct delay *d, int64_t needed_us, unsigned cadence, uint64_t now_us);

/* The server sends every `cadence` ticks from now on: what was needed before says nothing. */
void delay_set_cadence(struct delay *d, unsigned cadence);

/* Moves what is shown towards the target. Call it once a frame. */
void delay_advance(struct delay *d, uint64_t now_us);

#endif
