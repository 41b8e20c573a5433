/* tick.h - comparing tick numbers, which wrap.
 *
 * Place:   everywhere a tick arrives from elsewhere; 32 bits last 6.8 years at 20 Hz, 16 bits 54
 *          minutes.
 */
#ifndef TICKWIRE_SHARED_TICK_H
#define TICKWIRE_SHARED_TICK_H

#include <stdbool.h>
#include <stdint.h>

/* Returns a - b as a signed distance, right for any two ticks less than 2^31 apart. */
static inline int32_t tick_difference(uint32_t a, uint32_t b)
{
    uint32_t d = a - b;
    return d <= INT32_MAX ? (int32_t)d : -(int32_t)(UINT32_MAX - d) - 1;
}

static inline bool tick_is_newer(uint32_t a, uint32_t b)
{
    return tick_difference(a, b) > 0;
}

/* Returns the tick nearest to `near` whose low 16 bits are `low`. */
static inline uint32_t tick_extend(uint16_t low, uint32_t near)
{
    uint16_t ahead = (uint16_t)(low - (uint16_t)near);
    return ahead < 0x8000 ? near + ahead : near - (0x10000u - ahead);
}

#endif
