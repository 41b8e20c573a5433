#include "server/session/session.h"

#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "server/session/hub.h"
#include "server/session/ration.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/digest.h"
#include "shared/tick.h"
#include "shared/ws_close.h"

#define PING_MARK  'T' /* a PING of the gate: this, then the tick, 4 bytes, lowest first */
#define PING_BYTES 5
#define MINUTE_MS  60000

#define NAMES_SQUEEZED 2 /* in a message of a session that is to be sent less */

static uint32_t now_ms(const struct session *s)
{
    return hub_now_ms(s->hub);
}

static struct metrics *metrics(const struct session *s)
{
    return &s->hub->worker->metrics;
}

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

static enum result refuse(struct error *error, const char *sentence)
{
    error->code = RESULT_INVALID;
    copy_text(error->message, sizeof error->message, sentence);
    return RESULT_INVALID;
}

/* ---- coming ---- */

static void free_session(struct session *s)
{
    viewer_deinit(&s->viewer);
    watch_end(s);
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
    if (s->squeeze.step != SQUEEZE_ALL) metrics_add(metrics(s), METRIC_SQUEEZES_ENDED, 1);
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
        metrics_add(metrics(s), METRIC_SESSIONS_LEFT, 1);
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
    enum result r = watch_begin(s, &s->replay);
    s->state = SESSION_JOINING;
    if (r == RESULT_OK) return;
    s->state = SESSION_ARRIVING;
    metrics_add(metrics(s), METRIC_SESSIONS_REFUSED, 1);
    session_end(s, WS_CLOSE_OVERLOAD, r == RESULT_TOO_BIG ? no_share : no_playback, false);
}

static struct room_guise guise_of(const struct message_hello *hello)
{
    struct room_guise guise = {.has_colour = hello->has_colour,
                               .colour = colour_known(hello->colour)};
    bytes_copy(guise.name, hello->name, sizeof guise.name);
    return guise;
}

static void join_room(struct session *s)
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
    s->arrived_ms = now_ms(s);
    s->seat = SEAT_NONE;
    s->chat_refill_ms = s->arrived_ms;
    s->chat_tokens_ms = SESSION_CHAT_BURST * SESSION_CHAT_EVERY_MS;
    if (s->refusal != NULL) {
        session_end(s, s->refusal->code, s->refusal->reason, false);
    } else if (s->is_replay && !s->flavour->needs_hello) {
        join_room(s); /* there is nothing to be said first */
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
        return refuse(error, "hello was said already");
    }
    if (!s->is_replay && !knows_schema(s, hello)) {
        session_end(s, WS_CLOSE_SCHEMA, "this room's game differs from yours, reload", false);
        return RESULT_OK;
    }
    char name[sizeof s->hello.name];
    bytes_copy(name, s->hello.name, sizeof name);
    s->hello = *hello;
    if (hello->name[0] == '\0') bytes_copy(s->hello.name, name, sizeof name);
    join_room(s);
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

static void clamp_view(struct session *s, uint16_t half_x, uint16_t half_y)
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
    gate_init(&s->gate, now_ms(s));
    squeeze_init(&s->squeeze, now_ms(s));
    room_view_add_member(view, s->index);
    if (made != RESULT_OK) {
        session_end(s, WS_CLOSE_OVERLOAD, "the server is out of memory", true);
        return;
    }
    clamp_view(s, s->hello.view_half_x, s->hello.view_half_y);
    s->echoed_ms = now_ms(s) - SESSION_ECHO_MS;
    s->link->joined(s->carrier, s, is_resumed);
    metrics_add(metrics(s), METRIC_SESSIONS_JOINED, 1);
    if (is_resumed) metrics_add(metrics(s), METRIC_SESSIONS_RESUMED, 1);
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
        metrics_add(metrics(s), METRIC_SESSIONS_REFUSED, 1);
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

/* Back from the past; `is_running` says whether there is one to go back to. */
static void go_live(struct session *s, bool is_running)
{
    struct message_playback live = {.is_live = true, .is_running = is_running};
    if (s->watch != NULL) {
        live.first_tick = s->watch->status.first_tick;
        live.last_tick = live.tick = s->watch->status.last_tick;
        session_look_at(s, s->live_view);
        watch_end(s);
        gate_forget(&s->gate, now_ms(s));
    }
    (void)session_send_playback(s, &live); /* a full queue: it sees where it is */
    session_update(s);
}

