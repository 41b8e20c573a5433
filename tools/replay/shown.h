/* shown.h - compares what a client was shown with what was: its capture with the match's recording.
 *
 * Place:   the capture's info, play and dump ask it at each snapshot.
 * Rules:   whatever a snapshot tells of an entity must be what stands at that tick in the recording,
 *          quantized as on the wire; of the own body, each word. What a client is not shown, and
 *          what a partial message left behind, is no difference.
 * Memory:  owns a reader and one state.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_SHOWN_H
#define TICKWIRE_TOOLS_REPLAY_SHOWN_H

#include "server/record/reader.h"
#include "server/record/table_map.h"
#include "tools/replay/captured.h"

#define SHOWN_TEXT_BYTES 256

struct shown {
    struct reader *reader; /* owned */
    char path[1024];       /* of the recording */
    struct table_map map;
    struct world_state *state; /* owned: at the tick compared last, by this build's table */
    uint32_t compared_ticks, missing_ticks; /* snapshots; missing: the recording has no such tick */
    uint64_t compared_entities;
    uint32_t differing_ticks;
    uint32_t first_tick;          /* the first that differs */
    char first[SHOWN_TEXT_BYTES]; /* how; "" if nothing differs */
};

/* Opens the recording at `path`, or finds it if that is a folder. RESULT_TOO_BIG: the folder has
 * none of that room and time, or the recording is of another game. */
enum result shown_open(struct shown **shown, const char *path, const struct captured *c,
                       struct error *error);
void shown_close(struct shown *s); /* accepts NULL */

/* Compares the snapshot of the last step. Fills text[] with the first difference, or "". */
enum result shown_compare(struct shown *s, const struct captured *c, char text[SHOWN_TEXT_BYTES],
                          struct error *error);

#endif
