/* json_write.h - writes JSON text into a buffer of fixed size.
 *
 * Place:   json_update writes a JSON client's messages with it; the server's lists and reports too.
 * Memory:  a writer borrows the caller's buffer, allocates nothing, needs no deinit.
 * Errors:  overflow is sticky: write the whole text, then ask once, in json_finish(). Commas come
 *          by themselves; that braces pair up and keys stand in objects is the caller's matter.
 * Source:  RFC 8259. Texts must be UTF-8 and pass as they are; only what JSON demands is escaped.
 */
#ifndef TICKWIRE_SHARED_JSON_WRITE_H
#define TICKWIRE_SHARED_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_writer {
    char *text; /* borrowed; no NUL is written */
    size_t capacity_bytes;
    size_t length_bytes; /* <= capacity_bytes */
    bool needs_comma;    /* a value stands before, on the same level */
    bool overflow;       /* sticky: true from the first byte that did not fit */
};

void json_writer_init(struct json_writer *w, char *text, size_t capacity_bytes);

/* `bracket` is '{' or '[', and '}' or ']'. */
void json_open(struct json_writer *w, char bracket);
void json_close(struct json_writer *w, char bracket);

/* A member's key; its value comes next. The second form is a number as a key: "17". */
void json_put_key(struct json_writer *w, const char *key);
void json_put_number_key(struct json_writer *w, uint32_t number);

void json_put_text(struct json_writer *w, const char *text, size_t length_bytes);
void json_put_integer(struct json_writer *w, int64_t value);
void json_put_unsigned(struct json_writer *w, uint64_t value);
void json_put_bool(struct json_writer *w, bool value);
void json_put_null(struct json_writer *w);

/* value / denominator with up to four decimals and no trailing zeros: exact where four suffice,
 * else rounded, halves away from zero. denominator is 1..2^58. */
void json_put_ratio(struct json_writer *w, int64_t value, int64_t denominator);

/* A text of two lower case hex digits for each byte. */
void json_put_hex(struct json_writer *w, const uint8_t *bytes, size_t length_bytes);

/* A value, or a member with its key, that was written elsewhere; not empty. */
void json_put_raw(struct json_writer *w, const char *text, size_t length_bytes);

/* Returns the text's length in bytes, or 0 if it did not fit. */
size_t json_finish(const struct json_writer *w);

#endif
