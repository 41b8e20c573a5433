/* pool.h - a fixed number of items of one size, taken and given back.
 *
 * Place:   each worker has one per consumer: conns, HTTP and WebSocket states, byte blocks.
 * Memory:  the address range is reserved at start; a page costs memory from its first use, so a
 *          generous capacity is cheap. Items given back are taken first: the touched part stays
 *          as small as the peak was.
 * Errors:  an empty pool answers NULL; the taker refuses, closes or drops, as it states.
 */
#ifndef TICKWIRE_SERVER_NET_POOL_H
#define TICKWIRE_SERVER_NET_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

struct pool {
    uint8_t *items; /* owned mapping */
    void *given;    /* list of items given back, linked through their first bytes */
    size_t item_bytes, capacity;
    size_t touched_count; /* items ever taken: items[0..touched_count) */
    size_t taken_count;   /* out now */
};

/* `item_bytes` is rounded up so that items are aligned as malloc's are. */
enum result pool_init(struct pool *pool, size_t item_bytes, size_t capacity, struct error *error);
void pool_deinit(struct pool *pool);

/* An item with undefined content, or NULL when all are taken. */
void *pool_take(struct pool *pool);

/* `item` must come from this pool. */
void pool_give(struct pool *pool, void *item);

#endif
