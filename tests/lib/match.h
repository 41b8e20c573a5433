/* match.h - plays a match of any game without rooms, clocks or threads, for tests and benchmarks.
 *
 * Place:   feeds tapes and the recorder with frames as a room would. Players are the game's bots,
 *          or send valid random usercmds if it has none; they come and go at random.
 * Memory:  a match owns its world and what its frame points to, until the next step.
 */
#ifndef TICKWIRE_TESTS_LIB_MATCH_H
#define TICKWIRE_TESTS_LIB_MATCH_H

#include "server/record/recording.h"
#include "server/room/frame.h"
#include "shared/game.h"

struct match_settings {
    const struct game *game;
    uint32_t slot_capacity, seat_capacity; /* 0: the game's */
    uint32_t player_count;                 /* that sit down at once; <= seat_capacity */
    bool players_change;                   /* some come and go */
    uint64_t seed;
    uint32_t first_tick;
};

struct match;

struct match *match_create(const struct match_settings *settings);
void match_destroy(struct match *m);

/* Fills all that tape_create() needs. */
void match_describe(const struct match *m, struct recording_head *head);

/* Plays one tick; the frame is the match's until the next step. Its state may be altered by a test:
 * the match plays on from it. */
struct frame *match_step(struct match *m);

/* The world itself, and the inputs of the last step, for tests that alter them. */
struct world *match_world(struct match *m);
struct seat_input *match_inputs(struct match *m);

#endif
