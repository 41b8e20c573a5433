#include "server/http/http_conn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/http/forwarded.h"
#include "shared/bytes.h"
#include "shared/check.h"

/* On what is served. Scripts come from us alone; WebAssembly may be compiled, strings not. */
#define SECURITY_FIELDS                                                                   \
    "X-Content-Type-Options: nosniff\r\n"                                                 \
    "Referrer-Policy: same-origin\r\n"                                                    \
    "Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; " \
    "connect-src 'self' ws: wss:; img-src 'self' data:; style-src 'self'; "               \
    "frame-ancestors 'self'; base-uri 'self'\r\n"

/* On a refusal, which is a line of text and costs less to send than to provoke. */
#define REFUSAL_FIELDS                    \
    "X-Content-Type-Options: nosniff\r\n" \
    "Referrer-Policy: same-origin\r\n"    \
    "Content-Security-Policy: default-src 'none'\r\n"

/* On those that no browser shows. */
#define DATA_FIELDS "X-Content-Type-Options: nosniff\r\n"

static const struct status_row {
    unsigned status;
    const char *name;
    enum metric refusal; /* counted besides its class; METRIC_COUNT: nowhere */
} status_rows[] = {
    {101, "Switching Protocols", METRIC_COUNT},
    {200, "OK", METRIC_COUNT},
    {204, "No Content", METRIC_COUNT},
    {304, "Not Modified", METRIC_COUNT},
    {400, "Bad Request", METRIC_HTTP_REFUSED_RULE},
    {403, "Forbidden", METRIC_HTTP_REFUSED_ACCESS},
    {404, "Not Found", METRIC_COUNT},
    {405, "Method Not Allowed", METRIC_COUNT},
    {408, "Request Timeout", METRIC_COUNT},
    {411, "Length Required", METRIC_HTTP_REFUSED_BODY},
    {413, "Content Too Large", METRIC_HTTP_REFUSED_BODY},
    {414, "URI Too Long", METRIC_HTTP_REFUSED_HEAD},
    {417, "Expectation Failed", METRIC_HTTP_REFUSED_RULE},
    {421, "Misdirected Request", METRIC_HTTP_REFUSED_HOST},
    {426, "Upgrade Required", METRIC_COUNT},
    {429, "Too Many Requests", METRIC_COUNT},
    {431, "Request Header Fields Too Large", METRIC_HTTP_REFUSED_HEAD},
    {501, "Not Implemented", METRIC_HTTP_REFUSED_RULE},
    {503, "Service Unavailable", METRIC_COUNT},
    {505, "HTTP Version Not Supported", METRIC_HTTP_REFUSED_RULE},
};

static const struct conn_handler http_handler;

static const struct status_row *find_status(unsigned status)
{
    for (size_t i = 0; i < sizeof status_rows / sizeof status_rows[0]; i++) {
        if (status_rows[i].status == status) return &status_rows[i];
    }
    return NULL;
}

const char *http_status_name(unsigned status)
{
    const struct status_row *row = find_status(status);
    return row != NULL ? row->name : "Unknown";
}

static struct http_conn *http_of(struct conn *conn)
{
    return conn->owner;
}

static struct http_conn *http_of_timer(struct timer *timer)
{
    return (struct http_conn *)(void *)((uint8_t *)timer - offsetof(struct http_conn, timer));
}

static void set_deadline(struct http_conn *http, uint32_t after_ms)
{
    struct net *net = http->conn->net;
    timers_set(&net->timers, &http->timer, net->now_ms + after_ms);
}

static void clear_deadline(struct http_conn *http)
{
    timers_cancel(&http->conn->net->timers, &http->timer);
}

/* ---- answers ---- */

static void count_response(struct metrics *metrics, unsigned status)
{
    static const enum metric by_class[] = {METRIC_HTTP_RESPONSES_2XX, METRIC_HTTP_RESPONSES_3XX,
                                           METRIC_HTTP_RESPONSES_4XX, METRIC_HTTP_RESPONSES_5XX};
    const struct status_row *row = find_status(status);

    ASSERT(status >= 200 && status < 600);
    metrics_add(metrics, by_class[status / 100 - 2], 1);
    if (row != NULL && row->refusal != METRIC_COUNT) metrics_add(metrics, row->refusal, 1);
}

/* An answer that the conn does not take ends it: half an answer is worse than none. */
static void send_bytes(struct http_conn *http, const void *bytes, size_t length_bytes)
{
    if (conn_send(http->conn, bytes, length_bytes) != RESULT_OK) conn_finish(http->conn);
}

