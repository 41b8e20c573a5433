/* hand_room.h - a room made by hand: a random world of test_game.h, changed and published as a test
 * wants it, without threads, seats' players or a clock.
 *
 * Place:   tests of server/session. It stands in for server/room/room.h: a program that includes it
 *          (once) gets these functions instead of the room's own.
 * Memory:  some 100 KB: keep it static. hand_room_close() frees the rest.
 */
#ifndef TICKWIRE_TESTS_UNIT_HAND_ROOM_H
#define TICKWIRE_TESTS_UNIT_HAND_ROOM_H

#include <stdlib.h>
#include <string.h>

#include "server/room/frame_pool.h"
#include "server/room/room.h"
#include "shared/check.h"
#include "shared/rng.h"
#include "tests/unit/test_game.h"

#define HAND_SEATS   64
#define HAND_TILES   16
#define HAND_UNIT    256
#define HAND_SIZE    (1 << 20) /* simulation units: HAND_TILES tiles of 256 units */
#define HAND_PENDING 160

struct room {
    struct room_settings settings;
    struct schema schema;
    struct frame_shape shape;
    struct frame_pool pool;
    struct roster_pool rosters;
    struct roster *roster; /* of the next frames */
    struct world_state *state;
    uint32_t epoch;
    struct rng rng;
    struct frame_seat seats[HAND_SEATS];
    struct event events[EVENTS_PER_TICK_MAX]; /* of the next frame */
    uint32_t event_count;
    struct frame *pending[HAND_PENDING]; /* published and not yet taken */
    uint32_t pending_first, pending_end;
};

static const struct game hand_game = {.name = "probe",
                                      .table = &test_table,
                                      .unit = HAND_UNIT,
                                      .tile_units = 256,
                                      .view_half_x = 1000,
                                      .view_half_y = 800,
                                      .seat_capacity = HAND_SEATS};
static const uint8_t hand_tiles[HAND_TILES * HAND_TILES];
static const struct map hand_map = {
    .width = HAND_TILES, .height = HAND_TILES, .tiles = hand_tiles, .name = "plain"};

const struct room_settings *room_settings(const struct room *room)
{
    return &room->settings;
}

const struct schema *room_schema(const struct room *room)
{
    return &room->schema;
}

uint16_t room_index(const struct room *room)
{
    (void)room;
    return 0;
}

struct frame *room_take_frame(struct room *room, uint32_t worker)
{
    (void)worker;
    if (room->pending_first == room->pending_end) return NULL;
    return room->pending[room->pending_first++ % HAND_PENDING];
}

static inline int32_t hand_room_anywhere(struct room *r)
{
    return (int32_t)rng_below(&r->rng, HAND_SIZE);
}

static inline void hand_room_spawn(struct room *r, uint32_t slot)
{
    struct entity *e = &r->state->entities[slot];
    *e = (struct entity){.kind = (uint8_t)(1 + rng_below(&r->rng, TEST_KIND_COUNT)),
                         .generation = (uint8_t)(e->generation + 1),
                         .owner = SEAT_NONE};
    for (unsigned i = 0; i < ENTITY_WORDS; i++)
        e->words[i] = (int32_t)rng_below(&r->rng, 100);
    e->words[TEST_X] = hand_room_anywhere(r);
    e->words[TEST_Y] = hand_room_anywhere(r);
    e->words[TEST_TARGET] = SEAT_NONE;
}

/* `slot_count` entities; the first `player_count` of them bodies of as many seats. */
static inline void hand_room_open(struct room *r, uint32_t slot_count, uint32_t player_count,
                                  uint64_t seed)
{
    memset(r, 0, sizeof *r);
    r->settings = (struct room_settings){.name = "hand",
                                         .game = &hand_game,
                                         .map = &hand_map,
                                         .map_name = "plain",
                                         .slot_capacity = slot_count,
                                         .seat_capacity = HAND_SEATS};
    enum result made = schema_init(&r->schema, &test_table);
    ASSERT(made == RESULT_OK && player_count <= HAND_SEATS && player_count <= slot_count);
    r->shape = (struct frame_shape){.slot_capacity = slot_count, .seat_capacity = HAND_SEATS};
    grid_shape_init(&r->shape.grid, &hand_map, &hand_game);
    frame_pool_init(&r->pool, &r->shape);
    roster_pool_init(&r->rosters, HAND_SEATS);
    r->roster = roster_pool_take(&r->rosters);
    r->state = calloc(1, sizeof *r->state + slot_count * sizeof r->state->entities[0]);
    ASSERT(r->roster != NULL && r->state != NULL);
    memset(r->roster->entries, 0, HAND_SEATS * sizeof r->roster->entries[0]);
    r->roster->seat_count = HAND_SEATS;
    rng_init(&r->rng, seed);
    r->state->tick = 1000;
    r->state->slot_count = slot_count;
    for (uint32_t slot = 0; slot < slot_count; slot++)
        hand_room_spawn(r, slot);
    for (uint32_t seat = 0; seat < HAND_SEATS; seat++) {
        bool plays = seat < player_count;
        r->seats[seat] =
            (struct frame_seat){.is_taken = plays, .body_slot = plays ? (uint16_t)seat : SLOT_NONE};
        if (!plays) continue;
        r->state->entities[seat].kind = TEST_CRAFT;
        r->state->entities[seat].owner = (uint16_t)seat;
    }
}

