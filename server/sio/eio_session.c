#include "server/sio/eio_session.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/sio/eio_parts.h"
#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/check.h"

#define OPEN_BYTES_MAX        256                   /* of the first packet */
#define UNLIMITED_POLLQ_BYTES (16u * 1024u * 1024u) /* of one that no cap is set for */

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

void eio_session_watch(struct eio_session *s)
{
    uint64_t due_ms = s->end_due_ms;

    if (s->state == EIO_STATE_OPEN) {
        due_ms = earlier(s->ping_due_ms, s->pong_due_ms);
        due_ms = earlier(due_ms, s->probe_due_ms);
        due_ms = earlier(due_ms, s->noop_due_ms);
        due_ms = earlier(due_ms, s->app_due_ms);
    }
    if (due_ms == 0)
        timers_cancel(&eio_session_net(s)->timers, &s->timer);
    else
        timers_set(&eio_session_net(s)->timers, &s->timer, due_ms);
}

void eio_session_set_deadline(struct eio_session *s, uint64_t due_ms)
{
    s->app_due_ms = due_ms;
    eio_session_watch(s);
}

/* ---- the end ---- */

void eio_session_close_ws(struct ws_conn **place, unsigned code, const char *reason)
{
    struct ws_conn *ws = *place;

    *place = NULL;
    if (ws == NULL) return;
    ws->session = NULL;
    ws_conn_close(ws, code, reason);
}

void eio_session_end(struct eio_session *s, const struct eio_farewell *farewell)
{
    bool was_polling = s->ws == NULL;

    if (s->state != EIO_STATE_OPEN) return;
    s->state = EIO_STATE_ENDING;
    metrics_add(eio_session_net(s)->metrics, METRIC_EIO_CLOSED, 1);
    eio_session_close_ws(&s->probe, WS_CLOSE_NORMAL, "");
    eio_session_close_ws(&s->ws, farewell->code, farewell->reason);
    if (s->post != NULL) {
        struct http_conn *http = s->post;
        s->post = NULL;
        eio_respond_error(s, http, &s->post_cors, 400);
    }
    if (s->poll != NULL) {
        eio_poll_answer_with(s, farewell->packet);
        eio_layer_drop(s->layer, s);
    } else if (was_polling && farewell->linger_ms > 0) {
        eio_poll_say(s, farewell->packet);
        s->end_due_ms = eio_session_now_ms(s) + farewell->linger_ms;
        eio_session_watch(s);
    } else {
        eio_layer_drop(s->layer, s);
    }
    s->service->handler->closed(s, farewell->why);
}

void eio_session_close(struct eio_session *s, unsigned code, const char *reason)
{
    eio_session_end(s, &(struct eio_farewell){.why = EIO_END_SERVER,
                                              .packet = "1",
                                              .linger_ms = EIO_LINGER_MS,
                                              .code = code,
                                              .reason = reason});
}

/* It broke a rule of ours: nothing is left to be said. */
void eio_session_fail(struct eio_session *s, const char *why)
{
    if (s->state != EIO_STATE_OPEN) return;
    metrics_add(eio_session_net(s)->metrics, METRIC_EIO_BREACHES, 1);
    net_log_refusal(eio_session_net(s), &s->peer, why);
    eio_session_end(
        s, &(struct eio_farewell){
               .why = EIO_END_SERVER, .packet = "1", .code = WS_CLOSE_POLICY, .reason = why});
}

void eio_session_lose(struct eio_session *s, const char *why)
{
    eio_session_end(
        s, &(struct eio_farewell){
               .why = EIO_END_LOST, .packet = "1", .code = WS_CLOSE_NORMAL, .reason = why});
}

