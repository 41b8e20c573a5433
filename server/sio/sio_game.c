#include "server/sio/sio_game.h"

#include <stdio.h>

#include "server/session/hub.h"
#include "server/session/session_in.h"
#include "server/session/session_out.h"
#include "server/sio/eio_layer.h"
#include "server/sio/sio_auth.h"
#include "server/sio/sio_client.h"
#include "server/worker.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/ws_close.h"

#define ROOM_PREFIX    "/room-"
#define NAME_CHARS_MAX 16 /* of a message's type */

#define ATTACHED_TEXT_BYTES 80 /* of an event that is one attachment */

/* The events of clients, which are the JSON flavour's messages by their type. */
static const char *const events_up[] = {"input", "hello", "chat", "view", "ping"};

/* The events that binary messages come as, by their type. */
static const char *const events_down[] = {
    [MESSAGE_WELCOME] = "welcome", [MESSAGE_MAP] = "map",   [MESSAGE_SNAPSHOT] = "update",
    [MESSAGE_LINES] = "lines",     [MESSAGE_PACE] = "pace", [MESSAGE_BYE] = "bye"};

static struct session *session_of(const struct sio_socket *socket)
{
    return socket->owner;
}

static struct worker *worker_of_client(const struct sio_client *client)
{
    return client->eio->layer->net->worker;
}

/* ---- out ---- */

/* Puts a text in front of what `*at` points to. */
static void put_before(uint8_t **at, size_t *length_bytes, const char *text, size_t length)
{
    *at -= length;
    *length_bytes += length;
    bytes_copy(*at, text, length);
}

static void put_behind(const uint8_t *at, size_t *length_bytes, const char *text, size_t length)
{
    bytes_copy((uint8_t *)(uintptr_t)at + *length_bytes, text, length);
    *length_bytes += length;
}

/* The message's own type: what stands behind {"type":". */
static struct sio_text type_of(const uint8_t *payload, size_t length_bytes)
{
    static const char start[] = "{\"type\":\"";
    struct sio_text type = {(const char *)payload + sizeof start - 1, 0};

    ASSERT(length_bytes > sizeof start && bytes_equal(payload, start, sizeof start - 1));
    while (type.chars[type.length] != '"')
        type.length++;
    ASSERT(type.length > 0 && type.length <= NAME_CHARS_MAX);
    return type;
}

/* An event that waits for its answer gets a pong or an error as that. */
static enum result send_answer(struct sio_socket *socket, uint8_t *payload, size_t length_bytes)
{
    struct sio_head head = {
        .type = SIO_ACK, .nsp = socket->nsp, .has_ack_id = true, .ack_id = socket->ack_id};

    socket->owes_ack = false;
    put_before(&payload, &length_bytes, "[", 1);
    put_behind(payload, &length_bytes, "]", 1);
    return sio_socket_send(socket, &head, payload, length_bytes, NULL);
}

/* ["name",message] or ["name",message,"offset"]; there is room on both sides. */
static enum result send_event(struct sio_socket *socket, struct sio_text name, uint8_t *payload,
                              size_t length_bytes, bool has_offset)
{
    char tail[LINK_TAIL_BYTES] = "]";
    struct sio_head head = {.type = SIO_EVENT, .nsp = socket->nsp};

    if (has_offset) (void)snprintf(tail, sizeof tail, ",\"%u\"]", socket->offset);
    put_before(&payload, &length_bytes, "\",", 2);
    put_before(&payload, &length_bytes, name.chars, name.length);
    put_before(&payload, &length_bytes, "[\"", 2);
    put_behind(payload, &length_bytes, tail, text_length(tail));
    return sio_socket_send(socket, &head, payload, length_bytes, NULL);
}

/* The message in an attachment; behind it an offset where it tells lines, or is the first. */
static enum result send_attachment(struct sio_socket *socket, uint8_t *payload, size_t length_bytes)
{
    uint8_t text[SIO_ROOM_BYTES + ATTACHED_TEXT_BYTES];
    char tail[LINK_TAIL_BYTES] = "";
    struct sio_blob blob = {payload, length_bytes};
    struct sio_head head = {.type = SIO_BINARY_EVENT, .nsp = socket->nsp, .attachment_count = 1};

