/* narrow.h - one direction of a narrow link: a queue that drains at a rate, then some way to go.
 *
 * Place:   the relay keeps two of them for each connection it carries. Knows no sockets; time is
 *          passed in, so tests run in virtual time.
 * Model:   bytes queue before the bottleneck (at most buffer_bytes), leave it at the link's rate,
 *          in pieces no larger than a segment, and arrive delay_us later, plus up to jitter_us by
 *          chance, never out of order. Every stall_every_us the bottleneck stands still for
 *          stall_us, and until stop_until_us in any case.
 * Memory:  two rings, made by narrow_init().
 */
#ifndef TICKWIRE_TOOLS_NETSIM_NARROW_H
#define TICKWIRE_TOOLS_NETSIM_NARROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/rng.h"

#define NARROW_SEGMENT_BYTES 1448 /* of Ethernet with time stamps */

struct narrow_settings {
    uint64_t delay_us, jitter_us;
    uint64_t loss_percent;     /* of packets, where there are any (tun.h); bytes are never lost */
    uint64_t rate_bytes_per_s; /* 0: unlimited */
    uint64_t buffer_bytes;
    uint64_t stall_every_us, stall_us; /* 0: never */
    uint64_t stop_until_us;            /* on the clock that is passed in; 0: it does not stop */
};

struct narrow_piece {
    uint64_t depart_us, deliver_us;
    size_t length_bytes;
};

struct narrow {
    const struct narrow_settings *settings; /* borrowed; may change: then narrow_retime() */
    struct rng rng;
    uint64_t start_us; /* stalls are counted from here */
    uint64_t idle_us;  /* when the bottleneck has sent all it was given */
    uint64_t last_us;  /* when the newest piece arrives */
    uint8_t *bytes;    /* owned, a ring */
    size_t capacity_bytes, first_byte, held_bytes;
    struct narrow_piece *pieces; /* owned, a ring: oldest first */
    size_t piece_capacity, first_piece, piece_count;
    size_t departed_count; /* of the pieces: these have left the queue */
    size_t queued_bytes;   /* before the bottleneck */
};

/* Returns the bytes that a link with these settings may hold, queue and way together. */
size_t narrow_capacity_bytes(const struct narrow_settings *settings);

/* `capacity_bytes` is the largest of all settings that it will have. */
enum result narrow_init(struct narrow *n, const struct narrow_settings *settings,
                        size_t capacity_bytes, uint64_t seed, uint64_t now_us);
void narrow_deinit(struct narrow *n);

/* The settings have changed: what stands before the bottleneck leaves it by the new ones. A piece
 * that was just leaving begins anew. */
void narrow_retime(struct narrow *n, uint64_t now_us);

/* Returns how many bytes the link takes now; 0: its buffer is full, so do not read on. */
size_t narrow_free_bytes(struct narrow *n, uint64_t now_us);

/* Puts in bytes[0..length_bytes), at most narrow_free_bytes(). */
void narrow_put(struct narrow *n, const uint8_t *bytes, size_t length_bytes, uint64_t now_us);

/* Returns how many bytes have arrived and lie at *bytes; there may be more behind them. */
size_t narrow_arrived(const struct narrow *n, uint64_t now_us, const uint8_t **bytes);

/* Returns the length of the first piece that has arrived, 0 if none has: a packet, if each was put in
 * alone and none was longer than a segment. */
size_t narrow_first_bytes(const struct narrow *n, uint64_t now_us);

/* Takes away the first `length_bytes` of those. */
void narrow_take(struct narrow *n, size_t length_bytes);

/* Returns when the next bytes leave the queue or arrive, those aside that have arrived by now;
 * UINT64_MAX if there are none. */
uint64_t narrow_next_us(const struct narrow *n, uint64_t now_us);

static inline bool narrow_is_empty(const struct narrow *n)
{
    return n->held_bytes == 0;
}

#endif
