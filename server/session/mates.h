/* mates.h - a player's mates, as the game names them, never leave the view.
 *
 * Place:   a viewer calls it when it knows what else is seen. Mates within sight are put in however
 *          crowded the view is; farther ones only if the game says that they are shown from afar.
 * Memory:  the plan's lists; a viewer of a game with mates keeps MATES_MAX places free for them.
 */
#ifndef TICKWIRE_SERVER_SESSION_MATES_H
#define TICKWIRE_SERVER_SESSION_MATES_H

#include "server/session/viewer.h"

/* Puts the mates of the plan's own body into its lists, those that are not there yet, and notes them
 * in kept[]. */
void mates_put(const struct viewer *v, struct viewer_plan *p);

#endif
