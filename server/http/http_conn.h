/* http_conn.h - HTTP on a conn: one request after the other, their deadlines, their answers.
 *
 * Place:   stands on every conn from its accept on; the router answers through it, at once or, for
 *          long polling, when there is something to say; a WebSocket upgrade takes the conn away.
 * Memory:  from a pool of the worker's http_layer, freed when the conn ends or is upgraded. Files
 *          are read a block at a time, when the block before has left.
 * Source:  RFC 9112; limits: server/config.h.
 */
#ifndef TICKWIRE_SERVER_HTTP_HTTP_CONN_H
#define TICKWIRE_SERVER_HTTP_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/chunked.h"
#include "server/http/request.h"
#include "server/net/conn.h"
#include "server/net/pool.h"
#include "server/net/timers.h"

#define HTTP_ANSWER_HEAD_BYTES 2048
#define HTTP_ANSWER_BODY_BYTES 16384 /* of a body that leaves in one send with its head */

struct http_conn;

/* Answers one request, or begins to. */
typedef void http_route_fn(struct http_conn *http, const struct http_request *request);

/* Something to know of a request before it is answered. */
typedef bool http_ask_fn(const struct http_conn *http, const struct http_request *request);

/* What stands behind HTTP. */
struct http_routes {
    http_route_fn *answer;
    http_ask_fn *takes_body; /* else a request with one is refused */
    http_ask_fn *counts;     /* it counts the requests of an address itself */
};

/* Who waits for a body, or answers a request later. Nothing is called after the answer. */
struct http_waiter {
    /* The whole body is there, to be answered now; the bytes are borrowed and may be written to. */
    void (*body)(struct http_conn *http, uint8_t *bytes, size_t length_bytes);

    /* The body is none, too big or too slow: to be answered with that status (400, 408, 413, 503);
     * the stream ends behind it. */
    void (*refused)(struct http_conn *http, unsigned status);

    /* The client has left, or the server has cut it. */
    void (*gone)(struct http_conn *http);
};

struct http_layer {
    struct pool conns;
    const struct http_routes *routes; /* borrowed */

    /* An answer with a small body leaves in one piece, which is put together here. */
    uint8_t answer[HTTP_ANSWER_HEAD_BYTES + HTTP_ANSWER_BODY_BYTES];
};

/* The body of the request under way. It is read in place where it came in one block, else gathered
 * on the heap, in a buffer that grows with what has really come. */
struct http_body {
    bool is_announced; /* the head told of one, and nobody has taken it yet */
    bool is_open;      /* it is being read */
    bool is_chunked;
    struct chunked chunked;
    uint8_t *bytes; /* owned, or NULL */
    size_t used_bytes, capacity_bytes;
    size_t wanted_bytes; /* unless it is chunked */
    size_t limit_bytes;
};

struct http_conn {
    struct conn *conn;
    struct http_layer *layer;
    struct timer timer; /* the head's deadline, or the idle time between requests */
    struct http_scan scan;
    struct address peer; /* of the request under way: the forwarded one behind a trusted proxy */
    bool is_forwarded;
    struct cap *place; /* of that client's, while a proxy's connection serves it; NULL: none */
    bool keep_alive;   /* after the answer under way */
    bool is_head;      /* no body in the answer */
    unsigned requests;
    int file_fd; /* being sent, or -1 */
    uint64_t file_offset, file_end;
    struct http_body body;
    const struct http_waiter *waiter; /* NULL: nobody */
    void *owner;                      /* the waiter's */
    bool is_parked;                   /* the answer comes when the waiter has one */
    bool is_moved;        /* from another worker, with a request that was counted there */
    const uint8_t *input; /* while a request is routed: its first byte, and all behind it */
    size_t input_bytes;
};

/* One answer. Texts are borrowed for the call. */
struct http_response {
    unsigned status;
    const char *type;   /* Content-Type; NULL: none */
    const char *cache;  /* Cache-Control; NULL: no-store */
    const char *fields; /* further fields, each ended by CRLF; NULL: none */
    const void *body;
    size_t body_bytes;
    bool is_data; /* for a program, not a page: without the page's policies */
};

enum result http_layer_init(struct http_layer *layer, size_t capacity,
                            const struct http_routes *routes, struct error *error);
void http_layer_deinit(struct http_layer *layer);

/* Starts HTTP on a fresh conn; its head deadline runs from now. RESULT_FULL: no place. */
enum result http_conn_start(struct http_layer *layer, struct conn *conn);

/* Answers the request under way, with the security headers. */
void http_respond(struct http_conn *http, const struct http_response *response);

/* A plain text answer: the status and its name. */
void http_respond_status(struct http_conn *http, unsigned status);

/* Answers with a file, whose descriptor is handed over. */
void http_respond_file(struct http_conn *http, int fd, const struct http_response *head,
                       uint64_t file_bytes);

/* Reads the body of the request under way, of at most `limit_bytes`, for `waiter`; to be called
 * by the route. It has config.handshake_ms to come, and may come, or be refused, before this
 * returns. */
void http_read_body(struct http_conn *http, const struct http_request *request, size_t limit_bytes,
                    const struct http_waiter *waiter, void *owner);

/* Keeps the request under way without an answer until the waiter gives one by http_respond(), from
 * whatever callback. The client's end is noticed, a half-closed stream being one. */
void http_park(struct http_conn *http, const struct http_waiter *waiter, void *owner);

/* Lets go of the place that the request under way takes up, before the conn takes one itself. */
void http_leave_place(struct http_conn *http);

/* Goes on where another worker's http_conn left off. RESULT_FULL: no place. */
enum result http_conn_continue(struct http_layer *layer, struct conn *conn, unsigned requests);

/* Gives the conn away, for an upgrade; `http` is gone after this. */
struct conn *http_conn_release(struct http_conn *http);

/* The name of a status ("Not Found"). */
const char *http_status_name(unsigned status);

#endif