/* An answer's head while it is written: a poll's is as long as what it tells, and printf would take
 * longer than all the rest. */
struct head {
    char *text; /* HTTP_ANSWER_HEAD_BYTES */
    size_t length_bytes;
};

static void put(struct head *head, const char *text)
{
    size_t length_bytes = strlen(text);

    ASSERT(length_bytes <= HTTP_ANSWER_HEAD_BYTES - head->length_bytes);
    bytes_copy(head->text + head->length_bytes, text, length_bytes);
    head->length_bytes += length_bytes;
}

static void put_number(struct head *head, uint64_t number)
{
    char digits[21];
    size_t first = sizeof digits - 1;

    digits[first] = '\0';
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(head, digits + first);
}

static void put_field(struct head *head, const char *name, const char *value)
{
    put(head, name);
    put(head, value);
    put(head, "\r\n");
}

static const char *policies_of(const struct http_response *response)
{
    if (response->is_data) return DATA_FIELDS;
    return response->status >= 400 ? REFUSAL_FIELDS : SECURITY_FIELDS;
}

/* Writes an answer's head, and counts it. */
static size_t write_head(struct http_conn *http, const struct http_response *response,
                         uint64_t body_bytes, char text[HTTP_ANSWER_HEAD_BYTES])
{
    struct head head = {.text = text};
    const char *cache = response->status < 400 ? "no-store" : NULL;

    put(&head, "HTTP/1.1 ");
    put_number(&head, response->status);
    put_field(&head, " ", http_status_name(response->status));
    if (response->type != NULL) put_field(&head, "Content-Type: ", response->type);
    if (response->status != 304 && response->status != 204) {
        put(&head, "Content-Length: ");
        put_number(&head, body_bytes);
        put(&head, "\r\n");
    }
    if (response->cache != NULL) cache = response->cache;
    if (cache != NULL) put_field(&head, "Cache-Control: ", cache);
    if (response->fields != NULL) put(&head, response->fields);
    put(&head, policies_of(response));
    put_field(&head, "Connection: ",
              response->status == 426 ? "Upgrade, close"
              : http->keep_alive      ? "keep-alive"
                                      : "close");
    put(&head, "\r\n");
    count_response(http->conn->net->metrics, response->status);
    return head.length_bytes;
}

static void drop_body(struct http_conn *http)
{
    free(http->body.bytes);
    http->body = (struct http_body){0};
}

/* Who has waited for the answer is done with it, and what has not come of the body is not waited
 * for. A request that came behind a parked one would not
 * be looked at until more came: who did not wait for the answer asks anew. */
static void leave_waiter(struct http_conn *http)
{
    http->waiter = NULL;
    http->owner = NULL;
    if (http->body.is_open) {
        drop_body(http);
        http->keep_alive = false;
    }
    if (!http->is_parked) return;
    http->is_parked = false;
    conn_park(http->conn, false);
    if (http->conn->kept_bytes > 0) http->keep_alive = false;
}

void http_leave_place(struct http_conn *http)
{
    caps_give(http->conn->net->caps, http->place);
    http->place = NULL;
}

/* The answer has left, and there is time for the next request. */
static void begin_idle(struct http_conn *http)
{
    http_leave_place(http);
    set_deadline(http, http->conn->net->config->keepalive_ms);
    conn_pause_input(http->conn, false);
}

/* What comes after an answer: the next request, once this one has left, or the end. */
static void finish_answer(struct http_conn *http)
{
    if (!http->keep_alive) {
        clear_deadline(http);
        conn_finish(http->conn);
        return;
    }
    if (conn_queue_bytes(http->conn) == 0) {
        begin_idle(http);
        return;
    }
    clear_deadline(http); /* while an answer waits, config.stall_ms judges */
    conn_pause_input(http->conn, true);
}

void http_respond(struct http_conn *http, const struct http_response *response)
{
    leave_waiter(http);
    if (response->status == 426 || http->body.is_announced) http->keep_alive = false;
    uint8_t *answer = http->layer->answer;
    size_t head_bytes = write_head(http, response, response->body_bytes, (char *)answer);
    size_t body_bytes = http->is_head ? 0 : response->body_bytes;
    bool is_small = body_bytes <= HTTP_ANSWER_BODY_BYTES;
    if (is_small && body_bytes > 0) bytes_copy(answer + head_bytes, response->body, body_bytes);
    send_bytes(http, answer, head_bytes + (is_small ? body_bytes : 0));
    if (!is_small) send_bytes(http, response->body, body_bytes);
    finish_answer(http);
}

