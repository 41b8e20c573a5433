/* json_scan.h - decides whether a text from outside is JSON that we are willing to parse.
 *
 * Place:   stands before cJSON wherever text comes from a peer: cJSON recurses as deep as the text
 *          says, takes several forms that are no JSON, and ends a string at a NUL.
 * Memory:  constant; nothing to release.
 * Source:  RFC 8259, with RFC 3629 for its encoding.
 */
#ifndef TICKWIRE_SHARED_JSON_SCAN_H
#define TICKWIRE_SHARED_JSON_SCAN_H

#include <stddef.h>

#include "shared/result.h"

#define JSON_DEPTH_MAX  8   /* arrays and objects within each other */
#define JSON_TOKENS_MAX 512 /* values, keys, and each array and object once */

#define JSON_DEPTH_CAPACITY 64 /* what json_scan_within() may be asked for */

struct json_limits {
    unsigned depth_max; /* <= JSON_DEPTH_CAPACITY */
    unsigned tokens_max;
};

/* RESULT_OK: text[0..length_bytes) is one JSON value with nothing but white space around it, in
 * UTF-8, no character in it is NUL (written out or as \u0000), no surrogate stands alone.
 * RESULT_TOO_BIG: it is deeper or has more tokens than the limits. RESULT_INVALID: it is none.
 * That keys differ from each other is left to the reader. */
enum result json_scan(const char *text, size_t length_bytes);

/* The same within other limits. */
enum result json_scan_within(const char *text, size_t length_bytes,
                             const struct json_limits *limits);

#endif
