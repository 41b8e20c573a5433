/* eio_id.h - the id of an Engine.IO session: a secret that also says where the session lives.
 *
 * Place:   eio_layer finds sessions by it, eio_http the worker that has one; proxies route on the
 *          node in front.
 * Layout:  [node "."] worker "." 22 characters of url-safe base64: 128 random bits
 */
#ifndef TICKWIRE_SERVER_SIO_EIO_ID_H
#define TICKWIRE_SERVER_SIO_EIO_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EIO_SECRET_BYTES   16
#define EIO_SECRET_CHARS   22
#define EIO_NODE_CHARS_MAX 64
#define EIO_ID_CHARS_MAX   (EIO_NODE_CHARS_MAX + 1 + 3 + 1 + EIO_SECRET_CHARS)

struct eio_id {
    unsigned worker;
    uint8_t secret[EIO_SECRET_BYTES];
};

/* A new one, that nobody can guess. */
void eio_id_make(struct eio_id *id, unsigned worker);

/* Writes it with its NUL; returns its length. `node` may be empty. */
size_t eio_id_write(const struct eio_id *id, const char *node, char text[EIO_ID_CHARS_MAX + 1]);

/* Reads one of this node's; false: it is none. */
bool eio_id_read(struct eio_id *id, const char *node, const char *text);

/* Writes EIO_SECRET_CHARS characters and a NUL for 16 random bytes of any kind. */
void eio_id_write_secret(const uint8_t secret[EIO_SECRET_BYTES], char text[EIO_SECRET_CHARS + 1]);
bool eio_id_read_secret(uint8_t secret[EIO_SECRET_BYTES], const char *text, size_t length);

#endif
