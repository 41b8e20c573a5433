#include "server/session/viewer.h"

#include <string.h>

#include "server/net/pool.h"
#include "server/session/binary_writer.h"
#include "server/session/ration.h"
#include "tests/unit/hand_room.h"
#include "tests/unit/suite.h"

#define SLOTS       300
#define PLAYERS     20
#define SEES_MAX    512
#define CLIENTS_MAX 120

/* One client: what the server keeps of it, and what it has decoded. */
struct client {
    struct viewer viewer;
    struct wire_entity lists[2][SEES_MAX];
    struct seen seen;
    uint32_t budget_bytes; /* 0: any */
};

static struct room room;
static struct room_view view;
static struct viewer_plan plan;
static void *interest_memory;
static struct pool mosaics;
static struct client clients[CLIENTS_MAX];
static uint32_t client_count;
static uint8_t bytes[1 << 18];
static size_t length_bytes; /* of the last message */

static void open_room(uint32_t slots, uint64_t seed)
{
    hand_room_open(&room, slots, PLAYERS, seed);
    ck_assert_int_eq(room_view_init(&view, &room, 0, CLIENTS_MAX), RESULT_OK);
    struct error error;
    ck_assert_int_eq(pool_init(&mosaics, sizeof(struct mosaic), CLIENTS_MAX, &error), RESULT_OK);
    view.mosaics = &mosaics;
    interest_memory = calloc(1, interest_scratch_bytes(slots));
    interest_scratch_init(&plan.interest, interest_memory, slots);
    client_count = 0;
}

static void close_room(void)
{
    for (uint32_t i = 0; i < client_count; i++)
        viewer_deinit(&clients[i].viewer);
    ck_assert_uint_eq(mosaics.taken_count, 0);
    pool_deinit(&mosaics);
    room_view_deinit(&view);
    hand_room_close(&room);
    free(interest_memory);
}

static struct client *join(uint16_t seat)
{
    struct client *c = &clients[client_count++];
    memset(c, 0, sizeof *c);
    ck_assert_int_eq(viewer_init(&c->viewer, &view, seat, SEES_MAX), RESULT_OK);
    seen_init(&c->seen, &room.schema, c->lists[0], c->lists[1], SEES_MAX);
    return c;
}

static void step(void)
{
    hand_room_change(&room);
    hand_room_publish(&room);
    ck_assert(room_view_take_frames(&view));
}

/* Check notes every assertion in a file: one for a whole list. */
static bool is_known(const struct client *c, uint32_t i)
{
    const struct wire_entity *e = &c->seen.list[i];
    const struct viewer *v = &c->viewer;
    const struct frame *base = plan.now, *before = plan.before;
    struct wire_entity expected;
    uint16_t slot = plan.slots[i];
    if (v->mosaic != NULL) base = mosaic_base(v, &v->mosaic->pieces[i]);
    if (v->mosaic != NULL) before = mosaic_before(v, &v->mosaic->pieces[i]);
    cohort_known(&room.schema, base, before, slot, &expected);
    if (e->behind_ticks != plan.now->tick - base->tick) return false;
    const struct schema_kind *kind = &room.schema.kinds[expected.kind - 1];
    return e->slot == slot && e->kind == expected.kind && e->generation == expected.generation &&
           e->owner == expected.owner &&
           memcmp(e->wire, expected.wire, kind->wire_count * sizeof e->wire[0]) == 0 &&
           memcmp(e->velocity16, expected.velocity16,
                  kind->moving_count * sizeof e->velocity16[0]) == 0;
}

/* The list that the client holds now is the plan's, each entity as the server knows it to know. */
static bool knows_all(const struct client *c)
{
    if (c->seen.count != plan.count || c->seen.hash_differs) return false;
    for (uint32_t i = 0; i < plan.count; i++) {
        if (!is_known(c, i)) return false;
    }
    return c->seen.tick == plan.now->tick;
}

