#include "shared/world.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "shared/game.h"
#include "tests/unit/suite.h"

#define SLOTS 8
#define SEATS 4

enum { BODY = 1, THING };

static const struct field fields[] = {{.name = "x", .unit_numerator = 1, .unit_denominator = 1}};
static const struct entity_kind kinds[] = {{"body", KIND_BODY, 0, 0, 1, fields},
                                           {"thing", 0, 0, 0, 1, fields}};
static const struct event_kind event_kinds[] = {{.name = "noise"}};
static const struct field_table table = {.game = "test",
                                         .kinds = kinds,
                                         .kind_count = 2,
                                         .event_kinds = event_kinds,
                                         .event_kind_count = 1};

static void init(struct world *w)
{
    w->state->globals[1] = (int32_t)rng_next(&w->state->rng);
}

static void step(struct world *w, const struct seat_input *inputs, size_t input_count)
{
    (void)inputs;
    w->state->globals[2] += (int32_t)input_count;
    world_emit(w, &(struct event){.seat = SEAT_NONE});
}

static const struct game game = {.name = "test", .table = &table, .init = init, .step = step};

static struct world w;
static void *memory;

static void start(void)
{
    memory = malloc(world_memory_bytes(SLOTS, SEATS));
    world_init(&w, &game, NULL, memory, SLOTS, SEATS);
    world_start(&w, 10, 1, 600);
}

static void stop(void)
{
    free(memory);
}

static void next_tick(void)
{
    world_step(&w, &(struct tick_inputs){0});
}

START_TEST(a_match_starts_from_tick_seed_and_length)
{
    ck_assert_uint_eq(w.state->tick, 10);
    ck_assert_int_eq(w.state->globals[0], 600);
    int32_t drawn = w.state->globals[1];
    world_start(&w, 10, 1, 600);
    ck_assert_int_eq(w.state->globals[1], drawn);
    world_start(&w, 10, 2, 600);
    ck_assert_int_ne(w.state->globals[1], drawn);
}
END_TEST

START_TEST(a_step_is_one_tick_with_its_own_events)
{
    struct seat_input inputs[2] = {{.seat = 0}, {.seat = 1}};
    world_step(&w, &(struct tick_inputs){.inputs = inputs, .input_count = 2});
    world_step(&w, &(struct tick_inputs){.inputs = inputs, .input_count = 2});
    ck_assert_uint_eq(w.state->tick, 12);
    ck_assert_int_eq(w.state->globals[2], 4);
    ck_assert_uint_eq(w.event_count, 1);
}
END_TEST

START_TEST(spawning_takes_the_lowest_slot)
{
    for (uint16_t slot = 0; slot < SLOTS; slot++)
        ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), slot);
    next_tick();
    world_free(&w, 5);
    world_free(&w, 2);
    next_tick();
    ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), 2);
    ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), 5);
}
END_TEST

START_TEST(a_full_world_refuses)
{
    for (int i = 0; i < SLOTS; i++)
        world_spawn(&w, THING, SEAT_NONE);
    ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), SLOT_NONE);
    ck_assert_uint_eq(w.state->slot_count, SLOTS);
}
END_TEST

START_TEST(a_freed_slot_rests_for_the_tick)
{
    world_spawn(&w, THING, SEAT_NONE);
    next_tick();
    world_free(&w, 0);
    ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), 1);
    ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), 2);
    next_tick();
    ck_assert_uint_eq(world_spawn(&w, THING, SEAT_NONE), 0);
}
END_TEST

START_TEST(an_identity_is_slot_and_generation)
{
    world_spawn(&w, THING, 3);
    struct entity *e = world_entity(&w, 0);
    uint8_t generation = e->generation;
    e->words[0] = 77;
    world_free(&w, 0);
    ck_assert_ptr_null(world_entity(&w, 0));
    next_tick();
    world_spawn(&w, THING, 3);
    ck_assert_uint_eq(e->generation, (uint8_t)(generation + 1));
    ck_assert_int_eq(e->words[0], 0);
    ck_assert_uint_eq(e->since_tick, w.state->tick);
}
END_TEST

