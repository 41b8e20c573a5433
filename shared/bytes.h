/* bytes.h - copying, clearing and comparing memory where there is no libc, and integers in network
 * order.
 *
 * Place:   everything in shared/ and client/view/ uses these instead of <string.h>; the compiler
 *          turns them into its own instructions (wasm: bulk memory) or into the host's libc.
 */
#ifndef TICKWIRE_SHARED_BYTES_H
#define TICKWIRE_SHARED_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void bytes_copy(void *restrict to, const void *restrict from, size_t length_bytes)
{
    __builtin_memcpy(to, from, length_bytes);
}

static inline void bytes_move(void *to, const void *from, size_t length_bytes)
{
    __builtin_memmove(to, from, length_bytes);
}

static inline void bytes_zero(void *to, size_t length_bytes)
{
    __builtin_memset(to, 0, length_bytes);
}

/* A 64-bit number, lowest byte first, on any host. Written out, for compilers make one move of it; of
 * a loop they do not. */
static inline uint64_t bytes_load_64(const uint8_t *from)
{
    return (uint64_t)from[0] | (uint64_t)from[1] << 8 | (uint64_t)from[2] << 16 |
           (uint64_t)from[3] << 24 | (uint64_t)from[4] << 32 | (uint64_t)from[5] << 40 |
           (uint64_t)from[6] << 48 | (uint64_t)from[7] << 56;
}

static inline void bytes_store_64(uint8_t *to, uint64_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
    to[2] = (uint8_t)(value >> 16);
    to[3] = (uint8_t)(value >> 24);
    to[4] = (uint8_t)(value >> 32);
    to[5] = (uint8_t)(value >> 40);
    to[6] = (uint8_t)(value >> 48);
    to[7] = (uint8_t)(value >> 56);
}

/* Ends at the first difference: not for secrets. */
static inline bool bytes_equal(const void *a, const void *b, size_t length_bytes)
{
    const uint8_t *left = a, *right = b;
    for (size_t i = 0; i < length_bytes; i++) {
        if (left[i] != right[i]) return false;
    }
    return true;
}

static inline size_t text_length(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0')
        length++;
    return length;
}

static inline bool text_equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
        a++, b++;
    return *a == *b;
}

#endif
