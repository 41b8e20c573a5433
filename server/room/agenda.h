/* agenda.h - the awake rooms of one thread, that whose tick is due first on top.
 *
 * Place:   a room thread looks at the first one, runs its tick and puts it back: a turn costs the
 *          logarithm of how many are awake, and those that sleep cost nothing.
 * Memory:  agenda_init() allocates; rooms are borrowed while they are in. A binary heap.
 */
#ifndef TICKWIRE_SERVER_ROOM_AGENDA_H
#define TICKWIRE_SERVER_ROOM_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"

struct room;

struct agenda_entry {
    uint64_t due_us;
    struct room *room;
};

struct agenda {
    struct agenda_entry *entries; /* owned: a heap */
    uint32_t count, capacity;
};

/* RESULT_IO: no memory. */
enum result agenda_init(struct agenda *a, uint32_t capacity);
void agenda_deinit(struct agenda *a);

/* Returns the room that is due first, and when; NULL: none is awake. */
struct room *agenda_first(const struct agenda *a, uint64_t *due_us);

/* Adds a room that is not in yet. */
void agenda_add(struct agenda *a, struct room *room, uint64_t due_us);

/* The first one is due at `due_us` now. */
void agenda_postpone_first(struct agenda *a, uint64_t due_us);

/* Takes a room out; looks at all of them. */
void agenda_remove(struct agenda *a, const struct room *room);

#endif
