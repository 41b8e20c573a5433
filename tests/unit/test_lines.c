#include "server/session/lines.h"

#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/test_game.h"

static struct lines lines;
static struct snapshot_line out[SNAPSHOT_EVENTS_MAX];
static struct lines_reader reader;
static bool lost;

static void set_up(void)
{
    memset(&lines, 0, sizeof lines);
    lost = false;
    reader = (struct lines_reader){
        .seat = 3, .tick = 100, .sees = true, .x = 1000, .y = 1000, .half_x = 500, .half_y = 300};
}

static void file_event(uint32_t tick, const struct event *event)
{
    const struct frame frame = {.tick = tick, .events = event, .event_count = 1};
    lines_file(&lines, &test_table, &frame);
}

static void file_note(uint32_t tick)
{
    file_event(tick, &(struct event){.kind = TEST_NOTE, .seat = SEAT_NONE});
}

static void file_boom(uint32_t tick, int32_t x, int32_t y)
{
    file_event(tick, &(struct event){.kind = TEST_BOOM, .seat = SEAT_NONE, .words = {x, y}});
}

static uint32_t read_lines(uint32_t *next)
{
    return lines_read(&lines, &test_table, next, &reader, out, SNAPSHOT_EVENTS_MAX, &lost);
}

START_TEST(events_and_chat_come_once_and_in_order)
{
    const struct event events[] = {{.kind = TEST_KILL, .seat = SEAT_NONE, .words = {1, 2, 3}},
                                   {.kind = TEST_NOTE, .seat = SEAT_NONE}};
    const struct frame_chat chat = {.seat = 7, .length_bytes = 2, .text = "hi"};
    const struct frame frame = {
        .tick = 97, .events = events, .event_count = 2, .chats = &chat, .chat_count = 1};
    uint32_t next = lines.end;
    lines_file(&lines, &test_table, &frame);

    ck_assert_uint_eq(read_lines(&next), 3);
    ck_assert_int_eq(out[0].line_kind, LINE_EVENT);
    ck_assert_int_eq(out[0].event.kind, TEST_KILL);
    ck_assert_int_eq(out[0].event.words[2], 3);
    ck_assert_uint_eq(out[0].age_ticks, 3);
    ck_assert_int_eq(out[1].event.kind, TEST_NOTE);
    ck_assert_int_eq(out[2].line_kind, LINE_CHAT);
    ck_assert_uint_eq(out[2].chat_seat, 7);
    ck_assert_mem_eq(out[2].chat_text, "hi", 2);
    ck_assert_uint_eq(read_lines(&next), 0);
    ck_assert(!lost);
}
END_TEST

START_TEST(what_is_for_one_is_for_one)
{
    uint32_t next = 0, other = 0;
    file_event(100, &(struct event){.kind = TEST_NOTE, .seat = 3});
    ck_assert_uint_eq(read_lines(&next), 1);
    reader.seat = 4;
    ck_assert_uint_eq(read_lines(&other), 0);
}
END_TEST

START_TEST(droppable_events_grow_old)
{
    uint32_t next = 0;
    file_boom(100 - LINE_DROP_TICKS - 1, 1000, 1000);
    file_boom(100 - LINE_DROP_TICKS, 1000, 1000);
    file_note(10);
    ck_assert_uint_eq(read_lines(&next), 2);
    ck_assert_int_eq(out[0].event.kind, TEST_BOOM);
    ck_assert_uint_eq(out[0].age_ticks, LINE_DROP_TICKS);
    ck_assert_int_eq(out[1].event.kind, TEST_NOTE);
    ck_assert_uint_eq(out[1].age_ticks, 90);
}
END_TEST

START_TEST(the_age_is_capped)
{
    uint32_t next = 0;
    reader.tick = 5000;
    file_note(10);
    ck_assert_uint_eq(read_lines(&next), 1);
    ck_assert_uint_eq(out[0].age_ticks, 255);
}
END_TEST

