/* sio_client.h - Socket.IO on one Engine.IO session: namespaces, events, acks, binary, ends.
 *
 * Place:   stands on an eio_session; a sio_app (the game, or an echo) says which namespaces there
 *          are and what their events mean.
 * Memory:  from the worker's pool while the session lives. A packet whose attachments are still to
 *          come is kept on the heap, bounded by the app's pending_bytes_max.
 * Errors:  a packet that breaks a rule ends the whole session, as clients expect.
 * Source:  Socket.IO protocol 5.
 */
#ifndef TICKWIRE_SERVER_SIO_SIO_CLIENT_H
#define TICKWIRE_SERVER_SIO_SIO_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/sio/eio_session.h"
#include "server/sio/sio_packet.h"

#define SIO_SOCKETS_MAX   4  /* namespaces that one session may have joined */
#define SIO_NSP_CHARS_MAX 80 /* of a namespace's name; a longer one ends the session */

/* In front of what is sent: a WebSocket's header, the Engine.IO type, the packet's head. */
#define SIO_ROOM_BYTES (WS_HEADER_BYTES_MAX + 1 + SIO_HEAD_BYTES_MAX)

struct sio_app;
struct sio_client;

#define SIO_PID_CHARS_MAX 48 /* of what a client names itself by when it comes back */

/* One namespace joined: what applications call a socket. */
struct sio_socket {
    struct sio_client *client;
    bool is_joined;
    bool is_joining; /* the app has not decided yet */
    bool owes_ack;   /* for the app: the event in hand is to be answered */
    bool has_offset;
    uint32_t offset; /* up to where the client has been told events */
    uint64_t ack_id;
    char pid[SIO_PID_CHARS_MAX + 1];
    char nsp[SIO_NSP_CHARS_MAX + 1];
    char id[EIO_SECRET_CHARS + 1]; /* public; the session's own is a secret */
    void *owner;                   /* the app's */
};

/* Bytes with WS_HEADER_BYTES_MAX bytes of room in front, which sending overwrites. */
struct sio_blob {
    uint8_t *bytes;
    size_t length_bytes;
};

struct sio_event {
    struct sio_text name; /* as in struct sio_packet; empty: an ack */
    struct sio_text args;
    bool has_ack_id;
    uint64_t ack_id;
    const struct sio_blob *blobs; /* borrowed */
    unsigned blob_count;
};

/* A packet that waits for its attachments. */
struct sio_pending {
    struct sio_packet packet; /* points into `bytes` */
    uint8_t *bytes;           /* owned: the packet's text, then the attachments */
    size_t used_bytes, capacity_bytes;
    size_t offsets[SIO_ATTACHMENTS_MAX], lengths[SIO_ATTACHMENTS_MAX];
    unsigned count;
    uint64_t since_ms;
};

struct sio_client {
    void *next_retired;      /* the layer's; first */
    struct eio_session *eio; /* borrowed */
    const struct sio_app *app;
    struct sio_socket sockets[SIO_SOCKETS_MAX];
    struct sio_pending *pending; /* owned, or NULL */
    bool has_joined;             /* a namespace, once: then there is no hurry any more */
    unsigned turn;               /* for the app: which socket comes first */
};

/* What is served. Callbacks may send, leave namespaces and close the session. */
struct sio_app {
    struct json_limits json; /* zero: the config's */
    unsigned attachments_max;
    size_t pending_bytes_max;
    uint32_t pending_ms; /* 0: attachments have all the time in the world */

    /* NULL: the socket may join, with this auth object ("{}" if there was none). Else why not, for
     * the client to read: a sentence without quotes that lives for ever. Or sio_later: the app
     * accepts or refuses it some time, or has done so already. */
    const char *(*refuse)(struct sio_socket *socket, struct sio_text auth);

    /* It has joined, and has been told so. */
    void (*joined)(struct sio_socket *socket, struct sio_text auth);

    /* An event of the client, or the answer to one of ours. */
    void (*event)(struct sio_socket *socket, const struct sio_event *event);
    void (*ack)(struct sio_socket *socket, const struct sio_event *ack);

    /* It has left, or its session has ended, be it before the app had decided. */
    void (*left)(struct sio_socket *socket, enum eio_end why);

    void (*writable)(struct sio_client *client);
    void (*pong)(struct sio_client *client, const uint8_t *payload, size_t length_bytes);
    void (*drain)(struct sio_client *client);
};

extern const char sio_later[];

/* What app->refuse() put off: the socket has joined, under this id, or not. joined() is not called.
 * `message` is plain text. */
void sio_socket_accept(struct sio_socket *socket, const char *id);
void sio_socket_refuse(struct sio_socket *socket, const char *message, unsigned code);

/* Sends one packet. `json` has SIO_ROOM_BYTES of room in front of it, which are overwritten; with
 * blobs the packet and they leave together, or, RESULT_FULL, not at all. */
enum result sio_socket_send(struct sio_socket *socket, const struct sio_head *head, uint8_t *json,
                            size_t json_bytes, const struct sio_blob *blobs);

/* The socket leaves its namespace, and its client is told; left() is not called. */
void sio_socket_leave(struct sio_socket *socket);

/* Serves a sio_app, which is its service's `app`. */
extern const struct eio_handler sio_client_handler;

#endif
