#include "shared/json_write.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/suite.h"

static char text[4096];
static struct json_writer w;

static void set_up(void)
{
    json_writer_init(&w, text, sizeof text);
}

static void assert_text(const char *expected)
{
    size_t length = json_finish(&w);
    ck_assert_uint_eq(length, strlen(expected));
    text[length] = '\0';
    ck_assert_str_eq(text, expected);
}

START_TEST(commas_come_by_themselves)
{
    json_open(&w, '{');
    json_put_key(&w, "a");
    json_put_integer(&w, 1);
    json_put_key(&w, "b");
    json_open(&w, '[');
    json_put_bool(&w, true);
    json_open(&w, '{');
    json_close(&w, '}');
    json_put_null(&w);
    json_close(&w, ']');
    json_put_number_key(&w, 17);
    json_put_bool(&w, false);
    json_close(&w, '}');
    assert_text("{\"a\":1,\"b\":[true,{},null],\"17\":false}");
}
END_TEST

START_TEST(raw_pieces_stand_like_members)
{
    json_open(&w, '{');
    json_put_raw(&w, "\"a\":1", 5);
    json_put_raw(&w, "\"b\":2", 5);
    json_close(&w, '}');
    assert_text("{\"a\":1,\"b\":2}");
}
END_TEST

START_TEST(only_what_must_be_is_escaped)
{
    static const char odd[] = "a\"b\\c\n\r\t\b\f\x01\x1f\x7f/\xc3\xa4\xf0\x9f\x9a\x80 \0x";
    json_put_text(&w, odd, sizeof odd - 1);
    assert_text(
        "\"a\\\"b\\\\c\\n\\r\\t\\b\\f\\u0001\\u001f\x7f/\xc3\xa4\xf0\x9f\x9a\x80 \\u0000x\"");
}
END_TEST

START_TEST(an_empty_text_is_two_quotes)
{
    json_put_text(&w, "", 0);
    assert_text("\"\"");
}
END_TEST

static const struct {
    int64_t value;
    const char *text;
} integers[] = {
    {0, "0"},
    {-1, "-1"},
    {10, "10"},
    {INT64_MAX, "9223372036854775807"},
    {INT64_MIN, "-9223372036854775808"},
};

START_TEST(integers_are_written_whole)
{
    json_put_integer(&w, integers[_i].value);
    assert_text(integers[_i].text);
}
END_TEST

START_TEST(the_largest_unsigned_is_written_whole)
{
    json_put_unsigned(&w, UINT64_MAX);
    assert_text("18446744073709551615");
}
END_TEST

static const struct {
    int64_t value, denominator;
    const char *text;
} ratios[] = {
    {0, 1, "0"},
    {100, 8, "12.5"},
    {-100, 8, "-12.5"},
    {1, 8, "0.125"},
    {-1, 8, "-0.125"},
    {1, 16, "0.0625"},
    {1, 3, "0.3333"},
    {2, 3, "0.6667"},
    {-2, 3, "-0.6667"},
    {1, 32, "0.0313"}, /* 0.03125: a half goes away from zero */
    {-1, 32, "-0.0313"},
    {1, 100000, "0"},
    {-1, 100000, "0"},         /* never "-0" */
    {5, 100000, "0.0001"},     /* 0.00005 */
    {99999, 100000, "1"},      /* 0.99999 */
    {-1999999, 1000000, "-2"}, /* a carry into the whole part */
    {10005, 10000, "1.0005"},
    {INT64_MAX, 1, "9223372036854775807"},
    {INT64_MIN, 1, "-9223372036854775808"},
    {INT64_MIN, INT64_C(1) << 58, "-32"},
    {INT64_MAX, INT64_C(1) << 58, "32"},
    {3, INT64_C(1) << 58, "0"},
};

START_TEST(ratios_are_exact_up_to_four_decimals)
{
    json_put_ratio(&w, ratios[_i].value, ratios[_i].denominator);
    assert_text(ratios[_i].text);
}
END_TEST

START_TEST(a_ratio_of_nothing_is_a_bug)
{
    json_put_ratio(&w, 1, 0);
}
END_TEST

START_TEST(bytes_are_two_digits_each)
{
    json_put_hex(&w, (const uint8_t[]){0x00, 0xff, 0x1a}, 3);
    assert_text("\"00ff1a\"");
}
END_TEST

static void write_all(void)
{
    json_open(&w, '{');
    json_put_key(&w, "key");
    json_put_text(&w, "a\nb", 3);
    json_put_number_key(&w, 12);
    json_put_ratio(&w, -25, 10);
    json_close(&w, '}');
}

START_TEST(overflow_is_sticky)
{
    write_all();
    size_t length = json_finish(&w);
    for (size_t capacity = 0; capacity <= length; capacity++) {
        char small[64];
        memset(small, 'x', sizeof small);
        json_writer_init(&w, small, capacity);
        write_all();
        ck_assert_uint_eq(json_finish(&w), capacity < length ? 0 : length);
        ck_assert_int_eq(small[capacity], 'x');
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json_write");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, commas_come_by_themselves);
    tcase_add_test(tests, raw_pieces_stand_like_members);
    tcase_add_test(tests, only_what_must_be_is_escaped);
    tcase_add_test(tests, an_empty_text_is_two_quotes);
    tcase_add_loop_test(tests, integers_are_written_whole, 0,
                        (int)(sizeof integers / sizeof integers[0]));
    tcase_add_test(tests, the_largest_unsigned_is_written_whole);
    tcase_add_loop_test(tests, ratios_are_exact_up_to_four_decimals, 0,
                        (int)(sizeof ratios / sizeof ratios[0]));
    tcase_add_test_raise_signal(tests, a_ratio_of_nothing_is_a_bug, SIGABRT);
    tcase_add_test(tests, bytes_are_two_digits_each);
    tcase_add_test(tests, overflow_is_sticky);
    return suite_run("json_write", tests);
}