START_TEST(what_lies_out_of_sight_is_not_told)
{
    uint32_t next = 0;
    file_boom(100, 1500, 1300);
    file_boom(100, 1501, 1300);
    file_boom(100, 1000, 699);
    ck_assert_uint_eq(read_lines(&next), 1);
    ck_assert_int_eq(out[0].event.words[0], 1500);

    next = 0;
    reader.sees = false;
    ck_assert_uint_eq(read_lines(&next), 0);
}
END_TEST

START_TEST(no_more_than_there_is_room_for_and_the_rest_later)
{
    uint32_t next = 0;
    for (int i = 0; i < SNAPSHOT_EVENTS_MAX + 5; i++)
        file_note(100);
    ck_assert_uint_eq(read_lines(&next), SNAPSHOT_EVENTS_MAX);
    ck_assert_uint_eq(read_lines(&next), 5);
    ck_assert_uint_eq(read_lines(&next), 0);
}
END_TEST

START_TEST(a_reliable_line_that_is_gone_is_lost)
{
    uint32_t next = 0;
    for (int i = 0; i < LINES_KEPT; i++)
        file_note(1);
    (void)read_lines(&next);
    ck_assert(!lost);

    next = 0;
    file_note(2); /* the first gives way */
    (void)read_lines(&next);
    ck_assert(lost);
}
END_TEST

START_TEST(droppable_lines_push_out_no_reliable_one)
{
    uint32_t next = 0;
    file_note(100);
    for (int i = 0; i < 5 * LINES_KEPT; i++)
        file_boom(100, 1000, 1000);
    file_note(100);
    ck_assert_uint_eq(read_lines(&next), SNAPSHOT_EVENTS_MAX);
    ck_assert_int_eq(out[0].event.kind, TEST_NOTE);
    ck_assert_int_eq(out[1].event.kind, TEST_BOOM);
    uint32_t more, last = 0;
    while ((more = read_lines(&next)) > 0)
        last = more;
    ck_assert_int_eq(out[last - 1].event.kind, TEST_NOTE);
    ck_assert(!lost);
}
END_TEST

START_TEST(both_classes_keep_their_order)
{
    uint32_t next = 0;
    for (int i = 0; i < 30; i++) {
        if (i % 3 == 0) file_note(100);
        if (i % 3 != 0) file_boom(100, 1000 + i, 1000);
    }
    ck_assert_uint_eq(read_lines(&next), 30);
    for (int i = 0; i < 30; i++) {
        ck_assert_int_eq(out[i].event.kind, i % 3 == 0 ? TEST_NOTE : TEST_BOOM);
        if (i % 3 != 0) ck_assert_int_eq(out[i].event.words[0], 1000 + i);
    }
}
END_TEST

START_TEST(droppable_lines_that_are_gone_are_no_loss)
{
    uint32_t next = 0;
    for (int i = 0; i < 3 * LINES_KEPT; i++)
        file_boom(100, 1000, 1000);
    uint32_t count = 0, more;
    while ((more = read_lines(&next)) > 0)
        count += more;
    ck_assert_uint_eq(count, LINES_KEPT);
    ck_assert(!lost);
}
END_TEST

START_TEST(who_keeps_up_never_loses)
{
    uint32_t next = 0, count = 0;
    for (uint32_t i = 0; i < 10 * LINES_KEPT; i++) {
        file_note(i);
        if (i % (LINES_KEPT / 2) != 0) continue;
        reader.tick = i;
        uint32_t more;
        while ((more = read_lines(&next)) > 0)
            count += more;
    }
    ck_assert(!lost);
    ck_assert_uint_eq(next, count);
}
END_TEST

static void file_nothing(uint32_t tick)
{
    const struct frame frame = {.tick = tick};
    lines_file(&lines, &test_table, &frame);
}

