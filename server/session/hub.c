#include "server/session/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "server/session/late.h"
#include "server/session/session_in.h"
#include "server/session/session_out.h"
#include "shared/check.h"
#include "shared/ws_close.h"

#define LATE_US       40000 /* frames that come so long after their due time are late */
#define FETCHED_AHEAD 4     /* turns of other sessions: memory takes about as long as one or two */
#define VIEW_SESSIONS 8     /* that a view has places for at first */

static struct hub *hub_of(const struct worker *worker)
{
    return worker->sessions;
}

/* ---- start and stop ---- */

static enum result make_views(struct hub *hub)
{
    uint32_t slots = rooms_slot_capacity(hub->rooms);
    if (hub->watcher_capacity > 0) slots = SLOTS_MAX; /* whatever was recorded */
    size_t rooms = rooms_capacity(hub->rooms);
    hub->views = calloc(rooms, sizeof *hub->views);
    hub->open = calloc(rooms, sizeof *hub->open);
    hub->interest_memory = calloc(1, interest_scratch_bytes(slots));
    if (hub->views == NULL || hub->open == NULL || hub->interest_memory == NULL) return RESULT_IO;
    interest_scratch_init(&hub->plan.interest, hub->interest_memory, slots);
    return RESULT_OK;
}

static void hub_stop(struct worker *worker)
{
    struct hub *hub = hub_of(worker);
    if (hub == NULL) return;
    while (hub->live_count > 0) {
        struct session *s = &hub->sessions[hub->live[hub->live_count - 1]];
        viewer_deinit(&s->viewer);
        watch_end(s);
        hub_free_session(hub, s);
    }
    pool_deinit(&hub->mosaics);
    free(hub->interest_memory);
    free(hub->open);
    free(hub->views);
    free(hub->watchers);
    free(hub->live);
    free(hub->free_list);
    free(hub->sessions);
    free(hub);
    worker->sessions = NULL;
}

static enum result hub_start(struct worker *worker, struct error *error)
{
    struct hub *hub = calloc(1, sizeof *hub);
    worker->sessions = hub;
    if (hub == NULL) goto fail;
    hub->worker = worker;
    hub->rooms = worker->server->rooms;
    hub->capacity = worker->net.config->connections_max;
    hub->sessions = calloc(hub->capacity, sizeof *hub->sessions);
    hub->free_list = calloc(hub->capacity, sizeof *hub->free_list);
    hub->live = calloc(hub->capacity, sizeof *hub->live);
    if (worker->server->playbacks != NULL)
        hub->watcher_capacity = worker->net.config->playbacks_max;
    hub->watchers = calloc(hub->watcher_capacity + 1, sizeof *hub->watchers);
    if (hub->sessions == NULL || hub->free_list == NULL || hub->live == NULL ||
        hub->watchers == NULL)
        goto fail;
    for (uint32_t i = 0; i < hub->capacity; i++) {
        hub->free_list[i] = hub->capacity - 1 - i;
    }
    hub->free_count = hub->capacity;
    if (make_views(hub) != RESULT_OK) goto fail;
    if (pool_init(&hub->mosaics, sizeof(struct mosaic), MOSAICS_MAX, error) != RESULT_OK) goto fail;
    return RESULT_OK;
fail:
    hub_stop(worker);
    *error = (struct error){.code = RESULT_IO};
    snprintf(error->message, sizeof error->message, "no memory for the sessions of worker %u",
             worker->index);
    return RESULT_IO;
}

/* ---- rooms ---- */

/* What was under way when our last session left. */
static void skip_frames(struct hub *hub, struct room *room)
{
    struct frame *frame;
    while ((frame = room_take_frame(room, hub->worker->index)) != NULL)
        frame_release(frame);
}

