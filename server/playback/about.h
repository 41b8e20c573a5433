/* about.h - what happened in a recording and who played, gathered bit by bit for a timeline.
 *
 * Place:   a playback gathers while it plays, so that the first picture does not wait for it, and
 *          sends the text once: PROTOCOL.md "about". Marks are the game's reliable events, as the
 *          recording's own table describes them.
 * Memory:  ABOUT_MARKS_MAX marks, however long the match: where there are more, of each kind the
 *          first in each stretch of time is kept, and the stretches double.
 */
#ifndef TICKWIRE_SERVER_PLAYBACK_ABOUT_H
#define TICKWIRE_SERVER_PLAYBACK_ABOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/record/reader.h"

#define ABOUT_MARKS_MAX   1024
#define ABOUT_PLAYERS_MAX 256 /* people first, then bots */
#define ABOUT_EVENTS_MAX  512 /* read at once */
#define ABOUT_BYTES_MAX   57344

struct about_mark {
    uint32_t tick;
    uint8_t kind;
    int32_t words[EVENT_WORDS];
};

struct about {
    uint32_t next_tick, last_tick; /* to be looked at yet */
    uint32_t stretch_ticks;        /* of each kind one mark is kept in each; 0: all are */
    uint32_t count;
    struct about_mark marks[ABOUT_MARKS_MAX];
    struct recording_event events[ABOUT_EVENTS_MAX];
};

/* Begins with what lies from one tick to the other, both included. */
void about_begin(struct about *a, uint32_t first_tick, uint32_t last_tick);

/* Looks at some seconds more. Returns false when all has been seen. */
bool about_gather(struct about *a, struct reader *reader);

/* Writes what was gathered of the recording that is asked for as `id`, as JSON; returns its length.
 * `capacity_bytes` is ABOUT_BYTES_MAX. */
size_t about_write(const struct about *a, const struct reader *reader, const char *id, char *text,
                   size_t capacity_bytes);

#endif
