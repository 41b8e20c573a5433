#include "server/ws/ws_conn.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"

/* The unlimited get this much; their queue has room for one whole answer. */
#define UNLIMITED_MESSAGE_BYTES (16u * 1024u * 1024u)
#define UNLIMITED_QUEUE_BYTES   (UNLIMITED_MESSAGE_BYTES + NET_BLOCK_BYTES)
#define UNLIMITED_FRAGMENTS     UINT32_MAX

static const struct conn_handler ws_handler_of_conn;
static const struct conn_handler lingering;

static struct ws_conn *ws_of(struct conn *conn)
{
    return conn->owner;
}

static struct ws_conn *ws_of_timer(struct timer *timer)
{
    return (struct ws_conn *)(void *)((uint8_t *)timer - offsetof(struct ws_conn, timer));
}

/* ---- life ---- */

enum result ws_layer_init(struct ws_layer *layer, size_t capacity, struct deflate_budget *budget,
                          struct error *error)
{
    layer->ended = NULL;
    deflate_worker_init(&layer->deflate, budget);
    return pool_init(&layer->conns, sizeof(struct ws_conn), capacity, error);
}

void ws_layer_deinit(struct ws_layer *layer)
{
    ws_layer_turn_end(layer);
    deflate_worker_deinit(&layer->deflate);
    pool_deinit(&layer->conns);
}

void ws_layer_turn_end(struct ws_layer *layer)
{
    while (layer->ended != NULL) {
        struct ws_conn *ws = layer->ended;
        layer->ended = ws->next_ended;
        pool_give(&layer->conns, ws);
    }
}

struct ws_conn *ws_conn_take(struct ws_layer *layer, struct net *net,
                             const struct ws_handler *handler)
{
    struct ws_conn *ws = pool_take(&layer->conns);
    if (ws == NULL) return NULL;

    bytes_zero(ws, sizeof *ws);
    ws->layer = layer;
    ws->net = net;
    ws->handler = handler;
    ws->subprotocol = -1;
    return ws;
}

void ws_conn_give(struct ws_conn *ws)
{
    ASSERT(ws->conn == NULL);
    pool_give(&ws->layer->conns, ws);
}

static void release_buffer(struct ws_conn *ws)
{
    if (ws->buffer_is_heap)
        free(ws->buffer);
    else if (ws->buffer != NULL)
        pool_give(&ws->net->blocks, ws->buffer);
    ws->buffer = NULL;
    ws->buffer_capacity = 0;
    ws->buffer_is_heap = false;
}

static void drop_pong(struct ws_conn *ws)
{
    if (ws->pong != NULL) pool_give(&ws->net->blocks, ws->pong);
    ws->pong = NULL;
}

/* The last thing that happens to a WebSocket; its struct lives on until the turn ends. */
static void end(struct ws_conn *ws)
{
    timers_cancel(&ws->net->timers, &ws->timer);
    release_buffer(ws);
    drop_pong(ws);
    deflate_close(&ws->deflate);
    ws->conn = NULL;
    ws->state = WS_STATE_CLOSED;
    ws->next_ended = ws->layer->ended;
    ws->layer->ended = ws;
    metrics_add(ws->net->metrics, METRIC_WS_CLOSED, 1);
    ws->handler->closed(ws, ws->close_code != 0 ? ws->close_code : WS_CLOSE_ABNORMAL);
}

/* Both sides have said all they will: the stream ends by itself, without us. */
static void leave_conn(struct ws_conn *ws)
{
    struct conn *conn = ws->conn;

    conn_set_handler(conn, &lingering, NULL);
    conn_finish(conn);
    end(ws);
}

/* ---- the timer ---- */

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
    if (a_ms == 0 || b_ms == 0) return a_ms + b_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

