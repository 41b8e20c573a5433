#include "client/sdl/markers.h"

#include <string.h>

#include "server/record/tape.h"
#include "tests/lib/scratch.h"
#include "tests/lib/toy_game.h"
#include "tests/unit/suite.h"

#define FIRST_TICK 41
#define TICKS      1200 /* two ticks a place */

static struct scratch scratch;
static struct reader *reader;
static struct markers markers;
static struct event event;

static uint32_t tick_at(size_t place)
{
    return FIRST_TICK + (uint32_t)place * 2;
}

/* One burst, which is reliable, and bounces all the time, which are not. */
static bool burst_once(void *context, struct frame *frame)
{
    const uint32_t *burst_tick = context;
    if (frame->tick != *burst_tick) return true;
    event = (struct event){.kind = TOY_BURST, .seat = SEAT_NONE};
    frame->events = &event;
    frame->event_count = 1;
    return true;
}

static void record(bool players_change, uint32_t burst_tick)
{
    const struct match_settings settings = {.game = &toy_game,
                                            .player_count = 4,
                                            .players_change = players_change,
                                            .slot_capacity = 64,
                                            .seat_capacity = 8,
                                            .seed = 1,
                                            .first_tick = FIRST_TICK - 1};
    struct error error;
    scratch_record(&scratch, &settings, TICKS, burst_once, &burst_tick);
    ck_assert_msg(reader_open(&reader, scratch.path, &error) == RESULT_OK, "%s", error.message);
    markers_read(&markers, reader);
}

static void setup(void)
{
    scratch_open(&scratch);
}

static void teardown(void)
{
    reader_close(reader);
    scratch_close(&scratch);
}

START_TEST(ticks_have_their_places)
{
    record(false, 0);
    ck_assert_uint_eq(markers_place_of(&markers, FIRST_TICK), 0);
    ck_assert_uint_eq(markers_place_of(&markers, FIRST_TICK + TICKS - 1), MARKER_PLACES - 1);
    ck_assert_uint_eq(markers_place_of(&markers, 0), 0);
    ck_assert_uint_eq(markers_place_of(&markers, UINT32_MAX), MARKER_PLACES - 1);
    for (size_t place = 0; place < MARKER_PLACES; place++)
        ck_assert_uint_eq(markers_place_of(&markers, tick_at(place)), place);
}
END_TEST

START_TEST(a_reliable_event_is_marked_where_it_happened)
{
    char text[64];
    record(false, tick_at(333));
    ck_assert_uint_ge(markers.places[333].event_count, 1);
    ck_assert_uint_eq(markers.places[333].events & 1u << TOY_BURST, 1u << TOY_BURST);
    ck_assert(markers_describe(&markers, 333, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "burst"));
    ck_assert(markers_describe(&markers, 334, text, sizeof text)); /* next to it */
}
END_TEST

START_TEST(droppable_events_are_not_marked)
{
    record(false, 0);
    for (size_t place = 0; place < MARKER_PLACES; place++)
        ck_assert_uint_eq(markers.places[place].events & 1u << TOY_BOUNCED, 0);
}
END_TEST

START_TEST(chat_is_marked)
{
    char text[64];
    record(false, 0);
    unsigned chats = 0; /* at each hundredth tick */
    for (size_t place = 0; place < MARKER_PLACES; place++)
        chats += markers.places[place].chat_count;
    ck_assert_uint_eq(chats, TICKS / 100);
    size_t place = markers_place_of(&markers, 600);
    ck_assert_uint_eq(markers.places[place].chat_count, 1);
    ck_assert(markers_describe(&markers, place, text, sizeof text));
    ck_assert_ptr_nonnull(strstr(text, "chat"));
}
END_TEST

START_TEST(comings_and_goings_between_the_ends_are_marked)
{
    size_t count;
    unsigned joins = 0, leaves = 0, marked_joins = 0, marked_leaves = 0;
    record(true, 0);
    const struct recording_player *players = reader_players(reader, &count);
    for (size_t i = 0; i < count; i++) {
        joins += players[i].from_tick > FIRST_TICK;
        leaves += players[i].has_left && players[i].to_tick < FIRST_TICK + TICKS - 1;
    }
    for (size_t place = 0; place < MARKER_PLACES; place++) {
        marked_joins += markers.places[place].join_count;
        marked_leaves += markers.places[place].leave_count;
    }
    ck_assert_uint_gt(joins, 10);
    ck_assert_uint_eq(marked_joins, joins);
    ck_assert_uint_eq(marked_leaves, leaves);
}
END_TEST

START_TEST(a_place_where_nothing_happened_is_empty)
{
    char text[64] = "old";
    record(false, 0);
    size_t place = markers_place_of(&markers, 650);
    ck_assert(marker_is_empty(&markers.places[place]));
    ck_assert(!markers_describe(&markers, place, text, sizeof text));
    ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("markers");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, ticks_have_their_places);
    tcase_add_test(tests, a_reliable_event_is_marked_where_it_happened);
    tcase_add_test(tests, droppable_events_are_not_marked);
    tcase_add_test(tests, chat_is_marked);
    tcase_add_test(tests, comings_and_goings_between_the_ends_are_marked);
    tcase_add_test(tests, a_place_where_nothing_happened_is_empty);
    return suite_run("markers", tests);
}
