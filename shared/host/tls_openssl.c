#include "shared/host/tls_openssl.h"

#include <openssl/err.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/error.h"

/* AEAD with forward secrecy only; the TLS 1.3 suites are all of that kind already. */
#define TLS12_CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"
#define TLS_GROUPS    "X25519:P-256"

#define TLS_OPTIONS                                                                      \
    (SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | \
     SSL_OP_PRIORITIZE_CHACHA)
#define TLS_MODES \
    (SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER)

SSL_CTX *tls_openssl_create(const SSL_METHOD *method)
{
    SSL_CTX *made = SSL_CTX_new(method);
    if (made == NULL) return NULL;

    ASSERT(SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION) == 1);
    ASSERT(SSL_CTX_set_cipher_list(made, TLS12_CIPHERS) == 1);
    ASSERT(SSL_CTX_set1_groups_list(made, TLS_GROUPS) == 1);
    (void)SSL_CTX_set_options(made, TLS_OPTIONS);
    (void)SSL_CTX_set_mode(made, TLS_MODES);
    return made;
}

/* The system's error comes first, if there was one; OpenSSL's layers above say what they tried. */
static const char *last_reason(void)
{
    unsigned long first = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(first)) return strerror(ERR_GET_REASON(first));

    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != NULL ? reason : "unknown reason";
}

enum result tls_openssl_fail(struct error *error, const char *what, const char *file)
{
    (void)error_set(error, RESULT_INVALID, "%s %s: %s", what, file, last_reason());
    ERR_clear_error();
    return error->code;
}
