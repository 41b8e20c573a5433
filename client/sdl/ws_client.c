#include "client/sdl/ws_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/host/tls.h"
#include "shared/message.h"
#include "shared/ws_handshake.h"
#include "shared/ws_reader.h"

#define FRAGMENTS_MAX  64
#define FRAME_BYTES    (WS_HEADER_BYTES_MAX + MESSAGE_UP_BYTES_MAX)
#define OUT_BYTES      (4 * FRAME_BYTES)
#define IN_BYTES       (WS_RESPONSE_BYTES_MAX + WS_CLIENT_FEED_BYTES_MAX)
#define MESSAGE_BUFFER WS_READER_BUFFER_BYTES(MESSAGE_DOWN_BYTES_MAX)

enum stage { STAGE_TLS, STAGE_HEAD, STAGE_OPEN, STAGE_OVER };

struct ws_client {
    enum stage stage;
    struct ending ending;
    struct tls *tls; /* owned; NULL for ws:// */
    bool tls_is_up;  /* the certificate was good: the request may go out */
    struct ws_reader reader;
    char accept[WS_ACCEPT_CHARS + 1];

    /* Decrypted bytes [in_start, in_end) that were not read yet. */
    uint8_t in[IN_BYTES];
    size_t in_start, in_end;
    /* Bytes that TLS, if there is any, did not take yet. */
    uint8_t out[OUT_BYTES];
    size_t out_bytes;
    uint8_t message[MESSAGE_BUFFER];
};

static enum result end(struct ws_client *c, enum ending_kind kind, uint16_t code,
                       const char *detail)
{
    if (c->stage != STAGE_OVER) ending_set(&c->ending, kind, code, detail);
    c->stage = STAGE_OVER;
    return RESULT_CLOSED;
}

/* -- out --------------------------------------------------------------------------------------- */

static enum result put_frame(struct ws_client *c, enum ws_opcode opcode, const uint8_t *payload,
                             size_t payload_bytes)
{
    struct ws_frame frame = {
        .opcode = opcode, .fin = true, .masked = true, .payload_bytes = payload_bytes};

    if (WS_HEADER_BYTES_MAX + payload_bytes > sizeof c->out - c->out_bytes) return RESULT_FULL;
    digest_random(frame.key, sizeof frame.key);
    c->out_bytes += ws_frame_encode(c->out + c->out_bytes, &frame);
    if (payload_bytes > 0) bytes_copy(c->out + c->out_bytes, payload, payload_bytes);
    ws_frame_mask(c->out + c->out_bytes, payload_bytes, frame.key, 0);
    c->out_bytes += payload_bytes;
    return RESULT_OK;
}

static bool put_request(struct ws_client *c, const struct url *url)
{
    uint8_t nonce[WS_NONCE_BYTES];
    char key[WS_KEY_CHARS + 1];

    digest_random(nonce, sizeof nonce);
    ws_key_build(key, nonce);
    ws_accept_build(c->accept, key, digest_sha1);

    struct ws_request request = {
        .host = url->authority, .path = url->path, .key = key, .subprotocols = SUBPROTOCOL_BINARY};
    return ws_request_write((char *)c->out, sizeof c->out, &c->out_bytes, &request) == RESULT_OK;
}

/* Moves what TLS takes into it; a memory BIO takes all once the handshake is done. */
static void encrypt(struct ws_client *c)
{
    size_t taken_bytes = 0;

    while (c->out_bytes > 0 && tls_write(c->tls, c->out, c->out_bytes, &taken_bytes) == RESULT_OK) {
        c->out_bytes -= taken_bytes;
        bytes_move(c->out, c->out + taken_bytes, c->out_bytes);
    }
}

size_t ws_client_drain(struct ws_client *c, uint8_t *bytes, size_t capacity_bytes)
{
    if (c->tls != NULL) {
        if (c->tls_is_up) encrypt(c);
        return tls_drain(c->tls, bytes, capacity_bytes);
    }
    size_t taken_bytes = c->out_bytes < capacity_bytes ? c->out_bytes : capacity_bytes;
    bytes_copy(bytes, c->out, taken_bytes);
    c->out_bytes -= taken_bytes;
    bytes_move(c->out, c->out + taken_bytes, c->out_bytes);
    return taken_bytes;
}

