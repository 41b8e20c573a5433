#include "shared/tick.h"

#include "tests/unit/suite.h"

START_TEST(newer_is_ahead_also_over_the_wrap)
{
    ck_assert(tick_is_newer(5, 4));
    ck_assert(!tick_is_newer(4, 4));
    ck_assert(!tick_is_newer(4, 5));
    ck_assert(tick_is_newer(3, UINT32_MAX - 3));
    ck_assert(!tick_is_newer(UINT32_MAX - 3, 3));
}
END_TEST

START_TEST(differences_are_signed_distances)
{
    ck_assert_int_eq(tick_difference(10, 4), 6);
    ck_assert_int_eq(tick_difference(4, 10), -6);
    ck_assert_int_eq(tick_difference(2, UINT32_MAX), 3);
    ck_assert_int_eq(tick_difference(UINT32_MAX, 2), -3);
    ck_assert_int_eq(tick_difference(UINT32_C(1) << 31, 0), INT32_MIN);
}
END_TEST

START_TEST(sixteen_bits_are_extended_to_the_nearest_tick)
{
    ck_assert_uint_eq(tick_extend(0x0005, 0x10003), 0x10005);
    ck_assert_uint_eq(tick_extend(0xFFFE, 0x10003), 0xFFFE);
    ck_assert_uint_eq(tick_extend(0x0002, 0x1FFFF), 0x20002);
    ck_assert_uint_eq(tick_extend(0x0001, UINT32_MAX), 1);
    ck_assert_uint_eq(tick_extend(0xFFFF, 0), UINT32_MAX);
    for (uint32_t tick = 0; tick < 200000; tick += 37) {
        ck_assert_uint_eq(tick_extend((uint16_t)tick, tick + 0x7FFF), tick);
        ck_assert_uint_eq(tick_extend((uint16_t)tick, tick - 0x7FFF), tick);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tick");

    tcase_add_test(tests, newer_is_ahead_also_over_the_wrap);
    tcase_add_test(tests, differences_are_signed_distances);
    tcase_add_test(tests, sixteen_bits_are_extended_to_the_nearest_tick);
    return suite_run("tick", tests);
}
