/* frame.h - the canonical states of one tick of one room: immutable once published, counted.
 *
 * Place:   a room thread fills one per tick and publishes it to the workers that have members
 *          (room.h) and to the recorder; they only read. The two sides meet here and in the rings
 *          alone.
 * Memory:  frames belong to their room's pool; whoever holds a reference releases it once, from any
 *          thread; the room reuses a frame when nobody holds it. Every pointer in it lives as long.
 */
#ifndef TICKWIRE_SERVER_ROOM_FRAME_H
#define TICKWIRE_SERVER_ROOM_FRAME_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/game.h"
#include "shared/limits.h"
#include "shared/world.h"

struct room;

/* Who sits where: copied and published anew when somebody comes, goes or is called anew. Counted like
 * a frame and shared by all frames until the next change. */
struct roster_entry {
    uint32_t
        since_tick; /* of name and colour: a session that has sent an older tick does not know it */
    bool is_taken;
    bool is_bot;
    uint8_t colour;       /* as chosen; 0: by the seat */
    uint8_t length_bytes; /* of name */
    char name[NAME_BYTES_MAX];
};

struct roster {
    atomic_uint references;
    uint32_t seat_count; /* entries */
    struct roster_entry entries[];
};

struct frame_seat {
    bool is_taken;
    uint8_t queued;     /* usercmds that wait for later ticks */
    uint16_t body_slot; /* SLOT_NONE: none now */
    uint32_t input_seq; /* of the last usercmd applied; 0: none */
};

struct frame_chat {
    uint16_t seat; /* SEAT_NONE: the server itself */
    uint8_t length_bytes;
    char text[CHAT_BYTES_MAX];
};

/* Where an entity stands, in simulation units. */
struct grid_place {
    int32_t x, y;
    uint16_t slot;
};

/* Entities by cell of a uniform grid, for the question "who is near": interest.h asks it. */
struct frame_grid {
    uint32_t columns, rows;
    unsigned cell_shift;             /* a cell's edge is 1 << cell_shift simulation units */
    const uint32_t *cell_start;      /* columns * rows + 1 offsets into places[] */
    const struct grid_place *places; /* cell by cell, slots ascending within one */
    const uint16_t *everywhere;      /* entities without a place, ascending */
    uint32_t everywhere_count;
};

struct frame {
    atomic_uint references;
    struct room *room;
    const struct schema *schema; /* what the words of `state` mean; lives as long as the room */
    uint32_t epoch;  /* counts the room's matches: in a new one every entity is another */
    uint32_t tick;   /* goes on from match to match */
    uint64_t due_us; /* monotonic time at which this tick was due */
    const struct roster *roster;
    const struct frame_seat *seats;
    uint32_t seat_count;
    const struct event *events;
    uint32_t event_count;
    const struct frame_chat *chats;
    uint32_t chat_count;
    const struct seat_change *changes; /* for the recorder, like inputs */
    uint32_t change_count;
    const struct seat_input *inputs; /* as given to step(): one per taken seat, seats ascending */
    uint32_t input_count;
    struct frame_grid grid;
    const struct world_state *state;

    /* What every client asks of every entity it sees, close together by slot: who stands there
     * (frame_identity), and its words as they go over the wire. */
    const uint16_t *identities;
    const int32_t *wire; /* wire_stride for each slot, by schema_kind.wire */
    uint32_t wire_stride;
};

/* Takes one more reference; returns `f`. */
struct frame *frame_hold(struct frame *f);

/* Gives one reference back. The room may reuse the frame from that moment on. */
void frame_release(struct frame *f);

/* Returns the entity in `slot`, or NULL. */
static inline const struct entity *frame_entity(const struct frame *f, uint32_t slot)
{
    if (slot >= f->state->slot_count || f->state->entities[slot].kind == 0) return NULL;
    return &f->state->entities[slot];
}

/* Returns kind and generation in one number: equal ones are the same entity, 0 is a free slot. The
 * slot is below the room's capacity. */
static inline uint16_t frame_identity(const struct frame *f, uint32_t slot)
{
    return f->identities[slot];
}

static inline uint8_t identity_kind(uint16_t identity)
{
    return (uint8_t)identity;
}

static inline uint8_t identity_generation(uint16_t identity)
{
    return (uint8_t)(identity >> 8);
}

/* Returns the wire values of the entity in `slot`, which is in use. */
static inline const int32_t *frame_wire(const struct frame *f, uint32_t slot)
{
    return f->wire + (size_t)slot * f->wire_stride;
}

#endif
