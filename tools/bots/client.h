/* client.h - one WebSocket connection of a bot: socket, TLS where asked for, frames.
 *
 * Place:   bot.h speaks the protocol over it; swarm.h says when its socket is ready.
 * Memory:  a client holds what it has not yet sent; everything else (buffers for reading, for
 *          messages in pieces, random bytes for masks) is shared by all clients of the process.
 *          Nothing is allocated per message.
 * Errors:  a client that fails or is closed ends (CLIENT_ENDED) with a code and a reason.
 */
#ifndef TICKWIRE_TOOLS_BOTS_CLIENT_H
#define TICKWIRE_TOOLS_BOTS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/host/tls.h"
#include "shared/limits.h"
#include "shared/ws_handshake.h"
#include "shared/ws_reader.h"
#include "tools/bots/target.h"

#define CLIENT_OUT_BYTES    1024 /* of the handshake, or of frames that the socket did not take */
#define CLIENT_FRAME_BYTES  512  /* the longest frame a bot sends */
#define CLIENT_READ_BYTES   65536
#define CLIENT_RANDOM_BYTES 4096
#define CLIENT_BUFFER_BYTES WS_READER_BUFFER_BYTES(MESSAGE_DOWN_BYTES_MAX)

enum client_state {
    CLIENT_IDLE,
    CLIENT_CONNECTING, /* TCP */
    CLIENT_SECURING,   /* TLS */
    CLIENT_UPGRADING,  /* HTTP */
    CLIENT_OPEN,
    CLIENT_ENDED
};

/* For a message, or a handshake's answer, that comes in pieces. */
struct client_buffer {
    struct client_buffer *next; /* in the free list */
    uint8_t bytes[CLIENT_BUFFER_BYTES];
};

/* What the connection tells; `context` is the client's. */
struct client_handler {
    void (*opened)(void *context);
    void (*message)(void *context, uint8_t *bytes, size_t length_bytes); /* a binary one */
};

/* What all clients share; they live on one thread. */
struct client_shared {
    const struct target *target;          /* borrowed */
    const struct client_handler *handler; /* borrowed */
    struct tls_context *tls;              /* owned; NULL for plain connections */
    struct client_buffer *free_buffers;   /* owned, a list */
    size_t random_left;
    uint8_t random[CLIENT_RANDOM_BYTES];
    uint8_t received[CLIENT_READ_BYTES]; /* from the socket */
    uint8_t clear[CLIENT_READ_BYTES];    /* from TLS */
};

struct client {
    struct client_shared *shared; /* borrowed */
    void *context;                /* for the handler */
    uint32_t room;                /* for the path (target_write_path()) */
    uint8_t state;                /* enum client_state */
    int fd;                       /* owned; -1: none */
    struct tls *tls;              /* owned, or NULL */
    struct ws_reader reader;
    struct client_buffer *buffer; /* owned while in use */
    size_t head_bytes;            /* of the answer to the handshake, in `buffer` */
    uint64_t received_bytes;      /* inside TLS */
    size_t out_start, out_bytes;  /* what waits for the socket, in out[] */
    uint16_t close_code;          /* once CLIENT_ENDED */
    /* Seldom looked at: thousands of clients are more than a cache holds. */
    char reason[REASON_BYTES_MAX + 8]; /* once CLIENT_ENDED */
    char accept[WS_ACCEPT_CHARS + 1];
    uint8_t out[CLIENT_OUT_BYTES];
};

/* `ca_file` as in tls_client_context_create(), for a secure target. */
enum result client_shared_init(struct client_shared *s, const struct target *target,
                               const struct client_handler *handler, const char *ca_file,
                               struct error *error);
void client_shared_deinit(struct client_shared *s);

/* Begins to connect, to the `room`-th room. `receive_bytes` > 0 keeps the kernel's receive buffer that small. Poll for
 * what client_wants_write() says, and for reading. */
void client_start(struct client *c, struct client_shared *shared, void *context, uint32_t room,
                  int receive_bytes);
void client_deinit(struct client *c);

/* The socket has become writable (or connected, or broken). */
void client_write(struct client *c);

/* Reads once, at most `limit_bytes`, and handles what came. Returns how much that was. */
size_t client_read(struct client *c, size_t limit_bytes);

/* Sends a message or a control frame of at most CLIENT_FRAME_BYTES, header included. RESULT_FULL:
 * earlier ones still wait and there is no room; it was not sent. */
enum result client_send(struct client *c, enum ws_opcode opcode, const uint8_t *payload,
                        size_t length_bytes);

/* Says goodbye by a close frame with `code`. */
void client_close(struct client *c, uint16_t code);

/* Returns how much has not been handed to the kernel: what a page's bufferedAmount says. */
size_t client_unsent_bytes(const struct client *c);

bool client_wants_write(const struct client *c);

/* Whether the connection stays on this machine, whose clock both ends then read. */
bool client_is_local(const struct client *c);

#endif
