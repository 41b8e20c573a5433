/* timers.h - absolute deadlines for many objects: a hashed wheel, coarse and O(1).
 *
 * Place:   one per worker; conns, HTTP requests and WebSockets embed a struct timer.
 * Memory:  the wheel is one array of list heads; timers belong to their owners, who cancel them
 *          before they vanish.
 */
#ifndef TICKWIRE_SERVER_NET_TIMERS_H
#define TICKWIRE_SERVER_NET_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#define TIMERS_SLOT_MS    64 /* a timer expires up to this much late, never early */
#define TIMERS_SLOT_COUNT 512

struct timer {
    struct timer *next, *previous; /* NULL while not set */
    uint64_t deadline_ms;
    void (*expired)(struct timer *timer); /* called once, with the timer no longer set */
};

struct timers {
    struct timer slots[TIMERS_SLOT_COUNT]; /* list heads */
    uint64_t next_slot;                    /* the first one not yet looked at */
    uint64_t set_count;
};

void timers_init(struct timers *timers, uint64_t now_ms);

/* Sets it, anew if it was set. */
void timers_set(struct timers *timers, struct timer *timer, uint64_t deadline_ms);

/* Nothing happens if it is not set. */
void timers_cancel(struct timers *timers, struct timer *timer);

/* Calls every timer whose deadline has passed; what they do to other timers is allowed. */
void timers_advance(struct timers *timers, uint64_t now_ms);

#endif