/* Its own body as it is, but for what nobody is to know. */
static bool knows_itself(const struct client *c)
{
    const struct snapshot_self *self = &c->seen.self;
    if (c->viewer.seat >= PLAYERS) return !self->is_known;
    const int32_t *words = room.state->entities[c->viewer.seat].words;
    return self->is_known && self->body.words[TEST_X] == words[TEST_X] &&
           self->body.words[TEST_AMMO] == words[TEST_AMMO] && self->body.words[TEST_SECRET] == 0;
}

/* Sends the newest frame to `c`, who decodes it. */
static void update(struct client *c)
{
    viewer_plan(&c->viewer, &plan);
    length_bytes = binary_write_snapshot(&c->viewer, &plan, NULL, bytes, sizeof bytes);
    if (c->budget_bytes > 0 && plan.base != NULL && length_bytes > c->budget_bytes) {
        binary_measure_updates(&c->viewer, &plan);
        if (ration_choose(&c->viewer, &plan, (uint32_t)length_bytes, c->budget_bytes)) {
            length_bytes = binary_write_snapshot(&c->viewer, &plan, NULL, bytes, sizeof bytes);
        }
    }
    viewer_commit(&c->viewer, &plan);
    bool ok = length_bytes > 0 && snapshot_decode(&c->seen, bytes, length_bytes) == RESULT_OK &&
              knows_all(c) && knows_itself(c);
    ck_assert_msg(ok, "seat %u at tick %u", c->viewer.seat, plan.now->tick);
}

START_TEST(whatever_is_skipped_the_client_knows_what_the_server_thinks)
{
    open_room(SLOTS, (uint64_t)_i + 1);
    for (uint16_t i = 0; i < 16; i++)
        join(i);
    join(SEAT_NONE);
    for (uint32_t tick = 0; tick < 700; tick++) {
        step();
        for (uint32_t i = 0; i < client_count; i++) {
            const bool is_due[] = {true,
                                   tick % 2 == 0,
                                   tick % 4 == 0,
                                   rng_below(&room.rng, 2) == 0,
                                   rng_below(&room.rng, 30) == 0,
                                   tick % 150 < 60,
                                   tick % 65 == 0};
            if (is_due[i % (sizeof is_due / sizeof is_due[0])]) update(&clients[i]);
        }
    }
    close_room();
}
END_TEST

/* Frames that something rests on. */
static uint32_t count_held(void)
{
    uint32_t held = 0;
    for (unsigned i = 0; i < HISTORY_FRAMES; i++)
        held += view.history[i].frame != NULL;
    return held;
}

/* No entity of the list is behind for longer than is promised, the own body never. */
static void assert_nobody_starves(const struct client *c)
{
    uint32_t longest = 0;
    for (uint32_t i = 0; i < c->seen.count; i++) {
        const struct wire_entity *e = &c->seen.list[i];
        if (e->behind_ticks > longest) longest = e->behind_ticks;
        bool is_own = c->seen.self.is_known && e->slot == c->seen.self.slot;
        if (is_own && e->behind_ticks > 0) longest = UINT32_MAX;
    }
    ck_assert_uint_le(longest, MOSAIC_WAIT_TICKS);
}

/* Random worlds, budgets that change, skips: each client knows what the server thinks it does, entity
 * by entity, and nobody is left out for too long. */
START_TEST(whatever_is_left_out_comes_in_time)
{
    uint64_t partial = 0, over = 0, sent = 0;
    open_room(SLOTS, (uint64_t)_i + 100);
    for (uint16_t i = 0; i < 16; i++)
        join(i);
    for (uint32_t tick = 0; tick < 700; tick++) {
        step();
        for (uint32_t i = 0; i < client_count; i++) {
            struct client *c = &clients[i];
            uint32_t cadence = 1u << i % 3;
            bool is_due = tick % cadence == 0 && (i % 4 != 3 || rng_below(&room.rng, 10) > 0);
            if (rng_below(&room.rng, 100) == 0) {
                const uint32_t budgets[] = {0, 20, 60, 120, 300};
                c->budget_bytes = budgets[rng_below(&room.rng, 5)];
            }
            if (i == 15 && tick % 200 < 50) is_due = false;
            if (!is_due) continue;
            update(c);
            assert_nobody_starves(c);
            if (plan.is_partial) ck_assert_ptr_nonnull(c->viewer.mosaic);
            sent++;
            partial += plan.is_partial;
            over += plan.is_partial && length_bytes > c->budget_bytes + 40;
        }
    }
    ck_assert_uint_gt(partial, sent / 10);
    ck_assert_uint_lt(over, partial); /* adds, names and those that waited are beyond it */
    close_room();
}
END_TEST

