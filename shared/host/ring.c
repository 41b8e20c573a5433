#include "shared/host/ring.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"

static uint8_t *record_at(const struct ring *ring, size_t index)
{
    return ring->records + ((index - ring->first) & (ring->capacity - 1)) * ring->record_bytes;
}

enum result ring_init(struct ring *ring, size_t capacity, size_t record_bytes)
{
    ASSERT(capacity > 0 && record_bytes > 0);

    bytes_zero(ring, sizeof *ring);
    ring->capacity = 1;
    while (ring->capacity < capacity)
        ring->capacity *= 2;
    ring->record_bytes = record_bytes;
    ring->records = calloc(ring->capacity, record_bytes);
    return ring->records != NULL ? RESULT_OK : RESULT_IO;
}

void ring_deinit(struct ring *ring)
{
    free(ring->records);
    ring->records = NULL;
}

/* An empty ring begins anew at its first place. The popper reads `first` only while it has a record
 * to take, and pushed_count and popped_count order that before and after what is written here. */
static void begin_anew_if_empty(struct ring *ring, size_t pushed)
{
    if (pushed == ring->first) return;
    ring->popped_seen = atomic_load_explicit(&ring->popped_count, memory_order_acquire);
    if (ring->popped_seen == pushed) ring->first = pushed;
}

/* Why no wake-up is lost: the pusher publishes, then looks at popped_count; the popper, before it
 * takes the ring for empty, publishes its pops, then looks at pushed_count; all four sequentially
 * consistent. So if the popper still saw the ring empty, the pusher sees everything before its
 * record popped, and says so. A pusher that wakes nobody, and a popper that knows of more records,
 * need no such order, which costs more than the copy. */
enum result ring_push(struct ring *ring, const void *record, bool *became_nonempty)
{
    size_t pushed = atomic_load_explicit(&ring->pushed_count, memory_order_relaxed);

    begin_anew_if_empty(ring, pushed);
    if (pushed - ring->popped_seen == ring->capacity) return RESULT_FULL;
    bytes_copy(record_at(ring, pushed), record, ring->record_bytes);
    if (became_nonempty == NULL) {
        atomic_store_explicit(&ring->pushed_count, pushed + 1, memory_order_release);
        return RESULT_OK;
    }
    atomic_store(&ring->pushed_count, pushed + 1);
    ring->popped_seen = atomic_load(&ring->popped_count);
    *became_nonempty = ring->popped_seen == pushed;
    return RESULT_OK;
}

const void *ring_peek(struct ring *ring)
{
    size_t popped = atomic_load_explicit(&ring->popped_count, memory_order_relaxed);

    if (popped == ring->pushed_seen) {
        atomic_store(&ring->popped_count, popped);
        ring->pushed_seen = atomic_load(&ring->pushed_count);
        if (popped == ring->pushed_seen) return NULL;
    }
    return record_at(ring, popped);
}

bool ring_pop(struct ring *ring, void *record)
{
    size_t popped = atomic_load_explicit(&ring->popped_count, memory_order_relaxed);
    const void *oldest = ring_peek(ring);

    if (oldest == NULL) return false;
    bytes_copy(record, oldest, ring->record_bytes);
    atomic_store_explicit(&ring->popped_count, popped + 1, memory_order_release);
    return true;
}

size_t ring_count(const struct ring *ring)
{
    size_t popped = atomic_load_explicit(&ring->popped_count, memory_order_acquire);
    return atomic_load_explicit(&ring->pushed_count, memory_order_acquire) - popped;
}
