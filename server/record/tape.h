/* tape.h - one match being recorded: takes frames, makes chunks and keyframes of them.
 *
 * Place:   the recorder has one for each room that plays and feeds it on its own thread; tests and
 *          generators feed one directly. Below it are the codecs and the recording.
 * Memory:  a tape owns the last state, the open second and its recording; a frame is borrowed for
 *          the call alone. Once its buffers have grown, a tick allocates nothing.
 * Errors:  not RESULT_OK means that the file can take no more: end the tape, and start another when
 *          it can. What was committed before stays.
 */
#ifndef TICKWIRE_SERVER_RECORD_TAPE_H
#define TICKWIRE_SERVER_RECORD_TAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "server/record/recording.h"
#include "server/room/frame.h"

struct tape;

struct tape_stats {
    uint32_t first_tick, last_tick; /* as committed */
    uint32_t tick_count;            /* committed: gaps do not count */
    uint32_t lost_ticks;
    uint32_t player_count; /* people, not bots */
    uint32_t chunk_count;
    uint64_t packed_bytes;
};

enum result tape_create(struct tape **tape, const char *path, const struct recording_head *head,
                        struct error *error);

/* Appends one tick. The first is stored as a keyframe, and so is one that does not follow the last:
 * before it stands a gap with the reason "the recorder was behind". Commits once a second. */
enum result tape_append(struct tape *t, const struct frame *frame, struct error *error);

/* Commits the open second and ends the file: complete if nothing is missing and `trouble` is NULL,
 * else incomplete with that reason. */
enum result tape_finish(struct tape *t, const char *reason, const char *trouble, uint64_t ended_ms,
                        struct error *error);

/* Closes the file as it is and frees everything; accepts NULL. */
void tape_destroy(struct tape *t);

const struct tape_stats *tape_stats(const struct tape *t);

/* Whether somebody deleted or moved the file: what is written goes nowhere. */
bool tape_has_moved(const struct tape *t);

/* How it stands or, once finished, ended, and why. */
enum recording_status tape_status(const struct tape *t);
const char *tape_reason(const struct tape *t);

#endif