    unsigned type = message_type(payload);
    ASSERT(length_bytes > 0 && type < sizeof events_down / sizeof events_down[0]);
    ASSERT(events_down[type] != NULL);
    uint32_t offset = socket->offset;
    bool has_lines = (type == MESSAGE_SNAPSHOT || type == MESSAGE_LINES) &&
                     session_tells_lines(session_of(socket), &offset);
    if (has_lines || type == MESSAGE_WELCOME) (void)snprintf(tail, sizeof tail, ",\"%u\"", offset);
    int length = snprintf((char *)text + SIO_ROOM_BYTES, ATTACHED_TEXT_BYTES,
                          "[\"%s\",{\"_placeholder\":true,\"num\":0}%s]", events_down[type], tail);
    enum result r = sio_socket_send(socket, &head, text + SIO_ROOM_BYTES, (size_t)length, &blob);
    if (r == RESULT_OK) socket->offset = offset;
    return r;
}

/* The welcome has the first offset, so that a client which then hears nothing can come back,
 * too. */
static enum result link_send(void *carrier, bool is_text, uint8_t *payload, size_t length_bytes)
{
    struct sio_socket *socket = carrier;

    if (!socket->is_joined) return RESULT_CLOSED;
    if (!is_text) return send_attachment(socket, payload, length_bytes);
    struct sio_text type = type_of(payload, length_bytes);
    bool is_answer = sio_text_is(type, "pong") || sio_text_is(type, "error");
    if (socket->owes_ack && is_answer) return send_answer(socket, payload, length_bytes);
    return send_event(socket, type, payload, length_bytes, sio_text_is(type, "welcome"));
}

/* Only with the last line of a message its tick is told whole. */
static enum result link_send_line(void *carrier, uint8_t *payload, size_t length_bytes,
                                  uint32_t tick, bool is_last)
{
    struct sio_socket *socket = carrier;

    if (is_last) socket->offset = tick;
    return send_event(socket, (struct sio_text){"event", 5}, payload, length_bytes, true);
}

static enum result link_ping(void *carrier, const uint8_t *payload, size_t length_bytes)
{
    const struct sio_socket *socket = carrier;
    return eio_session_ping(socket->client->eio, payload, length_bytes);
}

/* On polling nothing may leave before the client asks: that is as good as a full queue. Once it has,
 * each of its rooms may answer. */
static size_t link_queue_bytes(const void *carrier)
{
    const struct sio_socket *socket = carrier;
    const struct eio_session *eio = socket->client->eio;

    if (!eio_session_is_polling(eio)) return eio_session_queue_bytes(eio);
    return eio_session_is_writable(eio) ? 0 : eio_session_queue_bytes(eio) + 1;
}

static size_t link_unsent_bytes(const void *carrier)
{
    const struct sio_socket *socket = carrier;
    size_t queued = link_queue_bytes(carrier);
    size_t unsent = eio_session_unsent_bytes(socket->client->eio);

    return unsent > queued ? unsent : queued;
}

static const struct address *link_peer(const void *carrier)
{
    const struct sio_socket *socket = carrier;
    return &socket->client->eio->peer;
}

static bool link_is_indirect(const void *carrier)
{
    const struct sio_socket *socket = carrier;
    const struct eio_session *eio = socket->client->eio;
    return eio->is_forwarded || eio_session_is_polling(eio);
}

/* The public id follows from the seat's secret, so that who comes back has the same. */
static void write_id(const struct session *s, char id[EIO_SECRET_CHARS + 1])
{
    uint8_t secret[TOKEN_BYTES + 2], digest[DIGEST_SHA256_BYTES];

    bytes_copy(secret, s->token, TOKEN_BYTES);
    secret[TOKEN_BYTES] = (uint8_t)(s->seat >> 8);
    secret[TOKEN_BYTES + 1] = (uint8_t)s->seat;
    digest_sha256(secret, sizeof secret, digest);
    eio_id_write_secret(digest, id);
}

