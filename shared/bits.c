#include "shared/bits.h"

#include "shared/bytes.h"
#include "shared/check.h"

static uint64_t low_bits(uint64_t value, unsigned width_bits)
{
    return width_bits >= 64 ? value : value & ((UINT64_C(1) << width_bits) - 1);
}

void bits_writer_init(struct bits_writer *w, uint8_t *bytes, size_t capacity_bytes)
{
    *w = (struct bits_writer){.bytes = bytes, .capacity_bytes = capacity_bytes};
}

void bits_put(struct bits_writer *w, uint64_t value, unsigned width_bits)
{
    ASSERT(width_bits <= 64);
    ASSERT(width_bits == 64 || value >> width_bits == 0);

    if (!w->overflow) bits_append(w, value, width_bits);
}

void bits_put_golomb(struct bits_writer *w, uint32_t value, unsigned k)
{
    ASSERT(k <= 24);

    /* m has n significant bits: n-1 ones, a zero, then m without its top bit. */
    uint64_t m = ((uint64_t)value >> k) + 1;
    unsigned extra_bits = 63 - (unsigned)__builtin_clzll(m);
    bits_append(w, (UINT64_C(1) << extra_bits) - 1, extra_bits + 1);
    bits_append(w, low_bits(m, extra_bits) | (uint64_t)low_bits(value, k) << extra_bits,
                extra_bits + k);
}

void bits_put_signed_golomb(struct bits_writer *w, int32_t value, unsigned k)
{
    uint32_t sign = value < 0 ? UINT32_MAX : 0;
    bits_put_golomb(w, ((uint32_t)value << 1) ^ sign, k);
}

void bits_put_long_run(struct bits_writer *w, const uint64_t *words, size_t length_bits)
{
    for (; length_bits >= 64; length_bits -= 64)
        bits_append(w, *words++, 64);
    if (length_bits > 0)
        bits_append(w, low_bits(*words, (unsigned)length_bits), (unsigned)length_bits);
}

size_t bits_used(const struct bits_writer *w)
{
    return w->stored_bytes * 8 + w->pending_bits;
}

size_t bits_finish_run(struct bits_writer *w, uint64_t *words)
{
    ASSERT((const uint64_t *)(const void *)w->bytes == words);

    if (w->pending_bits > 0) bits_append(w, 0, 64 - w->pending_bits);
    if (w->overflow) return 0;
    for (size_t i = 0; i < w->stored_bytes / 8; i++)
        words[i] = bytes_load_64(w->bytes + 8 * i);
    return w->stored_bytes / 8;
}

size_t bits_finish(struct bits_writer *w)
{
    size_t tail_bytes = (w->pending_bits + 7) / 8;
    if (w->overflow || tail_bytes > w->capacity_bytes - w->stored_bytes) {
        w->overflow = true;
        return 0;
    }
    for (size_t i = 0; i < tail_bytes; i++) {
        w->bytes[w->stored_bytes + i] = (uint8_t)(w->pending >> (8 * i));
    }
    return w->stored_bytes + tail_bytes;
}

void bits_reader_init(struct bits_reader *r, const uint8_t *bytes, size_t length_bytes)
{
    *r = (struct bits_reader){.bytes = bytes, .length_bits = length_bytes * 8};
}

/* The 64 bits from `byte_index` on, those past the end as zeros. */
static uint64_t load_clipped(const struct bits_reader *r, size_t byte_index)
{
    size_t length_bytes = r->length_bits / 8;
    if (length_bytes - byte_index >= 8) return bytes_load_64(r->bytes + byte_index);

    if (byte_index == length_bytes) return 0;
    /* The last 8 bytes hold them too, higher up. */
    if (length_bytes >= 8) {
        return bytes_load_64(r->bytes + length_bytes - 8) >> (8 * (byte_index + 8 - length_bytes));
    }
    uint64_t word = 0;
    for (size_t i = 0; byte_index + i < length_bytes; i++) {
        word |= (uint64_t)r->bytes[byte_index + i] << (8 * i);
    }
    return word;
}

uint64_t bits_peek_near_end(const struct bits_reader *r)
{
    return load_clipped(r, r->used_bits / 8) >> r->used_bits % 8;
}

uint64_t bits_get(struct bits_reader *r, unsigned width_bits)
{
    ASSERT(width_bits <= 64);

    if (r->overflow || width_bits > r->length_bits - r->used_bits) {
        r->overflow = true;
        return 0;
    }
    if (width_bits == 0) return 0;
    size_t byte_index = r->used_bits / 8;
    unsigned offset_bits = r->used_bits % 8;
    uint64_t value = load_clipped(r, byte_index) >> offset_bits;
    if (offset_bits + width_bits > 64) {
        value |= (uint64_t)r->bytes[byte_index + 8] << (64 - offset_bits);
    }
    r->used_bits += width_bits;
    return low_bits(value, width_bits);
}

/* A number whose code may be longer than bits_peek() shows. */
static uint32_t get_long_golomb(struct bits_reader *r, unsigned k)
{
    unsigned extra_bits = 0;
    while (extra_bits <= 32 && bits_get(r, 1) == 1)
        extra_bits++;
    uint64_t m = UINT64_C(1) << extra_bits;
    if (extra_bits <= 32) m |= bits_get(r, extra_bits);
    uint64_t value = extra_bits <= 32 ? (m - 1) << k | bits_get(r, k) : UINT64_MAX;
    if (value > UINT32_MAX || r->overflow) {
        r->overflow = true;
        return 0;
    }
    return (uint32_t)value;
}

uint32_t bits_get_golomb(struct bits_reader *r, unsigned k)
{
    ASSERT(k <= 24);

    uint64_t ahead = bits_peek(r);
    unsigned extra_bits = ahead == UINT64_MAX ? 64 : (unsigned)__builtin_ctzll(~ahead);
    unsigned width_bits = 2 * extra_bits + 1 + k;
    if (r->overflow || width_bits > BITS_PEEKED) return get_long_golomb(r, k);

    uint64_t m = UINT64_C(1) << extra_bits | low_bits(ahead >> (extra_bits + 1), extra_bits);
    uint64_t value = (m - 1) << k | low_bits(ahead >> (2 * extra_bits + 1), k);
    if (value > UINT32_MAX || width_bits > r->length_bits - r->used_bits) {
        r->overflow = true;
        return 0;
    }
    r->used_bits += width_bits;
    return (uint32_t)value;
}

int32_t bits_get_signed_golomb(struct bits_reader *r, unsigned k)
{
    uint32_t code = bits_get_golomb(r, k);
    uint32_t value = (code >> 1) ^ (code & 1 ? UINT32_MAX : 0);
    return value <= INT32_MAX ? (int32_t)value : -(int32_t)(UINT32_MAX - value) - 1;
}

bool bits_is_exact_end(const struct bits_reader *r)
{
    if (r->overflow || r->length_bits - r->used_bits >= 8) return false;
    struct bits_reader rest = *r;
    return bits_get(&rest, (unsigned)(r->length_bits - r->used_bits)) == 0;
}
