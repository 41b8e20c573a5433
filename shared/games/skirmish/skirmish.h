/* skirmish.h - the data of Skirmish: kinds, words, flags and events, as skirmish.c describes them
 * to the engine, and the scale of its world.
 *
 * Place:   a top-down arena of craft that shoot at each other; craft, shot, beam, pickup, contest
 *          and pilot hold its rules, each for the noun it is called after.
 * Units:   simulation units: SKIRMISH_UNIT to one unit of length, QUANTUM to one step on the wire.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_SKIRMISH_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_SKIRMISH_H

#include "shared/game.h"

#define SKIRMISH_UNIT 256
#define TILE_UNITS    32
#define TILE_SHIFT    13 /* simulation units of a tile's edge: 2^13 = 32 * 256 */
#define QUANTUM_SHIFT 5  /* positions travel in 1/8 unit */
#define POSITION_BITS 18 /* maps of up to 32768 units square */

/* Seats from here on watch only: what looks for craft nearby keeps a list of this size. */
#define SEATS_MAX 16384

enum skirmish_kind { KIND_CRAFT = 1, KIND_SHOT, KIND_PICKUP, KIND_LEADER, KIND_MATCH };

enum craft_word {
    CRAFT_X,
    CRAFT_Y,
    CRAFT_AIM,    /* 0..FIXED_TURN-1 */
    CRAFT_THRUST, /* 0: none; else 1 + the eighth of a turn it pushes to */
    CRAFT_HP,
    CRAFT_SHIELD, /* what it still absorbs */
    CRAFT_FLAGS,
    CRAFT_WARP, /* counts spawns: the craft did not fly there */
    CRAFT_VX,
    CRAFT_VY,
    CRAFT_SHOT_WAIT, /* usercmds until the weapon is ready again */
    CRAFT_BEAM_WAIT,
    CRAFT_SCORE,
    CRAFT_KILLS,
    CRAFT_DEATHS,
    CRAFT_RAPID_TICK,  /* when rapid fire ends */
    CRAFT_RETURN_TICK, /* when a dead craft comes back */
    CRAFT_SAFE_TICK,   /* when spawn protection ends */
    CRAFT_TRAIL,       /* trail.h: where it was in the pictures that players still act on */
    CRAFT_WORDS = CRAFT_TRAIL + LAG_TICKS_MAX
};

enum craft_flag {
    CRAFT_IS_DEAD = 1,
    CRAFT_IS_SAFE = 2, /* just spawned: nothing hurts it until it fires */
    CRAFT_IS_RAPID = 4,
    CRAFT_IS_DISARMED = 8 /* the match is over */
};

enum shot_word { SHOT_X, SHOT_Y, SHOT_VX, SHOT_VY, SHOT_TICKS_LEFT, SHOT_WORDS };

enum pickup_word {
    PICKUP_X,
    PICKUP_Y,
    PICKUP_TYPE, /* enum pickup_type */
    PICKUP_IS_READY,
    PICKUP_RETURN_TICK,
    PICKUP_WORDS
};

enum pickup_type { PICKUP_HEALTH, PICKUP_RAPID, PICKUP_SHIELD, PICKUP_TYPES };

/* The best by score; the entity's rank is its place in the list. Seat SEAT_NONE: nobody. */
enum leader_word {
    LEADER_RANK,
    LEADER_SEAT,
    LEADER_SCORE,
    LEADER_KILLS,
    LEADER_DEATHS,
    LEADER_WORDS
};

enum match_word { MATCH_PHASE, MATCH_END_TICK, MATCH_WINNER, MATCH_WORDS };

enum match_phase { MATCH_IS_OPEN, MATCH_IS_TIMED, MATCH_IS_OVER };

enum skirmish_global { GLOBAL_MATCH_TICKS, GLOBAL_END_TICK, GLOBAL_PHASE, SKIRMISH_GLOBALS };

enum usercmd_word { CMD_BUTTONS, CMD_AIM, CMD_WORDS };

enum button {
    BUTTON_UP = 1,
    BUTTON_DOWN = 2,
    BUTTON_LEFT = 4,
    BUTTON_RIGHT = 8,
    BUTTON_FIRE = 16,
    BUTTON_BEAM = 32,
    BUTTONS_ALL = 63
};

enum skirmish_event {
    EVENT_KILL,       /* by, victim, weapon, x, y: to all */
    EVENT_HIT,        /* by, victim, damage, x, y: to the shooter */
    EVENT_BEAM,       /* by, from_x, from_y, to_x, to_y: to all */
    EVENT_PICKUP,     /* by, type, x, y: to the taker */
    EVENT_MATCH_OVER, /* winner, score: to all */
    EVENT_LEAD,       /* by, score: to all; somebody else is the best now */
    SKIRMISH_EVENTS
};

enum weapon { WEAPON_SHOT, WEAPON_BEAM };

extern const struct game game_skirmish;

#endif