void session_watch_failed(struct session *s, const struct message_bye *why)
{
    if (!s->is_replay) {
        go_live(s, false);
        return;
    }
    if (s->state == SESSION_JOINING) {
        s->state = SESSION_ARRIVING;
        metrics_add(metrics(s), METRIC_SESSIONS_REFUSED, 1);
    }
    session_end(s, why->code, why->reason, false);
}

const struct field_table *session_table(const struct session *s)
{
    static const struct field_table nothing = {.game = ""};
    return s->room != NULL ? room_schema(s->room)->table : &nothing;
}

/* ---- what comes in ---- */

static bool has_unsent_frame(const struct session *s)
{
    const struct frame *newest = s->viewer.view->newest;
    if (newest == NULL) return false;
    return !s->viewer.has_base || tick_is_newer(newest->tick, s->viewer.base_tick);
}

/* An answer came: if the gate was shut and opens by it, the newest frame leaves at once. */
static void gate_moved(struct session *s)
{
    if (s->gate.state != GATE_OPEN && has_unsent_frame(s)) session_update(s);
}

static bool post_usercmd(struct session *s, const struct usercmd *cmd)
{
    struct room_usercmd posted = {
        .seat = s->seat, .seat_generation = s->seat_generation, .usercmd = *cmd};
    return room_post_usercmd(s->room, s->hub->worker->index, &posted) == RESULT_OK;
}

/* Said before the welcome: there is nothing yet that it could be about. A client that must say
 * hello and has not is wrong. */
static enum result is_early(const struct session *s, struct error *error)
{
    if (s->state == SESSION_ARRIVING && s->flavour->needs_hello) {
        return refuse(error, "hello comes first");
    }
    return RESULT_OK;
}

enum result session_on_input(struct session *s, const struct message_input *input,
                             struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    bool is_ahead =
        input->has_ack && s->viewer.has_base && tick_is_newer(input->ack_tick, s->viewer.base_tick);
    if (is_ahead && !s->is_spectator) return refuse(error, "ack of a tick that was never sent");
    s->has_stamp = !s->flavour->is_text;
    s->stamp_ms = input->stamp_ms;
    s->stamp_came_ms = now_ms(s);
    for (unsigned i = 0; i < input->count && s->seat != SEAT_NONE; i++) {
        bool posted = post_usercmd(s, &input->cmds[i]);
        metrics_add(metrics(s), posted ? METRIC_USERCMDS : METRIC_USERCMDS_DROPPED, 1);
    }
    /* Of a spectator it may be about what was shown before a seek. */
    if (input->has_ack && !is_ahead) {
        gate_acked(&s->gate, input->ack_tick, now_ms(s));
        gate_moved(s);
    }
    return RESULT_OK;
}

/* One line a second on average, five at once. */
static bool may_chat(struct session *s)
{
    uint32_t full_ms = SESSION_CHAT_BURST * SESSION_CHAT_EVERY_MS;
    uint32_t tokens_ms = s->chat_tokens_ms + (now_ms(s) - s->chat_refill_ms);
    s->chat_refill_ms = now_ms(s);
    s->chat_tokens_ms = tokens_ms < full_ms ? tokens_ms : full_ms;
    if (s->chat_tokens_ms < SESSION_CHAT_EVERY_MS) return false;
    s->chat_tokens_ms -= SESSION_CHAT_EVERY_MS;
    return true;
}

enum result session_on_chat(struct session *s, const struct message_chat *chat, struct error *error)
{
    size_t length = strlen(chat->text);
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->seat == SEAT_NONE) return refuse(error, "only players may chat");
    if (!text_is_showable(chat->text, length)) {
        return refuse(error, "chat is 1 to 120 bytes of visible text");
    }
    if (!may_chat(s)) return RESULT_OK; /* what is too much is not told to the others */
    struct room_command command = {.kind = ROOM_CHAT,
                                   .room_index = room_index(s->room),
                                   .seat = s->seat,
                                   .seat_generation = s->seat_generation};
    command.chat.length_bytes = (uint8_t)length;
    bytes_copy(command.chat.text, chat->text, length);
    (void)room_post(s->room, s->hub->worker->index, &command); /* full: not said */
    return RESULT_OK;
}

