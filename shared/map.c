#include "shared/map.h"

#include "shared/bytes.h"

#define HEADER_BYTES 4
#define RUN_MAX      256

size_t map_pack(const struct map *m, uint8_t *bytes, size_t capacity_bytes)
{
    size_t tile_count = (size_t)m->width * m->height;
    size_t used_bytes = HEADER_BYTES;
    if (capacity_bytes < HEADER_BYTES) return 0;
    bytes[0] = (uint8_t)m->width;
    bytes[1] = (uint8_t)(m->width >> 8);
    bytes[2] = (uint8_t)m->height;
    bytes[3] = (uint8_t)(m->height >> 8);

    for (size_t i = 0, run; i < tile_count; i += run) {
        for (run = 1; run < RUN_MAX && i + run < tile_count; run++) {
            if (m->tiles[i + run] != m->tiles[i]) break;
        }
        if (capacity_bytes - used_bytes < 2) return 0;
        bytes[used_bytes++] = m->tiles[i];
        bytes[used_bytes++] = (uint8_t)(run - 1);
    }
    return used_bytes;
}

enum result map_unpack(struct map *m, const uint8_t *bytes, size_t length_bytes, uint8_t *tiles,
                       size_t tiles_capacity)
{
    if (length_bytes < HEADER_BYTES || length_bytes % 2 != 0) return RESULT_INVALID;
    struct map read = {.width = (uint16_t)(bytes[0] | bytes[1] << 8),
                       .height = (uint16_t)(bytes[2] | bytes[3] << 8),
                       .tiles = tiles};
    size_t tile_count = (size_t)read.width * read.height;
    if (tile_count == 0) return RESULT_INVALID;
    if (tile_count > tiles_capacity) return RESULT_TOO_BIG;

    size_t filled = 0;
    for (size_t at = HEADER_BYTES; at < length_bytes; at += 2) {
        size_t run = (size_t)bytes[at + 1] + 1;
        if (bytes[at] < ' ' || bytes[at] > '~' || run > tile_count - filled) return RESULT_INVALID;
        for (size_t i = 0; i < run; i++)
            tiles[filled + i] = bytes[at];
        filled += run;
    }
    if (filled != tile_count) return RESULT_INVALID;
    bytes_copy(read.name, m->name, sizeof read.name);
    *m = read;
    return RESULT_OK;
}
