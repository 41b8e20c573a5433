/* ws_reader.h - turns the bytes a WebSocket peer sends into messages, pings, pongs and its close.
 *
 * Place:   conn (server), native client and bots feed it what they read; it does no I/O. Whoever
 *          asks answers pings, closes and breaches: the reader sends nothing.
 * Memory:  a reader is at most 64 bytes and takes in every byte it is given, so that thousands
 *          of connections can share one receive buffer. A frame that is whole in the input is
 *          unmasked and delivered where it lies. Only a message that comes in pieces needs a
 *          buffer of its own, borrowed from the caller, who is asked for it by RESULT_FULL and may
 *          take it back whenever ws_reader_used_bytes() is 0. Nothing to release.
 * Errors:  RESULT_INVALID or RESULT_TOO_BIG with the rule in ws_reader_breach(), for good.
 * Source:  RFC 6455 §5.1, §5.4 to §5.6, §7.1.5, §8.1; RFC 7692 §6 for RSV1.
 */
#ifndef TICKWIRE_SHARED_WS_READER_H
#define TICKWIRE_SHARED_WS_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/utf8.h"
#include "shared/ws_close.h"
#include "shared/ws_frame.h"

/* The start of the borrowed buffer holds a control frame that comes in pieces. */
#define WS_READER_CONTROL_BYTES 128

/* The size of a buffer that holds any message of up to `message_bytes`. */
#define WS_READER_BUFFER_BYTES(message_bytes) (WS_READER_CONTROL_BYTES + (message_bytes))

/* Which end of the connection we are: the server demands masks, the client refuses them (§5.1). */
enum ws_role { WS_SERVER, WS_CLIENT };

struct ws_reader_config {
    enum ws_role role;
    bool allow_rsv1;            /* permessage-deflate was negotiated */
    uint32_t message_bytes_max; /* as on the wire, so before inflating */
    uint32_t fragments_max;     /* frames in one message, empty ones counted; at least 1 */
};

enum ws_event_kind {
    WS_EVENT_NONE,
    WS_EVENT_TEXT,   /* a whole message; UTF-8, unless it is compressed */
    WS_EVENT_BINARY, /* a whole message */
    WS_EVENT_PING,   /* to be answered by a pong with the same payload */
    WS_EVENT_PONG,
    WS_EVENT_CLOSE, /* to be answered by a close, unless one was sent; nothing comes after it */
};

struct ws_event {
    enum ws_event_kind kind;
    bool compressed;     /* RSV1 was set: the payload is to be inflated, then checked as UTF-8 */
    uint16_t close_code; /* WS_EVENT_CLOSE only; WS_CLOSE_NO_STATUS if the peer gave none */
    uint8_t *payload;    /* borrowed until the next call or until the buffer or the input changes;
                            for WS_EVENT_CLOSE the reason, UTF-8 without NUL */
    size_t payload_bytes;
};

/* The bytes not yet read; ws_reader_read() moves both fields on. Borrowed, and written to: payloads
 * are unmasked in place. */
struct ws_input {
    uint8_t *bytes;
    size_t length_bytes;
};

/* Closed: visible to be embedded. */
struct ws_reader {
    uint8_t *buffer; /* borrowed, NULL if capacity_bytes is 0 */
    uint32_t capacity_bytes;
    uint32_t message_bytes_max;
    uint32_t fragments_max;
    uint32_t message_bytes;    /* of the message under way, in the buffer */
    uint32_t fragments;        /* of the message under way */
    uint32_t frame_left_bytes; /* of the frame under way, not yet read */
    uint8_t header[WS_HEADER_BYTES_MAX];
    uint8_t header_bytes;  /* how many stand in `header`, while it comes in pieces */
    uint8_t control_bytes; /* of the control frame under way, in the buffer */
    uint8_t key[WS_MASK_KEY_BYTES];
    struct utf8_checker utf8;
    uint8_t mask_offset;    /* how much of the frame has been unmasked, modulo 4 */
    uint8_t frame_opcode;   /* of the frame under way */
    uint8_t message_opcode; /* WS_TEXT or WS_BINARY, or 0 between messages */
    uint8_t breach;         /* enum ws_breach */
    uint8_t phase : 2;
    uint8_t role : 1;
    uint8_t allow_rsv1 : 1;
    uint8_t frame_fin : 1;
    uint8_t frame_masked : 1;
    uint8_t message_compressed : 1;
};
_Static_assert(sizeof(struct ws_reader) <= 64, "one cache line for each connection");

/* Starts at the first byte after the handshake, with no buffer. */
void ws_reader_init(struct ws_reader *r, const struct ws_reader_config *config);

/* Changes the limits, at a join for instance; they hold from the next frame on. */
void ws_reader_set_limits(struct ws_reader *r, uint32_t message_bytes_max, uint32_t fragments_max);

/* Lends another buffer of at least WS_READER_CONTROL_BYTES, or takes it back (NULL, 0). Its first
 * ws_reader_used_bytes() must be those of the buffer before, as realloc() leaves them. */
void ws_reader_set_buffer(struct ws_reader *r, uint8_t *buffer, size_t capacity_bytes);

/* Returns how much of the buffer's start is in use: 0 whenever nothing is in pieces, and
 * after a close or a breach. A message just delivered no longer counts, though its payload may
 * still lie there. */
size_t ws_reader_used_bytes(const struct ws_reader *r);

/* Returns whether a frame or a message has begun and not ended: a deadline should run. */
bool ws_reader_is_midway(const struct ws_reader *r);

/* Reads `in` up to the end of the next event.
 * RESULT_OK: there is one in `*event`; ask again, for there may be more in `in`.
 * RESULT_AGAIN: `in` is used up.
 * RESULT_FULL: nothing goes on before ws_reader_set_buffer() lends a larger one; WS_READER_BUFFER_
 *   BYTES(message_bytes_max) always suffices. The buffer fills with what really came, whatever
 *   length a frame announces.
 * RESULT_INVALID, RESULT_TOO_BIG: the peer broke the rule in ws_reader_breach(); so says every call
 *   from now on.
 * RESULT_CLOSED: the close frame was delivered before; what follows it is thrown away. */
enum result ws_reader_read(struct ws_reader *r, struct ws_input *in, struct ws_event *event);

/* Returns the rule the peer broke, or WS_BREACH_NONE. */
enum ws_breach ws_reader_breach(const struct ws_reader *r);

#endif
