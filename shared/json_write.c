#include "shared/json_write.h"

#include "shared/bytes.h"
#include "shared/check.h"

#define DECIMALS 4

static const char hex_digits[] = "0123456789abcdef";

static void append(struct json_writer *w, const char *text, size_t length_bytes)
{
    if (w->overflow || length_bytes > w->capacity_bytes - w->length_bytes) {
        w->overflow = true;
        return;
    }
    bytes_copy(w->text + w->length_bytes, text, length_bytes);
    w->length_bytes += length_bytes;
}

/* What stands before any value or key. */
static void start_value(struct json_writer *w)
{
    if (w->needs_comma) append(w, ",", 1);
    w->needs_comma = true;
}

void json_writer_init(struct json_writer *w, char *text, size_t capacity_bytes)
{
    *w = (struct json_writer){.text = text, .capacity_bytes = capacity_bytes};
}

void json_open(struct json_writer *w, char bracket)
{
    ASSERT(bracket == '{' || bracket == '[');
    start_value(w);
    append(w, &bracket, 1);
    w->needs_comma = false;
}

void json_close(struct json_writer *w, char bracket)
{
    ASSERT(bracket == '}' || bracket == ']');
    append(w, &bracket, 1);
    w->needs_comma = true;
}

/* The two-character escapes of RFC 8259 §7; 0 for none. */
static char short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

static void append_escaped(struct json_writer *w, char c)
{
    char short_form = short_escape(c);
    if (short_form != 0) {
        append(w, (const char[]){'\\', short_form}, 2);
        return;
    }
    uint8_t byte = (uint8_t)c;
    append(w, "\\u00", 4);
    append(w, (const char[]){hex_digits[byte >> 4], hex_digits[byte & 15]}, 2);
}

static void append_quoted(struct json_writer *w, const char *text, size_t length_bytes)
{
    size_t plain_from = 0;
    append(w, "\"", 1);
    for (size_t i = 0; i < length_bytes; i++) {
        if ((uint8_t)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\') continue;
        append(w, text + plain_from, i - plain_from);
        append_escaped(w, text[i]);
        plain_from = i + 1;
    }
    append(w, text + plain_from, length_bytes - plain_from);
    append(w, "\"", 1);
}

static void append_unsigned(struct json_writer *w, uint64_t value)
{
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    append(w, digits + first, sizeof digits - first);
}

void json_put_key(struct json_writer *w, const char *key)
{
    start_value(w);
    append_quoted(w, key, text_length(key));
    append(w, ":", 1);
    w->needs_comma = false;
}

void json_put_number_key(struct json_writer *w, uint32_t number)
{
    start_value(w);
    append(w, "\"", 1);
    append_unsigned(w, number);
    append(w, "\":", 2);
    w->needs_comma = false;
}

void json_put_text(struct json_writer *w, const char *text, size_t length_bytes)
{
    start_value(w);
    append_quoted(w, text, length_bytes);
}

void json_put_unsigned(struct json_writer *w, uint64_t value)
{
    start_value(w);
    append_unsigned(w, value);
}

/* The size of a number, also of the lowest. */
static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

void json_put_integer(struct json_writer *w, int64_t value)
{
    start_value(w);
    if (value < 0) append(w, "-", 1);
    append_unsigned(w, magnitude(value));
}

void json_put_bool(struct json_writer *w, bool value)
{
    start_value(w);
    append(w, value ? "true" : "false", value ? 4 : 5);
}

void json_put_null(struct json_writer *w)
{
    start_value(w);
    append(w, "null", 4);
}

void json_put_ratio(struct json_writer *w, int64_t value, int64_t denominator)
{
    ASSERT(denominator >= 1 && denominator <= INT64_C(1) << 58);

    uint64_t divisor = (uint64_t)denominator, size = magnitude(value);
    uint64_t whole = size / divisor, rest = size % divisor;
    unsigned fraction = 0, scale = 1;
    for (unsigned i = 0; i < DECIMALS; i++) {
        rest *= 10;
        fraction = fraction * 10 + (unsigned)(rest / divisor);
        rest %= divisor;
        scale *= 10;
    }
    if (rest >= divisor - rest) fraction++;
    whole += fraction / scale;
    fraction %= scale;

    start_value(w);
    if (value < 0 && (whole > 0 || fraction > 0)) append(w, "-", 1);
    append_unsigned(w, whole);
    if (fraction == 0) return;
    append(w, ".", 1);
    while (fraction > 0) {
        scale /= 10;
        append(w, &hex_digits[fraction / scale], 1);
        fraction %= scale;
    }
}

void json_put_hex(struct json_writer *w, const uint8_t *bytes, size_t length_bytes)
{
    start_value(w);
    append(w, "\"", 1);
    for (size_t i = 0; i < length_bytes; i++) {
        append(w, (const char[]){hex_digits[bytes[i] >> 4], hex_digits[bytes[i] & 15]}, 2);
    }
    append(w, "\"", 1);
}

void json_put_raw(struct json_writer *w, const char *text, size_t length_bytes)
{
    ASSERT(length_bytes > 0);
    start_value(w);
    append(w, text, length_bytes);
}

size_t json_finish(const struct json_writer *w)
{
    return w->overflow ? 0 : w->length_bytes;
}
