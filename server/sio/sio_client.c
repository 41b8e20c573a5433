#include "server/sio/sio_client.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/sio/eio_layer.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/json_write.h"

#define REPLY_BYTES_MAX 256

static struct sio_client *client_of(const struct eio_session *s)
{
    return s->owner;
}

/* ---- out ---- */

enum result sio_socket_send(struct sio_socket *socket, const struct sio_head *head, uint8_t *json,
                            size_t json_bytes, const struct sio_blob *blobs)
{
    struct eio_session *eio = socket->client->eio;
    char text[SIO_HEAD_BYTES_MAX];
    size_t head_bytes = sio_head_write(text, head), blob_bytes = 0;
    uint8_t *packet = json - head_bytes - 1;

    for (unsigned i = 0; i < head->attachment_count; i++)
        blob_bytes += blobs[i].length_bytes + WS_HEADER_BYTES_MAX;
    if (!eio_session_has_room(eio, 1 + head_bytes + json_bytes, blob_bytes))
        return eio->state == EIO_STATE_OPEN ? RESULT_FULL : RESULT_CLOSED;
    packet[0] = '0' + EIO_MESSAGE;
    bytes_copy(packet + 1, text, head_bytes);
    enum result r = eio_session_send_text(eio, packet, 1 + head_bytes + json_bytes);
    for (unsigned i = 0; i < head->attachment_count && r == RESULT_OK; i++)
        r = eio_session_send_bytes(eio, blobs[i].bytes, blobs[i].length_bytes);
    return r;
}

/* A short packet of our own making; `json` may be empty. */
static void send_small(struct sio_socket *socket, enum sio_type type, const char *json)
{
    uint8_t bytes[SIO_ROOM_BYTES + REPLY_BYTES_MAX];
    size_t length = text_length(json);

    ASSERT(length <= REPLY_BYTES_MAX);
    bytes_copy(bytes + SIO_ROOM_BYTES, json, length);
    /* A full queue: then the session is on its end anyway. */
    (void)sio_socket_send(socket, &(struct sio_head){.type = type, .nsp = socket->nsp},
                          bytes + SIO_ROOM_BYTES, length, NULL);
}

void sio_socket_leave(struct sio_socket *socket)
{
    if (!socket->is_joined) return;
    socket->is_joined = false;
    send_small(socket, SIO_DISCONNECT, "");
}

/* ---- namespaces ---- */

static bool is_used(const struct sio_socket *socket)
{
    return socket->is_joined || socket->is_joining;
}

static struct sio_socket *find_socket(struct sio_client *c, struct sio_text nsp)
{
    for (size_t i = 0; i < SIO_SOCKETS_MAX; i++) {
        if (is_used(&c->sockets[i]) && sio_text_is(nsp, c->sockets[i].nsp)) return &c->sockets[i];
    }
    return NULL;
}

static struct sio_socket *free_socket(struct sio_client *c)
{
    for (size_t i = 0; i < SIO_SOCKETS_MAX; i++) {
        if (!is_used(&c->sockets[i])) return &c->sockets[i];
    }
    return NULL;
}

static void break_off(struct sio_client *c, const char *why)
{
    struct net *net = c->eio->layer->net;

    metrics_add(net->metrics, METRIC_EIO_BREACHES, 1);
    net_log_refusal(net, &c->eio->peer, why);
    eio_session_close(c->eio, WS_CLOSE_POLICY, why);
}

static void name_socket(struct sio_socket *socket, struct sio_client *c, struct sio_text nsp)
{
    uint8_t secret[EIO_SECRET_BYTES];

    *socket = (struct sio_socket){.client = c};
    bytes_copy(socket->nsp, nsp.chars, nsp.length);
    digest_random(secret, sizeof secret);
    eio_id_write_secret(secret, socket->id);
}

const char sio_later[] = "later";

void sio_socket_accept(struct sio_socket *socket, const char *id)
{
    struct sio_client *c = socket->client;
    char json[REPLY_BYTES_MAX];
    bool has_pid = socket->pid[0] != '\0';

    bytes_copy(socket->id, id, EIO_SECRET_CHARS);
    socket->is_joining = false;
    socket->is_joined = true;
    if (!c->has_joined) eio_session_set_deadline(c->eio, 0);
    c->has_joined = true;
    (void)snprintf(json, sizeof json, "{\"sid\":\"%s\"%s%s%s}", socket->id,
                   has_pid ? ",\"pid\":\"" : "", socket->pid, has_pid ? "\"" : "");
    send_small(socket, SIO_CONNECT, json);
}

