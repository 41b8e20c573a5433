#include "server/sio/eio_echo.h"

#include <stdlib.h>

#include "shared/bytes.h"

static enum result echo_open(struct eio_session *s)
{
    (void)s;
    return RESULT_OK;
}

/* A copy with room for headers: a tool of tests has no pool for messages of a megabyte. Who does
 * not take what it asked for is not heard until it has, or, on polling, is cut. */
static void echo_message(struct eio_session *s, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    uint8_t *copy = malloc(WS_HEADER_BYTES_MAX + 1 + length_bytes);
    uint8_t *packet = copy + WS_HEADER_BYTES_MAX;
    enum result r = RESULT_FULL;

    if (copy != NULL) {
        packet[0] = '0' + EIO_MESSAGE;
        if (length_bytes > 0) bytes_copy(packet + 1, bytes, length_bytes);
        r = is_text ? eio_session_send_text(s, packet, 1 + length_bytes)
                    : eio_session_send_bytes(s, packet + 1, length_bytes);
        free(copy);
    }
    if (r == RESULT_FULL) eio_session_close(s, WS_CLOSE_OVERLOAD, "the queue is full");
    eio_session_hold_input(s);
}

static void echo_writable(struct eio_session *s)
{
    eio_session_resume_input(s);
}

static void echo_expired(struct eio_session *s)
{
    (void)s;
}

static void echo_drain(struct eio_session *s)
{
    eio_session_close(s, WS_CLOSE_RESTART, "the server restarts");
}

static void echo_closed(struct eio_session *s, enum eio_end why)
{
    (void)s, (void)why;
}

static const struct eio_handler echo = {.open = echo_open,
                                        .message = echo_message,
                                        .writable = echo_writable,
                                        .expired = echo_expired,
                                        .drain = echo_drain,
                                        .closed = echo_closed};

const struct eio_service eio_echo_service = {.handler = &echo, .is_unlimited = true};
