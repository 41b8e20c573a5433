#include "shared/bits.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define CAPACITY 64

static uint8_t bytes[CAPACITY];
static struct bits_writer writer;
static struct bits_reader reader;

static void start(void)
{
    memset(bytes, 0xEE, sizeof bytes);
    bits_writer_init(&writer, bytes, sizeof bytes);
}

START_TEST(the_first_value_takes_the_lowest_bits)
{
    bits_put(&writer, 1, 1);
    bits_put(&writer, 0, 2);
    bits_put(&writer, 0x1F, 5);
    bits_put(&writer, 0xABC, 12);
    ck_assert_uint_eq(bits_finish(&writer), 3);
    ck_assert_uint_eq(bytes[0], 0xF9);
    ck_assert_uint_eq(bytes[1], 0xBC);
    ck_assert_uint_eq(bytes[2], 0x0A);
    ck_assert_uint_eq(bytes[3], 0xEE);
}
END_TEST

START_TEST(padding_is_zero)
{
    bits_put(&writer, 7, 3);
    ck_assert_uint_eq(bits_finish(&writer), 1);
    ck_assert_uint_eq(bytes[0], 7);
}
END_TEST

START_TEST(an_empty_stream_has_no_bytes)
{
    bits_put(&writer, 0, 0);
    ck_assert_uint_eq(bits_finish(&writer), 0);
    bits_reader_init(&reader, bytes, 0);
    ck_assert(bits_is_exact_end(&reader));
}
END_TEST

START_TEST(every_width_comes_back_at_every_offset)
{
    for (unsigned offset_bits = 0; offset_bits < 64; offset_bits++) {
        uint64_t value = 0xF123456789ABCDEFu & (_i == 64 ? UINT64_MAX : (UINT64_C(1) << _i) - 1);
        start();
        bits_put(&writer, offset_bits == 0 ? 0 : 1, offset_bits);
        bits_put(&writer, value, (unsigned)_i);
        bits_put(&writer, 5, 3);
        ck_assert_uint_eq(bits_used(&writer), offset_bits + (unsigned)_i + 3);
        size_t length_bytes = bits_finish(&writer);

        bits_reader_init(&reader, bytes, length_bytes);
        bits_get(&reader, offset_bits);
        ck_assert_uint_eq(bits_get(&reader, (unsigned)_i), value);
        ck_assert_uint_eq(bits_get(&reader, 3), 5);
        ck_assert(bits_is_exact_end(&reader));
    }
}
END_TEST

START_TEST(golomb_codes_come_back)
{
    static const uint32_t edges[] = {0, 1, 2, 3, 7, 8, 254, 255, 256, 65535, 1u << 31, UINT32_MAX};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        start();
        bits_put_golomb(&writer, edges[i], (unsigned)_i);
        bits_put_signed_golomb(&writer, (int32_t)(edges[i] / 2), (unsigned)_i);
        bits_put_signed_golomb(&writer, -(int32_t)(edges[i] / 2) - 1, (unsigned)_i);
        bits_reader_init(&reader, bytes, bits_finish(&writer));
        ck_assert_uint_eq(bits_get_golomb(&reader, (unsigned)_i), edges[i]);
        ck_assert_int_eq(bits_get_signed_golomb(&reader, (unsigned)_i), (int32_t)(edges[i] / 2));
        ck_assert_int_eq(bits_get_signed_golomb(&reader, (unsigned)_i),
                         -(int32_t)(edges[i] / 2) - 1);
        ck_assert(bits_is_exact_end(&reader));
    }
}
END_TEST

START_TEST(small_numbers_have_short_golomb_codes)
{
    static const size_t length_bits[] = {1, 3, 3, 5, 5, 5, 5, 7};
    for (uint32_t value = 0; value < 8; value++) {
        start();
        bits_put_golomb(&writer, value, 0);
        ck_assert_uint_eq(bits_used(&writer), length_bits[value]);
    }
}
END_TEST

START_TEST(a_golomb_code_beyond_32_bits_is_refused)
{
    memset(bytes, 0xFF, sizeof bytes);
    bits_reader_init(&reader, bytes, sizeof bytes);
    bits_get_golomb(&reader, 0);
    ck_assert(reader.overflow);
}
END_TEST

START_TEST(a_run_is_appended_bit_by_bit)
{
    const uint64_t words[2] = {0xF123456789ABCDEFu, 0x1AAu};
    bits_put(&writer, 1, 1);
    bits_put_run(&writer, words, 64 + 9);
    bits_reader_init(&reader, bytes, bits_finish(&writer));
    bits_get(&reader, 1);
    ck_assert_uint_eq(bits_get(&reader, 64), words[0]);
    ck_assert_uint_eq(bits_get(&reader, 9), words[1]);
    ck_assert(bits_is_exact_end(&reader));
}
END_TEST

START_TEST(runs_of_every_length_follow_each_other)
{
    for (unsigned length_bits = 1; length_bits <= 128; length_bits++) {
        uint64_t words[2] = {0x9123456789ABCDEFu, 0xFEDCBA9876543210u};
        unsigned last = (length_bits - 1) / 64, rest = length_bits % 64;
        if (rest > 0) words[last] &= (UINT64_C(1) << rest) - 1;
        start();
        for (int i = 0; i < 3; i++)
            bits_put_run(&writer, words, length_bits);
        bits_reader_init(&reader, bytes, bits_finish(&writer));
        for (int i = 0; i < 3; i++) {
            ck_assert_uint_eq(bits_get(&reader, last > 0 ? 64 : length_bits), words[0]);
            if (last > 0) ck_assert_uint_eq(bits_get(&reader, length_bits - 64), words[1]);
        }
        ck_assert(bits_is_exact_end(&reader));
    }
}
END_TEST

