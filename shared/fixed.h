/* fixed.h - the little mathematics that a simulation needs, in integers: angles, sines, roots.
 *
 * Place:   games and the client's view; the same bits on gcc, clang and wasm, where floats and
 *          shifts of negative numbers would not promise that.
 * Units:   a full turn is FIXED_TURN; 0 points along +x, a quarter along +y (on a screen: down).
 *          Sines and cosines are in 1 / FIXED_ONE.
 */
#ifndef TICKWIRE_SHARED_FIXED_H
#define TICKWIRE_SHARED_FIXED_H

#include <stdint.h>

#define FIXED_TURN 1024
#define FIXED_ONE  16384

/* Returns value / 2^shift, rounded down also below zero; shift is 0..31. */
static inline int32_t fixed_floor_shift(int32_t value, unsigned shift)
{
    return value >= 0 ? value >> shift : ~(~value >> shift);
}

static inline int32_t fixed_absolute(int32_t value)
{
    return value < 0 ? -value : value;
}

static inline int32_t fixed_clamp(int32_t value, int32_t low, int32_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* The sine of any angle; whole turns do not matter. */
int32_t fixed_sin(int32_t angle);
int32_t fixed_cos(int32_t angle);

/* Returns `length` times the cosine (or sine), rounded to the nearest; |length| < 2^30. */
int32_t fixed_along_x(int32_t angle, int32_t length);
int32_t fixed_along_y(int32_t angle, int32_t length);

/* The same for angles in 1/65536 of a turn, where the steps above would show: the sine is
 * interpolated, in 1 / FIXED_FINE_ONE, and off by less than 1/20000. */
#define FIXED_FINE_TURN 65536
#define FIXED_FINE_ONE  (1 << 20)
int32_t fixed_fine_sin(uint32_t angle);
int32_t fixed_fine_cos(uint32_t angle);
int32_t fixed_fine_along_x(uint32_t angle, int32_t length);
int32_t fixed_fine_along_y(uint32_t angle, int32_t length);

/* Returns the angle of the vector (x, y), 0..FIXED_TURN-1, to the nearest step; 0 for (0, 0). */
int32_t fixed_angle(int32_t x, int32_t y);

/* Returns to - from by the shorter way round: -FIXED_TURN/2..FIXED_TURN/2-1. */
int32_t fixed_angle_difference(int32_t to, int32_t from);

/* Returns the square root, rounded down. */
uint32_t fixed_sqrt(uint64_t value);

/* Returns the length of the vector (x, y), rounded down; |x| and |y| < 2^31. */
uint32_t fixed_length(int32_t x, int32_t y);

#endif
