#include "shared/ws_handshake.h"

#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/check.h"

_Static_assert(WS_KEY_CHARS == BASE64_CHARS(WS_NONCE_BYTES), "a key is a nonce in base64");
_Static_assert(WS_ACCEPT_CHARS == BASE64_CHARS(WS_SHA1_BYTES), "an accept is a digest in base64");

/* §1.3: what only a WebSocket server adds to the key. */
static const char accept_salt[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/* ---- Texts and lists ---- */

static struct ws_text text_of(const char *chars)
{
    return (struct ws_text){chars, chars == NULL ? 0 : text_length(chars)};
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_same(struct ws_text a, struct ws_text b)
{
    return a.length_chars == b.length_chars && bytes_equal(a.chars, b.chars, a.length_chars);
}

static bool is_same_in_any_case(struct ws_text a, struct ws_text b)
{
    if (a.length_chars != b.length_chars) return false;
    for (size_t i = 0; i < a.length_chars; i++) {
        if (lower(a.chars[i]) != lower(b.chars[i])) return false;
    }
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static struct ws_text trim(struct ws_text t)
{
    while (t.length_chars > 0 && is_space(t.chars[0]))
        t.chars++, t.length_chars--;
    while (t.length_chars > 0 && is_space(t.chars[t.length_chars - 1]))
        t.length_chars--;
    return t;
}

/* Takes what stands before the first `separator` off the front of `rest`; all if there is none. */
static struct ws_text cut_at(struct ws_text *rest, char separator)
{
    struct ws_text front = {rest->chars, 0};

    while (front.length_chars < rest->length_chars && front.chars[front.length_chars] != separator)
        front.length_chars++;
    size_t taken = front.length_chars + (front.length_chars < rest->length_chars ? 1 : 0);
    if (taken > 0) rest->chars += taken;
    rest->length_chars -= taken;
    return front;
}

bool ws_list_next(struct ws_text *list, struct ws_text *element)
{
    while (list->length_chars > 0) {
        *element = trim(cut_at(list, ','));
        if (element->length_chars > 0) return true;
    }
    return false;
}

bool ws_list_has(struct ws_text list, const char *token)
{
    struct ws_text element;

    while (ws_list_next(&list, &element)) {
        if (is_same_in_any_case(element, text_of(token))) return true;
    }
    return false;
}

static bool list_has_exactly(struct ws_text list, struct ws_text wanted)
{
    struct ws_text element;

    while (ws_list_next(&list, &element)) {
        if (is_same(element, wanted)) return true;
    }
    return false;
}

size_t ws_subprotocol_select(struct ws_text offered, const char *const *supported, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list_has_exactly(offered, text_of(supported[i]))) return i;
    }
    return count;
}

/* ---- Key and accept ---- */

bool ws_key_is_valid(struct ws_text key)
{
    uint8_t nonce[BASE64_BYTES_MAX(WS_KEY_CHARS)];
    size_t nonce_bytes;

    if (key.length_chars != WS_KEY_CHARS) return false;
    if (base64_decode(nonce, &nonce_bytes, key.chars, key.length_chars) != RESULT_OK) return false;
    return nonce_bytes == WS_NONCE_BYTES;
}

void ws_key_build(char key[WS_KEY_CHARS + 1], const uint8_t nonce[WS_NONCE_BYTES])
{
    base64_encode(key, nonce, WS_NONCE_BYTES);
    key[WS_KEY_CHARS] = '\0';
}

void ws_accept_build(char accept[WS_ACCEPT_CHARS + 1], const char key[WS_KEY_CHARS], ws_sha1 *sha1)
{
    uint8_t salted[WS_KEY_CHARS + sizeof accept_salt - 1];
    uint8_t digest[WS_SHA1_BYTES];

    bytes_copy(salted, key, WS_KEY_CHARS);
    bytes_copy(salted + WS_KEY_CHARS, accept_salt, sizeof accept_salt - 1);
    sha1(salted, sizeof salted, digest);
    base64_encode(accept, digest, sizeof digest);
    accept[WS_ACCEPT_CHARS] = '\0';
}

/* ---- Writing ---- */

struct head_writer {
    char *out; /* borrowed */
    size_t capacity_bytes;
    size_t used_bytes;
    bool overflow; /* sticky */
};

static void put_text(struct head_writer *w, const char *text)
{
    size_t length_bytes = text_length(text);

    if (w->overflow || length_bytes > w->capacity_bytes - w->used_bytes) {
        w->overflow = true;
        return;
    }
    bytes_copy(w->out + w->used_bytes, text, length_bytes);
    w->used_bytes += length_bytes;
}

static void put_header(struct head_writer *w, const char *name, const char *value)
{
    put_text(w, name);
    put_text(w, ": ");
    put_text(w, value);
    put_text(w, "\r\n");
}

static enum result finish_head(struct head_writer *w, size_t *length_bytes)
{
    put_text(w, "\r\n");
    if (w->overflow) return RESULT_TOO_BIG;
    *length_bytes = w->used_bytes;
    return RESULT_OK;
}

/* Returns whether every character of `text` lies in first..'~'. */
static bool is_printable_from(char first, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < first || *text > '~') return false;
    }
    return true;
}

