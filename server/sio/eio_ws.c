#include "server/sio/eio_ws.h"

#include "server/sio/eio_http.h"
#include "server/sio/eio_layer.h"
#include "server/sio/eio_query.h"
#include "server/worker.h"

/* A session of its own; it begins when the 101 is out. */
static enum result open_new(struct ws_conn *ws, const struct eio_service *service)
{
    struct eio_layer *layer = &worker_of(ws)->eio;
    struct eio_session *s = eio_layer_take(layer, service);

    if (s == NULL) return RESULT_FULL;
    s->ws = ws;
    s->peer = ws->peer;
    s->is_forwarded = ws->is_forwarded;
    if (service->handler->open(s) != RESULT_OK) {
        eio_layer_drop(layer, s);
        return RESULT_FULL;
    }
    ws->session = s;
    return RESULT_OK;
}

static enum result on_open(struct ws_conn *ws, const struct http_request *request,
                           struct ws_refusal *refusal)
{
    struct worker *worker = worker_of(ws);
    struct eio_layer *layer = &worker->eio;
    struct eio_cors cors = eio_cors_of(layer->net->config, request);
    enum result r = RESULT_OK;
    struct eio_query query;

    *refusal = (struct ws_refusal){503, "not now\n"};
    eio_query_read(&query, request, layer->net->config->node_id);
    if (!query.has_sid) {
        r = open_new(ws, eio_http_service(worker, request->path));
        if (r != RESULT_OK) return r;
    } else {
        ws->session = eio_layer_find(layer, &query.id);
    }
    struct eio_session *s = ws->session;
    s->is_base64 = query.is_base64;
    if (eio_cors_write(&cors, layer->net->config, layer->fields) > 0) ws->fields = layer->fields;
    return RESULT_OK;
}

static void on_opened(struct ws_conn *ws)
{
    struct eio_session *s = ws->session;

    ws_conn_set_message_bytes_max(ws, config_sio_max_payload(ws->net->config));
    if (s->ws == ws)
        eio_session_start(s);
    else
        eio_session_probe(s, ws);
}

static void on_message(struct ws_conn *ws, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    if (ws->session != NULL) eio_session_ws_message(ws->session, ws, is_text, bytes, length_bytes);
}

static void on_pong(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes)
{
    struct eio_session *s = ws->session;

    if (s != NULL && s->ws == ws && s->service->handler->pong != NULL)
        s->service->handler->pong(s, payload, length_bytes);
}

static void on_writable(struct ws_conn *ws)
{
    struct eio_session *s = ws->session;

    if (s != NULL && s->ws == ws) s->service->handler->writable(s);
}

static void on_closed(struct ws_conn *ws, unsigned code)
{
    struct eio_session *s = ws->session;

    ws->session = NULL;
    if (s != NULL) eio_session_ws_closed(s, ws, code);
}

static const struct ws_handler handler = {.open = on_open,
                                          .opened = on_opened,
                                          .message = on_message,
                                          .pong = on_pong,
                                          .writable = on_writable,
                                          .closed = on_closed};
static const struct ws_handler unlimited_handler = {.unlimited = true,
                                                    .open = on_open,
                                                    .opened = on_opened,
                                                    .message = on_message,
                                                    .pong = on_pong,
                                                    .writable = on_writable,
                                                    .closed = on_closed};

const struct ws_handler *eio_ws_handler(const struct eio_service *service)
{
    return service->is_unlimited ? &unlimited_handler : &handler;
}