enum result session_on_view(struct session *s, const struct message_view *view, struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (view->is_hidden && !s->is_hidden) {
        viewer_forget(&s->viewer);
        gate_forget(&s->gate, now_ms(s)); /* a throttled page may not even ack what it had */
    } else if (!view->is_hidden && s->is_hidden) {
        gate_forget(&s->gate, now_ms(s)); /* nothing was due meanwhile: that was no stall */
    }
    s->is_hidden = view->is_hidden;
    if (view->view_half_x > 0) clamp_view(s, view->view_half_x, view->view_half_y);
    if (!s->is_hidden) gate_moved(s);
    return RESULT_OK;
}

static enum result begin_past(struct session *s, const struct message_control *control)
{
    struct playback_request request = {.tick = s->viewer.base_tick};
    if (s->hub->worker->server->playbacks == NULL || !s->viewer.has_base) {
        go_live(s, false);
        return RESULT_OK;
    }
    copy_text(request.room, sizeof request.room, room_settings(s->room)->name);
    if (watch_begin(s, &request) != RESULT_OK) {
        go_live(s, false);
        return RESULT_OK;
    }
    watch_control(s, control);
    return RESULT_OK;
}

enum result session_on_control(struct session *s, const struct message_control *control,
                               struct error *error)
{
    if (s->is_replay && s->state == SESSION_JOINING) {
        watch_control(s, control);
        return RESULT_OK;
    }
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->seat != SEAT_NONE) return refuse(error, "time is not a player's to turn");
    bool wants_live = control->kind == CONTROL_LIVE;
    if (s->is_replay && wants_live) return refuse(error, "a recording is not live");
    if (wants_live) {
        go_live(s, s->hub->worker->server->playbacks != NULL);
    } else if (s->watch != NULL) {
        watch_control(s, control);
    } else if (control->kind != CONTROL_PLAY) {
        return begin_past(s, control);
    }
    return RESULT_OK;
}

enum result session_on_camera(struct session *s, const struct message_camera *camera,
                              struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->seat != SEAT_NONE) return refuse(error, "only who watches has a camera");
    camera_set(&s->viewer.camera, camera, room_settings(s->room));
    const struct watch *w = s->watch;
    bool stands_still = w != NULL && w->is_shown && (w->status.is_paused || w->status.is_at_end);
    if (!stands_still) return RESULT_OK; /* the next frame shows it */
    viewer_forget(&s->viewer);
    session_update(s);
    return RESULT_OK;
}

/* One each 5 s; a client that keeps losing its way is better off starting anew. */
enum result session_on_resync(struct session *s, struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->resync_count == 0 || now_ms(s) - s->resync_ms >= MINUTE_MS) {
        s->resync_ms = now_ms(s);
        s->resync_count = 0;
    }
    bool is_due = s->resync_count == 0 || now_ms(s) - s->resynced_ms >= SESSION_RESYNC_MS;
    if (!is_due) return RESULT_OK; /* the one granted is still under way */
    if (++s->resync_count >= SESSION_RESYNCS_MAX) {
        session_end(s, WS_CLOSE_INTERNAL, "your client and the server disagree, reload", true);
        return RESULT_OK;
    }
    s->resynced_ms = now_ms(s);
    viewer_forget(&s->viewer);
    return RESULT_OK;
}

