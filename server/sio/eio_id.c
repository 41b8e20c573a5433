#include "server/sio/eio_id.h"

#include <stdio.h>

#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"

#define WORKER_DIGITS_MAX 3

void eio_id_make(struct eio_id *id, unsigned worker)
{
    id->worker = worker;
    digest_random(id->secret, sizeof id->secret);
}

void eio_id_write_secret(const uint8_t secret[EIO_SECRET_BYTES], char text[EIO_SECRET_CHARS + 1])
{
    char padded[BASE64_CHARS(EIO_SECRET_BYTES)];

    (void)base64_encode(padded, secret, EIO_SECRET_BYTES);
    for (size_t i = 0; i < EIO_SECRET_CHARS; i++)
        text[i] = padded[i] == '+' ? '-' : padded[i] == '/' ? '_' : padded[i];
    text[EIO_SECRET_CHARS] = '\0';
}

bool eio_id_read_secret(uint8_t secret[EIO_SECRET_BYTES], const char *text, size_t length)
{
    char padded[BASE64_CHARS(EIO_SECRET_BYTES)];
    uint8_t bytes[BASE64_BYTES_MAX(sizeof padded)];
    size_t length_bytes = 0;

    if (length != EIO_SECRET_CHARS) return false;
    for (size_t i = 0; i < EIO_SECRET_CHARS; i++) {
        if (text[i] == '+' || text[i] == '/' || text[i] == '=') return false;
        padded[i] = text[i] == '-' ? '+' : text[i] == '_' ? '/' : text[i];
    }
    padded[EIO_SECRET_CHARS] = padded[EIO_SECRET_CHARS + 1] = '=';
    if (base64_decode(bytes, &length_bytes, padded, sizeof padded) != RESULT_OK) return false;
    ASSERT(length_bytes == EIO_SECRET_BYTES);
    bytes_copy(secret, bytes, EIO_SECRET_BYTES);
    return true;
}

size_t eio_id_write(const struct eio_id *id, const char *node, char text[EIO_ID_CHARS_MAX + 1])
{
    char secret[EIO_SECRET_CHARS + 1];

    eio_id_write_secret(id->secret, secret);
    int length = snprintf(text, EIO_ID_CHARS_MAX + 1, "%s%s%u.%s", node, node[0] != '\0' ? "." : "",
                          id->worker, secret);
    ASSERT(length > 0 && length <= EIO_ID_CHARS_MAX);
    return (size_t)length;
}

/* The digits up to the dot behind them. */
static bool read_worker(const char **text, unsigned *worker)
{
    unsigned digits = 0;

    *worker = 0;
    while (**text >= '0' && **text <= '9' && digits < WORKER_DIGITS_MAX) {
        *worker = *worker * 10 + (unsigned)(*(*text)++ - '0');
        digits++;
    }
    return digits > 0 && *(*text)++ == '.';
}

bool eio_id_read(struct eio_id *id, const char *node, const char *text)
{
    size_t node_length = text_length(node), length = text_length(text);

    if (node_length > 0) {
        if (length <= node_length || !bytes_equal(text, node, node_length)) return false;
        if (text[node_length] != '.') return false;
        text += node_length + 1;
    }
    if (!read_worker(&text, &id->worker)) return false;
    return eio_id_read_secret(id->secret, text, text_length(text));
}
