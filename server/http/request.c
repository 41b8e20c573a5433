#include "server/http/request.h"

#include <string.h>

#include "shared/bytes.h"
#include "shared/check.h"

static const char *const method_names[] = {
    [HTTP_GET] = "GET",         [HTTP_HEAD] = "HEAD",  [HTTP_POST] = "POST",
    [HTTP_OPTIONS] = "OPTIONS", [HTTP_PUT] = "PUT",    [HTTP_DELETE] = "DELETE",
    [HTTP_PATCH] = "PATCH",     [HTTP_TRACE] = "TRACE"};
_Static_assert(sizeof method_names / sizeof method_names[0] == HTTP_OTHER, "a name each");

/* ---- characters (RFC 9110 §5.5, §5.6.2; RFC 3986 §3.3, §3.4) ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Each character of each request passes here: compilers make one test of bits of such a list. */
static bool is_token_char(char c)
{
    switch (c) {
    case '!':
    case '#':
    case '$':
    case '%':
    case '&':
    case '\'':
    case '*':
    case '+':
    case '-':
    case '.':
    case '^':
    case '_':
    case '`':
    case '|':
    case '~':
        return true;
    default:
        return is_digit(c) || is_letter(c);
    }
}

static bool is_value_char(char c)
{
    uint8_t byte = (uint8_t)c;
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

/* No space, control or byte beyond ASCII. Browsers leave more characters bare than RFC 3986 does
 * ("|", "{"), so of the rest only what could mislead is refused. */
static bool is_target_char(char c)
{
    bool misleads = c == '"' || c == '<' || c == '>' || c == '\\' || c == '#';
    return c > ' ' && c < 0x7f && !misleads;
}

static bool is_host_char(char c)
{
    bool joins = c == '-' || c == '.' || c == '_' || c == ':' || c == '[' || c == ']';
    return joins || is_digit(c) || is_letter(c);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool all_are(struct http_text text, bool (*is_kind)(char))
{
    for (size_t i = 0; i < text.length; i++) {
        if (!is_kind(text.chars[i])) return false;
    }
    return true;
}

bool http_text_is(struct http_text text, const char *other)
{
    return text.length == text_length(other) && bytes_equal(text.chars, other, text.length);
}

bool http_text_is_nocase(struct http_text text, const char *lower_text)
{
    if (text.length != text_length(lower_text)) return false;
    for (size_t i = 0; i < text.length; i++) {
        if (lower(text.chars[i]) != lower_text[i]) return false;
    }
    return true;
}

/* ---- where the head ends ---- */

static enum result refuse(unsigned *status, unsigned because)
{
    *status = because;
    return because == 414 || because == 431 ? RESULT_TOO_BIG : RESULT_INVALID;
}

/* Each "\n" must follow a "\r" and each "\r" be followed by one (RFC 9112 §2.2: a lenient reader
 * may take a bare one, and then disagrees with a proxy that does not). */
enum result http_head_find(struct http_scan *scan, const uint8_t *bytes, size_t length_bytes,
                           size_t head_bytes_max, size_t *head_bytes, unsigned *status)
{
    size_t end = length_bytes < head_bytes_max ? length_bytes : head_bytes_max;

    for (size_t i = scan->scanned_bytes; i < end; i++) {
        uint8_t byte = bytes[i], before = i > 0 ? bytes[i - 1] : 0;
        if ((byte == '\n') != (before == '\r')) return refuse(status, 400);
        if (!scan->has_line && i >= HTTP_TARGET_BYTES_MAX + 32) return refuse(status, 414);
        scan->scanned_bytes = i + 1;
        if (is_value_char((char)byte) || byte == '\r') continue;
        if (byte != '\n') return refuse(status, 400);
        scan->has_line = true;
        if (i == 1) return refuse(status, 400);
        if (i < 3 || bytes[i - 2] != '\n') continue;
        *head_bytes = i + 1;
        return RESULT_OK;
    }
    return length_bytes < head_bytes_max ? RESULT_AGAIN : refuse(status, 431);
}

/* ---- the request line ---- */

/* The text up to `stop`, which is taken off with it; false if there is none. */
static bool take_until(struct http_text *rest, char stop, struct http_text *taken)
{
    const char *at = rest->length > 0 ? memchr(rest->chars, stop, rest->length) : NULL;

    if (at == NULL) return false;
    size_t length = (size_t)(at - rest->chars);
    *taken = (struct http_text){rest->chars, length};
    *rest = (struct http_text){at + 1, rest->length - length - 1};
    return true;
}

/* A line without its CRLF. */
static bool take_line(struct http_text *rest, struct http_text *line)
{
    return take_until(rest, '\r', line) && rest->length > 0 && rest->chars[0] == '\n' &&
           (rest->chars++, rest->length--, true);
}

static enum http_method method_of(struct http_text name)
{
    for (unsigned i = 0; i < HTTP_OTHER; i++) {
        if (http_text_is(name, method_names[i])) return (enum http_method)i;
    }
    return HTTP_OTHER;
}

/* "http://host/path", which a proxy is sent and a server must take (RFC 9112 §3.2.2): the host in
 * it counts, whatever the header says. */
static bool take_scheme_and_host(struct http_text *target, struct http_text *host)
{
    static const char *const schemes[] = {"http://", "https://"};

    for (size_t s = 0; s < 2; s++) {
        size_t length = text_length(schemes[s]), end = length;
        if (target->length <= length || !bytes_equal(target->chars, schemes[s], length)) continue;
        while (end < target->length && target->chars[end] != '/')
            end++;
        *host = (struct http_text){target->chars + length, end - length};
        *target = (struct http_text){target->chars + end, target->length - end};
        return target->length > 0;
    }
    return false;
}

static void split_target(struct http_request *request, struct http_text target)
{
    if (!take_until(&target, '?', &request->path)) {
        request->path = target;
        target = (struct http_text){target.chars + target.length, 0};
    }
    request->query = target;
}

static enum result parse_line(struct http_request *request, struct http_text line, unsigned *status)
{
    struct http_text name, target;

    if (!take_until(&line, ' ', &name) || !take_until(&line, ' ', &target))
        return refuse(status, 400);
    if (name.length == 0 || !all_are(name, is_token_char)) return refuse(status, 400);
    if (target.length > HTTP_TARGET_BYTES_MAX) return refuse(status, 414);
    if (target.length == 0 || !all_are(target, is_target_char)) return refuse(status, 400);
    if (line.length != 8 || !bytes_equal(line.chars, "HTTP/", 5) || !is_digit(line.chars[5]) ||
        line.chars[6] != '.' || !is_digit(line.chars[7]))
        return refuse(status, 400);
    if (line.chars[5] != '1') return refuse(status, 505);

    request->method = method_of(name);
    if (request->method == HTTP_OTHER) return refuse(status, 501);
    request->target = target;
    request->version_minor = line.chars[7] == '0' ? 0 : 1;
    if (target.chars[0] != '/' && !take_scheme_and_host(&target, &request->host))
        return refuse(status, 400);
    split_target(request, target);
    return RESULT_OK;
}

/* ---- the header fields ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

struct http_text http_text_trim(struct http_text text)
{
    while (text.length > 0 && is_blank(text.chars[0]))
        text.chars++, text.length--;
    while (text.length > 0 && is_blank(text.chars[text.length - 1]))
        text.length--;
    return text;
}

/* A folded line begins with a blank and a name may not end with one: neither is a token. */
static enum result parse_field(struct http_request *request, struct http_text line,
                               unsigned *status)
{
    struct http_text name;

    if (!take_until(&line, ':', &name) || name.length == 0 || !all_are(name, is_token_char))
        return refuse(status, 400);
    if (!all_are(line, is_value_char)) return refuse(status, 400);
    if (request->header_count == HTTP_HEADERS_MAX) return refuse(status, 431);
    request->headers[request->header_count++] = (struct http_header){name, http_text_trim(line)};
    return RESULT_OK;
}

struct http_text http_request_header_next(const struct http_request *request, const char *name,
                                          size_t *index)
{
    while (*index < request->header_count) {
        const struct http_header *header = &request->headers[(*index)++];
        if (http_text_is_nocase(header->name, name)) return header->value;
    }
    return (struct http_text){NULL, 0};
}

static size_t count_of(const struct http_request *request, const char *name)
{
    size_t count = 0, index = 0;
    while (http_request_header_next(request, name, &index).chars != NULL)
        count++;
    return count;
}

struct http_text http_request_header(const struct http_request *request, const char *name)
{
    size_t index = 0;

    if (count_of(request, name) != 1) return (struct http_text){NULL, 0};
    return http_request_header_next(request, name, &index);
}

/* Exactly one in HTTP/1.1 (RFC 9112 §3.2), of characters that a host and a port have. */
static enum result check_host(struct http_request *request, unsigned *status)
{
    size_t count = count_of(request, "host");
    bool from_target = request->host.chars != NULL;

    if (count > 1 || (count == 0 && request->version_minor > 0)) return refuse(status, 400);
    if (count == 0) return RESULT_OK;
    struct http_text host = http_request_header(request, "host");
    if (!from_target) request->host = host;
    if (!all_are(host, is_host_char) || !all_are(request->host, is_host_char))
        return refuse(status, 400);
    return RESULT_OK;
}

/* One way only to say how long the body is; a second Content-Length is refused even if it says the
 * same (RFC 9112 §6.3 allows that), as is any transfer coding but "chunked" alone. */
static enum result check_body(struct http_request *request, unsigned *status)
{
    size_t lengths = count_of(request, "content-length");
    size_t codings = count_of(request, "transfer-encoding");

    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) return refuse(status, 400);
    if (codings > 0) {
        struct http_text coding = http_request_header(request, "transfer-encoding");
        if (request->version_minor == 0) return refuse(status, 400);
        request->is_chunked = http_text_is_nocase(coding, "chunked");
        return request->is_chunked ? RESULT_OK : refuse(status, 501);
    }
    if (lengths == 0) return RESULT_OK;
    struct http_text length = http_request_header(request, "content-length");
    if (length.length == 0 || length.length > 18 || !all_are(length, is_digit))
        return refuse(status, 400);
    for (size_t i = 0; i < length.length; i++)
        request->content_bytes = request->content_bytes * 10 + (uint64_t)(length.chars[i] - '0');
    return RESULT_OK;
}

static bool list_has(const struct http_request *request, const char *name, const char *token)
{
    struct http_text list, item;
    size_t index = 0;

    while ((list = http_request_header_next(request, name, &index)).chars != NULL) {
        while (take_until(&list, ',', &item)) {
            if (http_text_is_nocase(http_text_trim(item), token)) return true;
        }
        if (http_text_is_nocase(http_text_trim(list), token)) return true;
    }
    return false;
}

enum result http_request_parse(struct http_request *request, const char *head, size_t head_bytes,
                               unsigned *status)
{
    struct http_text rest = {head, head_bytes}, line;

    bytes_zero(request, sizeof *request);
    if (!take_line(&rest, &line)) return refuse(status, 400);
    if (parse_line(request, line, status) != RESULT_OK) return refuse(status, *status);
    for (;;) {
        if (!take_line(&rest, &line)) return refuse(status, 400);
        if (line.length == 0) break;
        if (parse_field(request, line, status) != RESULT_OK) return refuse(status, *status);
    }
    if (rest.length > 0) return refuse(status, 400);
    if (check_host(request, status) != RESULT_OK) return refuse(status, *status);
    if (check_body(request, status) != RESULT_OK) return refuse(status, *status);
    request->keep_alive = request->version_minor > 0
                              ? !list_has(request, "connection", "close")
                              : list_has(request, "connection", "keep-alive");
    return RESULT_OK;
}

/* ---- percent-encoding ---- */

static int hex_digit(char c)
{
    if (is_digit(c)) return c - '0';
    c = lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum result http_percent_decode(struct http_text text, bool plus_is_space, char *out,
                                size_t capacity_bytes, size_t *length_bytes)
{
    size_t used = 0;

    for (size_t i = 0; i < text.length; i++) {
        char c = text.chars[i];
        if (c == '%') {
            if (text.length - i < 3) return RESULT_INVALID;
            int high = hex_digit(text.chars[i + 1]), low = hex_digit(text.chars[i + 2]);
            if (high < 0 || low < 0 || (high == 0 && low == 0)) return RESULT_INVALID;
            c = (char)(uint8_t)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (used + 1 >= capacity_bytes) return RESULT_TOO_BIG;
        out[used++] = c;
    }
    out[used] = '\0';
    *length_bytes = used;
    return RESULT_OK;
}

enum result http_request_query(const struct http_request *request, const char *key, char *value,
                               size_t capacity_bytes)
{
    struct http_text rest = request->query, item, name;
    size_t length;
    bool more = true;

    ASSERT(capacity_bytes > 0);
    value[0] = '\0';
    while (more) {
        more = take_until(&rest, '&', &item);
        if (!more) item = rest;
        if (!take_until(&item, '=', &name)) {
            name = item;
            item = (struct http_text){item.chars, 0};
        }
        if (!http_text_is(name, key)) continue;
        return http_percent_decode(item, true, value, capacity_bytes, &length);
    }
    return RESULT_OK;
}