void http_respond_status(struct http_conn *http, unsigned status)
{
    char body[64];
    int length = snprintf(body, sizeof body, "%u %s\n", status, http_status_name(status));

    http_respond(http, &(struct http_response){.status = status,
                                               .type = "text/plain",
                                               .body = body,
                                               .body_bytes = (size_t)length});
}

static void close_file(struct http_conn *http)
{
    if (http->file_fd >= 0) (void)close(http->file_fd);
    http->file_fd = -1;
}

/* Goes on as long as the kernel takes it; drained() comes back here. A file that became shorter
 * breaks the promise of Content-Length, which only the end of the stream can tell. */
static void send_file(struct http_conn *http)
{
    uint8_t piece[NET_BLOCK_BYTES];

    while (http->file_offset < http->file_end && conn_queue_bytes(http->conn) == 0) {
        uint64_t left = http->file_end - http->file_offset;
        size_t wanted = left < sizeof piece ? (size_t)left : sizeof piece;
        ssize_t got = pread(http->file_fd, piece, wanted, (off_t)http->file_offset);
        if (got <= 0 || conn_send(http->conn, piece, (size_t)got) != RESULT_OK) {
            http->keep_alive = false;
            http->file_end = http->file_offset;
            break;
        }
        http->file_offset += (uint64_t)got;
    }
    if (http->file_offset < http->file_end) {
        conn_pause_input(http->conn, true);
        return;
    }
    close_file(http);
    finish_answer(http);
}

void http_respond_file(struct http_conn *http, int fd, const struct http_response *head,
                       uint64_t file_bytes)
{
    size_t head_bytes = write_head(http, head, file_bytes, (char *)http->layer->answer);
    send_bytes(http, http->layer->answer, head_bytes);
    http->file_fd = fd;
    http->file_offset = 0;
    http->file_end = http->is_head ? 0 : file_bytes;
    clear_deadline(http);
    send_file(http);
}

/* ---- requests ---- */

/* What cannot be read as a request is answered once, and the stream ends: where the next request
 * would begin is unknown. */
static void refuse(struct http_conn *http, unsigned status)
{
    http->keep_alive = false;
    http->is_head = false;
    net_log_refusal(http->conn->net, &http->conn->peer, http_status_name(status));
    http_respond(http, &(struct http_response){.status = status});
}

/* This machine, and a proxy on its own behalf, may ask as they like. */
static bool admit_request(struct http_conn *http, const struct http_request *request)
{
    bool is_counted = http->conn->cap != NULL;

    http_leave_place(http);
    if (http->layer->routes->counts(http, request)) return true;
    if (!is_counted && !http->is_forwarded) return true;
    return net_admit_request(http->conn->net, &http->peer, !is_counted, &http->place) == RESULT_OK;
}

static void answer(struct http_conn *http, const struct http_request *request)
{
    const struct config *config = http->conn->net->config;
    bool has_body = request->content_bytes > 0 || request->is_chunked;

    if (!http->is_moved) metrics_add(http->conn->net->metrics, METRIC_HTTP_REQUESTS, 1);
    http->is_moved = false;
    http->requests++;
    http->is_head = request->method == HTTP_HEAD;
    http->keep_alive = request->keep_alive && http->requests < config->keepalive_requests_max;
    http->peer = forwarded_peer(config, &http->conn->peer, request, &http->is_forwarded);
    http->is_forwarded = http->is_forwarded || http->conn->is_proxied;
    if (!admit_request(http, request)) {
        http->body.is_announced = has_body;
        http_respond(http, &(struct http_response){.status = 429, .fields = "Retry-After: 5\r\n"});
        return;
    }
    struct http_text expects = http_request_header(request, "expect");
    http->body = (struct http_body){.is_announced = has_body};
    if (has_body && !http->layer->routes->takes_body(http, request)) {
        refuse(http, request->is_chunked ? 411 : 413);
    } else if (expects.chars != NULL && !http_text_is_nocase(expects, "100-continue")) {
        refuse(http, 417);
    } else {
        http->layer->routes->answer(http, request);
    }
}

/* ---- bodies ---- */

/* Whatever else stands in the stream, where the next request would begin is unknown. */
static void refuse_body(struct http_conn *http, unsigned status)
{
    drop_body(http);
    clear_deadline(http);
    http->keep_alive = false;
    http->waiter->refused(http, status);
}

