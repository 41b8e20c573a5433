#include "server/room/agenda.h"

#include <stdint.h>

#include "shared/rng.h"
#include "tests/unit/suite.h"

#define ROOMS 200

/* The agenda never looks into a room: any distinct addresses will do. */
static char places[ROOMS];

static struct room *room(unsigned i)
{
    return (struct room *)(void *)&places[i];
}

static struct agenda agenda;

static void setup(void)
{
    ck_assert_int_eq(agenda_init(&agenda, ROOMS), RESULT_OK);
}

static void teardown(void)
{
    agenda_deinit(&agenda);
}

START_TEST(an_empty_agenda_has_no_first)
{
    uint64_t due_us;
    ck_assert_ptr_null(agenda_first(&agenda, &due_us));
}
END_TEST

START_TEST(rooms_come_in_the_order_they_are_due)
{
    struct rng rng;
    uint64_t due_us, last_us = 0;
    rng_init(&rng, 1);
    for (unsigned i = 0; i < ROOMS; i++)
        agenda_add(&agenda, room(i), rng_below(&rng, 1000));
    for (unsigned i = 0; i < ROOMS; i++) {
        struct room *first = agenda_first(&agenda, &due_us);
        ck_assert_uint_ge(due_us, last_us);
        last_us = due_us;
        agenda_remove(&agenda, first);
    }
    ck_assert_uint_eq(agenda.count, 0);
}
END_TEST

START_TEST(each_room_has_its_turn_in_each_round)
{
    unsigned turns[ROOMS] = {0};
    uint64_t due_us;
    for (unsigned i = 0; i < ROOMS; i++)
        agenda_add(&agenda, room(i), i * 37 % ROOMS);
    for (unsigned n = 0; n < 10 * ROOMS; n++) {
        char *first = (char *)agenda_first(&agenda, &due_us);
        turns[first - places]++;
        agenda_postpone_first(&agenda, due_us + ROOMS);
    }
    for (unsigned i = 0; i < ROOMS; i++)
        ck_assert_uint_eq(turns[i], 10);
}
END_TEST

START_TEST(a_room_taken_out_of_the_middle_leaves_the_order)
{
    struct rng rng;
    uint64_t due_us, last_us = 0;
    rng_init(&rng, 2);
    for (unsigned i = 0; i < ROOMS; i++)
        agenda_add(&agenda, room(i), rng_below(&rng, 100000));
    for (unsigned i = 0; i < ROOMS; i += 3)
        agenda_remove(&agenda, room(i));
    while (agenda.count > 0) {
        char *first = (char *)agenda_first(&agenda, &due_us);
        ck_assert_uint_ne((uint64_t)(first - places) % 3, 0);
        ck_assert_uint_ge(due_us, last_us);
        last_us = due_us;
        agenda_remove(&agenda, (struct room *)(void *)first);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("agenda");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, an_empty_agenda_has_no_first);
    tcase_add_test(tests, rooms_come_in_the_order_they_are_due);
    tcase_add_test(tests, each_room_has_its_turn_in_each_round);
    tcase_add_test(tests, a_room_taken_out_of_the_middle_leaves_the_order);
    return suite_run("agenda", tests);
}
