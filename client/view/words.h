/* words.h - arithmetic on simulation words that the drawing modules share.
 *
 * Place:   interpolate.c moves between wire states with it, predict.c between predicted bodies.
 */
#ifndef TICKWIRE_CLIENT_VIEW_WORDS_H
#define TICKWIRE_CLIENT_VIEW_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/fields.h"

#define WORDS_ONE 65536 /* a fraction of 1 */

/* Returns whether values between two values of the field mean anything. */
bool words_is_smooth(const struct field *f);

/* Returns `value` * part / WORDS_ONE, rounded towards zero. */
int64_t words_scale(int64_t value, int64_t part);

/* Returns `sim` brought into the field's range: round the edge where it wraps, else clamped. */
int32_t words_confine(const struct field *f, int64_t sim);

/* What is left after so many whole ms of something shown that is not so: a tenth goes in a frame of
 * 60 Hz, nine in 365 ms, however many frames there are. */
int32_t words_fade(int32_t left, uint64_t elapsed_ms);

/* Returns the whole ms from *faded_us to `now_us` and moves *faded_us on by them. */
uint64_t words_fade_ms(uint64_t *faded_us, uint64_t now_us);

/* Returns to - from in simulation units, the shorter way round where the field wraps. */
int64_t words_difference(const struct field *f, int32_t to, int32_t from);

#endif