static bool is_writable(const struct ws_request *request)
{
    if (request->path[0] != '/' || !is_printable_from('!', request->path)) return false;
    if (request->host[0] == '\0' || !is_printable_from('!', request->host)) return false;
    if (!ws_key_is_valid(text_of(request->key))) return false;
    if (request->origin != NULL && !is_printable_from('!', request->origin)) return false;
    return request->subprotocols == NULL || is_printable_from(' ', request->subprotocols);
}

enum result ws_request_write(char *out, size_t capacity_bytes, size_t *length_bytes,
                             const struct ws_request *request)
{
    struct head_writer w = {.out = out, .capacity_bytes = capacity_bytes};

    if (!is_writable(request)) return RESULT_INVALID;
    put_text(&w, "GET ");
    put_text(&w, request->path);
    put_text(&w, " HTTP/1.1\r\n");
    put_header(&w, "Host", request->host);
    put_header(&w, "Upgrade", "websocket");
    put_header(&w, "Connection", "Upgrade");
    put_header(&w, "Sec-WebSocket-Key", request->key);
    put_header(&w, "Sec-WebSocket-Version", "13");
    if (request->subprotocols != NULL) {
        put_header(&w, "Sec-WebSocket-Protocol", request->subprotocols);
    }
    if (request->origin != NULL) put_header(&w, "Origin", request->origin);
    return finish_head(&w, length_bytes);
}

enum result ws_response_write(char *out, size_t capacity_bytes, size_t *length_bytes,
                              const struct ws_answer *answer)
{
    struct head_writer w = {.out = out, .capacity_bytes = capacity_bytes};

    put_text(&w, "HTTP/1.1 101 Switching Protocols\r\n");
    put_header(&w, "Upgrade", "websocket");
    put_header(&w, "Connection", "Upgrade");
    put_header(&w, "Sec-WebSocket-Accept", answer->accept);
    if (answer->subprotocol != NULL) put_header(&w, "Sec-WebSocket-Protocol", answer->subprotocol);
    if (answer->extensions != NULL) put_header(&w, "Sec-WebSocket-Extensions", answer->extensions);
    if (answer->fields != NULL) put_text(&w, answer->fields);
    return finish_head(&w, length_bytes);
}

/* ---- The client reads the answer ---- */

/* The headers that matter, by their place in `header_names`. */
enum header { UPGRADE, CONNECTION, ACCEPT, PROTOCOL, EXTENSIONS, HEADER_COUNT };

static const char *const header_names[] = {
    [UPGRADE] = "Upgrade",
    [CONNECTION] = "Connection",
    [ACCEPT] = "Sec-WebSocket-Accept",
    [PROTOCOL] = "Sec-WebSocket-Protocol",
    [EXTENSIONS] = "Sec-WebSocket-Extensions",
};
_Static_assert(sizeof header_names / sizeof header_names[0] == HEADER_COUNT, "a name for each");

struct head {
    struct ws_text values[HEADER_COUNT]; /* borrowed; chars is NULL where the header is missing */
    bool has_upgrade, has_connection_upgrade; /* these two may come more than once */
};

static enum result fail(struct error *error, enum result code, const char *sentence)
{
    size_t length = text_length(sentence);
    ASSERT(length < sizeof error->message);

    error->code = code;
    bytes_copy(error->message, sentence, length + 1);
    return code;
}

/* Returns the length of the head with its empty line, or 0 if it does not end within `bytes`. */
static size_t find_head(struct ws_text bytes)
{
    for (size_t end = 4; end <= bytes.length_chars; end++) {
        if (bytes_equal(bytes.chars + end - 4, "\r\n\r\n", 4)) return end;
    }
    return 0;
}

/* Returns whether `bytes`, as far as they go, could begin a status line. */
static bool is_http_so_far(struct ws_text bytes)
{
    static const char start[] = "HTTP/1.1 ";
    size_t length = sizeof start - 1;

    if (bytes.length_chars < length) length = bytes.length_chars;
    return bytes_equal(bytes.chars, start, length);
}

/* Returns the three digits of "HTTP/1.1 101 any words", or 0 if it is nothing such. */
static uint16_t read_status(struct ws_text line)
{
    const size_t digits_at = sizeof "HTTP/1.1 " - 1;
    uint16_t status = 0;

    if (!is_http_so_far(line) || line.length_chars < digits_at + 3) return 0;
    if (line.length_chars > digits_at + 3 && line.chars[digits_at + 3] != ' ') return 0;
    for (size_t i = digits_at; i < digits_at + 3; i++) {
        if (line.chars[i] < '0' || line.chars[i] > '9') return 0;
        status = (uint16_t)(status * 10 + (line.chars[i] - '0'));
    }
    return status;
}

/* Takes the next line off `rest`; false if it does not end by CR LF or holds a control character.
 */
