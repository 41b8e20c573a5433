#include "shared/json_scan.h"

#include <stdbool.h>
#include <stdint.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/utf8.h"

struct scan {
    const char *at, *end;
    unsigned tokens;
    unsigned depth;
    bool is_object[JSON_DEPTH_CAPACITY]; /* else an array; by depth - 1 */
    struct json_limits limits;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Takes `c` if it is next. */
static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c) return false;
    s->at++;
    return true;
}

static void skip_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

static bool take_word(struct scan *s, const char *word)
{
    size_t length = text_length(word);
    if ((size_t)(s->end - s->at) < length || !bytes_equal(s->at, word, length)) return false;
    s->at += length;
    return true;
}

static bool take_digits(struct scan *s)
{
    const char *from = s->at;
    while (s->at < s->end && is_digit(*s->at))
        s->at++;
    return s->at > from;
}

static bool take_number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !take_digits(s)) return false;
    if (take(s, '.') && !take_digits(s)) return false;
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) take(s, '-');
        if (!take_digits(s)) return false;
    }
    /* "01" and "1x" leave something that no number ends with. */
    return s->at == s->end || (!is_digit(*s->at) && *s->at != '.');
}

static bool take_hex(struct scan *s, uint32_t *unit)
{
    *unit = 0;
    for (unsigned i = 0; i < 4; i++) {
        if (s->at == s->end) return false;
        char c = *s->at++;
        uint32_t digit = is_digit(c)              ? (uint32_t)(c - '0')
                         : (c >= 'a' && c <= 'f') ? (uint32_t)(c - 'a') + 10
                         : (c >= 'A' && c <= 'F') ? (uint32_t)(c - 'A') + 10
                                                  : 16;
        if (digit == 16) return false;
        *unit = *unit << 4 | digit;
    }
    return true;
}

/* What follows "\u": a character other than NUL, or both halves of one. */
static bool take_unicode(struct scan *s)
{
    uint32_t unit, low;
    if (!take_hex(s, &unit) || unit == 0) return false;
    if (unit < 0xd800 || unit > 0xdfff) return true;
    if (unit > 0xdbff || !take_word(s, "\\u") || !take_hex(s, &low)) return false;
    return low >= 0xdc00 && low <= 0xdfff;
}

static bool take_escape(struct scan *s)
{
    static const char simple[] = "\"\\/bfnrt";
    if (s->at == s->end) return false;
    char c = *s->at++;
    if (c == 'u') return take_unicode(s);
    for (size_t i = 0; i + 1 < sizeof simple; i++) {
        if (c == simple[i]) return true;
    }
    return false;
}

static bool take_string(struct scan *s)
{
    if (!take(s, '"')) return false;
    while (s->at < s->end) {
        uint8_t c = (uint8_t)*s->at++;
        if (c == '"') return true;
        if (c < 0x20) return false;
        if (c == '\\' && !take_escape(s)) return false;
    }
    return false;
}

static bool take_scalar(struct scan *s)
{
    if (s->at == s->end) return false;
    switch (*s->at) {
    case '"':
        return take_string(s);
    case 't':
        return take_word(s, "true");
    case 'f':
        return take_word(s, "false");
    case 'n':
        return take_word(s, "null");
    default:
        return take_number(s);
    }
}

/* A member's key and colon, up to its value. */
static enum result take_key(struct scan *s)
{
    if (++s->tokens > s->limits.tokens_max) return RESULT_TOO_BIG;
    skip_space(s);
    if (!take_string(s)) return RESULT_INVALID;
    skip_space(s);
    return take(s, ':') ? RESULT_OK : RESULT_INVALID;
}

/* Behind a value: closes what ends here, up to the next value or the end of the text. */
static enum result take_ends(struct scan *s)
{
    for (; s->depth > 0; s->depth--) {
        bool in_object = s->is_object[s->depth - 1];
        skip_space(s);
        if (take(s, ',')) return in_object ? take_key(s) : RESULT_OK;
        if (!take(s, in_object ? '}' : ']')) return RESULT_INVALID;
    }
    skip_space(s);
    return s->at == s->end ? RESULT_OK : RESULT_INVALID;
}

/* Behind '{' or '[': up to the first value, or, if there is none, beyond the end. */
static enum result enter(struct scan *s, bool is_object)
{
    if (s->depth == s->limits.depth_max) return RESULT_TOO_BIG;
    skip_space(s);
    if (take(s, is_object ? '}' : ']')) return take_ends(s);
    s->is_object[s->depth++] = is_object;
    return is_object ? take_key(s) : RESULT_OK;
}

enum result json_scan_within(const char *text, size_t length_bytes,
                             const struct json_limits *limits)
{
    struct scan s = {.at = text, .end = text + length_bytes, .limits = *limits};
    ASSERT(limits->depth_max <= JSON_DEPTH_CAPACITY);
    if (!utf8_is_valid(text, length_bytes)) return RESULT_INVALID;

    /* Each turn takes one value; all is read when none is open behind it. */
    do {
        if (++s.tokens > limits->tokens_max) return RESULT_TOO_BIG;
        skip_space(&s);
        bool opens_object = take(&s, '{'), opens_array = !opens_object && take(&s, '[');
        enum result result = opens_object || opens_array ? enter(&s, opens_object)
                             : take_scalar(&s)           ? take_ends(&s)
                                                         : RESULT_INVALID;
        if (result != RESULT_OK) return result;
    } while (s.depth > 0);
    return RESULT_OK;
}

enum result json_scan(const char *text, size_t length_bytes)
{
    static const struct json_limits limits = {JSON_DEPTH_MAX, JSON_TOKENS_MAX};

    return json_scan_within(text, length_bytes, &limits);
}
