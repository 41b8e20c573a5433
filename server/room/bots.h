/* bots.h - lets the server's bots think: what they see, what they ask for.
 *
 * Place:   once per tick, before inputs are taken. A bot sees what a player in its seat would see
 *          in the newest frame, and its usercmd goes the way of a player's: queued, applied,
 *          recorded.
 * Rules:   each bot thinks every BOT_THINK_TICKS, the seats in turn; in between, its last usercmd
 *          is held. Where nobody plays or looks on they think every BOT_ALONE_THINK_TICKS, all in
 *          one tick, so that the others need no frame. A bot draws from its seat's generator, never
 *          from the world's, so that a recording, which has the usercmds, verifies without it.
 * Memory:  bots_init() allocates the lists of one query, bots_deinit() frees them.
 */
#ifndef TICKWIRE_SERVER_ROOM_BOTS_H
#define TICKWIRE_SERVER_ROOM_BOTS_H

#include <stdint.h>

#include "server/room/frame.h"
#include "server/room/interest.h"
#include "server/room/seats.h"
#include "shared/game.h"
#include "shared/limits.h"
#include "shared/map.h"
#include "shared/result.h"

#define BOT_THINK_TICKS       2
#define BOT_ALONE_THINK_TICKS TICK_HZ

struct bots {
    const struct game *game; /* borrowed */
    const struct map *map;   /* borrowed */
    struct interest_scratch scratch;
    void *scratch_memory; /* owned */
    uint16_t slots[VIEW_ENTITIES_MAX];
    bool is_new[VIEW_ENTITIES_MAX]; /* all of them: a bot remembers nothing */
    const struct entity *entities[VIEW_ENTITIES_MAX];
};

enum result bots_init(struct bots *b, const struct game *game, const struct map *map,
                      uint32_t slot_capacity);
void bots_deinit(struct bots *b);

/* Gives those whose turn it is in `tick` a new usercmd, from what they see in `newest`. `alone`: no
 * player and no spectator is there. */
void bots_think(struct bots *b, struct seats *seats, const struct frame *newest, uint32_t tick,
                bool alone);

/* Whether bots that are alone need a frame of `tick`: they think in the next. */
bool bots_look_at(uint32_t tick);

#endif
