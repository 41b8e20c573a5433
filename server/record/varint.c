#include "server/record/varint.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_BYTES_MIN 4096

void buffer_deinit(struct buffer *b)
{
    free(b->bytes);
    *b = (struct buffer){0};
}

void buffer_clear(struct buffer *b)
{
    b->length_bytes = 0;
    b->failed = false;
}

bool buffer_reserve(struct buffer *b, size_t more_bytes)
{
    size_t needed = b->length_bytes + more_bytes;
    if (needed <= b->capacity_bytes) return true;

    size_t capacity = b->capacity_bytes < BUFFER_BYTES_MIN ? BUFFER_BYTES_MIN : b->capacity_bytes;
    while (capacity < needed)
        capacity *= 2;
    uint8_t *bytes = realloc(b->bytes, capacity);
    if (bytes == NULL) {
        b->failed = true;
        return false;
    }
    b->bytes = bytes;
    b->capacity_bytes = capacity;
    return true;
}

void buffer_put_bytes(struct buffer *b, const void *bytes, size_t length_bytes)
{
    if (length_bytes == 0 || !buffer_reserve(b, length_bytes)) return;
    memcpy(b->bytes + b->length_bytes, bytes, length_bytes);
    b->length_bytes += length_bytes;
}

void buffer_put_byte(struct buffer *b, uint8_t byte)
{
    if (!buffer_reserve(b, 1)) return;
    b->bytes[b->length_bytes++] = byte;
}

void buffer_put_u32(struct buffer *b, uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        buffer_put_byte(b, (uint8_t)(value >> shift));
}

void buffer_put_u64(struct buffer *b, uint64_t value)
{
    buffer_put_u32(b, (uint32_t)value);
    buffer_put_u32(b, (uint32_t)(value >> 32));
}

void buffer_put_number(struct buffer *b, uint32_t value)
{
    for (; value >= 0x80; value >>= 7)
        buffer_put_byte(b, (uint8_t)(value | 0x80));
    buffer_put_byte(b, (uint8_t)value);
}

void buffer_put_signed(struct buffer *b, int32_t value)
{
    uint32_t doubled = (uint32_t)value << 1;
    buffer_put_number(b, value < 0 ? ~doubled : doubled);
}

void cursor_init(struct cursor *c, const void *bytes, size_t length_bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *start = length_bytes == 0 ? nothing : bytes;
    *c = (struct cursor){.at = start, .end = start + length_bytes};
}

size_t cursor_left_bytes(const struct cursor *c)
{
    return (size_t)(c->end - c->at);
}

uint8_t cursor_get_byte(struct cursor *c)
{
    if (c->at == c->end) {
        c->failed = true;
        return 0;
    }
    return *c->at++;
}

uint32_t cursor_get_u32(struct cursor *c)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8)
        value |= (uint32_t)cursor_get_byte(c) << shift;
    return value;
}

uint64_t cursor_get_u64(struct cursor *c)
{
    uint64_t low = cursor_get_u32(c);
    return low | (uint64_t)cursor_get_u32(c) << 32;
}

uint32_t cursor_get_number(struct cursor *c)
{
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = cursor_get_byte(c);
        /* The fifth byte has place for four bits. */
        if (shift == 28 && byte > 0x0F) break;
        value |= (uint32_t)(byte & 0x7F) << shift;
        if (!(byte & 0x80)) return value;
    }
    c->failed = true;
    return 0;
}

int32_t cursor_get_signed(struct cursor *c)
{
    uint32_t folded = cursor_get_number(c);
    return (int32_t)(folded & 1 ? ~(folded >> 1) : folded >> 1);
}
