#include "server/session/hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "shared/check.h"
#include "shared/ws_close.h"

static struct hub *hub_of(const struct worker *worker)
{
    return worker->sessions;
}

/* ---- start and stop ---- */

static enum result make_views(struct hub *hub)
{
    uint32_t slots_max = 1;
    hub->views = calloc(rooms_count(hub->rooms), sizeof *hub->views);
    if (hub->views == NULL) return RESULT_IO;
    for (size_t i = 0; i < rooms_count(hub->rooms); i++) {
        struct room *room = rooms_get(hub->rooms, i);
        uint32_t slots = room_settings(room)->slot_capacity;
        if (slots > slots_max) slots_max = slots;
        enum result r = room_view_init(&hub->views[i], room, hub->worker->index, hub->capacity);
        if (r != RESULT_OK) return r;
    }
    hub->interest_memory = calloc(1, interest_scratch_bytes(slots_max));
    if (hub->interest_memory == NULL) return RESULT_IO;
    interest_scratch_init(&hub->plan.interest, hub->interest_memory, slots_max);
    return RESULT_OK;
}

static void hub_stop(struct worker *worker)
{
    struct hub *hub = hub_of(worker);
    if (hub == NULL) return;
    for (uint32_t i = 0; i < hub->live_count; i++) {
        free(hub->sessions[hub->live[i]].viewer.members);
    }
    for (size_t i = 0; hub->views != NULL && i < rooms_count(hub->rooms); i++) {
        if (hub->views[i].room != NULL) room_view_deinit(&hub->views[i]);
    }
    free(hub->interest_memory);
    free(hub->views);
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
    if (hub->sessions == NULL || hub->free_list == NULL || hub->live == NULL) goto fail;
    for (uint32_t i = 0; i < hub->capacity; i++) {
        hub->free_list[i] = hub->capacity - 1 - i;
    }
    hub->free_count = hub->capacity;
    if (make_views(hub) != RESULT_OK) goto fail;
    return RESULT_OK;
fail:
    hub_stop(worker);
    *error = (struct error){.code = RESULT_IO};
    snprintf(error->message, sizeof error->message, "no memory for the sessions of worker %u",
             worker->index);
    return RESULT_IO;
}

/* ---- the pool ---- */

static struct session *take_session(struct hub *hub)
{
    if (hub->free_count == 0) return NULL;
    uint32_t index = hub->free_list[--hub->free_count];
    struct session *s = &hub->sessions[index];
    *s = (struct session){
        .hub = hub, .index = index, .live_index = hub->live_count, .generation = s->generation + 1};
    hub->live[hub->live_count++] = index;
    return s;
}

void hub_free_session(struct hub *hub, struct session *s)
{
    ASSERT(s->state != SESSION_FREE);
    uint32_t last = hub->live[--hub->live_count];
    hub->live[s->live_index] = last;
    hub->sessions[last].live_index = s->live_index;
    s->state = SESSION_FREE;
    s->generation++;
    hub->free_list[hub->free_count++] = s->index;
}

/* ---- the WebSocket at /ws/updates ---- */

static const char *const subprotocols[] = {SUBPROTOCOL_BINARY, SUBPROTOCOL_JSON};

static enum result refuse(struct ws_refusal *refusal, unsigned status, const char *text)
{
    *refusal = (struct ws_refusal){.status = status, .text = text};
    return RESULT_INVALID;
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

    struct session *s = take_session(hub);
    if (s == NULL) return refuse(refusal, 503, "the server is full");
    s->ws = ws;
    s->state = SESSION_ARRIVING;
    s->flavour = ws->subprotocol == 0 ? &flavour_binary : &flavour_json;
    s->is_spectator = strcmp(spectate, "1") == 0;
    s->room = has_room != RESULT_OK ? NULL
              : room[0] == '\0'     ? rooms_get(hub->rooms, 0)
                                    : rooms_find(hub->rooms, room);
    size_t name_bytes = strlen(name);
    bool is_name = name_bytes <= NAME_BYTES_MAX && text_is_showable(name, name_bytes);
    if (is_name) memcpy(s->hello.name, name, name_bytes);
    if (name_bytes > 0 && !is_name) s->refusal = "a name is 1 to 24 bytes of visible text";
    ws->session = s;
    ws->may_deflate = s->flavour->is_text;
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

static void hub_wake(struct worker *worker)
{
    struct hub *hub = hub_of(worker);
    take_replies(hub);
    for (size_t i = 0; i < rooms_count(hub->rooms); i++) {
        struct room_view *view = &hub->views[i];
        if (!room_view_take_frames(view)) continue;
        /* From the end: a session that closes gives its place to one that had its turn. */
        for (uint32_t m = view->member_count; m-- > 0;) {
            if (m < view->member_count) session_update(&hub->sessions[view->members[m]]);
        }
    }
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
