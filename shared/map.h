/* map.h - the ground a match is played on: a rectangle of tiles, and its packed form.
 *
 * Place:   the server reads one from JSON (assets/maps), sends it packed after the welcome and
 *          stores it in recordings; a game looks tiles up in it; it never changes during a match.
 * Layout:  width u16, height u16 (little endian), then runs: tile byte, length - 1 byte; row by
 *          row.
 * Memory:  a map borrows its tiles.
 */
#ifndef TICKWIRE_SHARED_MAP_H
#define TICKWIRE_SHARED_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "shared/result.h"

#define MAP_NAME_BYTES 32

struct map {
    uint16_t width, height;    /* in tiles, at least 1 */
    const uint8_t *tiles;      /* borrowed: width * height printable ASCII characters, row by row */
    char name[MAP_NAME_BYTES]; /* NUL-terminated; not part of the packed form */
};

/* Returns the tile at (x, y), or `outside` beyond the edges. */
static inline uint8_t map_tile(const struct map *m, int32_t x, int32_t y, uint8_t outside)
{
    if (x < 0 || y < 0 || x >= m->width || y >= m->height) return outside;
    return m->tiles[(size_t)y * m->width + (size_t)x];
}

/* Writes the packed form. Returns its length in bytes, 0 if it exceeds `capacity_bytes`. */
size_t map_pack(const struct map *m, uint8_t *bytes, size_t capacity_bytes);

/* Reads a packed map; tiles[0..tiles_capacity) receives the tiles and is borrowed by `m`.
 * RESULT_INVALID if the form is broken, RESULT_TOO_BIG if the tiles do not fit. */
enum result map_unpack(struct map *m, const uint8_t *bytes, size_t length_bytes, uint8_t *tiles,
                       size_t tiles_capacity);

#endif
