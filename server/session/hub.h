/* hub.h - all sessions of one worker, and the rooms they look at.
 *
 * Place:   hangs on worker->sessions; hub_hooks and hub_updates are plugged into the server before
 *          it starts. Room threads wake the worker; the hub takes replies and frames, and fans out.
 * Memory:  one pool of sessions, one plan and one message buffer, made at start; a view of each
 *          room that a session of this worker has entered, as long as one has.
 */
#ifndef TICKWIRE_SERVER_SESSION_HUB_H
#define TICKWIRE_SERVER_SESSION_HUB_H

#include <stdint.h>

#include "server/room/room.h"
#include "server/session/session.h"
#include "server/worker.h"

#define HUB_MESSAGE_BYTES (MESSAGE_DOWN_BYTES_MAX * 8) /* a full JSON update of any valid table */

struct hub {
    struct worker *worker;    /* borrowed */
    struct rooms *rooms;      /* borrowed */
    struct session *sessions; /* owned: the pool */
    uint32_t *free_list;      /* owned: indexes, a stack */
    uint32_t free_count;
    uint32_t capacity;
    uint32_t *live; /* owned: indexes of sessions in use, in no order */
    uint32_t live_count;
    struct room_view **views; /* owned: by room index; NULL: none of ours is there */
    struct room_view **open;  /* owned list: those there are, in no order */
    uint32_t open_count;
    uint32_t *watchers; /* owned: indexes of sessions that watch a recording, in no order */
    uint32_t watcher_count, watcher_capacity;
    void *interest_memory;   /* owned: plan.interest lies in it */
    struct viewer_plan plan; /* of the session in hand */
    struct pool mosaics;     /* of sessions that are sent less than all */
    uint8_t message[LINK_ROOM_BYTES + HUB_MESSAGE_BYTES + LINK_TAIL_BYTES];
};

extern const struct worker_hooks hub_hooks;
extern const struct ws_handler hub_updates; /* /ws/updates */
extern const struct ws_handler hub_replay;  /* /ws/replay/ID */

static inline uint32_t hub_now_ms(const struct hub *hub)
{
    return (uint32_t)hub->worker->net.now_ms;
}

static inline struct metrics *hub_metrics(struct hub *hub)
{
    return &hub->worker->metrics;
}

/* Returns where a message's payload goes: LINK_ROOM_BYTES stand free in front of it,
 * LINK_TAIL_BYTES behind. */
static inline uint8_t *hub_payload(struct hub *hub)
{
    return hub->message + LINK_ROOM_BYTES;
}

static inline struct room_view *hub_view(struct hub *hub, const struct room *room)
{
    return hub->views[room_index(room)];
}

/* Enters the room of that name (rooms_enter()) and sets s->room. RESULT_INVALID, RESULT_FULL: as
 * there. RESULT_IO: no memory. hub_free_session() leaves it. */
enum result hub_enter_room(struct hub *hub, struct session *s, const char *name);

/* Returns what the session sees of the room that it has entered; NULL: no memory. A spectator's is
 * late by config.spectate_delay_ms, and may see nothing for as long at first. */
struct room_view *hub_view_for(struct hub *hub, struct session *s);

/* A session begins or ceases to watch a recording. */
void hub_add_watcher(struct hub *hub, struct session *s);
void hub_remove_watcher(struct hub *hub, struct session *s);

/* A place of the pool, for a session that arrives; NULL: there is none. */
struct session *hub_take_session(struct hub *hub);

/* Sets the session's room, or why it may not enter. `name` "": the default one. */
void hub_choose_room(struct hub *hub, struct session *s, const char *name);

/* Gives a session's place back to the pool. */
void hub_free_session(struct hub *hub, struct session *s);

#endif
