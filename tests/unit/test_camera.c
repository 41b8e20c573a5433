#include "server/session/camera.h"

#include "tests/unit/hand_room.h"
#include "tests/unit/suite.h"

#define SLOTS   40
#define PLAYERS 6

static struct room room;
static struct frame *frame;
static struct camera camera;
static struct interest_view look;

static void setup(void)
{
    hand_room_open(&room, SLOTS, PLAYERS, 3);
    hand_room_change(&room);
    hand_room_publish(&room);
    frame = room_take_frame(&room, 0);
    camera = (struct camera){0};
}

static void teardown(void)
{
    frame_release(frame);
    hand_room_close(&room);
}

static void aim(void)
{
    look = (struct interest_view){.x = 1000, .y = 2000, .own_slot = SLOT_NONE};
    camera_aim(&camera, frame, &look);
}

static void ask(const struct message_camera *asked)
{
    camera_set(&camera, asked, room_settings(&room));
    aim();
}

static void assert_looks_at(uint16_t slot)
{
    const struct entity *e = frame_entity(frame, slot);
    ck_assert_ptr_nonnull(e);
    const struct entity_kind *kind = &test_table.kinds[e->kind - 1];
    ck_assert_int_eq(look.x, e->words[kind->x_word]);
    ck_assert_int_eq(look.y, e->words[kind->y_word]);
    ck_assert_uint_eq(look.own_slot, slot);
}

/* A seat whose player has a body; the lowest from `seat` on. */
static uint16_t seat_with_body(uint16_t seat)
{
    while (seat < frame->seat_count && frame->seats[seat].body_slot == SLOT_NONE)
        seat++;
    ck_assert_uint_lt(seat, frame->seat_count);
    return seat;
}

START_TEST(at_first_it_follows_the_lowest_seat_with_a_body)
{
    aim();
    assert_looks_at(frame->seats[seat_with_body(0)].body_slot);
}
END_TEST

START_TEST(it_follows_a_player)
{
    uint16_t seat = seat_with_body((uint16_t)(seat_with_body(0) + 1));
    ask(&(struct message_camera){.kind = CAMERA_SEAT, .seat = seat});
    assert_looks_at(frame->seats[seat].body_slot);
}
END_TEST

START_TEST(who_has_no_body_is_waited_for_where_they_were)
{
    uint16_t seat = seat_with_body(0);
    ask(&(struct message_camera){.kind = CAMERA_SEAT, .seat = seat});
    int32_t x = look.x, y = look.y;
    ask(&(struct message_camera){.kind = CAMERA_SEAT, .seat = 60000});
    ck_assert_int_eq(look.x, x);
    ck_assert_int_eq(look.y, y);
    ck_assert_uint_eq(look.own_slot, SLOT_NONE);
}
END_TEST

START_TEST(of_a_seat_never_seen_it_looks_at_the_middle)
{
    ask(&(struct message_camera){.kind = CAMERA_SEAT, .seat = 60000});
    ck_assert_int_eq(look.x, 1000);
    ck_assert_int_eq(look.y, 2000);
}
END_TEST

START_TEST(an_entity_is_followed_by_slot_and_generation)
{
    uint16_t slot = frame->seats[seat_with_body(0)].body_slot;
    uint8_t generation = frame_entity(frame, slot)->generation;
    ask(&(struct message_camera){
        .kind = CAMERA_ENTITY, .slot = slot, .generation = (uint8_t)(generation + 1)});
    ck_assert_uint_eq(look.own_slot, SLOT_NONE);
    ask(&(struct message_camera){.kind = CAMERA_ENTITY, .slot = slot, .generation = generation});
    assert_looks_at(slot);
}
END_TEST

START_TEST(no_entity_of_that_slot_is_none)
{
    ask(&(struct message_camera){.kind = CAMERA_ENTITY, .slot = UINT16_MAX - 1});
    ck_assert_uint_eq(look.own_slot, SLOT_NONE);
}
END_TEST

static const struct {
    int32_t asked, got; /* units */
} places[] = {{0, 0},       {-1, 0},      {INT32_MIN, 0},   {1000, 1000},
              {4096, 4096}, {4097, 4096}, {INT32_MAX, 4096}};

START_TEST(a_place_is_brought_onto_the_map)
{
    int32_t asked = places[_i].asked, got = places[_i].got * HAND_UNIT;
    ask(&(struct message_camera){.kind = CAMERA_PLACE, .x = asked, .y = asked});
    ck_assert_int_eq(look.x, got);
    ck_assert_int_eq(look.y, got);
    ck_assert_uint_eq(look.own_slot, SLOT_NONE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("camera");

    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, at_first_it_follows_the_lowest_seat_with_a_body);
    tcase_add_test(tests, it_follows_a_player);
    tcase_add_test(tests, who_has_no_body_is_waited_for_where_they_were);
    tcase_add_test(tests, of_a_seat_never_seen_it_looks_at_the_middle);
    tcase_add_test(tests, an_entity_is_followed_by_slot_and_generation);
    tcase_add_test(tests, no_entity_of_that_slot_is_none);
    tcase_add_loop_test(tests, a_place_is_brought_onto_the_map, 0, 7);
    return suite_run("camera", tests);
}
