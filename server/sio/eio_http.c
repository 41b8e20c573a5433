#include "server/sio/eio_http.h"

#include <stdio.h>

#include "server/http/forwarded.h"
#include "server/server.h"
#include "server/sio/eio_echo.h"
#include "server/sio/eio_layer.h"
#include "server/sio/eio_query.h"
#include "server/sio/eio_ws.h"
#include "server/worker.h"
#include "server/ws/upgrade.h"
#include "shared/bytes.h"

#define ECHO_PATH "/engine.io/"

#define FIELDS_BYTES_MAX (EIO_CORS_BYTES_MAX + 512)

enum refusal {
    REFUSE_TRANSPORT,
    REFUSE_SESSION,
    REFUSE_METHOD,
    REFUSE_REQUEST,
    REFUSE_ORIGIN,
    REFUSE_VERSION,
    REFUSE_ADDRESS,
    REFUSE_RATE,
    REFUSE_FULL,
    REFUSE_COUNT
};

/* Code and message are what clients know; the last three have none of their own. */
static const struct refusal_row {
    unsigned code, status;
    const char *message;
} refusals[] = {
    [REFUSE_TRANSPORT] = {0, 400, "Transport unknown"},
    [REFUSE_SESSION] = {1, 400, "Session ID unknown"},
    [REFUSE_METHOD] = {2, 400, "Bad handshake method"},
    [REFUSE_REQUEST] = {3, 400, "Bad request"},
    [REFUSE_ORIGIN] = {4, 403, "Forbidden"},
    [REFUSE_VERSION] = {5, 400, "Unsupported protocol version"},
    [REFUSE_ADDRESS] = {4, 429, "too many sessions from your address"},
    [REFUSE_RATE] = {4, 429, "too many requests from your address"},
    [REFUSE_FULL] = {4, 503, "not now"},
};
_Static_assert(sizeof refusals / sizeof refusals[0] == REFUSE_COUNT, "a row each");

/* One request, and what was found out about it. */
struct visit {
    struct http_conn *http;
    const struct http_request *request;
    const struct eio_service *service;
    struct worker *worker;
    struct eio_query query;
    struct eio_cors cors;
    bool is_upgrade;
    struct eio_session *session; /* that the query names, or NULL */
};

static const struct config *config_of(const struct visit *v)
{
    return v->worker->net.config;
}

static void refuse(const struct visit *v, enum refusal why)
{
    const struct refusal_row *row = &refusals[why];
    char fields[FIELDS_BYTES_MAX], body[96];

    size_t used = eio_cors_write(&v->cors, config_of(v), fields);
    if (row->status == 429 || row->status == 503)
        (void)snprintf(fields + used, sizeof fields - used, "Retry-After: 5\r\n");
    int length =
        snprintf(body, sizeof body, "{\"code\":%u,\"message\":\"%s\"}", row->code, row->message);
    http_respond(v->http, &(struct http_response){.status = row->status,
                                                  .type = "application/json",
                                                  .fields = fields,
                                                  .body = body,
                                                  .body_bytes = (size_t)length,
                                                  .is_data = true});
}

static bool is_upgrade(const struct http_request *request)
{
    struct http_text upgrade = http_request_header(request, "upgrade");
    return upgrade.chars != NULL && http_text_is_nocase(upgrade, "websocket");
}

/* ---- the checks, in the reference's order ---- */

static enum refusal check_session(const struct visit *v)
{
    const struct eio_session *s = v->session;
    bool wants_socket = v->query.transport == EIO_TRANSPORT_WEBSOCKET;

    if (s == NULL) return REFUSE_SESSION;
    if (s->state == EIO_STATE_ENDING && (wants_socket || v->request->method != HTTP_GET))
        return REFUSE_SESSION;
    if (v->is_upgrade != wants_socket) return REFUSE_REQUEST;
    if (!eio_session_is_polling(s)) return REFUSE_REQUEST;
    if (wants_socket && s->probe != NULL) return REFUSE_REQUEST;
    if (s->service != v->service) return REFUSE_SESSION;
    bool is_poll = v->request->method == HTTP_GET || v->request->method == HTTP_POST;
    return v->query.is_version_4 && is_poll ? REFUSE_COUNT : REFUSE_REQUEST;
}

static enum refusal check_handshake(const struct visit *v)
{
    bool wants_socket = v->query.transport == EIO_TRANSPORT_WEBSOCKET;

    if (v->request->method != HTTP_GET) return REFUSE_METHOD;
    if (v->is_upgrade != wants_socket) return REFUSE_REQUEST;
    if (!v->query.is_version_4) return REFUSE_VERSION;
    return v->worker->draining ? REFUSE_FULL : REFUSE_COUNT;
}

/* REFUSE_COUNT: nothing is wrong. */
static enum refusal check(const struct visit *v)
{
    if (v->query.transport == EIO_TRANSPORT_UNKNOWN) return REFUSE_TRANSPORT;
    if (!origin_allows(config_of(v), v->request, v->http->is_forwarded)) return REFUSE_ORIGIN;
    return v->query.has_sid ? check_session(v) : check_handshake(v);
}

/* ---- what is fine ---- */

