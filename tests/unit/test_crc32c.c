#include "shared/crc32c.h"

#include <string.h>

#include "tests/unit/suite.h"

START_TEST(the_test_vectors_of_rfc_3720_hold)
{
    uint8_t bytes[32];
    memset(bytes, 0, sizeof bytes);
    ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x8A9136AAu);
    memset(bytes, 0xFF, sizeof bytes);
    ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x62A8AB43u);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x46DD794Eu);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = (uint8_t)(31 - i);
    ck_assert_uint_eq(crc32c(0, bytes, sizeof bytes), 0x113FDB5Cu);
}
END_TEST

START_TEST(parts_continue_where_the_last_ended)
{
    static const char text[] = "123456789";
    ck_assert_uint_eq(crc32c(0, text, 9), 0xE3069283u);
    for (size_t cut = 0; cut <= 9; cut++) {
        uint32_t first = crc32c(0, text, cut);
        ck_assert_uint_eq(crc32c(first, text + cut, 9 - cut), 0xE3069283u);
    }
}
END_TEST

START_TEST(nothing_changes_nothing)
{
    ck_assert_uint_eq(crc32c(0, "", 0), 0);
    ck_assert_uint_eq(crc32c(77, "", 0), 77);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("crc32c");

    tcase_add_test(tests, the_test_vectors_of_rfc_3720_hold);
    tcase_add_test(tests, parts_continue_where_the_last_ended);
    tcase_add_test(tests, nothing_changes_nothing);
    return suite_run("crc32c", tests);
}
