/* ws_conn.h - the server's side of one WebSocket: messages in and out, pings, close, limits.
 *
 * Place:   upgrade.c makes one from an HTTP request on a WebSocket path; sessions stand on it.
 *          Everything happens on the conn's worker.
 * Memory:  from the worker's pool until closed() returns. A buffer for a message that comes in
 *          pieces is taken from the pool while it is needed.
 * Errors:  a peer that breaks a rule or a limit is closed here, with code and reason, and counted.
 * Source:  RFC 6455 §5 to §7; the limits: server/config.h.
 */
#ifndef TICKWIRE_SERVER_WS_WS_CONN_H
#define TICKWIRE_SERVER_WS_WS_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/request.h"
#include "server/net/conn.h"
#include "server/ws/deflate.h"
#include "shared/ws_reader.h"

struct ws_conn;

/* Why an upgrade is refused: an HTTP status and a line of text. What a page must be able to explain
 * is no refusal but a close after the 101. */
struct ws_refusal {
    unsigned status;
    const char *text; /* lives for ever */
};

/* What stands on a WebSocket path. Callbacks may send and close, on this ws_conn or another one of
 * the same worker. */
struct ws_handler {
    const char *const *subprotocols; /* by our preference; an offer without any of them gets 400 */
    size_t subprotocol_count;
    uint32_t message_bytes_max; /* 0: the config's, and until ws_conn_join() those of strangers */
    bool unlimited;             /* no rates, fragments or deadlines: for conformance tools */

    /* Before the 101; the request is readable here only. RESULT_OK accepts; anything else refuses
     * as `refusal` says, and nothing more is called. */
    enum result (*open)(struct ws_conn *ws, const struct http_request *request,
                        struct ws_refusal *refusal);

    /* After the 101: from here on one can send. */
    void (*opened)(struct ws_conn *ws);

    /* A whole message; the bytes are borrowed, and may be written to. */
    void (*message)(struct ws_conn *ws, bool is_text, uint8_t *bytes, size_t length_bytes);

    void (*pong)(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes);

    /* The queue, which had bytes, has none left. */
    void (*writable)(struct ws_conn *ws);

    /* Once, after open() succeeded: `code` is the peer's, else ours, else 1006. */
    void (*closed)(struct ws_conn *ws, unsigned code);
};

enum ws_state { WS_STATE_OPENING, WS_STATE_OPEN, WS_STATE_CLOSING, WS_STATE_CLOSED };

/* What the WebSockets of one worker share. */
struct ws_layer {
    struct pool conns;
    struct deflate_worker deflate;
    struct ws_conn *ended; /* closed in this turn; freed by ws_layer_turn_end() */
};

/* What a peer may still send before time gives it more, in thousandths. */
struct ws_allowance {
    uint64_t messages, bytes, controls;
};

struct ws_conn {
    struct conn *conn; /* NULL before the 101 and once closed */
    struct net *net;
    struct ws_layer *layer;
    struct ws_conn *next_ended;
    const struct ws_handler *handler;
    void *session;       /* the handler's */
    struct address peer; /* the forwarded one, behind a trusted proxy */
    bool is_forwarded;   /* a trusted proxy stands between */
    bool is_joined;      /* no stranger any more */
    int subprotocol;     /* index into handler->subprotocols, -1: none */
    const char
        *fields; /* further lines of the 101's head, or NULL; open() lends them until opened() */
    bool may_deflate; /* open() allows permessage-deflate, if the client offers it */
    struct deflate deflate;
    enum ws_state state;
    unsigned close_code; /* 0 until known */

    struct ws_reader reader;
    uint8_t *buffer; /* lent to the reader; a block of the pool, or the heap's for the unlimited */
    bool buffer_is_heap;
    size_t buffer_capacity;

    struct timer timer;
    uint64_t heard_ms;     /* when the last bytes came */
    uint64_t pinged_ms;    /* when we asked for a sign of life; 0: not waiting */
    uint64_t midway_ms;    /* when the message under way began; 0: none */
    uint64_t close_due_ms; /* when the close handshake must be over; 0: none */
    uint64_t refilled_ms;
    struct ws_allowance allowance;

    uint8_t *pong; /* a block of the pool with the one that waits for an empty queue, or NULL */
    uint8_t pong_bytes;
};

/* Sends one message in one frame. `payload` must have WS_HEADER_BYTES_MAX bytes of room in front of
 * it, which are overwritten, so that header and payload leave in one send. RESULT_FULL: the queue's
 * cap, nothing was sent. RESULT_CLOSED: closing or closed. */
enum result ws_conn_send(struct ws_conn *ws, enum ws_opcode opcode, uint8_t *payload,
                         size_t length_bytes);

/* Sends a ping of up to 125 bytes; its pong comes by handler->pong(). */
enum result ws_conn_ping(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes);

/* Sends a close frame and waits config.close_ms for the peer's; nothing is delivered any more but
 * closed(). `reason` is short UTF-8. */
void ws_conn_close(struct ws_conn *ws, unsigned code, const char *reason);

/* Ends it now, without a word. */
void ws_conn_abort(struct ws_conn *ws);

/* What waits in our queue; and with what the kernel still holds (a system call). */
size_t ws_conn_queue_bytes(const struct ws_conn *ws);
size_t ws_conn_unsent_bytes(const struct ws_conn *ws);

/* The peer is known from now on, and its limits are the whole ones; a stranger's are a quarter. */
void ws_conn_join(struct ws_conn *ws);

/* Another size for a message than the config's, from the next frame on. */
void ws_conn_set_message_bytes_max(struct ws_conn *ws, uint32_t message_bytes_max);

/* The name of the subprotocol agreed on, or NULL. */
const char *ws_conn_subprotocol(const struct ws_conn *ws);

/* ---- for the worker and upgrade.c ---- */

/* `budget` is the server's, borrowed. */
enum result ws_layer_init(struct ws_layer *layer, size_t capacity, struct deflate_budget *budget,
                          struct error *error);
void ws_layer_deinit(struct ws_layer *layer);
void ws_layer_turn_end(struct ws_layer *layer);

/* A WebSocket that is not yet one, for handler->open(); NULL: no place. */
struct ws_conn *ws_conn_take(struct ws_layer *layer, struct net *net,
                             const struct ws_handler *handler);

/* Gives back what open() refused. */
void ws_conn_give(struct ws_conn *ws);

/* Starts the WebSocket on `conn`, whose 101 has been sent. */
void ws_conn_start(struct ws_conn *ws, struct conn *conn);

#endif
