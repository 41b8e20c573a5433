#include "tools/netsim/narrow.h"

#include <stdlib.h>
#include <string.h>

#include "shared/check.h"

#define FLIGHT_BYTES    (1u << 16) /* beside what the rate puts on the way */
#define UNLIMITED_BYTES (1u << 20) /* on the way, without a rate */
#define PIECE_BYTES     16         /* a usual piece is longer */

static size_t flight_bytes(const struct narrow_settings *s)
{
    if (s->rate_bytes_per_s == 0) return UNLIMITED_BYTES;
    return (size_t)(s->rate_bytes_per_s * (s->delay_us + s->jitter_us) / 1000000) + FLIGHT_BYTES;
}

size_t narrow_capacity_bytes(const struct narrow_settings *settings)
{
    return (size_t)settings->buffer_bytes + flight_bytes(settings);
}

enum result narrow_init(struct narrow *n, const struct narrow_settings *settings,
                        size_t capacity_bytes, uint64_t seed, uint64_t now_us)
{
    *n = (struct narrow){.settings = settings, .start_us = now_us, .idle_us = now_us};
    rng_init(&n->rng, seed);
    n->capacity_bytes = capacity_bytes;
    n->piece_capacity = n->capacity_bytes / PIECE_BYTES;
    n->bytes = malloc(n->capacity_bytes);
    n->pieces = calloc(n->piece_capacity, sizeof *n->pieces);
    if (n->bytes != NULL && n->pieces != NULL) return RESULT_OK;
    narrow_deinit(n);
    return RESULT_IO;
}

void narrow_deinit(struct narrow *n)
{
    free(n->bytes);
    free(n->pieces);
    *n = (struct narrow){0};
}

static struct narrow_piece *piece_at(const struct narrow *n, size_t index)
{
    return &n->pieces[(n->first_piece + index) % n->piece_capacity];
}

static void let_depart(struct narrow *n, uint64_t now_us)
{
    while (n->departed_count < n->piece_count) {
        const struct narrow_piece *piece = piece_at(n, n->departed_count);
        if (piece->depart_us > now_us) return;
        n->queued_bytes -= piece->length_bytes;
        n->departed_count++;
    }
}

size_t narrow_free_bytes(struct narrow *n, uint64_t now_us)
{
    let_depart(n, now_us);
    size_t buffer = (size_t)n->settings->buffer_bytes;
    size_t queue_bytes = buffer > n->queued_bytes ? buffer - n->queued_bytes : 0;
    size_t room_bytes = n->capacity_bytes - n->held_bytes;
    size_t pieces_bytes = (n->piece_capacity - n->piece_count) * NARROW_SEGMENT_BYTES;
    size_t least = queue_bytes < room_bytes ? queue_bytes : room_bytes;
    return least < pieces_bytes ? least : pieces_bytes;
}

/* Returns when work of `work_us` that begins at `from_us` is done, stalls left out. */
static uint64_t work_until(const struct narrow *n, uint64_t from_us, uint64_t work_us)
{
    uint64_t every_us = n->settings->stall_every_us, stall_us = n->settings->stall_us;
    if (from_us < n->settings->stop_until_us) from_us = n->settings->stop_until_us;
    if (every_us == 0 || stall_us == 0) return from_us + work_us;
    ASSERT(stall_us < every_us);
    for (;;) {
        uint64_t phase_us = (from_us - n->start_us) % every_us;
        uint64_t free_us = every_us - stall_us; /* each period begins free and ends stalled */
        if (phase_us < free_us && work_us <= free_us - phase_us) return from_us + work_us;
        if (phase_us < free_us) work_us -= free_us - phase_us;
        from_us += every_us - phase_us;
    }
}

/* Says when the piece leaves the queue, behind all before it, and when it arrives. */
static void schedule(struct narrow *n, struct narrow_piece *piece, uint64_t now_us)
{
    const struct narrow_settings *s = n->settings;
    size_t length_bytes = piece->length_bytes;
    uint64_t work_us = s->rate_bytes_per_s == 0 ? 0 : length_bytes * 1000000 / s->rate_bytes_per_s;
    uint64_t jitter_us = s->jitter_us == 0 ? 0 : rng_below(&n->rng, (uint32_t)s->jitter_us);

    n->idle_us = work_until(n, n->idle_us > now_us ? n->idle_us : now_us, work_us);
    uint64_t deliver_us = n->idle_us + s->delay_us + jitter_us;
    if (deliver_us > n->last_us) n->last_us = deliver_us;
    piece->depart_us = n->idle_us;
    piece->deliver_us = n->last_us;
}

