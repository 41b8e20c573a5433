#include "tools/netsim/script.h"

#include <string.h>

#include "tests/unit/suite.h"

static const struct narrow_settings link = {.buffer_bytes = 65536, .delay_us = 5000};
static struct script script;
static struct error error;

START_TEST(steps_change_what_they_name)
{
    struct narrow_settings s = link;
    const char *text = "# a lift\n"
                       "0    rate 12000 delay-ms 30\n"
                       "\n"
                       "10\tstop-ms 3000   # down\n"
                       "12.5 rate 0 buffer 1000";
    ck_assert_int_eq(script_parse(&script, text, &link, &error), RESULT_OK);
    ck_assert_uint_eq(script.count, 3);
    ck_assert_uint_eq(script.steps[1].at_us, 10000000);
    ck_assert_uint_eq(script.steps[2].at_us, 12500000);
    script_apply(&script.steps[0], &s, 77);
    ck_assert_uint_eq(s.rate_bytes_per_s, 12000);
    ck_assert_uint_eq(s.delay_us, 30000);
    ck_assert_uint_eq(s.buffer_bytes, 65536);
    ck_assert_uint_eq(s.stop_until_us, 0);
    script_apply(&script.steps[1], &s, 77);
    ck_assert_uint_eq(s.stop_until_us, 3000077);
    script_apply(&script.steps[2], &s, 78);
    ck_assert_uint_eq(s.rate_bytes_per_s, 0);
    ck_assert_uint_eq(s.delay_us, 30000);
    ck_assert_uint_eq(s.stop_until_us, 3000077);
}
END_TEST

static const struct {
    const char *text, *sentence;
} wrong[] = {
    {"0 rate", "line 1: rate: a value is missing"},
    {"0 rate 1x", "line 1: rate 1x: expected a number from 0 to 1000000000"},
    {"\n0 speed 3", "line 2: speed: no such setting"},
    {"x rate 3", "line 1: x: expected seconds from 0 to 86400"},
    {"-1 rate 3", "line 1: -1: expected seconds from 0 to 86400"},
    {"5 rate 3\n4 rate 5", "line 2: its time is before that of the step above"},
    {"0 buffer 0", "line 1: buffer 0: expected at least 1"},
    {"0 stall-ms 5", "line 1: stall-ms: must be less than stall-every-ms"},
    {"0 stop-ms -5", "line 1: stop-ms -5: expected a number from 0 to 3600000"},
    {"0 rate 1 rate 1 rate 1 rate 1 rate 1 rate 1 rate 1 rate 1 rate 1",
     "line 1: too many settings"},
};

START_TEST(a_wrong_step_is_named)
{
    ck_assert_int_eq(script_parse(&script, wrong[_i].text, &link, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, wrong[_i].sentence);
}
END_TEST

START_TEST(too_many_steps_and_too_long_lines_are_refused)
{
    static char text[8192];
    for (int i = 0; i <= SCRIPT_STEPS_MAX; i++)
        strcat(text, "1 rate 5\n");
    ck_assert_int_eq(script_parse(&script, text, &link, &error), RESULT_INVALID);
    memset(text, ' ', 300);
    ck_assert_int_eq(script_parse(&script, text, &link, &error), RESULT_INVALID);
    ck_assert_str_eq(error.message, "line 1: too long");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("script");

    tcase_add_test(tests, steps_change_what_they_name);
    tcase_add_loop_test(tests, a_wrong_step_is_named, 0, sizeof wrong / sizeof wrong[0]);
    tcase_add_test(tests, too_many_steps_and_too_long_lines_are_refused);
    return suite_run("script", tests);
}
