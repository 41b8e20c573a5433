/* play.c - plays a game by its own bots and tells the world's hash: natively as a program, and as
 * wasm for node. Built by games.test.mjs, which compares what the builds say.
 *
 * Program: play GAME SEED PLAYERS TICKS... <packed map: one hash a line, after that many ticks. */
#include "shared/check.h"
#include "shared/game.h"
#include "shared/limits.h"

#define PLAYERS_MAX 64
#define SLOTS       4096

static struct map map;
static uint8_t packed_map[MAP_BYTES_MAX];
static uint8_t tiles[256 * 256];
static uint64_t memory[512 * 1024 / 8];
static struct world world;
static struct rng bots;
static struct seat_input inputs[PLAYERS_MAX];
static size_t player_count;

uint8_t *play_map_bytes(void);
uint32_t play_start(uint32_t game_index, uint32_t map_length_bytes, uint32_t seed,
                    uint32_t players);
uint64_t play_run(uint32_t ticks);

/* Where the packed map must be put before play_start(). */
uint8_t *play_map_bytes(void)
{
    return packed_map;
}

/* Returns 1, or 0 if the game or the map will not do. */
uint32_t play_start(uint32_t game_index, uint32_t map_length_bytes, uint32_t seed, uint32_t players)
{
    const struct game *game = games_get(game_index);
    size_t needed_bytes = world_memory_bytes(SLOTS, PLAYERS_MAX);
    if (needed_bytes > sizeof memory || players > PLAYERS_MAX) return 0;
    if (map_unpack(&map, packed_map, map_length_bytes, tiles, sizeof tiles) != RESULT_OK) return 0;

    world_init(&world, game, &map, memory, SLOTS, PLAYERS_MAX);
    world_start(&world, 0, seed, game->match_ticks);
    rng_init(&bots, seed + 1);
    for (player_count = 0; player_count < players; player_count++) {
        inputs[player_count] = (struct seat_input){.seat = (uint16_t)player_count, .count = 1};
        game->join(&world, (uint16_t)player_count);
    }
    return 1;
}

static void think(void)
{
    static const struct entity *entities[SLOTS];
    static uint16_t slots[SLOTS];
    size_t count = 0;
    for (uint32_t slot = 0; slot < world.state->slot_count; slot++) {
        if (world_entity(&world, slot) == NULL) continue;
        entities[count] = world_entity(&world, slot);
        slots[count++] = (uint16_t)slot;
    }
    for (size_t i = 0; i < player_count; i++) {
        struct game_view view = {.tick = world.state->tick,
                                 .seat = inputs[i].seat,
                                 .map = &map,
                                 .own = world_entity(&world, world_body(&world, inputs[i].seat)),
                                 .entities = entities,
                                 .slots = slots,
                                 .count = count};
        world.game->bot(&view, &bots, &inputs[i].cmds[0]);
    }
}

/* Plays on, and returns the world's hash. */
uint64_t play_run(uint32_t ticks)
{
    for (uint32_t i = 0; i < ticks; i++) {
        think();
        world_step(&world,
                   &(struct tick_inputs){.inputs = inputs, .input_count = (uint32_t)player_count});
    }
    return world_hash(world.state);
}

#ifdef __wasm__
_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    (void)condition, (void)file, (void)line;
    __builtin_trap();
}
#else
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    abort();
}

int main(int argc, char **argv)
{
    size_t length_bytes = fread(packed_map, 1, sizeof packed_map, stdin);
    if (argc < 5 || games_find(argv[1]) == NULL) return 2;
    uint32_t index = 0, ticks_done = 0;
    while (games_get(index) != games_find(argv[1]))
        index++;
    uint32_t seed = (uint32_t)atoi(argv[2]), players = (uint32_t)atoi(argv[3]);
    if (!play_start(index, (uint32_t)length_bytes, seed, players)) return 1;
    for (int i = 4; i < argc; i++) {
        uint32_t ticks = (uint32_t)atoi(argv[i]);
        printf("%016" PRIx64 "\n", play_run(ticks - ticks_done));
        ticks_done = ticks;
    }
    return 0;
}
#endif
