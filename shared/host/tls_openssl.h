/* tls_openssl.h - what all our uses of OpenSSL have in common.
 *
 * Place:   for tls.c and tls_certificates.c alone, which together are OpenSSL's home: the one
 *          header of ours that shows its types.
 */
#ifndef TICKWIRE_SHARED_HOST_TLS_OPENSSL_H
#define TICKWIRE_SHARED_HOST_TLS_OPENSSL_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "shared/result.h"

/* As in ALPN: each name with its length in front (RFC 7301 §3.1). */
#define TLS_ALPN_HTTP11       ((const uint8_t *)"\x08http/1.1")
#define TLS_ALPN_HTTP11_BYTES 9

/* A context with our versions, ciphers and options; NULL: no memory. */
SSL_CTX *tls_openssl_create(const SSL_METHOD *method);

/* Fills `error` with OpenSSL's last reason and empties its queue; returns RESULT_INVALID. */
enum result tls_openssl_fail(struct error *error, const char *what, const char *file);

#endif
