#include "tools/bots/client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/message.h"

static void end(struct client *c, uint16_t code, const char *reason);

/* ---- what is shared ---- */

enum result client_shared_init(struct client_shared *s, const struct target *target,
                               const struct client_handler *handler, const char *ca_file,
                               struct error *error)
{
    memset(s, 0, sizeof *s);
    s->target = target;
    s->handler = handler;
    return target->is_secure ? tls_client_context_create(&s->tls, ca_file, error) : RESULT_OK;
}

void client_shared_deinit(struct client_shared *s)
{
    while (s->free_buffers != NULL) {
        struct client_buffer *buffer = s->free_buffers;
        s->free_buffers = buffer->next;
        free(buffer);
    }
    tls_context_destroy(s->tls);
    s->tls = NULL;
}

static void take_random(struct client_shared *s, uint8_t *bytes, size_t length_bytes)
{
    ASSERT(length_bytes <= sizeof s->random);
    if (s->random_left < length_bytes) {
        digest_random(s->random, sizeof s->random);
        s->random_left = sizeof s->random;
    }
    s->random_left -= length_bytes;
    memcpy(bytes, s->random + s->random_left, length_bytes);
}

/* Buffers come from the heap once and go round from then on. */
static bool lend_buffer(struct client *c)
{
    struct client_shared *s = c->shared;
    ASSERT(c->buffer == NULL);
    c->buffer = s->free_buffers != NULL ? s->free_buffers : malloc(sizeof *c->buffer);
    if (c->buffer == NULL) {
        end(c, WS_CLOSE_ABNORMAL, "no memory for a message");
        return false;
    }
    if (c->buffer == s->free_buffers) s->free_buffers = c->buffer->next;
    return true;
}

static void return_buffer(struct client *c)
{
    if (c->buffer == NULL) return;
    c->buffer->next = c->shared->free_buffers;
    c->shared->free_buffers = c->buffer;
    c->buffer = NULL;
}

/* ---- the end ---- */

static void release(struct client *c)
{
    if (c->fd >= 0) (void)close(c->fd);
    c->fd = -1;
    tls_destroy(c->tls);
    c->tls = NULL;
    return_buffer(c);
    c->out_bytes = 0;
}

static void end(struct client *c, uint16_t code, const char *reason)
{
    if (c->state == CLIENT_ENDED) return;
    c->state = CLIENT_ENDED;
    c->close_code = code;
    (void)snprintf(c->reason, sizeof c->reason, "%s", reason);
    release(c);
}

void client_deinit(struct client *c)
{
    if (c->state != CLIENT_IDLE) release(c);
    *c = (struct client){.fd = -1};
}

/* ---- out ---- */

size_t client_unsent_bytes(const struct client *c)
{
    return c->out_bytes;
}

bool client_wants_write(const struct client *c)
{
    return c->state == CLIENT_CONNECTING || c->out_bytes > 0;
}

/* Takes what TLS has for the socket, once the bytes before have left. */
static void refill(struct client *c)
{
    if (c->out_bytes > 0) return;
    c->out_start = 0;
    if (c->tls != NULL) c->out_bytes = tls_drain(c->tls, c->out, sizeof c->out);
}

static void flush(struct client *c)
{
    for (refill(c); c->out_bytes > 0; refill(c)) {
        ssize_t sent = send(c->fd, c->out + c->out_start, c->out_bytes, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno != EAGAIN && errno != EINTR) end(c, WS_CLOSE_ABNORMAL, strerror(errno));
            return;
        }
        c->out_start += (size_t)sent;
        c->out_bytes -= (size_t)sent;
    }
}

