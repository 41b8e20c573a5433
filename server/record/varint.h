/* varint.h - numbers as bytes, the small ones short: what recordings are made of.
 *
 * Place:   the state and input codecs write a chunk into a buffer, which is then packed and stored.
 * Layout:  LEB128: seven bits a byte, lowest first, the top bit says that more follow. Signed
 *          numbers are folded first: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
 * Memory:  a buffer owns its bytes and grows; cleared and used again, it stops growing. A cursor
 *          borrows what it reads.
 * Errors:  both are sticky: do the whole thing, then ask `failed` once. A cursor never reads past
 *          its end: recordings come from outside.
 */
#ifndef TICKWIRE_SERVER_RECORD_VARINT_H
#define TICKWIRE_SERVER_RECORD_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *bytes; /* owned */
    size_t length_bytes;
    size_t capacity_bytes;
    bool failed; /* no memory */
};

struct cursor {
    const uint8_t *at; /* borrowed */
    const uint8_t *end;
    bool failed; /* read past the end, or a number too large */
};

/* A zeroed buffer is an empty one. */
void buffer_deinit(struct buffer *b);

/* Forgets the content, keeps the memory. */
void buffer_clear(struct buffer *b);

/* Makes place for `more_bytes` beyond the length. Returns false, and has failed, without memory. */
bool buffer_reserve(struct buffer *b, size_t more_bytes);

void buffer_put_bytes(struct buffer *b, const void *bytes, size_t length_bytes);
void buffer_put_byte(struct buffer *b, uint8_t byte);
void buffer_put_u32(struct buffer *b, uint32_t value); /* four bytes, lowest first */
void buffer_put_u64(struct buffer *b, uint64_t value);
void buffer_put_number(struct buffer *b, uint32_t value);
void buffer_put_signed(struct buffer *b, int32_t value);

void cursor_init(struct cursor *c, const void *bytes, size_t length_bytes);
size_t cursor_left_bytes(const struct cursor *c);
uint8_t cursor_get_byte(struct cursor *c);
uint32_t cursor_get_u32(struct cursor *c);
uint64_t cursor_get_u64(struct cursor *c);
uint32_t cursor_get_number(struct cursor *c);
int32_t cursor_get_signed(struct cursor *c);

#endif
