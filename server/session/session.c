#include "server/session/session.h"

#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "server/session/hub.h"
#include "server/session/session_out.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/host/error.h"
#include "shared/ws_close.h"

/* Copies a text that fits, or as much of it as does; always ended by NUL. */
static void copy_text(char *to, size_t capacity_bytes, const char *from)
{
    size_t length = strnlen(from, capacity_bytes - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

enum result session_send(struct session *s, size_t length_bytes)
{
    return s->link->send(s->carrier, s->flavour->is_text, hub_payload(s->hub), length_bytes);
}

/* ---- coming ---- */

static void free_session(struct session *s)
{
    viewer_deinit(&s->viewer);
    watch_end(s);
    free(s->replay);
    hub_free_session(s->hub, s);
}

static void post_leave(struct session *s)
{
    struct room_command command = {.kind = ROOM_LEAVE,
                                   .room_index = room_index(s->room),
                                   .seat = s->seat,
                                   .seat_generation = s->seat_generation,
                                   .session = {.worker = (uint16_t)s->hub->worker->index,
                                               .index = s->index,
                                               .generation = s->generation},
                                   .leave = {.keep_seat = s->keeps_seat}};
    /* A full ring: the next tick tries again. */
    s->state = SESSION_LEAVING;
    if (room_post(s->room, s->hub->worker->index, &command) == RESULT_OK) free_session(s);
}

/* How the link was, for whoever asks why a player saw little; of good ones only to who debugs. */
static void log_end(const struct session *s)
{
    const uint32_t *gate = s->gate.transitions, *squeeze = s->squeeze.transitions;
    bool was_narrow = gate[GATE_STALLED] > 0 || squeeze[SQUEEZE_BYTES] > 0;
    if (s->squeeze.step != SQUEEZE_ALL) metrics_add(hub_metrics(s->hub), METRIC_SQUEEZES_ENDED, 1);
    log_event(s->hub->worker->net.log, was_narrow ? LOG_INFO : LOG_DEBUG, "session_ended",
              LOG_TEXT("room", room_settings(s->room)->name), LOG_INT("seat", s->seat),
              LOG_INT("code", s->close_code), LOG_INT("sent", s->sent_count),
              LOG_INT("held", s->held_count), LOG_INT("rtt_ms", gate_rtt_ms(&s->gate)),
              LOG_INT("holds", gate[GATE_HOLD]), LOG_INT("stalls", gate[GATE_STALLED]),
              LOG_INT("halved", squeeze[SQUEEZE_BYTES]),
              LOG_INT("to_10_hz", squeeze[SQUEEZE_10_HZ]),
              LOG_INT("to_5_hz", squeeze[SQUEEZE_5_HZ]));
}

/* The connection is gone or going: what is left is to tell the room. */
static void desert(struct session *s)
{
    s->carrier = NULL;
    switch ((enum session_state)s->state) {
    case SESSION_JOINING:
        s->state = SESSION_DESERTED;
        if (s->is_replay) free_session(s); /* nobody will answer */
        break;
    case SESSION_PLAYING:
        log_end(s);
        viewer_forget(&s->viewer);
        room_view_remove_member(s->viewer.view, s->index);
        metrics_add(hub_metrics(s->hub), METRIC_SESSIONS_LEFT, 1);
        watch_end(s);
        if (s->is_replay) {
            free_session(s);
        } else {
            post_leave(s);
        }
        break;
    case SESSION_ARRIVING:
        free_session(s);
        break;
    case SESSION_FREE:
    case SESSION_DESERTED:
    case SESSION_LEAVING:
        break;
    }
}

void session_end(struct session *s, unsigned code, const char *reason, bool keeps_seat)
{
    void *carrier = s->carrier;
    struct message_bye bye = {.code = (uint16_t)code};
    if (carrier == NULL) return;

    copy_text(bye.reason, sizeof bye.reason, reason);
    size_t length = s->flavour->write_bye(&bye, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    if (length > 0) (void)session_send(s, length); /* a full queue: the close frame says it too */
    s->keeps_seat = keeps_seat;
    s->close_code = (uint16_t)code;
    const struct link *link = s->link;
    desert(s);
    link->close(carrier, code, bye.reason);
}

static const char no_playback[] = "all playbacks are taken, try again later";
static const char no_share[] = "too many playbacks from your address, end one first";

static void open_recording(struct session *s)
{
    enum result r = watch_begin(s, s->replay);
    free(s->replay);
    s->replay = NULL;
    s->state = SESSION_JOINING;
    if (r == RESULT_OK) return;
    s->state = SESSION_ARRIVING;
    metrics_add(hub_metrics(s->hub), METRIC_SESSIONS_REFUSED, 1);
    session_end(s, WS_CLOSE_OVERLOAD, r == RESULT_TOO_BIG ? no_share : no_playback, false);
}

static struct room_guise guise_of(const struct message_hello *hello)
{
    struct room_guise guise = {.has_colour = hello->has_colour,
                               .colour = colour_known(hello->colour)};
    bytes_copy(guise.name, hello->name, sizeof guise.name);
    return guise;
}

void session_join(struct session *s)
{
    if (s->is_replay) {
        open_recording(s);
        return;
    }
    struct room_command command = {.kind = s->is_spectator ? ROOM_WATCH : ROOM_JOIN,
                                   .room_index = room_index(s->room),
                                   .seat = SEAT_NONE,
                                   .session = {.worker = (uint16_t)s->hub->worker->index,
                                               .index = s->index,
                                               .generation = s->generation}};
    if (s->keeps_token)
        bytes_copy(s->token, s->hello.token, sizeof s->token);
    else
        digest_random(s->token, sizeof s->token);
    digest_sha256(s->token, sizeof s->token, command.join.token_hash);
    command.join.has_resume = s->hello.has_token;
    command.join.resume_seat = s->hello.token_seat;
    command.join.input_mode = s->flavour->input_mode;
    command.join.guise = guise_of(&s->hello);
    if (s->hello.has_token) {
        digest_sha256(s->hello.token, sizeof s->hello.token, command.join.resume_hash);
    }
    if (room_post(s->room, s->hub->worker->index, &command) != RESULT_OK) {
        session_end(s, WS_CLOSE_OVERLOAD, "the server is overloaded, try again later", false);
        return;
    }
    s->state = SESSION_JOINING;
}

void session_start(struct session *s)
{
    s->state = SESSION_ARRIVING;
    s->arrived_ms = hub_now_ms(s->hub);
    s->seat = SEAT_NONE;
    s->chat_refill_ms = s->arrived_ms;
    s->chat_tokens_ms = SESSION_CHAT_BURST * SESSION_CHAT_EVERY_MS;
    if (s->refusal != NULL) {
        session_end(s, s->refusal->code, s->refusal->reason, false);
    } else if (s->is_replay && !s->flavour->needs_hello) {
        session_join(s); /* there is nothing to be said first */
    }
}

static bool knows_schema(const struct session *s, const struct message_hello *hello)
{
    for (unsigned i = 0; i < hello->schema_count; i++) {
        if (hello->schemas[i] == room_schema(s->room)->hash) return true;
    }
    return hello->schema_count == 0 && !s->flavour->needs_hello;
}

static void rename_player(struct session *s, const struct message_hello *hello)
{
    struct room_command command = {.kind = ROOM_RENAME,
                                   .room_index = room_index(s->room),
                                   .seat = s->seat,
                                   .seat_generation = s->seat_generation};
    command.guise = guise_of(hello);
    (void)room_post(s->room, s->hub->worker->index, &command); /* full: one stays as one was */
}

enum result session_on_hello(struct session *s, const struct message_hello *hello,
                             struct error *error)
{
    if (s->state == SESSION_PLAYING && !s->flavour->needs_hello) {
        if (hello->name[0] != '\0' || hello->has_colour) rename_player(s, hello);
        return RESULT_OK;
    }
    if (s->state != SESSION_ARRIVING) {
        return error_set(error, RESULT_INVALID, "hello was said already");
    }
    if (!s->is_replay && !knows_schema(s, hello)) {
        session_end(s, WS_CLOSE_SCHEMA, "this room's game differs from yours, reload", false);
        return RESULT_OK;
    }
    char name[sizeof s->hello.name];
    bytes_copy(name, s->hello.name, sizeof name);
    s->hello = *hello;
    if (hello->name[0] == '\0') bytes_copy(s->hello.name, name, sizeof name);
    session_join(s);
    return RESULT_OK;
}

static void send_welcome(struct session *s, bool is_resumed)
{
    const struct room_settings *settings = room_settings(s->room);
    struct room_stats stats;
    room_read_stats(s->room, &stats);
    struct message_welcome welcome = {.tick = stats.tick,
                                      .tick_hz = TICK_HZ,
                                      .seat = s->seat,
                                      .is_resumed = is_resumed,
                                      .schema_hash = room_schema(s->room)->hash};
    bytes_copy(welcome.token, s->token, sizeof welcome.token);
    copy_text(welcome.game, sizeof welcome.game, settings->game->name);
    copy_text(welcome.room, sizeof welcome.room, settings->name);
    copy_text(welcome.map, sizeof welcome.map, settings->map_name);
    size_t length = s->flavour->write_welcome(s, &welcome, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    (void)session_send(s, length); /* the first bytes on an empty queue */
    if (s->flavour->is_text) return;

    size_t map_bytes;
    const uint8_t *map = room_packed_map(s->room, &map_bytes);
    uint8_t *payload = hub_payload(s->hub);
    payload[0] = MESSAGE_MAP;
    bytes_copy(payload + 1, map, map_bytes);
    (void)session_send(s, 1 + map_bytes);
}

void session_set_view(struct session *s, uint16_t half_x, uint16_t half_y)
{
    const struct game *game = room_settings(s->room)->game;
    int32_t x = half_x > 0 && half_x < game->view_half_x ? half_x : game->view_half_x;
    int32_t y = half_y > 0 && half_y < game->view_half_y ? half_y : game->view_half_y;
    s->viewer.half_x = x * game->unit;
    s->viewer.half_y = y * game->unit;
}

static void begin_play(struct session *s, struct room_view *view, bool is_resumed)
{
    uint32_t capacity =
        s->hello.entities_max > 0 ? s->hello.entities_max : s->flavour->entities_max;
    if (capacity > VIEW_ENTITIES_MAX) capacity = VIEW_ENTITIES_MAX;
    s->state = SESSION_PLAYING;
    s->keeps_seat = true;
    s->live_view = view;
    room_view_recall(view); /* before the viewer starts: what was is not told to who is new */
    enum result made = viewer_init(&s->viewer, view, s->seat, capacity);
    gate_init(&s->gate, hub_now_ms(s->hub));
    squeeze_init(&s->squeeze, hub_now_ms(s->hub));
    room_view_add_member(view, s->index);
    if (made != RESULT_OK) {
        session_end(s, WS_CLOSE_OVERLOAD, "the server is out of memory", true);
        return;
    }
    session_set_view(s, s->hello.view_half_x, s->hello.view_half_y);
    s->echoed_ms = hub_now_ms(s->hub) - SESSION_ECHO_MS;
    s->link->joined(s->carrier, s, is_resumed);
    metrics_add(hub_metrics(s->hub), METRIC_SESSIONS_JOINED, 1);
    if (is_resumed) metrics_add(hub_metrics(s->hub), METRIC_SESSIONS_RESUMED, 1);
    send_welcome(s, is_resumed);
    session_update(s);
}

void session_reply(struct session *s, const struct room_reply *reply)
{
    bool is_awaited = s->state == SESSION_JOINING || s->state == SESSION_DESERTED;
    if (reply->kind == ROOM_TAKEN_OVER) {
        session_end(s, WS_CLOSE_KICKED, "you have joined from another connection", false);
        return;
    }
    if (!is_awaited) return;
    if (reply->kind == ROOM_REFUSED) {
        metrics_add(hub_metrics(s->hub), METRIC_SESSIONS_REFUSED, 1);
        if (s->state == SESSION_DESERTED) {
            free_session(s);
            return;
        }
        s->state = SESSION_ARRIVING;
        session_end(s, reply->close_code, reply->reason, false);
        return;
    }
    s->seat = reply->seat;
    s->seat_generation = reply->seat_generation;
    if (s->state == SESSION_DESERTED) {
        post_leave(s);
    } else {
        struct room_view *view = hub_view_for(s->hub, s);
        if (view == NULL) {
            session_end(s, WS_CLOSE_OVERLOAD, "the server is out of memory", true);
            post_leave(s);
            return;
        }
        begin_play(s, view, reply->is_resumed);
    }
}

/* ---- watching recordings ---- */

bool session_room_opened(struct session *s, struct room *room)
{
    if (!s->is_replay) return true; /* a spectator goes on looking at what there is */
    uint32_t generation = s->generation;
    s->room = room;
    if (!knows_schema(s, &s->hello)) {
        s->state = SESSION_ARRIVING;
        session_end(s, WS_CLOSE_SCHEMA, "this recording's game differs from yours, reload", false);
        return false;
    }
    begin_play(s, &s->watch->view, false);
    return s->generation == generation && s->carrier != NULL;
}

void session_look_at(struct session *s, struct room_view *view)
{
    if (s->viewer.view != view) {
        room_view_remove_member(s->viewer.view, s->index);
        room_view_add_member(view, s->index);
    }
    viewer_move(&s->viewer, view);
}

enum result session_send_playback(struct session *s, const struct message_playback *m)
{
    size_t length = s->flavour->write_playback(m, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    return session_send(s, length);
}

void session_go_live(struct session *s, bool is_running)
{
    struct message_playback live = {.is_live = true, .is_running = is_running};
    if (s->watch != NULL) {
        live.first_tick = s->watch->status.first_tick;
        live.last_tick = live.tick = s->watch->status.last_tick;
        session_look_at(s, s->live_view);
        watch_end(s);
        gate_forget(&s->gate, hub_now_ms(s->hub));
    }
    (void)session_send_playback(s, &live); /* a full queue: it sees where it is */
    session_update(s);
}

void session_watch_failed(struct session *s, const struct message_bye *why)
{
    if (!s->is_replay) {
        session_go_live(s, false);
        return;
    }
    if (s->state == SESSION_JOINING) {
        s->state = SESSION_ARRIVING;
        metrics_add(hub_metrics(s->hub), METRIC_SESSIONS_REFUSED, 1);
    }
    session_end(s, why->code, why->reason, false);
}

const struct field_table *session_table(const struct session *s)
{
    static const struct field_table nothing = {.game = ""};
    return s->room != NULL ? room_schema(s->room)->table : &nothing;
}

void session_closed(struct session *s, unsigned code)
{
    /* 1000 is a goodbye; a page that is reloaded or lost its network says something else. */
    s->keeps_seat = code != WS_CLOSE_NORMAL;
    s->close_code = (uint16_t)code;
    desert(s);
}

/* ---- deadlines ---- */

void session_tick(struct session *s)
{
    uint32_t waited_ms = hub_now_ms(s->hub) - s->arrived_ms;
    if (s->state == SESSION_LEAVING) {
        post_leave(s);
    } else if (s->state == SESSION_ARRIVING && !s->flavour->needs_hello) {
        if (waited_ms >= SESSION_START_MS) session_join(s);
    } else if (s->state == SESSION_ARRIVING && waited_ms >= SESSION_HELLO_MS) {
        session_end(s, WS_CLOSE_POLICY, "no hello within 5 s", false);
    } else if (s->state == SESSION_PLAYING && s->watch != NULL) {
        watch_send_owed(s);
        session_update(s); /* no next frame may come that would do it */
    }
}