void sio_socket_refuse(struct sio_socket *socket, const char *message, unsigned code)
{
    char json[REPLY_BYTES_MAX];
    struct json_writer w;

    socket->is_joining = false;
    json_writer_init(&w, json, sizeof json - 1);
    json_open(&w, '{');
    json_put_key(&w, "message");
    json_put_text(&w, message, text_length(message));
    if (code != 0) {
        json_put_key(&w, "data");
        json_open(&w, '{');
        json_put_key(&w, "code");
        json_put_unsigned(&w, code);
        json_close(&w, '}');
    }
    json_close(&w, '}');
    json[json_finish(&w)] = '\0';
    send_small(socket, SIO_CONNECT_ERROR, json);
}

static void join(struct sio_socket *socket, struct sio_text auth)
{
    struct sio_client *c = socket->client;
    char id[EIO_SECRET_CHARS + 1];

    socket->is_joining = true;
    bytes_copy(id, socket->id, sizeof id);
    const char *why = c->app->refuse(socket, auth);
    if (why == sio_later) return;
    if (why != NULL) {
        sio_socket_refuse(socket, why, 0);
        return;
    }
    sio_socket_accept(socket, id);
    c->app->joined(socket, auth);
}

static void take_connect(struct sio_client *c, const struct sio_packet *packet)
{
    struct sio_text auth = packet->json.length > 0 ? packet->json : (struct sio_text){"{}", 2};
    struct sio_socket *socket = free_socket(c);

    if (packet->nsp.length > SIO_NSP_CHARS_MAX) {
        break_off(c, "a namespace with too long a name");
    } else if (find_socket(c, packet->nsp) != NULL) {
        break_off(c, "a namespace joined twice");
    } else if (socket == NULL) {
        break_off(c, "too many namespaces");
    } else {
        name_socket(socket, c, packet->nsp);
        join(socket, auth);
    }
}

/* ---- packets that wait for attachments ---- */

static void drop_pending(struct sio_client *c)
{
    if (c->pending == NULL) return;
    free(c->pending->bytes);
    free(c->pending);
    c->pending = NULL;
}

/* Appends bytes with a header's room in front; RESULT_TOO_BIG or RESULT_FULL. */
static enum result append_pending(const struct sio_client *c, const uint8_t *bytes,
                                  size_t length_bytes, size_t *offset)
{
    struct sio_pending *p = c->pending;
    size_t needed = p->used_bytes + WS_HEADER_BYTES_MAX + length_bytes;

    if (needed > c->app->pending_bytes_max) return RESULT_TOO_BIG;
    if (needed > p->capacity_bytes) {
        size_t capacity =
            needed * 2 < c->app->pending_bytes_max ? needed * 2 : c->app->pending_bytes_max;
        uint8_t *grown = realloc(p->bytes, capacity);
        if (grown == NULL) return RESULT_FULL;
        p->bytes = grown;
        p->capacity_bytes = capacity;
    }
    *offset = p->used_bytes + WS_HEADER_BYTES_MAX;
    if (length_bytes > 0) bytes_copy(p->bytes + *offset, bytes, length_bytes);
    p->used_bytes = needed;
    return RESULT_OK;
}

static enum result keep_packet(struct sio_client *c, const char *text, size_t length_bytes,
                               unsigned count)
{
    size_t offset;

    c->pending = calloc(1, sizeof *c->pending);
    if (c->pending == NULL) return RESULT_FULL;
    c->pending->packet.attachment_count = count;
    c->pending->since_ms = eio_session_now_ms(c->eio);
    enum result r = append_pending(c, (const uint8_t *)text, length_bytes, &offset);
    if (r != RESULT_OK || c->app->pending_ms == 0) return r;
    eio_session_set_deadline(c->eio, eio_session_now_ms(c->eio) + c->app->pending_ms);
    return RESULT_OK;
}

/* ---- in ---- */

static void deliver(struct sio_socket *socket, const struct sio_packet *packet,
                    const struct sio_blob *blobs)
{
    const struct sio_app *app = socket->client->app;
    bool is_event = packet->type == SIO_EVENT || packet->type == SIO_BINARY_EVENT;
    struct sio_event event = {.name = packet->name,
                              .args = packet->args,
                              .has_ack_id = packet->has_ack_id,
                              .ack_id = packet->ack_id,
                              .blobs = blobs,
                              .blob_count = packet->attachment_count};

    if (packet->json.length == 0) return;
    if (is_event)
        app->event(socket, &event);
    else if (packet->has_ack_id)
        app->ack(socket, &event);
}

static void take_packet(struct sio_client *c, const struct sio_packet *packet, const char *text,
                        size_t length_bytes)
{
    struct sio_socket *socket = find_socket(c, packet->nsp);

    if (packet->type == SIO_CONNECT) {
        take_connect(c, packet);
    } else if (socket == NULL || !socket->is_joined) {
        break_off(c, "a packet for a namespace not joined");
    } else if (packet->type == SIO_DISCONNECT) {
        socket->is_joined = false;
        c->app->left(socket, EIO_END_CLIENT);
    } else if (packet->attachment_count == 0) {
        deliver(socket, packet, NULL);
    } else if (keep_packet(c, text, length_bytes, packet->attachment_count) != RESULT_OK) {
        break_off(c, "too large a binary packet");
    }
}