static enum result open_view(struct hub *hub, struct room *room)
{
    struct room_view *view = calloc(1, sizeof *view);
    if (view == NULL) return RESULT_IO;
    if (room_view_init(view, room, hub->worker->index, VIEW_SESSIONS) != RESULT_OK) {
        room_view_deinit(view);
        free(view);
        return RESULT_IO;
    }
    view->mosaics = &hub->mosaics;
    view->log = line_logs_get(hub->worker->server->line_logs, room_index(room));
    skip_frames(hub, room);
    view->open_index = hub->open_count;
    hub->open[hub->open_count++] = view;
    hub->views[room_index(room)] = view;
    return RESULT_OK;
}

static void close_view(struct hub *hub, struct room_view *view)
{
    struct room_view *last = hub->open[--hub->open_count];
    hub->open[view->open_index] = last;
    last->open_index = view->open_index;
    hub->views[room_index(view->room)] = NULL;
    room_view_deinit(view);
    free(view);
}

static enum result enter_view(struct hub *hub, struct room *room)
{
    if (hub_view(hub, room) == NULL && open_view(hub, room) != RESULT_OK) return RESULT_IO;
    struct room_view *view = hub_view(hub, room);
    enum result r = room_view_enter(view);
    if (r != RESULT_OK && view->session_count == 0) close_view(hub, view);
    return r;
}

enum result hub_enter_room(struct hub *hub, struct session *s, const char *name)
{
    struct room *room;
    bool is_new;
    enum result r = rooms_enter(hub->rooms, name, &room, &is_new);
    if (is_new) metrics_add(&hub->worker->metrics, METRIC_ROOMS_MADE, 1);
    if (r == RESULT_FULL) metrics_add(&hub->worker->metrics, METRIC_ROOMS_REFUSED, 1);
    if (r == RESULT_OK && enter_view(hub, room) != RESULT_OK) {
        rooms_leave(room);
        r = RESULT_IO;
    }
    if (r == RESULT_OK) s->room = room;
    return r;
}

/* Lets go of what is kept for spectators once there is none. */
static void leave_late(struct room_view *view)
{
    if (view->late->view.session_count > 0) return;
    late_destroy(view->late);
    view->late = NULL;
}

struct room_view *hub_view_for(struct hub *hub, struct session *s)
{
    struct room_view *view = hub_view(hub, s->room);
    uint32_t delay_ms = hub->worker->net.config->spectate_delay_ms;
    if (!s->is_spectator || delay_ms == 0) return view;
    if (view->late == NULL) view->late = late_create(view, delay_ms);
    if (view->late == NULL) return NULL;
    if (room_view_enter(&view->late->view) != RESULT_OK) {
        leave_late(view);
        return NULL;
    }
    s->is_late = true;
    return &view->late->view;
}

static void leave_room(struct hub *hub, struct session *s)
{
    if (s->room == NULL || s->is_replay) return;
    struct room_view *view = hub_view(hub, s->room);
    if (s->is_late) {
        view->late->view.session_count--;
        leave_late(view);
    }
    if (--view->session_count == 0) close_view(hub, view);
    rooms_leave(s->room);
    s->room = NULL;
}

/* ---- the pool ---- */

struct session *hub_take_session(struct hub *hub)
{
    if (hub->free_count == 0) return NULL;
    uint32_t index = hub->free_list[--hub->free_count];
    struct session *s = &hub->sessions[index];
    *s = (struct session){
        .hub = hub, .index = index, .live_index = hub->live_count, .generation = s->generation + 1};
    s->state = SESSION_ARRIVING;
    hub->live[hub->live_count++] = index;
    return s;
}

void hub_free_session(struct hub *hub, struct session *s)
{
    ASSERT(s->state != SESSION_FREE);
    leave_room(hub, s);
    uint32_t last = hub->live[--hub->live_count];
    hub->live[s->live_index] = last;
    hub->sessions[last].live_index = s->live_index;
    s->state = SESSION_FREE;
    s->generation++;
    hub->free_list[hub->free_count++] = s->index;
}

