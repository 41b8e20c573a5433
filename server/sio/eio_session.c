#include "server/sio/eio_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/sio/eio_layer.h"
#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/check.h"

#define OPEN_BYTES_MAX        256                   /* of the first packet */
#define UNLIMITED_POLLQ_BYTES (16u * 1024u * 1024u) /* of one that no cap is set for */
#define ANSWER_HEAD_BYTES     4096                  /* what an answer has beside its body */

static const struct http_waiter poll_waiter, post_waiter;

static struct net *net_of(const struct eio_session *s)
{
    return s->layer->net;
}

static const struct config *config_of(const struct eio_session *s)
{
    return s->layer->net->config;
}

static struct eio_session *session_of_timer(struct timer *timer)
{
    return (struct eio_session *)(void *)((uint8_t *)timer - offsetof(struct eio_session, timer));
}

uint64_t eio_session_now_ms(const struct eio_session *s)
{
    return s->layer->net->now_ms;
}

/* ---- deadlines: one timer for all ---- */

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
    if (a_ms == 0 || b_ms == 0) return a_ms + b_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

static bool is_due(const struct eio_session *s, uint64_t due_ms)
{
    return due_ms != 0 && eio_session_now_ms(s) >= due_ms;
}

static void watch(struct eio_session *s)
{
    uint64_t due_ms = s->end_due_ms;

    if (s->state == EIO_STATE_OPEN) {
        due_ms = earlier(s->ping_due_ms, s->pong_due_ms);
        due_ms = earlier(due_ms, s->probe_due_ms);
        due_ms = earlier(due_ms, s->noop_due_ms);
        due_ms = earlier(due_ms, s->app_due_ms);
    }
    if (due_ms == 0)
        timers_cancel(&net_of(s)->timers, &s->timer);
    else
        timers_set(&net_of(s)->timers, &s->timer, due_ms);
}

void eio_session_set_deadline(struct eio_session *s, uint64_t due_ms)
{
    s->app_due_ms = due_ms;
    watch(s);
}

/* ---- answers ---- */

static void respond(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors,
                    struct http_response *response)
{
    char fields[EIO_CORS_BYTES_MAX];

    if (cors->length > 0) {
        (void)eio_cors_write(cors, config_of(s), fields);
        response->fields = fields;
    }
    response->is_data = true;
    http_respond(http, response);
}

static void respond_error(struct eio_session *s, struct http_conn *http,
                          const struct eio_cors *cors, unsigned status)
{
    static const char body[] = "{\"code\":3,\"message\":\"Bad request\"}";

    respond(s, http, cors,
            &(struct http_response){.status = status,
                                    .type = "application/json",
                                    .body = body,
                                    .body_bytes = status == 413 ? 0 : sizeof body - 1});
}

static void answer_with_pollq(struct eio_session *s, struct http_conn *http, const char *fields)
{
    size_t length = pollq_bytes(&s->pollq);
    uint8_t *body = s->layer->scratch;

    if (length > sizeof s->layer->scratch) body = malloc(length);
    if (body == NULL) {
        respond_error(s, http, &s->cors, 503);
        return;
    }
    pollq_take(&s->pollq, &net_of(s)->blocks, body);
    http_respond(http, &(struct http_response){.status = 200,
                                               .type = "text/plain; charset=UTF-8",
                                               .fields = fields,
                                               .body = body,
                                               .body_bytes = length,
                                               .is_data = true});
    if (body != s->layer->scratch) free(body);
}

/* The poll that waits gets all there is to say. */
static void answer_poll(struct eio_session *s)
{
    char fields[EIO_CORS_BYTES_MAX];
    struct http_conn *http = s->poll;

    s->poll = NULL;
    s->noop_due_ms = 0;
    (void)eio_cors_write(&s->cors, config_of(s), fields);
    answer_with_pollq(s, http, fields);
}