static enum result read_packet(const struct sio_client *c, struct sio_packet *packet,
                               const char *text, size_t length_bytes)
{
    const struct config *config = c->eio->layer->net->config;
    struct sio_limits limits = {.json = c->app->json, .attachments_max = c->app->attachments_max};
    if (limits.json.depth_max == 0) {
        limits.json = (struct json_limits){config->json_depth_max, config->json_tokens_max};
    }
    return sio_packet_read(packet, text, length_bytes, &limits);
}

/* The text has moved into the buffer: it is read again there. It passed once. */
static void deliver_pending(struct sio_client *c, struct sio_pending *p)
{
    struct sio_blob blobs[SIO_ATTACHMENTS_MAX];
    const char *text = (const char *)p->bytes + WS_HEADER_BYTES_MAX;
    size_t length_bytes = p->offsets[0] - 2 * WS_HEADER_BYTES_MAX;

    ASSERT(read_packet(c, &p->packet, text, length_bytes) == RESULT_OK);
    if (sio_packet_check_placeholders(p->packet.json, p->count) != RESULT_OK) {
        break_off(c, "a placeholder for no attachment");
        return;
    }
    for (unsigned i = 0; i < p->count; i++)
        blobs[i] = (struct sio_blob){p->bytes + p->offsets[i], p->lengths[i]};
    struct sio_socket *socket = find_socket(c, p->packet.nsp);
    if (socket != NULL && socket->is_joined) deliver(socket, &p->packet, blobs);
}

static void take_attachment(struct sio_client *c, const uint8_t *bytes, size_t length_bytes)
{
    struct sio_pending *p = c->pending;

    if (p == NULL) {
        break_off(c, "bytes that belong to no packet");
        return;
    }
    if (append_pending(c, bytes, length_bytes, &p->offsets[p->count]) != RESULT_OK) {
        break_off(c, "too large a binary packet");
        return;
    }
    p->lengths[p->count++] = length_bytes;
    if (p->count < p->packet.attachment_count) return;
    c->pending = NULL;
    if (c->app->pending_ms > 0) eio_session_set_deadline(c->eio, 0);
    deliver_pending(c, p);
    free(p->bytes);
    free(p);
}

static void on_message(struct eio_session *s, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    struct sio_client *c = client_of(s);
    struct sio_packet packet;

    if (!is_text) {
        take_attachment(c, bytes, length_bytes);
    } else if (c->pending != NULL) {
        break_off(c, "a packet amid another one's attachments");
    } else if (read_packet(c, &packet, (const char *)bytes, length_bytes) != RESULT_OK) {
        break_off(c, "a Socket.IO packet cannot be read");
    } else {
        take_packet(c, &packet, (const char *)bytes, length_bytes);
    }
}

/* ---- the session's life ---- */

static enum result on_open(struct eio_session *s)
{
    struct sio_client *c = pool_take(&s->layer->owners);
    if (c == NULL) return RESULT_FULL;

    bytes_zero(c, sizeof *c);
    c->eio = s;
    c->app = s->service->app;
    s->owner = c;
    s->app_due_ms = eio_session_now_ms(s) + s->layer->net->config->sio_connect_timeout_ms;
    return RESULT_OK;
}

static void on_writable(struct eio_session *s)
{
    struct sio_client *c = client_of(s);
    c->app->writable(c);
}

static void on_pong(struct eio_session *s, const uint8_t *payload, size_t length_bytes)
{
    struct sio_client *c = client_of(s);
    if (c->app->pong != NULL) c->app->pong(c, payload, length_bytes);
}

static void on_expired(struct eio_session *s)
{
    break_off(client_of(s), client_of(s)->has_joined ? "attachments took too long"
                                                     : "no namespace was joined in time");
}

static void on_drain(struct eio_session *s)
{
    struct sio_client *c = client_of(s);

    if (c->app->drain != NULL) c->app->drain(c);
    eio_session_close(s, WS_CLOSE_RESTART, "the server restarts");
}

static void on_closed(struct eio_session *s, enum eio_end why)
{
    struct sio_client *c = client_of(s);

    for (size_t i = 0; i < SIO_SOCKETS_MAX; i++) {
        if (!is_used(&c->sockets[i])) continue;
        c->sockets[i].is_joined = c->sockets[i].is_joining = false;
        c->app->left(&c->sockets[i], why);
    }
    drop_pending(c);
    eio_layer_retire_owner(s->layer, c);
    s->owner = NULL;
}

const struct eio_handler sio_client_handler = {.open = on_open,
                                               .message = on_message,
                                               .writable = on_writable,
                                               .pong = on_pong,
                                               .expired = on_expired,
                                               .drain = on_drain,
                                               .closed = on_closed};
