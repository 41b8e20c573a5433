#include "server/session/line_log.h"

#include "tests/unit/hand_room.h"
#include "tests/unit/suite.h"

#define SLOTS 20
#define TICKS 30

static struct room room;
static struct line_logs *logs;

static void set_up(void)
{
    hand_room_open(&room, SLOTS, 4, 7);
    logs = line_logs_create(1);
    ck_assert_ptr_nonnull(logs);
}

static void tear_down(void)
{
    line_logs_destroy(logs);
    hand_room_close(&room);
}

/* A frame in which a note was written, as the room's thread shows it. Returns its tick. */
static uint32_t make_frame(void)
{
    hand_room_change(&room);
    hand_room_emit(&room, &(struct event){.kind = TEST_NOTE, .seat = SEAT_NONE});
    hand_room_publish(&room);
    struct frame *f = room_take_frame(&room, 0);
    uint32_t tick = f->tick;
    line_logs_see(logs, f);
    frame_release(f);
    return tick;
}

/* How many lines are there to be told to who was told all up to `tick`; -1: not all. */
static int recalled_after(uint32_t tick)
{
    static struct lines l;
    uint32_t number;
    l = (struct lines){.has_first = false};
    line_log_recall(line_logs_get(logs, 0), &l, NULL);
    return lines_find_after(&l, tick, &number) ? (int)(l.end - number) : -1;
}

START_TEST(a_room_that_nobody_ever_looked_at_has_no_log)
{
    make_frame();
    ck_assert_int_eq(recalled_after(0), -1);
}
END_TEST

START_TEST(what_happened_while_no_worker_looked_is_recalled)
{
    ck_assert_ptr_nonnull(line_logs_get(logs, 0));
    uint32_t first = make_frame();
    for (unsigned i = 1; i < TICKS; i++)
        make_frame();
    ck_assert_int_eq(recalled_after(first), TICKS - 1);
    ck_assert_int_eq(recalled_after(first + 10), TICKS - 11);
    ck_assert_int_eq(recalled_after(first + TICKS - 1), 0);
    ck_assert_int_eq(recalled_after(first - 2), -1); /* that tick was not seen */
}
END_TEST

START_TEST(a_room_made_anew_in_the_same_place_begins_its_own_log)
{
    ck_assert_ptr_nonnull(line_logs_get(logs, 0));
    uint32_t first = 0;
    for (unsigned i = 0; i < TICKS; i++)
        first = make_frame();
    hand_room_close(&room);
    hand_room_open(&room, SLOTS, 4, 8);
    uint32_t again = make_frame();
    ck_assert_uint_lt(again, first);
    make_frame();
    ck_assert_int_eq(recalled_after(again), 1);
    ck_assert_int_eq(recalled_after(again - 1), 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("line_log");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_room_that_nobody_ever_looked_at_has_no_log);
    tcase_add_test(tests, what_happened_while_no_worker_looked_is_recalled);
    tcase_add_test(tests, a_room_made_anew_in_the_same_place_begins_its_own_log);
    return suite_run("line_log", tests);
}
