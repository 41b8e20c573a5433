/* tls_certificates.h - the certificates of a server: chosen by the name that a client asks for.
 *
 * Place:   tls.c makes streams of them; a reload makes a new set, and what runs keeps the old one.
 * Memory:  counted: a stream holds the set it was made of. The ticket keys go from set to set.
 * Errors:  a sentence that names the file; then there is no set.
 * Source:  RFC 6066 §3 (server name), RFC 6125 §6.4 (which names fit), RFC 5077 (tickets).
 */
#ifndef TICKWIRE_SHARED_HOST_TLS_CERTIFICATES_H
#define TICKWIRE_SHARED_HOST_TLS_CERTIFICATES_H

#include <stddef.h>

#include "shared/host/tls.h"
#include "shared/result.h"

struct ssl_ctx_st;
struct tls_certificates;

/* The first file is for clients that ask for no name, or for one that no certificate has. `before`,
 * unless NULL, is the set whose tickets stay good. One reference is the caller's. */
enum result tls_certificates_create(struct tls_certificates **set, const struct tls_files *files,
                                    size_t count, struct tls_certificates *before,
                                    struct error *error);

struct tls_certificates *tls_certificates_take(struct tls_certificates *set);
void tls_certificates_give(struct tls_certificates *set); /* NULL is fine */

/* What new streams begin with; borrowed from the set. */
struct ssl_ctx_st *tls_certificates_default(const struct tls_certificates *set);

#endif