static void say(struct eio_session *s, const char *packet)
{
    /* A full pollq: whoever reads it so slowly will be missed by the ping's deadline. */
    (void)pollq_push_text(&s->pollq, &net_of(s)->blocks, (const uint8_t *)packet,
                          text_length(packet));
}

static void answer_poll_with(struct eio_session *s, const char *packet)
{
    say(s, packet);
    answer_poll(s);
}

void eio_session_flush(struct eio_session *s)
{
    if (s->poll != NULL && pollq_bytes(&s->pollq) > 0) answer_poll(s);
}

/* ---- the end ---- */

struct farewell {
    enum eio_end why;
    const char *packet; /* what a poll that waits is told */
    uint32_t linger_ms; /* how long one may still come for it; 0: it is too late */
    unsigned code;      /* a WebSocket is told */
    const char *reason;
};

static void close_ws(struct ws_conn **place, unsigned code, const char *reason)
{
    struct ws_conn *ws = *place;

    *place = NULL;
    if (ws == NULL) return;
    ws->session = NULL;
    ws_conn_close(ws, code, reason);
}

static void end(struct eio_session *s, const struct farewell *farewell)
{
    bool was_polling = s->ws == NULL;

    if (s->state != EIO_STATE_OPEN) return;
    s->state = EIO_STATE_ENDING;
    metrics_add(net_of(s)->metrics, METRIC_EIO_CLOSED, 1);
    close_ws(&s->probe, WS_CLOSE_NORMAL, "");
    close_ws(&s->ws, farewell->code, farewell->reason);
    if (s->post != NULL) {
        struct http_conn *http = s->post;
        s->post = NULL;
        respond_error(s, http, &s->post_cors, 400);
    }
    if (s->poll != NULL) {
        answer_poll_with(s, farewell->packet);
        eio_layer_drop(s->layer, s);
    } else if (was_polling && farewell->linger_ms > 0) {
        say(s, farewell->packet);
        s->end_due_ms = eio_session_now_ms(s) + farewell->linger_ms;
        watch(s);
    } else {
        eio_layer_drop(s->layer, s);
    }
    s->handler->closed(s, farewell->why);
}

void eio_session_close(struct eio_session *s, unsigned code, const char *reason)
{
    end(s, &(struct farewell){.why = EIO_END_SERVER,
                              .packet = "1",
                              .linger_ms = EIO_LINGER_MS,
                              .code = code,
                              .reason = reason});
}

/* It broke a rule of ours: nothing is left to be said. */
static void fail(struct eio_session *s, const char *why)
{
    if (s->state != EIO_STATE_OPEN) return;
    metrics_add(net_of(s)->metrics, METRIC_EIO_BREACHES, 1);
    net_log_refusal(net_of(s), &s->peer, why);
    end(s, &(struct farewell){
               .why = EIO_END_SERVER, .packet = "1", .code = WS_CLOSE_POLICY, .reason = why});
}

static void lose(struct eio_session *s, const char *why)
{
    end(s, &(struct farewell){
               .why = EIO_END_LOST, .packet = "1", .code = WS_CLOSE_NORMAL, .reason = why});
}

/* The client said goodbye. A poll of its own may have been overtaken by that. */
static void take_goodbye(struct eio_session *s)
{
    s->has_said_goodbye = true;
    if (s->ws == NULL) pollq_deinit(&s->pollq, &net_of(s)->blocks);
    end(s, &(struct farewell){.why = EIO_END_CLIENT,
                              .packet = "6",
                              .linger_ms = EIO_FAREWELL_MS,
                              .code = WS_CLOSE_NORMAL,
                              .reason = ""});
}

/* ---- out ---- */

static enum result noted(struct eio_session *s, enum result r)
{
    if (r == RESULT_OK) eio_layer_note_news(s->layer, s);
    return r;
}

