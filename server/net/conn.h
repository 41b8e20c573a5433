/* conn.h - one accepted connection as a byte stream, plain or TLS.
 *
 * Place:   made by the worker for an accepted descriptor; http_conn stands on it first, ws_conn
 *          after an upgrade. Sends go to the kernel at once and the rest into the sendq.
 * Memory:  from the worker's pool. Input is read into the worker's scratch buffer; only what the
 *          handler leaves is kept, in a block taken for it: an idle conn holds no buffer. After
 *          conn_close() the struct stays readable until the turn ends.
 * Errors:  conn_send() answers RESULT_FULL beyond the cap, with nothing sent; the stream's own end
 *          is told once, by closed().
 */
#ifndef TICKWIRE_SERVER_NET_CONN_H
#define TICKWIRE_SERVER_NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/address.h"
#include "server/net/net.h"
#include "server/net/poller.h"
#include "server/net/sendq.h"
#include "server/net/timers.h"
#include "shared/host/tls.h"
#include "shared/result.h"

/* What stands on the stream. Any callback may close the conn or change its handler. */
struct conn_handler {
    /* New bytes, behind those left over before. Returns how many were consumed; the rest comes
     * again with more behind it. They may be written to. */
    size_t (*input)(struct conn *conn, uint8_t *bytes, size_t length_bytes);

    /* The queue, which had bytes, has none left. */
    void (*drained)(struct conn *conn);

    /* The stream has ended, whoever ended it; the handler lets go of `conn`. RESULT_CLOSED: in
     * order; _IO: broken; _TOO_BIG: unconsumed input filled a block; _FULL: the peer took nothing
     * for config.stall_ms; _INVALID: no TLS handshake. */
    void (*closed)(struct conn *conn, enum result why);

    /* The server ends: say so, or finish. May close this conn, but no other one. */
    void (*drain)(struct conn *conn);
};

struct conn {
    struct poller_source source;
    struct net *net;
    const struct conn_handler *handler;
    void *owner;     /* the handler's */
    int fd;          /* -1 once closed */
    struct tls *tls; /* owned; NULL for a plain stream */
    uint8_t *kept;   /* owned block, or NULL: input the handler has not consumed */
    uint32_t kept_bytes;
    uint32_t epoll_events;
    struct sendq sendq;
    struct timer stall_timer;
    struct address peer; /* whom a trusted proxy named by the PROXY protocol, else the socket's */
    struct cap *cap;     /* where the conn is counted; NULL: nowhere */
    struct conn *next_open, *previous_open;
    struct conn *next_ended;
    bool may_be_proxied; /* nothing has come yet, and a PROXY header would be believed */
    bool is_proxied;     /* one came: `peer` is not the socket's */
    bool in_handshake;   /* TLS */
    bool input_paused;
    bool end_watched; /* closes at the peer's end, though its input is paused */
    bool end_armed;   /* and the poller still tells of input, for none has come */
    bool was_parked;  /* once */
    bool finishing;   /* closes once the queue is empty */
    bool discarding;  /* our side is shut; reads on only to let the peer take the last bytes */
    bool peer_ended;
    bool in_batch; /* has a letter in net->batch */
};

/* Takes over `fd` (non-blocking), also when it fails: NULL, no place or no memory. `tls_context`
 * is NULL for a plain stream. A trusted proxy may put a PROXY header in front of either. */
struct conn *conn_open(struct net *net, int fd, const struct address *peer,
                       struct tls_context *tls_context);

/* What makes a connection, without the worker it is on. */
struct conn_parts {
    int fd;
    struct tls *tls; /* owned, or NULL */
    struct address peer;
    struct cap *cap;
    bool is_proxied;
};

/* Takes the connection away from this worker; nothing may wait in its queue. The handler is not
 * told: `conn` is as good as closed. */
void conn_detach(struct conn *conn, struct conn_parts *parts);

/* Makes it one of this worker's; NULL: no place, and it is closed. */
struct conn *conn_attach(struct net *net, const struct conn_parts *parts);

/* Hands bytes that were read before, at most a block, to the handler as if they had come now. */
void conn_feed(struct conn *conn, const uint8_t *bytes, size_t length_bytes);

void conn_parts_close(const struct conn_parts *parts);

void conn_set_handler(struct conn *conn, const struct conn_handler *handler, void *owner);

/* Sends, or queues what the kernel does not take. RESULT_FULL: nothing of it was. RESULT_CLOSED:
 * the conn is closed or finishing. A stream that breaks is closed by the next turn, not in here. */
enum result conn_send(struct conn *conn, const uint8_t *bytes, size_t length_bytes);

/* Between the two, what plain conns send is gathered, and leaves by the second: one send() for each of
 * them all the same. RESULT_OK is as good as ever, but where the blocks run out meanwhile, the
 * stream breaks. */
void conn_batch_begin(struct net *net);
void conn_batch_end(struct net *net);

/* Stops or resumes input(); what was kept comes again after the callback that resumes it. To be
 * called from callbacks only. */
void conn_pause_input(struct conn *conn, bool paused);

/* Pauses input and closes at the peer's end, of its side alone even; or resumes both. */
void conn_park(struct conn *conn, bool parked);

/* Bytes in the queue; with the kernel's (SIOCOUTQ, a system call) for unsent_bytes. */
size_t conn_queue_bytes(const struct conn *conn);
size_t conn_unsent_bytes(const struct conn *conn);

/* Ends the stream after what is queued: half-closes, then waits a moment for the peer's end, so
 * that unread input does not make the kernel throw the last answer away. No more input(). */
void conn_finish(struct conn *conn);

/* Ends the stream now. */
void conn_close(struct conn *conn, enum result why);

static inline bool conn_is_open(const struct conn *conn)
{
    return conn->fd >= 0;
}

#endif
