#include "server/room/roster.h"

#include <stdlib.h>

#include "shared/check.h"

#define REST_TICKS 40

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

/* Returns the index of one that nobody holds, or the count. */
static uint32_t find_free(const struct roster_pool *p)
{
    uint32_t i = 0;
    while (i < p->count &&
           atomic_load_explicit(&p->rosters[i]->references, memory_order_acquire) != 0)
        i++;
    return i;
}

void roster_pool_rest(struct roster_pool *p)
{
    if (++p->rest_count < REST_TICKS) return;
    p->rest_count = 0;
    uint32_t i = find_free(p);
    if (i == p->count) return;
    free(p->rosters[i]);
    p->rosters[i] = p->rosters[--p->count];
}

struct roster *roster_pool_take(struct roster_pool *p)
{
    uint32_t i = find_free(p);
    struct roster *r = i < p->count ? p->rosters[i] : grow(p);
    p->rest_count = 0;
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