START_TEST(no_entity_is_beyond_the_slots)
{
    ck_assert_ptr_null(world_entity(&w, 0));
    ck_assert_ptr_null(world_entity(&w, SLOT_NONE));
    ck_assert_ptr_null(world_entity(&w, UINT32_MAX));
}
END_TEST

START_TEST(a_seat_knows_its_body)
{
    ck_assert_uint_eq(world_body(&w, 2), SLOT_NONE);
    world_spawn(&w, THING, 2);
    ck_assert_uint_eq(world_body(&w, 2), SLOT_NONE);
    uint16_t slot = world_spawn(&w, BODY, 2);
    ck_assert_uint_eq(world_body(&w, 2), slot);
    world_free(&w, slot);
    ck_assert_uint_eq(world_body(&w, 2), SLOT_NONE);
    ck_assert_uint_eq(world_body(&w, SEATS), SLOT_NONE);
    ck_assert_uint_eq(world_body(&w, SEAT_NONE), SLOT_NONE);
}
END_TEST

START_TEST(bodies_are_derived_from_the_state)
{
    world_spawn(&w, THING, 1);
    uint16_t slot = world_spawn(&w, BODY, 1);
    memset(w.bodies, 0, SEATS * sizeof w.bodies[0]);
    world_derive(&w);
    ck_assert_uint_eq(world_body(&w, 1), slot);
    ck_assert_uint_eq(world_body(&w, 0), SLOT_NONE);
}
END_TEST

START_TEST(a_full_event_list_drops_and_counts)
{
    for (int i = 0; i < EVENTS_PER_TICK_MAX + 3; i++)
        world_emit(&w, &(struct event){.seat = SEAT_NONE});
    ck_assert_uint_eq(w.event_count, EVENTS_PER_TICK_MAX);
    ck_assert_uint_eq(w.events_dropped, 3);
}
END_TEST

START_TEST(the_hash_sees_every_word_of_the_state)
{
    world_spawn(&w, BODY, 0);
    world_spawn(&w, THING, SEAT_NONE);
    uint64_t before = world_hash(w.state);
    uint8_t *bytes = memory;
    for (size_t i = 0; i < world_state_bytes(w.state); i++) {
        if (i >= 4 && i < 8) continue; /* slot_count */
        bytes[i] ^= 1;
        ck_assert_uint_ne(world_hash(w.state), before);
        bytes[i] ^= 1;
    }
    ck_assert_uint_eq(world_hash(w.state), before);
}
END_TEST

START_TEST(the_hash_sees_the_number_of_slots)
{
    uint64_t before = world_hash(w.state);
    w.state->slot_count = 1;
    ck_assert_uint_ne(world_hash(w.state), before);
}
END_TEST

START_TEST(an_unknown_kind_is_a_bug)
{
    world_spawn(&w, 3, SEAT_NONE);
}
END_TEST

START_TEST(freeing_a_free_slot_is_a_bug)
{
    world_free(&w, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("world");

    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_match_starts_from_tick_seed_and_length);
    tcase_add_test(tests, a_step_is_one_tick_with_its_own_events);
    tcase_add_test(tests, spawning_takes_the_lowest_slot);
    tcase_add_test(tests, a_full_world_refuses);
    tcase_add_test(tests, a_freed_slot_rests_for_the_tick);
    tcase_add_test(tests, an_identity_is_slot_and_generation);
    tcase_add_test(tests, no_entity_is_beyond_the_slots);
    tcase_add_test(tests, a_seat_knows_its_body);
    tcase_add_test(tests, bodies_are_derived_from_the_state);
    tcase_add_test(tests, a_full_event_list_drops_and_counts);
    tcase_add_test(tests, the_hash_sees_every_word_of_the_state);
    tcase_add_test(tests, the_hash_sees_the_number_of_slots);
    tcase_add_test_raise_signal(tests, an_unknown_kind_is_a_bug, SIGABRT);
    tcase_add_test_raise_signal(tests, freeing_a_free_slot_is_a_bug, SIGABRT);
    return suite_run("world", tests);
}
