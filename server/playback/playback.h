/* playback.h - one film under the control of one watcher: speed, pauses, seeks, steps.
 *
 * Place:   playbacks.c runs many of them on its threads and hands their news to the workers'
 *          sessions; tests drive one in virtual time.
 * Rule:    at 1x and faster a frame each 50 ms, so many ticks on; slower, each tick when it is due.
 *          A seek makes a new epoch, so that its frame stands alone and is sent in full; of seeks
 *          that wait only the last is done. A match that goes on is played up to its delay's edge.
 * Memory:  owns the film; frames in its news belong to whoever takes them.
 */
#ifndef TICKWIRE_SERVER_PLAYBACK_PLAYBACK_H
#define TICKWIRE_SERVER_PLAYBACK_PLAYBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "server/playback/about.h"
#include "server/playback/film.h"
#include "shared/limits.h"
#include "shared/message.h"
#include "shared/result.h"

#define PLAYBACK_REFRESH_US 1000000 /* a match that goes on is looked at that often */

enum playback_news_kind {
    PLAYBACK_OPENED, /* room: lives until the playback is given back */
    PLAYBACK_STATUS,
    PLAYBACK_FRAME, /* of another epoch than the last: knows nothing of what was before */
    PLAYBACK_ABOUT, /* a JSON text, the taker's, for free() */
    PLAYBACK_ENDED  /* or could not begin; nothing follows */
};

struct playback_news {
    uint8_t kind; /* enum playback_news_kind */
    union {
        const struct room *room;
        struct message_playback status;
        struct frame *frame; /* a reference */
        struct {
            char *text;
            size_t length_bytes;
        } about;
        struct message_bye ended;
    };
};

/* Where news go. A frame that finds no place is made later. */
struct playback_sink {
    void *context;
    bool (*has_place)(void *context, enum playback_news_kind kind);
    void (*tell)(void *context, const struct playback_news *news);
};

/* How it begins. */
struct playback_start {
    const char *id, *path; /* of the recording; borrowed for the call */
    uint32_t tick;         /* 0: the first */
    int8_t speed;
    bool is_paused;
    uint32_t delay_ms; /* before the present, for a match that goes on */
    uint32_t idle_ms;  /* paused or at its end that long: it ends */
};

struct playback {
    struct film *film; /* owned; NULL: none */
    char id[RECORDING_ID_BYTES];
    uint32_t idle_ms;
    uint32_t epoch;
    int8_t speed;
    bool is_paused, is_at_end, is_over;
    bool wants_seek;
    uint32_t wanted_tick; /* if wants_seek */
    uint32_t wanted_steps;
    bool owes_status, owes_frame, owes_about;
    uint32_t told_last_tick;
    uint64_t due_us;        /* of the next frame */
    uint64_t refresh_us;    /* of the next look at the file */
    uint64_t controlled_us; /* when the watcher last asked for something */
    struct about *about;    /* owned, while it is gathered */
};

/* Opens the film and tells what it is, or why not. */
void playback_open(struct playback *p, const struct playback_start *start, uint64_t now_us,
                   uint64_t wall_ms, const struct playback_sink *sink);

/* Every frame must have been released; accepts a zeroed one. */
void playback_close(struct playback *p);

/* Takes note of what the watcher asks; playback_turn() does it. */
void playback_apply(struct playback *p, const struct message_control *control, uint64_t now_us);

/* Does what is due. Returns when there is more to do; UINT64_MAX: when the watcher asks. */
uint64_t playback_turn(struct playback *p, uint64_t now_us, uint64_t wall_ms,
                       const struct playback_sink *sink);

#endif