/* The same world at rest but for a hundred that turn each tick: all that is said fits no message. */
START_TEST(a_budget_is_kept_and_shared)
{
    open_room(200, 5);
    struct client *c = join(0);
    c->viewer.half_x = c->viewer.half_y = 2 * HAND_SIZE;
    uint32_t told[200] = {0}, longest = 0, bytes_sum = 0;
    for (uint32_t tick = 0; tick < 400; tick++) {
        for (uint32_t slot = 0; slot < 200; slot++) {
            struct entity *e = &room.state->entities[slot];
            if (slot % 2 == 0) e->words[TEST_HEADING] += (int32_t)rng_below(&room.rng, 20000);
        }
        hand_room_publish(&room);
        ck_assert(room_view_take_frames(&view));
        c->budget_bytes = tick < 40 ? 0 : 120;
        update(c);
        if (tick < 60) continue;
        bytes_sum += (uint32_t)length_bytes;
        for (uint32_t i = 0; i < c->seen.count; i++) {
            uint16_t behind = c->seen.list[i].behind_ticks;
            told[c->seen.list[i].slot] += behind == 0;
            if (behind > longest) longest = behind;
        }
    }
    ck_assert_uint_le(longest, MOSAIC_WAIT_TICKS);
    ck_assert_uint_le(bytes_sum / 340, 125);
    ck_assert_uint_ge(bytes_sum / 340, 110);
    for (uint32_t slot = 0; slot < 200; slot++)
        ck_assert_uint_ge(told[slot], 340 / (MOSAIC_WAIT_TICKS + 1));
    close_room();
}
END_TEST

/* What was left out is told, and nothing is kept for the client any more. */
START_TEST(who_gets_all_again_costs_nothing_more)
{
    open_room(SLOTS, 9);
    struct client *c = join(0);
    c->viewer.half_x = c->viewer.half_y = 2 * HAND_SIZE;
    for (int i = 0; i < 60; i++) {
        step();
        c->budget_bytes = 60;
        update(c);
    }
    ck_assert_ptr_nonnull(c->viewer.mosaic);
    ck_assert_uint_eq(mosaics.taken_count, 1);
    ck_assert_uint_le(count_held(), 2 * MOSAIC_WAIT_TICKS + 4);
    c->budget_bytes = 0;
    for (int i = 0; i < 2; i++) {
        step();
        update(c);
    }
    ck_assert_ptr_null(c->viewer.mosaic);
    ck_assert_uint_eq(count_held(), 2);
    close_room();
}
END_TEST

START_TEST(without_a_mosaic_nothing_is_left_out)
{
    open_room(SLOTS, 9);
    struct client *c = join(0);
    c->viewer.half_x = c->viewer.half_y = 2 * HAND_SIZE;
    c->budget_bytes = 60;
    while (pool_take(&mosaics) != NULL) {
    }
    for (int i = 0; i < 30; i++) {
        step();
        update(c);
        ck_assert(!plan.is_partial);
    }
    mosaics.taken_count = 0;
    close_room();
}
END_TEST

START_TEST(who_is_squeezed_and_forgotten_starts_anew)
{
    open_room(SLOTS, 9);
    struct client *c = join(0);
    for (int i = 0; i < 200; i++) {
        step();
        c->budget_bytes = 30;
        if (i % 70 == 69) viewer_forget(&c->viewer);
        if (i % 50 == 49) room.epoch++;
        update(c);
    }
    close_room();
}
END_TEST