/* A client that comes back to its seat, and whose missed events are all still here, has recovered:
 * its pid stays, and it is told them. Any other gets a new one. */
static void link_joined(void *carrier, struct session *s, bool is_resumed)
{
    struct sio_socket *socket = carrier;
    bool has_recovered =
        is_resumed && socket->pid[0] != '\0' && socket->has_offset &&
        lines_find_after(&s->viewer.view->lines, socket->offset, &s->viewer.next_line);
    char id[EIO_SECRET_CHARS + 1];

    if (!has_recovered) {
        socket->pid[0] = '\0';
        if (s->seat != SEAT_NONE) sio_auth_write_pid(socket->pid, s->token, s->seat);
        socket->offset = session_joined_tick(s);
    }
    write_id(s, id);
    eio_session_join(socket->client->eio);
    sio_socket_accept(socket, id);
}

/* Who is told to come back loses its connection, and comes back by itself; who is not, leaves. */
static void link_close(void *carrier, unsigned code, const char *reason)
{
    struct sio_socket *socket = carrier;
    bool is_passing = code == WS_CLOSE_RESTART || code == WS_CLOSE_OVERLOAD;

    socket->owner = NULL;
    if (socket->is_joining)
        sio_socket_refuse(socket, code == WS_CLOSE_NO_ROOM ? "Invalid namespace" : reason, code);
    else if (is_passing)
        eio_session_close(socket->client->eio, code, reason);
    else
        sio_socket_leave(socket);
}

static const struct link game_link = {.send = link_send,
                                      .send_line = link_send_line,
                                      .ping = link_ping,
                                      .queue_bytes = link_queue_bytes,
                                      .unsent_bytes = link_unsent_bytes,
                                      .peer = link_peer,
                                      .is_indirect = link_is_indirect,
                                      .joined = link_joined,
                                      .close = link_close};

/* ---- coming ---- */

/* The room that a namespace stands for; "": the default one. NULL: none. */
static const char *room_of(const char *nsp)
{
    size_t length = text_length(ROOM_PREFIX);

    if (text_equal(nsp, "/")) return "";
    if (text_length(nsp) <= length || !bytes_equal(nsp, ROOM_PREFIX, length)) return NULL;
    return text_length(nsp) - length <= ROOM_NAME_BYTES_MAX ? nsp + length : NULL;
}

static void begin(struct sio_socket *socket, struct session *s, const struct sio_auth *auth)
{
    struct error error;

    socket->owner = s;
    bytes_copy(socket->pid, auth->pid, sizeof socket->pid);
    socket->has_offset = auth->has_offset;
    socket->offset = auth->offset;
    s->link = &game_link;
    s->carrier = socket;
    s->flavour = auth->is_binary ? &flavour_binary_events : &flavour_json_events;
    s->is_spectator = auth->is_spectator;
    s->keeps_token = auth->pid[0] != '\0';
    hub_choose_room(s->hub, s, room_of(socket->nsp));
    uint32_t generation = s->generation;
    session_start(s);
    if (s->generation == generation && s->carrier != NULL)
        (void)session_on_hello(s, &auth->hello, &error); /* the first word may always be hello */
}

static const char *game_refuse(struct sio_socket *socket, struct sio_text json)
{
    struct hub *hub = worker_of_client(socket->client)->sessions;
    struct sio_auth auth;

    if (room_of(socket->nsp) == NULL) return "Invalid namespace";
    const char *why = sio_auth_read(&auth, json);
    if (why != NULL) return why;
    struct session *s = hub_take_session(hub);
    if (s == NULL) return "the server is full";
    begin(socket, s, &auth);
    return sio_later;
}

static void game_joined(struct sio_socket *socket, struct sio_text auth)
{
    (void)socket, (void)auth;
}

