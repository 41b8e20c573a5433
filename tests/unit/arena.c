#include "tests/unit/arena.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/room/map_file.h"
#include "shared/limits.h"

#define VIEW_CAPACITY 4096

/* Takes one row of tiles more. */
static void add_row(struct arena *a, const char *row, size_t width)
{
    ck_assert(a->map.height == 0 || width == a->map.width);
    a->map.width = (uint16_t)width;
    memcpy(a->tiles + (size_t)a->map.height * width, row, width);
    a->map.height++;
}

static void prepare(struct arena *a, const struct game *game)
{
    memset(a, 0, sizeof *a);
    a->game = game;
    a->tiles = calloc(1, MAP_TILES_MAX);
    a->map.tiles = a->tiles;
}

static void start(struct arena *a, uint64_t seed)
{
    const struct game *game = a->game;
    a->memory = calloc(1, world_memory_bytes(game->slot_capacity, game->seat_capacity));
    world_init(&a->world, game, &a->map, a->memory, game->slot_capacity, game->seat_capacity);
    arena_restart(a, seed);
}

void arena_open(struct arena *a, const struct game *game, const char *map_name, uint64_t seed)
{
    char path[128];
    struct map_file file;
    struct error error;
    snprintf(path, sizeof path, "assets/maps/%s.json", map_name);
    enum result result = map_file_load(&file, path, &error);
    ck_assert_msg(result == RESULT_OK, "%s", error.message);

    prepare(a, game);
    a->map = file.map;
    a->map.tiles = a->tiles;
    memcpy(a->tiles, file.map.tiles, (size_t)file.map.width * file.map.height);
    map_file_deinit(&file);
    start(a, seed);
}

void arena_open_drawn(struct arena *a, const struct game *game, const char *drawing, uint64_t seed)
{
    prepare(a, game);
    for (const char *row = drawing; *row != '\0'; row = strchr(row, '\n') + 1)
        add_row(a, row, (size_t)(strchr(row, '\n') - row));
    start(a, seed);
}

void arena_close(struct arena *a)
{
    free(a->memory);
    free(a->tiles);
}

void arena_restart(struct arena *a, uint64_t seed)
{
    world_start(&a->world, 1000, seed, a->game->match_ticks);
    rng_init(&a->bots, seed);
    for (size_t i = 0; i < a->input_count; i++)
        a->game->join(&a->world, a->inputs[i].seat);
}

uint16_t arena_join(struct arena *a)
{
    ck_assert_uint_lt(a->input_count, ARENA_SEATS);
    uint16_t seat = (uint16_t)a->input_count;
    a->inputs[a->input_count++] = (struct seat_input){.seat = seat};
    a->game->join(&a->world, seat);
    return seat;
}

struct entity *arena_body(const struct arena *a, uint16_t seat)
{
    struct entity *body = world_entity(&a->world, world_body(&a->world, seat));
    ck_assert_ptr_nonnull(body);
    return body;
}

/* What the wire leaves of an entity. */
static struct entity as_seen(const struct entity_kind *kind, const struct entity *e)
{
    struct entity seen = {.kind = e->kind, .generation = e->generation, .owner = e->owner};
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (f->audience != AUDIENCE_ALL) continue;
        seen.words[f->word] = field_dequantize(f, field_quantize(f, e->words[f->word]));
    }
    return seen;
}

static bool is_in_view(const struct game *game, const struct entity *e, const struct entity *own)
{
    const struct entity_kind *kind = &game->table->kinds[e->kind - 1];
    const struct entity_kind *own_kind = &game->table->kinds[own->kind - 1];
    if (kind->flags & KIND_EVERYWHERE) return true;
    int32_t x = e->words[kind->x_word] - own->words[own_kind->x_word];
    int32_t y = e->words[kind->y_word] - own->words[own_kind->y_word];
    return abs(x) <= game->view_half_x * game->unit && abs(y) <= game->view_half_y * game->unit;
}

struct seen {
    struct entity entities[VIEW_CAPACITY];
    const struct entity *pointers[VIEW_CAPACITY];
    uint16_t slots[VIEW_CAPACITY];
    size_t count;
};

static void see(const struct arena *a, const struct entity *own, struct seen *seen)
{
    seen->count = 0;
    for (uint32_t slot = 0; slot < a->world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&a->world, slot);
        if (e == NULL || !is_in_view(a->game, e, own)) continue;
        seen->entities[seen->count] = as_seen(&a->game->table->kinds[e->kind - 1], e);
        seen->pointers[seen->count] = &seen->entities[seen->count];
        seen->slots[seen->count++] = (uint16_t)slot;
    }
}

void arena_think(struct arena *a)
{
    struct seen *seen = malloc(sizeof *seen);
    for (size_t i = 0; i < a->input_count; i++) {
        struct seat_input *input = &a->inputs[i];
        const struct entity *own = world_entity(&a->world, world_body(&a->world, input->seat));
        if (own != NULL)
            see(a, own, seen);
        else
            seen->count = 0;
        struct game_view view = {.tick = a->world.state->tick,
                                 .seat = input->seat,
                                 .map = &a->map,
                                 .own = own,
                                 .entities = seen->pointers,
                                 .slots = seen->slots,
                                 .count = seen->count};
        struct usercmd cmd = {.seq = a->world.state->tick};
        a->game->bot(&view, &a->bots, &cmd);
        ck_assert(usercmd_is_valid(a->game->table, &cmd));
        input->cmds[0] = cmd;
        input->count = 1;
    }
    free(seen);
}

void arena_command(struct arena *a, uint16_t seat, int32_t first, int32_t second)
{
    struct seat_input *input = &a->inputs[seat];
    ck_assert_uint_lt(input->count, USERCMDS_PER_TICK_MAX);
    input->cmds[input->count++] = (struct usercmd){.words = {first, second}};
}

const struct event *arena_event(const struct arena *a, uint8_t kind)
{
    for (uint32_t i = 0; i < a->world.event_count; i++) {
        if (a->world.events[i].kind == kind) return &a->world.events[i];
    }
    return NULL;
}

void arena_step(struct arena *a)
{
    world_step(&a->world,
               &(struct tick_inputs){.inputs = a->inputs, .input_count = (uint32_t)a->input_count});
    for (size_t i = 0; i < a->input_count; i++)
        a->inputs[i].count = 0;
}

void arena_check_wire(const struct arena *a)
{
    for (uint32_t slot = 0; slot < a->world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&a->world, slot);
        if (e == NULL) continue;
        const struct entity_kind *kind = &a->game->table->kinds[e->kind - 1];
        for (unsigned i = 0; i < kind->field_count; i++) {
            const struct field *f = &kind->fields[i];
            if (f->audience != AUDIENCE_ALL) continue;
            int32_t value = e->words[f->word];
            int32_t back = field_dequantize(f, field_quantize(f, value));
            ck_assert_msg(value >= back && value - back < 1 << f->shift,
                          "tick %u: %s of a %s is %d", a->world.state->tick, f->name, kind->name,
                          value);
        }
    }
}