static enum result put(struct client *c, const uint8_t *bytes, size_t length_bytes)
{
    size_t written;
    if (c->tls != NULL) {
        if (c->out_bytes > 0) return RESULT_FULL;
        if (tls_write(c->tls, bytes, length_bytes, &written) != RESULT_OK) return RESULT_IO;
        ASSERT(written == length_bytes); /* into memory */
    } else {
        if (length_bytes > sizeof c->out - c->out_bytes) return RESULT_FULL;
        memmove(c->out, c->out + c->out_start, c->out_bytes);
        memcpy(c->out + c->out_bytes, bytes, length_bytes);
        c->out_start = 0;
        c->out_bytes += length_bytes;
    }
    flush(c);
    return c->state == CLIENT_ENDED ? RESULT_CLOSED : RESULT_OK;
}

enum result client_send(struct client *c, enum ws_opcode opcode, const uint8_t *payload,
                        size_t length_bytes)
{
    uint8_t bytes[CLIENT_FRAME_BYTES];
    struct ws_frame frame = {
        .payload_bytes = length_bytes, .opcode = opcode, .fin = true, .masked = true};
    ASSERT(length_bytes + WS_HEADER_BYTES_MAX <= sizeof bytes);
    if (c->state != CLIENT_OPEN) return RESULT_CLOSED;

    take_random(c->shared, frame.key, sizeof frame.key);
    size_t header_bytes = ws_frame_encode(bytes, &frame);
    if (length_bytes > 0) memcpy(bytes + header_bytes, payload, length_bytes);
    ws_frame_mask(bytes + header_bytes, length_bytes, frame.key, 0);
    return put(c, bytes, header_bytes + length_bytes);
}

void client_close(struct client *c, uint16_t code)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];
    (void)client_send(c, WS_CLOSE, payload, ws_close_encode(payload, code, ""));
}

/* ---- beginning ---- */

static void ask_for_upgrade(struct client *c)
{
    uint8_t nonce[WS_NONCE_BYTES];
    char key[WS_KEY_CHARS + 1], request[CLIENT_OUT_BYTES], path[TARGET_TEXT_BYTES_MAX + 1];
    size_t length_bytes;

    take_random(c->shared, nonce, sizeof nonce);
    ws_key_build(key, nonce);
    ws_accept_build(c->accept, key, digest_sha1);
    target_write_path(c->shared->target, c->room, path);
    struct ws_request what = {.host = c->shared->target->authority,
                              .path = path,
                              .key = key,
                              .subprotocols = SUBPROTOCOL_BINARY};
    enum result r = ws_request_write(request, sizeof request, &length_bytes, &what);
    ASSERT(r == RESULT_OK); /* target_parse() has seen to that */
    c->state = CLIENT_UPGRADING;
    (void)put(c, (const uint8_t *)request, length_bytes);
}

static void handshake(struct client *c)
{
    enum result r = tls_handshake(c->tls);
    if (r == RESULT_OK) {
        ask_for_upgrade(c);
        return;
    }
    flush(c); /* an alert, if it failed */
    if (r != RESULT_AGAIN) end(c, WS_CLOSE_ABNORMAL, tls_failure(c->tls));
}

static void connected(struct client *c)
{
    if (c->shared->tls == NULL) {
        ask_for_upgrade(c);
        return;
    }
    c->tls = tls_client_create(c->shared->tls, c->shared->target->host);
    if (c->tls == NULL) {
        end(c, WS_CLOSE_ABNORMAL, "no memory for TLS");
        return;
    }
    c->state = CLIENT_SECURING;
    handshake(c);
}

