#include "shared/base64.h"

#include <stdbool.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
_Static_assert(sizeof digits == 64 + 1, "six bits a digit");

/* Returns the digit's value, or 64 if it is none. */
static uint32_t digit_value(char c)
{
    if (c >= 'A' && c <= 'Z') return (uint32_t)(c - 'A');
    if (c >= 'a' && c <= 'z') return (uint32_t)(c - 'a') + 26;
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0') + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : 64;
}

size_t base64_encode(char *text, const uint8_t *bytes, size_t length_bytes)
{
    size_t used = 0;

    for (size_t i = 0; i < length_bytes; i += 3) {
        size_t left = length_bytes - i;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (left > 1) group |= (uint32_t)bytes[i + 1] << 8;
        if (left > 2) group |= bytes[i + 2];

        text[used++] = digits[group >> 18];
        text[used++] = digits[group >> 12 & 63];
        text[used++] = left > 1 ? digits[group >> 6 & 63] : '=';
        text[used++] = left > 2 ? digits[group & 63] : '=';
    }
    return used;
}

/* Reads the first `count` digits of a group of four; false if one of them is none. */
static bool read_group(uint32_t *group, const char *text, size_t count)
{
    *group = 0;
    for (size_t i = 0; i < 4; i++) {
        uint32_t value = i < count ? digit_value(text[i]) : 0;
        if (value > 63) return false;
        *group = *group << 6 | value;
    }
    return true;
}

enum result base64_decode(uint8_t *bytes, size_t *length_bytes, const char *text,
                          size_t length_chars)
{
    size_t used = 0;

    if (length_chars % 4 != 0) return RESULT_INVALID;
    for (size_t i = 0; i < length_chars; i += 4) {
        size_t count = 4;
        uint32_t group;

        if (i + 4 == length_chars && text[i + 3] == '=') count = text[i + 2] == '=' ? 2 : 3;
        if (!read_group(&group, text + i, count)) return RESULT_INVALID;
        bytes[used++] = (uint8_t)(group >> 16);
        if (count > 2) bytes[used++] = (uint8_t)(group >> 8);
        if (count > 3) bytes[used++] = (uint8_t)group;
    }
    *length_bytes = used;
    return RESULT_OK;
}