/* Seven on one narrow link are seven; of eight, three held at once are a busy machine. */
START_TEST(many_held_at_once_are_no_narrow_links)
{
    open_room(SLOTS, 1);
    for (uint32_t asked = 7; asked <= 40; asked += 3) {
        for (uint32_t held = 0; held <= asked; held++) {
            step();
            for (uint32_t i = 0; i < asked; i++)
                room_view_note_hold(&view, i < held);
            step();
            ck_assert_int_eq(room_view_is_busy(&view), asked >= 8 && held * 4 > asked);
        }
    }
    step();
    ck_assert(!room_view_is_busy(&view));
    close_room();
}
END_TEST

/* A worker that finds three frames at once came late for two of them, and that is no link's fault: it
 * counts for this turn and the next. */
START_TEST(ticks_that_were_passed_over_are_the_lag)
{
    open_room(SLOTS, 1);
    step();
    step();
    ck_assert_uint_eq(view.lag_ms, 0);
    for (int i = 0; i < 2; i++) {
        hand_room_change(&room);
        hand_room_publish(&room);
    }
    step();
    ck_assert_uint_eq(view.lag_ms, 2 * TICK_MS);
    ck_assert(room_view_is_busy(&view));
    step();
    ck_assert_uint_eq(view.lag_ms, 2 * TICK_MS);
    step();
    ck_assert_uint_eq(view.lag_ms, 0);
    ck_assert(!room_view_is_busy(&view));
    close_room();
}
END_TEST

#define TARGET 42

/* Whoever has a seat has the next eight slots as mates, the odd ones of them shown from afar. */
static uint32_t next_eight(const struct world_state *state, uint16_t own_slot,
                           struct mate mates[MATES_MAX])
{
    uint32_t count = 0;
    for (uint16_t slot = (uint16_t)(own_slot + 1); count < MATES_MAX; slot++) {
        if (slot >= state->slot_count) break;
        mates[count++] = (struct mate){.slot = slot, .is_shown_afar = slot % 2 == 1};
    }
    return count;
}

static uint16_t always_the_same(const struct game_view *seen)
{
    return seen->own != NULL ? TARGET : SLOT_NONE;
}

/* Everybody has mates and a target. */
static void open_room_with_mates(uint64_t seed)
{
    static struct game game;
    open_room(SLOTS, seed);
    game = hand_game;
    game.mates = next_eight;
    game.target = always_the_same;
    room.settings.game = &game;
}

START_TEST(mates_shown_from_afar_are_always_seen_others_never)
{
    open_room_with_mates(7);
    struct client *c = join(4);
    c->viewer.half_x = c->viewer.half_y = 0;
    for (uint32_t tick = 0; tick < 400; tick++) {
        step();
        if (tick % 5 == 3) continue;
        update(c);
        for (uint16_t slot = 5; slot <= 12; slot++) {
            bool is_seen = seen_find(&c->seen, slot) != NULL;
            bool is_there = room.state->entities[slot].kind != 0;
            bool is_everywhere =
                is_there && test_kinds[room.state->entities[slot].kind - 1].flags & KIND_EVERYWHERE;
            ck_assert_int_eq(is_seen, is_there && (slot % 2 == 1 || is_everywhere));
        }
    }
    close_room();
}
END_TEST

START_TEST(mates_and_target_are_in_every_update)
{
    uint32_t partial = 0;
    open_room_with_mates(8);
    struct client *c = join(4);
    c->viewer.half_x = c->viewer.half_y = 2 * HAND_SIZE;
    c->budget_bytes = 60;
    for (uint32_t tick = 0; tick < 200; tick++) {
        step();
        update(c);
        partial += plan.is_partial;
        for (uint32_t i = 0; i < c->seen.count; i++) {
            const struct wire_entity *e = &c->seen.list[i];
            bool is_kept = (e->slot >= 4 && e->slot <= 12) || e->slot == TARGET;
            ck_assert(!is_kept || e->behind_ticks == 0);
        }
    }
    ck_assert_uint_gt(partial, 150);
    close_room();
}
END_TEST

