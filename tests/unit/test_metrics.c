#include "server/ops/metrics.h"

#include <string.h>

#include "tests/unit/suite.h"

static struct metrics first, second;
static struct metrics_registry registry;
static char text[65536];

static void set_up(void)
{
    metrics_register(&registry, &first);
    metrics_register(&registry, &second);
}

static void write_text(void)
{
    size_t length = metrics_write(&registry, text, sizeof text - 1);
    ck_assert_uint_lt(length, 32768);
    text[length] = '\0';
}

START_TEST(parts_are_added_up)
{
    metrics_add(&first, METRIC_TICKS, 2);
    metrics_add(&second, METRIC_TICKS, 3);
    ck_assert_uint_eq(metrics_total(&registry, METRIC_TICKS), 5);
    write_text();
    ck_assert_ptr_nonnull(strstr(text, "\ntickwire_ticks_total 5\n"));
    metrics_remove(&registry, &first);
    ck_assert_uint_eq(metrics_total(&registry, METRIC_TICKS), 3);
}
END_TEST

START_TEST(a_gauge_is_what_came_less_what_went)
{
    metrics_add(&first, METRIC_WS_OPENED, 5);
    metrics_add(&second, METRIC_WS_CLOSED, 2);
    write_text();
    ck_assert_ptr_nonnull(strstr(text, "\ntickwire_websockets 3\n"));
}
END_TEST

START_TEST(a_histogram_counts_up_to_each_bound)
{
    metrics_observe_us(&first, HISTOGRAM_TICK_DURATION, 50);
    metrics_observe_us(&second, HISTOGRAM_TICK_DURATION, 51);
    metrics_observe_us(&second, HISTOGRAM_TICK_DURATION, 90000000);
    write_text();
    ck_assert_ptr_nonnull(
        strstr(text, "tickwire_tick_duration_seconds_bucket{le=\"0.00005\"} 1\n"));
    ck_assert_ptr_nonnull(strstr(text, "tickwire_tick_duration_seconds_bucket{le=\"0.0001\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(text, "tickwire_tick_duration_seconds_bucket{le=\"+Inf\"} 3\n"));
    ck_assert_ptr_nonnull(strstr(text, "tickwire_tick_duration_seconds_sum 90.000101\n"));
    ck_assert_ptr_nonnull(strstr(text, "tickwire_tick_duration_seconds_count 3\n"));
}
END_TEST

START_TEST(a_family_is_described_once)
{
    write_text();
    const char *first_line = strstr(text, "# TYPE tickwire_http_responses_total ");
    ck_assert_ptr_nonnull(first_line);
    ck_assert_ptr_null(strstr(first_line + 1, "# TYPE tickwire_http_responses_total "));
}
END_TEST

START_TEST(text_that_does_not_fit_ends_at_a_line)
{
    char small[300];
    size_t length = metrics_write(&registry, small, sizeof small);

    ck_assert_uint_lt(length, sizeof small);
    ck_assert_int_eq(small[length - 1], '\n');
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("metrics");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, parts_are_added_up);
    tcase_add_test(tests, a_gauge_is_what_came_less_what_went);
    tcase_add_test(tests, a_histogram_counts_up_to_each_bound);
    tcase_add_test(tests, a_family_is_described_once);
    tcase_add_test(tests, text_that_does_not_fit_ends_at_a_line);
    return suite_run("metrics", tests);
}
