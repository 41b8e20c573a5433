#include "server/ws/upgrade.h"

#include "server/http/forwarded.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/ws_handshake.h"

#define RESPONSE_BYTES_MAX 1024

static struct ws_text ws_text_of(struct http_text text)
{
    return (struct ws_text){text.chars, text.length};
}

static bool header_has(const struct http_request *request, const char *name, const char *token)
{
    struct http_text value;
    size_t index = 0;

    while ((value = http_request_header_next(request, name, &index)).chars != NULL) {
        if (ws_list_has(ws_text_of(value), token)) return true;
    }
    return false;
}

/* What a client without WebSocket, or with another version of it, is told (§4.4): a program, whom a
 * page's policies would only cost bytes. */
static void refuse_version(struct http_conn *http)
{
    http_respond(http, &(struct http_response){.status = 426,
                                               .type = "text/plain",
                                               .fields = "Upgrade: websocket\r\n"
                                                         "Sec-WebSocket-Version: 13\r\n",
                                               .body = "This address speaks WebSocket.\n",
                                               .body_bytes = 31,
                                               .is_data = true});
}

static void refuse(struct http_conn *http, const struct ws_refusal *refusal)
{
    bool is_passing = refusal->status == 429 || refusal->status == 503;

    if (!is_passing)
        net_log_refusal(http->conn->net, &http->peer, http_status_name(refusal->status));
    http_respond(http, &(struct http_response){.status = refusal->status,
                                               .type = "text/plain",
                                               .fields = is_passing ? "Retry-After: 5\r\n" : NULL,
                                               .body = refusal->text,
                                               .body_bytes = text_length(refusal->text)});
}

/* What §4.2.1 wants of the request, beyond the version; false with the reason. */
static bool check_request(const struct http_conn *http, const struct http_request *request,
                          struct ws_refusal *refusal)
{
    struct http_text key = http_request_header(request, "sec-websocket-key");

    *refusal = (struct ws_refusal){400, "HTTP/1.1 is needed\n"};
    if (request->version_minor == 0) return false;
    refusal->text = "no Connection: Upgrade\n";
    if (!header_has(request, "connection", "upgrade")) return false;
    refusal->text = "no valid Sec-WebSocket-Key\n";
    if (key.chars == NULL || !ws_key_is_valid(ws_text_of(key))) return false;
    *refusal = (struct ws_refusal){403, "this page may not connect here\n"};
    return origin_allows(http->conn->net->config, request, http->is_forwarded);
}

/* Ours of the offered ones that we like best; false if there is an offer and none of ours in it. */
static bool choose_subprotocol(struct ws_conn *ws, const struct http_request *request)
{
    const struct ws_handler *handler = ws->handler;
    struct http_text offered;
    size_t index = 0, best = handler->subprotocol_count;
    bool has_offer = false;

    while ((offered = http_request_header_next(request, "sec-websocket-protocol", &index)).chars !=
           NULL) {
        size_t found = ws_subprotocol_select(ws_text_of(offered), handler->subprotocols,
                                             handler->subprotocol_count);
        has_offer = true;
        if (found < best) best = found;
    }
    if (best < handler->subprotocol_count) ws->subprotocol = (int)best;
    return !has_offer || ws->subprotocol >= 0 || handler->subprotocol_count == 0;
}

/* The first of the client's offers that we can grant; false if they cannot be read. */
static bool read_offers(const struct config *config, const struct http_request *request,
                        struct deflate_terms *terms)
{
    struct deflate_grant grant = {.context_takeover = config->deflate_context_takeover,
                                  .window_bits = (uint8_t)config->deflate_window_bits};
    struct http_text offers;
    size_t index = 0;

    *terms = (struct deflate_terms){.is_agreed = false};
    while ((offers = http_request_header_next(request, "sec-websocket-extensions", &index)).chars !=
           NULL) {
        if (deflate_offer_choose(ws_text_of(offers), &grant, terms) != RESULT_OK) return false;
    }
    return true;
}

