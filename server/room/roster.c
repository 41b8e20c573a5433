#include "server/room/roster.h"

#include <stdlib.h>

#include "shared/check.h"

void roster_pool_init(struct roster_pool *p, uint32_t seat_count)
{
    *p = (struct roster_pool){.seat_count = seat_count};
}

void roster_pool_deinit(struct roster_pool *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        ASSERT(atomic_load(&p->rosters[i]->references) == 0);
        free(p->rosters[i]);
    }
    p->count = 0;
}

static struct roster *grow(struct roster_pool *p)
{
    ASSERT(p->count < ROSTERS_MAX);
    struct roster *r = malloc(sizeof *r + p->seat_count * sizeof r->entries[0]);
    if (r == NULL) return NULL;
    atomic_init(&r->references, 0);
    r->seat_count = p->seat_count;
    p->rosters[p->count++] = r;
    return r;
}

struct roster *roster_pool_take(struct roster_pool *p)
{
    struct roster *r = NULL;
    for (uint32_t i = 0; i < p->count && r == NULL; i++) {
        if (atomic_load_explicit(&p->rosters[i]->references, memory_order_acquire) == 0)
            r = p->rosters[i];
    }
    if (r == NULL) r = grow(p);
    if (r != NULL) atomic_store_explicit(&r->references, 1, memory_order_relaxed);
    return r;
}

struct roster *roster_hold(struct roster *r)
{
    unsigned before = atomic_fetch_add_explicit(&r->references, 1, memory_order_relaxed);
    ASSERT(before > 0);
    return r;
}

void roster_release(struct roster *r)
{
    unsigned before = atomic_fetch_sub_explicit(&r->references, 1, memory_order_release);
    ASSERT(before > 0);
}
