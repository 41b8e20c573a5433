#include "server/room/map_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"
#include "shared/limits.h"

#define FILE_BYTES_MAX (4u << 20) /* the largest map, generously indented */

void map_file_deinit(struct map_file *m)
{
    free(m->tiles);
    *m = (struct map_file){0};
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < ' ' || *text > '~') return false;
    }
    return true;
}

/* "maps/arena.json" lends "arena". */
static void name_by_path(struct map *map, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *stem = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(stem, '.');
    size_t length = dot == NULL || dot == stem ? strlen(stem) : (size_t)(dot - stem);
    if (length >= MAP_NAME_BYTES) length = MAP_NAME_BYTES - 1;
    memcpy(map->name, stem, length);
    map->name[length] = '\0';
}

static enum result read_name(struct map *map, const char *path, const cJSON *root,
                             struct error *error)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(root, "name");
    if (name == NULL) {
        name_by_path(map, path);
        return RESULT_OK;
    }
    if (!cJSON_IsString(name) || name->valuestring[0] == '\0' ||
        strlen(name->valuestring) >= MAP_NAME_BYTES || !is_printable(name->valuestring))
        return error_set(error, RESULT_INVALID,
                         "map %s: \"name\" must be a text of 1 to %d printable ASCII characters",
                         path, MAP_NAME_BYTES - 1);
    strcpy(map->name, name->valuestring);
    return RESULT_OK;
}

static enum result check_row(const char *path, const cJSON *row, size_t number, size_t width,
                             struct error *error)
{
    if (!cJSON_IsString(row) || !is_printable(row->valuestring))
        return error_set(error, RESULT_INVALID,
                         "map %s: row %zu must be a text of printable ASCII characters", path,
                         number);
    if (strlen(row->valuestring) != width)
        return error_set(error, RESULT_INVALID,
                         "map %s: row %zu is %zu tiles long, expected %zu as in row 1", path,
                         number, strlen(row->valuestring), width);
    return RESULT_OK;
}

/* Checks the rectangle and leaves its extents in `map`. */
static enum result measure(struct map *map, const char *path, const cJSON *rows,
                           struct error *error)
{
    const cJSON *first = cJSON_IsArray(rows) ? rows->child : NULL;
    if (first == NULL || !cJSON_IsString(first) || first->valuestring[0] == '\0')
        return error_set(error, RESULT_INVALID,
                         "map %s: \"rows\" must be a list of at least one text of tiles", path);

    size_t width = strlen(first->valuestring), height = 0;
    for (const cJSON *row = first; row != NULL; row = row->next) {
        if (check_row(path, row, ++height, width, error) != RESULT_OK) return error->code;
    }
    if (width > UINT16_MAX || height > UINT16_MAX || width * height > MAP_TILES_MAX)
        return error_set(error, RESULT_TOO_BIG,
                         "map %s: %zu x %zu tiles, at most %u in all are possible", path, width,
                         height, MAP_TILES_MAX);
    map->width = (uint16_t)width;
    map->height = (uint16_t)height;
    return RESULT_OK;
}

static enum result check_packed(const struct map *map, const char *path, struct error *error)
{
    uint8_t *packed = malloc(MAP_BYTES_MAX);
    if (packed == NULL) return error_set(error, RESULT_IO, "map %s: no memory", path);
    size_t packed_bytes = map_pack(map, packed, MAP_BYTES_MAX);
    free(packed);
    if (packed_bytes > 0) return RESULT_OK;
    return error_set(error, RESULT_TOO_BIG,
                     "map %s: packs to more than %u bytes, expected longer runs of equal tiles",
                     path, MAP_BYTES_MAX);
}

static enum result take_tiles(struct map_file *m, const char *path, const cJSON *rows,
                              struct error *error)
{
    size_t width = m->map.width;
    uint8_t *tile = m->tiles = malloc(width * m->map.height);
    if (tile == NULL) return error_set(error, RESULT_IO, "map %s: no memory", path);
    for (const cJSON *row = rows->child; row != NULL; row = row->next, tile += width)
        memcpy(tile, row->valuestring, width);
    m->map.tiles = m->tiles;
    return check_packed(&m->map, path, error);
}

static size_t line_of(const char *text, const char *at)
{
    size_t line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

enum result map_file_parse(struct map_file *m, const char *path, const char *text,
                           size_t length_bytes, struct error *error)
{
    const char *end = text;
    cJSON *root = cJSON_ParseWithLengthOpts(text, length_bytes, &end, 0);
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(root, "rows");
    enum result result = RESULT_OK;
    *m = (struct map_file){0};

    if (!cJSON_IsObject(root)) {
        result = error_set(error, RESULT_INVALID, "map %s, line %zu: expected a JSON object", path,
                           line_of(text, end));
    }
    if (result == RESULT_OK) result = read_name(&m->map, path, root, error);
    if (result == RESULT_OK) result = measure(&m->map, path, rows, error);
    if (result == RESULT_OK) result = take_tiles(m, path, rows, error);
    cJSON_Delete(root);
    if (result != RESULT_OK) map_file_deinit(m);
    return result;
}

/* Returns the file's content, which the caller frees, or NULL. */
static char *read_whole(const char *path, size_t *length_bytes, struct error *error)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        error_set(error, RESULT_IO, "map %s: %s", path, strerror(errno));
        return NULL;
    }
    char *text = malloc(FILE_BYTES_MAX + 1);
    *length_bytes = text == NULL ? 0 : fread(text, 1, FILE_BYTES_MAX + 1, file);
    bool is_broken = text == NULL || ferror(file);
    int cause = errno;
    (void)fclose(file);
    if (is_broken) {
        error_set(error, RESULT_IO, "map %s: %s", path, strerror(cause));
    } else if (*length_bytes > FILE_BYTES_MAX) {
        error_set(error, RESULT_TOO_BIG, "map %s: larger than %u bytes", path, FILE_BYTES_MAX);
    } else {
        return text;
    }
    free(text);
    return NULL;
}

enum result map_file_load(struct map_file *m, const char *path, struct error *error)
{
    size_t length_bytes;
    *m = (struct map_file){0};
    char *text = read_whole(path, &length_bytes, error);
    if (text == NULL) return error->code;
    enum result result = map_file_parse(m, path, text, length_bytes, error);
    free(text);
    return result;
}
