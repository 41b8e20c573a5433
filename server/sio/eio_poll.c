/* The polls of an Engine.IO session: one at a time, answered with all there is to say. */
#include <stdlib.h>

#include "server/sio/eio_parts.h"
#include "shared/bytes.h"

#define ANSWER_HEAD_BYTES 4096 /* what an answer has beside its body */

/* ---- answers ---- */

void eio_respond(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors,
                 struct http_response *response)
{
    char fields[EIO_CORS_BYTES_MAX];

    if (cors->length > 0) {
        (void)eio_cors_write(cors, eio_session_config(s), fields);
        response->fields = fields;
    }
    response->is_data = true;
    http_respond(http, response);
}

void eio_respond_error(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors,
                       unsigned status)
{
    static const char body[] = "{\"code\":3,\"message\":\"Bad request\"}";

    eio_respond(s, http, cors,
                &(struct http_response){.status = status,
                                        .type = "application/json",
                                        .body = body,
                                        .body_bytes = status == 413 ? 0 : sizeof body - 1});
}

static void answer_with_pollq(struct eio_session *s, struct http_conn *http, const char *fields)
{
    size_t length = pollq_bytes(&s->pollq), limit = length + ANSWER_HEAD_BYTES;
    uint8_t *body = s->layer->scratch;

    if (http->conn->sendq.limit_bytes < limit) http->conn->sendq.limit_bytes = limit;
    if (length > sizeof s->layer->scratch) body = malloc(length);
    if (body == NULL) {
        eio_respond_error(s, http, &s->cors, 503);
        return;
    }
    pollq_take(&s->pollq, &eio_session_net(s)->blocks, body);
    http_respond(http, &(struct http_response){.status = 200,
                                               .type = "text/plain; charset=UTF-8",
                                               .fields = fields,
                                               .body = body,
                                               .body_bytes = length,
                                               .is_data = true});
    if (body != s->layer->scratch) free(body);
}

/* The poll that waits gets all there is to say. */
static void answer(struct eio_session *s)
{
    char fields[EIO_CORS_BYTES_MAX];
    struct http_conn *http = s->poll;

    s->poll = NULL;
    s->noop_due_ms = 0;
    (void)eio_cors_write(&s->cors, eio_session_config(s), fields);
    answer_with_pollq(s, http, fields);
}

void eio_poll_say(struct eio_session *s, const char *packet)
{
    /* A full pollq: whoever reads it so slowly will be missed by the ping's deadline. */
    (void)pollq_push_text(&s->pollq, &eio_session_net(s)->blocks, (const uint8_t *)packet,
                          text_length(packet));
}

void eio_poll_answer_with(struct eio_session *s, const char *packet)
{
    eio_poll_say(s, packet);
    answer(s);
}

void eio_session_flush(struct eio_session *s)
{
    if (s->poll != NULL && pollq_bytes(&s->pollq) > 0) answer(s);
}

/* ---- polls ---- */

static void poll_gone(struct http_conn *http)
{
    struct eio_session *s = http->owner;

    s->poll = NULL;
    eio_session_lose(s, "transport closed");
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
void eio_poll_hurry(struct eio_session *s)
{
    if (s->noops_left > 0) {
        s->noops_left--;
        eio_poll_answer_with(s, "6");
        return;
    }
    s->noop_due_ms = eio_session_now_ms(s) + EIO_NOOP_MS;
    eio_session_watch(s);
}

void eio_session_greet(struct eio_session *s, struct http_conn *http, const char *fields)
{
    answer_with_pollq(s, http, fields);
}

void eio_session_poll(struct eio_session *s, struct http_conn *http, const struct eio_cors *cors)
{
    if (s->poll != NULL) {
        eio_session_fail(s, "two polls at once");
        eio_respond_error(s, http, cors, 400);
        return;
    }
    s->poll = http;
    s->cors = *cors;
    if (pollq_bytes(&s->pollq) > 0) {
        answer(s);
        if (s->state == EIO_STATE_ENDING) eio_layer_drop(s->layer, s);
        return;
    }
    bool is_hurried = s->probe != NULL && s->is_probed;
    if (is_hurried) eio_poll_hurry(s);
    if (s->poll == NULL) return;
    http_park(http, &poll_waiter, s);
    if (!is_hurried) s->service->handler->writable(s);
}