/* One timer for all: set when one of its reasons begins, not when a message has come. */
static void watch(struct ws_conn *ws)
{
    const struct config *config = ws->net->config;
    uint64_t due_ms =
        ws->pinged_ms > 0 ? ws->pinged_ms + config->pong_ms : ws->heard_ms + config->ping_ms;

    if (ws->midway_ms > 0) due_ms = earlier(due_ms, ws->midway_ms + config->message_ms);
    due_ms = earlier(due_ms, ws->close_due_ms);
    timers_set(&ws->net->timers, &ws->timer, due_ms);
}

static void ask_for_life(struct ws_conn *ws)
{
    ws->pinged_ms = ws->net->now_ms;
    /* A full queue is a peer that is slow, not silent: stall_ms judges that. */
    (void)ws_conn_ping(ws, NULL, 0);
}

static void timer_expired(struct timer *timer)
{
    struct ws_conn *ws = ws_of_timer(timer);
    const struct config *config = ws->net->config;
    uint64_t now_ms = ws->net->now_ms;

    /* Who is not read from cannot be heard. */
    if (ws->conn->input_paused) {
        ws->heard_ms = now_ms;
        ws->pinged_ms = 0;
    }
    if (ws->close_due_ms > 0 && now_ms >= ws->close_due_ms) {
        ws_conn_abort(ws);
        return;
    }
    if (ws->pinged_ms > 0 && now_ms >= ws->pinged_ms + config->pong_ms) {
        metrics_add(ws->net->metrics, METRIC_WS_SILENT_CLOSED, 1);
        ws_conn_abort(ws);
        return;
    }
    if (ws->midway_ms > 0 && now_ms >= ws->midway_ms + config->message_ms) {
        metrics_add(ws->net->metrics, METRIC_WS_BREACHES_TIME, 1);
        ws->midway_ms = 0;
        net_log_refusal(ws->net, &ws->peer, "a message took too long");
        ws_conn_close(ws, WS_CLOSE_POLICY, "a message took too long");
        return;
    }
    if (ws->pinged_ms == 0 && now_ms >= ws->heard_ms + config->ping_ms) ask_for_life(ws);
    watch(ws);
}

/* ---- out ---- */

/* `payload` has room for a header in front. */
static enum result send_frame(struct conn *conn, const struct ws_frame *frame, uint8_t *payload)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    size_t header_bytes = ws_frame_encode(header, frame);

    bytes_copy(payload - header_bytes, header, header_bytes);
    return conn_send(conn, payload - header_bytes, header_bytes + frame->payload_bytes);
}

static enum result send_deflated(struct ws_conn *ws, enum ws_opcode opcode,
                                 const struct deflate_result *deflated)
{
    struct ws_frame frame = {
        .payload_bytes = deflated->length_bytes, .opcode = opcode, .fin = true, .rsv1 = true};

    enum result r = send_frame(ws->conn, &frame, deflated->bytes);
    if (r != RESULT_OK) deflate_forget(&ws->deflate);
    return r;
}

enum result ws_conn_send(struct ws_conn *ws, enum ws_opcode opcode, uint8_t *payload,
                         size_t length_bytes)
{
    struct ws_frame frame = {.payload_bytes = length_bytes, .opcode = opcode, .fin = true};
    struct deflate_result deflated;

    if (ws->state != WS_STATE_OPEN) return RESULT_CLOSED;
    metrics_add(ws->net->metrics, METRIC_WS_MESSAGES_OUT, 1);
    if (!deflate_is_worthwhile(&ws->deflate, length_bytes) ||
        deflate_compress(&ws->deflate, payload, length_bytes, WS_HEADER_BYTES_MAX, &deflated) !=
            RESULT_OK)
        return send_frame(ws->conn, &frame, payload);
    metrics_add(ws->net->metrics, METRIC_DEFLATE_IN_BYTES, length_bytes);
    metrics_add(ws->net->metrics, METRIC_DEFLATE_OUT_BYTES, deflated.length_bytes);
    return send_deflated(ws, opcode, &deflated);
}

