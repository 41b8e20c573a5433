#include "shared/ws_close.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/utf8.h"

struct close_name {
    uint16_t code;
    const char *name;
};

static const struct close_name close_names[] = {
    {WS_CLOSE_NORMAL, "normal"},
    {WS_CLOSE_GOING_AWAY, "going away"},
    {WS_CLOSE_PROTOCOL_ERROR, "protocol error"},
    {WS_CLOSE_UNSUPPORTED, "unsupported data"},
    {WS_CLOSE_NO_STATUS, "no status"},
    {WS_CLOSE_ABNORMAL, "abnormal"},
    {WS_CLOSE_BAD_DATA, "bad data"},
    {WS_CLOSE_POLICY, "policy"},
    {WS_CLOSE_TOO_BIG, "too big"},
    {WS_CLOSE_INTERNAL, "internal error"},
    {WS_CLOSE_RESTART, "restart"},
    {WS_CLOSE_OVERLOAD, "overload"},
    {WS_CLOSE_SCHEMA, "schema differs"},
    {WS_CLOSE_KICKED, "kicked"},
    {WS_CLOSE_NO_ROOM, "no such room"},
    {WS_CLOSE_UNPLAYABLE, "recording cannot be played"},
};

struct code_range {
    uint16_t first, last;
};

/* 1004 is reserved, 1005, 1006 and 1015 are for local use (§7.4.1); 1012 to 1014 came later through
 * IANA; 3000 on are for libraries, 4000 on for applications (§7.4.2). */
static const struct code_range sendable[] = {{1000, 1003}, {1007, 1014}, {3000, 4999}};

struct breach_row {
    enum ws_close close;
    const char *text;
};

static const struct breach_row breaches[] = {
    [WS_BREACH_NONE] = {0, "none"},
    [WS_BREACH_RSV] = {WS_CLOSE_PROTOCOL_ERROR, "reserved bit set"},
    [WS_BREACH_OPCODE] = {WS_CLOSE_PROTOCOL_ERROR, "reserved opcode"},
    [WS_BREACH_CONTROL_FRAGMENTED] = {WS_CLOSE_PROTOCOL_ERROR, "control frame in fragments"},
    [WS_BREACH_CONTROL_LENGTH] = {WS_CLOSE_PROTOCOL_ERROR, "control frame over 125 bytes"},
    [WS_BREACH_LENGTH_NOT_MINIMAL] = {WS_CLOSE_PROTOCOL_ERROR, "length not in its shortest form"},
    [WS_BREACH_LENGTH_SIGN] = {WS_CLOSE_PROTOCOL_ERROR, "length over 63 bits"},
    [WS_BREACH_UNMASKED] = {WS_CLOSE_PROTOCOL_ERROR, "client frame without mask"},
    [WS_BREACH_MASKED] = {WS_CLOSE_PROTOCOL_ERROR, "server frame with mask"},
    [WS_BREACH_LONE_CONTINUATION] = {WS_CLOSE_PROTOCOL_ERROR, "continuation of no message"},
    [WS_BREACH_INTERRUPTED] = {WS_CLOSE_PROTOCOL_ERROR, "new message inside another"},
    [WS_BREACH_CLOSE_LENGTH] = {WS_CLOSE_PROTOCOL_ERROR, "close frame of one byte"},
    [WS_BREACH_CLOSE_CODE] = {WS_CLOSE_PROTOCOL_ERROR, "close code not allowed"},
    [WS_BREACH_UTF8] = {WS_CLOSE_BAD_DATA, "text is not UTF-8"},
    [WS_BREACH_MESSAGE_BYTES] = {WS_CLOSE_TOO_BIG, "message too big"},
    [WS_BREACH_FRAGMENTS] = {WS_CLOSE_TOO_BIG, "message in too many fragments"},
};
_Static_assert(sizeof breaches / sizeof breaches[0] == WS_BREACH_COUNT, "a row for each breach");

const char *ws_close_name(uint16_t code)
{
    for (size_t i = 0; i < sizeof close_names / sizeof close_names[0]; i++) {
        if (close_names[i].code == code) return close_names[i].name;
    }
    return "unknown";
}

bool ws_close_is_sendable(uint16_t code)
{
    for (size_t i = 0; i < sizeof sendable / sizeof sendable[0]; i++) {
        if (code >= sendable[i].first && code <= sendable[i].last) return true;
    }
    return false;
}

size_t ws_close_encode(uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX], uint16_t code,
                       const char *reason)
{
    ASSERT(ws_close_is_sendable(code));

    size_t reason_bytes = utf8_cut_bytes(reason, text_length(reason), WS_CLOSE_REASON_BYTES_MAX);
    payload[0] = (uint8_t)(code >> 8);
    payload[1] = (uint8_t)code;
    bytes_copy(payload + 2, reason, reason_bytes);
    return 2 + reason_bytes;
}

enum ws_breach ws_close_decode(const uint8_t *payload, size_t length_bytes, uint16_t *code)
{
    if (length_bytes == 0) {
        *code = WS_CLOSE_NO_STATUS;
        return WS_BREACH_NONE;
    }
    if (length_bytes == 1) return WS_BREACH_CLOSE_LENGTH;

    uint16_t read = (uint16_t)(payload[0] << 8 | payload[1]);
    if (!ws_close_is_sendable(read)) return WS_BREACH_CLOSE_CODE;
    if (!utf8_is_valid(payload + 2, length_bytes - 2)) return WS_BREACH_UTF8;
    *code = read;
    return WS_BREACH_NONE;
}

enum ws_close ws_breach_close(enum ws_breach breach)
{
    ASSERT(breach > WS_BREACH_NONE && breach < WS_BREACH_COUNT);
    return breaches[breach].close;
}

const char *ws_breach_text(enum ws_breach breach)
{
    ASSERT((unsigned)breach < WS_BREACH_COUNT);
    return breaches[breach].text;
}
