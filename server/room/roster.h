/* roster.h - keeps the copies of who sits where, one for each state that some frame still shows.
 *
 * Place:   a room takes a new roster when its seats changed and puts it into every frame until the
 *          next change; workers read it through their frames.
 * Memory:  the pool owns all rosters; at most one for each frame of the room and one for the room
 *          itself can be held at once, so a pool of ROSTERS_MAX is never empty.
 * Threads: the room's alone; the count is atomic for readers that keep one beyond their frame.
 */
#ifndef TICKWIRE_SERVER_ROOM_ROSTER_H
#define TICKWIRE_SERVER_ROOM_ROSTER_H

#include <stdint.h>

#include "server/room/frame.h"

#define ROSTERS_MAX 400

struct roster_pool {
    uint32_t seat_count;
    uint32_t count;      /* of rosters that there are */
    uint32_t rest_count; /* since one was taken or freed */
    struct roster *rosters[ROSTERS_MAX];
};

void roster_pool_init(struct roster_pool *p, uint32_t seat_count);

/* Nobody may hold a roster any more. */
void roster_pool_deinit(struct roster_pool *p);

/* Returns a roster with one reference, the caller's, and stale entries; NULL: no memory now. */
struct roster *roster_pool_take(struct roster_pool *p);

/* Nobody came or went this tick: frees one that no frame shows any more, after some such ticks. */
void roster_pool_rest(struct roster_pool *p);

struct roster *roster_hold(struct roster *r);
void roster_release(struct roster *r);

#endif