static void breach(struct session *s, const char *reason)
{
    metrics_add(metrics(s), METRIC_INPUTS_REFUSED, 1);
    if (++s->breach_count >= s->flavour->breaches_max) {
        session_end(s, WS_CLOSE_POLICY, reason, false);
        return;
    }
    size_t length = s->flavour->write_error(reason, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    if (length > 0) (void)session_send(s, length); /* a full queue: it will find out */
}

void session_message(struct session *s, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    struct error error = {.message = "malformed message"};
    if (is_text != s->flavour->is_text) {
        session_end(s, WS_CLOSE_UNSUPPORTED,
                    is_text ? "tickwire.v1 is binary" : "this flavour is JSON text", false);
        return;
    }
    uint32_t generation = s->generation;
    enum result r = s->flavour->read(s, bytes, length_bytes, &error);
    bool is_over = s->generation != generation || s->carrier == NULL;
    if (is_over) return;
    if (r != RESULT_OK) breach(s, error.message);
    if (s->carrier != NULL && s->state == SESSION_ARRIVING && !s->flavour->needs_hello)
        join_room(s);
}

void session_pong(struct session *s, const uint8_t *payload, size_t length_bytes)
{
    if (s->state != SESSION_PLAYING || length_bytes != PING_BYTES || payload[0] != PING_MARK)
        return;
    uint32_t tick = 0;
    for (unsigned i = 0; i < 4; i++)
        tick |= (uint32_t)payload[1 + i] << (8 * i);
    if (s->viewer.has_base && tick_is_newer(tick, s->viewer.base_tick)) return;
    gate_answered(&s->gate, tick, now_ms(s));
    gate_moved(s);
}

void session_writable(struct session *s)
{
    if (s->state == SESSION_PLAYING) gate_moved(s);
}

void session_polled(struct session *s)
{
    if (s->state != SESSION_PLAYING) return;
    if (s->viewer.has_base) gate_answered(&s->gate, s->viewer.base_tick, now_ms(s));
    gate_moved(s);
}

void session_closed(struct session *s, unsigned code)
{
    /* 1000 is a goodbye; a page that is reloaded or lost its network says something else. */
    s->keeps_seat = code != WS_CLOSE_NORMAL;
    s->close_code = (uint16_t)code;
    desert(s);
}

/* ---- what goes out ---- */

/* Asks the gate; the kernel's count is fetched only when it could change the answer. */
static enum gate_state ask_gate(struct session *s)
{
    uint32_t queue_bytes = (uint32_t)s->link->queue_bytes(s->carrier);
    uint32_t unsent_bytes = queue_bytes;
    gate_note_lag(&s->gate, s->viewer.view->lag_ms);
    bool is_late = gate_age_ms(&s->gate, now_ms(s)) > gate_limit_ms(&s->gate);
    if (is_late || s->gate.count == GATE_FLIGHTS_MAX) {
        unsent_bytes = (uint32_t)s->link->unsent_bytes(s->carrier);
        if (unsent_bytes == 0 && !s->link->is_indirect(s->carrier))
            gate_drained(&s->gate, now_ms(s));
    }
    metrics_observe_us(metrics(s), HISTOGRAM_ACK_AGE,
                       (uint64_t)gate_age_ms(&s->gate, now_ms(s)) * 1000);
    static const enum metric entered[GATE_STATE_COUNT] = {[GATE_OPEN] = METRIC_GATE_TO_OPEN,
                                                          [GATE_HOLD] = METRIC_GATE_TO_HOLD,
                                                          [GATE_STALLED] = METRIC_GATE_TO_STALLED,
                                                          [GATE_CLOSING] = METRIC_GATE_TO_CLOSING};
    uint8_t former = s->gate.state;
    enum gate_state state = gate_step(&s->gate, now_ms(s), queue_bytes, unsent_bytes);
    if (state != former) metrics_add(metrics(s), entered[state], 1);
    return state;
}

/* Counts whether the newest tick could leave; squeezes, or lets go. */
static void note_tick(struct session *s, bool is_held)
{
    static const enum metric entered[SQUEEZE_STEP_COUNT] = {
        [SQUEEZE_ALL] = METRIC_SQUEEZE_TO_ALL,
        [SQUEEZE_BYTES] = METRIC_SQUEEZE_TO_BYTES,
        [SQUEEZE_10_HZ] = METRIC_SQUEEZE_TO_10_HZ,
        [SQUEEZE_5_HZ] = METRIC_SQUEEZE_TO_5_HZ};
    struct squeeze *q = &s->squeeze;
    uint8_t former = q->step;
    uint32_t tick = s->viewer.view->newest->tick;
    if (squeeze_has_noted(q, tick) || !squeeze_is_due(q, tick)) return;
    room_view_note_hold(s->viewer.view, is_held);
    bool is_narrow = is_held && !room_view_is_busy(s->viewer.view);
    if (!squeeze_note_tick(q, tick, is_narrow, &s->flavour->update_bytes, now_ms(s))) return;
    gate_relearn(&s->gate);
    s->viewer.names_max = q->step == SQUEEZE_ALL ? SNAPSHOT_NAMES_MAX : NAMES_SQUEEZED;
    metrics_add(metrics(s), entered[q->step], 1);
    if (former == SQUEEZE_ALL) metrics_add(metrics(s), METRIC_SQUEEZES_BEGUN, 1);
    if (q->step == SQUEEZE_ALL) metrics_add(metrics(s), METRIC_SQUEEZES_ENDED, 1);
}

/* One that was held is due as soon as it may leave. */
static bool is_due(const struct session *s)
{
    return s->watch != NULL || s->gate.state != GATE_OPEN || !s->viewer.has_base ||
           squeeze_is_due(&s->squeeze, s->viewer.view->newest->tick);
}

static bool fill_echo(struct session *s, const struct frame *now, struct snapshot_echo *echo)
{
    if (!s->has_stamp || now_ms(s) - s->echoed_ms < SESSION_ECHO_MS) return false;
    uint64_t now_us = s->hub->worker->net.now_us;
    uint64_t due_us = room_view_due_us(s->viewer.view, now);
    *echo = (struct snapshot_echo){
        .stamp_ms = s->stamp_ms,
        .hold_ms = now_ms(s) - s->stamp_came_ms,
        .late_100us = now_us > due_us ? (uint32_t)((now_us - due_us) / 100) : 0,
        .cadence = (uint8_t)squeeze_cadence(&s->squeeze),
        .queued = s->seat < now->seat_count ? now->seats[s->seat].queued : 0};
    s->echoed_ms = now_ms(s);
    return true;
}

static void follow_with_ping(struct session *s)
{
    if (!gate_wants_ping(&s->gate, now_ms(s))) return;
    uint32_t tick = s->viewer.base_tick;
    const uint8_t payload[PING_BYTES] = {PING_MARK, (uint8_t)tick, (uint8_t)(tick >> 8),
                                         (uint8_t)(tick >> 16), (uint8_t)(tick >> 24)};
    if (s->link->ping(s->carrier, payload, sizeof payload) == RESULT_OK)
        gate_pinged(&s->gate, now_ms(s));
}

/* Says how much comes from now on, if that has changed. */
static void tell_pace(struct session *s)
{
    const struct squeeze *q = &s->squeeze;
    if (s->told_step == q->step) return;
    struct message_pace pace = {.cadence = (uint8_t)squeeze_cadence(q),
                                .update_bytes =
                                    (uint16_t)squeeze_budget_bytes(q, &s->flavour->update_bytes)};
    size_t length = s->flavour->write_pace(&pace, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    if (session_send(s, length) == RESULT_OK) s->told_step = q->step;
}

/* The snapshot of the plan is that long: if it may not be, makes the plan a partial one. */
static bool leave_out(struct session *s, size_t length_bytes)
{
    struct viewer_plan *plan = &s->hub->plan;
    uint32_t budget_bytes = squeeze_budget_bytes(&s->squeeze, &s->flavour->update_bytes);
    if (plan->base == NULL || length_bytes <= budget_bytes) return false;
    s->flavour->measure_updates(&s->viewer, plan);
    if (!ration_choose(&s->viewer, plan, (uint32_t)length_bytes, budget_bytes)) return false;
    metrics_add(metrics(s), METRIC_UPDATES_PARTIAL, 1);
    return true;
}

uint32_t session_joined_tick(const struct session *s)
{
    const struct lines *lines = &s->viewer.view->lines;
    struct room_stats stats;
    if (lines->has_first) return lines->last_tick;
    room_read_stats(s->room, &stats);
    return stats.tick;
}

static bool tells_all_lines(const struct session *s)
{
    return s->hub->plan.next_line == s->viewer.view->lines.end;
}

bool session_tells_lines(const struct session *s, uint32_t *tick)
{
    const struct viewer_plan *plan = &s->hub->plan;
    if (plan->line_count == 0) return false;
    if (tells_all_lines(s)) *tick = plan->now->tick;
    return true;
}

/* Where lines are messages of their own: all of the plan's, or the session's end. */
static void send_each_line(struct session *s)
{
    struct viewer_plan *plan = &s->hub->plan;
    enum result r = RESULT_OK;

    for (uint32_t i = 0; i < plan->line_count && r == RESULT_OK; i++) {
        size_t length =
            s->flavour->write_line(&s->viewer, plan, i, hub_payload(s->hub), HUB_MESSAGE_BYTES);
        ASSERT(length > 0);
        r = s->link->send_line(s->carrier, hub_payload(s->hub), length, plan->now->tick,
                               i + 1 == plan->line_count && tells_all_lines(s));
    }
    if (r != RESULT_OK)
        session_end(s, WS_CLOSE_OVERLOAD, "your link is too slow for what happened", true);
}

static void send_snapshot(struct session *s)
{
    struct viewer_plan *plan = &s->hub->plan;
    struct snapshot_echo echo;
    tell_pace(s);
    if (s->carrier == NULL) return;
    viewer_plan(&s->viewer, plan);
    if (plan->has_lost_lines) {
        session_end(s, WS_CLOSE_OVERLOAD, "your link is too slow for what happened", true);
        return;
    }
    bool has_echo = fill_echo(s, plan->now, &echo);
    size_t length = s->flavour->write_snapshot(&s->viewer, plan, has_echo ? &echo : NULL,
                                               hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    if (leave_out(s, length)) {
        length = s->flavour->write_snapshot(&s->viewer, plan, has_echo ? &echo : NULL,
                                            hub_payload(s->hub), HUB_MESSAGE_BYTES);
    } else if (plan->base != NULL) {
        squeeze_note_bytes(&s->squeeze, (uint32_t)length, plan->header.age_ticks);
    }
    enum result r = session_send(s, length);
    if (r != RESULT_OK || s->carrier == NULL)
        return; /* nothing was sent: the next delta spans the gap */
    if (s->flavour->write_line != NULL) send_each_line(s);
    if (s->carrier == NULL) return;
    viewer_commit(&s->viewer, plan);
    gate_sent(&s->gate, plan->now->tick, now_ms(s));
    if (plan->base == NULL) gate_drain(&s->gate);
    s->sent_count++;
    metrics_add(metrics(s), METRIC_UPDATES_SENT, 1);
    if (plan->base == NULL) metrics_add(metrics(s), METRIC_UPDATES_FULL, 1);
}

static void send_lines(struct session *s)
{
    struct viewer_plan *plan = &s->hub->plan;
    viewer_plan_lines(&s->viewer, plan);
    if (plan->line_count == 0 || s->link->queue_bytes(s->carrier) > 0) return;
    size_t length =
        s->flavour->write_lines(&s->viewer, plan, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    if (session_send(s, length) != RESULT_OK) return;
    if (s->flavour->write_line != NULL) send_each_line(s);
    if (s->carrier != NULL) viewer_commit_lines(&s->viewer, plan);
}

void session_update(struct session *s)
{
    static const enum metric held[GATE_STATE_COUNT] = {[GATE_OPEN] = METRIC_GATE_OPEN,
                                                       [GATE_HOLD] = METRIC_GATE_HOLD,
                                                       [GATE_STALLED] = METRIC_GATE_STALLED,
                                                       [GATE_CLOSING] = METRIC_GATE_CLOSING};
    if (s->state != SESSION_PLAYING || s->carrier == NULL || !has_unsent_frame(s)) return;
    if (s->is_hidden) {
        send_lines(s);
        return;
    }
    if (!is_due(s)) return;
    enum gate_state state = ask_gate(s);
    metrics_add(metrics(s), held[state], 1);
    /* The ticks of a recording tell no rate. */
    if (gate_tells_width(&s->gate) && s->watch == NULL) note_tick(s, state != GATE_OPEN);
    switch (state) {
    case GATE_OPEN:
        send_snapshot(s);
        break;
    case GATE_STALLED:
        viewer_forget(&s->viewer); /* whatever comes next is a full one */
        break;
    case GATE_CLOSING:
        session_end(s, WS_CLOSE_OVERLOAD, "your link made no progress for 10 s", true);
        return;
    case GATE_HOLD:
    case GATE_STATE_COUNT:
        break;
    }
    if (state != GATE_OPEN) {
        s->held_count++;
        metrics_add(metrics(s), METRIC_UPDATES_HELD, 1);
    }
    if (s->carrier != NULL && s->state == SESSION_PLAYING) follow_with_ping(s);
}

void session_tick(struct session *s)
{
    uint32_t waited_ms = now_ms(s) - s->arrived_ms;
    if (s->state == SESSION_LEAVING) {
        post_leave(s);
    } else if (s->state == SESSION_ARRIVING && !s->flavour->needs_hello) {
        if (waited_ms >= SESSION_START_MS) join_room(s);
    } else if (s->state == SESSION_ARRIVING && waited_ms >= SESSION_HELLO_MS) {
        session_end(s, WS_CLOSE_POLICY, "no hello within 5 s", false);
    } else if (s->state == SESSION_PLAYING && s->watch != NULL) {
        watch_send_owed(s);
        session_update(s); /* no next frame may come that would do it */
    }
}