START_TEST(who_comes_back_reads_on_behind_the_tick_it_was_told)
{
    uint32_t next = 0;
    for (uint32_t tick = 90; tick < 100; tick++)
        file_note(tick);

    ck_assert(lines_find_after(&lines, 96, &next));
    ck_assert_uint_eq(read_lines(&next), 3);
    ck_assert_uint_eq(out[0].age_ticks, 3);
    ck_assert(lines_find_after(&lines, 99, &next));
    ck_assert_uint_eq(read_lines(&next), 0);
    ck_assert(lines_find_after(&lines, 89, &next));
    ck_assert(!lines_find_after(&lines, 88, &next)); /* 89 may have had some */
}
END_TEST

START_TEST(a_tick_that_was_not_seen_is_a_gap)
{
    uint32_t next;
    file_note(50);
    file_nothing(51);
    file_nothing(53);
    ck_assert(!lines_find_after(&lines, 50, &next));
    ck_assert(lines_find_after(&lines, 52, &next));
}
END_TEST

START_TEST(what_was_overwritten_cannot_be_told_again)
{
    uint32_t next;
    for (uint32_t tick = 1; tick <= LINES_KEPT + 10; tick++)
        file_note(tick);
    ck_assert(!lines_find_after(&lines, 10, &next));
    ck_assert(lines_find_after(&lines, 11, &next));
}
END_TEST

START_TEST(what_is_missing_is_recalled_from_who_looked_on)
{
    static struct lines from;
    uint32_t next = 0, before = 98;
    file_note(90);
    for (uint32_t tick = 91; tick < 100; tick++)
        file_note(tick);
    from = lines;

    set_up();
    file_note(92); /* we have looked at this tick alone */
    lines_recall(&lines, &from, &before);
    ck_assert_uint_eq(lines.last_tick, 97);
    ck_assert_uint_eq(read_lines(&next), 6);
    ck_assert_uint_eq(out[1].age_ticks, 7);
    lines_recall(&lines, &from, &before);
    ck_assert_uint_eq(read_lines(&next), 0);
    lines_recall(&lines, &from, NULL);
    ck_assert_uint_eq(read_lines(&next), 2);

    set_up();
    lines_recall(&lines, &from, NULL);
    ck_assert(lines_find_after(&lines, 89, &next));
    ck_assert_uint_eq(read_lines(&next), 10);
}
END_TEST

START_TEST(from_who_has_a_gap_nothing_is_recalled)
{
    static struct lines from;
    uint32_t next = 0, before = 99;
    file_note(95);
    from = lines;

    set_up();
    file_note(92);
    lines_recall(&lines, &from, &before);
    ck_assert_uint_eq(lines.last_tick, 92);
    ck_assert_uint_eq(read_lines(&next), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("lines");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, events_and_chat_come_once_and_in_order);
    tcase_add_test(tests, what_is_for_one_is_for_one);
    tcase_add_test(tests, droppable_events_grow_old);
    tcase_add_test(tests, the_age_is_capped);
    tcase_add_test(tests, what_lies_out_of_sight_is_not_told);
    tcase_add_test(tests, no_more_than_there_is_room_for_and_the_rest_later);
    tcase_add_test(tests, a_reliable_line_that_is_gone_is_lost);
    tcase_add_test(tests, droppable_lines_push_out_no_reliable_one);
    tcase_add_test(tests, both_classes_keep_their_order);
    tcase_add_test(tests, droppable_lines_that_are_gone_are_no_loss);
    tcase_add_test(tests, who_keeps_up_never_loses);
    tcase_add_test(tests, who_comes_back_reads_on_behind_the_tick_it_was_told);
    tcase_add_test(tests, a_tick_that_was_not_seen_is_a_gap);
    tcase_add_test(tests, what_was_overwritten_cannot_be_told_again);
    tcase_add_test(tests, what_is_missing_is_recalled_from_who_looked_on);
    tcase_add_test(tests, from_who_has_a_gap_nothing_is_recalled);
    return suite_run("lines", tests);
}
