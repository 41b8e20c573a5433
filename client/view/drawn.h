/* drawn.h - one entity as a renderer draws it: interpolated, extrapolated or predicted.
 *
 * Place:   interpolate.c and predict.c fill it; view_draw.c hands out a list of them per frame. The
 *          page reads the same bytes straight from wasm memory (client/web/tickwire.js).
 * Layout:  26 little-endian 32-bit words, no padding.
 */
#ifndef TICKWIRE_CLIENT_VIEW_DRAWN_H
#define TICKWIRE_CLIENT_VIEW_DRAWN_H

#include <stdint.h>

#include "shared/fields.h"

enum drawn_flags {
    DRAWN_OWN = 1,          /* the body that one steers: predicted */
    DRAWN_MINE = 2,         /* belongs to one's own seat */
    DRAWN_EXTRAPOLATED = 4, /* newer than the newest state received: a guess */
    DRAWN_HELD = 8,         /* the guess went as far as it may: it stands still now */
    DRAWN_PREDICTED = 16    /* fired by oneself just now: the server has not told of it yet */
};

struct drawn {
    uint16_t slot;
    uint8_t generation;
    uint8_t kind; /* 1 + index into table->kinds */
    uint16_t owner;
    uint16_t flags;              /* enum drawn_flags */
    int32_t words[ENTITY_WORDS]; /* simulation units; those sent to others, and of the own body
                                    also those sent to the owner alone */
};

_Static_assert(sizeof(struct drawn) == 4 * (2 + ENTITY_WORDS), "the page reads it word by word");

#endif
