#include "server/playback/playback.h"

#include <stdlib.h>

#include "server/room/frame.h"
#include "shared/ws_close.h"
#include "tests/unit/suite.h"

#define RECORDING "tests/vectors/recordings/v1_plain.db"
#define FIRST     1
#define LAST      130
#define FRAME_US  50000u
#define START_US  1000000u
#define NOW_MS    UINT64_C(4102444800000) /* long after any recording */
#define NEWS_MAX  512

static struct playback playback;
static struct playback_news news[NEWS_MAX];
static unsigned news_count;
static bool is_full; /* no frame finds a place */
static uint64_t now_us;

static bool has_place(void *context, enum playback_news_kind kind)
{
    (void)context;
    return kind != PLAYBACK_FRAME || !is_full;
}

static void tell(void *context, const struct playback_news *n)
{
    (void)context;
    ck_assert_uint_lt(news_count, NEWS_MAX);
    news[news_count++] = *n;
}

static const struct playback_sink sink = {.has_place = has_place, .tell = tell};

static void forget_news(void)
{
    for (unsigned i = 0; i < news_count; i++) {
        if (news[i].kind == PLAYBACK_FRAME) frame_release(news[i].frame);
        if (news[i].kind == PLAYBACK_ABOUT) free(news[i].about.text);
    }
    news_count = 0;
}

static void open_at(const char *path, uint32_t tick)
{
    const struct playback_start start = {
        .id = "one", .path = path, .tick = tick, .delay_ms = 3000, .idle_ms = 10000};
    now_us = START_US;
    is_full = false;
    playback_open(&playback, &start, now_us, NOW_MS, &sink);
}

static void setup(void)
{
    open_at(RECORDING, 0);
}

static void teardown(void)
{
    forget_news();
    playback_close(&playback);
}

/* Lets that much time go by, with a turn whenever one is due. */
static void run(uint64_t for_us)
{
    uint64_t end_us = now_us + for_us;
    for (;;) {
        uint64_t due_us = playback_turn(&playback, now_us, NOW_MS, &sink);
        ck_assert_uint_gt(due_us, now_us);
        if (due_us > end_us) break;
        now_us = due_us;
    }
    now_us = end_us;
}

static void ask(enum control_kind kind, uint32_t tick, int32_t amount)
{
    const struct message_control control = {.kind = (uint8_t)kind, .tick = tick, .amount = amount};
    playback_apply(&playback, &control, now_us);
}

/* The last one of that kind; there must be one. */
static const struct playback_news *last_of(enum playback_news_kind kind)
{
    for (unsigned i = news_count; i > 0; i--) {
        if (news[i - 1].kind == kind) return &news[i - 1];
    }
    ck_abort_msg("no such news");
    return NULL;
}

static unsigned count_of(enum playback_news_kind kind)
{
    unsigned count = 0;
    for (unsigned i = 0; i < news_count; i++)
        count += news[i].kind == kind;
    return count;
}

static uint32_t shown_tick(void)
{
    return last_of(PLAYBACK_FRAME)->frame->tick;
}

START_TEST(it_begins_with_its_room_a_status_and_the_first_tick)
{
    run(1);
    ck_assert_uint_eq(news[0].kind, PLAYBACK_OPENED);
    ck_assert_str_eq(room_settings(news[0].room)->name, "test");
    ck_assert_uint_eq(news[1].kind, PLAYBACK_STATUS);
    ck_assert_uint_eq(news[1].status.first_tick, FIRST);
    ck_assert_uint_eq(news[1].status.last_tick, LAST);
    ck_assert(!news[1].status.is_running && !news[1].status.is_paused);
    ck_assert_uint_eq(news[2].kind, PLAYBACK_FRAME);
    ck_assert_uint_eq(news[2].frame->tick, FIRST);
}
END_TEST

START_TEST(a_second_shows_twenty_ticks)
{
    run(1000000 + 1);
    ck_assert_uint_eq(shown_tick(), FIRST + 20);
    ck_assert_uint_eq(count_of(PLAYBACK_FRAME), 21);
}
END_TEST

static const struct {
    int8_t speed;
    uint32_t ticks, frames; /* in two seconds, and beyond the first frame */
} speeds[] = {{-3, 5, 5}, {-1, 20, 20}, {0, 40, 40}, {1, 80, 40}};

START_TEST(every_speed_has_its_pace)
{
    ask(CONTROL_SPEED, 0, speeds[_i].speed);
    run(2000000 + 1);
    ck_assert_uint_eq(shown_tick(), FIRST + speeds[_i].ticks);
    ck_assert_uint_eq(count_of(PLAYBACK_FRAME), 1 + speeds[_i].frames);
    ck_assert_int_eq(last_of(PLAYBACK_STATUS)->status.speed, speeds[_i].speed);
}
END_TEST

