/* link_sdl.h - the connection to the server, kept by a thread of its own, with reconnects.
 *
 * Place:   the app polls it once a frame and hands messages to and from the view. Inside stand
 *          SDL2_net's socket, whose connect and send block, and ws_client.
 * Memory:  owns two bounded rings: events (when full, the thread stops reading and TCP holds the
 *          server back) and messages to send (when full, link_send() refuses).
 * Errors:  every ending arrives as an event with a sentence; where another attempt may help, the
 *          thread makes it by itself, with growing pauses.
 */
#ifndef TICKWIRE_CLIENT_SDL_LINK_SDL_H
#define TICKWIRE_CLIENT_SDL_LINK_SDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/ending.h"
#include "client/sdl/url.h"
#include "shared/limits.h"
#include "shared/result.h"

struct link;

enum link_event_kind {
    LINK_CONNECTING, /* an attempt begins */
    LINK_OPENED,     /* messages may be sent; those of connections before are forgotten */
    LINK_MESSAGE,
    LINK_ENDED /* the attempt or the connection is over */
};

struct link_event {
    enum link_event_kind kind;
    uint64_t at_us; /* when it came, by clock_monotonic_us() */

    uint32_t connection;   /* counts attempts */
    uint32_t length_bytes; /* LINK_MESSAGE */
    bool is_passing;       /* LINK_ENDED: the next attempt follows by itself, */
    uint32_t wait_ms;      /* after so long */
    uint16_t close_code;   /* LINK_ENDED: see ending_close_code() */
    union {
        uint8_t bytes[MESSAGE_DOWN_BYTES_MAX]; /* LINK_MESSAGE */
        char sentence[ENDING_SENTENCE_BYTES];  /* LINK_ENDED */
    };
};

/* Starts the thread, which connects at once. `ca_file` NULL: the system's authorities. */
enum result link_create(struct link **link, const struct url *url, const char *ca_file,
                        struct error *error);

/* Returns the oldest event, borrowed until the next call, or NULL. */
const struct link_event *link_poll(struct link *link);

/* Hands over one message for the connection that was opened last. False: the ring is full. */
bool link_send(struct link *link, const uint8_t *bytes, size_t length_bytes);

/* Returns the bytes of messages handed over that have not left: the ring and the running send. */
size_t link_unsent_bytes(const struct link *link);

/* Ends the connection that was opened last, because of what the server sent. */
void link_refuse(struct link *link, uint16_t code, const char *reason);

/* Tries again now, also where no attempt would follow by itself. */
void link_retry(struct link *link);

/* Says goodbye to the server and ends the thread; one that hangs in a blocking call is left to the
 * end of the process. */
void link_destroy(struct link *link);

#endif