/* The client said goodbye. A poll of its own may have been overtaken by that. */
static void take_goodbye(struct eio_session *s)
{
    s->has_said_goodbye = true;
    if (s->ws == NULL) pollq_deinit(&s->pollq, &eio_session_net(s)->blocks);
    eio_session_end(s, &(struct eio_farewell){.why = EIO_END_CLIENT,
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
    return noted(s, pollq_push_text(&s->pollq, &eio_session_net(s)->blocks, packet, length_bytes));
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
    return noted(s, pollq_push_bytes(&s->pollq, &eio_session_net(s)->blocks, bytes, length_bytes));
}

bool eio_session_has_room(const struct eio_session *s, size_t text_bytes, size_t binary_bytes)
{
    if (s->state != EIO_STATE_OPEN) return false;
    if (s->ws == NULL)
        return pollq_has_room(&s->pollq, &eio_session_net(s)->blocks, text_bytes, binary_bytes);
    size_t sent_bytes = s->is_base64 ? 1 + BASE64_CHARS(binary_bytes) : binary_bytes;
    return s->ws->conn != NULL && sendq_has_room(&s->ws->conn->sendq, &eio_session_net(s)->blocks,
                                                 text_bytes + sent_bytes + 2 * WS_HEADER_BYTES_MAX);
}

bool eio_session_is_writable(const struct eio_session *s)
{
    if (s->state != EIO_STATE_OPEN) return false;
    return s->ws != NULL ? ws_conn_queue_bytes(s->ws) == 0
                         : s->poll != NULL && pollq_bytes(&s->pollq) < EIO_ANSWER_BYTES;
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
    ASSERT(!s->service->is_unlimited);
    s->is_joined = true;
    s->pollq.rest.limit_bytes = eio_session_config(s)->unsent_bytes_max;
    if (s->ws == NULL || s->ws->conn == NULL) return;
    ws_conn_join(s->ws);
    ws_conn_set_message_bytes_max(s->ws, config_sio_max_payload(eio_session_config(s)));
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
    const struct config *config = eio_session_config(s);
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
    const struct config *config = eio_session_config(s);
    size_t stranger_bytes = ((size_t)config->unsent_bytes_max + 3) / 4;

    pollq_init(&s->pollq, s->service->is_unlimited ? UNLIMITED_POLLQ_BYTES : stranger_bytes);
    s->timer.expired = expired;
    s->refilled_ms = eio_session_now_ms(s);
    s->allowance_packets = config->messages_per_s * config->burst_s * 1000ull;
    s->allowance_bytes = config->message_bytes_per_s * config->burst_s * 1000ull;
    s->ping_due_ms = eio_session_now_ms(s) + config->sio_ping_ms;
    metrics_add(eio_session_net(s)->metrics, METRIC_EIO_OPENED, 1);
    send_open(s);
    eio_session_watch(s);
}

/* The wait for the pong counts from when the ping was due, or a coarse timer would lengthen it; but
 * a process that stood still leaves its clients some of it. */
static void send_ping(struct eio_session *s)
{
    uint32_t timeout_ms = eio_session_config(s)->sio_ping_timeout_ms;
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
    s->ping_due_ms = eio_session_now_ms(s) + eio_session_config(s)->sio_ping_ms;
    eio_session_watch(s);
}

/* Anything else a client says while its pong is awaited begins that wait anew, once: the pong may
 * stand behind a long upload. */
static void prolong(struct eio_session *s)
{
    if (s->pong_due_ms == 0 || s->is_prolonged) return;
    s->is_prolonged = true;
    s->pong_due_ms = eio_session_now_ms(s) + eio_session_config(s)->sio_ping_timeout_ms;
    eio_session_watch(s);
}

bool eio_session_is_alive(struct eio_session *s)
{
    if (s->state == EIO_STATE_ENDING) return true;
    if (is_due(s, s->pong_due_ms)) eio_session_lose(s, "ping timeout");
    return s->state == EIO_STATE_OPEN;
}

/* The WebSocket that was tried has taken too long; polling goes on. */
static void give_up_probe(struct eio_session *s)
{
    s->probe_due_ms = 0;
    s->noop_due_ms = 0;
    eio_session_close_ws(&s->probe, WS_CLOSE_POLICY, "upgrade timeout");
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
        if (s->poll != NULL) eio_poll_answer_with(s, "6");
    }
    if (is_due(s, s->app_due_ms)) {
        s->app_due_ms = 0;
        s->service->handler->expired(s);
    }
    if (s->state == EIO_STATE_OPEN) eio_session_watch(s);
}

/* ---- in ---- */

void eio_session_take_packet(struct eio_session *s, const struct eio_packet *packet)
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
        eio_session_fail(s, "a ping from a client");
        break;
    case EIO_MESSAGE:
        s->service->handler->message(s, packet->is_text, packet->bytes, packet->length_bytes);
        break;
    case EIO_OPEN:
    case EIO_PONG:
    case EIO_UPGRADE:
    case EIO_NOOP:
    case EIO_TYPE_COUNT:
        break;
    }
}
