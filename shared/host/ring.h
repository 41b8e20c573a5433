/* ring.h - a bounded queue of fixed-size records from one thread to one other, without a lock.
 *
 * Place:   the only way two threads hand each other things, immutable frames aside: usercmds from
 *          worker to room thread, ticks from room thread to recorder.
 * Memory:  ring_init() allocates once; records are copied in and out. A ring found empty is filled
 *          from its first place on again, so that only what has ever waited at once is resident.
 * Errors:  a full ring refuses the record; what then happens is the pusher's stated rule.
 */
#ifndef TICKWIRE_SHARED_HOST_RING_H
#define TICKWIRE_SHARED_HOST_RING_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define CACHE_LINE_BYTES 64

/* The two indices count records for ever and wrap; each lies on a cache line of its own beside the
 * copy of the other that its thread read last, so that a push rarely touches the popper's line. */
struct ring {
    alignas(CACHE_LINE_BYTES) _Atomic size_t pushed_count;
    size_t popped_seen; /* the pusher's copy of popped_count */
    size_t first; /* the record in the first place: the pusher moves it while all are popped */
    alignas(CACHE_LINE_BYTES) _Atomic size_t popped_count;
    size_t pushed_seen;                         /* the popper's copy of pushed_count */
    alignas(CACHE_LINE_BYTES) uint8_t *records; /* owned */
    size_t record_bytes;
    size_t capacity; /* a power of two */
};

/* Makes an empty ring for at least `capacity` records. RESULT_IO when there is no memory. */
enum result ring_init(struct ring *ring, size_t capacity, size_t record_bytes);

/* Both threads must be done with it. */
void ring_deinit(struct ring *ring);

/* Copies `record` in, or answers RESULT_FULL. `became_nonempty` (may be NULL) tells whether the
 * popper may have found the ring empty and must be woken; it is never missed, but may be told once
 * too often. For the pushing thread only. */
enum result ring_push(struct ring *ring, const void *record, bool *became_nonempty);

/* Copies the oldest record out, or answers false: empty. A popper that sleeps on an eventfd pops
 * until false first. For the popping thread only. */
bool ring_pop(struct ring *ring, void *record);

/* Returns the oldest record, which stays there until it is popped, or NULL: empty, with the same
 * meaning as in ring_pop(). For the popping thread only. */
const void *ring_peek(struct ring *ring);

/* A lower bound for the popper, an upper one for the pusher, a hint for anyone else. */
size_t ring_count(const struct ring *ring);

#endif