static bool next_line(struct ws_text *rest, struct ws_text *line)
{
    *line = cut_at(rest, '\n');
    if (line->length_chars == 0 || line->chars[line->length_chars - 1] != '\r') return false;
    line->length_chars--;
    for (size_t i = 0; i < line->length_chars; i++) {
        uint8_t c = (uint8_t)line->chars[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) return false;
    }
    return true;
}

/* Keeps the header on `line` if it is one of ours. Returns why the line is refused, or NULL. */
static const char *take_header(struct head *head, struct ws_text line)
{
    struct ws_text value = line;
    struct ws_text name = cut_at(&value, ':');

    if (name.length_chars == line.length_chars) return "The server sent a header without a colon.";
    if (name.length_chars == 0 || trim(name).length_chars != name.length_chars) {
        return "The server sent a header whose name is empty or has spaces around it.";
    }
    value = trim(value);
    for (size_t i = 0; i < HEADER_COUNT; i++) {
        if (!is_same_in_any_case(name, text_of(header_names[i]))) continue;
        bool may_repeat = i == UPGRADE || i == CONNECTION;
        if (head->values[i].chars != NULL && !may_repeat) {
            return "The server sent a WebSocket header twice.";
        }
        head->values[i] = value;
        if (i == UPGRADE) head->has_upgrade |= ws_list_has(value, "websocket");
        if (i == CONNECTION) head->has_connection_upgrade |= ws_list_has(value, "upgrade");
    }
    return NULL;
}

/* Reads the lines between the status line and the empty one. Returns why not, or NULL. */
static const char *take_headers(struct head *head, struct ws_text rest)
{
    for (size_t count = 0; count <= WS_RESPONSE_HEADERS_MAX; count++) {
        struct ws_text line;
        if (!next_line(&rest, &line)) return "The server sent a header line that is malformed.";
        if (line.length_chars == 0) return NULL;
        const char *refusal = take_header(head, line);
        if (refusal != NULL) return refusal;
    }
    return "The server sent more than 64 headers.";
}
_Static_assert(WS_RESPONSE_HEADERS_MAX == 64, "the sentence above names it");

/* The checks of §4.1, in its order. Returns the one that failed, or NULL. */
static const char *check_head(const struct head *head, const struct ws_expectation *expectation)
{
    struct ws_text protocol = head->values[PROTOCOL];

    if (!head->has_upgrade) return "The server did not answer with Upgrade: websocket.";
    if (!head->has_connection_upgrade) return "The server did not answer with Connection: Upgrade.";
    if (!is_same(head->values[ACCEPT], text_of(expectation->accept))) {
        return "The server's Sec-WebSocket-Accept does not answer our key.";
    }
    if (head->values[EXTENSIONS].length_chars > 0) {
        return "The server chose an extension that was not offered.";
    }
    if (protocol.chars != NULL &&
        (protocol.length_chars > WS_SUBPROTOCOL_CHARS_MAX ||
         !list_has_exactly(text_of(expectation->subprotocols), protocol))) {
        return "The server chose a subprotocol that was not offered.";
    }
    return NULL;
}

static enum result refuse_status(struct error *error, uint16_t status)
{
    static const char sentence[] = "The server answered the upgrade with status 000, not 101.";
    const size_t digits_at = sizeof "The server answered the upgrade with status " - 1;

    fail(error, RESULT_INVALID, sentence);
    error->message[digits_at] = (char)('0' + status / 100 % 10);
    error->message[digits_at + 1] = (char)('0' + status / 10 % 10);
    error->message[digits_at + 2] = (char)('0' + status % 10);
    return RESULT_INVALID;
}

enum result ws_response_parse(struct ws_response *response, struct ws_text bytes,
                              const struct ws_expectation *expectation, struct error *error)
{
    struct head head = {0};
    struct ws_text rest, line;

    *response = (struct ws_response){0};
    if (!is_http_so_far(bytes)) {
        return fail(error, RESULT_INVALID, "The server does not speak HTTP/1.1 at this address.");
    }
    if (bytes.length_chars > WS_RESPONSE_BYTES_MAX) bytes.length_chars = WS_RESPONSE_BYTES_MAX;
    size_t head_bytes = find_head(bytes);
    if (head_bytes == 0 && bytes.length_chars < WS_RESPONSE_BYTES_MAX) return RESULT_AGAIN;
    if (head_bytes == 0) {
        return fail(error, RESULT_TOO_BIG, "The server's answer has a head of more than 8 KiB.");
    }

    rest = (struct ws_text){bytes.chars, head_bytes};
    if (next_line(&rest, &line)) response->status = read_status(line);
    if (response->status == 0) {
        return fail(error, RESULT_INVALID, "The server sent a status line that is malformed.");
    }
    if (response->status != 101) return refuse_status(error, response->status);

    const char *refusal = take_headers(&head, rest);
    if (refusal == NULL) refusal = check_head(&head, expectation);
    if (refusal != NULL) return fail(error, RESULT_INVALID, refusal);
    if (head.values[PROTOCOL].length_chars > 0) {
        bytes_copy(response->subprotocol, head.values[PROTOCOL].chars,
                   head.values[PROTOCOL].length_chars);
    }
    response->head_bytes = head_bytes;
    return RESULT_OK;
}
