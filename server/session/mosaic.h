/* mosaic.h - what one client knows entity by entity, once it has been sent less than all of it.
 *
 * Place:   a viewer takes one with its first partial message, and gives it back when all that its
 *          client knows is from the same two ticks again; an ordinary viewer has none.
 * Content: of each entity in the client's list the two ticks it was last sent: from their frames
 *          follows what the client knows of it, as for everybody. And how much it wants to be sent.
 * Memory:  some 4 KB from the worker's pool (MOSAICS_MAX). Where that is empty, nothing is left out
 *          of a message: it is larger than asked for, and the gate holds the next ones.
 */
#ifndef TICKWIRE_SERVER_SESSION_MOSAIC_H
#define TICKWIRE_SERVER_SESSION_MOSAIC_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"

#define MOSAICS_MAX       1024 /* squeezed viewers of one worker */
#define MOSAIC_WAIT_TICKS 20   /* who was left out for so long is sent, whatever the budget */

struct mosaic_piece {
    uint8_t behind_ticks; /* the last tick sent of it, before the viewer's base */
    uint8_t span_ticks;   /* from the one sent before to that; 0: none, it was new */
    uint16_t urgency;     /* grows with each message that leaves it out */
};

struct mosaic {
    uint32_t count;
    struct mosaic_piece pieces[VIEW_ENTITIES_MAX]; /* parallel to the viewer's members */
};

struct pool;
struct room_view;
struct viewer;
struct viewer_plan;

/* Takes a mosaic that says what is so: all of the viewer's list is from its last two ticks. NULL:
 * the pool is empty, or there is none. */
struct mosaic *mosaic_take(const struct viewer *v);

/* Lets go of its frames and gives it back. */
void mosaic_give(struct viewer *v);

/* Returns the frame of the tick that a piece was last sent, or of the one before that (NULL: none). */
const struct frame *mosaic_base(const struct viewer *v, const struct mosaic_piece *piece);
const struct frame *mosaic_before(const struct viewer *v, const struct mosaic_piece *piece);

/* The message of the plan was handed to the stream: notes what the client knows by it. To be called
 * before the viewer itself moves on. */
void mosaic_commit(struct viewer *v, const struct viewer_plan *p);

/* Whether everything is from the viewer's last two ticks again. */
bool mosaic_is_even(const struct viewer *v);

#endif
