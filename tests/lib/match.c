#include "tests/lib/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/room/map_file.h"
#include "shared/check.h"

#define MAP_WIDTH    48
#define MAP_HEIGHT   48
#define CHANGES_MAX  8
#define CHANGE_TICKS 37 /* on average between two comings and goings */

struct match {
    struct match_settings settings;
    struct map_file file;
    uint8_t tiles[MAP_WIDTH * MAP_HEIGHT];
    struct map map; /* the file's, or one drawn of `tiles` */
    uint8_t packed_map[MAP_BYTES_MAX];
    size_t packed_map_bytes;
    void *memory;
    struct world world;
    struct rng rng;
    struct roster *roster;
    struct seat_input *inputs;
    struct usercmd *last_cmds; /* by seat */
    struct seat_change changes[CHANGES_MAX];
    uint32_t change_count;
    struct frame_chat chat;
    const struct entity **seen;
    uint16_t *seen_slots;
    struct frame frame;
};

static void draw_map(struct match *m)
{
    for (int y = 0; y < MAP_HEIGHT; y++) {
        for (int x = 0; x < MAP_WIDTH; x++) {
            bool is_edge = x == 0 || y == 0 || x == MAP_WIDTH - 1 || y == MAP_HEIGHT - 1;
            m->tiles[y * MAP_WIDTH + x] = is_edge ? '#' : '.';
        }
    }
    m->map =
        (struct map){.width = MAP_WIDTH, .height = MAP_HEIGHT, .tiles = m->tiles, .name = "drawn"};
}

static void make_map(struct match *m)
{
    char path[256];
    struct error error;
    snprintf(path, sizeof path, "assets/maps/%s.json", m->settings.game->map);
    if (map_file_load(&m->file, path, &error) == RESULT_OK) {
        m->map = m->file.map;
    } else {
        draw_map(m);
    }
    m->packed_map_bytes = map_pack(&m->map, m->packed_map, sizeof m->packed_map);
    ASSERT(m->packed_map_bytes > 0);
}

static void *allocate(size_t count, size_t item_bytes)
{
    void *memory = calloc(count + 1, item_bytes);
    ASSERT(memory != NULL);
    return memory;
}

struct match *match_create(const struct match_settings *settings)
{
    struct match *m = allocate(1, sizeof *m);
    struct match_settings *s = &m->settings;
    *s = *settings;
    if (s->slot_capacity == 0) s->slot_capacity = s->game->slot_capacity;
    if (s->seat_capacity == 0) s->seat_capacity = s->game->seat_capacity;
    ASSERT(s->player_count <= s->seat_capacity);

    make_map(m);
    rng_init(&m->rng, s->seed + 1);
    m->memory = allocate(1, world_memory_bytes(s->slot_capacity, s->seat_capacity));
    world_init(&m->world, s->game, &m->map, m->memory, s->slot_capacity, s->seat_capacity);
    world_start(&m->world, s->first_tick, s->seed, s->game->match_ticks);
    m->roster = allocate(1, sizeof *m->roster + s->seat_capacity * sizeof m->roster->entries[0]);
    m->roster->seat_count = s->seat_capacity;
    m->inputs = allocate(s->seat_capacity, sizeof m->inputs[0]);
    m->last_cmds = allocate(s->seat_capacity, sizeof m->last_cmds[0]);
    m->seen = allocate(s->slot_capacity, sizeof m->seen[0]);
    m->seen_slots = allocate(s->slot_capacity, sizeof m->seen_slots[0]);
    return m;
}

void match_destroy(struct match *m)
{
    free(m->seen_slots);
    free(m->seen);
    free(m->last_cmds);
    free(m->inputs);
    free(m->roster);
    free(m->memory);
    map_file_deinit(&m->file);
    free(m);
}

void match_describe(const struct match *m, struct recording_head *head)
{
    *head = (struct recording_head){.id = "20260101T000000Z-test-0001",
                                    .room = "test",
                                    .map_name = "test",
                                    .build = "test",
                                    .started_ms = UINT64_C(1767225600000),
                                    .tick_hz = TICK_HZ,
                                    .match_ticks = m->settings.game->match_ticks,
                                    .slot_capacity = m->settings.slot_capacity,
                                    .seat_capacity = m->settings.seat_capacity,
                                    .unit = (uint32_t)m->settings.game->unit,
                                    .table = m->settings.game->table,
                                    .packed_map = m->packed_map,
                                    .packed_map_bytes = m->packed_map_bytes};
}