START_TEST(a_crowd_pushes_no_mate_out)
{
    open_room_with_mates(9);
    struct client *c = join(4);
    c->viewer.member_capacity = 24;
    c->viewer.half_x = c->viewer.half_y = 2 * HAND_SIZE;
    for (uint32_t tick = 0; tick < 100; tick++) {
        step();
        update(c);
        ck_assert_uint_le(c->seen.count, 24);
        for (uint16_t slot = 5; slot <= 12; slot++) {
            bool is_there = room.state->entities[slot].kind != 0;
            ck_assert_int_eq(seen_find(&c->seen, slot) != NULL, is_there);
        }
    }
    close_room();
}
END_TEST

/* How far from the middle a position may be that is told: the view, its margin of a sixteenth, and
 * the tenth for what was in it. */
static bool is_in_sight(int32_t at, int32_t middle, int32_t half_units)
{
    int64_t half = (int64_t)half_units * HAND_UNIT;
    int64_t distance = (int64_t)at - middle, wide = (half + half / 16) * 11 / 10 + 1;
    return distance <= wide && distance >= -wide;
}

static bool sees_only_what_is_near(const struct client *c)
{
    const int32_t *own = room.state->entities[c->viewer.seat].words;
    for (uint32_t i = 0; i < c->seen.count; i++) {
        const struct entity *e = &room.state->entities[c->seen.list[i].slot];
        if (test_table.kinds[e->kind - 1].flags & KIND_EVERYWHERE) continue;
        if (!is_in_sight(e->words[TEST_X], own[TEST_X], hand_game.view_half_x)) return false;
        if (!is_in_sight(e->words[TEST_Y], own[TEST_Y], hand_game.view_half_y)) return false;
    }
    return true;
}

/* A message is read to its very last bit, so what it tells is all that is in its bytes. */
START_TEST(no_position_outside_the_view_is_in_any_byte)
{
    open_room(SLOTS, 77);
    for (uint16_t i = 0; i < 8; i++)
        join(i);
    for (uint32_t tick = 0; tick < 400; tick++) {
        step();
        for (uint32_t i = 0; i < client_count; i++) {
            if (i % 2 == 1 && rng_below(&room.rng, 3) > 0) continue; /* odd ones skip */
            update(&clients[i]);
            ck_assert_msg(sees_only_what_is_near(&clients[i]), "seat %u", i);
            ck_assert_uint_lt(clients[i].seen.count, SLOTS / 2); /* there is more than that */
        }
    }
    close_room();
}
END_TEST

START_TEST(a_base_too_old_means_a_full_snapshot)
{
    open_room(SLOTS, 1);
    struct client *c = join(0);
    step();
    update(c);
    ck_assert(c->seen.header.is_full);
    for (int i = 0; i < BASE_AGE_TICKS_MAX; i++)
        step();
    update(c);
    ck_assert(!c->seen.header.is_full);
    ck_assert_uint_eq(c->seen.header.age_ticks, BASE_AGE_TICKS_MAX);
    for (int i = 0; i <= BASE_AGE_TICKS_MAX; i++)
        step();
    update(c);
    ck_assert(c->seen.header.is_full);
    close_room();
}
END_TEST

START_TEST(a_new_match_is_a_full_snapshot)
{
    open_room(SLOTS, 1);
    struct client *c = join(0);
    step();
    update(c);
    room.epoch++;
    step();
    update(c);
    ck_assert(c->seen.header.is_full);
    step();
    update(c);
    ck_assert(!c->seen.header.is_full);
    close_room();
}
END_TEST

START_TEST(who_was_forgotten_starts_anew)
{
    open_room(SLOTS, 1);
    struct client *c = join(0);
    step();
    update(c);
    viewer_forget(&c->viewer);
    step();
    update(c);
    ck_assert(c->seen.header.is_full);
    close_room();
}
END_TEST

