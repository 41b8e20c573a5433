#include "server/ws/deflate_offer.h"

#include <stdio.h>

#include "shared/bytes.h"
#include "shared/check.h"

#define EXTENSION_NAME "permessage-deflate"

enum parameter {
    SERVER_NO_CONTEXT_TAKEOVER,
    CLIENT_NO_CONTEXT_TAKEOVER,
    SERVER_MAX_WINDOW_BITS,
    CLIENT_MAX_WINDOW_BITS,
    PARAMETER_COUNT
};

static const struct parameter_row {
    const char *name;
    bool takes_bits;  /* 8..15 */
    bool may_be_bare; /* without a value */
} parameters[] = {
    [SERVER_NO_CONTEXT_TAKEOVER] = {"server_no_context_takeover", false, true},
    [CLIENT_NO_CONTEXT_TAKEOVER] = {"client_no_context_takeover", false, true},
    [SERVER_MAX_WINDOW_BITS] = {"server_max_window_bits", true, false},
    [CLIENT_MAX_WINDOW_BITS] = {"client_max_window_bits", true, true},
};
_Static_assert(sizeof parameters / sizeof parameters[0] == PARAMETER_COUNT, "a row each");

/* One element of the list. */
struct offer {
    bool is_ours; /* permessage-deflate, every parameter of it understood */
    bool has[PARAMETER_COUNT];
    uint8_t bits[PARAMETER_COUNT]; /* 15 where it has no value */
};

/* ---- the list's grammar ---- */

static bool is_token_char(char c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    for (const char *other = others; *other != '\0'; other++) {
        if (c == *other) return true;
    }
    return false;
}

static void skip(struct ws_text *rest, size_t count)
{
    rest->chars += count;
    rest->length_chars -= count;
}

static bool begins_with(const struct ws_text *rest, char c)
{
    return rest->length_chars > 0 && rest->chars[0] == c;
}

static void skip_blanks(struct ws_text *rest)
{
    while (begins_with(rest, ' ') || begins_with(rest, '\t'))
        skip(rest, 1);
}

/* Takes `c` and the blanks around it; false if something else comes. */
static bool take_mark(struct ws_text *rest, char c)
{
    skip_blanks(rest);
    if (!begins_with(rest, c)) return false;
    skip(rest, 1);
    skip_blanks(rest);
    return true;
}

static bool take_token(struct ws_text *rest, struct ws_text *token)
{
    size_t length = 0;

    while (length < rest->length_chars && is_token_char(rest->chars[length]))
        length++;
    *token = (struct ws_text){rest->chars, length};
    skip(rest, length);
    return length > 0;
}

/* A quoted value is a token as well once the quotes are off (RFC 6455 §9.1). */
static bool take_value(struct ws_text *rest, struct ws_text *value)
{
    if (!begins_with(rest, '"')) return take_token(rest, value);
    skip(rest, 1);
    if (!take_token(rest, value) || !begins_with(rest, '"')) return false;
    skip(rest, 1);
    return true;
}

/* ---- one offer ---- */

static bool is_same(struct ws_text text, const char *other)
{
    return text.length_chars == text_length(other) &&
           bytes_equal(text.chars, other, text.length_chars);
}

/* A decimal from 8 to 15 without a leading zero, or 0. */
static uint8_t read_bits(struct ws_text value)
{
    if (value.length_chars == 1 && (value.chars[0] == '8' || value.chars[0] == '9'))
        return (uint8_t)(value.chars[0] - '0');
    if (value.length_chars == 2 && value.chars[0] == '1' && value.chars[1] >= '0' &&
        value.chars[1] <= '5')
        return (uint8_t)(10 + value.chars[1] - '0');
    return 0;
}

