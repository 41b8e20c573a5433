/* ws_client.h - one WebSocket connection, from the client's end, between two byte streams: TLS, the
 * opening handshake, frames in, frames out. It does no I/O.
 *
 * Place:   link carries its bytes to and from a socket; the codec is shared's, TLS is tls.c's.
 * Use:     ws_client_feed() what the socket gave, ws_client_next() until RESULT_AGAIN or _CLOSED,
 *          ws_client_drain() until 0; also after every send.
 * Memory:  one block, created per connection; events are borrowed until the next call.
 * Errors:  whatever the peer does ends in RESULT_CLOSED and ws_client_ending(); what is drained
 *          then (a close frame, an alert) is still worth sending.
 * Source:  RFC 6455 §4.1, §5.5, §7.
 */
#ifndef TICKWIRE_CLIENT_SDL_WS_CLIENT_H
#define TICKWIRE_CLIENT_SDL_WS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/ending.h"
#include "client/sdl/url.h"
#include "shared/result.h"

#define WS_CLIENT_FEED_BYTES_MAX 16384 /* at once */

struct tls_context;
struct ws_client;

enum ws_client_event_kind {
    WS_CLIENT_NOTHING,
    WS_CLIENT_OPENED, /* the handshake is done: messages may be sent */
    WS_CLIENT_MESSAGE /* a binary message */
};

struct ws_client_event {
    enum ws_client_event_kind kind;
    const uint8_t *bytes; /* WS_CLIENT_MESSAGE */
    size_t length_bytes;
};

/* Starts a connection to `url`, whose request is there to be drained at once. `tls` is needed if
 * the url is secure, and borrowed during this call only. NULL: no memory. */
struct ws_client *ws_client_create(const struct url *url, struct tls_context *tls);
void ws_client_destroy(struct ws_client *c);

/* Takes 1..WS_CLIENT_FEED_BYTES_MAX bytes of the socket's; ws_client_next() must have answered
 * RESULT_AGAIN since the last ones. */
void ws_client_feed(struct ws_client *c, const uint8_t *bytes, size_t length_bytes);

/* RESULT_OK: something happened; RESULT_AGAIN: more bytes are needed; RESULT_CLOSED: it is over.
 * Pings are answered on the way. */
enum result ws_client_next(struct ws_client *c, struct ws_client_event *event);

/* Takes out bytes for the socket; 0 when there are none. */
size_t ws_client_drain(struct ws_client *c, uint8_t *bytes, size_t capacity_bytes);

/* Frames one binary message of up to MESSAGE_UP_BYTES_MAX. RESULT_FULL: drain first. Only once
 * opened. */
enum result ws_client_send(struct ws_client *c, const uint8_t *bytes, size_t length_bytes);

/* Asks for a sign of life. */
void ws_client_ping(struct ws_client *c);

/* Says goodbye by `code`; ended as far as we are concerned. */
void ws_client_close(struct ws_client *c, uint16_t code, const char *reason);

bool ws_client_is_open(const struct ws_client *c);

/* Why it is over; only after RESULT_CLOSED. */
const struct ending *ws_client_ending(const struct ws_client *c);

#endif
