#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "server/record/reader_state.h"
#include "shared/message.h"

#define PLAYERS_MAX 1000000

/* Runs QUERY_META for `key`. RESULT_CLOSED: there is no such row. The query is to be reset. */
static enum result find_meta(struct reader *r, const char *key, struct store_query **row)
{
    *row = r->queries[QUERY_META];
    store_bind_text(*row, 1, key);
    return store_step(*row);
}

static enum result get_text(struct reader *r, const char *key, char *text, size_t capacity_bytes)
{
    struct store_query *row;
    enum result result = find_meta(r, key, &row);
    if (result == RESULT_OK) snprintf(text, capacity_bytes, "%s", store_text(row, 0));
    store_reset(row);
    return result;
}

/* `max` guards what is computed from it later: files come from outside. */
static enum result get_number(struct reader *r, const char *key, int64_t max, int64_t *number)
{
    struct store_query *row;
    enum result result = find_meta(r, key, &row);
    if (result == RESULT_OK) *number = store_integer(row, 0);
    store_reset(row);
    if (result != RESULT_OK) return result;
    return *number < 0 || *number > max ? RESULT_INVALID : RESULT_OK;
}

static enum result get_u32(struct reader *r, const char *key, uint32_t max, uint32_t *number)
{
    int64_t value = 0;
    enum result result = get_number(r, key, max, &value);
    *number = (uint32_t)value;
    return result;
}

static enum result get_table(struct reader *r)
{
    struct store_query *row;
    enum result result = find_meta(r, "table", &row);
    if (result == RESULT_OK) {
        r->table_text = strdup(store_text(row, 0));
        result = r->table_text == NULL ? RESULT_IO : RESULT_OK;
    }
    store_reset(row);
    if (result != RESULT_OK) return result;
    return table_text_read(&r->table, r->table_text, strlen(r->table_text));
}

static enum result get_map(struct reader *r)
{
    struct store_query *row;
    size_t length_bytes = 0;
    enum result result = find_meta(r, "map", &row);
    if (result == RESULT_OK) {
        const void *bytes = store_blob(row, 0, &length_bytes);
        r->packed_map = malloc(length_bytes + 1);
        if (r->packed_map != NULL) memcpy(r->packed_map, bytes, length_bytes);
        result = r->packed_map == NULL ? RESULT_IO : RESULT_OK;
    }
    store_reset(row);
    if (result != RESULT_OK) return result;

    r->tiles = malloc(MAP_TILES_MAX);
    if (r->tiles == NULL) return RESULT_IO;
    r->info.head.packed_map = r->packed_map;
    r->info.head.packed_map_bytes = length_bytes;
    result = map_unpack(&r->map, r->packed_map, length_bytes, r->tiles, MAP_TILES_MAX);
    if (result != RESULT_OK) return RESULT_INVALID;
    uint8_t *tiles = realloc(r->tiles, (size_t)r->map.width * r->map.height);
    if (tiles != NULL) r->map.tiles = r->tiles = tiles;
    memcpy(r->map.name, r->info.head.map_name, sizeof r->map.name);
    return RESULT_OK;
}

enum result reader_get_head(struct reader *r)
{
    struct recording_head *head = &r->info.head;
    int64_t started_ms = 0;
    enum result results[] = {
        get_text(r, "id", head->id, sizeof head->id),
        get_text(r, "room", head->room, sizeof head->room),
        get_text(r, "map_name", head->map_name, sizeof head->map_name),
        get_text(r, "build", head->build, sizeof head->build),
        get_number(r, "started_ms", INT64_MAX, &started_ms),
        get_u32(r, "tick_hz", 1000, &head->tick_hz),
        get_u32(r, "match_ticks", UINT32_MAX, &head->match_ticks),
        get_u32(r, "slot_capacity", SLOTS_MAX, &head->slot_capacity),
        get_u32(r, "seat_capacity", SEAT_NONE - 1, &head->seat_capacity),
        get_u32(r, "unit", INT32_MAX, &head->unit),
        get_table(r),
        get_map(r),
    };
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (results[i] != RESULT_OK) return results[i];
    }
    if (head->tick_hz == 0 || head->slot_capacity == 0 || head->unit == 0) return RESULT_INVALID;
    head->started_ms = (uint64_t)started_ms;
    head->table = &r->table.table;
    r->info.game = r->table.table.game;
    r->info.step_version = r->table.table.step_version;
    return RESULT_OK;
}

