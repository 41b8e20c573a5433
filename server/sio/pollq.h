/* pollq.h - what an Engine.IO session will be told by its next poll: bounded, in order.
 *
 * Place:   eio_session pushes while the session is on polling; a poll takes all of it, and so does
 *          the switch to a WebSocket.
 * Layout:  the bytes of a polling payload, as eio_packet.h has it: separators between packets,
 *          bytes as base64.
 * Memory:  the first few bytes stand in the struct, so that a session which never polls holds no
 *          block; the rest in blocks of the worker's pool.
 * Errors:  what would pass the limit, or finds no block, is refused whole.
 */
#ifndef TICKWIRE_SERVER_SIO_POLLQ_H
#define TICKWIRE_SERVER_SIO_POLLQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/pool.h"
#include "server/net/sendq.h"
#include "shared/result.h"

#define POLLQ_SMALL_BYTES 120

struct pollq {
    struct sendq rest; /* behind what stands in `small` */
    uint8_t small_bytes;
    uint8_t small[POLLQ_SMALL_BYTES];
};

void pollq_init(struct pollq *o, size_t limit_bytes);
void pollq_deinit(struct pollq *o, struct pool *blocks);

/* Appends a packet: its type and data as text ("4hello"), or a message of bytes. RESULT_FULL. */
enum result pollq_push_text(struct pollq *o, struct pool *blocks, const uint8_t *bytes,
                            size_t length_bytes);
enum result pollq_push_bytes(struct pollq *o, struct pool *blocks, const uint8_t *bytes,
                             size_t length_bytes);

/* Whether a text of that length, and behind it that many bytes of attachments, would fit. */
bool pollq_has_room(const struct pollq *o, const struct pool *blocks, size_t text_bytes,
                    size_t binary_bytes);

static inline size_t pollq_bytes(const struct pollq *o)
{
    return o->small_bytes + o->rest.bytes;
}

/* Moves everything to bytes[0..pollq_bytes(o)); the pollq is empty then. */
void pollq_take(struct pollq *o, struct pool *blocks, uint8_t *bytes);

#endif