void client_start(struct client *c, struct client_shared *shared, void *context, uint32_t room,
                  int receive_bytes)
{
    const struct target *target = shared->target;
    const struct ws_reader_config config = {
        .role = WS_CLIENT, .message_bytes_max = MESSAGE_DOWN_BYTES_MAX, .fragments_max = 16};
    const int yes = 1;

    *c = (struct client){
        .shared = shared, .context = context, .room = room, .state = CLIENT_CONNECTING};
    ws_reader_init(&c->reader, &config);
    c->fd = socket(target->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        end(c, WS_CLOSE_ABNORMAL, strerror(errno));
        return;
    }
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    /* Before connecting: the window that is offered first follows from it. */
    if (receive_bytes > 0) {
        (void)setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    int r = connect(c->fd, (const struct sockaddr *)&target->address, target->address_bytes);
    if (r != 0 && errno != EINPROGRESS) end(c, WS_CLOSE_ABNORMAL, strerror(errno));
}

static void host_of(const struct sockaddr_storage *s, const void **host, size_t *host_bytes)
{
    bool is_v6 = s->ss_family == AF_INET6;
    *host = is_v6 ? (const void *)&((const struct sockaddr_in6 *)s)->sin6_addr
                  : (const void *)&((const struct sockaddr_in *)s)->sin_addr;
    *host_bytes = is_v6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
}

bool client_is_local(const struct client *c)
{
    struct sockaddr_storage own = {0};
    socklen_t own_bytes = sizeof own;
    const void *own_host, *peer_host;
    size_t own_host_bytes, peer_host_bytes;
    if (getsockname(c->fd, (struct sockaddr *)&own, &own_bytes) != 0) return false;
    host_of(&own, &own_host, &own_host_bytes);
    host_of(&c->shared->target->address, &peer_host, &peer_host_bytes);
    return own_host_bytes == peer_host_bytes && memcmp(own_host, peer_host, own_host_bytes) == 0;
}

void client_write(struct client *c)
{
    if (c->state == CLIENT_CONNECTING) {
        int why = 0;
        socklen_t why_bytes = sizeof why;
        (void)getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &why, &why_bytes);
        if (why != 0) {
            end(c, WS_CLOSE_ABNORMAL, strerror(why));
        } else {
            connected(c);
        }
    } else if (c->state != CLIENT_ENDED) {
        flush(c);
    }
}

/* ---- in ---- */

/* A close is answered by its own code (§5.5.1). */
static void answer_close(struct client *c, uint16_t code)
{
    if (code == WS_CLOSE_NO_STATUS)
        (void)client_send(c, WS_CLOSE, NULL, 0);
    else
        client_close(c, code);
}

static void handle_event(struct client *c, const struct ws_event *event)
{
    char reason[REASON_BYTES_MAX + 1];
    switch (event->kind) {
    case WS_EVENT_BINARY:
        c->shared->handler->message(c->context, event->payload, event->payload_bytes);
        break;
    case WS_EVENT_PING: /* without room one PONG is left out: a later one answers for it (§5.5.3) */
        (void)client_send(c, WS_PONG, event->payload, event->payload_bytes);
        break;
    case WS_EVENT_CLOSE:
        answer_close(c, event->close_code);
        (void)snprintf(reason, sizeof reason, "%.*s", (int)event->payload_bytes,
                       (const char *)event->payload);
        end(c, event->close_code, reason);
        break;
    case WS_EVENT_TEXT:
        client_close(c, WS_CLOSE_UNSUPPORTED);
        end(c, WS_CLOSE_UNSUPPORTED, "the server sent text");
        break;
    case WS_EVENT_PONG:
    case WS_EVENT_NONE:
        break;
    }
}

static void breach(struct client *c)
{
    enum ws_breach rule = ws_reader_breach(&c->reader);
    client_close(c, (uint16_t)ws_breach_close(rule));
    end(c, (uint16_t)ws_breach_close(rule), ws_breach_text(rule));
}

static void take_frames(struct client *c, uint8_t *bytes, size_t length_bytes)
{
    struct ws_input in = {.bytes = bytes, .length_bytes = length_bytes};
    while (c->state == CLIENT_OPEN) {
        struct ws_event event;
        enum result r = ws_reader_read(&c->reader, &in, &event);
        if (r == RESULT_OK) {
            handle_event(c, &event);
        } else if (r == RESULT_FULL) {
            if (!lend_buffer(c)) return;
            ws_reader_set_buffer(&c->reader, c->buffer->bytes, sizeof c->buffer->bytes);
        } else if (r == RESULT_AGAIN || r == RESULT_CLOSED) {
            break;
        } else {
            breach(c);
        }
    }
    if (c->buffer != NULL && ws_reader_used_bytes(&c->reader) == 0) {
        ws_reader_set_buffer(&c->reader, NULL, 0);
        return_buffer(c);
    }
}

