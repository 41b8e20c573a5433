/* pilot.h - the bot: flies a craft by what its player's screen would show.
 *
 * Place:   the room calls it for its bots, the load tool for its clients; it remembers nothing, so
 *          moods and errors come from the seat, the tick and `rng`.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_PILOT_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_PILOT_H

#include "shared/game.h"

void pilot_think(const struct game_view *view, struct rng *rng, struct usercmd *cmd);

#endif
