/* lines.h - what was said and what happened in one room, kept for a while for slow readers.
 *
 * Place:   the worker files every frame's events and chat once, skipped frames' too; each viewer
 *          reads on from its own number with its next message, so nothing is queued per client.
 * Memory:  a ring of LINES_KEPT for each class; texts lie apart, for few lines have one; who is further behind has lost lines: of reliable
 *          ones it learns by lines_read(), and its session ends with 1013.
 */
#ifndef TICKWIRE_SERVER_SESSION_LINES_H
#define TICKWIRE_SERVER_SESSION_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "shared/snapshot.h"

#define LINES_KEPT      512 /* of each class */
#define LINE_DROP_TICKS 10  /* a droppable event older than that is not worth telling */

struct line {
    uint32_t number; /* of all lines of the room, in the order in which they happened */
    uint32_t tick;
    uint16_t seat; /* who alone learns of it, or SEAT_NONE */
    bool is_chat;
    bool is_reliable;
    uint8_t text_bytes; /* of a chat, whose text stands in lines->texts */
    union {
        struct event event;
        uint16_t chat_seat; /* SEAT_NONE: the server itself */
    };
};

/* The lines of one class: line number n of it stands at n % LINES_KEPT. */
struct line_ring {
    struct line lines[LINES_KEPT];
    uint32_t end; /* how many there have been */
};

struct lines {
    struct line_ring droppable, reliable; /* apart: a fight's many hits push out no kill */
    uint32_t end;                         /* the number that the next line gets */
    uint32_t first_tick, last_tick;       /* of the frames filed without a gap */
    bool has_first;
    uint32_t reliable_end;                  /* one past the newest reliable line no longer kept */
    char texts[LINES_KEPT][CHAT_BYTES_MAX]; /* parallel to reliable.lines: chat is reliable */
};

/* Who reads, and what it may know: an event whose positions all lie out of sight is not told if it
 * is droppable; of a reliable one, those positions are told as EVENT_UNSEEN. */
struct lines_reader {
    uint16_t seat;
    uint32_t tick; /* of the message */
    bool sees;     /* false: nothing, a hidden page */
    int32_t x, y;  /* the middle of its view, simulation units */
    int32_t half_x, half_y;
};

/* Files what happened in `frame`. */
void lines_file(struct lines *l, const struct field_table *table, const struct frame *frame);

/* Takes over from another one what is missing: its reliable lines after our last tick, up to but not
 * including `before_tick`; NULL: all. */
void lines_recall(struct lines *l, const struct lines *from, const uint32_t *before_tick);

/* Finds the number from which to read on for a client that was told all up to `tick`. False: what it
 * has missed is not all here. */
bool lines_find_after(const struct lines *l, uint32_t tick, uint32_t *number);

/* Copies the lines from number *next on that the reader may know into out[0..capacity) and moves
 * *next on. Returns their number; sets *lost if a reliable one was missed. */
uint32_t lines_read(const struct lines *l, const struct field_table *table, uint32_t *next,
                    const struct lines_reader *reader, struct snapshot_line *out, uint32_t capacity,
                    bool *lost);

#endif
