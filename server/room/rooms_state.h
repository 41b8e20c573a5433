/* rooms_state.h - all rooms from inside: their threads and the rings between those and the workers.
 *
 * Place:   rooms.c makes them and serves the workers' side, room_thread.c runs the other side. The
 *          outside sees room.h alone.
 * Full:    a command ring refuses usercmds while the rest of it is kept for joins and leaves; a
 *          thread takes no more commands while a reply ring has no place for what they may answer;
 *          a frame ring skips the frame.
 */
#ifndef TICKWIRE_SERVER_ROOM_ROOMS_STATE_H
#define TICKWIRE_SERVER_ROOM_ROOMS_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/ops/metrics.h"
#include "server/room/agenda.h"
#include "server/room/lobby.h"
#include "server/room/room.h"
#include "server/room/room_state.h"
#include "shared/host/ring.h"

#define USERCMDS_CAPACITY 8192 /* 5000 players of one worker send 5000 a tick */
#define COMMANDS_CAPACITY 1024
#define REPLIES_CAPACITY  1024
#define FRAMES_CAPACITY   8 /* a worker that is 400 ms late misses some */

struct room_thread {
    struct rooms *rooms; /* borrowed */
    uint32_t index;
    pthread_t thread;
    bool is_started;
    struct ring *usercmds; /* owned: by worker */
    struct ring *commands; /* owned: by worker */
    struct ring *replies;  /* owned: by worker */
    struct agenda agenda;  /* its rooms that are awake */
    uint64_t drain_due_us; /* commands of sleeping rooms are looked at by then */
    uint64_t look_due_us;  /* its places are looked at again from then on, */
    size_t look_index;     /* beginning here */
    struct metrics metrics;
};

/* A game's schema, for all rooms that play it. */
struct game_schema {
    struct game_schema *next;
    struct schema schema;
};

struct rooms {
    struct room *items; /* owned: by place of the lobby; a room's thread is its index modulo
                           thread_count */
    struct lobby lobby;
    uint64_t made_count;         /* ever; under the lobby's lock */
    struct game_schema *schemas; /* owned: a list; it grows under the lobby's lock */
    bool has_template;
    struct room_settings template; /* of rooms made on demand */
    uint64_t seed;                 /* whence theirs come */
    uint64_t keep_us;              /* how long an empty one of them stays */
    uint32_t recorded_max;
    _Atomic uint32_t recorded_count; /* rooms now being recorded */
    _Atomic uint64_t posted_count;   /* commands, ever, of all workers */
    struct room_thread *threads;     /* owned */
    uint32_t thread_count;
    uint32_t worker_count;
    struct ring *frames; /* owned: by room, then worker */
    void (*wake)(void *context, uint32_t worker);
    void *wake_context;
    struct frame_sink sink; /* push is NULL: nobody records */
    struct frame_witness witness;
    struct log *log; /* borrowed, or NULL */
    _Atomic bool is_stopping;
};

static inline struct ring *rooms_frame_ring(const struct rooms *r, const struct room *room,
                                            uint32_t worker)
{
    return &r->frames[(size_t)room->index * r->worker_count + worker];
}

/* Makes the room at a place that was taken for it; under the lobby's lock, or before there are
 * threads. */
enum result rooms_make(struct rooms *r, size_t index, const struct room_settings *settings,
                       struct error *error);

/* A room thread's main function; `context` is its struct room_thread. */
void *room_thread_run(void *context);

/* On the room's own thread: its ticks begin, unless they have; it is no longer run, recorded or
 * published, and what workers did not take is released. */
void room_thread_wake(struct room_thread *t, struct room *room, uint64_t now_us);
void room_thread_retire(struct room_thread *t, struct room *room);

#endif
