/* ws_handshake.h - the HTTP exchange that opens a WebSocket connection, seen from both ends.
 *
 * Place:   the server's upgrade takes the key, token and subprotocol helpers and writes the answer;
 *          the native client and the bots write the request and parse the answer.
 * Memory:  everything is the caller's; nothing to release. SHA-1 and random bytes are given in.
 * Errors:  the client's parser says in a sentence why a server was refused; no byte the server sent
 *          stands in it.
 * Source:  RFC 6455 §4.1, §4.2, §11.3; RFC 9110 §5.6 for tokens and lists.
 */
#ifndef TICKWIRE_SHARED_WS_HANDSHAKE_H
#define TICKWIRE_SHARED_WS_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define WS_NONCE_BYTES           16
#define WS_KEY_CHARS             24 /* the nonce in base64 */
#define WS_SHA1_BYTES            20
#define WS_ACCEPT_CHARS          28 /* the digest in base64 */
#define WS_RESPONSE_BYTES_MAX    8192
#define WS_RESPONSE_HEADERS_MAX  64
#define WS_SUBPROTOCOL_CHARS_MAX 31

/* Hashes bytes[0..length_bytes) by SHA-1 (FIPS 180-4). */
typedef void ws_sha1(const uint8_t *bytes, size_t length_bytes, uint8_t digest[WS_SHA1_BYTES]);

/* A piece of foreign text, borrowed. */
struct ws_text {
    const char *chars;
    size_t length_chars;
};

/* Returns whether `key` is base64 of 16 bytes (§4.2.1). */
bool ws_key_is_valid(struct ws_text key);

/* Writes the Sec-WebSocket-Key for 16 random bytes, ended by NUL. */
void ws_key_build(char key[WS_KEY_CHARS + 1], const uint8_t nonce[WS_NONCE_BYTES]);

/* Writes the Sec-WebSocket-Accept that answers `key`, ended by NUL (§4.2.2). */
void ws_accept_build(char accept[WS_ACCEPT_CHARS + 1], const char key[WS_KEY_CHARS], ws_sha1 *sha1);

/* Takes the next element off a comma-separated header value, without the spaces around it; false at
 * the end. Empty elements are left out (RFC 9110 §5.6.1). */
bool ws_list_next(struct ws_text *list, struct ws_text *element);

/* Returns whether the list has `token`, whatever the case: `Connection: keep-alive, Upgrade`. */
bool ws_list_has(struct ws_text list, const char *token);

/* Returns the index of the first of supported[0..count) that the client's list offers, compared
 * exactly, or `count` if it offers none. */
size_t ws_subprotocol_select(struct ws_text offered, const char *const *supported, size_t count);

/* What a client asks; each text ends by NUL and holds printable ASCII, `host` and `path` no
 * space. */
struct ws_request {
    const char *host;         /* with the port, unless it is the scheme's own */
    const char *path;         /* from the '/' on, with the query */
    const char *key;          /* as ws_key_build() writes it */
    const char *subprotocols; /* comma-separated, best first; NULL for none */
    const char *origin;       /* NULL for none, as programs that are no browser do */
};

/* Writes the request and stores its length. RESULT_TOO_BIG if it does not fit, RESULT_INVALID if a
 * text holds what could start another header or request. */
enum result ws_request_write(char *out, size_t capacity_bytes, size_t *length_bytes,
                             const struct ws_request *request);

/* What the server answers. */
struct ws_answer {
    const char *accept;
    const char *subprotocol; /* NULL if none was chosen */
    const char *extensions;  /* as agreed; NULL for none */
    const char *fields;      /* further lines, each with its CRLF; NULL for none */
};

/* Writes the server's 101 and stores its length. RESULT_TOO_BIG if it does not fit. */
enum result ws_response_write(char *out, size_t capacity_bytes, size_t *length_bytes,
                              const struct ws_answer *answer);

/* What the client holds the answer against. */
struct ws_expectation {
    const char *accept;       /* of ws_accept_build() for the key that was sent */
    const char *subprotocols; /* as in the request */
};

struct ws_response {
    uint16_t status;                                /* once the status line was read, else 0 */
    char subprotocol[WS_SUBPROTOCOL_CHARS_MAX + 1]; /* as chosen; empty if none */
    size_t head_bytes;                              /* frames begin after these */
};

/* Parses the answer at the start of `bytes`. RESULT_OK: the connection is open. RESULT_AGAIN: the
 * head goes on beyond `bytes`. RESULT_TOO_BIG beyond WS_RESPONSE_BYTES_MAX, RESULT_INVALID if the
 * server refused or broke a rule; then `error` says why. */
enum result ws_response_parse(struct ws_response *response, struct ws_text bytes,
                              const struct ws_expectation *expectation, struct error *error);

#endif
