#include "shared/fixed.h"

#include <math.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

#define FULL_TURN (2 * acos(-1))

START_TEST(floor_shift_rounds_down_on_both_sides_of_zero)
{
    ck_assert_int_eq(fixed_floor_shift(7, 2), 1);
    ck_assert_int_eq(fixed_floor_shift(-1, 2), -1);
    ck_assert_int_eq(fixed_floor_shift(-4, 2), -1);
    ck_assert_int_eq(fixed_floor_shift(-5, 2), -2);
    ck_assert_int_eq(fixed_floor_shift(INT32_MIN, 31), -1);
    ck_assert_int_eq(fixed_floor_shift(-9, 0), -9);
}
END_TEST

START_TEST(the_sine_is_right_to_the_last_bit)
{
    for (int32_t angle = 0; angle < FIXED_TURN; angle++) {
        double exact = FIXED_ONE * sin(angle * FULL_TURN / FIXED_TURN);
        ck_assert_int_eq(fixed_sin(angle), (int32_t)lround(exact));
        ck_assert_int_eq(fixed_cos(angle), fixed_sin(angle + FIXED_TURN / 4));
    }
}
END_TEST

START_TEST(whole_turns_do_not_matter)
{
    ck_assert_int_eq(fixed_sin(-FIXED_TURN / 4), -FIXED_ONE);
    ck_assert_int_eq(fixed_sin(5 * FIXED_TURN + 7), fixed_sin(7));
    ck_assert_int_eq(fixed_cos(INT32_MAX), fixed_cos(FIXED_TURN - 1));
}
END_TEST

START_TEST(lengths_along_the_axes_round_to_the_nearest_alike_on_both_sides)
{
    ck_assert_int_eq(fixed_along_x(0, 1000), 1000);
    ck_assert_int_eq(fixed_along_y(0, 1000), 0);
    ck_assert_int_eq(fixed_along_x(FIXED_TURN / 2, 1000), -1000);
    ck_assert_int_eq(fixed_along_x(FIXED_TURN / 8, 1000), 707);
    ck_assert_int_eq(fixed_along_x(FIXED_TURN * 3 / 8, 1000), -707);
    ck_assert_int_eq(fixed_along_y(FIXED_TURN / 4, (1 << 30) - 1), (1 << 30) - 1);
}
END_TEST

START_TEST(the_angle_of_a_vector_inverts_sine_and_cosine)
{
    for (int32_t angle = 0; angle < FIXED_TURN; angle++) {
        int32_t x = fixed_along_x(angle, 1 << 20), y = fixed_along_y(angle, 1 << 20);
        ck_assert_int_eq(fixed_angle(x, y), angle);
    }
}
END_TEST

START_TEST(the_angle_is_the_nearest_step)
{
    srand(1);
    for (int i = 0; i < 20000; i++) {
        int32_t x = rand() % 20001 - 10000, y = rand() % 20001 - 10000;
        if (x == 0 && y == 0) continue;
        double exact = atan2(y, x) * FIXED_TURN / FULL_TURN;
        double off = fabs(remainder(exact - fixed_angle(x, y), FIXED_TURN));
        ck_assert(off < 0.52);
    }
}
END_TEST

START_TEST(angles_of_extremes)
{
    ck_assert_int_eq(fixed_angle(0, 0), 0);
    ck_assert_int_eq(fixed_angle(5, 0), 0);
    ck_assert_int_eq(fixed_angle(0, 5), FIXED_TURN / 4);
    ck_assert_int_eq(fixed_angle(-5, 0), FIXED_TURN / 2);
    ck_assert_int_eq(fixed_angle(0, -5), FIXED_TURN * 3 / 4);
    ck_assert_int_eq(fixed_angle(INT32_MIN, INT32_MIN), FIXED_TURN * 5 / 8);
    ck_assert_int_eq(fixed_angle(INT32_MAX, -1), 0);
}
END_TEST

START_TEST(angle_differences_go_the_shorter_way)
{
    ck_assert_int_eq(fixed_angle_difference(10, 1020), 14);
    ck_assert_int_eq(fixed_angle_difference(1020, 10), -14);
    ck_assert_int_eq(fixed_angle_difference(512, 0), -512);
    ck_assert_int_eq(fixed_angle_difference(3, 3), 0);
}
END_TEST

START_TEST(roots_are_rounded_down)
{
    for (uint64_t root = 0; root < 3000; root++) {
        ck_assert_uint_eq(fixed_sqrt(root * root), root);
        if (root > 0) ck_assert_uint_eq(fixed_sqrt(root * root - 1), root - 1);
    }
    ck_assert_uint_eq(fixed_sqrt(UINT64_MAX), UINT32_MAX);
}
END_TEST

START_TEST(lengths_of_vectors)
{
    ck_assert_uint_eq(fixed_length(3, -4), 5);
    ck_assert_uint_eq(fixed_length(0, 0), 0);
    ck_assert_uint_eq(fixed_length(INT32_MIN, 0), UINT32_C(1) << 31);
    ck_assert_uint_eq(fixed_length(INT32_MIN, INT32_MIN), 3037000499u);
}
END_TEST

START_TEST(the_fine_sine_is_right_to_1_in_20000)
{
    for (uint32_t angle = 0; angle < FIXED_FINE_TURN; angle++) {
        double radians = angle * 6.283185307179586 / FIXED_FINE_TURN;
        double sine = fixed_fine_sin(angle) / (double)FIXED_FINE_ONE;
        double cosine = fixed_fine_cos(angle + 3u * FIXED_FINE_TURN) / (double)FIXED_FINE_ONE;
        if (fabs(sine - sin(radians)) > 0.00005 || fabs(cosine - cos(radians)) > 0.00005) {
            ck_abort_msg("at %u", angle);
        }
    }
    ck_assert_int_eq(fixed_fine_sin(FIXED_FINE_TURN / 4), FIXED_FINE_ONE);
    ck_assert_int_eq(fixed_fine_along_x(FIXED_FINE_TURN / 2, 1000000), -1000000);
    ck_assert_int_eq(fixed_fine_along_y(FIXED_FINE_TURN / 12, 3000), 1500);
    ck_assert_int_eq(fixed_fine_along_y(0, -7), 0);
}
END_TEST

START_TEST(clamping_keeps_what_is_within)
{
    ck_assert_int_eq(fixed_clamp(5, 0, 10), 5);
    ck_assert_int_eq(fixed_clamp(-5, 0, 10), 0);
    ck_assert_int_eq(fixed_clamp(50, 0, 10), 10);
    ck_assert_int_eq(fixed_absolute(-3), 3);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("fixed");

    tcase_add_test(tests, floor_shift_rounds_down_on_both_sides_of_zero);
    tcase_add_test(tests, the_sine_is_right_to_the_last_bit);
    tcase_add_test(tests, whole_turns_do_not_matter);
    tcase_add_test(tests, lengths_along_the_axes_round_to_the_nearest_alike_on_both_sides);
    tcase_add_test(tests, the_angle_of_a_vector_inverts_sine_and_cosine);
    tcase_add_test(tests, the_angle_is_the_nearest_step);
    tcase_add_test(tests, angles_of_extremes);
    tcase_add_test(tests, angle_differences_go_the_shorter_way);
    tcase_add_test(tests, roots_are_rounded_down);
    tcase_add_test(tests, lengths_of_vectors);
    tcase_add_test(tests, the_fine_sine_is_right_to_1_in_20000);
    tcase_add_test(tests, clamping_keeps_what_is_within);
    return suite_run("fixed", tests);
}