static void put_piece(struct narrow *n, size_t length_bytes, uint64_t now_us)
{
    struct narrow_piece *piece = piece_at(n, n->piece_count++);
    piece->length_bytes = length_bytes;
    schedule(n, piece, now_us);
    n->queued_bytes += length_bytes;
}

void narrow_retime(struct narrow *n, uint64_t now_us)
{
    let_depart(n, now_us);
    n->idle_us = now_us;
    n->last_us = n->departed_count > 0 ? piece_at(n, n->departed_count - 1)->deliver_us : 0;
    for (size_t i = n->departed_count; i < n->piece_count; i++)
        schedule(n, piece_at(n, i), now_us);
}

static void copy_in(struct narrow *n, const uint8_t *bytes, size_t length_bytes)
{
    size_t at = (n->first_byte + n->held_bytes) % n->capacity_bytes;
    size_t until_end = n->capacity_bytes - at;
    size_t first = length_bytes < until_end ? length_bytes : until_end;
    memcpy(n->bytes + at, bytes, first);
    memcpy(n->bytes, bytes + first, length_bytes - first);
    n->held_bytes += length_bytes;
}

void narrow_put(struct narrow *n, const uint8_t *bytes, size_t length_bytes, uint64_t now_us)
{
    ASSERT(length_bytes <= narrow_free_bytes(n, now_us));

    copy_in(n, bytes, length_bytes);
    while (length_bytes > 0) {
        size_t piece = length_bytes < NARROW_SEGMENT_BYTES ? length_bytes : NARROW_SEGMENT_BYTES;
        put_piece(n, piece, now_us);
        length_bytes -= piece;
    }
    let_depart(n, now_us);
}

size_t narrow_arrived(const struct narrow *n, uint64_t now_us, const uint8_t **bytes)
{
    size_t length_bytes = 0;
    for (size_t i = 0; i < n->piece_count && piece_at(n, i)->deliver_us <= now_us; i++) {
        length_bytes += piece_at(n, i)->length_bytes;
    }
    size_t until_end = n->capacity_bytes - n->first_byte;
    *bytes = n->bytes + n->first_byte;
    return length_bytes < until_end ? length_bytes : until_end;
}

size_t narrow_first_bytes(const struct narrow *n, uint64_t now_us)
{
    bool has_arrived = n->piece_count > 0 && piece_at(n, 0)->deliver_us <= now_us;
    return has_arrived ? piece_at(n, 0)->length_bytes : 0;
}

void narrow_take(struct narrow *n, size_t length_bytes)
{
    ASSERT(length_bytes <= n->held_bytes);

    n->first_byte = (n->first_byte + length_bytes) % n->capacity_bytes;
    n->held_bytes -= length_bytes;
    while (length_bytes > 0) {
        struct narrow_piece *piece = piece_at(n, 0);
        size_t taken = length_bytes < piece->length_bytes ? length_bytes : piece->length_bytes;
        if (n->departed_count == 0) n->queued_bytes -= taken; /* it had not been counted yet */
        piece->length_bytes -= taken;
        length_bytes -= taken;
        if (piece->length_bytes > 0) continue;
        n->first_piece = (n->first_piece + 1) % n->piece_capacity;
        n->piece_count--;
        if (n->departed_count > 0) n->departed_count--;
    }
}

uint64_t narrow_next_us(const struct narrow *n, uint64_t now_us)
{
    uint64_t next_us = UINT64_MAX;
    size_t i = 0;
    while (i < n->piece_count && piece_at(n, i)->deliver_us <= now_us)
        i++;
    if (i < n->piece_count) next_us = piece_at(n, i)->deliver_us;
    if (n->departed_count < n->piece_count) {
        uint64_t depart_us = piece_at(n, n->departed_count)->depart_us;
        if (depart_us < next_us) next_us = depart_us;
    }
    return next_us > now_us ? next_us : now_us;
}
