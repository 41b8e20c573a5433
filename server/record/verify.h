/* verify.h - proves a recording: simulates it again from its inputs and compares every tick.
 *
 * Place:   tickwire-replay verify, CI and tests run it over a reader.
 * Rules:   from the first keyframe, and from the one behind each gap, the game's own join, leave
 *          and step are given what was recorded. At each tick the recorded hash, the recorded
 *          state, the keyframe if there is one, and the simulated state must all agree, and the
 *          usercmds must have the hash that they had when they were applied.
 * Errors:  a file that cannot be decoded is RESULT_INVALID with the reader's error; a difference is
 *          a result, not an error. The file's state is handed to the game's step as it is, so
 *          verify what you have reason to trust, or in a process of its own.
 */
#ifndef TICKWIRE_SERVER_RECORD_VERIFY_H
#define TICKWIRE_SERVER_RECORD_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/record/reader.h"
#include "shared/game.h"
#include "shared/result.h"

enum verify_place {
    VERIFY_SAME,
    VERIFY_INPUTS, /* the usercmds of the tick are not those that were applied */
    VERIFY_FIELD,  /* a word of an entity */
    VERIFY_ENTITY, /* its kind, generation, owner or since_tick */
    VERIFY_GLOBAL,
    VERIFY_RNG,
    VERIFY_WORLD, /* tick or slot_count */
    VERIFY_HASH   /* the states agree, the recorded hash is another */
};

struct verify_difference {
    enum verify_place place;
    uint32_t tick;
    bool is_keyframe; /* not the stream of changes, but the keyframe of that tick is meant */
    uint16_t slot;    /* FIELD, ENTITY */
    uint8_t kind, generation; /* of the entity as recorded; kind 0: a free slot */
    char name[64];            /* of the field, global or member; "rng 2" */
    int64_t recorded;         /* the two values */
    int64_t expected;         /* as simulated, or as the recorded hash demands */
    uint32_t word_count;      /* words that differ, this one included */
};

struct verify_report {
    uint32_t tick_count;            /* verified: each agreed with its simulation, or started one */
    uint32_t start_count;           /* 1, and one more for each gap */
    struct verify_difference first; /* VERIFY_SAME: all agreed */
};

/* Called once a second of play; may be NULL. */
typedef void verify_progress(void *context, uint32_t tick);

/* Runs over the whole recording, or up to the first tick that differs; the reader then stands
 * there, its inputs decoded. RESULT_TOO_BIG: `game` has another name or step version. */
enum result verify_run(struct reader *reader, const struct game *game, verify_progress *progress,
                       void *context, struct verify_report *report, struct error *error);

/* Writes the difference as a sentence, cut at the capacity. */
void verify_describe(const struct verify_difference *difference, const struct field_table *table,
                     char *text, size_t capacity_bytes);

#endif
