/* sio_auth.h - what a player says when it connects by Socket.IO: the auth object.
 *
 * Place:   sio_game reads it for each namespace joined. It is the JSON flavour's hello, with what
 *          only Socket.IO has: format, spectate, hello (the binary flavour's, in base64), and, from
 *          a client that comes back, pid and offset.
 * Memory:  plain data; cJSON allocates while it parses and frees before the return.
 * Errors:  a sentence without quotes, for the client to read.
 */
#ifndef TICKWIRE_SERVER_SIO_SIO_AUTH_H
#define TICKWIRE_SERVER_SIO_SIO_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "server/sio/sio_client.h"
#include "shared/message.h"

#define SIO_AUTH_BYTES_MAX 1024

struct sio_auth {
    bool is_binary, is_spectator;
    struct message_hello hello;      /* with the seat's token, if there is a good pid */
    char pid[SIO_PID_CHARS_MAX + 1]; /* "": none */
    bool has_offset;
    uint32_t offset;
};

/* Reads the object. NULL: it is fine; else what is wrong with it. */
const char *sio_auth_read(struct sio_auth *auth, struct sio_text json);

/* Writes a pid for a seat: its token, and a mark that makes it another one each time. */
void sio_auth_write_pid(char pid[SIO_PID_CHARS_MAX + 1], const uint8_t token[TOKEN_BYTES],
                        uint16_t seat);

#endif
