/* slice.h - how soon a thread gets a processor when it wakes.
 *
 * Place:   room threads ask for a short slice, for a tick that begins late is late for everyone.
 * Source:  Linux' EEVDF scheduler (6.12 and later): who asks for less at a time is due earlier, and
 *          need not wait until the one that runs has had all of its own slice, about 3 ms. It gets no
 *          more time altogether. Older kernels ignore it.
 */
#ifndef TICKWIRE_SHARED_HOST_SLICE_H
#define TICKWIRE_SHARED_HOST_SLICE_H

#include <stdint.h>

/* For the calling thread; what cannot be had is left as it is. The kernel takes 100 us to 100 ms. */
void slice_ask_us(uint32_t slice_us);

#endif
