/* usercmd.h - what one player asks for one tick: input, so never trusted.
 *
 * Place:   made by a client or a bot, carried in input messages (message.h), drained by the room's
 *          tick into game->step, recorded as applied.
 */
#ifndef TICKWIRE_SHARED_USERCMD_H
#define TICKWIRE_SHARED_USERCMD_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/bits.h"
#include "shared/fields.h"

#define USERCMDS_PER_TICK_MAX 2 /* of one seat: how fast it may catch up after a stall */
#define VIEW_PART_BITS        4 /* a tick has 16 parts */
#define VIEW_PARTS            (1 << VIEW_PART_BITS)
#define LAG_TICKS_MAX         5 /* 250 ms: an older picture counts as one of this age */

struct usercmd {
    uint32_t seq;                 /* 1 for a session's first; ascending by one */
    uint32_t view_tick;           /* the picture that the player acted on: this tick, ... */
    uint32_t view_part;           /* ... and that many VIEW_PARTS on; 0 and 0: unknown */
    int32_t words[USERCMD_WORDS]; /* by table->usercmd_fields, each within its [min, max] */
};

/* Returns whether every word lies in its field's range. */
bool usercmd_is_valid(const struct field_table *table, const struct usercmd *cmd);

/* Takes over the words of `newer`, but keeps the presses of `cmd`: buttons are or-ed. */
void usercmd_merge(const struct field_table *table, struct usercmd *cmd,
                   const struct usercmd *newer);

/* Returns how far the end of `tick`, which applies the usercmd, lies behind the picture that the
 * player acted on, in VIEW_PARTS of a tick: VIEW_PARTS..LAG_TICKS_MAX * VIEW_PARTS. An unknown
 * picture counts as the newest there was, that of the tick before. */
int32_t usercmd_lag(const struct usercmd *cmd, uint32_t tick);

/* Brings the picture within those bounds, so that what is recorded is what was believed. */
void usercmd_bound_lag(struct usercmd *cmd, uint32_t tick);

/* Appends or takes the words (not seq, not the picture) as the difference to `previous`. */
void usercmd_encode(struct bits_writer *w, const struct field_table *table,
                    const struct usercmd *cmd, const struct usercmd *previous);
enum result usercmd_decode(struct bits_reader *r, const struct field_table *table,
                           struct usercmd *cmd, const struct usercmd *previous);

#endif
