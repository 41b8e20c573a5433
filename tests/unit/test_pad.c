#include "client/sdl/pad.h"

#include <math.h>
#include <string.h>

#include "client/sdl/typing.h"
#include "tests/unit/suite.h"

static struct input input;
static struct pad pad;

static void set_up(void)
{
    input = (struct input){0};
    pad = (struct pad){0};
}

static bool holds(const char *code)
{
    for (int i = 0; i < INPUT_HELD_MAX; i++) {
        if (strcmp(input.keys[i].code, code) == 0) return input.keys[i].is_down;
    }
    return false;
}

START_TEST(buttons_hold_their_codes)
{
    pad_take_button(&input, PAD_A, true);
    pad_take_button(&input, PAD_UP, true);
    pad_take_button(&input, PAD_START, true);
    pad_take_button(&input, 99, true);
    pad_take_button(&input, -1, true);
    ck_assert(holds("PadA") && holds("PadUp") && !holds(""));
    pad_take_button(&input, PAD_A, false);
    ck_assert(!holds("PadA") && holds("PadUp"));
    ck_assert(pad_has_code("PadR2") && pad_has_code("PadX") && !pad_has_code("PadQ"));
}
END_TEST

START_TEST(a_stick_is_a_cross_and_does_not_tremble)
{
    pad_take_axis(&pad, &input, PAD_AXIS_LEFT_X, 12000);
    ck_assert(!holds("PadRight"));
    pad_take_axis(&pad, &input, PAD_AXIS_LEFT_X, 20000);
    pad_take_axis(&pad, &input, PAD_AXIS_LEFT_X, 12000);
    ck_assert(holds("PadRight") && !holds("PadLeft"));
    pad_take_axis(&pad, &input, PAD_AXIS_LEFT_X, INT16_MIN);
    ck_assert(!holds("PadRight") && holds("PadLeft"));
    pad_take_axis(&pad, &input, PAD_AXIS_LEFT_Y, -20000);
    pad_take_axis(&pad, &input, PAD_AXIS_R2, 32767);
    ck_assert(holds("PadUp") && holds("PadR2"));
    pad_take_axis(&pad, &input, PAD_AXIS_R2, 0);
    ck_assert(!holds("PadR2"));
    pad_take_axis(&pad, &input, 77, 32767);
}
END_TEST

START_TEST(the_right_stick_aims_until_it_is_let_go)
{
    pad_take_axis(&pad, &input, PAD_AXIS_RIGHT_Y, 30000);
    ck_assert_float_eq_tol(input.angle, (float)M_PI / 2, 0.001f);
    pad_take_axis(&pad, &input, PAD_AXIS_RIGHT_X, 30000);
    ck_assert_float_eq_tol(input.angle, (float)M_PI / 4, 0.001f);
    pad_take_axis(&pad, &input, PAD_AXIS_RIGHT_Y, 200);
    pad_take_axis(&pad, &input, PAD_AXIS_RIGHT_X, 100);
    ck_assert_float_lt(fabsf(input.angle), 0.02f);
}
END_TEST

START_TEST(a_pad_that_is_pulled_out_lets_go)
{
    pad_take_button(&input, PAD_A, true);
    pad_take_axis(&pad, &input, PAD_AXIS_LEFT_Y, 32767);
    pad_take_axis(&pad, &input, PAD_AXIS_L2, 32767);
    ck_assert(holds("PadA") && holds("PadDown") && holds("PadL2"));
    pad_release(&pad, &input);
    ck_assert(!holds("PadA") && !holds("PadDown") && !holds("PadL2"));
}
END_TEST

START_TEST(typing_keeps_whole_characters)
{
    struct typing typing;

    typing_start(&typing, "Zoë", 5);
    typing_put(&typing, "ë!"); /* the two bytes do not fit, nor what follows */
    ck_assert_str_eq(typing.text, "Zoë");
    typing_put(&typing, "!");
    ck_assert_str_eq(typing.text, "Zoë!");
    typing_erase(&typing);
    typing_erase(&typing);
    ck_assert_str_eq(typing.text, "Zo");
    for (int i = 0; i < 5; i++)
        typing_erase(&typing);
    ck_assert_str_eq(typing.text, "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pad");
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, buttons_hold_their_codes);
    tcase_add_test(tests, a_stick_is_a_cross_and_does_not_tremble);
    tcase_add_test(tests, the_right_stick_aims_until_it_is_let_go);
    tcase_add_test(tests, a_pad_that_is_pulled_out_lets_go);
    tcase_add_test(tests, typing_keeps_whole_characters);
    return suite_run("pad", tests);
}
