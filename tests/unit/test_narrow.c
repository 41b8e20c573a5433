#include "tools/netsim/narrow.h"

#include <string.h>

#include "tests/unit/suite.h"

#define START_US 5000000u

static struct narrow link;
static struct narrow_settings settings;
static uint8_t bytes[65536];

static void start(const struct narrow_settings *s)
{
    settings = *s;
    ck_assert_int_eq(narrow_init(&link, &settings, narrow_capacity_bytes(&settings), 1, START_US),
                     RESULT_OK);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
}

/* What has arrived, all of it, taken out. */
static size_t take_all(uint64_t now_us)
{
    const uint8_t *arrived;
    size_t total = 0, length;
    while ((length = narrow_arrived(&link, now_us, &arrived)) > 0) {
        narrow_take(&link, length);
        total += length;
    }
    return total;
}

START_TEST(without_limits_all_arrives_at_once)
{
    start(&(struct narrow_settings){.buffer_bytes = 65536});
    narrow_put(&link, bytes, 5000, START_US);
    ck_assert_uint_eq(take_all(START_US), 5000);
    ck_assert(narrow_is_empty(&link));
    ck_assert_uint_eq(narrow_next_us(&link, START_US), UINT64_MAX);
    narrow_deinit(&link);
}
END_TEST

START_TEST(delay_is_the_way)
{
    start(&(struct narrow_settings){.buffer_bytes = 65536, .delay_us = 30000});
    narrow_put(&link, bytes, 100, START_US);
    ck_assert_uint_eq(narrow_next_us(&link, START_US), START_US + 30000);
    ck_assert_uint_eq(take_all(START_US + 29999), 0);
    ck_assert_uint_eq(take_all(START_US + 30000), 100);
    narrow_deinit(&link);
}
END_TEST

START_TEST(a_rate_paces_segment_by_segment)
{
    start(&(struct narrow_settings){
        .buffer_bytes = 65536, .delay_us = 10000, .rate_bytes_per_s = 14480});
    narrow_put(&link, bytes, 4 * 1448, START_US); /* 100 ms each */
    for (uint64_t i = 1; i <= 4; i++) {
        uint64_t arrives_us = START_US + 10000 + i * 100000;
        ck_assert_uint_eq(take_all(arrives_us - 1), 0);
        ck_assert_uint_eq(take_all(arrives_us), 1448);
    }
    narrow_deinit(&link);
}
END_TEST

START_TEST(a_full_buffer_takes_no_more_until_bytes_leave_it)
{
    start(&(struct narrow_settings){
        .buffer_bytes = 6000, .delay_us = 500000, .rate_bytes_per_s = 10000});
    ck_assert_uint_eq(narrow_free_bytes(&link, START_US), 6000);
    narrow_put(&link, bytes, 6000, START_US);
    ck_assert_uint_eq(narrow_free_bytes(&link, START_US), 0);
    ck_assert_uint_eq(narrow_next_us(&link, START_US), START_US + 144800);
    ck_assert_uint_eq(narrow_free_bytes(&link, START_US + 144799), 0);
    ck_assert_uint_eq(narrow_free_bytes(&link, START_US + 144800), 1448);
    /* Those are on their way, not there yet. */
    ck_assert_uint_eq(take_all(START_US + 144800), 0);
    narrow_deinit(&link);
}
END_TEST

START_TEST(what_is_not_taken_out_fills_the_link)
{
    start(&(struct narrow_settings){.buffer_bytes = 1000, .rate_bytes_per_s = 1000000});
    uint64_t now_us = START_US;
    size_t put_bytes = 0, free_bytes;
    while ((free_bytes = narrow_free_bytes(&link, now_us)) > 0) {
        narrow_put(&link, bytes, free_bytes, now_us);
        put_bytes += free_bytes;
        now_us += 10000;
        ck_assert_uint_lt(put_bytes, 1 << 20);
    }
    ck_assert_uint_eq(take_all(now_us), put_bytes);
    ck_assert_uint_eq(narrow_free_bytes(&link, now_us), 1000);
    narrow_deinit(&link);
}
END_TEST

