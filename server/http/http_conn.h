/* http_conn.h - HTTP on a conn: one request after the other, their deadlines, their answers.
 *
 * Place:   stands on every conn from its accept on; the router answers through it; a WebSocket
 *          upgrade takes the conn away from it.
 * Memory:  from a pool of the worker's http_layer, freed when the conn ends or is upgraded. Files
 *          are read a block at a time, when the block before has left.
 * Source:  RFC 9112; limits: server/config.h.
 */
#ifndef TICKWIRE_SERVER_HTTP_HTTP_CONN_H
#define TICKWIRE_SERVER_HTTP_HTTP_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/request.h"
#include "server/net/conn.h"
#include "server/net/pool.h"
#include "server/net/timers.h"

struct http_conn;

/* Answers one request, or begins to. */
typedef void http_route_fn(struct http_conn *http, const struct http_request *request);

struct http_layer {
    struct pool conns;
    http_route_fn *route;
};

struct http_conn {
    struct conn *conn;
    struct http_layer *layer;
    struct timer timer; /* the head's deadline, or the idle time between requests */
    struct http_scan scan;
    struct address peer; /* of the request under way: the forwarded one behind a trusted proxy */
    bool is_forwarded;
    bool keep_alive; /* after the answer under way */
    bool is_head;    /* no body in the answer */
    unsigned requests;
    int file_fd; /* being sent, or -1 */
    uint64_t file_offset, file_end;
};

/* One answer. Texts are borrowed for the call. */
struct http_response {
    unsigned status;
    const char *type;   /* Content-Type; NULL: none */
    const char *cache;  /* Cache-Control; NULL: no-store */
    const char *fields; /* further fields, each ended by CRLF; NULL: none */
    const void *body;
    size_t body_bytes;
};

enum result http_layer_init(struct http_layer *layer, size_t capacity, http_route_fn *route,
                            struct error *error);
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

/* Gives the conn away, for an upgrade; `http` is gone after this. */
struct conn *http_conn_release(struct http_conn *http);

/* The name of a status ("Not Found"). */
const char *http_status_name(unsigned status);

#endif
