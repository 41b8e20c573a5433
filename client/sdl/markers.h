/* markers.h - where in a recording something happened, for the timeline: events, comings, goings
 * and chat, collected in as many places as a bar has pixels.
 *
 * Place:   replay reads them once when it opens; the timeline draws and tells them.
 * Memory:  of one size, however long the recording.
 */
#ifndef TICKWIRE_CLIENT_SDL_MARKERS_H
#define TICKWIRE_CLIENT_SDL_MARKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/record/reader.h"

#define MARKER_PLACES 600

struct marker_place {
    uint32_t events; /* a bit for each reliable kind */
    uint16_t event_count, join_count, leave_count, chat_count;
};

struct markers {
    const struct field_table *table; /* borrowed: the recording's */
    uint32_t first_tick, last_tick;
    struct marker_place places[MARKER_PLACES];
};

/* Droppable events and bots leave no marker. What cannot be read is left out. */
void markers_read(struct markers *m, struct reader *reader);

/* Returns the place of a tick of the recording. */
size_t markers_place_of(const struct markers *m, uint32_t tick);

bool marker_is_empty(const struct marker_place *place);

/* Writes "kill, somebody joins, 2 lines of chat" for what lies there and next to it. Returns false if nothing does. */
bool markers_describe(const struct markers *m, size_t place, char *text, size_t capacity_bytes);

#endif
