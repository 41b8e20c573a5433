/* bits.h - packs unsigned integers of 0..64 bits into a byte buffer, and reads them back.
 *
 * Place:   fragments, snapshots, messages and recordings write with it; server, clients, tools
 *          and the browser (wasm) share it.
 * Layout:  the first value takes the lowest bits of byte 0, bytes ascend: the same stream on
 *          every host, whatever its endianness. The last byte's padding bits are zero.
 * Memory:  writer and reader borrow the caller's buffer, allocate nothing, need no deinit.
 * Errors:  both are sticky: do the whole message, then ask once (bits_finish, bits_is_exact_end).
 */
#ifndef TICKWIRE_SHARED_BITS_H
#define TICKWIRE_SHARED_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/bytes.h"

struct bits_writer {
    uint8_t *bytes;        /* borrowed */
    size_t capacity_bytes; /* of `bytes` */
    size_t stored_bytes;   /* whole words already in `bytes`: a multiple of 8 */
    uint64_t pending;      /* bits not yet stored, lowest first */
    unsigned pending_bits; /* 0..63 */
    bool overflow;         /* sticky: true from the first value that did not fit */
};

struct bits_reader {
    const uint8_t *bytes; /* borrowed */
    size_t length_bits;   /* of `bytes` */
    size_t used_bits;     /* <= length_bits, also after an overflow */
    bool overflow;        /* sticky: true from the first read past the end */
};

/* Starts an empty stream over bytes[0..capacity_bytes); their old content is ignored. */
void bits_writer_init(struct bits_writer *w, uint8_t *bytes, size_t capacity_bytes);

/* Appends `value`, which must fit in `width_bits` (0..64). */
void bits_put(struct bits_writer *w, uint64_t value, unsigned width_bits);

/* The same without the checks, inline as a whole: a loop over a local copy of the writer keeps that
 * in registers. `value` has no bit beyond `width_bits`. */
static inline void bits_append(struct bits_writer *w, uint64_t value, unsigned width_bits)
{
    unsigned offset_bits = w->pending_bits, used_bits = offset_bits + width_bits;
    w->pending |= value << offset_bits;
    w->pending_bits = used_bits % 64;
    if (used_bits < 64) return;

    if (w->overflow || w->capacity_bytes - w->stored_bytes < 8) {
        w->overflow = true;
    } else {
        bytes_store_64(w->bytes + w->stored_bytes, w->pending);
        w->stored_bytes += 8;
    }
    w->pending = used_bits == 64 ? 0 : value >> (64 - offset_bits);
}

/* Appends `value` in an exponential Golomb code of order k (0..24): about
 * 2·log2(value >> k) + 1 + k bits, so small numbers are short and any number fits. */
void bits_put_golomb(struct bits_writer *w, uint32_t value, unsigned k);

/* The same for a signed value: 0, -1, 1, -2, … take the codes of 0, 1, 2, 3, … */
void bits_put_signed_golomb(struct bits_writer *w, int32_t value, unsigned k);

/* The rare case of bits_put_run(). */
void bits_put_long_run(struct bits_writer *w, const uint64_t *words, size_t length_bits);

/* Appends `length_bits` bits (1 or more) that stand in whole 64-bit words, lowest bit first; in the
 * last word those beyond are 0. */
static inline void bits_put_run(struct bits_writer *w, const uint64_t *words, size_t length_bits)
{
    if (length_bits <= 64) {
        bits_append(w, words[0], (unsigned)length_bits);
    } else {
        bits_put_long_run(w, words, length_bits);
    }
}

/* Returns how many bits the stream holds so far. */
size_t bits_used(const struct bits_writer *w);

/* If the stream is shorter than 64 bits, fills in the word that makes it a run for bits_put_run(). */
static inline bool bits_is_short_run(const struct bits_writer *w, uint64_t *word)
{
    *word = w->pending;
    return w->stored_bytes == 0 && !w->overflow;
}

/* Makes such a run, in place, of a stream written to `words`. Returns how many words it takes, 0 if
 * it did not fit. */
size_t bits_finish_run(struct bits_writer *w, uint64_t *words);

/* Stores what is pending. Returns the stream's length in bytes, or 0 if it did not fit. */
size_t bits_finish(struct bits_writer *w);

/* The rare case of bits_peek(). */
uint64_t bits_peek_near_end(const struct bits_reader *r);

void bits_reader_init(struct bits_reader *r, const uint8_t *bytes, size_t length_bytes);

/* Takes the next `width_bits` (0..64); 0 past the end. */
uint64_t bits_get(struct bits_reader *r, unsigned width_bits);

#define BITS_PEEKED 57

/* The next bits, at least BITS_PEEKED of them, lowest first; zeros past the end. */
static inline uint64_t bits_peek(const struct bits_reader *r)
{
    size_t at = r->used_bits / 8;
    if (r->length_bits - r->used_bits < 72) return bits_peek_near_end(r);
    return bytes_load_64(r->bytes + at) >> r->used_bits % 8;
}

/* Passes over bits that bits_peek() has shown. */
static inline void bits_skip(struct bits_reader *r, unsigned width_bits)
{
    if (width_bits > r->length_bits - r->used_bits) {
        r->overflow = true;
        return;
    }
    r->used_bits += width_bits;
}

uint32_t bits_get_golomb(struct bits_reader *r, unsigned k);
int32_t bits_get_signed_golomb(struct bits_reader *r, unsigned k);

/* True when everything was read, nothing past the end, and only zero padding is left. */
bool bits_is_exact_end(const struct bits_reader *r);

#endif
