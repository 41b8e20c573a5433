/* mend.h - where a guess was wrong, the picture is put right little by little.
 *
 * Place:   view_draw.c shows it what is drawn of others in each frame. When news has come after a
 *          frame that held guesses (DRAWN_EXTRAPOLATED), it is shown the same moment as it really
 *          was.
 * Rule:    what is shown goes on from where it was guessed to be, and the difference fades as a
 *          correction of the own body does (predict.h). A difference of more than MEND_SNAP_UNITS
 *          is not hidden.
 * Memory:  borrows two lists as long as that of what is drawn.
 */
#ifndef TICKWIRE_CLIENT_VIEW_MEND_H
#define TICKWIRE_CLIENT_VIEW_MEND_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/drawn.h"
#include "client/view/tickclock.h"

#define MEND_SNAP_UNITS 64

/* One that was guessed in the last frame, or is still shown off its place. */
struct mend_one {
    uint16_t slot;
    uint8_t generation, kind;
    bool is_guess;
    int32_t shown[MOVING_FIELDS_MAX]; /* by schema_kind.moving */
    int32_t jump[MOVING_FIELDS_MAX];  /* what is still shown of a guess */
};

struct mend {
    const struct schema *schema; /* borrowed */
    int32_t unit;
    struct mend_one *list;  /* borrowed: slots ascending */
    struct mend_one *spare; /* borrowed: the next frame's */
    uint32_t count;
    bool has_guesses;     /* in the list */
    struct moment moment; /* of the last frame */
    uint64_t faded_us;    /* local time up to which the jumps have faded */
};

/* `memory` has room for 2 * `capacity`, the most that are ever drawn; `unit` as in struct game. */
void mend_init(struct mend *m, const struct schema *schema, int32_t unit, struct mend_one *memory,
               uint32_t capacity);

/* What comes next has nothing to do with what was drawn. */
void mend_clear(struct mend *m);

/* Takes the last frame's moment as it is known now: drawn[0..count), slots ascending. */
void mend_absorb(struct mend *m, const struct drawn *drawn, uint32_t count);

/* Brings what is to be drawn at `moment` near to what was shown before. */
void mend_draw(struct mend *m, struct moment moment, uint64_t now_us, struct drawn *drawn,
               uint32_t count);

#endif