static bool is_counted(const struct visit *v)
{
    if (address_is_loopback(&v->http->peer) && !v->http->is_forwarded)
        return config_of(v)->caps_for_loopback;
    return true;
}

/* Requests of a session are bounded by what it may send and ask for; all others are counted. */
static bool admit(const struct visit *v)
{
    struct cap *place = NULL;

    if (!is_counted(v)) return true;
    return net_admit_request(&v->worker->net, &v->http->peer, false, &place) == RESULT_OK;
}

static void set_cookie(const struct visit *v, const struct eio_session *s,
                       char fields[FIELDS_BYTES_MAX], size_t used)
{
    char id[EIO_ID_CHARS_MAX + 1];

    if (config_of(v)->sio_cookie[0] == '\0') return;
    (void)eio_id_write(&s->id, config_of(v)->node_id, id);
    (void)snprintf(fields + used, FIELDS_BYTES_MAX - used,
                   "Set-Cookie: %s=%s; Path=/; HttpOnly; SameSite=Lax\r\n",
                   config_of(v)->sio_cookie, id);
}

/* The answer to a handshake is the first poll's. */
static void open_polling(struct visit *v)
{
    struct eio_layer *layer = &v->worker->eio;
    struct cap_answer answer = {.verdict = CAP_FINE};
    char fields[FIELDS_BYTES_MAX];

    if (is_counted(v)) answer = caps_take(layer->poll_caps, &v->http->peer, v->worker->net.now_ms);
    if (answer.verdict != CAP_FINE) {
        metrics_add(&v->worker->metrics, METRIC_CAPPED_POLLS, 1);
        if (answer.log_count > 0)
            net_log_refusal(&v->worker->net, &v->http->peer, "too many polling sessions");
        refuse(v, REFUSE_ADDRESS);
        return;
    }
    struct eio_session *s = eio_layer_take(layer, v->service);
    if (s == NULL) {
        caps_give(layer->poll_caps, answer.cap);
        refuse(v, REFUSE_FULL);
        return;
    }
    s->cap = answer.cap;
    s->peer = v->http->peer;
    s->is_forwarded = v->http->is_forwarded;
    if (s->service->handler->open(s) != RESULT_OK) {
        eio_layer_drop(layer, s);
        refuse(v, REFUSE_FULL);
        return;
    }
    set_cookie(v, s, fields, eio_cors_write(&v->cors, config_of(v), fields));
    eio_session_start(s);
    eio_session_greet(s, v->http, fields);
}

static void answer_preflight(const struct visit *v)
{
    char fields[EIO_CORS_BYTES_MAX];

    (void)eio_cors_write_preflight(&v->cors, config_of(v), v->request, fields);
    http_respond(v->http,
                 &(struct http_response){.status = 204, .fields = fields, .is_data = true});
}

static void go_on(struct visit *v)
{
    if (v->is_upgrade)
        ws_upgrade(v->http, v->request, &v->worker->ws, eio_ws_handler(v->service));
    else if (v->session == NULL)
        open_polling(v);
    else if (v->request->method == HTTP_POST)
        eio_session_post(v->session, v->http, v->request, &v->cors);
    else
        eio_session_poll(v->session, v->http, &v->cors);
}

/* The session, if there is one, lives on another worker: so shall the connection. */
static bool is_elsewhere(const struct visit *v)
{
    return v->query.is_ours && v->query.id.worker != v->worker->index &&
           v->query.id.worker < v->worker->server->worker_count;
}

void eio_http_answer(struct http_conn *http, const struct http_request *request,
                     const struct eio_service *service)
{
    struct visit v = {.http = http,
                      .request = request,
                      .service = service,
                      .worker = http->conn->net->worker,
                      .is_upgrade = is_upgrade(request)};

    v.cors = eio_cors_of(config_of(&v), request);
    if (request->method == HTTP_OPTIONS && config_of(&v)->origins[0] != '\0') {
        answer_preflight(&v);
        return;
    }
    eio_query_read(&v.query, request, config_of(&v)->node_id);
    if (is_elsewhere(&v)) {
        if (worker_hand_over(http, v.query.id.worker) != RESULT_OK) refuse(&v, REFUSE_FULL);
        return;
    }
    if (v.query.is_ours) v.session = eio_layer_find(&v.worker->eio, &v.query.id);
    if (v.session != NULL && !eio_session_is_alive(v.session)) v.session = NULL;
    enum refusal why = check(&v);
    if ((why != REFUSE_COUNT || v.session == NULL) && !admit(&v)) why = REFUSE_RATE;
    if (why != REFUSE_COUNT)
        refuse(&v, why);
    else
        go_on(&v);
}

/* ---- what is served where ---- */

static bool starts_with(struct http_text path, const char *prefix)
{
    size_t length = text_length(prefix);
    return length > 0 && path.length >= length && bytes_equal(path.chars, prefix, length);
}

const struct eio_service *eio_http_service(const struct worker *worker, struct http_text path)
{
    const struct config *config = worker->net.config;

    if (config->sio_echo && starts_with(path, ECHO_PATH)) return &eio_echo_service;
    return starts_with(path, config->sio_path) ? worker->server->hooks.sio : NULL;
}
