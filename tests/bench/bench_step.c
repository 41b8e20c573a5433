/* bench_step.c - what a tick costs: every game's step, and its bot, at 100 and 1000 players.
 *
 * Prints one line a game and number of players: microseconds a step (mean and worst), slots in use,
 * and microseconds a bot's thought. Everyone moves, turns and holds every button now and then. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "server/room/map_file.h"
#include "shared/game.h"

#define MAP_PATH    "assets/maps/plains.json"
#define WARM_TICKS  100
#define TICKS       400
#define PLAYERS_MAX 1000
#define SLOTS       16384
#define SEED        1
#define VIEW_MAX    1024

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void press_something(const struct field_table *table, struct rng *rng, struct usercmd *cmd)
{
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        uint32_t span = (uint32_t)(f->max - f->min) + 1;
        if (f->kind == USERCMD_ANGLE || rng_below(rng, 10) == 0) {
            cmd->words[i] = f->min + (int32_t)rng_below(rng, span);
        }
    }
}

static bool is_near(const struct game *game, const struct entity *e, const struct entity *own)
{
    const struct entity_kind *kind = &game->table->kinds[e->kind - 1];
    const struct entity_kind *own_kind = &game->table->kinds[own->kind - 1];
    if (kind->flags & KIND_EVERYWHERE) return true;
    int32_t x = e->words[kind->x_word] - own->words[own_kind->x_word];
    int32_t y = e->words[kind->y_word] - own->words[own_kind->y_word];
    return abs(x) < game->view_half_x * game->unit && abs(y) < game->view_half_y * game->unit;
}

static double bot_us(const struct world *w, size_t player_count, struct rng *rng)
{
    static const struct entity *entities[VIEW_MAX];
    static uint16_t slots[VIEW_MAX];
    double total_us = 0;
    for (uint16_t seat = 0; seat < player_count; seat++) {
        const struct entity *own = world_entity(w, world_body(w, seat));
        struct game_view view = {.tick = w->state->tick,
                                 .seat = seat,
                                 .map = w->map,
                                 .own = own,
                                 .entities = entities,
                                 .slots = slots};
        for (uint32_t slot = 0; own != NULL && slot < w->state->slot_count; slot++) {
            const struct entity *e = world_entity(w, slot);
            if (e == NULL || view.count == VIEW_MAX || !is_near(w->game, e, own)) continue;
            entities[view.count] = e;
            slots[view.count++] = (uint16_t)slot;
        }
        struct usercmd cmd = {.seq = 1};
        double start_us = now_us();
        w->game->bot(&view, rng, &cmd);
        total_us += now_us() - start_us;
    }
    return total_us / (double)player_count;
}

static void run(const struct game *game, const struct map *map, size_t player_count)
{
    static struct world w;
    static struct seat_input inputs[PLAYERS_MAX];
    void *memory = calloc(1, world_memory_bytes(SLOTS, PLAYERS_MAX));
    struct rng rng;
    double total_us = 0, worst_us = 0;

    if (memory == NULL) exit(EXIT_FAILURE);
    rng_init(&rng, SEED);
    world_init(&w, game, map, memory, SLOTS, PLAYERS_MAX);
    world_start(&w, 0, SEED, 0);
    for (size_t i = 0; i < player_count; i++) {
        inputs[i] = (struct seat_input){.seat = (uint16_t)i, .count = 1};
        game->join(&w, (uint16_t)i);
    }
    for (int tick = 0; tick < WARM_TICKS + TICKS; tick++) {
        for (size_t i = 0; i < player_count; i++)
            press_something(game->table, &rng, &inputs[i].cmds[0]);
        double start_us = now_us();
        world_step(&w,
                   &(struct tick_inputs){.inputs = inputs, .input_count = (uint32_t)player_count});
        double took_us = now_us() - start_us;
        if (tick < WARM_TICKS) continue;
        total_us += took_us;
        if (took_us > worst_us) worst_us = took_us;
    }
    printf("%-10s %5zu players: %7.1f us a step, worst %7.1f; %" PRIu32 " slots", game->name,
           player_count, total_us / TICKS, worst_us, w.state->slot_count);
    if (game->bot != NULL) printf("; %.2f us a bot", bot_us(&w, player_count, &rng));
    printf("; hash %016" PRIx64 "\n", world_hash(w.state));
    free(memory);
}

int main(void)
{
    struct map_file file;
    struct error error;
    if (map_file_load(&file, MAP_PATH, &error) != RESULT_OK) {
        fprintf(stderr, "%s\n", error.message);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < games_count(); i++) {
        run(games_get(i), &file.map, 100);
        run(games_get(i), &file.map, PLAYERS_MAX);
    }
    map_file_deinit(&file);
    return EXIT_SUCCESS;
}
