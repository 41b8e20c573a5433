#include "server/sio/sio_packet.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "shared/bytes.h"
#include "shared/check.h"

#define NUMBER_CHARS 22 /* of any, with a dash or an end behind it */

/* What a client may not emit: the library's own events. */
static const char *const reserved_names[] = {"connect",       "connect_error", "disconnect",
                                             "disconnecting", "newListener",   "removeListener"};

/* What the JSON of each type must be; '-': there may be none. */
static const struct type_rule {
    char opening;
    bool may_lack_json;
    bool has_attachments;
    bool is_from_clients;
} type_rules[] = {
    [SIO_CONNECT] = {'{', true, false, true},        [SIO_DISCONNECT] = {'-', true, false, true},
    [SIO_EVENT] = {'[', true, false, true},          [SIO_ACK] = {'[', true, false, true},
    [SIO_CONNECT_ERROR] = {'-', true, false, false}, [SIO_BINARY_EVENT] = {'[', false, true, true},
    [SIO_BINARY_ACK] = {'[', false, true, true},
};
_Static_assert(sizeof type_rules / sizeof type_rules[0] == SIO_TYPE_COUNT, "a rule each");

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool sio_text_is(struct sio_text text, const char *other)
{
    return text.length == text_length(other) && bytes_equal(text.chars, other, text.length);
}

static void skip(struct sio_text *rest, size_t count)
{
    rest->chars += count;
    rest->length -= count;
}

static struct sio_text trim(struct sio_text text)
{
    while (text.length > 0 && is_space(text.chars[0]))
        skip(&text, 1);
    while (text.length > 0 && is_space(text.chars[text.length - 1]))
        text.length--;
    return text;
}

/* ---- the head ---- */

/* Digits at the front, as many as there are; false if there are none or the number passes `max`. */
static bool take_number(struct sio_text *rest, uint64_t max, uint64_t *number)
{
    bool has_digit = false;

    *number = 0;
    while (rest->length > 0 && is_digit(rest->chars[0])) {
        *number = *number * 10 + (uint64_t)(rest->chars[0] - '0');
        if (*number > max) return false;
        has_digit = true;
        skip(rest, 1);
    }
    return has_digit;
}

static enum result take_attachments(struct sio_packet *packet, struct sio_text *rest,
                                    const struct sio_limits *limits)
{
    uint64_t count;

    if (!take_number(rest, 1000000, &count) || count == 0) return RESULT_INVALID;
    if (rest->length == 0 || rest->chars[0] != '-') return RESULT_INVALID;
    skip(rest, 1);
    packet->attachment_count = (unsigned)count;
    return count <= limits->attachments_max ? RESULT_OK : RESULT_TOO_BIG;
}

/* Everything from '/' to the next comma, or to the end; control characters name nothing. */
static enum result take_namespace(struct sio_packet *packet, struct sio_text *rest)
{
    size_t length = 0;

    packet->nsp = (struct sio_text){"/", 1};
    if (rest->length == 0 || rest->chars[0] != '/') return RESULT_OK;
    for (; length < rest->length && rest->chars[length] != ','; length++) {
        if ((uint8_t)rest->chars[length] < ' ') return RESULT_INVALID;
    }
    packet->nsp = (struct sio_text){rest->chars, length};
    skip(rest, length < rest->length ? length + 1 : length);
    return RESULT_OK;
}

static enum result take_head(struct sio_packet *packet, struct sio_text *rest,
                             const struct sio_limits *limits)
{
    if (rest->length == 0 || !is_digit(rest->chars[0])) return RESULT_INVALID;
    unsigned type = (unsigned)(rest->chars[0] - '0');
    if (type >= SIO_TYPE_COUNT || !type_rules[type].is_from_clients) return RESULT_INVALID;
    packet->type = (enum sio_type)type;
    skip(rest, 1);
    if (type_rules[type].has_attachments) {
        enum result r = take_attachments(packet, rest, limits);
        if (r != RESULT_OK) return r;
    }
    if (take_namespace(packet, rest) != RESULT_OK) return RESULT_INVALID;
    packet->has_ack_id = rest->length > 0 && is_digit(rest->chars[0]);
    if (packet->has_ack_id && !take_number(rest, SIO_ACK_ID_MAX, &packet->ack_id))
        return RESULT_INVALID;
    return RESULT_OK;
}

/* ---- the JSON, which the scanner has passed ---- */

/* The length of the string or number at the front; 0: it is neither. */
static size_t name_length(struct sio_text inside)
{
    size_t length = 0;

    if (inside.length == 0) return 0;
    if (inside.chars[0] == '"') {
        for (length = 1; inside.chars[length] != '"'; length++)
            length += inside.chars[length] == '\\';
        return length + 1;
    }
    if (!is_digit(inside.chars[0]) && inside.chars[0] != '-') return 0;
    while (length < inside.length && inside.chars[length] != ',' && !is_space(inside.chars[length]))
        length++;
    return length;
}

