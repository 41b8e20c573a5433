/* eio_packet.h - Engine.IO packets: a digit of type and data; on polling several in one text.
 *
 * Place:   eio_session reads frames and bodies with it, pollq writes what a poll will take.
 * Layout:  packet  = "0".."6" data  |  "b" base64, a message of bytes
 *          payload = packet *( 0x1e packet ), UTF-8 throughout
 * Memory:  everything is the caller's; packets point into its bytes, and base64 is decoded there.
 * Source:  Engine.IO protocol 4. Base64 is taken in both alphabets, with or without padding.
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_PACKET_H
#define TICKWIRE_SERVER_SIO_EIO_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define EIO_SEPARATOR 0x1e

enum eio_type {
    EIO_OPEN,
    EIO_CLOSE,
    EIO_PING,
    EIO_PONG,
    EIO_MESSAGE,
    EIO_UPGRADE,
    EIO_NOOP,
    EIO_TYPE_COUNT
};

struct eio_packet {
    enum eio_type type;
    bool is_text;   /* false: a message of bytes */
    uint8_t *bytes; /* the data behind the type */
    size_t length_bytes;
};

/* What is left of a payload; at the start, all of it. */
struct eio_payload {
    uint8_t *bytes;
    size_t length_bytes;
    bool is_done; /* the last packet was taken: nothing stood behind it */
};

/* Reads one packet. RESULT_INVALID: an unknown type, nothing at all, or no base64. */
enum result eio_packet_decode(struct eio_packet *packet, uint8_t *bytes, size_t length_bytes);

/* Takes the next packet off a payload. RESULT_CLOSED: there is none. RESULT_INVALID: it is none, or
 * no UTF-8; what comes behind it means nothing then. An empty payload is one bad packet. */
enum result eio_payload_next(struct eio_payload *payload, struct eio_packet *packet);

#endif