enum result ws_client_send(struct ws_client *c, const uint8_t *bytes, size_t length_bytes)
{
    ASSERT(c->stage == STAGE_OPEN && length_bytes <= MESSAGE_UP_BYTES_MAX);
    return put_frame(c, WS_BINARY, bytes, length_bytes);
}

void ws_client_ping(struct ws_client *c)
{
    if (c->stage == STAGE_OPEN) (void)put_frame(c, WS_PING, NULL, 0);
}

void ws_client_close(struct ws_client *c, uint16_t code, const char *reason)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];

    if (c->stage == STAGE_OPEN)
        (void)put_frame(c, WS_CLOSE, payload, ws_close_encode(payload, code, reason));
    (void)end(c, ENDING_CLOSED, WS_CLOSE_NORMAL, "");
}

/* -- in ---------------------------------------------------------------------------------------- */

void ws_client_feed(struct ws_client *c, const uint8_t *bytes, size_t length_bytes)
{
    ASSERT(length_bytes <= WS_CLIENT_FEED_BYTES_MAX);

    if (c->stage == STAGE_OVER) return;
    if (c->tls != NULL) {
        if (tls_feed(c->tls, bytes, length_bytes) != RESULT_OK)
            (void)end(c, ENDING_SETUP, 0, "There is no memory left.");
        return;
    }
    bytes_move(c->in, c->in + c->in_start, c->in_end - c->in_start);
    c->in_end -= c->in_start;
    c->in_start = 0;
    ASSERT(length_bytes <= sizeof c->in - c->in_end);
    bytes_copy(c->in + c->in_end, bytes, length_bytes);
    c->in_end += length_bytes;
}

/* Decrypts what there is into `in`, behind what it holds. RESULT_AGAIN: nothing came. */
static enum result refill(struct ws_client *c)
{
    size_t read_bytes = 0;

    if (c->tls == NULL) return RESULT_AGAIN;
    bytes_move(c->in, c->in + c->in_start, c->in_end - c->in_start);
    c->in_end -= c->in_start;
    c->in_start = 0;
    enum result r = tls_read(c->tls, c->in + c->in_end, sizeof c->in - c->in_end, &read_bytes);
    c->in_end += r == RESULT_OK ? read_bytes : 0;
    if (r == RESULT_CLOSED) return end(c, ENDING_LOST, 0, "");
    if (r == RESULT_IO) return end(c, ENDING_TLS, 0, tls_failure(c->tls));
    return r;
}

static enum result step_tls(struct ws_client *c)
{
    enum result r = tls_handshake(c->tls);

    if (r == RESULT_OK) {
        c->tls_is_up = true;
        c->stage = STAGE_HEAD;
    }
    if (r == RESULT_CLOSED) return end(c, ENDING_LOST, 0, "");
    if (r == RESULT_INVALID || r == RESULT_IO) return end(c, ENDING_TLS, 0, tls_failure(c->tls));
    return r;
}

static enum result step_head(struct ws_client *c, struct ws_client_event *event)
{
    struct ws_text head = {(const char *)c->in + c->in_start, c->in_end - c->in_start};
    struct ws_expectation expectation = {.accept = c->accept, .subprotocols = SUBPROTOCOL_BINARY};
    struct ws_response response = {0};
    struct error error = {0};

    enum result r = ws_response_parse(&response, head, &expectation, &error);
    if (r == RESULT_AGAIN) return refill(c);
    if (r != RESULT_OK) return end(c, ENDING_HANDSHAKE, response.status, error.message);
    if (strcmp(response.subprotocol, SUBPROTOCOL_BINARY) != 0) {
        return end(c, ENDING_HANDSHAKE, response.status,
                   "The server does not speak " SUBPROTOCOL_BINARY ".");
    }
    c->in_start += response.head_bytes;
    c->stage = STAGE_OPEN;
    event->kind = WS_CLIENT_OPENED;
    return RESULT_OK;
}

static enum result end_by_breach(struct ws_client *c, enum ws_close code, const char *rule)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];

    (void)put_frame(c, WS_CLOSE, payload, ws_close_encode(payload, (uint16_t)code, rule));
    return end(c, ENDING_BREACH, (uint16_t)code, rule);
}

