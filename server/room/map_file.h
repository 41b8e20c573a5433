/* map_file.h - reads the ground of a match from a JSON file.
 *
 * Place:   room_plan.c reads one per room at the start; the tools read them too.
 * Layout:  {"name": "arena", "rows": ["####", "#..#", ...]}: rows equally long, a tile a printable
 *          ASCII character; without "name" the file's. What else is in the object is left alone.
 * Memory:  owns the tiles until map_file_deinit().
 * Errors:  one sentence that names the file (and line or row) and what was expected.
 */
#ifndef TICKWIRE_SERVER_ROOM_MAP_FILE_H
#define TICKWIRE_SERVER_ROOM_MAP_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "shared/map.h"
#include "shared/result.h"

struct map_file {
    struct map map;
    uint8_t *tiles; /* owned: map.tiles */
};

enum result map_file_load(struct map_file *m, const char *path, struct error *error);

/* The same from a text; `path` stands in the sentences and lends its name to the map. */
enum result map_file_parse(struct map_file *m, const char *path, const char *text,
                           size_t length_bytes, struct error *error);

void map_file_deinit(struct map_file *m);

#endif
