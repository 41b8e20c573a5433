#include "server/sio/eio_ws.h"

#include "server/sio/eio_layer.h"
#include "server/sio/eio_query.h"
#include "server/worker.h"

/* A session of its own; it begins when the 101 is out. */
static enum result open_new(struct ws_conn *ws, const struct eio_handler *handler)
{
    struct eio_layer *layer = &worker_of(ws)->eio;
    struct eio_session *s = eio_layer_take(layer, handler);

    if (s == NULL) return RESULT_FULL;
    s->ws = ws;
    s->peer = ws->peer;
    s->is_forwarded = ws->is_forwarded;
    if (handler->open(s) != RESULT_OK) {
        eio_layer_drop(layer, s);
        return RESULT_FULL;
    }
    ws->session = s;
    return RESULT_OK;
}

enum result eio_ws_open(struct ws_conn *ws, const struct http_request *request,
                        struct ws_refusal *refusal, const struct eio_handler *handler)
{
    struct eio_layer *layer = &worker_of(ws)->eio;
    enum result r = RESULT_OK;
    struct eio_query query;

    *refusal = (struct ws_refusal){503, "not now\n"};
    eio_query_read(&query, request, layer->net->config->node_id);
    if (!query.has_sid) {
        r = open_new(ws, handler);
        if (r != RESULT_OK) return r;
    } else {
        ws->session = eio_layer_find(layer, &query.id);
    }
    struct eio_session *s = ws->session;
    s->is_base64 = query.is_base64;
    return RESULT_OK;
}

void eio_ws_opened(struct ws_conn *ws)
{
    struct eio_session *s = ws->session;

    ws_conn_set_message_bytes_max(ws, config_sio_max_payload(ws->net->config));
    if (s->ws == ws)
        eio_session_start(s);
    else
        eio_session_probe(s, ws);
}

void eio_ws_message(struct ws_conn *ws, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    if (ws->session != NULL) eio_session_ws_message(ws->session, ws, is_text, bytes, length_bytes);
}

void eio_ws_pong(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes)
{
    struct eio_session *s = ws->session;

    if (s != NULL && s->ws == ws && s->handler->pong != NULL)
        s->handler->pong(s, payload, length_bytes);
}

void eio_ws_writable(struct ws_conn *ws)
{
    struct eio_session *s = ws->session;

    if (s != NULL && s->ws == ws) s->handler->writable(s);
}

void eio_ws_closed(struct ws_conn *ws, unsigned code)
{
    struct eio_session *s = ws->session;

    ws->session = NULL;
    if (s != NULL) eio_session_ws_closed(s, ws, code);
}
