/* capture.h - the last seconds of what a client received and sent, for the report of a bug.
 *
 * Place:   the view notes every message; the page and the native client save the parts as one file,
 *          which tickwire-replay reads and compares with the match's recording.
 * Layout:  integers little-endian. Head: "TWCAPT", version byte, saved at (wall ms u64, the client's
 *          monotonic us u64), length byte and build's version, length u16 and welcome message (its
 *          token zeroed). Then records: kind byte (enum capture_kind), at us u64, length u32, bytes.
 *          A start is what the client knew before the next message: tick, input_seq u32, has self
 *          byte [slot u16, kind, generation bytes, words i32 by schema.self], count u16, entities:
 *          slot, owner, behind_ticks u16, kind, generation bytes, wire and velocity16 i32.
 *          Hello and map are left out.
 * Memory:  two halves, borrowed from init to the end of use. When one holds CAPTURE_SECONDS or is
 *          full, the other is emptied and begun with a start: so at least the last CAPTURE_SECONDS
 *          are there, or what fits into one half.
 * Errors:  a reader checks every bound: captures come from outside.
 */
#ifndef TICKWIRE_CLIENT_VIEW_CAPTURE_H
#define TICKWIRE_CLIENT_VIEW_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/message.h"
#include "shared/snapshot.h"

#define CAPTURE_SECONDS     10
#define CAPTURE_MAGIC       "TWCAPT"
#define CAPTURE_VERSION     1
#define CAPTURE_BUILD_BYTES 32
#define CAPTURE_HEAD_BYTES  512
/* A half holds the largest start and the largest message. */
#define CAPTURE_BYTES_MIN (2 * 384 * 1024)

enum capture_kind {
    CAPTURE_START, /* not a message: what the client knew */
    CAPTURE_DOWN,
    CAPTURE_UP,
    CAPTURE_KIND_COUNT
};

struct capture_half {
    uint8_t *bytes; /* borrowed */
    uint32_t used_bytes;
    uint64_t from_us;
};

struct capture {
    uint32_t half_bytes; /* 0: nothing is captured */
    struct capture_half halves[2];
    unsigned newer; /* the half that is being filled */
    bool has_match;
    struct message_welcome welcome;
    uint8_t head[CAPTURE_HEAD_BYTES];
    uint32_t head_bytes;
};

/* Starts over memory[0..capacity_bytes); 0: nothing will be captured. */
void capture_init(struct capture *c, uint8_t *memory, uint32_t capacity_bytes);

/* A new match has welcomed us: what came before is forgotten. */
void capture_begin(struct capture *c, const struct message_welcome *welcome);

/* Notes one message, before it is applied to `seen`, which is borrowed for the call. */
void capture_note(struct capture *c, enum capture_kind kind, const uint8_t *bytes,
                  size_t length_bytes, uint64_t now_us, const struct seen *seen);

/* Makes the head of a file. Returns false if there is nothing to save. */
bool capture_finish(struct capture *c, uint64_t wall_ms, uint64_t now_us);

/* After capture_finish(), and until the next note: the file is these parts, one after the other. */
#define CAPTURE_PARTS 3
uint32_t capture_part(const struct capture *c, unsigned index, const uint8_t **bytes);

/* -- reading such a file -- */

struct capture_head {
    uint64_t wall_ms;  /* when it was saved */
    uint64_t saved_us; /* the same, by the clock of the records */
    char build[CAPTURE_BUILD_BYTES];
    struct message_welcome welcome;
};

struct capture_record {
    enum capture_kind kind;
    uint64_t at_us;
    const uint8_t *bytes; /* borrowed from the file's */
    uint32_t length_bytes;
};

struct capture_reader {
    struct capture_head head;
    const uint8_t *at, *end; /* borrowed */
};

/* RESULT_CLOSED: not a capture, or of a newer version. RESULT_INVALID: its head is broken. */
enum result capture_open(struct capture_reader *r, const uint8_t *bytes, size_t length_bytes);

/* Takes the next record. RESULT_CLOSED: there is none; RESULT_INVALID: cut short, or no record. */
enum result capture_next(struct capture_reader *r, struct capture_record *record);

/* Makes `seen` what it was at that CAPTURE_START. RESULT_INVALID: it does not fit its schema. */
enum result capture_restore(const struct capture_record *record, struct seen *seen);

#endif
