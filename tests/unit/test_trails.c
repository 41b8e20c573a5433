#include "client/sdl/trails.h"

#include <string.h>

#include "tests/unit/suite.h"

#define KEEP_S 0.36f

static struct trails trails;
static struct drawn drawn = {.slot = 5, .generation = 1, .kind = 1};

static const struct trail *note(float x, double now_s)
{
    const struct trail_sample sample = {{x, 0}, now_s, KEEP_S};
    return trails_note(&trails, &drawn, &sample);
}

START_TEST(a_trail_holds_the_last_moments)
{
    for (int i = 0; i < 100; i++)
        (void)note((float)i, i * 0.05);
    const struct trail *trail = note(100, 5.0);

    ck_assert_uint_eq(trail->count, 8);
    ck_assert_float_eq(trail->points[trail->count - 1].x, 100);
    ck_assert_float_eq(trail->points[0].x, 93);
}
END_TEST

START_TEST(fast_frames_do_not_fill_it)
{
    const struct trail *trail = NULL;

    for (int i = 0; i < 2000; i++)
        trail = note((float)i / 100, i * 0.0005);
    ck_assert_uint_le(trail->count, 24);
    ck_assert_float_eq(trail->points[trail->count - 1].x, 19.99f);
}
END_TEST

START_TEST(a_jump_starts_anew)
{
    (void)note(0, 0);
    (void)note(1, 0.05);
    ck_assert_uint_eq(note(1 + 2 * TRAIL_JUMP_UNITS, 0.1)->count, 1);
}
END_TEST

START_TEST(another_entity_in_the_slot_starts_anew)
{
    (void)note(0, 0);
    (void)note(1, 0.05);
    drawn.generation = 2;
    ck_assert_uint_eq(note(2, 0.1)->count, 1);
    drawn.slot += TRAILS_COUNT;
    ck_assert_uint_eq(note(3, 0.15)->count, 1);
}
END_TEST

START_TEST(time_that_goes_back_forgets_what_is_to_come)
{
    (void)note(0, 10);
    (void)note(1, 10.05);
    ck_assert_uint_eq(note(2, 3)->count, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("trails");

    tcase_add_test(tests, a_trail_holds_the_last_moments);
    tcase_add_test(tests, fast_frames_do_not_fill_it);
    tcase_add_test(tests, a_jump_starts_anew);
    tcase_add_test(tests, another_entity_in_the_slot_starts_anew);
    tcase_add_test(tests, time_that_goes_back_forgets_what_is_to_come);
    return suite_run("trails", tests);
}
