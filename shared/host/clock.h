/* clock.h - what time it is: monotonic for everything that is measured, wall for stored stamps.
 *
 * Place:   read once per turn of a loop and passed down; codecs and rules never call it.
 */
#ifndef TICKWIRE_SHARED_HOST_CLOCK_H
#define TICKWIRE_SHARED_HOST_CLOCK_H

#include <stdint.h>

/* Since an arbitrary start, never going back; comparable between the processes of one machine. */
uint64_t clock_monotonic_ns(void);
uint64_t clock_monotonic_us(void);
uint64_t clock_monotonic_ms(void);

/* Since 1970 UTC; may jump. */
uint64_t clock_wall_ms(void);

/* Sleeps until clock_monotonic_ns() reaches `deadline_ns`; signals do not shorten it. */
void clock_sleep_until_ns(uint64_t deadline_ns);

#endif