static enum result send_control(struct conn *conn, enum ws_opcode opcode, const uint8_t *payload,
                                size_t length_bytes)
{
    struct ws_frame frame = {.payload_bytes = length_bytes, .opcode = opcode, .fin = true};
    uint8_t bytes[WS_HEADER_BYTES_MAX + WS_CONTROL_BYTES_MAX];

    ASSERT(length_bytes <= WS_CONTROL_BYTES_MAX);
    if (length_bytes > 0) bytes_copy(bytes + WS_HEADER_BYTES_MAX, payload, length_bytes);
    return send_frame(conn, &frame, bytes + WS_HEADER_BYTES_MAX);
}

enum result ws_conn_ping(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes)
{
    if (ws->state != WS_STATE_OPEN) return RESULT_CLOSED;
    return send_control(ws->conn, WS_PING, payload, length_bytes);
}

static void send_close(struct conn *conn, unsigned code, const char *reason)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];
    size_t length_bytes =
        code != WS_CLOSE_NO_STATUS ? ws_close_encode(payload, (uint16_t)code, reason) : 0;

    /* If not even this fits into the queue, the deadline ends the wait for the peer's answer. */
    (void)send_control(conn, WS_CLOSE, payload, length_bytes);
}

void ws_conn_close(struct ws_conn *ws, unsigned code, const char *reason)
{
    if (ws->state != WS_STATE_OPEN) return;
    ws->state = WS_STATE_CLOSING;
    ws->close_code = code;
    drop_pong(ws);
    ws->midway_ms = 0;
    ws->close_due_ms = ws->net->now_ms + ws->net->config->close_ms;
    send_close(ws->conn, code, reason);
    conn_pause_input(ws->conn, false);
    watch(ws);
}

void ws_conn_abort(struct ws_conn *ws)
{
    if (ws->conn != NULL) conn_close(ws->conn, RESULT_CLOSED);
}

/* The peer broke a rule: what it sends from now on cannot be understood (RFC 6455 §7.1.7). */
static void fail(struct ws_conn *ws, enum metric metric, unsigned code, const char *reason)
{
    metrics_add(ws->net->metrics, metric, 1);
    net_log_refusal(ws->net, &ws->peer, reason);
    ws_conn_close(ws, code, reason);
    leave_conn(ws);
}

static void fail_breach(struct ws_conn *ws, enum ws_breach breach)
{
    enum ws_close code = ws_breach_close(breach);
    enum metric metric = breach == WS_BREACH_FRAGMENTS ? METRIC_WS_BREACHES_FRAGMENTS
                         : code == WS_CLOSE_TOO_BIG    ? METRIC_WS_BREACHES_SIZE
                         : code == WS_CLOSE_BAD_DATA   ? METRIC_WS_BREACHES_DATA
                                                       : METRIC_WS_BREACHES_PROTOCOL;
    fail(ws, metric, code, ws_breach_text(breach));
}

/* ---- in ---- */

static uint64_t refill(uint64_t allowance, uint64_t per_s, uint64_t elapsed_ms, uint64_t burst_s)
{
    uint64_t refilled = allowance + per_s * elapsed_ms, most = per_s * 1000 * burst_s;
    return refilled < most ? refilled : most;
}

/* What this peer may have of a limit: a stranger a quarter. */
static uint32_t share(const struct ws_conn *ws, uint32_t limit)
{
    return ws->is_joined ? limit : (limit + 3) / 4;
}

static void refill_allowance(struct ws_conn *ws, uint64_t elapsed_ms)
{
    const struct config *config = ws->net->config;
    struct ws_allowance *a = &ws->allowance;
    uint32_t burst_s = config->burst_s;

    ws->refilled_ms = ws->net->now_ms;
    a->messages = refill(a->messages, share(ws, config->messages_per_s), elapsed_ms, burst_s);
    a->bytes = refill(a->bytes, share(ws, config->message_bytes_per_s), elapsed_ms, burst_s);
    a->controls = refill(a->controls, share(ws, config->controls_per_s), elapsed_ms, burst_s);
}

static void fill_allowance(struct ws_conn *ws)
{
    refill_allowance(ws, ws->net->config->burst_s * 1000ull);
}

