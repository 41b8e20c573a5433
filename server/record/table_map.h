/* table_map.h - leads from the field table of a recording to the one of this build, by name.
 *
 * Place:   whoever shows an old recording by new code: the playback room, the native client. Where
 *          the tables are the same, nothing needs to be mapped.
 * Rules:   entity kinds, their fields, and globals are found by name. A kind that is gone frees its
 *          slots, a field that is gone is dropped, one that is new is zero, one in other units is
 *          converted. Slots, generations and owners stay as they are.
 * Memory:  plain data; borrows nothing.
 */
#ifndef TICKWIRE_SERVER_RECORD_TABLE_MAP_H
#define TICKWIRE_SERVER_RECORD_TABLE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/world.h"

struct word_map {
    uint8_t from, to;
    bool is_scaled;
    int64_t numerator, denominator; /* new word = old word * numerator / denominator */
};

struct kind_map {
    uint8_t to; /* 0: this build has no such kind */
    uint8_t word_count;
    struct word_map words[ENTITY_WORDS];
};

struct table_map {
    bool is_identity;                     /* every word stays where it is */
    struct kind_map kinds[KINDS_MAX + 1]; /* by the recording's entity.kind */
    uint8_t global_count;
    struct word_map globals[GLOBAL_WORDS];
    uint8_t event_kinds[EVENT_KINDS_MAX]; /* by the recording's event.kind; EVENT_KINDS_MAX: gone */
};

/* Both tables have passed schema_init(). */
void table_map_init(struct table_map *m, const struct field_table *from,
                    const struct field_table *to);

/* Fills `to`, which has room for as many entities as `from` uses. */
void table_map_state(const struct table_map *m, struct world_state *to,
                     const struct world_state *from);

/* Returns false if this build has no such event. Its words are taken as they are. */
bool table_map_event(const struct table_map *m, struct event *event);

#endif
