/* rates.h - updates and bytes of the last full second, for the net graph.
 *
 * Place:   the view notes what comes in and reads both with its stats.
 */
#ifndef TICKWIRE_CLIENT_VIEW_RATES_H
#define TICKWIRE_CLIENT_VIEW_RATES_H

#include <stddef.h>
#include <stdint.h>

struct rates_window {
    uint32_t updates, bytes;
};

struct rates {
    uint64_t second;           /* of the caller's clock that `now` counts */
    struct rates_window now;   /* the second that is not over yet */
    struct rates_window whole; /* the one before */
};

void rates_init(struct rates *r);
void rates_note_update(struct rates *r, uint64_t now_us);
void rates_note_bytes(struct rates *r, size_t length_bytes, uint64_t now_us);
uint32_t rates_updates_per_s(struct rates *r, uint64_t now_us);
uint32_t rates_bytes_per_s(struct rates *r, uint64_t now_us);

#endif
