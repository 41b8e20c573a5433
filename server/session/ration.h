/* ration.h - chooses which entities' updates go into a snapshot that may not have all of them.
 *
 * Place:   a session calls it when a snapshot that it has written is longer than the budget, then
 *          writes it again. What comes into view or leaves it, names and events are always told.
 * Rule:    one's own body, its mates, whom it is after (game.h) and who waited for MOSAIC_WAIT_TICKS are in,
 *          whatever the budget. The others by an urgency that grows with each message that leaves
 *          them out, by 4 for what is near, 2 for what is not, 1 for what is far, 0 for what is as
 *          the client expects; who is sent starts from 0. One that does not fit lets smaller ones
 *          pass. At least a twentieth of what there is to say goes in with each tick, so that not
 *          all have waited for too long at once.
 */
#ifndef TICKWIRE_SERVER_SESSION_RATION_H
#define TICKWIRE_SERVER_SESSION_RATION_H

#include "server/session/viewer.h"

/* Makes the plan a partial one: its snapshot is `length_bytes` long, its cost_bits are filled in, and
 * `budget_bytes` is what it may have. False: nothing can be left out. */
bool ration_choose(struct viewer *v, struct viewer_plan *p, uint32_t length_bytes,
                   uint32_t budget_bytes);

#endif
