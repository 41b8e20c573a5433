/* utf8.h - checks that a byte stream is UTF-8, in pieces of any size.
 *
 * Place:   ws_reader checks text messages as they arrive and ws_close the reasons; names, chat and
 *          JSON text from outside pass here first.
 * Memory:  a checker is three bytes of state of the caller's; nothing to release.
 * Errors:  fails at the first byte that no valid text can have there, so that a peer is told at
 *          once (overlong forms, surrogates, beyond U+10FFFF); a failed checker stays failed.
 * Source:  RFC 3629 §4.
 */
#ifndef TICKWIRE_SHARED_UTF8_H
#define TICKWIRE_SHARED_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct utf8_checker {
    uint8_t needed; /* continuation bytes still to come of the character under way */
    uint8_t low;    /* if needed > 0: the next byte lies in low..high */
    uint8_t high;
};

/* Starts a new text. A zeroed struct is the same. */
void utf8_checker_init(struct utf8_checker *c);

/* Returns whether the text is UTF-8 up to the end of bytes[0..length_bytes), which may be in the
 * middle of a character. */
bool utf8_check(struct utf8_checker *c, const uint8_t *bytes, size_t length_bytes);

/* Returns whether the text so far is valid and ends between two characters. */
bool utf8_is_complete(const struct utf8_checker *c);

/* Returns whether bytes[0..length_bytes) is UTF-8 as a whole. */
bool utf8_is_valid(const void *bytes, size_t length_bytes);

/* Returns the length of the longest start of a valid text that has at most `max_bytes` and does not
 * cut a character in two. */
size_t utf8_cut_bytes(const void *text, size_t length_bytes, size_t max_bytes);

#endif
