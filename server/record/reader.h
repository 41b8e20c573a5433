/* reader.h - plays a recording: any tick of it in milliseconds, then tick by tick.
 *
 * Place:   the playback room, the native client, tickwire-replay and verify read through it. It
 *          knows the file's own field table, not the games of this build: table_map.h leads from
 *          one to the other. Needs nothing else of the server.
 * Memory:  about what the world takes twice over, however long the match; everything that a
 *          function returns is borrowed until the next call that moves the reader, or its end.
 * Threads: a reader belongs to one thread. It holds no transaction between two calls, so it may
 *          read a match that is being recorded.
 * Errors:  RESULT_INVALID   damaged: a checksum, a hash or the format itself is broken; says where
 *          RESULT_CLOSED    not a recording, or of a newer schema (open); no more ticks (step)
 *          RESULT_TOO_BIG   no such tick
 *          RESULT_AGAIN     locked by another process
 *          RESULT_IO        cannot be read
 */
#ifndef TICKWIRE_SERVER_RECORD_READER_H
#define TICKWIRE_SERVER_RECORD_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/record/input_codec.h"
#include "server/record/recording.h"
#include "shared/fields.h"
#include "shared/map.h"
#include "shared/result.h"
#include "shared/world.h"

struct reader;

struct reader_info {
    struct recording_head head; /* its table and map are the file's own */
    const char *game;
    uint32_t step_version;
    enum recording_status status;
    char reason[RECORDING_REASON_BYTES];
    uint64_t ended_ms; /* 0: unknown */
    uint32_t first_tick, last_tick;
    uint32_t lost_ticks; /* in gaps between them */
    uint32_t gap_count;
    uint64_t file_bytes;
};

/* Opens read-only, also from a folder that is. Stands nowhere until the first seek. */
enum result reader_open(struct reader **reader, const char *path, struct error *error);
void reader_close(struct reader *r); /* accepts NULL */

/* As of the opening, or of the last reader_refresh(): a match being recorded grows. */
const struct reader_info *reader_info(const struct reader *r);
enum result reader_refresh(struct reader *r, struct error *error);

/* What takes the place; read from the file at each call. */
struct reader_sizes {
    uint32_t keyframe_count, chunk_count, event_count;
    uint64_t keyframe_bytes, state_bytes, inputs_bytes, hash_bytes; /* packed */
};
void reader_sizes(struct reader *r, struct reader_sizes *sizes);

const struct schema *reader_schema(const struct reader *r);
const struct map *reader_map(const struct reader *r);

/* Everybody who played, by id. */
const struct recording_player *reader_players(const struct reader *r, size_t *count);

/* Who sat in `seat` at `tick`, or NULL. */
const struct recording_player *reader_player(const struct reader *r, uint16_t seat, uint32_t tick);

/* Whether steps also decode the inputs; not at first. Takes effect with the next seek. */
void reader_want_inputs(struct reader *r, bool wanted);

/* Goes to `tick`. RESULT_TOO_BIG: before the first, after the last, or in a gap. */
enum result reader_seek(struct reader *r, uint32_t tick, struct error *error);

/* Goes on to the next tick: over a gap, to the keyframe behind it. RESULT_CLOSED: there is none. */
enum result reader_step(struct reader *r, struct error *error);

/* Of the tick where the reader stands. */
uint32_t reader_tick(const struct reader *r);
const struct world_state *reader_state(const struct reader *r);
uint64_t reader_hash(const struct reader *r); /* as recorded; seek and step compare it */
bool reader_is_start(const struct reader *r); /* a first tick, or one after a gap: no inputs */
const struct tick_inputs *reader_inputs(const struct reader *r); /* NULL: not wanted, or a start */
uint64_t reader_inputs_hash(const struct reader *r);             /* as recorded */

/* The state as it is stored in full at this tick, if it was reached from the tick before and is a
 * keyframe; else NULL. Both ways should lead to the same. */
const struct world_state *reader_keyframe(const struct reader *r);

/* While true (at first), seek and step fail at a state that has not the recorded hash or is not its
 * keyframe's. Verify looks at them itself. */
void reader_check_hashes(struct reader *r, bool checked);

/* Fills events[0..capacity) with what happened from one tick to another, both included, in order;
 * *count tells how many there were, more than capacity perhaps. Does not move the reader. */
enum result reader_events(struct reader *r, uint32_t from_tick, uint32_t to_tick,
                          struct recording_event *events, size_t capacity, size_t *count,
                          struct error *error);

#endif
