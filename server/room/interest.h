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
 * Cost:    the cells under the view and the lists, not the room's entities.
 * Memory:  the caller's scratch (interest_scratch_bytes), one per thread, all zero between queries.
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
    uint8_t generation; /* another one now: it is not the entity that was seen */
};

struct interest_scratch {
    uint32_t slot_capacity;
    uint64_t *chosen;       /* a bit per slot: in the new list */
    uint64_t *chosen_words; /* a bit per word of chosen[] that is not zero */
    uint64_t *seen;         /* a bit per slot: in the previous list and still the same entity */
    uint64_t *candidates;   /* distance and slot of those in reach */
};

/* Returns the bytes that a scratch for frames of up to `slot_capacity` slots needs. */
size_t interest_scratch_bytes(uint32_t slot_capacity);

/* Carves the scratch out of `memory`, 8-aligned, borrowed until the end of its use. */
void interest_scratch_init(struct interest_scratch *s, void *memory, uint32_t slot_capacity);

/* Writes what `view` sees in `f` to slots[0..capacity), ascending, and returns how many there are.
 * `previous` is what the same viewer saw last time, ascending by slot; of an earlier epoch it must
 * be empty. `capacity` is at least 1. */
uint32_t interest_query(const struct frame *f, const struct interest_view *view,
                        const struct interest_member *previous, uint32_t previous_count,
                        struct interest_scratch *s, uint16_t *slots, uint32_t capacity);

#endif
