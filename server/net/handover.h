/* handover.h - connections on their way to another worker: a bounded queue of them, any to one.
 *
 * Place:   each worker has one; whoever finds that a request belongs to it pushes the connection
 *          with what has been read of it. The worker takes only what was there before it last
 *          waited, so that all it was told by its own sockets until then comes first.
 * Memory:  a ring of fixed places, mapped at start; a page costs memory from its first use. A
 *          descriptor in it is owned by it.
 * Errors:  RESULT_FULL: nothing was handed over, the pusher answers itself.
 */
#ifndef TICKWIRE_SERVER_NET_HANDOVER_H
#define TICKWIRE_SERVER_NET_HANDOVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/conn.h"

#define HANDOVER_PLACES 256

struct handover_item {
    struct conn_parts parts;
    unsigned requests; /* that were answered on it before */
    size_t length_bytes;
    uint8_t bytes[NET_BLOCK_BYTES]; /* what was read and not consumed: the request, and more */
};

struct handover {
    pthread_mutex_t lock;
    struct handover_item *items; /* owned mapping; NULL: not open */
    uint64_t pushed, taken;      /* how many ever; under the lock */
};

enum result handover_init(struct handover *h, struct error *error);

/* Closes what is still in it. */
void handover_deinit(struct handover *h);

/* Appends a connection; *was_empty tells whether the worker must be woken. Bytes beyond a block are
 * RESULT_FULL. */
enum result handover_push(struct handover *h, const struct conn_parts *parts, unsigned requests,
                          const uint8_t *bytes, size_t length_bytes, bool *was_empty);

/* A moment ago, that is: others push, too. */
bool handover_is_full(struct handover *h);

/* How many have been pushed so far, and whether any of them wait. */
uint64_t handover_pushed(struct handover *h, bool *has_any);

/* The next one if it is among the first `end` pushed, else NULL. Borrowed until handover_pop(). */
struct handover_item *handover_peek(struct handover *h, uint64_t end);
void handover_pop(struct handover *h);

#endif
