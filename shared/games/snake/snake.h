/* snake.h - the data of Snake: a grid, snakes that grow by what they eat and die by what they meet.
 *
 * Place:   the second game: turn by turn on tiles where Skirmish flies freely, so that the engine
 *          knows neither.
 * Units:   one simulation unit is one unit of length; a tile has SNAKE_TILE of them. A head is
 *          at a tile's centre or on the way from one to the next.
 */
#ifndef TICKWIRE_SHARED_GAMES_SNAKE_SNAKE_H
#define TICKWIRE_SHARED_GAMES_SNAKE_SNAKE_H

#include "shared/game.h"

#define SNAKE_TILE       16
#define SNAKE_SPEED      4 /* units a usercmd: five tiles a second */
#define SNAKE_LENGTH_MIN 3 /* segments of a newborn snake */
#define SNAKE_DEAD_TICKS 40

enum snake_kind { SNAKE_HEAD = 1, SNAKE_SEGMENT, SNAKE_FOOD };

enum snake_heading { HEADING_UP, HEADING_DOWN, HEADING_LEFT, HEADING_RIGHT, HEADINGS };

enum snake_head_word {
    HEAD_X,
    HEAD_Y,
    HEAD_HEADING, /* enum snake_heading */
    HEAD_IS_DEAD,
    HEAD_WARP,
    HEAD_SCORE, /* food eaten in this life */
    HEAD_BEST,  /* the highest score of the match */
    HEAD_TURN,  /* the heading it takes at the next centre */
    HEAD_RETURN_TICK,
    HEAD_WORDS
};

/* Segments and food lie on a tile's centre; a segment knows when it was laid. */
enum snake_place_word { PLACE_X, PLACE_Y, PLACE_LAID_TICK, PLACE_WORDS };

/* Usercmd: one button for each heading, 1 << enum snake_heading. */

enum snake_event { SNAKE_EVENT_EAT, SNAKE_EVENT_DEATH, SNAKE_EVENTS };

extern const struct game game_snake;

#endif