enum result eio_session_send_text(struct eio_session *s, uint8_t *packet, size_t length_bytes)
{
    if (s->state != EIO_STATE_OPEN) return RESULT_CLOSED;
    if (s->ws != NULL) return ws_conn_send(s->ws, WS_TEXT, packet, length_bytes);
    return noted(s, pollq_push_text(&s->pollq, &net_of(s)->blocks, packet, length_bytes));
}

/* For clients that want no binary frames. */
static enum result send_base64(struct eio_session *s, const uint8_t *bytes, size_t length_bytes)
{
    uint8_t *text = malloc(WS_HEADER_BYTES_MAX + 1 + BASE64_CHARS(length_bytes));
    if (text == NULL) return RESULT_FULL;

    text[WS_HEADER_BYTES_MAX] = 'b';
    size_t chars = base64_encode((char *)text + WS_HEADER_BYTES_MAX + 1, bytes, length_bytes);
    enum result r = ws_conn_send(s->ws, WS_TEXT, text + WS_HEADER_BYTES_MAX, 1 + chars);
    free(text);
    return r;
}

enum result eio_session_send_bytes(struct eio_session *s, uint8_t *bytes, size_t length_bytes)
{
    if (s->state != EIO_STATE_OPEN) return RESULT_CLOSED;
    if (s->ws != NULL && s->is_base64) return send_base64(s, bytes, length_bytes);
    if (s->ws != NULL) return ws_conn_send(s->ws, WS_BINARY, bytes, length_bytes);
    return noted(s, pollq_push_bytes(&s->pollq, &net_of(s)->blocks, bytes, length_bytes));
}

bool eio_session_has_room(const struct eio_session *s, size_t text_bytes, size_t binary_bytes)
{
    if (s->state != EIO_STATE_OPEN) return false;
    if (s->ws == NULL)
        return pollq_has_room(&s->pollq, &net_of(s)->blocks, text_bytes, binary_bytes);
    size_t sent_bytes = s->is_base64 ? 1 + BASE64_CHARS(binary_bytes) : binary_bytes;
    return s->ws->conn != NULL && sendq_has_room(&s->ws->conn->sendq, &net_of(s)->blocks,
                                                 text_bytes + sent_bytes + 2 * WS_HEADER_BYTES_MAX);
}

bool eio_session_is_writable(const struct eio_session *s)
{
    if (s->state != EIO_STATE_OPEN) return false;
    return s->ws != NULL ? ws_conn_queue_bytes(s->ws) == 0
                         : s->poll != NULL && pollq_bytes(&s->pollq) == 0;
}

enum result eio_session_ping(struct eio_session *s, const uint8_t *payload, size_t length_bytes)
{
    return s->ws != NULL ? ws_conn_ping(s->ws, payload, length_bytes) : RESULT_INVALID;
}

size_t eio_session_queue_bytes(const struct eio_session *s)
{
    return s->ws != NULL ? ws_conn_queue_bytes(s->ws) : pollq_bytes(&s->pollq);
}

size_t eio_session_unsent_bytes(const struct eio_session *s)
{
    return s->ws != NULL ? ws_conn_unsent_bytes(s->ws) : pollq_bytes(&s->pollq);
}

void eio_session_join(struct eio_session *s)
{
    s->is_joined = true;
    if (s->ws == NULL || s->ws->conn == NULL) return;
    ws_conn_join(s->ws);
    ws_conn_set_message_bytes_max(s->ws, config_sio_max_payload(config_of(s)));
}

void eio_session_hold_input(struct eio_session *s)
{
    if (s->ws != NULL && s->ws->conn != NULL && ws_conn_queue_bytes(s->ws) > 0)
        conn_pause_input(s->ws->conn, true);
}

void eio_session_resume_input(struct eio_session *s)
{
    if (s->ws != NULL && s->ws->conn != NULL) conn_pause_input(s->ws->conn, false);
}

static void send_control(struct eio_session *s, const char *packet)
{
    uint8_t bytes[WS_HEADER_BYTES_MAX + 8];
    size_t length = text_length(packet);

    bytes_copy(bytes + WS_HEADER_BYTES_MAX, packet, length);
    (void)eio_session_send_text(s, bytes + WS_HEADER_BYTES_MAX, length);
}