static void open_deflate(struct ws_conn *ws, const struct deflate_terms *terms)
{
    if (!terms->is_agreed || !ws->may_deflate || !ws->net->config->deflate) return;
    bool is_open = deflate_open(&ws->deflate, &ws->layer->deflate, terms) == RESULT_OK;
    metrics_add(ws->net->metrics, is_open ? METRIC_WS_DEFLATE_AGREED : METRIC_WS_DEFLATE_DECLINED,
                1);
}

static bool open_handler(struct ws_conn *ws, const struct http_conn *http,
                         const struct http_request *request, struct ws_refusal *refusal)
{
    struct deflate_terms terms;

    ws->peer = http->peer;
    ws->is_forwarded = http->is_forwarded;
    *refusal = (struct ws_refusal){400, "Sec-WebSocket-Extensions cannot be read\n"};
    if (!read_offers(ws->net->config, request, &terms)) return false;
    *refusal = (struct ws_refusal){400, "none of these subprotocols is known here\n"};
    if (!choose_subprotocol(ws, request)) return false;
    *refusal = (struct ws_refusal){503, "not now\n"};
    if (ws->handler->open(ws, request, refusal) != RESULT_OK) return false;
    open_deflate(ws, &terms);
    return true;
}

static void send_101(struct conn *conn, const struct http_request *request,
                     const struct ws_conn *ws)
{
    struct http_text key = http_request_header(request, "sec-websocket-key");
    char accept[WS_ACCEPT_CHARS + 1], response[RESPONSE_BYTES_MAX];
    char extensions[DEFLATE_TERMS_CHARS_MAX];
    struct ws_answer answer = {
        .accept = accept, .subprotocol = ws_conn_subprotocol(ws), .fields = ws->fields};
    size_t length_bytes;

    ws_accept_build(accept, key.chars, digest_sha1);
    if (ws->deflate.terms.is_agreed) {
        deflate_terms_write(&ws->deflate.terms, extensions);
        answer.extensions = extensions;
    }
    ASSERT(ws_response_write(response, sizeof response, &length_bytes, &answer) == RESULT_OK);
    /* A stream that breaks here is met by the poller. */
    (void)conn_send(conn, (const uint8_t *)response, length_bytes);
}

/* A proxy's connection is counted nowhere until it is one client's for good. */
static bool admit_forwarded(struct http_conn *http, struct cap **cap, struct ws_refusal *refusal)
{
    if (!http->is_forwarded || http->conn->cap != NULL) return true;
    http_leave_place(http);
    if (net_admit(http->conn->net, &http->peer, cap) == RESULT_OK) return true;
    *refusal = (struct ws_refusal){429, "too many connections from your address\n"};
    return false;
}

void ws_upgrade(struct http_conn *http, const struct http_request *request, struct ws_layer *layer,
                const struct ws_handler *handler)
{
    struct http_text version = http_request_header(request, "sec-websocket-version");
    struct net *net = http->conn->net;
    struct ws_refusal refusal;
    struct cap *cap = NULL;

    if (!header_has(request, "upgrade", "websocket") || version.chars == NULL ||
        !http_text_is(version, "13")) {
        refuse_version(http);
        return;
    }
    if (!check_request(http, request, &refusal)) {
        refuse(http, &refusal);
        return;
    }
    if (!admit_forwarded(http, &cap, &refusal)) {
        refuse(http, &refusal);
        return;
    }
    refusal = (struct ws_refusal){503, "the server is full\n"};
    struct ws_conn *ws = ws_conn_take(layer, net, handler);
    if (ws == NULL || !open_handler(ws, http, request, &refusal)) {
        if (ws != NULL) ws_conn_give(ws);
        caps_give(net->caps, cap);
        refuse(http, &refusal);
        return;
    }
    struct conn *conn = http_conn_release(http);
    conn->cap = cap != NULL ? cap : conn->cap;
    send_101(conn, request, ws);
    ws_conn_start(ws, conn);
    ws->fields = NULL;
    handler->opened(ws);
}
