#include "shared/base64.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

struct pair {
    const char *plain;
    const char *encoded;
};

/* RFC 4648 §10, and the two digits that differ between the alphabets. */
static const struct pair pairs[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/"},
};

static enum result decode(const char *text, size_t length_chars, size_t *length_bytes)
{
    uint8_t bytes[64];
    return base64_decode(bytes, length_bytes, text, length_chars);
}

START_TEST(the_golden_pairs_hold_both_ways)
{
    const struct pair *p = &pairs[_i];
    char text[16];
    uint8_t bytes[16];
    size_t length;

    length = base64_encode(text, (const uint8_t *)p->plain, strlen(p->plain));
    ck_assert_uint_eq(length, strlen(p->encoded));
    ck_assert_uint_eq(length, BASE64_CHARS(strlen(p->plain)));
    ck_assert_mem_eq(text, p->encoded, length);

    ck_assert_int_eq(base64_decode(bytes, &length, p->encoded, strlen(p->encoded)), RESULT_OK);
    ck_assert_uint_eq(length, strlen(p->plain));
    ck_assert_mem_eq(bytes, p->plain, length);
}
END_TEST

START_TEST(every_length_round_trips_in_exactly_its_space)
{
    for (size_t length = 0; length < 100; length++) {
        uint8_t bytes[100], back[BASE64_BYTES_MAX(BASE64_CHARS(100))];
        char *text = malloc(BASE64_CHARS(length) + 1);
        size_t back_bytes;

        ck_assert_ptr_nonnull(text);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)(i * 41 + length);
        size_t chars = base64_encode(text, bytes, length);
        ck_assert_uint_eq(chars, BASE64_CHARS(length));
        ck_assert_int_eq(base64_decode(back, &back_bytes, text, chars), RESULT_OK);
        ck_assert_uint_eq(back_bytes, length);
        ck_assert_mem_eq(back, bytes, length);
        free(text);
    }
}
END_TEST

START_TEST(a_truncated_text_is_refused_unless_whole_groups_are_left)
{
    static const char text[] = "Zm9vYmFyZm9vYg==";
    size_t length_bytes;

    for (size_t length = 0; length < sizeof text - 1; length++) {
        ck_assert_int_eq(decode(text, length, &length_bytes),
                         length % 4 == 0 ? RESULT_OK : RESULT_INVALID);
    }
}
END_TEST

START_TEST(what_is_no_digit_is_refused_at_each_place)
{
    for (size_t at = 0; at < 4; at++) {
        for (unsigned c = 0; c < 256; c++) {
            char text[] = "AAAA";
            size_t length_bytes;
            bool digit = c < 128 && c != 0 &&
                         strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789+/",
                                (int)c) != NULL;
            text[at] = (char)c;
            ck_assert_int_eq(decode(text, 4, &length_bytes) == RESULT_OK,
                             digit || (at == 3 && c == '='));
        }
    }
}
END_TEST

START_TEST(padding_is_refused_except_at_the_end)
{
    static const char *const bad[] = {"====",     "A===",     "AA=A", "=AAA",
                                      "Zg==Zg==", "Zm8=Zm8=", "A=A="};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        size_t length_bytes;
        ck_assert_int_eq(decode(bad[i], strlen(bad[i]), &length_bytes), RESULT_INVALID);
    }
}
END_TEST

START_TEST(unused_bits_of_the_last_digit_are_ignored)
{
    uint8_t bytes[3];
    size_t length_bytes;

    ck_assert_int_eq(base64_decode(bytes, &length_bytes, "Zh==", 4), RESULT_OK);
    ck_assert_uint_eq(length_bytes, 1);
    ck_assert_uint_eq(bytes[0], 'f');
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("base64");

    tcase_add_loop_test(tests, the_golden_pairs_hold_both_ways, 0, sizeof pairs / sizeof pairs[0]);
    tcase_add_test(tests, every_length_round_trips_in_exactly_its_space);
    tcase_add_test(tests, a_truncated_text_is_refused_unless_whole_groups_are_left);
    tcase_add_test(tests, what_is_no_digit_is_refused_at_each_place);
    tcase_add_test(tests, padding_is_refused_except_at_the_end);
    tcase_add_test(tests, unused_bits_of_the_last_digit_are_ignored);
    return suite_run("base64", tests);
}
