#include "shared/host/log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/suite.h"

#define FORMAT(line, ...)                                                                       \
    log_format((line), sizeof(line), LOG_INFO, "test", (const struct log_field[]){__VA_ARGS__}, \
               sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

static void assert_line(const char *line, size_t length, const char *expected)
{
    ck_assert_uint_eq(length, strlen(expected));
    ck_assert_mem_eq(line, expected, length);
}

START_TEST(plain_values_stand_bare)
{
    char line[256];
    size_t length = FORMAT(line, LOG_TEXT("name", "Ada"), LOG_INT("age", -36));
    assert_line(line, length, "level=info event=test name=Ada age=-36\n");
}
END_TEST

START_TEST(what_could_end_a_value_is_quoted_or_escaped)
{
    char line[256];
    size_t length = FORMAT(line, LOG_TEXT("a", "x y"), LOG_TEXT("b", ""), LOG_TEXT("c", "k=v"),
                           LOG_TEXT("d", "\"\\"), LOG_TEXT("e", NULL));
    assert_line(line, length,
                "level=info event=test a=\"x y\" b=\"\" c=\"k=v\" d=\"\\x22\\x5c\" e=-\n");
}
END_TEST

START_TEST(no_byte_that_is_no_printable_ascii_stays_raw)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t value = (uint8_t)byte;
        char line[256], escape[8];
        size_t length = FORMAT(line, LOG_BYTES("v", &value, 1));

        for (size_t i = 0; i + 1 < length; i++)
            ck_assert(line[i] >= ' ' && line[i] <= '~');
        ck_assert_int_eq(line[length - 1], '\n');
        if (byte >= ' ' && byte <= '~') continue;
        line[length] = '\0';
        (void)snprintf(escape, sizeof escape, "\\x%02x", byte);
        ck_assert_ptr_nonnull(strstr(line, escape));
    }
}
END_TEST

START_TEST(long_values_and_long_lines_are_cut)
{
    char line[300], small[40], text[1000];

    memset(text, '\n', sizeof text);
    size_t length = FORMAT(line, LOG_BYTES("v", text, sizeof text), LOG_INT("n", 1));
    ck_assert_uint_le(length, sizeof line);
    ck_assert_int_eq(line[length - 1], '\n');
    memset(text, 'a', sizeof text);
    char wide[400];
    length = FORMAT(wide, LOG_BYTES("v", text, sizeof text));
    wide[length] = '\0';
    ck_assert_ptr_nonnull(strstr(wide, "aaa...\n"));
    length = FORMAT(small, LOG_TEXT("v", "0123456789012345678901234567890"));
    ck_assert_uint_eq(length, sizeof small);
    ck_assert_int_eq(small[sizeof small - 1], '\n');
}
END_TEST

START_TEST(one_event_has_a_budget_each_second)
{
    struct log log;
    int ends[2];
    char text[65536];
    size_t lines = 0;

    ck_assert_int_eq(pipe(ends), 0);
    log_init(&log, ends[1], LOG_INFO);
    for (int i = 0; i < 200; i++)
        log_event(&log, LOG_INFO, "storm", LOG_INT("i", i));
    log_event(&log, LOG_INFO, "calm", LOG_INT("i", 0));
    log_event(&log, LOG_DEBUG, "hidden", LOG_INT("i", 0));
    close(ends[1]);
    ssize_t length = read(ends[0], text, sizeof text - 1);
    ck_assert_int_gt(length, 0);
    text[length] = '\0';
    for (const char *c = text; (c = strchr(c, '\n')) != NULL; c++)
        lines++;
    /* The storm may have met the change of a second. */
    ck_assert_uint_le(lines, 2 * LOG_EVENTS_PER_S_MAX + 1);
    ck_assert_ptr_nonnull(strstr(text, "event=calm"));
    ck_assert_ptr_null(strstr(text, "event=hidden"));
    close(ends[0]);
}
END_TEST

START_TEST(levels_have_names)
{
    enum log_level level;

    ck_assert(log_level_from_text(&level, "warning"));
    ck_assert_int_eq(level, LOG_WARNING);
    ck_assert(!log_level_from_text(&level, "loud"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("log");

    tcase_add_test(tests, plain_values_stand_bare);
    tcase_add_test(tests, what_could_end_a_value_is_quoted_or_escaped);
    tcase_add_test(tests, no_byte_that_is_no_printable_ascii_stays_raw);
    tcase_add_test(tests, long_values_and_long_lines_are_cut);
    tcase_add_test(tests, one_event_has_a_budget_each_second);
    tcase_add_test(tests, levels_have_names);
    return suite_run("log", tests);
}
