/* request.h - parses the head of an HTTP/1.1 request: strict, small, without I/O.
 *
 * Place:   http_conn feeds it what it read; router, files and the WebSocket upgrade read the
 *          result.
 * Memory:  the request points into the head's bytes, borrowed; nothing to release.
 * Errors:  RESULT_INVALID or RESULT_TOO_BIG with the HTTP status that says why. Everything that two
 *          parsers could understand differently is refused: that is the defence against request
 *          smuggling.
 * Source:  RFC 9112 §2 to §6, RFC 9110 §5.
 */
#ifndef TICKWIRE_SERVER_HTTP_REQUEST_H
#define TICKWIRE_SERVER_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define HTTP_HEADERS_MAX      128 /* that can be told apart; config.head_fields_max is less */
#define HTTP_TARGET_BYTES_MAX 2048

/* Those that are known, though most are allowed nowhere (405); the others are not (501). */
enum http_method {
    HTTP_GET,
    HTTP_HEAD,
    HTTP_POST,
    HTTP_OPTIONS,
    HTTP_PUT,
    HTTP_DELETE,
    HTTP_PATCH,
    HTTP_TRACE,
    HTTP_OTHER
};

/* A piece of the head: not ended by NUL, never holding one. `chars` NULL: not there. */
struct http_text {
    const char *chars;
    size_t length;
};

struct http_header {
    struct http_text name, value; /* the value without the white space around it */
};

struct http_request {
    enum http_method method;
    struct http_text target; /* as sent, for the log */
    struct http_text path;   /* from '/' on, still percent-encoded */
    struct http_text query;  /* behind the '?', still percent-encoded; may be empty */
    struct http_text host;   /* with its port; empty only in HTTP/1.0 */
    unsigned version_minor;  /* 0 or 1 */
    bool keep_alive;
    uint64_t content_bytes; /* of the body: 0 without one, and while is_chunked */
    bool is_chunked;        /* the body comes in chunks, of a length yet unknown */
    struct http_header headers[HTTP_HEADERS_MAX];
    size_t header_count;
};

/* How far a head has been looked at, so that one that comes byte by byte is looked at once. */
struct http_scan {
    size_t scanned_bytes;
    bool has_line; /* the request line has ended */
};

/* Looks for the end of the head in bytes[0..length_bytes), of which the first
 * scan->scanned_bytes were there before. RESULT_OK: *head_bytes with its empty line. RESULT_AGAIN:
 * it goes on. RESULT_INVALID (400): a byte that no head has. RESULT_TOO_BIG: 414 or 431. */
enum result http_head_find(struct http_scan *scan, const uint8_t *bytes, size_t length_bytes,
                           size_t head_bytes_max, size_t *head_bytes, unsigned *status);

/* Parses a whole head. Not RESULT_OK: *status is 400, 414, 431, 501 or 505. */
enum result http_request_parse(struct http_request *request, const char *head, size_t head_bytes,
                               unsigned *status);

/* The value of the header, which must occur at most once to be found; NULL chars if it does not.
 * `name` is lower case. */
struct http_text http_request_header(const struct http_request *request, const char *name);

/* The same for a header that is a list and may be split over several lines: calls for one after the
 * other with *index starting at 0; NULL chars at the end. */
struct http_text http_request_header_next(const struct http_request *request, const char *name,
                                          size_t *index);

/* The first `key` of the query, percent-decoded, '+' being a space, into value[0..capacity), ended
 * by NUL. Not there: RESULT_OK and "". RESULT_INVALID: a broken escape or a NUL; RESULT_TOO_BIG. */
enum result http_request_query(const struct http_request *request, const char *key, char *value,
                               size_t capacity_bytes);

/* Decodes %XX once into out, ended by NUL. */
enum result http_percent_decode(struct http_text text, bool plus_is_space, char *out,
                                size_t capacity_bytes, size_t *length_bytes);

bool http_text_is(struct http_text text, const char *other);        /* exactly */
bool http_text_is_nocase(struct http_text text, const char *lower); /* ASCII case aside */

/* The text without the spaces and tabs around it. */
struct http_text http_text_trim(struct http_text text);

#endif