static void deliver_body(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    uint8_t *gathered = http->body.bytes;

    http->body = (struct http_body){0};
    clear_deadline(http);
    http->waiter->body(http, bytes, length_bytes);
    free(gathered);
}

/* Room for `length_bytes` more; twice as much as before, so that many pieces cost few copies. */
static bool grow_body(struct http_body *body, size_t length_bytes)
{
    size_t needed = body->used_bytes + length_bytes, capacity = body->capacity_bytes * 2;

    if (needed <= body->capacity_bytes) return true;
    if (capacity < NET_BLOCK_BYTES) capacity = NET_BLOCK_BYTES;
    if (capacity > body->limit_bytes) capacity = body->limit_bytes;
    if (capacity < needed) capacity = needed;
    uint8_t *bytes = realloc(body->bytes, capacity);
    if (bytes == NULL) return false;
    body->bytes = bytes;
    body->capacity_bytes = capacity;
    return true;
}

/* RESULT_TOO_BIG, or RESULT_FULL: no memory. */
static enum result gather(struct http_body *body, const uint8_t *bytes, size_t length_bytes)
{
    if (length_bytes > body->limit_bytes - body->used_bytes) return RESULT_TOO_BIG;
    if (length_bytes == 0) return RESULT_OK;
    if (!grow_body(body, length_bytes)) return RESULT_FULL;
    bytes_copy(body->bytes + body->used_bytes, bytes, length_bytes);
    body->used_bytes += length_bytes;
    return RESULT_OK;
}

/* The conn keeps what is not consumed, so that a body of a block's size needs no buffer here. */
static size_t read_plain(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    struct http_body *body = &http->body;
    size_t left = body->wanted_bytes - body->used_bytes;
    size_t piece = length_bytes < left ? length_bytes : left;

    if (body->used_bytes == 0 && piece == left) {
        deliver_body(http, bytes, piece);
        return piece;
    }
    if (body->wanted_bytes <= NET_BLOCK_BYTES / 2) return 0;
    if (gather(body, bytes, piece) != RESULT_OK)
        refuse_body(http, 503);
    else if (body->used_bytes == body->wanted_bytes)
        deliver_body(http, body->bytes, body->used_bytes);
    return piece;
}

static size_t read_chunked(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    struct http_body *body = &http->body;
    struct chunked_taken taken;

    enum result r = chunked_decode(&body->chunked, bytes, length_bytes, &taken);
    enum result gathered =
        r != RESULT_INVALID ? gather(body, bytes, taken.body_bytes) : RESULT_INVALID;
    if (gathered != RESULT_OK)
        refuse_body(http, gathered == RESULT_TOO_BIG ? 413 : gathered == RESULT_FULL ? 503 : 400);
    else if (r == RESULT_OK)
        deliver_body(http, body->bytes, body->used_bytes);
    return taken.consumed_bytes;
}

static size_t read_body(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    return http->body.is_chunked ? read_chunked(http, bytes, length_bytes)
                                 : read_plain(http, bytes, length_bytes);
}

void http_read_body(struct http_conn *http, const struct http_request *request, size_t limit_bytes,
                    const struct http_waiter *waiter, void *owner)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";

    http->waiter = waiter;
    http->owner = owner;
    if (request->content_bytes > limit_bytes) {
        refuse_body(http, 413);
        return;
    }
    http->body = (struct http_body){.is_open = true,
                                    .is_chunked = request->is_chunked,
                                    .wanted_bytes = (size_t)request->content_bytes,
                                    .limit_bytes = limit_bytes};
    set_deadline(http, http->conn->net->config->handshake_ms);
    if (!request->is_chunked && request->content_bytes == 0)
        deliver_body(http, NULL, 0);
    else if (http_request_header(request, "expect").chars != NULL)
        send_bytes(http, go_on, sizeof go_on - 1);
}

void http_park(struct http_conn *http, const struct http_waiter *waiter, void *owner)
{
    http->waiter = waiter;
    http->owner = owner;
    http->is_parked = true;
    clear_deadline(http);
    conn_park(http->conn, true);
}

/* ---- the stream ---- */

