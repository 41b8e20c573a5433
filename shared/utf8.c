#include "shared/utf8.h"

#include "shared/bytes.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* What a lead byte asks of the bytes after it. Only the byte next to the lead has a range narrower
 * than 80..BF: that is what keeps out overlong forms (E0, F0), surrogates (ED) and what lies
 * beyond U+10FFFF (F4). Ascending, without gaps from C2 on; bytes before and after never lead. */
struct lead {
    uint8_t last; /* this row holds up to this lead byte */
    struct utf8_checker next;
};

static const struct lead leads[] = {
    {0xc1, {0, 0, 0}},       {0xdf, {1, 0x80, 0xbf}}, {0xe0, {2, 0xa0, 0xbf}},
    {0xec, {2, 0x80, 0xbf}}, {0xed, {2, 0x80, 0x9f}}, {0xef, {2, 0x80, 0xbf}},
    {0xf0, {3, 0x90, 0xbf}}, {0xf3, {3, 0x80, 0xbf}}, {0xf4, {3, 0x80, 0x8f}},
    {0xff, {0, 0, 0}},
};

/* No byte lies in this range, so whatever follows fails too and the text never becomes complete. */
static const struct utf8_checker failed = {.needed = 1, .low = 0xff, .high = 0x00};

void utf8_checker_init(struct utf8_checker *c)
{
    *c = (struct utf8_checker){0};
}

/* Returns how many bytes at the start are ASCII; nearly all text in a game is. */
static size_t ascii_bytes(const uint8_t *bytes, size_t length_bytes)
{
    size_t i = 0;

    for (; length_bytes - i >= 32; i += 32) {
        uint64_t words[4];
        bytes_copy(words, bytes + i, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & HIGH_BITS) != 0) break;
    }
    for (; length_bytes - i >= 8; i += 8) {
        uint64_t word;
        bytes_copy(&word, bytes + i, sizeof word);
        if ((word & HIGH_BITS) != 0) break;
    }
    while (i < length_bytes && bytes[i] < 0x80)
        i++;
    return i;
}

/* The state after a lead byte of 80 or more. */
static struct utf8_checker after_lead(uint8_t byte)
{
    const struct lead *row = leads;

    while (byte > row->last)
        row++;
    return row->next.needed > 0 ? row->next : failed;
}

/* The state after `byte` in the middle of a character. */
static struct utf8_checker after_continuation(struct utf8_checker now, uint8_t byte)
{
    if (byte < now.low || byte > now.high) return failed;
    return (struct utf8_checker){.needed = (uint8_t)(now.needed - 1), .low = 0x80, .high = 0xbf};
}

bool utf8_check(struct utf8_checker *c, const uint8_t *bytes, size_t length_bytes)
{
    struct utf8_checker now = *c;

    for (size_t i = 0; i < length_bytes; i++) {
        if (now.needed > 0) {
            now = after_continuation(now, bytes[i]);
        } else if (bytes[i] >= 0x80) {
            now = after_lead(bytes[i]);
        } else {
            i += ascii_bytes(bytes + i, length_bytes - i) - 1;
        }
        if (now.low > now.high) break;
    }
    *c = now;
    return now.low <= now.high;
}

bool utf8_is_complete(const struct utf8_checker *c)
{
    return c->needed == 0;
}

bool utf8_is_valid(const void *bytes, size_t length_bytes)
{
    struct utf8_checker c = {0};
    return utf8_check(&c, bytes, length_bytes) && utf8_is_complete(&c);
}

size_t utf8_cut_bytes(const void *text, size_t length_bytes, size_t max_bytes)
{
    const uint8_t *bytes = text;

    if (length_bytes <= max_bytes) return length_bytes;
    while (max_bytes > 0 && (bytes[max_bytes] & 0xc0) == 0x80)
        max_bytes--;
    return max_bytes;
}
