/* viewer.h - what one client knows, and what it must be told to know the newest frame.
 *
 * Place:   both flavours share it: viewer_plan() decides what the message says, binary_writer or
 *          json_writer says it, viewer_commit() notes that it was sent. Knows frames, no sockets.
 * Memory:  owns the list of what is seen, which grows when there is more to see than ever before,
 *          and a bit for each name; a plan lives in the worker's scratch.
 * Rule:    the base of a delta is the last snapshot handed to the stream: TCP delivers in order.
 */
#ifndef TICKWIRE_SERVER_SESSION_VIEWER_H
#define TICKWIRE_SERVER_SESSION_VIEWER_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/interest.h"
#include "server/session/camera.h"
#include "server/session/mosaic.h"
#include "server/session/room_view.h"
#include "shared/snapshot.h"

struct viewer {
    struct room_view *view;          /* borrowed */
    uint16_t seat;                   /* SEAT_NONE: a spectator */
    int32_t half_x, half_y;          /* of what it may see, simulation units */
    struct camera camera;            /* of a spectator */
    struct interest_member *members; /* owned: what it sees, slots ascending */
    uint32_t member_count;
    uint32_t member_room;     /* places in members[]: it grows with what there is to see, */
    uint32_t member_capacity; /* up to what the client can take */

    bool has_base;   /* a snapshot was sent, and the frame of its tick is held */
    bool has_before; /* likewise for the one before */
    uint32_t epoch;  /* the match of the base */
    uint32_t base_tick, before_tick;
    uint32_t input_seq; /* as told with the base */
    uint64_t clock_us;  /* due_us - tick * 50 ms, as told */
    uint32_t snapshot_count;

    uint32_t next_line;    /* of view->lines */
    uint32_t names_tick;   /* the roster's names up to this tick are told, if known */
    bool names_incomplete; /* more names were due than one message takes */
    uint8_t names_max;     /* in one message, up to SNAPSHOT_NAMES_MAX; the session may lower it */
    uint8_t *known_names;  /* owned: a bit per seat of the room */
    uint32_t seat_count;   /* of the room */
    struct mosaic *mosaic; /* owned, of view->mosaics; NULL: it knows all from base and before */
};

/* What a message must say. Everything is borrowed until the next plan of the same worker. */
struct viewer_plan {
    const struct frame *now;
    const struct frame *base;   /* NULL: a full snapshot */
    const struct frame *before; /* what velocities at `now` follow from: base, or for a full one
                                   the frame before, or NULL */
    uint16_t slots[VIEW_ENTITIES_MAX]; /* what it sees now, ascending */
    bool is_new[VIEW_ENTITIES_MAX];    /* parallel: an add */
    uint16_t old[VIEW_ENTITIES_MAX];   /* parallel, of those not new: where it stands in the old
                                          list; filled in by viewer_match_list() */
    uint32_t count, new_count;
    uint16_t removed[VIEW_ENTITIES_MAX + 1]; /* indexes into the old list, ascending */
    uint32_t removed_count;
    struct interest_view look;
    uint16_t kept[MATES_MAX]; /* mates in the view: always told */
    uint32_t kept_count;
    bool is_partial;                       /* ration.h has chosen who is left out: */
    bool is_left_out[VIEW_ENTITIES_MAX];   /* parallel to slots */
    uint16_t urgency[VIEW_ENTITIES_MAX];   /* parallel: of those left out, from now on */
    uint32_t cost_bits[VIEW_ENTITIES_MAX]; /* parallel: of each update, for ration.h */
    struct snapshot_self self, base_self;
    struct snapshot_header header;
    struct snapshot_clock clock;
    struct snapshot_name names[SNAPSHOT_NAMES_MAX];
    uint32_t name_count;
    bool names_incomplete;
    struct snapshot_line lines[SNAPSHOT_EVENTS_MAX];
    uint32_t line_count;
    uint32_t next_line;
    bool has_lost_lines; /* reliable ones: the session must end */
    struct interest_scratch interest;
};

/* Starts a viewer that knows nothing and takes at most `capacity` entities at once. RESULT_IO: no
 * memory. */
enum result viewer_init(struct viewer *v, struct room_view *view, uint16_t seat, uint32_t capacity);

/* Lets go of frames and memory. */
void viewer_deinit(struct viewer *v);

/* Forgets the base and lets go of its frames: the next snapshot is full. */
void viewer_forget(struct viewer *v);

/* Looks at another view, or at another stretch of the same one; keeps camera and extents. */
void viewer_move(struct viewer *v, struct room_view *view);

/* Decides what brings the client to view->newest, which must be newer than the base. */
void viewer_plan(struct viewer *v, struct viewer_plan *p);

/* Fills in the plan's old[]: only viewers with a mosaic need it. */
void viewer_match_list(const struct viewer *v, struct viewer_plan *p);

/* Fills in the frames that the client knows its entity number `i` of the plan from; not for adds. */
void viewer_known_by(const struct viewer *v, const struct viewer_plan *p, uint32_t i,
                     const struct frame **base, const struct frame **before);

/* Whether the update of entity number `i`, which is no add, is left out. */
static inline bool viewer_leaves_out(const struct viewer_plan *p, uint32_t i)
{
    return p->is_partial && p->is_left_out[i];
}

/* Decides only which names and lines are due (for MESSAGE_LINES and hidden pages). */
void viewer_plan_lines(struct viewer *v, struct viewer_plan *p);

/* The message of the plan was handed to the stream. */
void viewer_commit(struct viewer *v, const struct viewer_plan *p);
void viewer_commit_lines(struct viewer *v, const struct viewer_plan *p);

#endif