/* ---- start and heartbeat ---- */

static void send_open(struct eio_session *s)
{
    const struct config *config = config_of(s);
    uint8_t bytes[WS_HEADER_BYTES_MAX + OPEN_BYTES_MAX];
    char id[EIO_ID_CHARS_MAX + 1];
    char *text = (char *)bytes + WS_HEADER_BYTES_MAX;

    (void)eio_id_write(&s->id, config->node_id, id);
    int length = snprintf(text, OPEN_BYTES_MAX,
                          "0{\"sid\":\"%s\",\"upgrades\":[%s],\"pingInterval\":%u,"
                          "\"pingTimeout\":%u,\"maxPayload\":%u}",
                          id, s->ws == NULL ? "\"websocket\"" : "", config->sio_ping_ms,
                          config->sio_ping_timeout_ms, config_sio_max_payload(config));
    ASSERT(length > 0 && length < OPEN_BYTES_MAX);
    (void)eio_session_send_text(s, bytes + WS_HEADER_BYTES_MAX, (size_t)length);
}

static void expired(struct timer *timer);

void eio_session_start(struct eio_session *s)
{
    const struct config *config = config_of(s);
    size_t limit =
        s->handler->is_unlimited ? UNLIMITED_POLLQ_BYTES : (size_t)config->unsent_bytes_max;

    pollq_init(&s->pollq, limit);
    s->timer.expired = expired;
    s->refilled_ms = eio_session_now_ms(s);
    s->allowance_packets = config->messages_per_s * config->burst_s * 1000ull;
    s->allowance_bytes = config->message_bytes_per_s * config->burst_s * 1000ull;
    s->ping_due_ms = eio_session_now_ms(s) + config->sio_ping_ms;
    metrics_add(net_of(s)->metrics, METRIC_EIO_OPENED, 1);
    send_open(s);
    watch(s);
}

/* The wait for the pong counts from when the ping was due, or a coarse timer would lengthen it; but
 * a process that stood still leaves its clients some of it. */
static void send_ping(struct eio_session *s)
{
    uint32_t timeout_ms = config_of(s)->sio_ping_timeout_ms;
    uint64_t least_ms = eio_session_now_ms(s) + timeout_ms / 2;

    s->pong_due_ms = s->ping_due_ms + timeout_ms;
    if (s->pong_due_ms < least_ms) s->pong_due_ms = least_ms;
    s->ping_due_ms = 0;
    s->is_prolonged = false;
    send_control(s, "2");
}

static void take_pong(struct eio_session *s)
{
    s->pong_due_ms = 0;
    s->ping_due_ms = eio_session_now_ms(s) + config_of(s)->sio_ping_ms;
    watch(s);
}

/* Anything else a client says while its pong is awaited begins that wait anew, once: the pong may
 * stand behind a long upload. */
static void prolong(struct eio_session *s)
{
    if (s->pong_due_ms == 0 || s->is_prolonged) return;
    s->is_prolonged = true;
    s->pong_due_ms = eio_session_now_ms(s) + config_of(s)->sio_ping_timeout_ms;
    watch(s);
}

bool eio_session_is_alive(struct eio_session *s)
{
    if (s->state == EIO_STATE_ENDING) return true;
    if (is_due(s, s->pong_due_ms)) lose(s, "ping timeout");
    return s->state == EIO_STATE_OPEN;
}

/* The WebSocket that was tried has taken too long; polling goes on. */
static void give_up_probe(struct eio_session *s)
{
    s->probe_due_ms = 0;
    s->noop_due_ms = 0;
    close_ws(&s->probe, WS_CLOSE_POLICY, "upgrade timeout");
}

