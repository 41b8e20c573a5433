#include "shared/host/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/error.h"
#include "shared/host/tls_certificates.h"
#include "shared/host/tls_openssl.h"

struct tls_context {
    SSL_CTX *ssl_ctx; /* owned; of a client */
    pthread_mutex_t lock;
    struct tls_certificates *certificates; /* behind the lock, counted; of a server */
};

struct tls {
    SSL *ssl;                              /* owned, with its BIOs */
    struct tls_certificates *certificates; /* counted; of a server */
    bool wants_write;
    char failure[160];
};

static struct tls_context *context_create(void)
{
    struct tls_context *context = calloc(1, sizeof *context);

    if (context != NULL) (void)pthread_mutex_init(&context->lock, NULL);
    return context;
}

enum result tls_server_context_create(struct tls_context **context, const struct tls_files *files,
                                      size_t count, struct error *error)
{
    struct tls_context *made = context_create();
    if (made == NULL) return error_set(error, RESULT_IO, "no memory for TLS");

    if (tls_certificates_create(&made->certificates, files, count, NULL, error) != RESULT_OK) {
        tls_context_destroy(made);
        return error->code;
    }
    *context = made;
    return RESULT_OK;
}

enum result tls_server_context_reload(struct tls_context *context, const struct tls_files *files,
                                      size_t count, struct error *error)
{
    struct tls_certificates *fresh, *before = context->certificates;

    if (tls_certificates_create(&fresh, files, count, before, error) != RESULT_OK)
        return error->code;
    (void)pthread_mutex_lock(&context->lock);
    context->certificates = fresh;
    (void)pthread_mutex_unlock(&context->lock);
    tls_certificates_give(before);
    return RESULT_OK;
}

enum result tls_client_context_create(struct tls_context **context, const char *ca_file,
                                      struct error *error)
{
    struct tls_context *made = context_create();
    if (made != NULL) made->ssl_ctx = tls_openssl_create(TLS_client_method());
    if (made == NULL || made->ssl_ctx == NULL) {
        tls_context_destroy(made);
        return error_set(error, RESULT_IO, "no memory for TLS");
    }

    bool trusted = ca_file != NULL ? SSL_CTX_load_verify_file(made->ssl_ctx, ca_file) == 1
                                   : SSL_CTX_set_default_verify_paths(made->ssl_ctx) == 1;
    if (!trusted) {
        (void)tls_openssl_fail(error, "CA file", ca_file != NULL ? ca_file : "of the system");
        tls_context_destroy(made);
        return error->code;
    }
    SSL_CTX_set_verify(made->ssl_ctx, SSL_VERIFY_PEER, NULL);
    /* Returns 0 for success, unlike its neighbours. */
    ASSERT(SSL_CTX_set_alpn_protos(made->ssl_ctx, TLS_ALPN_HTTP11, TLS_ALPN_HTTP11_BYTES) == 0);
    *context = made;
    return RESULT_OK;
}

static struct tls *stream_create(SSL_CTX *ssl_ctx)
{
    struct tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) return NULL;

    tls->ssl = SSL_new(ssl_ctx);
    if (tls->ssl == NULL) {
        free(tls);
        return NULL;
    }
    return tls;
}

struct tls *tls_server_create(struct tls_context *context, int fd)
{
    (void)pthread_mutex_lock(&context->lock);
    struct tls_certificates *certificates = tls_certificates_take(context->certificates);
    (void)pthread_mutex_unlock(&context->lock);

    struct tls *tls = stream_create(tls_certificates_default(certificates));
    if (tls == NULL) {
        tls_certificates_give(certificates);
        return NULL;
    }
    tls->certificates = certificates;
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
    struct tls *tls = stream_create(context->ssl_ctx);
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
    tls_certificates_give(tls->certificates);
    free(tls);
}

void tls_context_destroy(struct tls_context *context)
{
    if (context == NULL) return;
    SSL_CTX_free(context->ssl_ctx);
    tls_certificates_give(context->certificates);
    (void)pthread_mutex_destroy(&context->lock);
    free(context);
}
