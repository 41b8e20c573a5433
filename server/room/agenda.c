#include "server/room/agenda.h"

#include <stdlib.h>

#include "shared/check.h"

enum result agenda_init(struct agenda *a, uint32_t capacity)
{
    *a = (struct agenda){.entries = calloc(capacity, sizeof *a->entries), .capacity = capacity};
    return a->entries == NULL ? RESULT_IO : RESULT_OK;
}

void agenda_deinit(struct agenda *a)
{
    free(a->entries);
    *a = (struct agenda){0};
}

static void swap(struct agenda *a, uint32_t i, uint32_t j)
{
    struct agenda_entry entry = a->entries[i];
    a->entries[i] = a->entries[j];
    a->entries[j] = entry;
}

static bool is_earlier(const struct agenda *a, uint32_t i, uint32_t j)
{
    return a->entries[i].due_us < a->entries[j].due_us;
}

static void rise(struct agenda *a, uint32_t i)
{
    for (; i > 0 && is_earlier(a, i, (i - 1) / 2); i = (i - 1) / 2)
        swap(a, i, (i - 1) / 2);
}

static void sink(struct agenda *a, uint32_t i)
{
    for (;;) {
        uint32_t earliest = i, left = 2 * i + 1;
        for (uint32_t child = left; child < left + 2 && child < a->count; child++) {
            if (is_earlier(a, child, earliest)) earliest = child;
        }
        if (earliest == i) return;
        swap(a, i, earliest);
        i = earliest;
    }
}

struct room *agenda_first(const struct agenda *a, uint64_t *due_us)
{
    if (a->count == 0) return NULL;
    *due_us = a->entries[0].due_us;
    return a->entries[0].room;
}

void agenda_add(struct agenda *a, struct room *room, uint64_t due_us)
{
    ASSERT(a->count < a->capacity);
    a->entries[a->count] = (struct agenda_entry){due_us, room};
    rise(a, a->count++);
}

void agenda_postpone_first(struct agenda *a, uint64_t due_us)
{
    ASSERT(a->count > 0 && due_us >= a->entries[0].due_us);
    a->entries[0].due_us = due_us;
    sink(a, 0);
}

void agenda_remove(struct agenda *a, const struct room *room)
{
    uint32_t i = 0;
    while (i < a->count && a->entries[i].room != room)
        i++;
    ASSERT(i < a->count);
    a->entries[i] = a->entries[--a->count];
    if (i == a->count) return;
    rise(a, i);
    sink(a, i);
}
