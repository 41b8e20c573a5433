#include "server/net/pool.h"

#include <sys/mman.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

#define ITEM_ALIGNMENT 16

enum result pool_init(struct pool *pool, size_t item_bytes, size_t capacity, struct error *error)
{
    ASSERT(item_bytes > 0 && capacity > 0);

    *pool = (struct pool){.capacity = capacity};
    pool->item_bytes = (item_bytes + ITEM_ALIGNMENT - 1) / ITEM_ALIGNMENT * ITEM_ALIGNMENT;
    void *mapping = mmap(NULL, pool->item_bytes * capacity, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED)
        return error_set(error, RESULT_IO, "no memory for %zu items of %zu bytes", capacity,
                         pool->item_bytes);
    pool->items = mapping;
    return RESULT_OK;
}

void pool_deinit(struct pool *pool)
{
    if (pool->items != NULL) (void)munmap(pool->items, pool->item_bytes * pool->capacity);
    *pool = (struct pool){0};
}

void *pool_take(struct pool *pool)
{
    void *item = pool->given;

    if (item != NULL) {
        bytes_copy(&pool->given, item, sizeof pool->given);
    } else if (pool->touched_count < pool->capacity) {
        item = pool->items + pool->touched_count++ * pool->item_bytes;
    } else {
        return NULL;
    }
    pool->taken_count++;
    return item;
}

void pool_give(struct pool *pool, void *item)
{
    size_t offset = (size_t)((uint8_t *)item - pool->items);
    ASSERT(offset < pool->touched_count * pool->item_bytes && offset % pool->item_bytes == 0);
    ASSERT(pool->taken_count > 0);

    bytes_copy(item, &pool->given, sizeof pool->given);
    pool->given = item;
    pool->taken_count--;
}