/* The same world for so many clients that all see all of it; what they are sent is not decoded. */
static uint64_t count_built(uint32_t clients_wanted)
{
    struct viewer *crowd = calloc(clients_wanted, sizeof *crowd);
    ck_assert_ptr_nonnull(crowd);
    open_room(SLOTS, 42);
    for (uint32_t i = 0; i < clients_wanted; i++) {
        ck_assert_int_eq(viewer_init(&crowd[i], &view, (uint16_t)(i % PLAYERS), SEES_MAX),
                         RESULT_OK);
        crowd[i].half_x = crowd[i].half_y = 2 * HAND_SIZE;
    }
    for (uint32_t tick = 0; tick < 5; tick++) {
        step();
        for (uint32_t i = 0; i < clients_wanted; i++) {
            viewer_plan(&crowd[i], &plan);
            if (binary_write_snapshot(&crowd[i], &plan, NULL, bytes, sizeof bytes) == 0)
                ck_abort_msg("too long");
            viewer_commit(&crowd[i], &plan);
        }
    }
    uint64_t built = view.cohorts.built_count;
    ck_assert_uint_ge(view.cohorts.appended_count, built * clients_wanted);
    for (uint32_t i = 0; i < clients_wanted; i++)
        viewer_deinit(&crowd[i]);
    close_room();
    free(crowd);
    return built;
}

START_TEST(fragments_are_as_many_for_1000_clients_as_for_10)
{
    uint64_t built = count_built(2);
    ck_assert_uint_gt(built, 3 * SLOTS / 2);
    ck_assert_uint_eq(count_built(10), built);
    ck_assert_uint_eq(count_built(1000), built);
    ck_assert_uint_eq(count_built(1), 0);
}
END_TEST

/* Of the last message. */
static const struct snapshot_name *told_name(const struct client *c, uint16_t seat)
{
    for (uint32_t i = 0; i < c->seen.name_count; i++) {
        if (c->seen.names[i].seat == seat) return &c->seen.names[i];
    }
    return NULL;
}

static void assert_told(const struct client *c, uint16_t seat, const char *name)
{
    const struct snapshot_name *told = told_name(c, seat);
    ck_assert_ptr_nonnull(told);
    ck_assert_uint_eq(told->length_bytes, strlen(name));
    ck_assert_mem_eq(told->text, name, strlen(name));
}

/* A room of which everybody sees everything, so that names do not depend on who stands where. */
static struct client *join_with_names(void)
{
    open_room(64, 3);
    for (uint32_t seat = 0; seat < PLAYERS; seat++)
        hand_room_rename(&room, seat, "Old");
    struct client *c = join(0);
    c->viewer.half_x = c->viewer.half_y = 2 * HAND_SIZE;
    return c;
}

START_TEST(that_ticks_came_late_is_told_beside_a_delta)
{
    struct client *c = join_with_names();
    for (uint32_t i = 0; i < 6; i++) {
        step();
        ck_assert_uint_eq(view.first_due_us, view.newest->due_us);
        view.is_late = i == 3;
        update(c);
        ck_assert_int_eq(c->seen.header.has_clock, i == 0 || i == 3);
        if (i == 3) ck_assert_uint_eq(c->seen.clock.due_us, view.newest->due_us);
    }
    hand_room_change(&room);
    hand_room_publish(&room);
    hand_room_change(&room);
    hand_room_publish(&room);
    ck_assert(room_view_take_frames(&view));
    ck_assert_uint_lt(view.first_due_us, view.newest->due_us); /* the oldest of those taken */
    close_room();
}
END_TEST

START_TEST(names_are_told_once)
{
    struct client *c = join_with_names();
    uint32_t told = 0;
    for (int i = 0; i < 10; i++) {
        step();
        update(c);
        if (i == 0) assert_told(c, 0, "Old");
        told += c->seen.name_count;
        if (i > 1) ck_assert_uint_eq(c->seen.name_count, 0);
    }
    ck_assert_uint_eq(told, PLAYERS);
    close_room();
}
END_TEST

