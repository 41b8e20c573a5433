/* A WebSocket as an Engine.IO session's transport: tried beside the polls, taken, lost. */
#include <stdlib.h>

#include "server/sio/eio_parts.h"
#include "shared/bytes.h"

void eio_session_probe(struct eio_session *s, struct ws_conn *ws)
{
    s->probe = ws;
    s->is_probed = false;
    s->noops_left = 2;
    s->probe_due_ms = eio_session_now_ms(s) + eio_session_config(s)->sio_upgrade_timeout_ms;
    eio_session_watch(s);
}

static void send_pollq(struct eio_session *s)
{
    size_t length = pollq_bytes(&s->pollq);
    uint8_t *memory = malloc(WS_HEADER_BYTES_MAX + length);
    struct eio_payload payload = {.bytes = memory + WS_HEADER_BYTES_MAX, .length_bytes = length};
    struct eio_packet packet;

    if (memory == NULL) {
        eio_session_lose(s, "out of memory");
        return;
    }
    pollq_take(&s->pollq, &eio_session_net(s)->blocks, payload.bytes);
    enum result r = RESULT_OK;
    while (r == RESULT_OK && eio_payload_next(&payload, &packet) == RESULT_OK) {
        /* What stands in front of a packet has been sent: its header may go there. The first
         * byte of a text packet is its type; that of bytes is gone. */
        r = packet.is_text ? eio_session_send_text(s, packet.bytes - 1, packet.length_bytes + 1)
                           : eio_session_send_bytes(s, packet.bytes, packet.length_bytes);
    }
    free(memory);
    if (r == RESULT_FULL) eio_session_lose(s, "the queue is full");
}

/* From here on the WebSocket is the transport; what waited for a poll goes there, in order. */
static void upgrade(struct eio_session *s)
{
    if (s->poll != NULL) eio_poll_answer_with(s, "6");
    s->ws = s->probe;
    s->probe = NULL;
    s->probe_due_ms = s->noop_due_ms = 0;
    caps_give(s->layer->poll_caps, s->cap);
    s->cap = NULL;
    metrics_add(eio_session_net(s)->metrics, METRIC_EIO_UPGRADED, 1);
    if (s->is_joined) eio_session_join(s);
    if (pollq_bytes(&s->pollq) > 0) send_pollq(s);
    eio_session_watch(s);
    if (eio_session_is_writable(s)) s->service->handler->writable(s);
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
        eio_session_close_ws(&s->probe, WS_CLOSE_POLICY, "not a probe");
        return;
    }
    bytes_copy(answer + WS_HEADER_BYTES_MAX, "3probe", 6);
    (void)ws_conn_send(s->probe, WS_TEXT, answer + WS_HEADER_BYTES_MAX, 6);
    s->is_probed = true;
    if (s->poll != NULL) eio_poll_hurry(s);
}

void eio_session_ws_message(struct eio_session *s, struct ws_conn *ws, bool is_text, uint8_t *bytes,
                            size_t length_bytes)
{
    struct eio_packet packet = {.type = EIO_MESSAGE, .bytes = bytes, .length_bytes = length_bytes};

    if (!eio_session_is_alive(s)) return;
    if (ws == s->probe) {
        take_probe_message(s, is_text, bytes, length_bytes);
    } else if (is_text && eio_packet_decode(&packet, bytes, length_bytes) != RESULT_OK) {
        eio_session_fail(s, "a packet cannot be read");
    } else {
        eio_session_take_packet(s, &packet);
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
    eio_session_end(
        s, &(struct eio_farewell){.why = code == WS_CLOSE_NORMAL ? EIO_END_CLIENT : EIO_END_LOST,
                                  .packet = "1",
                                  .code = WS_CLOSE_NORMAL,
                                  .reason = ""});
}