/* -- players -- */

static void get_player(struct recording_player *player, struct store_query *row)
{
    const char *name = store_text(row, 2);
    size_t name_bytes = strlen(name);
    int64_t colour = store_integer(row, 6);
    if (name_bytes > NAME_BYTES_MAX) name_bytes = NAME_BYTES_MAX;
    *player = (struct recording_player){.id = (uint32_t)store_integer(row, 0),
                                        .seat = (uint16_t)store_integer(row, 1),
                                        .is_bot = store_integer(row, 3) != 0,
                                        .has_left = !store_is_null(row, 5),
                                        .colour = colour_known(colour),
                                        .name_bytes = (uint8_t)name_bytes,
                                        .from_tick = (uint32_t)store_integer(row, 4),
                                        .to_tick = (uint32_t)store_integer(row, 5)};
    memcpy(player->name, name, name_bytes);
}

static enum result get_players(struct reader *r)
{
    struct store_query *row = r->queries[QUERY_PLAYERS];
    size_t capacity = r->player_count;
    enum result result;
    r->player_count = 0;
    while ((result = store_step(row)) == RESULT_OK && r->player_count < PLAYERS_MAX) {
        if (r->player_count == capacity || r->players == NULL) {
            capacity = capacity == 0 ? 64 : 2 * capacity;
            void *players = realloc(r->players, capacity * sizeof r->players[0]);
            if (players == NULL) break;
            r->players = players;
        }
        get_player(&r->players[r->player_count++], row);
    }
    store_reset(row);
    return result == RESULT_CLOSED ? RESULT_OK : result == RESULT_OK ? RESULT_IO : result;
}

const struct recording_player *reader_players(const struct reader *r, size_t *count)
{
    *count = r->player_count;
    return r->players;
}

const struct recording_player *reader_player(const struct reader *r, uint16_t seat, uint32_t tick)
{
    for (size_t i = r->player_count; i > 0; i--) {
        const struct recording_player *p = &r->players[i - 1];
        if (p->seat != seat || p->from_tick > tick) continue;
        return p->has_left && p->to_tick < tick ? NULL : p;
    }
    return NULL;
}

/* -- the extent -- */

static enum result get_ticks(struct reader *r)
{
    struct reader_info *info = &r->info;
    int64_t first = store_number(r->store, "SELECT min(tick) FROM keyframe", -1);
    int64_t last = store_number(r->store, "SELECT max(tick) FROM keyframe", -1);
    int64_t chunk_last = store_number(
        r->store, "SELECT tick+tick_count-1 FROM chunk ORDER BY tick DESC LIMIT 1", -1);
    if (chunk_last > last) last = chunk_last;
    if (first < 0 || last < first || last > UINT32_MAX) return RESULT_INVALID;

    info->first_tick = (uint32_t)first;
    info->last_tick = (uint32_t)last;
    info->gap_count =
        (uint32_t)store_number(r->store, "SELECT count(*) FROM chunk WHERE kind=1", 0);
    info->lost_ticks =
        (uint32_t)store_number(r->store, "SELECT sum(tick_count) FROM chunk WHERE kind=1", 0);
    return RESULT_OK;
}

enum result reader_get_extent(struct reader *r)
{
    char status[32] = "";
    struct stat file;
    int64_t ended_ms = 0;
    enum result result = get_text(r, "status", status, sizeof status);
    if (result == RESULT_OK) {
        result = get_text(r, "reason", r->info.reason, sizeof r->info.reason);
    }
    if (result == RESULT_OK) result = get_ticks(r);
    if (result == RESULT_OK) result = get_players(r);
    if (result != RESULT_OK) return result;

    r->info.status = recording_status_of(status);
    get_number(r, "ended_ms", INT64_MAX, &ended_ms);
    r->info.ended_ms = (uint64_t)ended_ms;
    r->info.file_bytes = stat(r->path, &file) == 0 ? (uint64_t)file.st_size : 0;
    return RESULT_OK;
}