static void expired(struct timer *timer)
{
    struct eio_session *s = session_of_timer(timer);

    if (s->state == EIO_STATE_ENDING) {
        eio_layer_drop(s->layer, s);
        return;
    }
    if (!eio_session_is_alive(s)) return;
    if (is_due(s, s->ping_due_ms)) send_ping(s);
    if (is_due(s, s->probe_due_ms)) give_up_probe(s);
    if (is_due(s, s->noop_due_ms)) {
        s->noop_due_ms = 0;
        if (s->poll != NULL) answer_poll_with(s, "6");
    }
    if (is_due(s, s->app_due_ms)) {
        s->app_due_ms = 0;
        s->handler->expired(s);
    }
    if (s->state == EIO_STATE_OPEN) watch(s);
}

/* ---- in ---- */

static void take_packet(struct eio_session *s, const struct eio_packet *packet)
{
    if (packet->type == EIO_PONG)
        take_pong(s);
    else
        prolong(s);
    switch (packet->type) {
    case EIO_CLOSE:
        take_goodbye(s);
        break;
    case EIO_PING:
        fail(s, "a ping from a client");
        break;
    case EIO_MESSAGE:
        s->handler->message(s, packet->is_text, packet->bytes, packet->length_bytes);
        break;
    case EIO_OPEN:
    case EIO_PONG:
    case EIO_UPGRADE:
    case EIO_NOOP:
    case EIO_TYPE_COUNT:
        break;
    }
}

/* ---- polls ---- */

static void poll_gone(struct http_conn *http)
{
    struct eio_session *s = http->owner;

    s->poll = NULL;
    lose(s, "transport closed");
}

/* A GET can have no body that anyone waits for. */
static void poll_body(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    (void)http, (void)bytes, (void)length_bytes;
}

static void poll_refused(struct http_conn *http, unsigned status)
{
    http_respond_status(http, status);
}

static const struct http_waiter poll_waiter = {
    .body = poll_body, .refused = poll_refused, .gone = poll_gone};

/* While a WebSocket is tried no poll may hang, or its client waits with the switch; but one that
 * has not heard of the probe's success asks again at once, and must not spin. */
static void hurry_poll(struct eio_session *s)
{
    if (s->noops_left > 0) {
        s->noops_left--;
        answer_poll_with(s, "6");
        return;
    }
    s->noop_due_ms = eio_session_now_ms(s) + EIO_NOOP_MS;
    watch(s);
}

void eio_session_greet(struct eio_session *s, struct http_conn *http, const char *fields)
{
    answer_with_pollq(s, http, fields);
}

void eio_session_poll(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors)
{
    if (s->poll != NULL) {
        fail(s, "two polls at once");
        respond_error(s, http, cors, 400);
        return;
    }
    size_t limit = s->pollq.rest.limit_bytes + POLLQ_SMALL_BYTES + ANSWER_HEAD_BYTES;
    if (http->conn->sendq.limit_bytes < limit) http->conn->sendq.limit_bytes = limit;
    s->poll = http;
    s->cors = *cors;
    if (pollq_bytes(&s->pollq) > 0) {
        answer_poll(s);
        if (s->state == EIO_STATE_ENDING) eio_layer_drop(s->layer, s);
        return;
    }
    bool is_hurried = s->probe != NULL && s->is_probed;
    if (is_hurried) hurry_poll(s);
    if (s->poll == NULL) return;
    http_park(http, &poll_waiter, s);
    if (!is_hurried) s->handler->writable(s);
}

/* ---- posts ---- */

static uint64_t refill(uint64_t allowance, uint64_t per_s, uint64_t elapsed_ms, uint64_t burst_s)
{
    uint64_t refilled = allowance + per_s * elapsed_ms, most = per_s * 1000 * burst_s;
    return refilled < most ? refilled : most;
}