/* Unknown, twice, or with a value that it cannot have: the whole offer is declined (§7.1). */
static bool note_parameter(struct offer *offer, struct ws_text name, struct ws_text value)
{
    for (size_t i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter_row *row = &parameters[i];
        bool has_value = value.chars != NULL;

        if (!is_same(name, row->name)) continue;
        if (offer->has[i] || (has_value ? !row->takes_bits : !row->may_be_bare)) return false;
        offer->has[i] = true;
        offer->bits[i] = has_value ? read_bits(value) : DEFLATE_WINDOW_BITS_MAX;
        return offer->bits[i] != 0;
    }
    return false;
}

static enum result take_offer(struct ws_text *rest, struct offer *offer)
{
    struct ws_text name, value;

    *offer = (struct offer){false};
    if (!take_token(rest, &name)) return RESULT_INVALID;
    offer->is_ours = is_same(name, EXTENSION_NAME);
    while (take_mark(rest, ';')) {
        value = (struct ws_text){NULL, 0};
        if (!take_token(rest, &name)) return RESULT_INVALID;
        if (take_mark(rest, '=') && !take_value(rest, &value)) return RESULT_INVALID;
        if (offer->is_ours) offer->is_ours = note_parameter(offer, name, value);
    }
    return RESULT_OK;
}

static uint8_t smaller(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

/* A window of 8 bits is the one thing zlib cannot keep to. */
static void settle(const struct offer *offer, const struct deflate_grant *grant,
                   struct deflate_terms *terms)
{
    uint8_t server_bits = offer->has[SERVER_MAX_WINDOW_BITS] ? offer->bits[SERVER_MAX_WINDOW_BITS]
                                                             : DEFLATE_WINDOW_BITS_MAX;

    if (!offer->is_ours || server_bits < DEFLATE_WINDOW_BITS_MIN) return;
    *terms = (struct deflate_terms){
        .is_agreed = true,
        .server_takes_over = grant->context_takeover && !offer->has[SERVER_NO_CONTEXT_TAKEOVER],
        .client_takes_over = grant->context_takeover && !offer->has[CLIENT_NO_CONTEXT_TAKEOVER],
        .server_window_bits = smaller(server_bits, grant->window_bits),
    };
    if (offer->has[CLIENT_MAX_WINDOW_BITS])
        terms->client_window_bits =
            smaller(offer->bits[CLIENT_MAX_WINDOW_BITS], grant->window_bits);
}

enum result deflate_offer_choose(struct ws_text offers, const struct deflate_grant *grant,
                                 struct deflate_terms *terms)
{
    struct offer offer;

    ASSERT(grant->window_bits >= DEFLATE_WINDOW_BITS_MIN &&
           grant->window_bits <= DEFLATE_WINDOW_BITS_MAX);
    skip_blanks(&offers);
    for (;;) {
        /* Empty elements are nothing (RFC 9110 §5.6.1). */
        while (take_mark(&offers, ','))
            continue;
        if (offers.length_chars == 0) return RESULT_OK;
        if (take_offer(&offers, &offer) != RESULT_OK) return RESULT_INVALID;
        if (!terms->is_agreed) settle(&offer, grant, terms);
        skip_blanks(&offers);
        if (offers.length_chars > 0 && !begins_with(&offers, ',')) return RESULT_INVALID;
    }
}

void deflate_terms_write(const struct deflate_terms *terms, char text[DEFLATE_TERMS_CHARS_MAX])
{
    char client_bits[32] = "";

    ASSERT(terms->is_agreed);
    if (terms->client_window_bits != 0)
        (void)snprintf(client_bits, sizeof client_bits, "; client_max_window_bits=%u",
                       terms->client_window_bits);
    int length =
        snprintf(text, DEFLATE_TERMS_CHARS_MAX, EXTENSION_NAME "%s%s; server_max_window_bits=%u%s",
                 terms->server_takes_over ? "" : "; server_no_context_takeover",
                 terms->client_takes_over ? "" : "; client_no_context_takeover",
                 terms->server_window_bits, client_bits);
    ASSERT(length > 0 && length < DEFLATE_TERMS_CHARS_MAX);
}
