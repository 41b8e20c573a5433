/* ws_close.h - why a WebSocket connection ends: the close codes, the breaches of RFC 6455 that call
 * for one, and the payload of a close frame.
 *
 * Place:   ws_frame and ws_reader name the breach; server, clients and bots send the close frame.
 * Layout:  nothing at all, or 2 bytes of code in network order and up to 123 bytes of UTF-8.
 * Source:  RFC 6455 §5.5.1, §7.4; IANA's registry for 1012 to 1014; 4000 to 4999 are ours to
 *          define.
 */
#ifndef TICKWIRE_SHARED_WS_CLOSE_H
#define TICKWIRE_SHARED_WS_CLOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WS_CLOSE_PAYLOAD_BYTES_MAX 125
#define WS_CLOSE_REASON_BYTES_MAX  123

enum ws_close {
    WS_CLOSE_NORMAL = 1000,
    WS_CLOSE_GOING_AWAY = 1001,
    WS_CLOSE_PROTOCOL_ERROR = 1002,
    WS_CLOSE_UNSUPPORTED = 1003,
    WS_CLOSE_NO_STATUS = 1005, /* what an empty close frame means; never on the wire */
    WS_CLOSE_ABNORMAL = 1006,  /* the stream ended without a close frame; never on the wire */
    WS_CLOSE_BAD_DATA = 1007,
    WS_CLOSE_POLICY = 1008,
    WS_CLOSE_TOO_BIG = 1009,
    WS_CLOSE_INTERNAL = 1011,
    WS_CLOSE_RESTART = 1012,
    WS_CLOSE_OVERLOAD = 1013,
    WS_CLOSE_SCHEMA = 4001, /* the client's field tables differ from ours: reload */
    WS_CLOSE_KICKED = 4003,
    WS_CLOSE_NO_ROOM = 4004,    /* nor such a recording */
    WS_CLOSE_UNPLAYABLE = 4005, /* a recording that is damaged, or of a game unknown here */
};

enum ws_breach {
    WS_BREACH_NONE,
    WS_BREACH_RSV,
    WS_BREACH_OPCODE,
    WS_BREACH_CONTROL_FRAGMENTED,
    WS_BREACH_CONTROL_LENGTH,
    WS_BREACH_LENGTH_NOT_MINIMAL,
    WS_BREACH_LENGTH_SIGN,
    WS_BREACH_UNMASKED,
    WS_BREACH_MASKED,
    WS_BREACH_LONE_CONTINUATION,
    WS_BREACH_INTERRUPTED,
    WS_BREACH_CLOSE_LENGTH,
    WS_BREACH_CLOSE_CODE,
    WS_BREACH_UTF8,
    WS_BREACH_MESSAGE_BYTES,
    WS_BREACH_FRAGMENTS,
    WS_BREACH_COUNT
};

/* Returns the code's name in lower case ("going away"), or "unknown": a string that lives for
 * ever. */
const char *ws_close_name(uint16_t code);

/* Returns whether `code` may stand in a close frame, ours or the peer's (§7.4.2). */
bool ws_close_is_sendable(uint16_t code);

/* Writes the payload of a close frame and returns its length. `code` must be sendable; `reason` is
 * valid UTF-8 ended by NUL, and is cut before the character that does not fit. */
size_t ws_close_encode(uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX], uint16_t code,
                       const char *reason);

/* Reads the payload of a close frame: `*code` is WS_CLOSE_NO_STATUS if it is empty, the reason is
 * what follows the first two bytes. On a breach `*code` is not set. */
enum ws_breach ws_close_decode(const uint8_t *payload, size_t length_bytes, uint16_t *code);

/* Returns the close code that answers `breach`: 1002, 1007 or 1009; ASSERTs that there is one. */
enum ws_close ws_breach_close(enum ws_breach breach);

/* Returns the rule that was broken, in words fit for a close reason; a string that lives for
 * ever. */
const char *ws_breach_text(enum ws_breach breach);

#endif
