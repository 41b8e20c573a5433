/* late.h - a room as its spectators see it: some time after it happened.
 *
 * Place:   the hub makes one with a room's first spectator on its worker; each frame that the
 *          room's view takes goes into it too, and comes out when the delay is over, into a view
 *          of its own, whose cohorts all its spectators share. So nobody learns by watching what
 *          helps now. Without a delay spectators look at the room's view itself.
 * Memory:  a reference to each frame of the delay: 20 a second, which the room's pool makes for it
 *          (frame_pool.h). When the last spectator leaves, all are let go.
 * Full:    a worker that comes seconds late finds no place for newer frames: they are passed over.
 */
#ifndef TICKWIRE_SERVER_SESSION_LATE_H
#define TICKWIRE_SERVER_SESSION_LATE_H

#include <stdbool.h>
#include <stdint.h>

#include "server/session/room_view.h"

#define LATE_MS_MAX      10000
#define LATE_FRAMES_MORE 16 /* beyond those of the delay: for a worker that is a bit late */

struct late {
    struct room_view view; /* session_count: spectators, also those who watch the past meanwhile */
    uint32_t capacity;     /* of the ring */
    uint32_t first, count;
    struct frame *frames[]; /* a ring: held, oldest first */
};

/* NULL: no memory. Takes worker and mosaics after `live`. */
struct late *late_create(struct room_view *live, uint32_t delay_ms);
void late_destroy(struct late *l); /* accepts NULL */

/* A frame of the room, borrowed. */
void late_put(struct late *l, struct frame *frame);

/* Lets the view see what is due at `now_us`; true if there is a newer frame. */
bool late_show(struct late *l, uint64_t now_us);

#endif
