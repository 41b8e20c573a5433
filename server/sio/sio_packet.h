/* sio_packet.h - Socket.IO packets: reads those of clients, writes the heads of ours.
 *
 * Place:   sio_client reads each Engine.IO message with it.
 * Layout:  type [attachments "-"] [namespace ","] [ack id] [JSON]
 * Memory:  a packet points into the text it was read from; nothing to release. cJSON, which looks
 *          for placeholders, allocates while it does and frees before the return.
 * Errors:  RESULT_INVALID or RESULT_TOO_BIG: the session is to be closed. JSON passes the strict
 *          scanner first.
 * Source:  Socket.IO protocol 5. Without JSON an EVENT or ACK is nothing, and no error.
 */
#ifndef TICKWIRE_SERVER_SIO_SIO_PACKET_H
#define TICKWIRE_SERVER_SIO_SIO_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/json_scan.h"
#include "shared/result.h"

#define SIO_ATTACHMENTS_MAX 10
#define SIO_ACK_ID_MAX      ((1ull << 53) - 1) /* beyond, a JavaScript number is another one */
#define SIO_HEAD_BYTES_MAX  128                /* of a packet of ours, with a namespace of 80 */

enum sio_type {
    SIO_CONNECT,
    SIO_DISCONNECT,
    SIO_EVENT,
    SIO_ACK,
    SIO_CONNECT_ERROR,
    SIO_BINARY_EVENT,
    SIO_BINARY_ACK,
    SIO_TYPE_COUNT
};

/* Not ended by NUL. */
struct sio_text {
    const char *chars;
    size_t length;
};

struct sio_limits {
    struct json_limits json;
    unsigned attachments_max; /* <= SIO_ATTACHMENTS_MAX */
};

struct sio_packet {
    enum sio_type type;
    unsigned attachment_count;
    struct sio_text nsp; /* "/" if it is not named */
    bool has_ack_id;
    uint64_t ack_id;
    struct sio_text json; /* empty: none */
    struct sio_text name; /* events: the first element as it stands, a string or a number */
    struct sio_text args; /* events: what stands behind it; acks: all; without the brackets */
};

/* Reads one packet. What placeholders refer to is left to sio_packet_check_placeholders(). */
enum result sio_packet_read(struct sio_packet *packet, const char *text, size_t length_bytes,
                            const struct sio_limits *limits);

/* Whether every {"_placeholder":true,"num":N} names one of `count` attachments. */
enum result sio_packet_check_placeholders(struct sio_text json, unsigned count);

/* Whether the JSON string `name`, quotes and escapes and all, says `plain`, which is ASCII. */
bool sio_name_is(struct sio_text name, const char *plain);

bool sio_text_is(struct sio_text text, const char *other);

/* A packet's head, up to where its JSON begins. */
struct sio_head {
    enum sio_type type;
    unsigned attachment_count;
    const char *nsp; /* ended by NUL, at most 80 characters */
    bool has_ack_id;
    uint64_t ack_id;
};

/* Writes the head and returns its length. */
size_t sio_head_write(char head[SIO_HEAD_BYTES_MAX], const struct sio_head *h);

#endif
