/* pebbles.h - the smallest game that has everything a room does with one, for the room's tests.
 *
 * Place:   each player pushes one pebble over an open field; a clock that everyone sees counts.
 */
#ifndef TICKWIRE_TESTS_UNIT_PEBBLES_H
#define TICKWIRE_TESTS_UNIT_PEBBLES_H

#include "shared/game.h"
#include "shared/map.h"

#define PEBBLES_UNIT       256
#define PEBBLES_TILES      32 /* the field's edge */
#define PEBBLES_TILE_UNITS 64
#define PEBBLES_EDGE       (PEBBLES_TILES * PEBBLES_TILE_UNITS * PEBBLES_UNIT)

enum { PEBBLE = 1, PEBBLES_CLOCK };                          /* entity kinds */
enum { PEBBLE_X, PEBBLE_Y, PEBBLE_JUMPS, PEBBLE_CMDS };      /* words of a pebble */
enum { PUSH_BUTTONS, PUSH_AIM, PUSH_X, PUSH_Y, PUSH_WORDS }; /* words of a usercmd */
enum { PEBBLES_JUMP = 1 };                                   /* its button */

extern const struct game game_pebbles; /* its bots push to the right */
extern const struct map pebbles_field;

#endif
