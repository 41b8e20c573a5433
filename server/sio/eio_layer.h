/* eio_layer.h - the Engine.IO sessions of one worker: their pool, and who is found by which id.
 *
 * Place:   embedded in struct worker; eio_http asks it for sessions, the worker tells it when a
 *          turn ends and when the server does.
 * Memory:  a pool and a table, made at start. A session that is over is freed when the turn ends.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_LAYER_H
#define TICKWIRE_SERVER_SIO_EIO_LAYER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/caps.h"
#include "server/net/net.h"
#include "server/net/pool.h"
#include "server/sio/eio_session.h"

struct eio_layer {
    struct net *net;        /* borrowed */
    struct caps *poll_caps; /* the server's, borrowed: polling sessions of each address */
    unsigned worker;
    struct pool sessions;
    struct pool owners; /* what their handlers keep of them, one each */
    void *retired;      /* owners to be freed when the turn ends, linked by their first bytes */
    struct eio_session **buckets; /* owned: by the id's first bytes */
    size_t bucket_count;          /* a power of 2 */
    struct eio_session *live;     /* all that are not over */
    struct eio_session *dirty;    /* with news for a poll */
    struct eio_session *over;     /* freed when the turn ends */
    uint8_t scratch[NET_BLOCK_BYTES];
    char fields[EIO_CORS_BYTES_MAX]; /* of the 101 in hand */
};

/* `owner_bytes` is the size of what the handlers keep. */
enum result eio_layer_init(struct eio_layer *layer, struct net *net, struct caps *poll_caps,
                           size_t capacity, size_t owner_bytes, struct error *error);
void eio_layer_deinit(struct eio_layer *layer);

/* A new session with an id, of which nobody knows yet; NULL: no place. */
struct eio_session *eio_layer_take(struct eio_layer *layer, const struct eio_service *service);

/* The session of that id that a poll may still have something to hear of, or NULL. */
struct eio_session *eio_layer_find(const struct eio_layer *layer, const struct eio_id *id);

/* Takes it out of the table; it stays readable until the turn ends. */
void eio_layer_drop(struct eio_layer *layer, struct eio_session *s);

/* Frees what a handler kept, when the turn ends. */
void eio_layer_retire_owner(struct eio_layer *layer, void *owner);

/* It has news for its poll, which is answered when the turn ends. */
void eio_layer_note_news(struct eio_layer *layer, struct eio_session *s);

void eio_layer_turn_end(struct eio_layer *layer);

/* Every session says what it has to say, and ends. */
void eio_layer_drain(struct eio_layer *layer);

#endif
