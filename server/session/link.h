/* link.h - what carries a session's messages: a WebSocket, or a namespace of Socket.IO.
 *
 * Place:   session.c speaks through it; hub.c has the WebSocket's, server/sio/sio_game.c the other.
 * Memory:  the carrier is borrowed until close(), or until the carrier tells session_closed().
 */
#ifndef TICKWIRE_SERVER_SESSION_LINK_H
#define TICKWIRE_SERVER_SESSION_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/net/address.h"
#include "shared/result.h"

/* Bytes that may be overwritten in front of a message, and behind it. */
#define LINK_ROOM_BYTES 192
#define LINK_TAIL_BYTES 16

struct session;

struct link {
    /* RESULT_FULL: nothing was sent. RESULT_CLOSED. */
    enum result (*send)(void *carrier, bool is_text, uint8_t *payload, size_t length_bytes);

    /* Sends a line as a message of its own. `is_last`: with it the client has been told all up to
     * `tick`. NULL where no flavour writes lines so. */
    enum result (*send_line)(void *carrier, uint8_t *payload, size_t length_bytes, uint32_t tick,
                             bool is_last);

    /* A ping whose answer comes by session_pong(); RESULT_INVALID where there is none. */
    enum result (*ping)(void *carrier, const uint8_t *payload, size_t length_bytes);

    /* What waits on our side, not 0 if nothing may leave now; and with what the kernel holds. */
    size_t (*queue_bytes)(const void *carrier);
    size_t (*unsent_bytes)(const void *carrier);

    /* Who the client is. */
    const struct address *(*peer)(const void *carrier);

    /* Whether the kernel's count says nothing of the client, for something stands between. */
    bool (*is_indirect)(const void *carrier);

    /* The room has taken the session in; the welcome comes next. */
    void (*joined)(void *carrier, struct session *s, bool is_resumed);

    /* Ends it, with a WebSocket's code and a short reason. Nothing more is called for `s`. */
    void (*close)(void *carrier, unsigned code, const char *reason);
};

#endif
