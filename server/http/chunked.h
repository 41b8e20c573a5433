/* chunked.h - takes the chunks of a request body apart: strict, in place, in pieces of any size.
 *
 * Place:   http_conn, for the few paths that take a body.
 * Memory:  a decoder is a few bytes of the caller's; what it decodes moves to the front of the
 *          bytes.
 * Errors:  chunk extensions, trailers, bare line feeds and sizes of more than eight digits are
 *          refused, though RFC 9112 allows some: no client of ours sends them, and two readers that
 *          differ on where a body ends are how requests are smuggled.
 * Source:  RFC 9112 §7.1.
 */
#ifndef TICKWIRE_SERVER_HTTP_CHUNKED_H
#define TICKWIRE_SERVER_HTTP_CHUNKED_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

enum chunked_state {
    CHUNKED_SIZE, /* the first digit of a size must come */
    CHUNKED_DIGITS,
    CHUNKED_SIZE_LF,
    CHUNKED_DATA,
    CHUNKED_DATA_CR,
    CHUNKED_DATA_LF,
    CHUNKED_LAST_CR, /* behind the chunk of no bytes: the empty line */
    CHUNKED_LAST_LF,
    CHUNKED_DONE
};

/* Zeroed, it is at the start of a body. */
struct chunked {
    uint8_t state; /* enum chunked_state */
    uint8_t digits;
    uint32_t left_bytes; /* of the chunk under way; the size so far while it is read */
};

/* How much of the input is used up, and how many bytes of the body now stand at its front. */
struct chunked_taken {
    size_t consumed_bytes, body_bytes;
};

/* RESULT_OK: the body ends there. RESULT_AGAIN: all is consumed, it goes on. RESULT_INVALID. */
enum result chunked_decode(struct chunked *c, uint8_t *bytes, size_t length_bytes,
                           struct chunked_taken *taken);

#endif
