/* lobby.h - which rooms there are, by name, and how many sessions stand in each: made on demand,
 * freed when they have been empty for a while.
 *
 * Place:   workers enter and leave rooms here (rooms_enter(), rooms_leave() in room.h), when a
 *          connection comes or goes; each room thread tends its own places now and then.
 * Rules:   the rooms of the config stay. Any other is made from the template by the worker that
 *          asks for it first, while there are fewer than rooms_max. One that has had no session,
 *          player or kept seat for keep_ms can be entered no more (ENDING), and is freed once no
 *          command of it is under way and all its frames have come back. An index is used again
 *          only then, so whoever holds a frame or has entered may use its room.
 * Threads: one lock, held while a name is looked up and a room is made. A room thread only tries
 *          it, so that no tick waits.
 * Memory:  places are made at start; what a room needs is allocated and freed with it.
 */
#ifndef TICKWIRE_SERVER_ROOM_LOBBY_H
#define TICKWIRE_SERVER_ROOM_LOBBY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/room/room.h"
#include "shared/limits.h"
#include "shared/result.h"

#define LOBBY_FREED_MAX     4     /* at one look: a tick may be due */
#define LOBBY_LOOK_PLACES   64    /* at most so many are tended at once, */
#define LOBBY_LOOK_EVERY_US 10000 /* and no sooner than that after the last time */

enum place_state { PLACE_FREE, PLACE_OPEN, PLACE_ENDING };

struct lobby_place {
    uint8_t state;           /* enum place_state */
    uint32_t session_count;  /* that have entered and not left */
    uint64_t empty_since_us; /* 0: somebody was there when it was last looked at */
    char name[ROOM_NAME_BYTES_MAX + 1];
};

struct lobby {
    pthread_mutex_t lock;
    struct lobby_place *places; /* owned: by room index */
    size_t fixed_count;         /* the first ones are the config's */
    size_t capacity;
};

struct room_thread;

enum result lobby_init(struct lobby *l, size_t fixed_count, size_t capacity);
void lobby_deinit(struct lobby *l);

/* Takes the lowest free place for `name`, which is not taken yet. Under the lock, or before there
 * are threads. NULL: all are taken. */
struct lobby_place *lobby_take(struct lobby *l, const char *name);

/* Returns the index of the open room of that name, or the lobby's capacity. Under the lock. */
size_t lobby_find(const struct lobby *l, const char *name);

/* Looks after some of the thread's own places: wakes rooms that never sleep, ends what has been
 * empty for long, frees some of those that are ready. `is_drained`: every command posted before this
 * turn was carried out. */
void lobby_tend(struct room_thread *t, uint64_t now_us, bool is_drained);

#endif
