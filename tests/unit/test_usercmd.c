#include "shared/usercmd.h"

#include <string.h>

#include "tests/unit/suite.h"

static const struct usercmd_field fields[] = {
    {.name = "buttons", .kind = USERCMD_BUTTONS, .bits = 6, .max = 63},
    {.name = "aim", .kind = USERCMD_ANGLE, .bits = 10, .max = 1023},
    {.name = "lean", .kind = USERCMD_SIGNED, .bits = 8, .min = -100, .max = 100},
};

static const struct field_table table = {.usercmd_fields = fields, .usercmd_field_count = 3};
static const struct usercmd rest;

static enum result decode(const uint8_t *bytes, size_t length_bytes, struct usercmd *cmd)
{
    struct bits_reader r;
    bits_reader_init(&r, bytes, length_bytes);
    return usercmd_decode(&r, &table, cmd, &rest);
}

START_TEST(a_usercmd_comes_back)
{
    static const struct usercmd cmds[] = {
        {.words = {0, 0, 0}}, {.words = {63, 1023, 100}}, {.words = {5, 0, -100}}};
    uint8_t bytes[16];
    struct bits_writer w;
    struct usercmd read = {.seq = 7, .view_tick = 9};
    bits_writer_init(&w, bytes, sizeof bytes);
    usercmd_encode(&w, &table, &cmds[_i], &rest);
    ck_assert_int_eq(decode(bytes, bits_finish(&w), &read), RESULT_OK);
    ck_assert_mem_eq(read.words, cmds[_i].words, sizeof read.words);
    ck_assert_uint_eq(read.seq, 7);
    ck_assert_uint_eq(read.view_tick, 9);
}
END_TEST

START_TEST(a_usercmd_like_the_last_costs_a_bit_a_word)
{
    uint8_t bytes[16];
    struct bits_writer w;
    struct usercmd cmd = {.words = {3, 500, -7}};
    bits_writer_init(&w, bytes, sizeof bytes);
    usercmd_encode(&w, &table, &cmd, &cmd);
    ck_assert_uint_eq(bits_used(&w), 3);
}
END_TEST

START_TEST(a_word_beyond_its_range_is_refused)
{
    /* lean: 201 of 8 bits is 101, one too far; 200 is 100. */
    uint8_t bytes[8];
    struct bits_writer w;
    struct usercmd read;
    bits_writer_init(&w, bytes, sizeof bytes);
    bits_put(&w, 0, 2);
    bits_put(&w, 1, 1);
    bits_put(&w, (uint64_t)_i, 8);
    enum result expected = _i <= 200 ? RESULT_OK : RESULT_INVALID;
    ck_assert_int_eq(decode(bytes, bits_finish(&w), &read), expected);
}
END_TEST

START_TEST(a_cut_usercmd_is_refused)
{
    static const uint8_t bytes[2] = {1, 0};
    struct usercmd read;
    ck_assert_int_eq(decode(bytes, 0, &read), RESULT_INVALID);
    ck_assert_int_eq(decode(bytes, 1, &read), RESULT_INVALID);
    ck_assert_int_eq(decode(bytes, 2, &read), RESULT_OK);
}
END_TEST

START_TEST(validity_is_every_word_in_its_range)
{
    ck_assert(usercmd_is_valid(&table, &rest));
    ck_assert(usercmd_is_valid(&table, &(struct usercmd){.words = {63, 1023, -100}}));
    ck_assert(!usercmd_is_valid(&table, &(struct usercmd){.words = {64, 0, 0}}));
    ck_assert(!usercmd_is_valid(&table, &(struct usercmd){.words = {-1, 0, 0}}));
    ck_assert(!usercmd_is_valid(&table, &(struct usercmd){.words = {0, 1024, 0}}));
    ck_assert(!usercmd_is_valid(&table, &(struct usercmd){.words = {0, 0, 101}}));
}
END_TEST

START_TEST(merging_keeps_presses_and_takes_the_rest_from_the_newer)
{
    struct usercmd cmd = {.seq = 4, .view_tick = 40, .words = {5, 100, -8}};
    struct usercmd newer = {.seq = 5, .view_tick = 41, .words = {2, 3, 9}};
    usercmd_merge(&table, &cmd, &newer);
    ck_assert_uint_eq(cmd.seq, 5);
    ck_assert_uint_eq(cmd.view_tick, 41);
    ck_assert_int_eq(cmd.words[0], 7);
    ck_assert_int_eq(cmd.words[1], 3);
    ck_assert_int_eq(cmd.words[2], 9);
}
END_TEST

START_TEST(lag_is_the_pictures_age_within_bounds)
{
    static const struct {
        uint32_t view_tick;
        uint32_t view_part;
        int32_t lag;
    } cases[] = {
        {0, 0, 16},    {99, 0, 16},   {98, 0, 32},  {98, 1, 31},         {97, 8, 40},
        {95, 1, 79},   {95, 0, 80},   {94, 15, 80}, {10, 0, 80},         {100, 0, 16},
        {100, 15, 16}, {5000, 0, 16}, {99, 15, 16}, {0xffffffff, 0, 80},
    };
    const struct usercmd cmd = {.view_tick = cases[_i].view_tick, .view_part = cases[_i].view_part};
    ck_assert_int_eq(usercmd_lag(&cmd, 100), cases[_i].lag);

    struct usercmd bounded = cmd;
    usercmd_bound_lag(&bounded, 100);
    ck_assert_int_eq(usercmd_lag(&bounded, 100), cases[_i].lag);
    ck_assert_uint_ge(bounded.view_tick, 100 - LAG_TICKS_MAX);
    ck_assert_uint_le(bounded.view_tick, 99);
}
END_TEST

START_TEST(lag_goes_over_the_wrap_of_ticks)
{
    struct usercmd cmd = {.view_tick = UINT32_MAX, .view_part = 4};
    ck_assert_int_eq(usercmd_lag(&cmd, 2), 3 * VIEW_PARTS - 4);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("usercmd");

    tcase_add_loop_test(tests, a_usercmd_comes_back, 0, 3);
    tcase_add_test(tests, a_usercmd_like_the_last_costs_a_bit_a_word);
    tcase_add_loop_test(tests, a_word_beyond_its_range_is_refused, 199, 204);
    tcase_add_test(tests, a_cut_usercmd_is_refused);
    tcase_add_test(tests, validity_is_every_word_in_its_range);
    tcase_add_test(tests, merging_keeps_presses_and_takes_the_rest_from_the_newer);
    tcase_add_loop_test(tests, lag_is_the_pictures_age_within_bounds, 0, 14);
    tcase_add_test(tests, lag_goes_over_the_wrap_of_ticks);
    return suite_run("usercmd", tests);
}
