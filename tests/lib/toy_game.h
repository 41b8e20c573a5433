/* toy_game.h - a game for tests alone: things that fly and bounce, a few words of every sort.
 *
 * Place:   tests of rooms, recordings and codecs that need rules but no particular game.
 */
#ifndef TICKWIRE_TESTS_LIB_TOY_GAME_H
#define TICKWIRE_TESTS_LIB_TOY_GAME_H

#include "shared/game.h"

enum toy_word { TOY_X, TOY_Y, TOY_SPEED_X, TOY_SPEED_Y, TOY_HEADING, TOY_MODE, TOY_SECRET };
enum toy_kind { TOY_CRAFT = 1, TOY_SPARK };
enum toy_command { TOY_PUSH, TOY_TURN };
enum toy_event { TOY_BOUNCED, TOY_BURST };

extern const struct game toy_game;

#endif