/* Whoever held frames must have let go of them. */
static inline void hand_room_close(struct room *r)
{
    struct frame *f;
    while ((f = room_take_frame(r, 0)) != NULL)
        frame_release(f);
    frame_pool_deinit(&r->pool);
    roster_release(r->roster);
    roster_pool_deinit(&r->rosters);
    free(r->state);
}

/* Calls the player of `seat` by another name from the next frame on. */
static inline void hand_room_rename(struct room *r, uint32_t seat, const char *name)
{
    struct roster *changed = roster_pool_take(&r->rosters);
    ASSERT(changed != NULL && strlen(name) <= NAME_BYTES_MAX);
    memcpy(changed->entries, r->roster->entries, HAND_SEATS * sizeof changed->entries[0]);
    changed->seat_count = HAND_SEATS;
    struct roster_entry *entry = &changed->entries[seat];
    *entry = (struct roster_entry){.since_tick = r->state->tick + 1,
                                   .is_taken = name[0] != '\0',
                                   .length_bytes = (uint8_t)strlen(name)};
    memcpy(entry->name, name, strlen(name));
    roster_release(r->roster);
    r->roster = changed;
}

static inline void hand_room_emit(struct room *r, const struct event *event)
{
    r->events[r->event_count++] = *event;
}

static inline int32_t hand_room_confine(int32_t word)
{
    return word < 0 ? 0 : word >= HAND_SIZE ? HAND_SIZE - 1 : word;
}

/* Moves on by a tick: most go on as before, some turn, some change otherwise, a few come and go. */
static inline void hand_room_change(struct room *r)
{
    for (uint32_t slot = 0; slot < r->state->slot_count; slot++) {
        struct entity *e = &r->state->entities[slot];
        bool is_body = e->owner != SEAT_NONE;
        uint32_t chance = rng_below(&r->rng, 1000);
        if (e->kind == 0 || (chance < 5 && !is_body)) {
            if (e->kind != 0) e->kind = 0;
            if (chance < 100) hand_room_spawn(r, slot);
            continue;
        }
        if (chance % 8 == 0) e->words[TEST_VX] = (int32_t)rng_below(&r->rng, 4001) - 2000;
        if (chance % 8 == 1) e->words[TEST_VY] = (int32_t)rng_below(&r->rng, 4001) - 2000;
        if (chance % 8 == 2) e->words[TEST_HEADING] += (int32_t)rng_below(&r->rng, 20000);
        if (chance % 64 == 3) e->words[TEST_HEALTH] = (int32_t)rng_below(&r->rng, 101);
        if (chance % 64 == 4) e->words[TEST_MODE] = (int32_t)rng_below(&r->rng, 5);
        e->words[TEST_X] = hand_room_confine(e->words[TEST_X] + e->words[TEST_VX]);
        e->words[TEST_Y] = hand_room_confine(e->words[TEST_Y] + e->words[TEST_VY]);
        if (chance < 10) {
            e->words[TEST_X] = hand_room_anywhere(r);
            e->words[TEST_WARP]++;
        }
    }
}

/* Publishes the world as the next tick's frame. */
static inline void hand_room_publish(struct room *r)
{
    struct frame_draft *d = frame_pool_take(&r->pool);
    ASSERT(d != NULL && r->pending_end - r->pending_first < HAND_PENDING);
    r->state->tick++;
    frame_draft_fill(d, &r->shape, r->state, &r->schema, r->roster);
    memcpy(d->seats, r->seats, sizeof r->seats);
    memcpy(d->events, r->events, r->event_count * sizeof r->events[0]);
    d->frame.seat_count = HAND_SEATS;
    d->frame.event_count = r->event_count;
    d->frame.room = r;
    d->frame.epoch = r->epoch;
    d->frame.due_us = (uint64_t)r->state->tick * 50000 + 123456;
    r->event_count = 0;
    r->pending[r->pending_end++ % HAND_PENDING] = &d->frame;
}

#endif