START_TEST(a_seek_makes_a_new_epoch_and_of_many_the_last_counts)
{
    run(200001);
    uint32_t epoch = last_of(PLAYBACK_FRAME)->frame->epoch;
    forget_news();
    for (uint32_t tick = 20; tick <= 100; tick += 20)
        ask(CONTROL_SEEK, tick, 0);
    run(1);
    ck_assert_uint_eq(count_of(PLAYBACK_FRAME), 1);
    ck_assert_uint_eq(shown_tick(), 100);
    ck_assert_uint_eq(last_of(PLAYBACK_FRAME)->frame->epoch, epoch + 1);
    ck_assert_uint_eq(news[0].kind, PLAYBACK_STATUS);
    ck_assert_uint_eq(news[0].status.tick, 100);
    run(FRAME_US);
    ck_assert_uint_eq(shown_tick(), 101);
}
END_TEST

static const struct {
    int32_t by;
    uint32_t to;
} jumps[] = {{10, 70}, {-10, 50}, {-59, 1}, {-60, 1}, {-INT32_MAX, 1}, {70, 130}, {INT32_MAX, 130}};

START_TEST(jumps_stay_within_the_recording)
{
    ask(CONTROL_PAUSE, 0, 0);
    ask(CONTROL_SEEK, 60, 0);
    ask(CONTROL_SEEK_BY, 0, jumps[_i].by);
    run(1);
    ck_assert_uint_eq(shown_tick(), jumps[_i].to);
}
END_TEST

START_TEST(steps_go_both_ways_and_pause)
{
    ask(CONTROL_SEEK, 60, 0);
    run(1);
    uint32_t epoch = last_of(PLAYBACK_FRAME)->frame->epoch;
    ask(CONTROL_STEP, 0, 1);
    ask(CONTROL_STEP, 0, 1);
    run(1);
    ck_assert_uint_eq(shown_tick(), 62);
    ck_assert_uint_eq(last_of(PLAYBACK_FRAME)->frame->epoch, epoch);
    ask(CONTROL_STEP, 0, -3);
    run(1);
    ck_assert_uint_eq(shown_tick(), 59);
    ck_assert(last_of(PLAYBACK_STATUS)->status.is_paused);
    forget_news();
    run(1000000);
    ck_assert_uint_eq(count_of(PLAYBACK_FRAME), 0);
}
END_TEST

START_TEST(at_its_end_it_stands_and_play_begins_anew)
{
    ask(CONTROL_SEEK, LAST - 2, 0);
    run(5 * FRAME_US);
    ck_assert_uint_eq(shown_tick(), LAST);
    ck_assert(last_of(PLAYBACK_STATUS)->status.is_at_end);
    ask(CONTROL_PLAY, 0, 0);
    run(1);
    ck_assert_uint_eq(shown_tick(), FIRST);
    ck_assert(!last_of(PLAYBACK_STATUS)->status.is_at_end);
}
END_TEST

START_TEST(a_frame_without_a_place_is_made_later)
{
    ask(CONTROL_PAUSE, 0, 0);
    is_full = true;
    ask(CONTROL_SEEK, 77, 0);
    run(1);
    ck_assert_uint_eq(count_of(PLAYBACK_FRAME), 0);
    is_full = false;
    run(20000);
    ck_assert_uint_eq(count_of(PLAYBACK_FRAME), 1);
    ck_assert_uint_eq(shown_tick(), 77);
}
END_TEST

START_TEST(what_stands_still_too_long_ends)
{
    ask(CONTROL_PAUSE, 0, 0);
    run(9000000);
    ck_assert(!playback.is_over);
    ask(CONTROL_STEP, 0, 1);
    run(9000000);
    ck_assert(!playback.is_over);
    now_us += 1100000;
    ck_assert_uint_eq(playback_turn(&playback, now_us, NOW_MS, &sink), UINT64_MAX);
    ck_assert_uint_eq(last_of(PLAYBACK_ENDED)->ended.code, WS_CLOSE_NORMAL);
}
END_TEST

START_TEST(it_tells_what_happened_and_who_played)
{
    run(2000000);
    ck_assert_uint_eq(count_of(PLAYBACK_ABOUT), 1);
    const struct playback_news *about = last_of(PLAYBACK_ABOUT);
    static const char start[] = "{\"type\":\"about\",\"recording\":\"one\",\"room\":\"test\"";
    ck_assert_uint_gt(about->about.length_bytes, sizeof start);
    ck_assert_mem_eq(about->about.text, start, sizeof start - 1);
}
END_TEST