/* Echoes the code, as RFC 6455 §5.5.1 asks, and ends. */
static enum result end_by_close(struct ws_client *c, const struct ws_event *close)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];
    char reason[WS_CLOSE_PAYLOAD_BYTES_MAX + 1];
    bool has_code = ws_close_is_sendable(close->close_code);
    size_t payload_bytes = has_code ? ws_close_encode(payload, close->close_code, "") : 0;

    (void)put_frame(c, WS_CLOSE, payload, payload_bytes);
    bytes_copy(reason, close->payload, close->payload_bytes);
    reason[close->payload_bytes] = '\0';
    return end(c, ENDING_CLOSED, close->close_code, reason);
}

static enum result take_event(struct ws_client *c, const struct ws_event *read,
                              struct ws_client_event *event)
{
    switch (read->kind) {
    case WS_EVENT_BINARY:
        *event = (struct ws_client_event){WS_CLIENT_MESSAGE, read->payload, read->payload_bytes};
        return RESULT_OK;
    case WS_EVENT_PING:
        /* A flood of pings fills `out`; those left unanswered then were not worth it. */
        (void)put_frame(c, WS_PONG, read->payload, read->payload_bytes);
        return RESULT_OK;
    case WS_EVENT_CLOSE:
        return end_by_close(c, read);
    case WS_EVENT_TEXT:
        return end_by_breach(c, WS_CLOSE_UNSUPPORTED, "text where only binary messages may stand");
    default:
        return RESULT_OK;
    }
}

static enum result step_open(struct ws_client *c, struct ws_client_event *event)
{
    struct ws_input input = {c->in + c->in_start, c->in_end - c->in_start};
    struct ws_event read;

    enum result r = ws_reader_read(&c->reader, &input, &read);
    c->in_start = c->in_end - input.length_bytes;
    if (r == RESULT_AGAIN) return refill(c);
    if (r != RESULT_OK) {
        enum ws_breach breach = ws_reader_breach(&c->reader);
        return end_by_breach(c, ws_breach_close(breach), ws_breach_text(breach));
    }
    return take_event(c, &read, event);
}

/* Goes one step on: RESULT_OK, perhaps with an event for the caller. */
static enum result step(struct ws_client *c, struct ws_client_event *event)
{
    switch (c->stage) {
    case STAGE_TLS:
        return step_tls(c);
    case STAGE_HEAD:
        return step_head(c, event);
    case STAGE_OPEN:
        return step_open(c, event);
    default:
        return RESULT_CLOSED;
    }
}

enum result ws_client_next(struct ws_client *c, struct ws_client_event *event)
{
    *event = (struct ws_client_event){.kind = WS_CLIENT_NOTHING};
    while (event->kind == WS_CLIENT_NOTHING) {
        enum result r = step(c, event);
        if (r != RESULT_OK) return r;
    }
    return RESULT_OK;
}

bool ws_client_is_open(const struct ws_client *c)
{
    return c->stage == STAGE_OPEN;
}

const struct ending *ws_client_ending(const struct ws_client *c)
{
    ASSERT(c->stage == STAGE_OVER);
    return &c->ending;
}

/* -- both -------------------------------------------------------------------------------------- */

struct ws_client *ws_client_create(const struct url *url, struct tls_context *tls)
{
    static const struct ws_reader_config config = {.role = WS_CLIENT,
                                                   .message_bytes_max = MESSAGE_DOWN_BYTES_MAX,
                                                   .fragments_max = FRAGMENTS_MAX};
    struct ws_client *c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;

    c->stage = url->is_secure ? STAGE_TLS : STAGE_HEAD;
    ws_reader_init(&c->reader, &config);
    ws_reader_set_buffer(&c->reader, c->message, sizeof c->message);
    if (url->is_secure) c->tls = tls_client_create(tls, url->host);
    if ((url->is_secure && c->tls == NULL) || !put_request(c, url)) {
        ws_client_destroy(c);
        return NULL;
    }
    /* The client speaks first. */
    if (c->tls != NULL) (void)tls_handshake(c->tls);
    return c;
}

void ws_client_destroy(struct ws_client *c)
{
    if (c == NULL) return;
    tls_destroy(c->tls);
    free(c);
}