static bool spend(struct eio_session *s, uint64_t packets, uint64_t bytes)
{
    const struct config *config = config_of(s);
    uint64_t elapsed_ms = eio_session_now_ms(s) - s->refilled_ms;

    if (s->handler->is_unlimited) return true;
    s->refilled_ms = eio_session_now_ms(s);
    s->allowance_packets =
        refill(s->allowance_packets, config->messages_per_s, elapsed_ms, config->burst_s);
    s->allowance_bytes =
        refill(s->allowance_bytes, config->message_bytes_per_s, elapsed_ms, config->burst_s);
    if (s->allowance_packets < packets * 1000 || s->allowance_bytes < bytes * 1000) return false;
    s->allowance_packets -= packets * 1000;
    s->allowance_bytes -= bytes * 1000;
    return true;
}

/* Packets count until the first that is none; those before it have been heard. */
static void take_payload(struct eio_session *s, uint8_t *bytes, size_t length_bytes)
{
    struct eio_payload payload = {.bytes = bytes, .length_bytes = length_bytes};
    struct eio_packet packet;
    unsigned count = 0;
    enum result r = RESULT_OK;

    while (s->state == EIO_STATE_OPEN && r == RESULT_OK) {
        r = eio_payload_next(&payload, &packet);
        if (r == RESULT_OK && count++ == EIO_PACKETS_MAX && !s->handler->is_unlimited) {
            fail(s, "too many packets in one body");
        } else if (r == RESULT_OK && !spend(s, 1, 0)) {
            metrics_add(net_of(s)->metrics, METRIC_WS_RATE_MESSAGES, 1);
            fail(s, "too many messages");
        } else if (r == RESULT_OK) {
            take_packet(s, &packet);
        } else if (r == RESULT_INVALID) {
            fail(s, "a packet cannot be read");
        }
    }
}

static void post_body(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    struct eio_session *s = http->owner;

    s->post = NULL;
    s->has_said_goodbye = false;
    if (!spend(s, 0, length_bytes)) {
        metrics_add(net_of(s)->metrics, METRIC_WS_RATE_BYTES, 1);
        fail(s, "too many bytes");
    }
    take_payload(s, bytes, length_bytes);
    if (s->state != EIO_STATE_OPEN && !s->has_said_goodbye) {
        respond_error(s, http, &s->post_cors, 400);
        return;
    }
    respond(
        s, http, &s->post_cors,
        &(struct http_response){.status = 200, .type = "text/html", .body = "ok", .body_bytes = 2});
}

/* Too much of it: nothing was heard, and the session lives on. Else it is lost. */
static void post_refused(struct http_conn *http, unsigned status)
{
    struct eio_session *s = http->owner;

    s->post = NULL;
    if (status != 413) fail(s, "a body cannot be read");
    respond_error(s, http, &s->post_cors, status);
}

static void post_gone(struct http_conn *http)
{
    struct eio_session *s = http->owner;

    s->post = NULL;
    lose(s, "transport closed");
}

static const struct http_waiter post_waiter = {
    .body = post_body, .refused = post_refused, .gone = post_gone};

void eio_session_post(struct eio_session *s, struct http_conn *http,
                      const struct http_request *request, const struct eio_cors *cors)
{
    struct http_text type = http_request_header(request, "content-type");

    if (s->post != NULL || s->state != EIO_STATE_OPEN ||
        (type.chars != NULL && http_text_is_nocase(type, "application/octet-stream"))) {
        fail(s, s->post != NULL ? "two posts at once" : "a body of bytes");
        respond_error(s, http, cors, 400);
        return;
    }
    s->post = http;
    s->post_cors = *cors;
    http_read_body(http, request, config_sio_max_payload(config_of(s)), &post_waiter, s);
}

/* ---- WebSockets ---- */

void eio_session_probe(struct eio_session *s, struct ws_conn *ws)
{
    s->probe = ws;
    s->is_probed = false;
    s->noops_left = 2;
    s->probe_due_ms = eio_session_now_ms(s) + config_of(s)->sio_upgrade_timeout_ms;
    watch(s);
}

