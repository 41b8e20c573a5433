#include "tools/bots/report.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct distribution spread;
static struct report report;

static void clear(void)
{
    memset(&spread, 0, sizeof spread);
    memset(&report, 0, sizeof report);
}

START_TEST(small_values_are_exact)
{
    clear();
    for (uint64_t v = 0; v < 128; v++)
        distribution_add(&spread, v);
    ck_assert_uint_eq(spread.count, 128);
    ck_assert_uint_eq(distribution_quantile(&spread, 0), 0);
    ck_assert_uint_eq(distribution_quantile(&spread, 500), 63);
    ck_assert_uint_eq(distribution_quantile(&spread, 1000), 127);
}
END_TEST

START_TEST(large_values_are_right_to_1_6_percent)
{
    for (uint64_t v = 100; v < UINT64_C(1) << 39; v += v / 7) {
        clear();
        distribution_add(&spread, v);
        uint64_t got = distribution_quantile(&spread, 500);
        uint64_t off = got > v ? got - v : v - got;
        ck_assert_uint_le(off * 1000, v * 16);
    }
}
END_TEST

START_TEST(the_largest_bucket_takes_what_is_larger_still)
{
    clear();
    distribution_add(&spread, UINT64_MAX);
    distribution_add(&spread, (UINT64_C(1) << DISTRIBUTION_BITS) - 1);
    ck_assert_uint_eq(spread.buckets[DISTRIBUTION_BUCKETS - 1], 2);
}
END_TEST

START_TEST(quantiles_count_from_below)
{
    clear();
    for (int i = 0; i < 990; i++)
        distribution_add(&spread, 10);
    for (int i = 0; i < 10; i++)
        distribution_add(&spread, 100);
    ck_assert_uint_eq(distribution_quantile(&spread, 990), 10);
    ck_assert_uint_eq(distribution_quantile(&spread, 991), 100);
    ck_assert_uint_eq(distribution_quantile(&spread, 999), 100);
}
END_TEST

START_TEST(a_mean_counts_each_value)
{
    clear();
    for (uint64_t value = 0; value < 100; value++)
        distribution_add(&spread, value);
    distribution_add(&spread, 5050);
    ck_assert_uint_ge(distribution_mean(&spread), 98);
    ck_assert_uint_le(distribution_mean(&spread), 100);
}
END_TEST

START_TEST(nothing_has_no_quantiles)
{
    clear();
    ck_assert_uint_eq(distribution_quantile(&spread, 500), 0);
    ck_assert_uint_eq(distribution_mean(&spread), 0);
}
END_TEST

static double number(const cJSON *json, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    ck_assert_msg(cJSON_IsNumber(item), "%s", key);
    return item->valuedouble;
}

static cJSON *write_report(void)
{
    char line[REPORT_LINE_BYTES_MAX];
    size_t length = report_write_json(&report, line, sizeof line);
    ck_assert_uint_eq(length, strlen(line));
    ck_assert_ptr_null(strchr(line, '\n'));
    cJSON *json = cJSON_Parse(line);
    ck_assert_ptr_nonnull(json);
    return json;
}

static void fill_group(struct report_group *g, uint32_t joined, uint64_t age_us)
{
    g->joined = joined;
    g->updates = joined * 100;
    g->update_bytes = g->updates * 80;
    g->bytes = g->updates * 82;
    for (int i = 0; i < 100; i++)
        distribution_add(&g->age_us, age_us);
    distribution_add(&g->jitter_us, 2000);
}

START_TEST(the_line_has_every_figure_of_the_contract)
{
    clear();
    fill_group(&report.fast, 50, 40000);
    report.measured_us = 5000000;
    report.decode_errors = 1;
    report.hash_errors = 2;
    report.closed = 3;
    cJSON *json = write_report();
    ck_assert_double_eq(number(json, "connected"), 50);
    ck_assert_double_eq(number(json, "updates_per_s"), 20);
    ck_assert_double_eq(number(json, "bytes_per_s"), 1640);
    ck_assert_double_eq(number(json, "bytes_per_update"), 80);
    ck_assert_double_eq_tol(number(json, "state_age_p50_ms"), 40, 0.7);
    ck_assert_double_eq_tol(number(json, "state_age_p99_ms"), 40, 0.7);
    ck_assert_double_eq_tol(number(json, "state_age_p999_ms"), 40, 0.7);
    ck_assert_double_eq_tol(number(json, "state_age_p95_ms"), 40, 0.7);
    ck_assert_double_eq_tol(number(json, "state_age_mean_ms"), 40, 0.7);
    ck_assert_double_eq_tol(number(json, "jitter_p99_ms"), 2, 0.1);
    ck_assert_double_eq(number(json, "decode_errors"), 1);
    ck_assert_double_eq(number(json, "hash_errors"), 2);
    ck_assert_double_eq(number(json, "closed"), 3);
    ck_assert_ptr_null(cJSON_GetObjectItem(json, "slow_connected"));
    cJSON_Delete(json);
}
END_TEST

START_TEST(slow_readers_are_a_group_of_their_own)
{
    clear();
    fill_group(&report.fast, 45, 40000);
    fill_group(&report.slow, 5, 400000);
    report.measured_us = 5000000;
    cJSON *json = write_report();
    ck_assert_double_eq(number(json, "connected"), 50);
    ck_assert_double_eq(number(json, "slow_connected"), 5);
    ck_assert_double_eq_tol(number(json, "state_age_p99_ms"), 40, 0.7);
    ck_assert_double_eq_tol(number(json, "slow_state_age_p50_ms"), 400, 7);
    cJSON_Delete(json);
}
END_TEST

START_TEST(a_run_that_never_began_is_all_zero)
{
    clear();
    cJSON *json = write_report();
    ck_assert_double_eq(number(json, "connected"), 0);
    ck_assert_double_eq(number(json, "updates_per_s"), 0);
    ck_assert_double_eq(number(json, "bytes_per_update"), 0);
    cJSON_Delete(json);
}
END_TEST

START_TEST(the_longest_line_fits)
{
    memset(&report, 0xff, sizeof report);
    report.measured_us = 1;
    cJSON_Delete(write_report());
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("report");
    tcase_add_test(tests, small_values_are_exact);
    tcase_add_test(tests, large_values_are_right_to_1_6_percent);
    tcase_add_test(tests, the_largest_bucket_takes_what_is_larger_still);
    tcase_add_test(tests, quantiles_count_from_below);
    tcase_add_test(tests, a_mean_counts_each_value);
    tcase_add_test(tests, nothing_has_no_quantiles);
    tcase_add_test(tests, the_line_has_every_figure_of_the_contract);
    tcase_add_test(tests, slow_readers_are_a_group_of_their_own);
    tcase_add_test(tests, a_run_that_never_began_is_all_zero);
    tcase_add_test(tests, the_longest_line_fits);
    return suite_run("report", tests);
}
