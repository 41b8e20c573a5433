#include "server/room/room_plan.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/game.h"
#include "shared/host/error.h"

#define GAMES_TEXT_BYTES    128
#define SLOTS_OF_SMALL_ROOM 512

static const struct config_room default_room = {
    .name = ROOM_DEFAULT_NAME, .bots = -1, .players = -1, .match_s = -1};

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

/* `what` is the room as errors name it. */
static enum result find_game(const struct config_room *room, const char *what,
                             const struct game **game, struct error *error)
{
    *game = NULL;
    if (games_count() > 0) *game = room->game[0] == '\0' ? games_get(0) : games_find(room->game);
    if (*game != NULL) return RESULT_OK;
    char known[GAMES_TEXT_BYTES];
    list_games(known);
    return error_set(error, RESULT_INVALID, "%s: there is no game \"%s\", expected one of: %s",
                     what, room->game, known);
}

static bool is_path(const char *map)
{
    const char *dot = strrchr(map, '.');
    return strchr(map, '/') != NULL || (dot != NULL && strcmp(dot, ".json") == 0);
}

/* `name` is the map's, `what` as above. */
static enum result load_map(const struct config *config, const char *name, const char *what,
                            struct map_file *map, struct error *error)
{
    char path[2 * CONFIG_PATH_BYTES + 32];
    if (!is_path(name) && config->web_root[0] == '\0')
        return error_set(error, RESULT_IO,
                         "%s: map %s comes with the page, which is not there: build it by "
                         "'make web', or say --web-root DIR",
                         what, name);
    if (is_path(name)) {
        (void)snprintf(path, sizeof path, "%s", name);
    } else {
        (void)snprintf(path, sizeof path, "%s/assets/maps/%s.json", config->web_root, name);
    }
    struct error cause;
    if (map_file_load(map, path, &cause) == RESULT_OK) return RESULT_OK;
    return error_set(error, cause.code, "%s: %.200s", what, cause.message);
}

/* A room for fewer than the game's most has as many entities fewer, but those of the map stay. */
static uint32_t slots_for(const struct game *game, uint32_t players)
{
    uint64_t slots = (uint64_t)game->slot_capacity * players / game->seat_capacity;
    if (slots < SLOTS_OF_SMALL_ROOM) slots = SLOTS_OF_SMALL_ROOM;
    return slots < game->slot_capacity ? (uint32_t)slots : game->slot_capacity;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static enum result plan_room(struct room_settings *settings, struct map_file *map,
                             const struct config *config, const struct config_room *room,
                             struct error *error)
{
    const struct game *game;
    char what[ROOM_NAME_BYTES_MAX + 16];
    bool is_small = room->players >= 0;
    (void)snprintf(what, sizeof what, "%s%s", room->name[0] == '\0' ? "room_template" : "room ",
                   room->name);
    if (find_game(room, what, &game, error) != RESULT_OK) return error->code;
    if (load_map(config, room->map[0] == '\0' ? game->map : room->map, what, map, error) !=
        RESULT_OK)
        return error->code;

    uint32_t players_max = config->room_players_max > 0 ? config->room_players_max : UINT32_MAX;
    uint32_t players = least(is_small ? (uint32_t)room->players : players_max, game->seat_capacity);
    *settings = (struct room_settings){
        .name = room->name,
        .game = game,
        .map = &map->map,
        .map_name = map->map.name,
        .slot_capacity = is_small ? slots_for(game, players) : game->slot_capacity,
        .seat_capacity = players,
        .bots = room->bots < 0 ? ROOM_DEFAULT_BOTS : (uint32_t)room->bots,
        .match_ticks = room->match_s < 0 ? game->match_ticks : (uint32_t)room->match_s * TICK_HZ,
        .seat_keep_ticks = config->seat_keep_s * TICK_HZ,
        .records = config->record[0] != '\0',
        .stays_awake = !config->empty_rooms_sleep,
    };
    return RESULT_OK;
}

/* Finds games and maps for the `count` rooms of the config; behind them stands the template. */
static enum result plan_all(struct room_plan *p, const struct config *config,
                            const struct config_room *rooms, size_t count, uint64_t seed,
                            struct error *error)
{
    for (; p->count < count; p->count++) {
        size_t i = p->count;
        if (plan_room(&p->settings[i], &p->maps[i], config, &rooms[i], error) != RESULT_OK)
            return error->code;
        p->settings[i].seed = room_seed(seed, i);
    }
    p->seed = seed;
    p->capacity = (uint32_t)count;
    if (!config->has_room_template) return RESULT_OK;
    p->has_template = plan_room(&p->template, &p->template_map, config, &config->room_template,
                                error) == RESULT_OK;
    if (!p->has_template) return error->code;
    if (config->rooms_max > count) p->capacity = config->rooms_max;
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
    } else if (plan_all(p, config, rooms, count, seed, error) == RESULT_OK) {
        return RESULT_OK;
    }
    room_plan_deinit(p);
    return error->code;
}

void room_plan_deinit(struct room_plan *p)
{
    for (size_t i = 0; i < p->count; i++)
        map_file_deinit(&p->maps[i]);
    if (p->has_template) map_file_deinit(&p->template_map);
    free(p->maps);
    free(p->settings);
    *p = (struct room_plan){0};
}
