/* recording.h - the file of one match: its tables, its rows, its chain of checksums.
 *
 * Place:   the tape writes a file through it; the reader reads the rows it defines. README.md shows
 *          the schema and what a crash can cost.
 * Layout:  a recording is a sequence of items, tick by tick: a keyframe (the state after one tick),
 *          chunks of the ticks that follow, a keyframe each 10 s, and after lost ticks a gap and a
 *          keyframe. Each item's checksum covers the one before it, the first one's covers the
 *          head: no item can be changed, left out or moved without a trace.
 * Memory:  rows borrow their blobs; a recording owns its database.
 * Errors:  of a struct store (store.h); nothing here ends the program, a full disk least of all.
 */
#ifndef TICKWIRE_SERVER_RECORD_RECORDING_H
#define TICKWIRE_SERVER_RECORD_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/record/store.h"
#include "shared/fields.h"
#include "shared/limits.h"
#include "shared/map.h"
#include "shared/result.h"
#include "shared/world.h"

#define RECORDING_VERSION        2
#define RECORDING_APPLICATION_ID 0x5457524Bu /* "TWRK" */
#define RECORDING_SUFFIX         ".db"

#define RECORDING_CHUNK_TICKS     20   /* one second: a transaction, and what a crash may cost */
#define RECORDING_CHUNK_TICKS_MAX 250  /* that a reader accepts */
#define RECORDING_KEYFRAME_TICKS  200  /* a multiple of the chunk's */
#define RECORDING_HASH_BYTES      16   /* a tick's: of its state, of its inputs */
#define RECORDING_EVENTS_PER_TICK 4096 /* an event's id is its tick times this, and its index */
#define RECORDING_ID_BYTES        80
#define RECORDING_REASON_BYTES    160
#define RECORDING_BUILD_BYTES     64

extern const struct store_form recording_form;

enum recording_status {
    RECORDING_OPEN,       /* being written, or left so by a crash until the next start finds it */
    RECORDING_COMPLETE,   /* every tick from the first to the last */
    RECORDING_INCOMPLETE, /* there are gaps, or it ends early; the reason says why */
    RECORDING_TRUNCATED,  /* a crash ended it; plays up to its last second */
    RECORDING_STATUS_COUNT
};

/* Returns "recording", "complete", ...: what stands in the file. */
const char *recording_status_name(enum recording_status status);
enum recording_status recording_status_of(const char *name); /* RECORDING_OPEN if unknown */

/* What is known when a recording starts. */
struct recording_head {
    char id[RECORDING_ID_BYTES];
    char room[ROOM_NAME_BYTES_MAX + 1];
    char map_name[MAP_NAME_BYTES];
    char build[RECORDING_BUILD_BYTES];
    uint64_t started_ms; /* wall time */
    uint32_t tick_hz;
    uint32_t match_ticks; /* 0: without end */
    uint32_t slot_capacity, seat_capacity;
    uint32_t unit; /* simulation units to one unit of length, for positions in events */
    const struct field_table *table; /* borrowed */
    const uint8_t *packed_map;       /* borrowed */
    size_t packed_map_bytes;
};

struct recording_blob {
    const void *bytes; /* borrowed */
    size_t length_bytes;
};

enum recording_chunk_kind { RECORDING_TICKS, RECORDING_GAP };

struct recording_chunk {
    uint32_t tick; /* the first */
    uint32_t tick_count;
    enum recording_chunk_kind kind;
    uint32_t previous_crc, crc;
    struct recording_blob hashes;        /* RECORDING_HASH_BYTES each tick */
    struct recording_blob state, inputs; /* packed */
    uint32_t state_bytes, inputs_bytes;  /* unpacked */
    const char *reason;                  /* of a gap */
};

struct recording_keyframe {
    uint32_t tick;
    uint64_t hash; /* world_hash() of the state */
    uint32_t previous_crc, crc;
    struct recording_blob state; /* packed */
    uint32_t state_bytes;        /* unpacked */
};

/* Somebody in a seat under a name and a colour, from tick to tick. */
struct recording_player {
    uint32_t id; /* from 1, in order of coming */
    uint16_t seat;
    bool is_bot;
    bool has_left;
    uint8_t colour; /* as chosen, up to COLOURS_MAX; 0: by the seat, as in all files of version 1 */
    uint8_t name_bytes;
    uint32_t from_tick;
    uint32_t to_tick; /* if has_left: the last tick */
    char name[NAME_BYTES_MAX];
};

/* An event of the game, or a line of chat. */
struct recording_event {
    uint32_t tick;
    uint16_t index; /* among the tick's: below RECORDING_EVENTS_PER_TICK */
    bool is_chat;
    struct event event; /* of chat: seat says who, SEAT_NONE the server itself */
    uint8_t text_bytes; /* of chat */
    char text[CHAT_BYTES_MAX];
};

/* Returns the id of a tick's first event; the next tick's are beyond. */
int64_t recording_event_id(uint32_t tick);

/* What every item's checksum begins with, and the checksums of the items. `table_text` is the text
 * of head->table as stored. */
uint32_t recording_head_crc(const struct recording_head *head, const char *table_text);
uint32_t recording_chunk_crc(const struct recording_chunk *chunk);
uint32_t recording_keyframe_crc(const struct recording_keyframe *keyframe);

/* -- writing: everything of one second between begin and commit -- */

struct recording;

/* Makes the file, which must not exist. */
enum result recording_create(struct recording **recording, const char *path,
                             const struct recording_head *head, struct error *error);

/* Closes the file as it is; accepts NULL. */
void recording_close(struct recording *r);

enum result recording_begin(struct recording *r);
enum result recording_commit(struct recording *r);

/* Chain and store; they set previous_crc and crc. */
enum result recording_put_keyframe(struct recording *r, struct recording_keyframe *keyframe);
enum result recording_put_chunk(struct recording *r, struct recording_chunk *chunk);

enum result recording_put_event(struct recording *r, const struct recording_event *event);
enum result recording_put_player(struct recording *r, const struct recording_player *player);

/* Writes how it ended, makes it durable and one plain file. The recording is still to be closed. */
enum result recording_finish(struct recording *r, enum recording_status status, const char *reason,
                             uint64_t ended_ms);

/* Whether somebody deleted or moved the file. */
bool recording_has_moved(const struct recording *r);

/* Says what went wrong last, as store_error(). */
enum result recording_error(const struct recording *r, enum result result, struct error *error);

/* Brings a file that was left open, by a crash or a full disk, into one plain file that tells
 * `status` and `reason`. What has ended in peace keeps what it says. RESULT_AGAIN: another process
 * is writing or reading it. */
enum result recording_settle(const char *path, enum recording_status status, const char *reason,
                             struct error *error);

#endif