/* -- players -- */

static void seat_change(struct match *m, uint16_t seat, bool is_join)
{
    struct roster_entry *entry = &m->roster->entries[seat];
    m->changes[m->change_count++] = (struct seat_change){.seat = seat, .is_join = is_join};
    *entry = (struct roster_entry){.is_taken = is_join, .since_tick = m->world.state->tick + 1};
    m->last_cmds[seat] = (struct usercmd){0};
    if (is_join) {
        int length = snprintf(entry->name, sizeof entry->name, "player %u", seat);
        entry->length_bytes = (uint8_t)length;
        entry->colour = (uint8_t)(seat % (COLOURS_MAX + 1));
    }
}

static void change_players(struct match *m)
{
    m->change_count = 0;
    for (uint16_t seat = 0; seat < m->settings.player_count; seat++) {
        bool is_taken = m->roster->entries[seat].is_taken;
        bool wants = m->settings.players_change && rng_below(&m->rng, CHANGE_TICKS) == 0;
        if (m->change_count < CHANGES_MAX &&
            (wants || (!is_taken && !m->settings.players_change))) {
            seat_change(m, seat, !is_taken);
        }
    }
}

static void press_at_random(struct match *m, struct usercmd *cmd)
{
    const struct field_table *table = m->settings.game->table;
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        if (rng_below(&m->rng, 8) != 0) continue;
        cmd->words[i] = f->min + (int32_t)rng_below(&m->rng, (uint32_t)(f->max - f->min) + 1);
    }
}

static void think(struct match *m, uint16_t seat, size_t seen_count, struct usercmd *cmd)
{
    if (m->settings.game->bot == NULL) {
        press_at_random(m, cmd);
        return;
    }
    struct game_view view = {.tick = m->world.state->tick,
                             .seat = seat,
                             .map = &m->map,
                             .own = world_entity(&m->world, world_body(&m->world, seat)),
                             .entities = m->seen,
                             .slots = m->seen_slots,
                             .count = seen_count};
    m->settings.game->bot(&view, &m->rng, cmd);
}

static size_t look(struct match *m)
{
    size_t count = 0;
    for (uint32_t slot = 0; slot < m->world.state->slot_count; slot++) {
        const struct entity *e = world_entity(&m->world, slot);
        if (e == NULL) continue;
        m->seen[count] = e;
        m->seen_slots[count++] = (uint16_t)slot;
    }
    return count;
}

static uint32_t collect_inputs(struct match *m)
{
    uint32_t input_count = 0;
    size_t seen_count = look(m);
    for (uint16_t seat = 0; seat < m->settings.seat_capacity; seat++) {
        if (!m->roster->entries[seat].is_taken) continue;
        struct seat_input *input = &m->inputs[input_count++];
        struct usercmd *last = &m->last_cmds[seat];
        *input = (struct seat_input){.seat = seat};
        /* As from a network: mostly one, now and then none or two. */
        uint32_t luck = rng_below(&m->rng, 16);
        input->count = luck == 0 ? 0 : luck == 1 ? 2 : 1;
        for (uint32_t i = 0; i < input->count; i++) {
            think(m, seat, seen_count, last);
            last->seq++;
            last->view_tick = m->world.state->tick;
            input->cmds[i] = *last;
        }
    }
    return input_count;
}

/* -- ticks -- */

static void say_something(struct match *m)
{
    m->frame.chat_count = m->world.state->tick % 100 == 0;
    m->frame.chats = &m->chat;
    m->chat.seat = 0;
    m->chat.length_bytes =
        (uint8_t)snprintf(m->chat.text, sizeof m->chat.text, "it is tick %u", m->world.state->tick);
}

struct frame *match_step(struct match *m)
{
    change_players(m);
    uint32_t input_count = collect_inputs(m);
    world_step(&m->world,
               &(struct tick_inputs){m->changes, m->change_count, m->inputs, input_count});

    m->frame = (struct frame){.tick = m->world.state->tick,
                              .roster = m->roster,
                              .seat_count = m->settings.seat_capacity,
                              .events = m->world.events,
                              .event_count = m->world.event_count,
                              .changes = m->changes,
                              .change_count = m->change_count,
                              .inputs = m->inputs,
                              .input_count = input_count,
                              .state = m->world.state};
    say_something(m);
    return &m->frame;
}

struct world *match_world(struct match *m)
{
    return &m->world;
}

struct seat_input *match_inputs(struct match *m)
{
    return m->inputs;
}