static void game_left(struct sio_socket *socket, enum eio_end why)
{
    struct session *s = session_of(socket);

    socket->owner = NULL;
    if (s != NULL) session_closed(s, why == EIO_END_CLIENT ? WS_CLOSE_NORMAL : WS_CLOSE_ABNORMAL);
}

/* ---- in ---- */

static const char *known_event(struct sio_text name)
{
    for (size_t i = 0; i < sizeof events_up / sizeof events_up[0]; i++) {
        if (sio_name_is(name, events_up[i])) return events_up[i];
    }
    return NULL;
}

/* The argument as the JSON flavour's message: with its type in front, which wins over another. */
static void take_object(struct sio_socket *socket, const char *type, struct sio_text args)
{
    char text[MESSAGE_UP_BYTES_MAX + 32];
    struct session *s = session_of(socket);
    bool is_object = args.length >= 2 && args.chars[0] == '{';
    bool is_empty = is_object && args.length == 2;

    if (args.length > MESSAGE_UP_BYTES_MAX) {
        session_end(s, WS_CLOSE_TOO_BIG, "the message is too big", false);
        return;
    }
    int length = snprintf(text, sizeof text, "{\"type\":\"%s\"%s%.*s", type,
                          is_empty || !is_object ? "" : ",", is_object ? (int)args.length - 1 : 1,
                          is_object ? args.chars + 1 : "}");
    session_message(s, true, (uint8_t *)text, (size_t)length);
}

/* Whoever asks for an answer gets one, if only that it was heard. */
static void answer(struct sio_socket *socket)
{
    uint8_t bytes[SIO_ROOM_BYTES + 2];

    if (!socket->owes_ack || !socket->is_joined) return;
    struct sio_head head = {
        .type = SIO_ACK, .nsp = socket->nsp, .has_ack_id = true, .ack_id = socket->ack_id};
    socket->owes_ack = false;
    bytes_copy(bytes + SIO_ROOM_BYTES, "[]", 2);
    (void)sio_socket_send(socket, &head, bytes + SIO_ROOM_BYTES, 2, NULL); /* full: no answer */
}

static void game_event(struct sio_socket *socket, const struct sio_event *event)
{
    struct session *s = session_of(socket);
    const char *type = known_event(event->name);
    bool is_open = s != NULL && type != NULL;

    if (!is_open) return;
    socket->owes_ack = event->has_ack_id;
    socket->ack_id = event->ack_id;
    if (event->blob_count == 1)
        session_message(s, false, event->blobs[0].bytes, event->blobs[0].length_bytes);
    else
        take_object(socket, type, event->args);
    answer(socket);
}

static void game_ack(struct sio_socket *socket, const struct sio_event *ack)
{
    (void)socket, (void)ack;
}

/* Each time another one of its rooms comes first: where there is place for one's state only, it is
 * everyone's in turn. */
static void game_writable(struct sio_client *client)
{
    unsigned first = client->turn++;

    for (unsigned i = 0; i < SIO_SOCKETS_MAX; i++) {
        const struct sio_socket *socket = &client->sockets[(first + i) % SIO_SOCKETS_MAX];
        struct session *s = socket->is_joined ? session_of(socket) : NULL;
        if (s == NULL) continue;
        if (eio_session_is_polling(client->eio))
            session_polled(s);
        else
            session_writable(s);
    }
}

static void game_pong(struct sio_client *client, const uint8_t *payload, size_t length_bytes)
{
    for (size_t i = 0; i < SIO_SOCKETS_MAX; i++) {
        struct session *s = client->sockets[i].is_joined ? session_of(&client->sockets[i]) : NULL;
        if (s != NULL) session_pong(s, payload, length_bytes);
    }
}

static const struct sio_app game = {.attachments_max = 4,
                                    .pending_bytes_max = 65536,
                                    .pending_ms = 5000,
                                    .refuse = game_refuse,
                                    .joined = game_joined,
                                    .event = game_event,
                                    .ack = game_ack,
                                    .left = game_left,
                                    .writable = game_writable,
                                    .pong = game_pong};

const struct eio_service sio_game_service = {.handler = &sio_client_handler, .app = &game};
