/* deflate.h - compresses and inflates the messages of WebSockets that agreed on it.
 *
 * Place:   ws_conn asks it for each message; the terms come from deflate_offer. A home of zlib.
 * Memory:  without context takeover a message needs nothing of the one before, so that all
 *          connections of a worker share its streams and a connection holds none. One that takes
 *          over owns its streams, 12 to 300 KB each; one budget of the server bounds them all.
 *          Results are borrowed from the worker until the next call of the same kind.
 * Errors:  inflating stops at the limit, however small the input: RESULT_TOO_BIG. RESULT_INVALID:
 *          no deflated data, or no UTF-8. RESULT_FULL: no memory.
 * Source:  RFC 7692 §7.2, RFC 1951.
 */
#ifndef TICKWIRE_SERVER_WS_DEFLATE_H
#define TICKWIRE_SERVER_WS_DEFLATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/ws/deflate_offer.h"
#include "shared/result.h"

/* Shorter messages leave as they are: the header and the first literals cost what they save. */
#define DEFLATE_MESSAGE_BYTES_MIN 128

/* What all connections that take over may hold together. */
struct deflate_budget {
    size_t limit_bytes;
    _Atomic size_t used_bytes;
};

/* A result that grows with what it really holds. */
struct deflate_buffer {
    uint8_t *bytes; /* owned; NULL: none yet */
    size_t capacity_bytes;
};

struct z_stream_s;

/* What the connections of one worker share. */
struct deflate_worker {
    struct deflate_budget *budget;                             /* borrowed */
    struct z_stream_s *deflaters[DEFLATE_WINDOW_BITS_MAX + 1]; /* owned, by window, on first need */
    struct z_stream_s *inflater;                               /* owned, on first need */
    struct deflate_buffer deflated, inflated;
};

/* A connection's part. Zeroed: nothing was agreed on. */
struct deflate {
    struct deflate_worker *worker; /* borrowed */
    struct deflate_terms terms;
    struct z_stream_s *deflater, *inflater; /* owned where the side takes over, else the worker's */
    size_t budgeted_bytes;
};

void deflate_worker_init(struct deflate_worker *worker, struct deflate_budget *budget);
void deflate_worker_deinit(struct deflate_worker *worker);

/* Makes ready for the terms. RESULT_FULL: the budget has no place for what they would hold, or there
 * is no memory; then `d` is as if nothing had been agreed on. */
enum result deflate_open(struct deflate *d, struct deflate_worker *worker,
                         const struct deflate_terms *terms);
void deflate_close(struct deflate *d);

/* Bytes and, in front of them, as many that may be overwritten as were asked for. */
struct deflate_result {
    uint8_t *bytes;
    size_t length_bytes;
};

/* Whether a message of that length is worth it. */
bool deflate_is_worthwhile(const struct deflate *d, size_t length_bytes);

/* Compresses one message. RESULT_FULL: it is to be sent as it is. */
enum result deflate_compress(struct deflate *d, const uint8_t *bytes, size_t length_bytes,
                             size_t room_in_front_bytes, struct deflate_result *result);

/* The message compressed last was not sent: what follows may not refer to it. */
void deflate_forget(struct deflate *d);

/* Inflates one message of up to `limit_bytes`; a text is checked as it comes out. */
enum result deflate_inflate(struct deflate *d, const uint8_t *bytes, size_t length_bytes,
                            size_t limit_bytes, bool is_text, struct deflate_result *result);

#endif
