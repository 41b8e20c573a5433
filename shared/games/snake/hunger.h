/* hunger.h - the bot: heads for the nearest food by the way that leaves it most room.
 *
 * Place:   the room calls it for its bots, the load tool for its clients; it remembers nothing.
 */
#ifndef TICKWIRE_SHARED_GAMES_SNAKE_HUNGER_H
#define TICKWIRE_SHARED_GAMES_SNAKE_HUNGER_H

#include "shared/game.h"

void hunger_think(const struct game_view *view, struct rng *rng, struct usercmd *cmd);

#endif
