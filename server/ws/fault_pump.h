/* fault_pump.h - carries frames between a peer and a test build's echo, and alters them on the way.
 *
 * Place:   faults.c says what is altered; the pump knows frames, legal or not, and no faults.
 * Memory:  a pump is its two threads' own, and ends with them.
 */
#ifndef TICKWIRE_SERVER_WS_FAULT_PUMP_H
#define TICKWIRE_SERVER_WS_FAULT_PUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/ws_frame.h"

struct fault_frame {
    uint8_t first;          /* FIN, RSV, opcode */
    bool masked;            /* with `key` */
    unsigned form;          /* bytes of the length field: 0, 2 or 8 */
    uint64_t payload_bytes; /* as the header says */
    uint8_t key[WS_MASK_KEY_BYTES];
    uint8_t *payload; /* unmasked, owned; NULL if it is still to come */
};

/* One direction of a pump: what it has seen. */
struct fault_flow {
    int from, to;
    unsigned message_opcode; /* of the message between whose frames we are; 0: of none */
    uint8_t *held;           /* owned: bytes of frames that wait */
    size_t held_bytes;
    bool passed_close;
};

/* What becomes of a frame: it is sent as it now is; it is not; it waits for the end of its message,
 * or comes behind the next one. */
enum fault_verdict { FAULT_PASS, FAULT_DROP, FAULT_HOLD };

struct fault {
    const char *name;
    enum fault_verdict (*input)(struct fault_flow *flow, struct fault_frame *f);
    enum fault_verdict (*output)(struct fault_flow *flow, struct fault_frame *f);
    bool collects;    /* input() is to see the payload; output() always does */
    bool leaves_open; /* the stream does not end when the echo ends it */
};

/* Pumps between the socket `outside`, which is the peer's, and `inside`, the other end of the
 * echo's, until both are over. Takes both descriptors over. */
void fault_pump_start(const struct fault *fault, int outside, int inside);

/* Gives the frame that length, in as few bytes as will do. */
void fault_set_length(struct fault_frame *f, uint64_t payload_bytes);

static inline unsigned fault_opcode(const struct fault_frame *f)
{
    return f->first & 0x0fu;
}

static inline bool fault_is_control(const struct fault_frame *f)
{
    return fault_opcode(f) >= WS_CLOSE;
}

static inline bool fault_has_fin(const struct fault_frame *f)
{
    return (f->first & 0x80) != 0;
}

#endif
