/* digest.h - hashes, random bytes and comparing secrets.
 *
 * Place:   SHA-1 for the WebSocket handshake (RFC 6455 §4.2.2), SHA-256 for what is stored or named
 *          by its content, random bytes for tokens, masks and seeds. A home of OpenSSL.
 */
#ifndef TICKWIRE_SHARED_HOST_DIGEST_H
#define TICKWIRE_SHARED_HOST_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA1_BYTES   20
#define DIGEST_SHA256_BYTES 32

void digest_sha1(const uint8_t *bytes, size_t length_bytes, uint8_t digest[DIGEST_SHA1_BYTES]);
void digest_sha256(const uint8_t *bytes, size_t length_bytes, uint8_t digest[DIGEST_SHA256_BYTES]);

/* Fills `bytes` from getrandom(2). */
void digest_random(void *bytes, size_t length_bytes);

/* Takes as long for equal bytes as for different ones. */
bool digest_is_equal(const void *a, const void *b, size_t length_bytes);

#endif