static bool spend(const struct ws_conn *ws, uint64_t *allowance, uint64_t amount)
{
    if (ws->handler->unlimited) return true;
    if (*allowance < amount * 1000) return false;
    *allowance -= amount * 1000;
    return true;
}

/* One pong waits at most, and the newest wins (RFC 6455 §5.5.3 lets us); without memory none. */
static void answer_ping(struct ws_conn *ws, const struct ws_event *event)
{
    if (ws_conn_queue_bytes(ws) == 0) {
        (void)send_control(ws->conn, WS_PONG, event->payload, event->payload_bytes);
        return;
    }
    if (ws->pong == NULL) ws->pong = pool_take(&ws->net->blocks);
    if (ws->pong == NULL) return;
    bytes_copy(ws->pong, event->payload, event->payload_bytes);
    ws->pong_bytes = (uint8_t)event->payload_bytes;
}

/* The close handshake's second half, whoever began; then the server ends the stream (§7.1.1). Our
 * handler hears of it before the peer does: who has our answer may come back at once. */
static void take_close(struct ws_conn *ws, const struct ws_event *event)
{
    struct conn *conn = ws->conn;
    bool owes_answer = ws->state == WS_STATE_OPEN;

    ws->close_code = event->close_code;
    conn_set_handler(conn, &lingering, NULL);
    end(ws);
    if (owes_answer) send_close(conn, event->close_code, "");
    conn_finish(conn);
}

/* What an inflation that failed is answered with. */
static void fail_inflation(struct ws_conn *ws, enum result why)
{
    switch (why) {
    case RESULT_TOO_BIG:
        fail(ws, METRIC_WS_BREACHES_SIZE, WS_CLOSE_TOO_BIG,
             ws_breach_text(WS_BREACH_MESSAGE_BYTES));
        break;
    case RESULT_INVALID:
        fail(ws, METRIC_WS_BREACHES_DATA, WS_CLOSE_BAD_DATA, "a compressed message cannot be read");
        break;
    default:
        fail(ws, METRIC_WS_BREACHES_MEMORY, WS_CLOSE_OVERLOAD, "out of memory");
        break;
    }
}

static void deliver_inflated(struct ws_conn *ws, const struct ws_event *event)
{
    bool is_text = event->kind == WS_EVENT_TEXT;
    struct deflate_result whole;

    enum result r = deflate_inflate(&ws->deflate, event->payload, event->payload_bytes,
                                    ws->reader.message_bytes_max, is_text, &whole);
    if (r == RESULT_OK)
        ws->handler->message(ws, is_text, whole.bytes, whole.length_bytes);
    else
        fail_inflation(ws, r);
}

static void take_message(struct ws_conn *ws, const struct ws_event *event)
{
    if (ws->state != WS_STATE_OPEN) return;
    if (!spend(ws, &ws->allowance.messages, 1)) {
        fail(ws, METRIC_WS_RATE_MESSAGES, WS_CLOSE_POLICY, "too many messages");
        return;
    }
    metrics_add(ws->net->metrics, METRIC_WS_MESSAGES_IN, 1);
    if (event->compressed)
        deliver_inflated(ws, event);
    else
        ws->handler->message(ws, event->kind == WS_EVENT_TEXT, event->payload,
                             event->payload_bytes);
}

static void take_control(struct ws_conn *ws, const struct ws_event *event)
{
    if (ws->state != WS_STATE_OPEN) return;
    if (!spend(ws, &ws->allowance.controls, 1)) {
        fail(ws, METRIC_WS_RATE_CONTROLS, WS_CLOSE_POLICY, "too many control frames");
    } else if (event->kind == WS_EVENT_PING) {
        answer_ping(ws, event);
    } else {
        ws->handler->pong(ws, event->payload, event->payload_bytes);
    }
}

