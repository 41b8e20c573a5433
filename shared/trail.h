/* trail.h - where a moving thing was in the last ticks: what lag compensation looks back to.
 *
 * Place:   a game gives an entity kind LAG_TICKS_MAX words (AUDIENCE_NONE) for it and notes each
 *          move; a weapon asks where the thing was in the picture that its player acted on
 *          (usercmd_lag()). The words are simulation like any other: recorded, hashed, verified.
 * Layout:  the word at tick % LAG_TICKS_MAX holds what was moved in that tick, y << 16 | x, two's
 *          complement, the newest instead of the oldest: one word changes a tick.
 * Units:   simulation units; up to 32767 in a tick on either axis, what is more is a warp: nothing
 *          before it is looked at.
 */
#ifndef TICKWIRE_SHARED_TRAIL_H
#define TICKWIRE_SHARED_TRAIL_H

#include <stdint.h>

#include "shared/usercmd.h"

/* Starts `tick`, in which nothing has moved yet. Once a tick, before any move. */
void trail_start_tick(int32_t words[LAG_TICKS_MAX], uint32_t tick);

/* Adds a move made in `tick`. */
void trail_note(int32_t words[LAG_TICKS_MAX], uint32_t tick, int32_t dx, int32_t dy);

/* The thing was put elsewhere: it has been there for ever. */
void trail_clear(int32_t words[LAG_TICKS_MAX]);

/* Moves (*x, *y), where the thing stands now, in the middle of `tick`, back to where it was `lag`
 * VIEW_PARTS before the end of `tick`: VIEW_PARTS..LAG_TICKS_MAX * VIEW_PARTS, as usercmd_lag()
 * returns it. Less than VIEW_PARTS: where it stands now. */
void trail_rewind(const int32_t words[LAG_TICKS_MAX], uint32_t tick, int32_t lag, int32_t *x,
                  int32_t *y);

#endif
