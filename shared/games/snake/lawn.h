/* lawn.h - the grid that snakes live on: tiles, headings, and what lies where.
 *
 * Place:   the rules (snake.c) and the bot (hunger.c) both look at it; it changes nothing.
 */
#ifndef TICKWIRE_SHARED_GAMES_SNAKE_LAWN_H
#define TICKWIRE_SHARED_GAMES_SNAKE_LAWN_H

#include "shared/games/snake/snake.h"

struct tile {
    int32_t x, y;
};

/* The tile that any of the game's entities is on. */
struct tile lawn_tile(const struct entity *e);

bool lawn_is_centred(const struct entity *head);
bool lawn_is_wall(const struct map *map, struct tile tile);
struct tile lawn_next(struct tile tile, int32_t heading);
int32_t lawn_reverse(int32_t heading);

/* The heading with most tiles before a wall. */
int32_t lawn_widest_heading(const struct map *map, struct tile tile);

/* Returns what lies on `tile`, a living head included, but not the entity in `except`; or NULL. */
const struct entity *lawn_occupant(const struct world *w, struct tile tile, uint16_t except);

/* Whether that entity lies on that tile; a dead head is not there. */
bool lawn_is_on(const struct entity *e, struct tile tile);

#endif
