/* room_view.h - what one worker knows of one room: its newest frame, the frames its clients' bases
 * rest on, its lines, its cohorts, and which sessions look at it.
 *
 * Place:   made by the hub when a first session enters the room and gone with the last, fed by
 *          room_take_frame(); viewers and writers read it.
 * Memory:  holds one reference to the newest frame and the one before, and one to each older frame
 *          that some viewer still counts as base or as the one before its base; released with the
 *          last user.
 */
#ifndef TICKWIRE_SERVER_SESSION_ROOM_VIEW_H
#define TICKWIRE_SERVER_SESSION_ROOM_VIEW_H

#include <stdint.h>

#include "server/room/room.h"
#include "server/session/cohort.h"
#include "server/session/json_pieces.h"
#include "server/session/line_log.h"
#include "server/session/lines.h"

struct pool;

#define HISTORY_FRAMES 128 /* a power of two above BASE_AGE_TICKS_MAX + 1 */

/* How many sessions asked for a tick, and how many of them were held. */
struct tick_holds {
    uint32_t asked_count, held_count;
};

struct history_entry {
    struct frame *frame; /* held, or NULL */
    uint32_t users;      /* viewers that rest on it, plus one each for newest and previous */
};

struct late;

struct room_view {
    struct room *room;           /* borrowed */
    const struct schema *schema; /* borrowed from the room */
    uint32_t worker;
    struct history_entry history[HISTORY_FRAMES]; /* tick t at t % HISTORY_FRAMES */
    struct frame *newest;                         /* or NULL */
    struct frame *previous; /* the one before newest, of the same match, or NULL */
    struct lines lines;
    struct line_log *log; /* borrowed: the room's, which its thread files; NULL: none */
    struct cohorts cohorts;
    struct json_pieces json;
    struct late *late;     /* owned; what its spectators see; NULL: there are none, or no delay */
    uint64_t first_due_us; /* of the oldest of the frames that were taken last */
    bool is_late;          /* the hub found them late: clients are told */
    uint32_t late_us;      /* how long after it happened this shows what happens */
    struct pool *mosaics;  /* borrowed from the hub; NULL: nothing is ever left out */
    struct tick_holds holds, former_holds; /* of the newest tick so far, and of the one before */
    uint32_t skipped_ticks; /* just before the newest: this worker came too late for them */
    uint32_t lag_ms;        /* the time of those, or of those before if they were more */
    uint32_t seat_words[KINDS_MAX + 1]; /* by kind: a bit for each word that tells of a player */
    bool any_has_seat;
    uint32_t *members; /* owned: indexes of the sessions that look at it */
    uint32_t member_count;
    uint32_t member_capacity; /* at least session_count */
    uint32_t session_count;   /* that have entered the room, on this worker */
    uint32_t open_index;      /* where it stands in hub->open */
};

/* `v` is zeroed already (calloc), so that lines never filed take no pages. With places for
 * `session_capacity` sessions, which is at least 1, at first. RESULT_IO: no memory. */
enum result room_view_init(struct room_view *v, struct room *room, uint32_t worker,
                           uint32_t session_capacity);
void room_view_deinit(struct room_view *v);

/* One more session has entered, and may become a member. RESULT_IO: no memory for that. */
enum result room_view_enter(struct room_view *v);

/* Notes that one more session asked for the newest tick. */
void room_view_note_hold(struct room_view *v, bool is_held);

/* Whether this worker comes late, or so many sessions are held at once that it is not their links:
 * this machine is busy, or the way that they share. */
bool room_view_is_busy(const struct room_view *v);

/* Takes all frames that the room has published; true if there is a newer one. */
bool room_view_take_frames(struct room_view *v);

/* Adds or removes a session that has entered; each is in at most once. */
/* Returns when the client's clock has the tick of `frame`: spectators live some time later. */
static inline uint64_t room_view_due_us(const struct room_view *v, const struct frame *frame)
{
    return frame->due_us + v->late_us;
}

/* Takes over a reference to one frame, for views that no room feeds. */
void room_view_put_frame(struct room_view *v, struct frame *frame);

/* Lets go of all frames: what comes next has nothing to do with them, whatever its tick. Nobody
 * rests on one any more. */
void room_view_forget(struct room_view *v);

/* Before the first frame: learns what happened while this worker did not look. */
void room_view_recall(struct room_view *v);

/* Adds or removes a session; each is in at most once. */
void room_view_add_member(struct room_view *v, uint32_t session_index);
void room_view_remove_member(struct room_view *v, uint32_t session_index);

/* Returns the frame of `tick` if it is still held, else NULL. */
struct frame *room_view_find(const struct room_view *v, uint32_t tick);

/* A viewer begins or ceases to rest on the frame of `tick`; ceasing on one that is gone is fine. */
void room_view_hold(struct room_view *v, uint32_t tick);
void room_view_drop(struct room_view *v, uint32_t tick);

#endif
