#include "shared/host/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
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

struct tls_context {
    SSL_CTX *ssl_ctx; /* owned */
};

struct tls {
    SSL *ssl; /* owned, with its BIOs */
    bool wants_write;
    char failure[160];
};

static const uint8_t alpn_http11[] = "\x08http/1.1";

/* RFC 7301 §3.2: no protocol in common ends the handshake; a client without ALPN never gets here.
 */
static int choose_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
                       const unsigned char *offered, unsigned offered_length, void *unused)
{
    unsigned char *match;
    (void)ssl, (void)unused;

    if (SSL_select_next_proto(&match, chosen_length, alpn_http11, sizeof alpn_http11 - 1, offered,
                              offered_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

/* The system's error comes first, if there was one; OpenSSL's layers above say what they tried. */
static const char *last_reason(void)
{
    unsigned long first = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(first)) return strerror(ERR_GET_REASON(first));

    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != NULL ? reason : "unknown reason";
}

static enum result fail(struct error *error, const char *what, const char *file)
{
    (void)error_set(error, RESULT_INVALID, "%s %s: %s", what, file, last_reason());
    ERR_clear_error();
    return error->code;
}

static struct tls_context *context_create(const SSL_METHOD *method)
{
    struct tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) return NULL;

    context->ssl_ctx = SSL_CTX_new(method);
    if (context->ssl_ctx == NULL) {
        free(context);
        return NULL;
    }
    ASSERT(SSL_CTX_set_min_proto_version(context->ssl_ctx, TLS1_2_VERSION) == 1);
    ASSERT(SSL_CTX_set_cipher_list(context->ssl_ctx, TLS12_CIPHERS) == 1);
    ASSERT(SSL_CTX_set1_groups_list(context->ssl_ctx, TLS_GROUPS) == 1);
    (void)SSL_CTX_set_options(context->ssl_ctx, TLS_OPTIONS);
    (void)SSL_CTX_set_mode(context->ssl_ctx, TLS_MODES);
    return context;
}

enum result tls_server_context_create(struct tls_context **context, const char *cert_file,
                                      const char *key_file, struct error *error)
{
    struct tls_context *made = context_create(TLS_server_method());
    if (made == NULL) return error_set(error, RESULT_IO, "no memory for TLS");

    if (SSL_CTX_use_certificate_chain_file(made->ssl_ctx, cert_file) != 1) {
        (void)fail(error, "certificate", cert_file);
        goto fail;
    }
    if (SSL_CTX_use_PrivateKey_file(made->ssl_ctx, key_file, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(made->ssl_ctx) != 1) {
        (void)fail(error, "key", key_file);
        goto fail;
    }
    SSL_CTX_set_alpn_select_cb(made->ssl_ctx, choose_alpn, NULL);
    /* Resumption by tickets only: the server keeps no session state and OpenSSL rotates the keys;
     * no early data, whose replay nothing here could tell. */
    (void)SSL_CTX_set_session_cache_mode(made->ssl_ctx, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_max_early_data(made->ssl_ctx, 0);
    *context = made;
    return RESULT_OK;
fail:
    tls_context_destroy(made);
    return error->code;
}

enum result tls_client_context_create(struct tls_context **context, const char *ca_file,
                                      struct error *error)
{
    struct tls_context *made = context_create(TLS_client_method());
    if (made == NULL) return error_set(error, RESULT_IO, "no memory for TLS");

    bool trusted = ca_file != NULL ? SSL_CTX_load_verify_file(made->ssl_ctx, ca_file) == 1
                                   : SSL_CTX_set_default_verify_paths(made->ssl_ctx) == 1;
    if (!trusted) {
        (void)fail(error, "CA file", ca_file != NULL ? ca_file : "of the system");
        tls_context_destroy(made);
        return error->code;
    }
    SSL_CTX_set_verify(made->ssl_ctx, SSL_VERIFY_PEER, NULL);
    /* Returns 0 for success, unlike its neighbours. */
    ASSERT(SSL_CTX_set_alpn_protos(made->ssl_ctx, alpn_http11, sizeof alpn_http11 - 1) == 0);
    *context = made;
    return RESULT_OK;
}

static struct tls *stream_create(struct tls_context *context)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) return NULL;

    tls->ssl = SSL_new(context->ssl_ctx);
    if (tls->ssl == NULL) {
        free(tls);
        return NULL;
    }
    return tls;
}

struct tls *tls_server_create(struct tls_context *context, int fd)
{
    struct tls *tls = stream_create(context);
    if (tls == NULL) return NULL;

    if (SSL_set_fd(tls->ssl, fd) != 1) {
        tls_destroy(tls);
        return NULL;
    }
    SSL_set_accept_state(tls->ssl);
    return tls;
}

/* The name is sent (SNI) and checked; an address is checked only, as RFC 6066 §3 wants it. */
static bool set_peer(SSL *ssl, const char *host)
{
    struct in6_addr address;

    if (inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct tls *tls_client_create(struct tls_context *context, const char *host)
{
    struct tls *tls = stream_create(context);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());

    if (tls == NULL || in == NULL || out == NULL || !set_peer(tls->ssl, host)) {
        (void)BIO_free(in);
        (void)BIO_free(out);
        tls_destroy(tls);
        return NULL;
    }
    /* An empty input means "more may come", not the end of the stream. */
    (void)BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(tls->ssl, in, out);
    SSL_set_connect_state(tls->ssl);
    return tls;
}

enum result tls_feed(struct tls *tls, const uint8_t *bytes, size_t length_bytes)
{
    size_t written;

    if (length_bytes == 0) return RESULT_OK;
    if (BIO_write_ex(SSL_get_rbio(tls->ssl), bytes, length_bytes, &written) != 1 ||
        written != length_bytes)
        return RESULT_IO;
    return RESULT_OK;
}

size_t tls_drain(struct tls *tls, uint8_t *bytes, size_t capacity_bytes)
{
    size_t taken;

    if (BIO_ctrl_pending(SSL_get_wbio(tls->ssl)) == 0) return 0;
    return BIO_read_ex(SSL_get_wbio(tls->ssl), bytes, capacity_bytes, &taken) == 1 ? taken : 0;
}

static void note_failure(struct tls *tls)
{
    long verified = SSL_get_verify_result(tls->ssl);
    unsigned long code = ERR_peek_last_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    if (verified != X509_V_OK)
        (void)snprintf(tls->failure, sizeof tls->failure, "certificate verify failed: %s",
                       X509_verify_cert_error_string(verified));
    else
        (void)snprintf(tls->failure, sizeof tls->failure, "%s",
                       reason != NULL ? reason : "the connection broke");
}

/* What an OpenSSL call that did not succeed means. Its error queue belongs to the thread and must
 * be empty before the next call, or another connection would be blamed. */
static enum result result_of(struct tls *tls, int returned, enum result if_broken)
{
    enum result r = if_broken;

    switch (SSL_get_error(tls->ssl, returned)) {
    case SSL_ERROR_WANT_READ:
        tls->wants_write = false;
        return RESULT_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        tls->wants_write = true;
        return RESULT_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        r = RESULT_CLOSED;
        break;
    case SSL_ERROR_SYSCALL:
        r = RESULT_IO;
        break;
    default:
        break;
    }
    note_failure(tls);
    ERR_clear_error();
    return r;
}

enum result tls_handshake(struct tls *tls)
{
    ERR_clear_error();
    int returned = SSL_do_handshake(tls->ssl);
    return returned == 1 ? RESULT_OK : result_of(tls, returned, RESULT_INVALID);
}

enum result tls_read(struct tls *tls, uint8_t *bytes, size_t capacity_bytes, size_t *read_bytes)
{
    ERR_clear_error();
    int returned = SSL_read_ex(tls->ssl, bytes, capacity_bytes, read_bytes);
    return returned == 1 ? RESULT_OK : result_of(tls, returned, RESULT_IO);
}

enum result tls_write(struct tls *tls, const uint8_t *bytes, size_t length_bytes,
                      size_t *written_bytes)
{
    ASSERT(length_bytes > 0);
    ERR_clear_error();
    int returned = SSL_write_ex(tls->ssl, bytes, length_bytes, written_bytes);
    return returned == 1 ? RESULT_OK : result_of(tls, returned, RESULT_IO);
}

bool tls_wants_write(const struct tls *tls)
{
    return tls->wants_write;
}

bool tls_has_pending(const struct tls *tls)
{
    return SSL_pending(tls->ssl) > 0;
}

void tls_shutdown(struct tls *tls)
{
    ERR_clear_error();
    if (SSL_is_init_finished(tls->ssl)) (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
}

const char *tls_failure(struct tls *tls)
{
    return tls->failure;
}

void tls_destroy(struct tls *tls)
{
    if (tls == NULL) return;
    SSL_free(tls->ssl);
    free(tls);
}

void tls_context_destroy(struct tls_context *context)
{
    if (context == NULL) return;
    SSL_CTX_free(context->ssl_ctx);
    free(context);
}