static void take_answer(struct client *c, const uint8_t *bytes, size_t length_bytes)
{
    struct ws_response response;
    struct error error;
    const struct ws_expectation expectation = {.accept = c->accept,
                                               .subprotocols = SUBPROTOCOL_BINARY};
    if (c->buffer == NULL && !lend_buffer(c)) return;
    if (length_bytes > sizeof c->buffer->bytes - c->head_bytes) {
        end(c, WS_CLOSE_ABNORMAL, "the answer to the handshake is too long");
        return;
    }
    memcpy(c->buffer->bytes + c->head_bytes, bytes, length_bytes);
    c->head_bytes += length_bytes;
    struct ws_text text = {.chars = (const char *)c->buffer->bytes, .length_chars = c->head_bytes};
    enum result r = ws_response_parse(&response, text, &expectation, &error);
    if (r == RESULT_AGAIN) return;
    if (r != RESULT_OK) {
        end(c, WS_CLOSE_ABNORMAL, error.message);
        return;
    }
    /* What came behind the head stands in the buffer that the reader may ask for. */
    uint8_t *rest = c->shared->clear;
    size_t rest_bytes = c->head_bytes - response.head_bytes;
    if (rest_bytes > sizeof c->shared->clear) {
        end(c, WS_CLOSE_ABNORMAL, "the answer to the handshake is too long");
        return;
    }
    memcpy(rest, c->buffer->bytes + response.head_bytes, rest_bytes);
    return_buffer(c);
    c->state = CLIENT_OPEN;
    c->shared->handler->opened(c->context);
    take_frames(c, rest, rest_bytes);
}

static void take_bytes(struct client *c, uint8_t *bytes, size_t length_bytes)
{
    c->received_bytes += length_bytes;
    if (c->state == CLIENT_UPGRADING) {
        take_answer(c, bytes, length_bytes);
    } else if (c->state == CLIENT_OPEN) {
        take_frames(c, bytes, length_bytes);
    }
}

static void take_records(struct client *c, const uint8_t *bytes, size_t length_bytes)
{
    if (tls_feed(c->tls, bytes, length_bytes) != RESULT_OK) {
        end(c, WS_CLOSE_ABNORMAL, "no memory for TLS");
        return;
    }
    if (c->state == CLIENT_SECURING) handshake(c);
    while (c->state == CLIENT_UPGRADING || c->state == CLIENT_OPEN) {
        size_t clear_bytes;
        enum result r = tls_read(c->tls, c->shared->clear, sizeof c->shared->clear, &clear_bytes);
        if (r == RESULT_AGAIN) break;
        if (r != RESULT_OK) {
            end(c, WS_CLOSE_ABNORMAL, "the TLS stream ended");
            return;
        }
        take_bytes(c, c->shared->clear, clear_bytes);
    }
    if (c->state != CLIENT_ENDED) flush(c);
}

size_t client_read(struct client *c, size_t limit_bytes)
{
    uint8_t *bytes = c->shared->received;
    size_t most = limit_bytes < CLIENT_READ_BYTES ? limit_bytes : CLIENT_READ_BYTES;
    if (c->state == CLIENT_CONNECTING || c->state == CLIENT_ENDED) return 0;

    ssize_t got = recv(c->fd, bytes, most, 0);
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR) end(c, WS_CLOSE_ABNORMAL, strerror(errno));
        return 0;
    }
    if (got == 0) {
        end(c, WS_CLOSE_ABNORMAL, "the connection broke");
    } else if (c->tls != NULL) {
        take_records(c, bytes, (size_t)got);
    } else {
        take_bytes(c, bytes, (size_t)got);
    }
    return (size_t)got;
}
