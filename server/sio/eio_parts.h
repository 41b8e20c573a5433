/* eio_parts.h - what the files of an Engine.IO session share with each other, and with nobody else.
 *
 * Place:   eio_session.c has its life: deadlines, heartbeat, packets, the end; eio_poll.c answers
 *          polls, eio_post.c reads posts, eio_upgrade.c tries and takes a WebSocket.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_PARTS_H
#define TICKWIRE_SERVER_SIO_EIO_PARTS_H

#include "server/sio/eio_layer.h"
#include "server/sio/eio_session.h"

static inline struct net *eio_session_net(const struct eio_session *s)
{
    return s->layer->net;
}

static inline const struct config *eio_session_config(const struct eio_session *s)
{
    return s->layer->net->config;
}

/* ---- eio_session.c ---- */

struct eio_farewell {
    enum eio_end why;
    const char *packet; /* what a poll that waits is told */
    uint32_t linger_ms; /* how long one may still come for it; 0: it is too late */
    unsigned code;      /* a WebSocket is told */
    const char *reason;
};

/* Sets the timer by the earliest of the session's deadlines. */
void eio_session_watch(struct eio_session *s);

/* Takes one packet, whatever it came by. */
void eio_session_take_packet(struct eio_session *s, const struct eio_packet *packet);

/* Ends it, once. It is over at the end of the turn, or when its last words have been fetched. */
void eio_session_end(struct eio_session *s, const struct eio_farewell *farewell);

/* It broke a rule of ours: nothing is left to be said. */
void eio_session_fail(struct eio_session *s, const char *why);

/* Its transport broke. */
void eio_session_lose(struct eio_session *s, const char *why);

/* Closes the WebSocket in *place, if there is one, which hears nothing of the session any more. */
void eio_session_close_ws(struct ws_conn **place, unsigned code, const char *reason);

/* ---- eio_poll.c ---- */

/* Answers a request of the session's, with the CORS fields that its page needs. */
void eio_respond(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors,
                 struct http_response *response);
void eio_respond_error(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors,
                       unsigned status);

/* Queues a packet of our own for the next poll. */
void eio_poll_say(struct eio_session *s, const char *packet);

/* Answers the poll that waits, with all there is to say, and that packet behind it. */
void eio_poll_answer_with(struct eio_session *s, const char *packet);

/* The poll that waits must not, for a WebSocket is being tried. */
void eio_poll_hurry(struct eio_session *s);

#endif
