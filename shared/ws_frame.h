/* ws_frame.h - the header of a WebSocket frame, and the mask over its payload.
 *
 * Place:   ws_reader reads with it; server, native client and bots write with it.
 * Layout:  byte 0  FIN RSV1 RSV2 RSV3 opcode(4)
 *          byte 1  MASK length(7); 126: 2 bytes of length follow, 127: 8, in network order
 *          then    the mask's key (4) if MASK, then the payload
 * Memory:  everything is the caller's; nothing to release.
 * Source:  RFC 6455 §5.2, §5.3, §5.5.
 */
#ifndef TICKWIRE_SHARED_WS_FRAME_H
#define TICKWIRE_SHARED_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"
#include "shared/ws_close.h"

#define WS_HEADER_BYTES_MAX  14 /* with a mask; 10 without */
#define WS_MASK_KEY_BYTES    4
#define WS_CONTROL_BYTES_MAX 125
#define WS_PAYLOAD_BYTES_MAX INT64_MAX

enum ws_opcode {
    WS_CONTINUATION = 0x0,
    WS_TEXT = 0x1,
    WS_BINARY = 0x2,
    WS_CLOSE = 0x8,
    WS_PING = 0x9,
    WS_PONG = 0xa,
};

struct ws_frame {
    uint64_t payload_bytes; /* 0..WS_PAYLOAD_BYTES_MAX */
    enum ws_opcode opcode;
    bool fin;                       /* the last frame of its message */
    bool rsv1;                      /* with permessage-deflate: the message is compressed */
    bool masked;                    /* client to server: always; server to client: never */
    uint8_t key[WS_MASK_KEY_BYTES]; /* if masked: random, new for each frame (§5.3) */
};

/* Returns whether `opcode` is one of the three that may stand between a message's fragments. */
bool ws_opcode_is_control(enum ws_opcode opcode);

/* Writes the header of `frame`, which must be one that ws_frame_decode() takes, and returns its
 * length; the payload follows, masked if `frame` says so. */
size_t ws_frame_encode(uint8_t header[WS_HEADER_BYTES_MAX], const struct ws_frame *frame);

/* What ws_frame_decode() found: with RESULT_OK the header's length, with RESULT_INVALID the rule.
 */
struct ws_decoded {
    size_t header_bytes;
    enum ws_breach breach;
};

/* Reads the header at the start of bytes[0..length_bytes). RESULT_AGAIN if it does not end there;
 * RESULT_INVALID, as soon as it shows, if it breaks a rule that holds for every frame: RSV2 and
 * RSV3, opcodes, control frames, lengths. Who must mask, what RSV1 means and how frames may follow
 * each other is for ws_reader. */
enum result ws_frame_decode(struct ws_frame *frame, const uint8_t *bytes, size_t length_bytes,
                            struct ws_decoded *decoded);

/* Masks or unmasks bytes[0..length_bytes) in place; they stand `offset_bytes` after the start of
 * the frame's payload, so that it can be done piece by piece. */
void ws_frame_mask(uint8_t *bytes, size_t length_bytes, const uint8_t key[WS_MASK_KEY_BYTES],
                   size_t offset_bytes);

#endif
