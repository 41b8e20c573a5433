/* recorder.h - the one thread that writes recordings, and the ring by which a room thread feeds it.
 *
 * Place:   the rooms push frames through its frame_sink; the server starts it before them and stops
 *          it after them. Each room that plays has a tape (tape.h) in DIR/ID.db, and an entry in
 *          the catalog.
 * Threads: push and end run on room threads and cost a ring's push; everything else, hashing and
 *          differences included, runs on the recorder's thread. Nobody waits for the disk.
 * Memory:  a frame in a ring holds one reference; of each room at most RECORDER_ROOM_FRAMES, which
 *          is the recorder's term in a room's frame pool.
 * Errors:  a frame that finds no place is released: its tick is lost, which the recording tells as
 *          a gap. A disk that refuses ends the recording as incomplete; another one is tried after
 *          5 s, then after twice as long, at most each 60 s. One log line when it starts, one when
 *          it is over.
 */
#ifndef TICKWIRE_SERVER_RECORD_RECORDER_H
#define TICKWIRE_SERVER_RECORD_RECORDER_H

#include <stdint.h>

#include "server/ops/metrics.h"
#include "server/record/recording.h"
#include "server/record/retention.h"
#include "server/room/room.h"
#include "shared/host/log.h"
#include "shared/result.h"

#define RECORDER_ROOM_FRAMES 40 /* two seconds of a stalled disk */

/* What the recorder asks about rooms; recorder_rooms is the real one, tests bring their own. */
struct recorder_room_access {
    uint32_t (*index)(const struct room *room); /* on room threads; the others on the recorder's */
    /* Fills all but id, build, started_ms and tick_hz. What the head borrows lives as the room. */
    void (*describe)(const struct room *room, struct recording_head *head);
    void (*release)(struct frame *frame);
};

extern const struct recorder_room_access recorder_rooms; /* recorder_rooms.c */

struct recorder_settings {
    const char *dir;   /* made if there is none */
    const char *build; /* this program's version */
    uint32_t room_thread_count;
    uint32_t room_capacity; /* above every room's index */
    uint32_t retry_ms;      /* after a failure, the first time; 0: 5 s */
    struct retention_policy retention;
    const struct recorder_room_access *rooms;
    struct log *log; /* borrowed */
};

struct recorder;

/* Opens the catalog and settles what a crash left open. Settings are borrowed for the call, but
 * `rooms` and `log` until recorder_destroy(). */
enum result recorder_create(struct recorder **recorder, const struct recorder_settings *settings,
                            struct error *error);

enum result recorder_start(struct recorder *r, struct error *error);

/* Writes what is in the rings, ends every recording ("the server stopped") and the thread. The room
 * threads have ended; the rooms themselves still stand. */
void recorder_stop(struct recorder *r);

void recorder_destroy(struct recorder *r); /* accepts NULL */

/* To be given to rooms_create(). */
struct frame_sink recorder_sink(struct recorder *r);

/* Its counters, to be registered. */
const struct metrics *recorder_metrics(const struct recorder *r);

#endif
