/* eio_session.h - one Engine.IO session: its transport, its heartbeat, its switch from polling to a
 * WebSocket, its end.
 *
 * Place:   eio_http makes it, and gives it polls, posts and WebSockets; an eio_handler (Socket.IO,
 *          or a bare echo) stands on it. Everything happens on the worker that its id names. Its
 *          code is in four files, which share eio_parts.h.
 * Memory:  from the worker's pool, given back when the turn ends. What a poll will be told waits in
 *          the pollq; on a WebSocket nothing waits here.
 * Errors:  a client that breaks a rule loses the session. What is sent beyond the bound is refused:
 *          RESULT_FULL, and the sender decides.
 * Order:   what a turn of the loop has produced leaves as one answer at its end. Deadlines are also
 *          compared when a request comes, for timers are coarse.
 * Source:  Engine.IO protocol 4; where we differ from the reference: README.md.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_SESSION_H
#define TICKWIRE_SERVER_SIO_EIO_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/http/http_conn.h"
#include "server/sio/eio_cors.h"
#include "server/sio/eio_id.h"
#include "server/sio/eio_packet.h"
#include "server/sio/pollq.h"
#include "server/ws/ws_conn.h"

#define EIO_LINGER_MS   30000 /* a closed session's last words wait so long for a poll */
#define EIO_FAREWELL_MS 100   /* a poll that was under way when its client said goodbye */
#define EIO_NOOP_MS     100   /* between two empty answers while a WebSocket is tried */
#define EIO_PACKETS_MAX 64    /* of one body, from clients of the game */

/* A poll that waits takes so much state in one answer; what is more waits for the next. */
#define EIO_ANSWER_BYTES 16384

struct eio_layer;
struct eio_session;

enum eio_end {
    EIO_END_CLIENT, /* the client said so */
    EIO_END_LOST,   /* its transport broke, or it was silent */
    EIO_END_SERVER  /* we said so, or it broke a rule */
};

/* What stands on a session. Callbacks may send and close. */
struct eio_handler {
    /* There is a session, which has been told nothing yet. Not RESULT_OK refuses it (503). */
    enum result (*open)(struct eio_session *s);

    /* A message; the bytes are borrowed and may be written to. */
    void (*message)(struct eio_session *s, bool is_text, uint8_t *bytes, size_t length_bytes);

    /* What is sent now leaves at once: a poll waits, or the WebSocket's queue has run empty. */
    void (*writable)(struct eio_session *s);

    /* The answer to a ping that eio_session_ping() sent. */
    void (*pong)(struct eio_session *s, const uint8_t *payload, size_t length_bytes);

    /* The deadline set by eio_session_set_deadline() has passed. */
    void (*expired)(struct eio_session *s);

    /* The server ends: say so, and close. */
    void (*drain)(struct eio_session *s);

    /* Once; nothing can be sent any more. */
    void (*closed)(struct eio_session *s, enum eio_end why);
};

/* What is served below a path. */
struct eio_service {
    const struct eio_handler *handler;
    const void *app;   /* the handler's: what it serves */
    bool is_unlimited; /* no rates, large queues: for conformance tools */
};

enum eio_state {
    EIO_STATE_OPEN,
    EIO_STATE_ENDING, /* over; the next poll still gets what the pollq holds */
    EIO_STATE_OVER
};