void hub_add_watcher(struct hub *hub, struct session *s)
{
    ASSERT(hub->watcher_count < hub->watcher_capacity);
    s->watch->hub_index = hub->watcher_count;
    hub->watchers[hub->watcher_count++] = s->index;
}

void hub_remove_watcher(struct hub *hub, struct session *s)
{
    uint32_t last = hub->watchers[--hub->watcher_count];
    hub->watchers[s->watch->hub_index] = last;
    hub->sessions[last].watch->hub_index = s->watch->hub_index;
}

/* ---- the WebSockets at /ws/updates and /ws/replay/ID ---- */

static const char *const subprotocols[] = {SUBPROTOCOL_BINARY, SUBPROTOCOL_JSON};

static enum result refuse(struct ws_refusal *refusal, unsigned status, const char *text)
{
    *refusal = (struct ws_refusal){.status = status, .text = text};
    return RESULT_INVALID;
}

static const struct session_refusal bad_name = {WS_CLOSE_POLICY,
                                                "a name is 1 to 24 bytes of visible text"};
static const struct session_refusal no_room = {WS_CLOSE_NO_ROOM, "there is no such room"};
static const struct session_refusal no_recording = {WS_CLOSE_NO_ROOM, "there is no such recording"};
static const struct session_refusal no_memory = {WS_CLOSE_OVERLOAD, "the server is out of memory"};
static const struct session_refusal no_place = {WS_CLOSE_OVERLOAD,
                                                "there are too many rooms, try again later"};

void hub_choose_room(struct hub *hub, struct session *s, const char *name)
{
    enum result r = hub_enter_room(hub, s, name);
    if (r != RESULT_OK) s->refusal = r == RESULT_INVALID ? &no_room : &no_place;
}

/* ---- the link ---- */

static enum result link_send(void *carrier, bool is_text, uint8_t *payload, size_t length_bytes)
{
    return ws_conn_send(carrier, is_text ? WS_TEXT : WS_BINARY, payload, length_bytes);
}

static enum result link_ping(void *carrier, const uint8_t *payload, size_t length_bytes)
{
    return ws_conn_ping(carrier, payload, length_bytes);
}

static size_t link_queue_bytes(const void *carrier)
{
    return ws_conn_queue_bytes(carrier);
}

static size_t link_unsent_bytes(const void *carrier)
{
    return ws_conn_unsent_bytes(carrier);
}

static const struct address *link_peer(const void *carrier)
{
    const struct ws_conn *ws = carrier;
    return &ws->peer;
}

static bool link_is_indirect(const void *carrier)
{
    const struct ws_conn *ws = carrier;
    return ws->is_forwarded;
}

static void link_joined(void *carrier, struct session *s, bool is_resumed)
{
    (void)s, (void)is_resumed;
    ws_conn_join(carrier);
}

static void link_close(void *carrier, unsigned code, const char *reason)
{
    struct ws_conn *ws = carrier;
    ws->session = NULL;
    ws_conn_close(ws, code, reason);
}

static const struct link socket_link = {.send = link_send,
                                        .ping = link_ping,
                                        .queue_bytes = link_queue_bytes,
                                        .unsent_bytes = link_unsent_bytes,
                                        .peer = link_peer,
                                        .is_indirect = link_is_indirect,
                                        .joined = link_joined,
                                        .close = link_close};

/* A session for the WebSocket, which is to be told who it is; NULL: there is no place. */
static struct session *start_session(struct hub *hub, struct ws_conn *ws)
{
    struct session *s = hub_take_session(hub);
    if (s == NULL) return NULL;
    s->link = &socket_link;
    s->carrier = ws;
    s->flavour = ws->subprotocol == 0 ? &flavour_binary : &flavour_json;
    ws->session = s;
    ws->may_deflate = s->flavour->is_text;
    return s;
}

/* Reads room, name and spectate. An unknown room or a bad name is answered after the 101, so that a
 * page can tell its player; a broken query is no page's doing. */
