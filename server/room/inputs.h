/* inputs.h - the usercmds of one seat between their arrival and the tick that applies them.
 *
 * Place:   the room pushes what workers posted and takes, once per tick, what goes to game->step
 *          and into the recording. Pure: no clock but the ticks passed in.
 * Rules:   see enum input_mode (room.h). Queued: one usercmd a tick, two while more than one would
 *          still wait, never faster than real time overall (one a tick, and a burst of
 *          INPUT_BURST saved up in quiet ticks). Who sends nothing for INPUT_PATIENCE_TICKS coasts:
 *          each tick a neutral usercmd (no buttons, zeros, angles as they were) under the last
 *          sequence number. Held: the newest every tick, neutral after INPUT_STALE_TICKS.
 *          The picture that a usercmd was made on is brought within usercmd_lag()'s bounds here:
 *          the game and the recording see what was believed, not what was claimed.
 * Full:    beyond INPUT_QUEUE_MAX the two oldest merge, presses kept; so do those that have waited
 *          for INPUT_STALE_TICKS.
 * Source:  token bucket, against speed cheats.
 */
#ifndef TICKWIRE_SERVER_ROOM_INPUTS_H
#define TICKWIRE_SERVER_ROOM_INPUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/game.h"
#include "shared/usercmd.h"

#define INPUT_QUEUE_MAX      8
#define INPUT_BURST          8
#define INPUT_PATIENCE_TICKS 5
#define INPUT_STALE_TICKS    10 /* 500 ms */

struct inputs {
    uint8_t mode;  /* enum input_mode */
    uint8_t count; /* of queue[], oldest first; INPUT_HELD: 1 while one is not yet applied */
    uint8_t tokens;
    uint32_t pushed_seq;   /* of the newest taken in; 0: none */
    uint32_t applied_seq;  /* of the newest applied; 0: none */
    uint32_t pushed_tick;  /* when the newest came, or when the seat was taken */
    struct usercmd newest; /* as it came: what is held, and whose angles coasting keeps */
    struct usercmd queue[INPUT_QUEUE_MAX];
    uint32_t queue_ticks[INPUT_QUEUE_MAX]; /* when each came */
};

/* Starts anew for a session that joined before `tick`: its first usercmd has sequence 1. */
void inputs_init(struct inputs *in, uint8_t mode, uint32_t tick);

/* Takes one in for `tick` or later. False: out of its fields' ranges, or not newer than the last.
 */
bool inputs_push(struct inputs *in, const struct field_table *table, const struct usercmd *cmd,
                 uint32_t tick);

/* Fills count and cmds of `out`: what this seat does in `tick`. Called once for every tick. */
void inputs_take(struct inputs *in, const struct field_table *table, uint32_t tick,
                 struct seat_input *out);

#endif
