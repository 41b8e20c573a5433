/* The posts of an Engine.IO session: one at a time, a payload of packets each, bounded in rate. */
#include "server/sio/eio_parts.h"

static uint64_t refill(uint64_t allowance, uint64_t per_s, uint64_t elapsed_ms, uint64_t burst_s)
{
    uint64_t refilled = allowance + per_s * elapsed_ms, most = per_s * 1000 * burst_s;
    return refilled < most ? refilled : most;
}

static bool spend(struct eio_session *s, uint64_t packets, uint64_t bytes)
{
    const struct config *config = eio_session_config(s);
    uint64_t elapsed_ms = eio_session_now_ms(s) - s->refilled_ms;

    if (s->service->is_unlimited) return true;
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
        if (r == RESULT_OK && count++ == EIO_PACKETS_MAX && !s->service->is_unlimited) {
            eio_session_fail(s, "too many packets in one body");
        } else if (r == RESULT_OK && !spend(s, 1, 0)) {
            metrics_add(eio_session_net(s)->metrics, METRIC_WS_RATE_MESSAGES, 1);
            eio_session_fail(s, "too many messages");
        } else if (r == RESULT_OK) {
            eio_session_take_packet(s, &packet);
        } else if (r == RESULT_INVALID) {
            eio_session_fail(s, "a packet cannot be read");
        }
    }
}

static void post_body(struct http_conn *http, uint8_t *bytes, size_t length_bytes)
{
    struct eio_session *s = http->owner;

    s->post = NULL;
    s->has_said_goodbye = false;
    if (!spend(s, 0, length_bytes)) {
        metrics_add(eio_session_net(s)->metrics, METRIC_WS_RATE_BYTES, 1);
        eio_session_fail(s, "too many bytes");
    }
    take_payload(s, bytes, length_bytes);
    if (s->state != EIO_STATE_OPEN && !s->has_said_goodbye) {
        eio_respond_error(s, http, &s->post_cors, 400);
        return;
    }
    eio_respond(
        s, http, &s->post_cors,
        &(struct http_response){.status = 200, .type = "text/html", .body = "ok", .body_bytes = 2});
}

/* Too much of it: nothing was heard, and the session lives on. Else it is lost. */
static void post_refused(struct http_conn *http, unsigned status)
{
    struct eio_session *s = http->owner;

    s->post = NULL;
    if (status != 413) eio_session_fail(s, "a body cannot be read");
    eio_respond_error(s, http, &s->post_cors, status);
}

static void post_gone(struct http_conn *http)
{
    struct eio_session *s = http->owner;

    s->post = NULL;
    eio_session_lose(s, "transport closed");
}

static const struct http_waiter post_waiter = {
    .body = post_body, .refused = post_refused, .gone = post_gone};

void eio_session_post(struct eio_session *s, struct http_conn *http,
                      const struct http_request *request, const struct eio_cors *cors)
{
    if (s->post != NULL || s->state != EIO_STATE_OPEN) {
        eio_session_fail(s, "two posts at once");
        eio_respond_error(s, http, cors, 400);
        return;
    }
    s->post = http;
    s->post_cors = *cors;
    http_read_body(http, request, config_sio_max_payload(eio_session_config(s)), &post_waiter, s);
}