static enum result on_open(struct ws_conn *ws, const struct http_request *request,
                           struct ws_refusal *refusal)
{
    struct hub *hub = hub_of(worker_of(ws));
    char room[ROOM_NAME_BYTES_MAX + 1], name[256], spectate[8];
    bool is_readable =
        http_request_query(request, "spectate", spectate, sizeof spectate) == RESULT_OK &&
        http_request_query(request, "name", name, sizeof name) == RESULT_OK;
    if (!is_readable) return refuse(refusal, 400, "the query cannot be read");
    enum result has_room = http_request_query(request, "room", room, sizeof room);
    if (has_room == RESULT_INVALID) return refuse(refusal, 400, "the query cannot be read");

    struct session *s = start_session(hub, ws);
    if (s == NULL) return refuse(refusal, 503, "the server is full");
    s->is_spectator = strcmp(spectate, "1") == 0;
    size_t name_bytes = strlen(name);
    bool is_name = name_bytes <= NAME_BYTES_MAX && text_is_showable(name, name_bytes);
    if (is_name) memcpy(s->hello.name, name, name_bytes);
    if (name_bytes > 0 && !is_name) s->refusal = &bad_name;
    if (s->refusal == NULL && has_room == RESULT_OK)
        hub_choose_room(hub, s, room);
    else if (s->refusal == NULL)
        s->refusal = &no_room;
    return RESULT_OK;
}

/* The tick where to begin, 0: the first. False: `text` is none. */
static bool read_tick(const char *text, uint32_t *tick)
{
    size_t length = strlen(text);
    *tick = 0;
    if (length > 10 || strspn(text, "0123456789") != length) return false;
    unsigned long long value = strtoull(text, NULL, 10);
    *tick = value <= UINT32_MAX ? (uint32_t)value : UINT32_MAX;
    return true;
}

/* Reads the recording's id off the path, and where to begin. That there is no such recording is told
 * after the 101. */
static enum result on_open_replay(struct ws_conn *ws, const struct http_request *request,
                                  struct ws_refusal *refusal)
{
    static const char prefix[] = "/ws/replay/";
    char tick_text[16];
    struct playback_request replay = {0};
    if (http_request_query(request, "t", tick_text, sizeof tick_text) != RESULT_OK ||
        !read_tick(tick_text, &replay.tick))
        return refuse(refusal, 400, "t is not a tick");
    size_t length = request->path.length - (sizeof prefix - 1);
    if (length < sizeof replay.id)
        memcpy(replay.id, request->path.chars + sizeof prefix - 1, length);
    struct session *s = start_session(hub_of(worker_of(ws)), ws);
    if (s == NULL) return refuse(refusal, 503, "the server is full");
    s->is_spectator = s->is_replay = true;
    s->replay = malloc(sizeof *s->replay);
    if (s->replay != NULL) *s->replay = replay;
    if (s->replay == NULL)
        s->refusal = &no_memory;
    else if (!playback_id_is_valid(replay.id))
        s->refusal = &no_recording;
    return RESULT_OK;
}

static void on_opened(struct ws_conn *ws)
{
    session_start(ws->session);
}

static void on_message(struct ws_conn *ws, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    if (ws->session != NULL) session_message(ws->session, is_text, bytes, length_bytes);
}

static void on_pong(struct ws_conn *ws, const uint8_t *payload, size_t length_bytes)
{
    if (ws->session != NULL) session_pong(ws->session, payload, length_bytes);
}

static void on_writable(struct ws_conn *ws)
{
    if (ws->session != NULL) session_writable(ws->session);
}

static void on_closed(struct ws_conn *ws, unsigned code)
{
    if (ws->session != NULL) session_closed(ws->session, code);
    ws->session = NULL;
}

/* ---- turns ---- */

static void take_replies(struct hub *hub)
{
    struct room_reply reply;
    while (rooms_take_reply(hub->rooms, hub->worker->index, &reply)) {
        ASSERT(reply.session.index < hub->capacity);
        struct session *s = &hub->sessions[reply.session.index];
        if (s->generation == reply.session.generation) session_reply(s, &reply);
    }
}

