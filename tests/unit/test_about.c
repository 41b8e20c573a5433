#include "server/playback/about.h"

#include <string.h>

#include "server/playback/archive.h"
#include "tests/lib/scratch.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define TICKS 600

static const struct match_settings settings = {
    .game = &toy_game, .player_count = 5, .seed = 7, .first_tick = 100};

static struct scratch scratch;
static struct event events[4]; /* of each tick */
static uint32_t event_count;
static uint32_t every_ticks;
static struct about about;
static struct reader *reader;
static char text[ABOUT_BYTES_MAX];

static uint8_t kind_of(enum event_class class)
{
    for (uint8_t i = 0; i < toy_game.table->event_kind_count; i++) {
        if (toy_game.table->event_kinds[i].event_class == class) return i;
    }
    ck_abort_msg("the toy game has no such event");
    return 0;
}

static bool put_events(void *context, struct frame *frame)
{
    (void)context;
    frame->events = events;
    frame->event_count = frame->tick % every_ticks == 0 ? event_count : 0;
    return true;
}

/* A match in which that happens every so many ticks. */
static void record(uint32_t every)
{
    struct error error;
    every_ticks = every;
    scratch_open(&scratch);
    scratch_record(&scratch, &settings, TICKS, put_events, NULL);
    ck_assert_int_eq(reader_open(&reader, scratch.path, &error), RESULT_OK);
    about_begin(&about, reader_info(reader)->first_tick, reader_info(reader)->last_tick);
    while (about_gather(&about, reader))
        continue;
}

static void setup(void)
{
    uint8_t reliable = kind_of(EVENT_RELIABLE);
    events[0] = (struct event){.kind = reliable, .seat = SEAT_NONE, .words = {1, 2, 3}};
    events[1] = (struct event){.kind = kind_of(EVENT_DROPPABLE), .seat = SEAT_NONE};
    events[2] = (struct event){.kind = reliable, .seat = 1};
    events[3] = (struct event){.kind = reliable, .seat = SEAT_NONE, .words = {4}};
    event_count = 4;
}

static void teardown(void)
{
    reader_close(reader);
    reader = NULL;
    scratch_close(&scratch);
}

START_TEST(marks_are_what_everybody_is_reliably_told)
{
    record(10);
    ck_assert_uint_eq(about.count, 2 * TICKS / 10);
    for (uint32_t i = 0; i < about.count; i++) {
        ck_assert_uint_eq(about.marks[i].tick % 10, 0);
        ck_assert_int_eq(about.marks[i].words[0], i % 2 == 0 ? 1 : 4);
    }
}
END_TEST

START_TEST(of_too_many_the_first_in_each_stretch_is_kept)
{
    record(1); /* 1200 of them */
    ck_assert_uint_gt(about.stretch_ticks, 0);
    ck_assert_uint_le(about.count, ABOUT_MARKS_MAX);
    ck_assert_uint_ge(about.count, TICKS / about.stretch_ticks);
    for (uint32_t i = 1; i < about.count; i++) {
        uint32_t stretch = about.marks[i].tick / about.stretch_ticks;
        ck_assert_uint_gt(stretch, about.marks[i - 1].tick / about.stretch_ticks);
    }
}
END_TEST

START_TEST(a_full_timeline_fits_its_message)
{
    record(1);
    size_t length = about_write(&about, reader, "an-id", text, sizeof text);
    ck_assert_uint_gt(length, 0);
    static const char start[] = "{\"type\":\"about\",\"recording\":\"an-id\",";
    ck_assert_mem_eq(text, start, sizeof start - 1);
    ck_assert_mem_eq(text + length - 2, "]}", 2);
}
END_TEST

START_TEST(the_list_counts_marks_of_each_part_of_a_match)
{
    static char list[65536];
    struct archive archive;
    struct error error;
    uint32_t sum = 0;
    record(10);
    ck_assert_int_eq(archive_init(&archive, scratch.dir, &error), RESULT_OK);
    archive_refresh(&archive);
    ck_assert_uint_eq(archive.count, 1);
    ck_assert_uint_gt(archive_write(&archive, "", list, sizeof list), 0);
    ck_assert_ptr_nonnull(strstr(list, "\"marks\":[]"));
    while (archive_count_marks(&archive))
        continue;
    for (unsigned i = 0; i < ARCHIVE_PARTS; i++)
        sum += archive.items[0].marks[i];
    ck_assert_uint_eq(sum, 2 * TICKS / 10);
    memset(list, 0, sizeof list);
    ck_assert_uint_gt(archive_write(&archive, "", list, sizeof list), 0);
    ck_assert_ptr_null(strstr(list, "\"marks\":[]"));
    ck_assert_uint_eq(archive_write(&archive, archive.items[0].entry.id, list, sizeof list), 2);
    archive_deinit(&archive);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("about");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, marks_are_what_everybody_is_reliably_told);
    tcase_add_test(tests, of_too_many_the_first_in_each_stretch_is_kept);
    tcase_add_test(tests, a_full_timeline_fits_its_message);
    tcase_add_test(tests, the_list_counts_marks_of_each_part_of_a_match);
    return suite_run("about", tests);
}
