#include "server/room/room_plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/game.h"
#include "shared/host/error.h"

#define GAMES_TEXT_BYTES 128

static const struct config_room default_room = {
    .name = ROOM_DEFAULT_NAME, .bots = -1, .match_s = -1};

/* "chess, go": as much as fits. */
static void list_games(char text[GAMES_TEXT_BYTES])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < games_count() && used < GAMES_TEXT_BYTES; i++) {
        int length = snprintf(text + used, GAMES_TEXT_BYTES - used, "%s%s", i > 0 ? ", " : "",
                              games_get(i)->name);
        used += (size_t)length;
    }
}

static enum result find_game(const struct config_room *room, const struct game **game,
                             struct error *error)
{
    *game = NULL;
    if (games_count() > 0) *game = room->game[0] == '\0' ? games_get(0) : games_find(room->game);
    if (*game != NULL) return RESULT_OK;
    char known[GAMES_TEXT_BYTES];
    list_games(known);
    return error_set(error, RESULT_INVALID, "room %s: there is no game \"%s\", expected one of: %s",
                     room->name, room->game, known);
}

static bool is_path(const char *map)
{
    const char *dot = strrchr(map, '.');
    return strchr(map, '/') != NULL || (dot != NULL && strcmp(dot, ".json") == 0);
}

static enum result load_map(const struct config *config, const struct config_room *room,
                            const struct game *game, struct map_file *map, struct error *error)
{
    const char *name = room->map[0] == '\0' ? game->map : room->map;
    char path[2 * CONFIG_PATH_BYTES + 32];
    if (!is_path(name) && config->web_root[0] == '\0')
        return error_set(error, RESULT_IO,
                         "room %s: map %s comes with the page, which is not there: build it by "
                         "'make web', or say --web-root DIR",
                         room->name, name);
    if (is_path(name)) {
        (void)snprintf(path, sizeof path, "%s", name);
    } else {
        (void)snprintf(path, sizeof path, "%s/assets/maps/%s.json", config->web_root, name);
    }
    struct error cause;
    if (map_file_load(map, path, &cause) == RESULT_OK) return RESULT_OK;
    return error_set(error, cause.code, "room %s: %.200s", room->name, cause.message);
}

/* Rooms of one server play different matches. */
static uint64_t seed_of(uint64_t seed, size_t index)
{
    return seed + index * UINT64_C(0x9E3779B97F4A7C15);
}

static enum result plan_room(struct room_plan *p, size_t index, const struct config *config,
                             const struct config_room *room, uint64_t seed, struct error *error)
{
    const struct game *game;
    struct map_file *map = &p->maps[index];
    if (find_game(room, &game, error) != RESULT_OK) return error->code;
    if (load_map(config, room, game, map, error) != RESULT_OK) return error->code;

    uint32_t players = game->seat_capacity;
    if (config->room_players_max > 0 && config->room_players_max < players)
        players = config->room_players_max;
    p->settings[index] = (struct room_settings){
        .name = room->name,
        .game = game,
        .map = &map->map,
        .map_name = map->map.name,
        .slot_capacity = game->slot_capacity,
        .seat_capacity = players,
        .bots = room->bots < 0 ? ROOM_DEFAULT_BOTS : (uint32_t)room->bots,
        .match_ticks = room->match_s < 0 ? game->match_ticks : (uint32_t)room->match_s * TICK_HZ,
        .seat_keep_ticks = config->seat_keep_s * TICK_HZ,
        .seed = seed_of(seed, index),
        .records = config->record[0] != '\0',
    };
    p->count = index + 1;
    return RESULT_OK;
}

enum result room_plan_init(struct room_plan *p, const struct config *config, uint64_t seed,
                           struct error *error)
{
    bool is_default = config->room_count == 0;
    const struct config_room *rooms = is_default ? &default_room : config->room;
    size_t count = is_default ? 1 : config->room_count;

    *p = (struct room_plan){.settings = calloc(count, sizeof *p->settings),
                            .maps = calloc(count, sizeof *p->maps)};
    if (p->settings == NULL || p->maps == NULL) {
        error_set(error, RESULT_IO, "no memory for %zu rooms", count);
        goto fail;
    }
    for (size_t i = 0; i < count; i++) {
        if (plan_room(p, i, config, &rooms[i], seed, error) != RESULT_OK) goto fail;
    }
    return RESULT_OK;
fail:
    room_plan_deinit(p);
    return error->code;
}

void room_plan_deinit(struct room_plan *p)
{
    for (size_t i = 0; i < p->count; i++)
        map_file_deinit(&p->maps[i]);
    free(p->maps);
    free(p->settings);
    *p = (struct room_plan){0};
}