static void fetch_ahead(const struct hub *hub, const struct room_view *view, uint32_t m)
{
    if (m >= FETCHED_AHEAD) session_fetch(&hub->sessions[view->members[m - FETCHED_AHEAD]]);
    if (m >= FETCHED_AHEAD / 2)
        session_fetch_around(&hub->sessions[view->members[m - FETCHED_AHEAD / 2]]);
}

/* From the end: a session that closes gives its place to one that had its turn. */
static void update_members(struct hub *hub, const struct room_view *view)
{
    struct metrics *metrics = &hub->worker->metrics;
    uint64_t built = view->cohorts.built_count, appended = view->cohorts.appended_count;
    for (uint32_t m = view->member_count; m-- > 0;) {
        if (m >= view->member_count) continue;
        fetch_ahead(hub, view, m);
        session_update(&hub->sessions[view->members[m]]);
    }
    metrics_add(metrics, METRIC_FRAGMENTS_BUILT, view->cohorts.built_count - built);
    metrics_add(metrics, METRIC_FRAGMENTS_APPENDED, view->cohorts.appended_count - appended);
}

static void show_late_frames(struct hub *hub, struct room_view *view)
{
    struct late *late = view->late;
    if (late == NULL || !late_show(late, hub->worker->net.now_us)) return;
    late->view.session_count++;
    update_members(hub, &late->view);
    late->view.session_count--;
    leave_late(view);
}

static void show_frames(struct hub *hub, struct room_view *view)
{
    bool has_newer = room_view_take_frames(view);
    if (!has_newer && view->late == NULL) return;
    if (has_newer) view->is_late = hub->worker->net.now_us > view->first_due_us + LATE_US;
    /* A closing session may be the room's last: then the view must stay for what is behind it. */
    view->session_count++;
    if (has_newer) update_members(hub, view);
    show_late_frames(hub, view);
    if (--view->session_count == 0) close_view(hub, view);
}

/* From the end likewise. */
static void hub_wake(struct worker *worker)
{
    struct hub *hub = hub_of(worker);
    conn_batch_begin(&worker->net);
    take_replies(hub);
    for (uint32_t i = hub->watcher_count; i-- > 0;) {
        if (i < hub->watcher_count) watch_turn(&hub->sessions[hub->watchers[i]]);
    }
    for (uint32_t i = hub->open_count; i-- > 0;) {
        if (i < hub->open_count) show_frames(hub, hub->open[i]);
    }
    conn_batch_end(&worker->net);
}

static void hub_tick(struct worker *worker)
{
    struct hub *hub = hub_of(worker);
    for (uint32_t i = hub->live_count; i-- > 0;) {
        if (i < hub->live_count) session_tick(&hub->sessions[hub->live[i]]);
    }
}

static void hub_drain(struct worker *worker)
{
    struct hub *hub = hub_of(worker);
    for (uint32_t i = hub->live_count; i-- > 0;) {
        if (i >= hub->live_count) continue;
        session_end(&hub->sessions[hub->live[i]], WS_CLOSE_RESTART,
                    "the server restarts, come back in a moment", true);
    }
}

const struct worker_hooks hub_hooks = {
    .start = hub_start, .wake = hub_wake, .tick = hub_tick, .drain = hub_drain, .stop = hub_stop};

const struct ws_handler hub_updates = {.subprotocols = subprotocols,
                                       .subprotocol_count = 2,
                                       .open = on_open,
                                       .opened = on_opened,
                                       .message = on_message,
                                       .pong = on_pong,
                                       .writable = on_writable,
                                       .closed = on_closed};

const struct ws_handler hub_replay = {.subprotocols = subprotocols,
                                      .subprotocol_count = 2,
                                      .open = on_open_replay,
                                      .opened = on_opened,
                                      .message = on_message,
                                      .pong = on_pong,
                                      .writable = on_writable,
                                      .closed = on_closed};
