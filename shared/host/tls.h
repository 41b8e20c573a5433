/* tls.h - TLS 1.2 and 1.3 over a non-blocking descriptor (server) or over buffers (client).
 *
 * Place:   server/net/conn stands on the server side; the native client and the bots, whose
 *          sockets are not ours, feed and drain the client side by hand. A home of OpenSSL.
 * Memory:  contexts and streams are ours (create/destroy); a stream needs its context only while it
 *          is created, so that a context can be reloaded or destroyed while its streams run. Idle
 *          server streams give their buffers back.
 * Errors:  the data path answers results; creating also fills struct error, naming the file.
 * Source:  RFC 8446, RFC 5246; ALPN RFC 7301.
 */
#ifndef TICKWIRE_SHARED_HOST_TLS_H
#define TICKWIRE_SHARED_HOST_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

struct tls_context;
struct tls;

/* ---- server: a context per port, a stream per connection ---- */

/* `cert` is PEM, the chain included; `key` its private key, not encrypted. */
struct tls_files {
    const char *cert, *key;
};

/* Several certificates are chosen among by the name a client asks for; the first one is for
 * clients that ask for none, or for one that no certificate has. */
enum result tls_server_context_create(struct tls_context **context, const struct tls_files *files,
                                      size_t count, struct error *error);

/* Reads the files anew, for the streams to come; from any thread. Not RESULT_OK: everything stays
 * as it was. */
enum result tls_server_context_reload(struct tls_context *context, const struct tls_files *files,
                                      size_t count, struct error *error);

/* A stream that accepts on `fd`, which stays the caller's and must be non-blocking. NULL: no
 * memory. */
struct tls *tls_server_create(struct tls_context *context, int fd);

/* ---- client: verification of the certificate and the host name is always on ---- */

/* Trusts the certificates of `ca_file`, or the system's where it is NULL. */
enum result tls_client_context_create(struct tls_context **context, const char *ca_file,
                                      struct error *error);

/* A stream that talks to `host` (a name or an IP address) through tls_feed() and tls_drain(). */
struct tls *tls_client_create(struct tls_context *context, const char *host);

/* Bytes that came from the socket. RESULT_IO: no memory. */
enum result tls_feed(struct tls *tls, const uint8_t *bytes, size_t length_bytes);

/* Takes out bytes for the socket, up to `capacity_bytes`; 0 when there are none. To be drained
 * after every other call, also one that failed: it may hold an alert. */
size_t tls_drain(struct tls *tls, uint8_t *bytes, size_t capacity_bytes);

/* ---- both ---- */

/* RESULT_OK: done. RESULT_AGAIN: wait for the socket, in the direction of tls_wants_write().
 * RESULT_INVALID: refused; tls_failure() says why. RESULT_CLOSED: the peer left. */
enum result tls_handshake(struct tls *tls);

/* RESULT_OK with 1..capacity bytes, RESULT_AGAIN, RESULT_CLOSED at an orderly end, or RESULT_IO. */
enum result tls_read(struct tls *tls, uint8_t *bytes, size_t capacity_bytes, size_t *read_bytes);

/* RESULT_OK with 1..length bytes taken (maybe fewer than offered), RESULT_AGAIN or RESULT_IO. After
 * RESULT_AGAIN the next call must offer at least the same bytes; they may have moved. */
enum result tls_write(struct tls *tls, const uint8_t *bytes, size_t length_bytes,
                      size_t *written_bytes);

/* Whether the last RESULT_AGAIN waits for the socket to be writable rather than readable. */
bool tls_wants_write(const struct tls *tls);

/* Whether a tls_read() would answer bytes without asking the socket: a poller cannot know. */
bool tls_has_pending(const struct tls *tls);

/* Says "no more from me" (close_notify), as far as the socket takes it at once. */
void tls_shutdown(struct tls *tls);

/* Why the handshake or the stream failed, one short phrase ("certificate verify failed: unable to
 * get local issuer certificate"); lives until the stream's next call. */
const char *tls_failure(struct tls *tls);

void tls_destroy(struct tls *tls);
void tls_context_destroy(struct tls_context *context);

#endif
