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

struct usercmd {
    uint32_t seq;                 /* 1 for a session's first; ascending by one */
    uint32_t view_tick;           /* the tick whose picture the player acted on; 0: unknown */
    int32_t words[USERCMD_WORDS]; /* by table->usercmd_fields, each within its [min, max] */
};

/* Returns whether every word lies in its field's range. */
bool usercmd_is_valid(const struct field_table *table, const struct usercmd *cmd);

/* Takes over the words of `newer`, but keeps the presses of `cmd`: buttons are or-ed. */
void usercmd_merge(const struct field_table *table, struct usercmd *cmd,
                   const struct usercmd *newer);

/* Appends or takes the words (not seq, not view_tick) as the difference to `previous`. */
void usercmd_encode(struct bits_writer *w, const struct field_table *table,
                    const struct usercmd *cmd, const struct usercmd *previous);
enum result usercmd_decode(struct bits_reader *r, const struct field_table *table,
                           struct usercmd *cmd, const struct usercmd *previous);

#endif
