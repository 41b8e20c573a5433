/* frame_pool.h - the frames of one room: made one by one as they are needed, used again for ever.
 *
 * Place:   whoever publishes frames (a room; a playback of a recording) takes one per tick, fills
 *          the writable side and hands out references to the frame in it.
 * Memory:  the pool owns its frames, at most FRAMES_MAX; it grows only when readers keep more of
 *          them than ever before: slow ones, or spectators who see a match up to 10 s late (20
 *          frames for each second); what has not been needed for two seconds is freed, a few at a
 *          time. A frame is one block.
 * Errors:  NULL when all are held: the tick runs, but is not published, and whoever misses it sees
 *          the gap in the tick numbers.
 * Threads: one takes; any may release (frame.h).
 */
#ifndef TICKWIRE_SERVER_ROOM_FRAME_POOL_H
#define TICKWIRE_SERVER_ROOM_FRAME_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "server/room/frame_grid.h"
#include "server/room/roster.h"
#include "shared/world.h"

#define FRAMES_MAX         384 /* 96 for bases, rings and the recorder, the rest for spectators */
#define CHATS_PER_TICK_MAX 32

_Static_assert(ROSTERS_MAX > FRAMES_MAX, "a roster for each frame and one for the room");

/* What the largest frame holds. */
struct frame_shape {
    uint32_t slot_capacity;
    uint32_t seat_capacity;
    uint32_t wire_stride; /* frame_wire_stride(); 0: as wide as any schema */
    struct grid_shape grid;
};

/* A frame and the arrays that it shows, to be written between take and publication. */
struct frame_draft {
    struct frame frame;          /* seats, events, chats, changes, inputs, state: set already */
    struct roster *roster;       /* a reference of this frame's, or NULL */
    struct world_state *state;   /* slot_capacity entities */
    uint16_t *identities;        /* slot_capacity */
    int32_t *wire;               /* slot_capacity * wire_stride */
    struct frame_seat *seats;    /* seat_capacity */
    struct event *events;        /* EVENTS_PER_TICK_MAX */
    struct frame_chat *chats;    /* CHATS_PER_TICK_MAX */
    struct seat_change *changes; /* 2 * seat_capacity: a seat may go to somebody else */
    struct seat_input *inputs;   /* seat_capacity */
    struct grid_lists grid_lists;
};

struct frame_pool {
    struct frame_shape shape;
    uint32_t count;
    uint32_t taken_count; /* since it was last looked whether there are too many, */
    uint32_t spare_count; /* and how many were never needed since */
    struct frame_draft *drafts[FRAMES_MAX]; /* owned */
};

/* Returns how many values the kind with the most has on the wire. */
uint32_t frame_wire_stride(const struct schema *schema);

void frame_pool_init(struct frame_pool *p, const struct frame_shape *shape);

/* Every frame must have been released; rosters go back to their pool. */
void frame_pool_deinit(struct frame_pool *p);

/* Whether nobody holds any of its frames. */
bool frame_pool_is_idle(const struct frame_pool *p);

/* Frees the frames that nobody holds: none will be needed for a while. */
void frame_pool_trim(struct frame_pool *p);

/* Returns a frame that nobody holds, with one reference, the caller's, counts at zero and no
 * roster. NULL: all are held, or there is no memory for one more. */
struct frame_draft *frame_pool_take(struct frame_pool *p);

/* Copies the world, sorts it into the grid, quantizes it; takes one more reference to `roster`. */
void frame_draft_fill(struct frame_draft *d, const struct frame_shape *shape,
                      const struct world_state *state, const struct schema *schema,
                      struct roster *roster);

#endif
