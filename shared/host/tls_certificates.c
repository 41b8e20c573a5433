#include "shared/host/tls_certificates.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/host/tls_openssl.h"
#include "shared/host/tls_tickets.h"

struct tls_certificates {
    _Atomic unsigned references;
    struct tls_tickets tickets;
    size_t count;
    SSL_CTX *items[]; /* owned, one for each certificate */
};

static struct tls_certificates *set_of(SSL *ssl)
{
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* ---- what a client's hello asks for ---- */

/* RFC 7301 §3.2: no protocol in common ends the handshake; a client without ALPN never gets here.
 */
static int choose_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *chosen_length,
                       const unsigned char *offered, unsigned offered_length, void *unused)
{
    unsigned char *match;
    (void)ssl, (void)unused;

    if (SSL_select_next_proto(&match, chosen_length, TLS_ALPN_HTTP11, TLS_ALPN_HTTP11_BYTES,
                              offered, offered_length) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

/* A name that no certificate has gets the first one: whether it will do is the client's choice. */
static int choose_certificate(SSL *ssl, int *alert, void *unused)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const struct tls_certificates *set = set_of(ssl);
    (void)alert, (void)unused;

    if (name == NULL) return SSL_TLSEXT_ERR_NOACK;
    for (size_t i = 0; i < set->count; i++) {
        X509 *certificate = SSL_CTX_get0_certificate(set->items[i]);
        if (X509_check_host(certificate, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) != 1)
            continue;
        if (SSL_get_SSL_CTX(ssl) != set->items[i]) (void)SSL_set_SSL_CTX(ssl, set->items[i]);
        return SSL_TLSEXT_ERR_OK;
    }
    return SSL_TLSEXT_ERR_NOACK;
}

/* ---- tickets ---- */

static bool start_mac(EVP_MAC_CTX *mac, struct tls_ticket_key *key)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac, sizeof key->mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

static int seal_ticket(struct tls_tickets *tickets, unsigned char *name, unsigned char *iv,
                       EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    struct tls_ticket_key key;

    tls_tickets_newest(tickets, clock_monotonic_ms() / 1000, &key);
    bytes_copy(name, key.name, sizeof key.name);
    bool is_fine = RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
                   EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher, iv) == 1 &&
                   start_mac(mac, &key);
    OPENSSL_cleanse(&key, sizeof key);
    return is_fine ? 1 : -1;
}

/* 0: not one of ours, or too old: a full handshake. 2: to be sealed anew. */
static int open_ticket(struct tls_tickets *tickets, const unsigned char *name,
                       const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    struct tls_ticket_key key;
    bool is_newest;

    if (!tls_tickets_find(tickets, name, clock_monotonic_ms() / 1000, &key, &is_newest)) return 0;
    bool is_fine = EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher, iv) == 1 &&
                   start_mac(mac, &key);
    OPENSSL_cleanse(&key, sizeof key);
    if (!is_fine) return -1;
    return is_newest ? 1 : 2;
}

static int use_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                      EVP_MAC_CTX *mac, int seals)
{
    struct tls_tickets *tickets = &set_of(ssl)->tickets;

    return seals ? seal_ticket(tickets, name, iv, cipher, mac)
                 : open_ticket(tickets, name, iv, cipher, mac);
}

/* ---- the set ---- */

static SSL_CTX *load(const struct tls_files *files, struct tls_certificates *set,
                     struct error *error)
{
    SSL_CTX *made = tls_openssl_create(TLS_server_method());

    if (made == NULL) {
        (void)error_set(error, RESULT_IO, "no memory for TLS");
        return NULL;
    }
    if (SSL_CTX_use_certificate_chain_file(made, files->cert) != 1) {
        (void)tls_openssl_fail(error, "certificate", files->cert);
        goto fail;
    }
    if (SSL_CTX_use_PrivateKey_file(made, files->key, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(made) != 1) {
        (void)tls_openssl_fail(error, "key", files->key);
        goto fail;
    }
    (void)SSL_CTX_set_app_data(made, set);
    SSL_CTX_set_alpn_select_cb(made, choose_alpn, NULL);
    (void)SSL_CTX_set_tlsext_servername_callback(made, choose_certificate);
    /* Resumption by tickets only, so that the server keeps no session state; no early data, whose
     * replay nothing here could tell. */
    (void)SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_tlsext_ticket_key_evp_cb(made, use_ticket);
    (void)SSL_CTX_set_max_early_data(made, 0);
    return made;
fail:
    SSL_CTX_free(made);
    return NULL;
}

enum result tls_certificates_create(struct tls_certificates **set, const struct tls_files *files,
                                    size_t count, struct tls_certificates *before,
                                    struct error *error)
{
    ASSERT(count > 0);
    struct tls_certificates *made = calloc(1, sizeof *made + count * sizeof made->items[0]);
    if (made == NULL) return error_set(error, RESULT_IO, "no memory for TLS");

    atomic_init(&made->references, 1);
    tls_tickets_init(&made->tickets, before != NULL ? &before->tickets : NULL,
                     clock_monotonic_ms() / 1000);
    for (size_t i = 0; i < count; i++) {
        made->items[i] = load(&files[i], made, error);
        if (made->items[i] == NULL) {
            tls_certificates_give(made);
            return error->code;
        }
        made->count++;
    }
    *set = made;
    return RESULT_OK;
}

struct tls_certificates *tls_certificates_take(struct tls_certificates *set)
{
    (void)atomic_fetch_add(&set->references, 1);
    return set;
}

void tls_certificates_give(struct tls_certificates *set)
{
    if (set == NULL || atomic_fetch_sub(&set->references, 1) > 1) return;
    for (size_t i = 0; i < set->count; i++)
        SSL_CTX_free(set->items[i]);
    tls_tickets_deinit(&set->tickets);
    free(set);
}

struct ssl_ctx_st *tls_certificates_default(const struct tls_certificates *set)
{
    return set->items[0];
}
