#include "server/net/handover.h"

#include <sys/mman.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

enum result handover_init(struct handover *h, struct error *error)
{
    size_t length = HANDOVER_PLACES * sizeof *h->items;
    void *items = mmap(NULL, length, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    *h = (struct handover){.items = NULL};
    if (items == MAP_FAILED)
        return error_set(error, RESULT_IO, "no memory for connections between workers");
    h->items = items;
    (void)pthread_mutex_init(&h->lock, NULL);
    return RESULT_OK;
}

void handover_deinit(struct handover *h)
{
    if (h->items == NULL) return;
    for (; h->taken < h->pushed; h->taken++)
        conn_parts_close(&h->items[h->taken % HANDOVER_PLACES].parts);
    (void)munmap(h->items, HANDOVER_PLACES * sizeof *h->items);
    (void)pthread_mutex_destroy(&h->lock);
    h->items = NULL;
}

enum result handover_push(struct handover *h, const struct conn_parts *parts, unsigned requests,
                          const uint8_t *bytes, size_t length_bytes, bool *was_empty)
{
    enum result r = RESULT_FULL;

    if (length_bytes > NET_BLOCK_BYTES) return RESULT_FULL;
    (void)pthread_mutex_lock(&h->lock);
    *was_empty = h->pushed == h->taken;
    if (h->pushed - h->taken < HANDOVER_PLACES) {
        struct handover_item *item = &h->items[h->pushed++ % HANDOVER_PLACES];
        item->parts = *parts;
        item->requests = requests;
        item->length_bytes = length_bytes;
        bytes_copy(item->bytes, bytes, length_bytes);
        r = RESULT_OK;
    }
    (void)pthread_mutex_unlock(&h->lock);
    return r;
}

bool handover_is_full(struct handover *h)
{
    (void)pthread_mutex_lock(&h->lock);
    bool is_full = h->pushed - h->taken >= HANDOVER_PLACES;
    (void)pthread_mutex_unlock(&h->lock);
    return is_full;
}

uint64_t handover_pushed(struct handover *h, bool *has_any)
{
    (void)pthread_mutex_lock(&h->lock);
    uint64_t pushed = h->pushed;
    *has_any = pushed > h->taken;
    (void)pthread_mutex_unlock(&h->lock);
    return pushed;
}

struct handover_item *handover_peek(struct handover *h, uint64_t end)
{
    (void)pthread_mutex_lock(&h->lock);
    bool has_one = h->taken < h->pushed && h->taken < end;
    (void)pthread_mutex_unlock(&h->lock);
    return has_one ? &h->items[h->taken % HANDOVER_PLACES] : NULL;
}

void handover_pop(struct handover *h)
{
    (void)pthread_mutex_lock(&h->lock);
    ASSERT(h->taken < h->pushed);
    h->taken++;
    (void)pthread_mutex_unlock(&h->lock);
}