struct eio_session {
    struct eio_layer *layer; /* borrowed */
    const struct eio_service *service;
    void *owner; /* the handler's */
    struct eio_session *next_in_bucket, *next_dirty, *next_over;
    struct eio_session *next_live, *previous_live;
    struct eio_id id;
    uint8_t state; /* enum eio_state */
    bool is_dirty; /* in the layer's list of those with news for a poll */
    bool is_base64;
    bool is_forwarded;
    bool is_prolonged; /* the wait for this pong has been, once */
    bool is_probed;    /* the WebSocket tried has shown that it works */
    bool has_said_goodbye;
    bool is_joined; /* no stranger any more, on whatever transport */
    uint8_t noops_left;
    struct address peer;
    struct cap *cap;        /* while it is on polling; NULL: not counted */
    struct ws_conn *ws;     /* its transport; NULL: polling */
    struct ws_conn *probe;  /* the WebSocket that may become it */
    struct http_conn *poll; /* waiting for something to be told */
    struct http_conn *post; /* whose body is on its way */
    struct eio_cors cors;   /* of that poll, and of that post */
    struct eio_cors post_cors;
    struct pollq pollq;
    struct timer timer;
    uint64_t ping_due_ms, pong_due_ms;                          /* one of them is 0 */
    uint64_t probe_due_ms, noop_due_ms, end_due_ms, app_due_ms; /* 0: none */
    uint64_t refilled_ms;
    uint64_t allowance_packets, allowance_bytes; /* in thousandths, over polling */
};

/* ---- for what stands on it ---- */

/* Sends one text packet, whose first byte is its type ("4hello"), or a message of bytes.
 * WS_HEADER_BYTES_MAX bytes of room in front of it are overwritten. RESULT_FULL, RESULT_CLOSED. */
enum result eio_session_send_text(struct eio_session *s, uint8_t *packet, size_t length_bytes);
enum result eio_session_send_bytes(struct eio_session *s, uint8_t *bytes, size_t length_bytes);

/* Whether a text packet, and behind it that many bytes, would be taken: a group must not be
 * torn. */
bool eio_session_has_room(const struct eio_session *s, size_t text_bytes, size_t binary_bytes);

/* What is sent now leaves with this turn: on polling, with the answer to the poll that waits, and
 * with what others have sent for it. */
bool eio_session_is_writable(const struct eio_session *s);

static inline bool eio_session_is_polling(const struct eio_session *s)
{
    return s->ws == NULL;
}

/* A WebSocket's ping with a payload; on polling RESULT_INVALID. */
enum result eio_session_ping(struct eio_session *s, const uint8_t *payload, size_t length_bytes);

/* What waits in our queue; and with the kernel's. On polling, what waits for the next poll. */
size_t eio_session_queue_bytes(const struct eio_session *s);
size_t eio_session_unsent_bytes(const struct eio_session *s);

/* The client is known from now on: the limits of strangers end. */
void eio_session_join(struct eio_session *s);

/* While the WebSocket's queue holds something its input waits, so that a client that does not read
 * is not heard; on polling nothing happens. */
void eio_session_hold_input(struct eio_session *s);
void eio_session_resume_input(struct eio_session *s);

/* Calls handler->expired() then; 0: never. */
void eio_session_set_deadline(struct eio_session *s, uint64_t due_ms);

/* Ends it in order: a poll is told, if need be the next one; a WebSocket gets `code`. */
void eio_session_close(struct eio_session *s, unsigned code, const char *reason);

uint64_t eio_session_now_ms(const struct eio_session *s);

/* ---- for eio_layer, eio_http and eio_ws ---- */

/* Begins: the first packet is queued, the heartbeat runs. */
void eio_session_start(struct eio_session *s);

/* Ends it if a deadline has passed; false: it has ended. */
bool eio_session_is_alive(struct eio_session *s);

/* Answers the handshake's request with what is queued; `fields` are header fields. */
void eio_session_greet(struct eio_session *s, struct http_conn *http, const char *fields);

void eio_session_poll(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors);
void eio_session_post(struct eio_session *s, struct http_conn *http,
                      const struct http_request *request, const struct eio_cors *cors);

void eio_session_probe(struct eio_session *s, struct ws_conn *ws);
void eio_session_ws_message(struct eio_session *s, struct ws_conn *ws, bool is_text, uint8_t *bytes,
                            size_t length_bytes);
void eio_session_ws_closed(struct eio_session *s, struct ws_conn *ws, unsigned code);

/* Answers the poll that waits, if there is something to say. At the end of a turn. */
void eio_session_flush(struct eio_session *s);

#endif
