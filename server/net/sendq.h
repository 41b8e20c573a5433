/* sendq.h - the bytes of one connection that the kernel has not taken yet: bounded, in order.
 *
 * Place:   conn sends directly while it is empty, and puts the rest here.
 * Memory:  blocks are taken from the worker's pool as bytes come and given back as they leave: an
 *          empty queue holds none.
 * Errors:  a push that would pass the limit, or that the pool cannot hold, is refused whole.
 */
#ifndef TICKWIRE_SERVER_NET_SENDQ_H
#define TICKWIRE_SERVER_NET_SENDQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/pool.h"
#include "shared/result.h"

struct sendq_block;

/* The pool that sendqs share has items of this size. */
#define SENDQ_BLOCK_BYTES 16384

/* What lies together at least, if so much was pushed at once to an empty queue. */
#define SENDQ_PIECE_BYTES (SENDQ_BLOCK_BYTES - 16)

struct sendq {
    struct sendq_block *first, *last; /* owned; NULL when empty */
    size_t bytes;                     /* <= limit_bytes */
    size_t limit_bytes;
};

void sendq_init(struct sendq *q, size_t limit_bytes);
void sendq_deinit(struct sendq *q, struct pool *blocks);

/* Whether limit and pool let `length_bytes` more in. */
bool sendq_has_room(const struct sendq *q, const struct pool *blocks, size_t length_bytes);

/* Appends a copy; RESULT_FULL leaves the queue as it was. */
enum result sendq_push(struct sendq *q, struct pool *blocks, const uint8_t *bytes,
                       size_t length_bytes);

/* The oldest bytes that lie together; NULL and 0 when empty. Borrowed until the next call. */
const uint8_t *sendq_peek(const struct sendq *q, size_t *length_bytes);

/* Drops the oldest `length_bytes`, at most what the last sendq_peek() told. */
void sendq_pop(struct sendq *q, struct pool *blocks, size_t length_bytes);

#endif