static bool is_reserved(struct sio_text name)
{
    for (size_t i = 0; i < sizeof reserved_names / sizeof reserved_names[0]; i++) {
        if (sio_name_is(name, reserved_names[i])) return true;
    }
    return false;
}

static enum result split_array(struct sio_packet *packet)
{
    struct sio_text inside = {packet->json.chars + 1, packet->json.length - 2};
    bool is_event = packet->type == SIO_EVENT || packet->type == SIO_BINARY_EVENT;

    inside = trim(inside);
    packet->args = inside;
    if (!is_event) return RESULT_OK;
    packet->name = (struct sio_text){inside.chars, name_length(inside)};
    if (packet->name.length == 0 || is_reserved(packet->name)) return RESULT_INVALID;
    skip(&inside, packet->name.length);
    inside = trim(inside);
    if (inside.length > 0) skip(&inside, 1); /* the comma */
    packet->args = trim(inside);
    return RESULT_OK;
}

enum result sio_packet_read(struct sio_packet *packet, const char *text, size_t length_bytes,
                            const struct sio_limits *limits)
{
    struct sio_text rest = {text, length_bytes};

    ASSERT(limits->attachments_max <= SIO_ATTACHMENTS_MAX);
    bytes_zero(packet, sizeof *packet);
    enum result r = take_head(packet, &rest, limits);
    if (r != RESULT_OK) return r;
    const struct type_rule *rule = &type_rules[packet->type];
    if (rest.length == 0) return rule->may_lack_json ? RESULT_OK : RESULT_INVALID;
    if (rest.chars[0] != rule->opening) return RESULT_INVALID;
    r = json_scan_within(rest.chars, rest.length, &limits->json);
    if (r != RESULT_OK) return r;
    packet->json = trim(rest);
    return rule->opening == '[' ? split_array(packet) : RESULT_OK;
}

/* ---- names ---- */

static int hex_value(char c)
{
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes one character of a scanned string; those beyond ASCII, and control characters, which no
 * name of ours has, come out as 0. */
static char take_char(struct sio_text *rest)
{
    char c = rest->chars[0];

    skip(rest, 1);
    if (c != '\\') return c;
    c = rest->chars[0];
    skip(rest, 1);
    if (c == '"' || c == '\\' || c == '/') return c;
    if (c != 'u') return '\0';
    int unit = 0;
    for (unsigned i = 0; i < 4; i++)
        unit = unit * 16 + hex_value(rest->chars[i]);
    skip(rest, 4);
    return unit < 0x80 ? (char)unit : '\0';
}

bool sio_name_is(struct sio_text name, const char *plain)
{
    if (name.length < 2 || name.chars[0] != '"') return false;
    struct sio_text rest = {name.chars + 1, name.length - 2};
    while (rest.length > 0 && *plain != '\0') {
        if (take_char(&rest) != *plain++) return false;
    }
    return rest.length == 0 && *plain == '\0';
}

/* ---- placeholders ---- */

/* A key given twice counts as it would in JavaScript: the last one. */
static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *item, *found = NULL;

    cJSON_ArrayForEach(item, object)
    {
        if (text_equal(item->string, name)) found = item;
    }
    return found;
}

static bool is_fine(const cJSON *value, unsigned count)
{
    const cJSON *item;

    if (cJSON_IsObject(value) && cJSON_IsTrue(member(value, "_placeholder"))) {
        const cJSON *num = member(value, "num");
        return cJSON_IsNumber(num) && num->valuedouble >= 0 && num->valuedouble < count &&
               floor(num->valuedouble) == num->valuedouble;
    }
    if (!cJSON_IsObject(value) && !cJSON_IsArray(value)) return true;
    cJSON_ArrayForEach(item, value)
    {
        if (!is_fine(item, count)) return false;
    }
    return true;
}

enum result sio_packet_check_placeholders(struct sio_text json, unsigned count)
{
    cJSON *tree = cJSON_ParseWithLength(json.chars, json.length);
    bool fine = tree != NULL && is_fine(tree, count);

    cJSON_Delete(tree);
    return fine ? RESULT_OK : RESULT_INVALID;
}

/* ---- our heads ---- */

/* Most have neither attachments nor an ack, and are written by the thousand. */
size_t sio_head_write(char head[SIO_HEAD_BYTES_MAX], const struct sio_head *h)
{
    size_t used = 0, nsp_length = text_length(h->nsp);

    ASSERT(h->type <= 9 && nsp_length + 2 + 2 * NUMBER_CHARS <= SIO_HEAD_BYTES_MAX);
    head[used++] = (char)('0' + h->type);
    if (h->attachment_count > 0)
        used += (size_t)snprintf(head + used, NUMBER_CHARS, "%u-", h->attachment_count);
    if (!text_equal(h->nsp, "/")) {
        bytes_copy(head + used, h->nsp, nsp_length);
        used += nsp_length;
        head[used++] = ',';
    }
    if (h->has_ack_id) used += (size_t)snprintf(head + used, NUMBER_CHARS, "%" PRIu64, h->ack_id);
    return used;
}