static void send_pollq(struct eio_session *s)
{
    size_t length = pollq_bytes(&s->pollq);
    uint8_t *memory = malloc(WS_HEADER_BYTES_MAX + length);
    struct eio_payload payload = {.bytes = memory + WS_HEADER_BYTES_MAX, .length_bytes = length};
    struct eio_packet packet;

    if (memory == NULL) {
        lose(s, "out of memory");
        return;
    }
    pollq_take(&s->pollq, &net_of(s)->blocks, payload.bytes);
    enum result r = RESULT_OK;
    while (r == RESULT_OK && eio_payload_next(&payload, &packet) == RESULT_OK) {
        /* What stands in front of a packet has been sent: its header may go there. The first
         * byte of a text packet is its type; that of bytes is gone. */
        r = packet.is_text ? eio_session_send_text(s, packet.bytes - 1, packet.length_bytes + 1)
                           : eio_session_send_bytes(s, packet.bytes, packet.length_bytes);
    }
    free(memory);
    if (r == RESULT_FULL) lose(s, "the queue is full");
}

/* From here on the WebSocket is the transport; what waited for a poll goes there, in order. */
static void upgrade(struct eio_session *s)
{
    if (s->poll != NULL) answer_poll_with(s, "6");
    s->ws = s->probe;
    s->probe = NULL;
    s->probe_due_ms = s->noop_due_ms = 0;
    caps_give(s->layer->poll_caps, s->cap);
    s->cap = NULL;
    metrics_add(net_of(s)->metrics, METRIC_EIO_UPGRADED, 1);
    if (s->is_joined) eio_session_join(s);
    if (pollq_bytes(&s->pollq) > 0) send_pollq(s);
    watch(s);
    if (eio_session_is_writable(s)) s->handler->writable(s);
}

static void take_probe_message(struct eio_session *s, bool is_text, const uint8_t *bytes,
                               size_t length_bytes)
{
    static const char probe[] = "2probe";
    uint8_t answer[WS_HEADER_BYTES_MAX + 6];

    if (is_text && length_bytes == 1 && bytes[0] == '0' + EIO_UPGRADE) {
        upgrade(s);
        return;
    }
    if (!is_text || length_bytes != sizeof probe - 1 || !bytes_equal(bytes, probe, length_bytes)) {
        s->probe_due_ms = s->noop_due_ms = 0;
        close_ws(&s->probe, WS_CLOSE_POLICY, "not a probe");
        return;
    }
    bytes_copy(answer + WS_HEADER_BYTES_MAX, "3probe", 6);
    (void)ws_conn_send(s->probe, WS_TEXT, answer + WS_HEADER_BYTES_MAX, 6);
    s->is_probed = true;
    if (s->poll != NULL) hurry_poll(s);
}

void eio_session_ws_message(struct eio_session *s, struct ws_conn *ws, bool is_text, uint8_t *bytes,
                            size_t length_bytes)
{
    struct eio_packet packet = {.type = EIO_MESSAGE, .bytes = bytes, .length_bytes = length_bytes};

    if (!eio_session_is_alive(s)) return;
    if (ws == s->probe) {
        take_probe_message(s, is_text, bytes, length_bytes);
    } else if (is_text && eio_packet_decode(&packet, bytes, length_bytes) != RESULT_OK) {
        fail(s, "a packet cannot be read");
    } else {
        take_packet(s, &packet);
    }
}

void eio_session_ws_closed(struct eio_session *s, struct ws_conn *ws, unsigned code)
{
    bool is_probe = ws == s->probe;

    if (is_probe) {
        s->probe = NULL;
        s->probe_due_ms = s->noop_due_ms = 0;
        return;
    }
    s->ws = NULL;
    end(s, &(struct farewell){.why = code == WS_CLOSE_NORMAL ? EIO_END_CLIENT : EIO_END_LOST,
                              .packet = "1",
                              .code = WS_CLOSE_NORMAL,
                              .reason = ""});
}