/* Takes one request off the front; 0 when it is not all there. */
static size_t take_request(struct http_conn *http, const uint8_t *bytes, size_t length_bytes)
{
    struct http_request request;
    unsigned status = 400;
    size_t head_bytes = 0;
    bool is_fresh = http->scan.scanned_bytes == 0;

    enum result r = http_head_find(&http->scan, bytes, length_bytes,
                                   http->conn->net->config->head_bytes_max, &head_bytes, &status);
    if (r == RESULT_AGAIN) {
        /* The first head's deadline runs since the accept. */
        if (is_fresh && http->requests > 0)
            set_deadline(http, http->conn->net->config->handshake_ms);
        return 0;
    }
    if (r == RESULT_OK) r = http_request_parse(&request, (const char *)bytes, head_bytes, &status);
    if (r == RESULT_OK && request.header_count > http->conn->net->config->head_fields_max) {
        r = RESULT_TOO_BIG;
        status = 431;
    }
    http->scan = (struct http_scan){0};
    if (r != RESULT_OK) {
        refuse(http, status);
        return length_bytes;
    }
    clear_deadline(http);
    http->input = bytes;
    http->input_bytes = length_bytes;
    answer(http, &request);
    return head_bytes;
}

static size_t take_some(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    return http->body.is_open ? read_body(http, bytes, length_bytes)
                              : take_request(http, bytes, length_bytes);
}

static size_t http_input(struct conn *conn, uint8_t *bytes, size_t length_bytes)
{
    size_t consumed = 0;

    /* After an upgrade the conn is someone else's, and what is left of the bytes too. */
    while (consumed < length_bytes && conn->handler == &http_handler && !conn->input_paused &&
           !conn->finishing) {
        size_t taken = take_some(http_of(conn), bytes + consumed, length_bytes - consumed);
        if (taken == 0) break;
        consumed += taken;
    }
    return consumed;
}

static void http_drained(struct conn *conn)
{
    struct http_conn *http = http_of(conn);

    if (http->file_fd >= 0)
        send_file(http);
    else if (!http->is_parked && conn->input_paused)
        begin_idle(http);
}

static void http_closed(struct conn *conn, enum result why)
{
    struct http_conn *http = http_of(conn);
    (void)why;

    timers_cancel(&conn->net->timers, &http->timer);
    close_file(http);
    drop_body(http);
    http_leave_place(http);
    if (http->waiter != NULL) http->waiter->gone(http);
    pool_give(&http->layer->conns, http);
}

/* One that is in the middle of an answer ends after it. */
static void http_drain(struct conn *conn)
{
    struct http_conn *http = http_of(conn);

    http->keep_alive = false;
    if (http->file_fd < 0) conn_finish(conn);
}

static const struct conn_handler http_handler = {
    .input = http_input, .drained = http_drained, .closed = http_closed, .drain = http_drain};

/* A head that began and never ended is told so; a half TLS handshake, or silence, is just cut. */
static void deadline_expired(struct timer *timer)
{
    struct http_conn *http = http_of_timer(timer);
    struct conn *conn = http->conn;

    if (http->requests == 0 || http->scan.scanned_bytes > 0 || http->body.is_open)
        metrics_add(conn->net->metrics, METRIC_HTTP_TIMEOUTS, 1);
    if (http->body.is_open)
        refuse_body(http, 408);
    else if (!conn->in_handshake && http->scan.scanned_bytes > 0)
        refuse(http, 408);
    else
        conn_close(conn, RESULT_CLOSED);
}

/* ---- life ---- */

enum result http_layer_init(struct http_layer *layer, size_t capacity,
                            const struct http_routes *routes, struct error *error)
{
    layer->routes = routes;
    return pool_init(&layer->conns, sizeof(struct http_conn), capacity, error);
}

void http_layer_deinit(struct http_layer *layer)
{
    pool_deinit(&layer->conns);
}

enum result http_conn_start(struct http_layer *layer, struct conn *conn)
{
    struct http_conn *http = pool_take(&layer->conns);
    if (http == NULL) return RESULT_FULL;

    bytes_zero(http, sizeof *http);
    http->conn = conn;
    http->layer = layer;
    http->file_fd = -1;
    http->timer.expired = deadline_expired;
    conn_set_handler(conn, &http_handler, http);
    set_deadline(http, conn->net->config->handshake_ms);
    return RESULT_OK;
}

enum result http_conn_continue(struct http_layer *layer, struct conn *conn, unsigned requests)
{
    enum result r = http_conn_start(layer, conn);

    if (r != RESULT_OK) return r;
    http_of(conn)->requests = requests;
    http_of(conn)->is_moved = true;
    return RESULT_OK;
}

struct conn *http_conn_release(struct http_conn *http)
{
    struct conn *conn = http->conn;

    ASSERT(http->waiter == NULL && !http->body.is_open);
    clear_deadline(http);
    http_leave_place(http);
    conn_set_handler(conn, NULL, NULL);
    pool_give(&http->layer->conns, http);
    return conn;
}