static void take_event(struct ws_conn *ws, const struct ws_event *event)
{
    switch (event->kind) {
    case WS_EVENT_TEXT:
    case WS_EVENT_BINARY:
        take_message(ws, event);
        break;
    case WS_EVENT_PING:
    case WS_EVENT_PONG:
        take_control(ws, event);
        break;
    case WS_EVENT_CLOSE:
        take_close(ws, event);
        break;
    case WS_EVENT_NONE:
        break;
    }
}

/* Room for a message in pieces: a block where that is enough, else the heap, growing with what has
 * really come. */
static bool lend_buffer(struct ws_conn *ws)
{
    size_t needed = WS_READER_BUFFER_BYTES((size_t)ws->reader.message_bytes_max);
    size_t used = ws_reader_used_bytes(&ws->reader);
    bool is_heap = needed > NET_BLOCK_BYTES;
    size_t capacity = is_heap ? ws->buffer_capacity * 2 : NET_BLOCK_BYTES;

    if (is_heap && capacity < 4 * NET_BLOCK_BYTES) capacity = 4 * NET_BLOCK_BYTES;
    if (is_heap && capacity > needed) capacity = needed;
    if (capacity <= ws->buffer_capacity) return false;
    uint8_t *buffer = is_heap ? malloc(capacity) : pool_take(&ws->net->blocks);
    if (buffer == NULL) return false;
    if (used > 0) bytes_copy(buffer, ws->buffer, used);
    release_buffer(ws);
    ws->buffer = buffer;
    ws->buffer_capacity = capacity;
    ws->buffer_is_heap = is_heap;
    ws_reader_set_buffer(&ws->reader, buffer, capacity);
    return true;
}

static void settle(struct ws_conn *ws)
{
    if (ws->buffer != NULL && ws_reader_used_bytes(&ws->reader) == 0) {
        ws_reader_set_buffer(&ws->reader, NULL, 0);
        release_buffer(ws);
    }
    /* While we are closing, only that has a deadline. */
    bool is_midway =
        ws_reader_is_midway(&ws->reader) && !ws->handler->unlimited && ws->state == WS_STATE_OPEN;
    if (!is_midway) {
        ws->midway_ms = 0;
    } else if (ws->midway_ms == 0) {
        ws->midway_ms = ws->net->now_ms;
        watch(ws);
    }
}

static void read_events(struct ws_conn *ws, struct ws_input *in)
{
    struct ws_event event;

    while (ws->state != WS_STATE_CLOSED && !ws->conn->input_paused) {
        switch (ws_reader_read(&ws->reader, in, &event)) {
        case RESULT_OK:
            take_event(ws, &event);
            /* What comes next begins anew; but a ping does not prolong the message around it. */
            if (!ws_reader_is_midway(&ws->reader)) ws->midway_ms = 0;
            break;
        case RESULT_FULL:
            if (lend_buffer(ws)) break;
            fail(ws, METRIC_WS_BREACHES_MEMORY, WS_CLOSE_OVERLOAD, "out of memory");
            break;
        case RESULT_INVALID:
        case RESULT_TOO_BIG:
            fail_breach(ws, ws_reader_breach(&ws->reader));
            break;
        default:
            return;
        }
    }
}

static size_t ws_input(struct conn *conn, uint8_t *bytes, size_t length_bytes)
{
    struct ws_conn *ws = ws_of(conn);
    struct ws_input in = {.bytes = bytes, .length_bytes = length_bytes};
    bool was_asked = ws->pinged_ms > 0;

    ws->heard_ms = ws->net->now_ms;
    ws->pinged_ms = 0;
    if (was_asked) watch(ws); /* the timer stood for this answer */
    refill_allowance(ws, ws->net->now_ms - ws->refilled_ms);
    if (!spend(ws, &ws->allowance.bytes, length_bytes)) {
        fail(ws, METRIC_WS_RATE_BYTES, WS_CLOSE_POLICY, "too many bytes");
        return length_bytes;
    }
    read_events(ws, &in);
    if (ws->state == WS_STATE_CLOSED) return length_bytes;
    settle(ws);
    return length_bytes - in.length_bytes;
}