START_TEST(a_stream_of_any_length_becomes_a_run)
{
    for (unsigned length_bits = 1; length_bits <= 192; length_bits++) {
        uint64_t words[3] = {UINT64_MAX, UINT64_MAX, UINT64_MAX}, word;
        bits_writer_init(&writer, (uint8_t *)words, sizeof words);
        for (unsigned i = 0; i < length_bits; i++)
            bits_put(&writer, i % 3 == 0, 1);
        bool is_short = bits_is_short_run(&writer, &word);
        ck_assert(is_short == (length_bits < 64));
        if (!is_short) ck_assert_uint_eq(bits_finish_run(&writer, words), (length_bits + 63) / 64);

        start();
        bits_put_run(&writer, is_short ? &word : words, length_bits);
        ck_assert_uint_eq(bits_used(&writer), length_bits);
        bits_reader_init(&reader, bytes, bits_finish(&writer));
        for (unsigned i = 0; i < length_bits; i++)
            ck_assert_uint_eq(bits_get(&reader, 1), i % 3 == 0);
        ck_assert(bits_is_exact_end(&reader));
    }
}
END_TEST

START_TEST(a_run_that_does_not_fit_has_no_words)
{
    uint64_t words[2] = {0, 0x5EED}, word;
    bits_writer_init(&writer, (uint8_t *)words, 8);
    for (int i = 0; i < 65; i++)
        bits_put(&writer, 1, 1);
    ck_assert(!bits_is_short_run(&writer, &word));
    ck_assert_uint_eq(bits_finish_run(&writer, words), 0);
    ck_assert_uint_eq(words[1], 0x5EED);
}
END_TEST

START_TEST(overflow_is_sticky_and_writes_nothing_past_the_end)
{
    bits_writer_init(&writer, bytes, 9);
    for (int i = 0; i < 20; i++)
        bits_put(&writer, 0, 8);
    ck_assert_uint_eq(bits_finish(&writer), 0);
    ck_assert(writer.overflow);
    bits_put(&writer, 0, 1);
    ck_assert_uint_eq(bits_finish(&writer), 0);
    ck_assert_uint_eq(bytes[9], 0xEE);
}
END_TEST

START_TEST(a_stream_may_fill_its_buffer_to_the_last_bit)
{
    bits_writer_init(&writer, bytes, (size_t)_i);
    for (int i = 0; i < _i * 8; i++)
        bits_put(&writer, 1, 1);
    ck_assert_uint_eq(bits_finish(&writer), (size_t)_i);
    ck_assert_uint_eq(bytes[_i - 1], 0xFF);
    ck_assert_uint_eq(bytes[_i], 0xEE);
}
END_TEST

START_TEST(reading_past_the_end_is_sticky_and_gives_zero)
{
    bits_reader_init(&reader, bytes, 2);
    bits_get(&reader, 15);
    ck_assert_uint_eq(bits_get(&reader, 2), 0);
    ck_assert(reader.overflow);
    ck_assert_uint_eq(bits_get(&reader, 1), 0);
    ck_assert(!bits_is_exact_end(&reader));
}
END_TEST

START_TEST(the_end_is_exact_only_with_zero_padding_of_less_than_a_byte)
{
    memset(bytes, 0, sizeof bytes);
    bits_reader_init(&reader, bytes, 2);
    bits_get(&reader, 8);
    ck_assert(!bits_is_exact_end(&reader));
    bits_get(&reader, 1);
    ck_assert(bits_is_exact_end(&reader));
    bytes[1] = 0x80;
    ck_assert(!bits_is_exact_end(&reader));
}
END_TEST

START_TEST(a_value_wider_than_its_width_is_a_bug)
{
    bits_put(&writer, 4, 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("bits");

    tcase_add_checked_fixture(tests, start, NULL);
    tcase_add_test(tests, the_first_value_takes_the_lowest_bits);
    tcase_add_test(tests, padding_is_zero);
    tcase_add_test(tests, an_empty_stream_has_no_bytes);
    tcase_add_loop_test(tests, every_width_comes_back_at_every_offset, 1, 65);
    tcase_add_loop_test(tests, golomb_codes_come_back, 0, 25);
    tcase_add_test(tests, small_numbers_have_short_golomb_codes);
    tcase_add_test(tests, a_golomb_code_beyond_32_bits_is_refused);
    tcase_add_test(tests, a_run_is_appended_bit_by_bit);
    tcase_add_test(tests, runs_of_every_length_follow_each_other);
    tcase_add_test(tests, a_stream_of_any_length_becomes_a_run);
    tcase_add_test(tests, a_run_that_does_not_fit_has_no_words);
    tcase_add_test(tests, overflow_is_sticky_and_writes_nothing_past_the_end);
    tcase_add_loop_test(tests, a_stream_may_fill_its_buffer_to_the_last_bit, 1, 40);
    tcase_add_test(tests, reading_past_the_end_is_sticky_and_gives_zero);
    tcase_add_test(tests, the_end_is_exact_only_with_zero_padding_of_less_than_a_byte);
    tcase_add_test_raise_signal(tests, a_value_wider_than_its_width_is_a_bug, SIGABRT);
    return suite_run("bits", tests);
}
