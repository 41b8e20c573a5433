/* interest.h - chooses the entities that one viewer sees at one tick.
 *
 * Place:   a session asks before it builds a snapshot, the room before a server bot thinks; both
 *          hand over a frame with its grid. Knows no session and no socket.
 * Rules:   the viewer's own body and what is KIND_EVERYWHERE are always in. An entity comes in
 *          within the view's half extents plus a sixteenth (so that it is there before it shows);
 *          one that was seen counts as a tenth nearer, so it goes out that much farther away and
 *          does not flicker at the edge. Where more would be in than the list holds, the nearest
 *          win. A view that is a circle holds exactly what is nearer than its half extent. Where
 *          the world comes round at its edges, so does the view.
 * Cost:    the cells under the view and the lists, not the room's entities; some nanoseconds for
 *          each, in loops without a branch to guess wrong (tests/bench/bench_room.c).
 * Memory:  the caller's scratch (interest_scratch_bytes), one per thread, its marks all zero between
 *          queries.
 */
#ifndef TICKWIRE_SERVER_ROOM_INTEREST_H
#define TICKWIRE_SERVER_ROOM_INTEREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/room/frame.h"

/* From where somebody looks, in simulation units. */
struct interest_view {
    int32_t x, y;           /* the middle */
    int32_t half_x, half_y; /* half extents, >= 0 */
    uint16_t own_slot;      /* the viewer's body, or SLOT_NONE */
    bool is_circle;         /* of radius half_x */
    int32_t wraps_at;       /* positions are 0..wraps_at-1 and come round; 0: they do not */
};

/* One of those seen last time. */
struct interest_member {
    uint16_t slot;
    uint16_t identity; /* frame_identity(): another one now is not the entity that was seen */
};

/* A list of members, ascending by slot, and what became of it. */
struct interest_list {
    const struct interest_member *members; /* borrowed */
    uint32_t count;
};

/* What a viewer sees now, and how that differs from its list. The caller's arrays: slots and is_new
 * for as many as it may see and as its list has, removed for one more than its list has. */
struct interest_seen {
    uint16_t *slots; /* ascending */
    bool *is_new;    /* parallel: not in the list, or another entity in the same slot */
    uint32_t count, new_count;
    uint16_t *removed; /* indexes into the list, ascending; another entity's slot is here too */
    uint32_t removed_count;
};

struct interest_scratch {
    uint32_t slot_capacity;
    uint8_t *marks;       /* by slot: what is known of it during a query */
    uint16_t *fresh;      /* who is in sight and was not in the list, in no order at first */
    uint64_t *order;      /* a bit per slot, to sort them */
    uint64_t *candidates; /* distance and slot, where there are too many */
};

/* Returns the bytes that a scratch for frames of up to `slot_capacity` slots needs. */
size_t interest_scratch_bytes(uint32_t slot_capacity);

/* Carves the scratch out of `memory`, 8-aligned, borrowed until the end of its use. */
void interest_scratch_init(struct interest_scratch *s, void *memory, uint32_t slot_capacity);

/* Fills `seen` with what `view` sees in `f`, at most `capacity` (>= 1) entities. `list` is what the
 * same viewer saw last time; of an earlier epoch it must be empty. */
void interest_query(const struct frame *f, const struct interest_view *view,
                    const struct interest_list *list, struct interest_scratch *s,
                    struct interest_seen *seen, uint32_t capacity);

#endif