static void ws_drained(struct conn *conn)
{
    struct ws_conn *ws = ws_of(conn);

    if (ws->pong != NULL) {
        (void)send_control(ws->conn, WS_PONG, ws->pong, ws->pong_bytes);
        drop_pong(ws);
    }
    if (ws->state == WS_STATE_OPEN && ws_conn_queue_bytes(ws) == 0) ws->handler->writable(ws);
}

static void ws_closed(struct conn *conn, enum result why)
{
    (void)why;
    end(ws_of(conn));
}

static void ws_drain(struct conn *conn)
{
    ws_conn_close(ws_of(conn), WS_CLOSE_RESTART, "the server restarts");
}

static const struct conn_handler ws_handler_of_conn = {
    .input = ws_input, .drained = ws_drained, .closed = ws_closed, .drain = ws_drain};

/* ---- a stream whose WebSocket is over ---- */

static size_t ignore_input(struct conn *conn, uint8_t *bytes, size_t length_bytes)
{
    (void)conn, (void)bytes;
    return length_bytes;
}

static void ignore(struct conn *conn)
{
    (void)conn;
}

static void ignore_end(struct conn *conn, enum result why)
{
    (void)conn, (void)why;
}

static const struct conn_handler lingering = {
    .input = ignore_input, .drained = ignore, .closed = ignore_end, .drain = ignore};

/* ---- start and questions ---- */

void ws_conn_start(struct ws_conn *ws, struct conn *conn)
{
    const struct config *config = ws->net->config;
    uint32_t limit = ws->handler->message_bytes_max;

    ws->is_joined = limit > 0;
    struct ws_reader_config reader = {.role = WS_SERVER,
                                      .allow_rsv1 = ws->deflate.terms.is_agreed,
                                      .message_bytes_max =
                                          limit > 0 ? limit : config->message_unjoined_bytes_max,
                                      .fragments_max = share(ws, config->fragments_max)};
    conn->sendq.limit_bytes = share(ws, config->unsent_bytes_max);
    if (ws->handler->unlimited) {
        reader.message_bytes_max = UNLIMITED_MESSAGE_BYTES;
        reader.fragments_max = UNLIMITED_FRAGMENTS;
        conn->sendq.limit_bytes = UNLIMITED_QUEUE_BYTES;
    }
    ws_reader_init(&ws->reader, &reader);
    ws->conn = conn;
    ws->state = WS_STATE_OPEN;
    ws->timer.expired = timer_expired;
    ws->heard_ms = ws->refilled_ms = ws->net->now_ms;
    fill_allowance(ws);
    conn_set_handler(conn, &ws_handler_of_conn, ws);
    metrics_add(ws->net->metrics, METRIC_WS_OPENED, 1);
    watch(ws);
}

size_t ws_conn_queue_bytes(const struct ws_conn *ws)
{
    return ws->conn != NULL ? conn_queue_bytes(ws->conn) : 0;
}

size_t ws_conn_unsent_bytes(const struct ws_conn *ws)
{
    return ws->conn != NULL ? conn_unsent_bytes(ws->conn) : 0;
}

void ws_conn_join(struct ws_conn *ws)
{
    const struct config *config = ws->net->config;

    ASSERT(!ws->handler->unlimited);
    ws->is_joined = true;
    if (ws->conn != NULL) ws->conn->sendq.limit_bytes = config->unsent_bytes_max;
    fill_allowance(ws);
    ws_reader_set_limits(&ws->reader, config->message_bytes_max, config->fragments_max);
}

void ws_conn_set_message_bytes_max(struct ws_conn *ws, uint32_t message_bytes_max)
{
    ws_reader_set_limits(&ws->reader, message_bytes_max, ws->reader.fragments_max);
}

const char *ws_conn_subprotocol(const struct ws_conn *ws)
{
    return ws->subprotocol >= 0 ? ws->handler->subprotocols[ws->subprotocol] : NULL;
}