START_TEST(jitter_never_turns_the_order_round)
{
    start(&(struct narrow_settings){.buffer_bytes = 65536, .delay_us = 5000, .jitter_us = 20000});
    size_t put_bytes = 0, taken_bytes = 0;
    for (uint64_t now_us = START_US; now_us < START_US + 2000000; now_us += 1000) {
        const uint8_t *arrived;
        size_t length;
        narrow_put(&link, &bytes[put_bytes % 60000], 50, now_us);
        put_bytes += 50;
        while ((length = narrow_arrived(&link, now_us, &arrived)) > 0) {
            bool same = true;
            for (size_t i = 0; i < length; i++)
                same = same && arrived[i] == bytes[(taken_bytes + i) % 60000];
            ck_assert(same);
            narrow_take(&link, length);
            taken_bytes += length;
        }
    }
    ck_assert_uint_ge(put_bytes - taken_bytes, 5 * 50);
    ck_assert_uint_le(put_bytes - taken_bytes, 25 * 50);
    narrow_deinit(&link);
}
END_TEST

START_TEST(a_stall_shifts_what_would_leave_in_it)
{
    /* Free for 800 ms, still for 200. */
    start(&(struct narrow_settings){.buffer_bytes = 65536,
                                    .rate_bytes_per_s = 1000,
                                    .stall_every_us = 1000000,
                                    .stall_us = 200000});
    narrow_put(&link, bytes, 700, START_US);
    narrow_put(&link, bytes, 200, START_US);
    ck_assert_uint_eq(take_all(START_US + 700000), 700);
    ck_assert_uint_eq(take_all(START_US + 1099999), 0);
    ck_assert_uint_eq(take_all(START_US + 1100000), 200);
    narrow_put(&link, bytes, 10, START_US + 1900000);
    ck_assert_uint_eq(narrow_next_us(&link, START_US + 1900000), START_US + 2010000);
    narrow_deinit(&link);
}
END_TEST

START_TEST(what_waits_follows_a_change_of_the_rate)
{
    start(&(struct narrow_settings){.buffer_bytes = 65536, .rate_bytes_per_s = 14480});
    narrow_put(&link, bytes, 10 * 1448, START_US); /* 100 ms each */
    ck_assert_uint_eq(take_all(START_US + 250000), 2 * 1448);
    settings.rate_bytes_per_s = 144800;
    narrow_retime(&link, START_US + 250000);
    ck_assert_uint_eq(take_all(START_US + 259999), 0);
    ck_assert_uint_eq(take_all(START_US + 250000 + 8 * 10000), 8 * 1448);
    ck_assert_uint_eq(narrow_free_bytes(&link, START_US + 330000), 65536);
    narrow_deinit(&link);
}
END_TEST

START_TEST(a_stop_holds_what_waits_and_what_comes)
{
    start(&(struct narrow_settings){.buffer_bytes = 65536, .delay_us = 10000});
    narrow_put(&link, bytes, 1448, START_US); /* it has left the queue */
    settings.stop_until_us = START_US + 500000;
    narrow_retime(&link, START_US + 1000);
    narrow_put(&link, bytes, 100, START_US + 2000);
    ck_assert_uint_eq(take_all(START_US + 509999), 1448);
    ck_assert_uint_eq(take_all(START_US + 510000), 100);
    narrow_put(&link, bytes, 100, START_US + 600000);
    ck_assert_uint_eq(take_all(START_US + 610000), 100);
    narrow_deinit(&link);
}
END_TEST

START_TEST(taking_a_part_leaves_the_rest)
{
    const uint8_t *arrived;
    start(&(struct narrow_settings){.buffer_bytes = 65536});
    narrow_put(&link, bytes, 3000, START_US);
    ck_assert_uint_eq(narrow_arrived(&link, START_US, &arrived), 3000);
    narrow_take(&link, 10);
    ck_assert_uint_eq(narrow_arrived(&link, START_US, &arrived), 2990);
    ck_assert_mem_eq(arrived, bytes + 10, 2990);
    narrow_take(&link, 2990);
    ck_assert_uint_eq(narrow_free_bytes(&link, START_US), 65536);
    narrow_deinit(&link);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("narrow");
    tcase_add_test(tests, without_limits_all_arrives_at_once);
    tcase_add_test(tests, delay_is_the_way);
    tcase_add_test(tests, a_rate_paces_segment_by_segment);
    tcase_add_test(tests, a_full_buffer_takes_no_more_until_bytes_leave_it);
    tcase_add_test(tests, what_is_not_taken_out_fills_the_link);
    tcase_add_test(tests, jitter_never_turns_the_order_round);
    tcase_add_test(tests, a_stall_shifts_what_would_leave_in_it);
    tcase_add_test(tests, what_waits_follows_a_change_of_the_rate);
    tcase_add_test(tests, a_stop_holds_what_waits_and_what_comes);
    tcase_add_test(tests, taking_a_part_leaves_the_rest);
    return suite_run("narrow", tests);
}