START_TEST(a_new_name_is_told_again)
{
    struct client *c = join_with_names();
    for (int i = 0; i < 5; i++) {
        step();
        update(c);
    }
    hand_room_rename(&room, 7, "New");
    step();
    update(c);
    ck_assert_uint_eq(c->seen.name_count, 1);
    assert_told(c, 7, "New");
    step();
    update(c);
    ck_assert_uint_eq(c->seen.name_count, 0);
    close_room();
}
END_TEST

/* Renamed while the link was held, and more at once than one message takes. */
START_TEST(no_new_name_is_missed)
{
    struct client *c = join_with_names();
    bool told[PLAYERS] = {false};
    for (int i = 0; i < 3; i++) {
        step();
        update(c);
    }
    hand_room_rename(&room, 3, "Newer");
    step();
    for (uint32_t seat = 0; seat < PLAYERS; seat++)
        hand_room_rename(&room, seat, "Newest");
    step();
    for (int i = 0; i < 4; i++) {
        step();
        update(c);
        for (uint16_t seat = 0; seat < PLAYERS; seat++) {
            if (told_name(c, seat) == NULL) continue;
            ck_assert_msg(!told[seat], "seat %u was told twice", seat);
            assert_told(c, seat, "Newest");
            told[seat] = true;
        }
    }
    for (uint32_t seat = 0; seat < PLAYERS; seat++)
        ck_assert_msg(told[seat], "seat %u", seat);
    close_room();
}
END_TEST

START_TEST(who_is_not_seen_is_not_named)
{
    struct client *c = join_with_names();
    c->viewer.half_x = c->viewer.half_y = 0;
    step();
    update(c);
    assert_told(c, 0, "Old"); /* oneself */
    for (uint32_t i = 0; i < c->seen.name_count; i++) {
        const struct wire_entity *e = seen_find(&c->seen, c->seen.names[i].seat);
        ck_assert_ptr_nonnull(e); /* seat n steers slot n here */
    }
    close_room();
}
END_TEST

START_TEST(lines_of_skipped_frames_come_with_the_next_message)
{
    open_room(SLOTS, 1);
    struct client *c = join(0);
    step();
    update(c);
    for (int i = 0; i < 5; i++) {
        hand_room_emit(&room, &(struct event){.kind = TEST_KILL, .seat = SEAT_NONE, .words = {i}});
        step();
    }
    update(c);
    ck_assert_uint_eq(c->seen.line_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        ck_assert_int_eq(c->seen.lines[i].event.words[0], (int32_t)i);
        ck_assert_uint_eq(c->seen.lines[i].age_ticks, 4 - i);
    }
    step();
    update(c);
    ck_assert_uint_eq(c->seen.line_count, 0);
    close_room();
}
END_TEST

START_TEST(who_comes_later_is_not_told_of_before)
{
    open_room(SLOTS, 1);
    hand_room_emit(&room, &(struct event){.kind = TEST_NOTE, .seat = SEAT_NONE});
    step();
    struct client *c = join(0);
    update(c);
    ck_assert_uint_eq(c->seen.line_count, 0);
    close_room();
}
END_TEST

START_TEST(lost_reliable_lines_show_in_the_plan)
{
    open_room(SLOTS, 1);
    struct client *c = join(0);
    step();
    update(c);
    for (int i = 0; i <= LINES_KEPT; i++) {
        hand_room_emit(&room, &(struct event){.kind = TEST_NOTE, .seat = SEAT_NONE});
        if (i % 100 == 0) step();
    }
    step();
    viewer_plan(&c->viewer, &plan);
    ck_assert(plan.has_lost_lines);
    close_room();
}
END_TEST