START_TEST(lines_of_skipped_ticks_come_with_the_next_frame)
{
    unsigned even = 0, fast = 0;
    run(7000000);
    for (unsigned i = 0; i < news_count; i++)
        if (news[i].kind == PLAYBACK_FRAME) even += news[i].frame->event_count;
    forget_news();
    ask(CONTROL_SEEK, FIRST, 0);
    ask(CONTROL_SPEED, 0, 4);
    run(7000000);
    for (unsigned i = 0; i < news_count; i++)
        if (news[i].kind == PLAYBACK_FRAME) fast += news[i].frame->event_count;
    ck_assert_uint_gt(even, 0);
    ck_assert_uint_eq(fast, even);
}
END_TEST

static const struct {
    const char *path;
    unsigned code;
} unplayable[] = {{"tests/vectors/recordings/none.db", WS_CLOSE_NO_ROOM},
                  {"tests/vectors/wire.json", WS_CLOSE_NO_ROOM}};

START_TEST(what_is_no_recording_ends_at_once)
{
    teardown();
    open_at(unplayable[_i].path, 0);
    ck_assert_uint_eq(last_of(PLAYBACK_ENDED)->ended.code, unplayable[_i].code);
    ck_assert_uint_eq(playback_turn(&playback, now_us, NOW_MS, &sink), UINT64_MAX);
    ask(CONTROL_SEEK, 5, 0);
    ck_assert_uint_eq(playback_turn(&playback, now_us, NOW_MS, &sink), UINT64_MAX);
}
END_TEST

/* The match ended at its last tick; `later_ms` after that, so much of it may not be seen yet. */
static const struct {
    uint64_t later_ms;
    uint32_t last;
} ages[] = {{0, LAST - 60}, {1000, LAST - 40}, {2999, LAST - 1}, {3000, LAST}, {90000, LAST}};

START_TEST(the_newest_ticks_of_a_match_are_held_back)
{
    struct error error;
    struct film *film;
    ck_assert_int_eq(film_open(&film, RECORDING, 3000, NOW_MS, &error), RESULT_OK);
    uint64_t ended_ms = reader_info(film_reader(film))->ended_ms;
    ck_assert_int_eq(film_refresh(film, ended_ms + ages[_i].later_ms, &error), RESULT_OK);
    ck_assert_uint_eq(film_last_tick(film), ages[_i].last);
    ck_assert(film_is_running(film) == (ages[_i].last != LAST));
    ck_assert_int_eq(film_seek(film, LAST, &error), RESULT_OK);
    ck_assert_uint_eq(film_tick(film), ages[_i].last);
    ck_assert_int_eq(film_step(film, 1, &error), RESULT_CLOSED);
    film_close(film);
}
END_TEST

START_TEST(a_match_that_has_only_begun_is_not_shown)
{
    struct error error;
    struct film *film;
    ck_assert_int_eq(film_open(&film, RECORDING, 3000, NOW_MS, &error), RESULT_OK);
    uint64_t ended_ms = reader_info(film_reader(film))->ended_ms;
    film_close(film);
    ck_assert_int_eq(film_open(&film, RECORDING, 10000, ended_ms, &error), RESULT_AGAIN);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("playback");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, it_begins_with_its_room_a_status_and_the_first_tick);
    tcase_add_test(tests, a_second_shows_twenty_ticks);
    tcase_add_loop_test(tests, every_speed_has_its_pace, 0, 4);
    tcase_add_test(tests, a_seek_makes_a_new_epoch_and_of_many_the_last_counts);
    tcase_add_loop_test(tests, jumps_stay_within_the_recording, 0, 7);
    tcase_add_test(tests, steps_go_both_ways_and_pause);
    tcase_add_test(tests, at_its_end_it_stands_and_play_begins_anew);
    tcase_add_test(tests, a_frame_without_a_place_is_made_later);
    tcase_add_test(tests, what_stands_still_too_long_ends);
    tcase_add_test(tests, it_tells_what_happened_and_who_played);
    tcase_add_test(tests, lines_of_skipped_ticks_come_with_the_next_frame);
    tcase_add_loop_test(tests, what_is_no_recording_ends_at_once, 0, 2);
    tcase_add_loop_test(tests, the_newest_ticks_of_a_match_are_held_back, 0, 5);
    tcase_add_test(tests, a_match_that_has_only_begun_is_not_shown);
    return suite_run("playback", tests);
}
