#include "server/session/late.h"

#include "tests/unit/hand_room.h"
#include "tests/unit/suite.h"

#define DELAY_MS    500
#define DELAY_TICKS (DELAY_MS / TICK_MS)
#define TICK_US     (TICK_MS * 1000u)

static struct room room;
static struct room_view live;
static struct late *late;

static void setup(void)
{
    hand_room_open(&room, 20, 4, 1);
    ck_assert_int_eq(room_view_init(&live, &room, 0, 1), RESULT_OK);
    late = live.late = late_create(&live, DELAY_MS);
    ck_assert_ptr_nonnull(late);
}

static void teardown(void)
{
    room_view_deinit(&live); /* and what is late with it */
    hand_room_close(&room);
}

/* The next tick, taken by the room's view. Returns when it was due. */
static uint64_t step(void)
{
    hand_room_change(&room);
    hand_room_publish(&room);
    ck_assert(room_view_take_frames(&live));
    return live.newest->due_us;
}

START_TEST(a_frame_is_shown_when_the_delay_is_over_and_not_before)
{
    uint64_t due_us = step();
    uint32_t tick = live.newest->tick;
    ck_assert(!late_show(late, due_us));
    ck_assert(!late_show(late, due_us + DELAY_MS * 1000 - 1));
    ck_assert_ptr_null(late->view.newest);
    ck_assert(late_show(late, due_us + DELAY_MS * 1000));
    ck_assert_uint_eq(late->view.newest->tick, tick);
    ck_assert(!late_show(late, due_us + DELAY_MS * 1000));
}
END_TEST

START_TEST(every_tick_is_late_by_the_same_time)
{
    for (unsigned i = 0; i < 100; i++) {
        uint64_t due_us = step();
        late_show(late, due_us);
        if (i < DELAY_TICKS) {
            ck_assert_ptr_null(late->view.newest);
        } else {
            ck_assert_uint_eq(live.newest->tick - late->view.newest->tick, DELAY_TICKS);
        }
    }
}
END_TEST

START_TEST(a_client_is_told_of_a_clock_as_much_later)
{
    uint64_t due_us = step();
    late_show(late, due_us + DELAY_MS * 1000);
    ck_assert_uint_eq(room_view_due_us(&late->view, late->view.newest), due_us + DELAY_MS * 1000);
    ck_assert_uint_eq(room_view_due_us(&live, live.newest), due_us);
}
END_TEST

START_TEST(a_worker_that_sleeps_finds_the_newest_that_is_due)
{
    uint64_t due_us = step();
    for (unsigned i = 0; i < 4; i++)
        step();
    ck_assert(late_show(late, due_us + DELAY_MS * 1000 + 3 * TICK_US));
    ck_assert_uint_eq(live.newest->tick - late->view.newest->tick, 1);
}
END_TEST

START_TEST(what_finds_no_place_is_passed_over)
{
    uint64_t due_us = 0;
    for (unsigned i = 0; i < late->capacity + 10; i++)
        due_us = step();
    ck_assert_uint_eq(late->count, late->capacity);
    ck_assert(late_show(late, due_us + DELAY_MS * 1000));
    ck_assert_uint_eq(live.newest->tick - late->view.newest->tick, 10);
    ck_assert_uint_eq(late->count, 0);
}
END_TEST

START_TEST(its_end_lets_go_of_all_frames)
{
    for (unsigned i = 0; i < 30; i++)
        late_show(late, step());
    late_destroy(late);
    late = live.late = NULL;
    for (unsigned i = 0; i < 200; i++)
        step();
    ck_assert_uint_le(room.pool.count, 30 + 4); /* no new ones were needed */
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("late");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_frame_is_shown_when_the_delay_is_over_and_not_before);
    tcase_add_test(tests, every_tick_is_late_by_the_same_time);
    tcase_add_test(tests, a_client_is_told_of_a_clock_as_much_later);
    tcase_add_test(tests, a_worker_that_sleeps_finds_the_newest_that_is_due);
    tcase_add_test(tests, what_finds_no_place_is_passed_over);
    tcase_add_test(tests, its_end_lets_go_of_all_frames);
    return suite_run("late", tests);
}