START_TEST(a_message_of_lines_alone_moves_on)
{
    open_room(SLOTS, 1);
    struct client *c = join(0);
    step();
    update(c);
    hand_room_emit(&room, &(struct event){.kind = TEST_NOTE, .seat = SEAT_NONE});
    step();
    viewer_plan_lines(&c->viewer, &plan);
    length_bytes = binary_write_lines(&c->viewer, &plan, bytes, sizeof bytes);
    viewer_commit_lines(&c->viewer, &plan);
    ck_assert_int_eq(snapshot_decode_lines(&c->seen, bytes, length_bytes), RESULT_OK);
    ck_assert_uint_eq(c->seen.line_count, 1);
    step();
    update(c);
    ck_assert_uint_eq(c->seen.line_count, 0);
    close_room();
}
END_TEST

START_TEST(the_applied_input_costs_a_bit_when_it_goes_on)
{
    open_room(PLAYERS, 1);
    struct client *c = join(0);
    room.seats[0].input_seq = 100;
    step();
    update(c);
    ck_assert_uint_eq(c->seen.input_seq, 100);
    room.seats[0].input_seq = 103;
    step();
    step();
    step();
    update(c);
    ck_assert_uint_eq(c->seen.input_seq, 103);
    room.seats[0].input_seq = 90;
    step();
    update(c);
    ck_assert_uint_eq(c->seen.input_seq, 90);
    close_room();
}
END_TEST

START_TEST(nothing_is_held_when_all_have_gone)
{
    open_room(SLOTS, 1);
    for (uint16_t i = 0; i < 8; i++)
        join(i);
    for (uint32_t tick = 0; tick < 300; tick++) {
        step();
        for (uint32_t i = 0; i < client_count; i++) {
            if (rng_below(&room.rng, 1 + i * 3) == 0) update(&clients[i]);
        }
    }
    for (uint32_t i = 0; i < client_count; i++)
        viewer_deinit(&clients[i].viewer);
    ck_assert_uint_eq(count_held(), 2); /* the newest and the one before */
    close_room();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("viewer");
    tcase_add_loop_test(tests, whatever_is_skipped_the_client_knows_what_the_server_thinks, 0, 6);
    tcase_add_loop_test(tests, whatever_is_left_out_comes_in_time, 0, 2);
    tcase_add_test(tests, a_budget_is_kept_and_shared);
    tcase_add_test(tests, who_gets_all_again_costs_nothing_more);
    tcase_add_test(tests, without_a_mosaic_nothing_is_left_out);
    tcase_add_test(tests, who_is_squeezed_and_forgotten_starts_anew);
    tcase_add_test(tests, many_held_at_once_are_no_narrow_links);
    tcase_add_test(tests, ticks_that_were_passed_over_are_the_lag);
    tcase_add_test(tests, mates_shown_from_afar_are_always_seen_others_never);
    tcase_add_test(tests, mates_and_target_are_in_every_update);
    tcase_add_test(tests, a_crowd_pushes_no_mate_out);
    tcase_add_test(tests, no_position_outside_the_view_is_in_any_byte);
    tcase_add_test(tests, a_base_too_old_means_a_full_snapshot);
    tcase_add_test(tests, a_new_match_is_a_full_snapshot);
    tcase_add_test(tests, who_was_forgotten_starts_anew);
    tcase_add_test(tests, fragments_are_as_many_for_1000_clients_as_for_10);
    tcase_add_test(tests, that_ticks_came_late_is_told_beside_a_delta);
    tcase_add_test(tests, names_are_told_once);
    tcase_add_test(tests, a_new_name_is_told_again);
    tcase_add_test(tests, no_new_name_is_missed);
    tcase_add_test(tests, who_is_not_seen_is_not_named);
    tcase_add_test(tests, lines_of_skipped_frames_come_with_the_next_message);
    tcase_add_test(tests, who_comes_later_is_not_told_of_before);
    tcase_add_test(tests, lost_reliable_lines_show_in_the_plan);
    tcase_add_test(tests, a_message_of_lines_alone_moves_on);
    tcase_add_test(tests, the_applied_input_costs_a_bit_when_it_goes_on);
    tcase_add_test(tests, nothing_is_held_when_all_have_gone);
    return suite_run("viewer", tests);
}
