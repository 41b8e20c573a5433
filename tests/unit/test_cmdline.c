#include "client/sdl/cmdline.h"

#include <string.h>

#include "tests/unit/suite.h"

#define ARGUMENTS_MAX 24

static struct cmdline options;
static struct error error;

/* Parses the words of `line`, which are parted by single spaces; "" for none. */
static enum result parse(const char *line)
{
    static char copy[256];
    char *argv[ARGUMENTS_MAX] = {"tickwire-client"};
    int argc = 1;

    memset(&error, 0, sizeof error);
    ck_assert_uint_lt(strlen(line), sizeof copy);
    strcpy(copy, line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return cmdline_parse(&options, argc, argv, &error);
}

START_TEST(without_flags_it_is_the_own_computer)
{
    ck_assert_int_eq(parse(""), RESULT_OK);
    ck_assert_str_eq(options.url.authority, "localhost:8080");
    ck_assert_str_eq(options.url.path, "/ws/updates");
    ck_assert(!options.url.is_secure && !options.is_headless && !options.has_replay);
    ck_assert(options.name == NULL && options.settings == NULL && !options.has_url);
}
END_TEST

START_TEST(flags_are_taken)
{
    ck_assert_int_eq(parse("--url wss://h/ws/updates --cafile ca.crt --name Ada --colour 12"),
                     RESULT_OK);
    ck_assert(options.has_colour);
    ck_assert_uint_eq(options.colour, 12);
    ck_assert(options.url.is_secure);
    ck_assert_str_eq(options.url.host, "h");
    ck_assert(options.has_url);
    ck_assert_str_eq(options.ca_file, "ca.crt");
    ck_assert_str_eq(options.name, "Ada");
    ck_assert_int_eq(parse("--headless --seconds 2.5 --screenshot a.png --hold W --hold Space"),
                     RESULT_OK);
    ck_assert(options.is_headless);
    ck_assert_uint_eq(options.headless_ms, 2500);
    ck_assert_str_eq(options.screenshot, "a.png");
    ck_assert_uint_eq(options.hold_count, 2);
    ck_assert_str_eq(options.holds[1], "Space");
    ck_assert_int_eq(parse("--settings s.json"), RESULT_OK);
    ck_assert_str_eq(options.settings, "s.json");
    ck_assert_int_eq(parse("--help"), RESULT_OK);
    ck_assert(options.wants_help);
}
END_TEST

START_TEST(a_replay_may_name_a_tick)
{
    ck_assert_int_eq(parse("--replay match.db"), RESULT_OK);
    ck_assert(options.has_replay);
    ck_assert_str_eq(options.replay_file, "match.db");
    ck_assert_uint_eq(options.replay_tick, 0);
    ck_assert_int_eq(parse("--replay match.db@1234"), RESULT_OK);
    ck_assert_str_eq(options.replay_file, "match.db");
    ck_assert_uint_eq(options.replay_tick, 1234);
}
END_TEST

START_TEST(an_at_that_is_part_of_the_name_stays_there)
{
    ck_assert_int_eq(parse("--replay me@home.db"), RESULT_OK);
    ck_assert_str_eq(options.replay_file, "me@home.db");
    ck_assert_int_eq(parse("--replay me@home.db@7"), RESULT_OK);
    ck_assert_str_eq(options.replay_file, "me@home.db");
    ck_assert_uint_eq(options.replay_tick, 7);
    ck_assert_int_eq(parse("--replay match@"), RESULT_OK);
    ck_assert_str_eq(options.replay_file, "match@");
}
END_TEST

START_TEST(bad_usage_names_the_flag)
{
    static const struct {
        const char *line, *names;
    } cases[] = {
        {"--nonsense", "--nonsense"},
        {"file", "file"},
        {"--url", "--url"},
        {"--url http://h/", "--url"},
        {"--name aaaaaaaaaaaaaaaaaaaaaaaaa", "--name"},
        {"--name a\x01", "--name"},
        {"--name \xff", "--name"},
        {"--colour 13", "--colour"},
        {"--colour -1", "--colour"},
        {"--colour red", "--colour"},
        {"--replay @5", "--replay"},
        {"--replay a@4294967296", "--replay"},
        {"--headless --seconds 0", "--seconds"},
        {"--headless --seconds -1", "--seconds"},
        {"--headless --seconds nan", "--seconds"},
        {"--headless --seconds 1s", "--seconds"},
        {"--headless --seconds 1e9", "--seconds"},
        {"--seconds 1", "--seconds"},
        {"--screenshot a.png", "--screenshot"},
        {"--hold W", "--hold"},
        {"--say hi", "--say"},
        {"--headless --hold a --hold a --hold a --hold a --hold a --hold a --hold a --hold a --hold a",
         "--hold"},
    };

    ck_assert_int_eq(_i < 22, _i < (int)(sizeof cases / sizeof cases[0]));
    ck_assert_int_eq(parse(cases[_i].line), RESULT_INVALID);
    ck_assert_int_eq(strncmp(error.message, cases[_i].names, strlen(cases[_i].names)), 0);
}
END_TEST

START_TEST(help_lists_every_flag_of_the_contract)
{
    static const char *const names[] = {"--url",        "--cafile",   "--name",
                                        "--replay",     "--headless", "--seconds",
                                        "--screenshot", "--help",     "--version"};
    char text[8192] = "";
    FILE *out = fmemopen(text, sizeof text - 1, "w");

    ck_assert_ptr_nonnull(out);
    cmdline_print_help(out);
    ck_assert_int_eq(fclose(out), 0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ck_assert_msg(strstr(text, names[i]) != NULL, "%s", names[i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("cmdline");

    tcase_add_test(tests, without_flags_it_is_the_own_computer);
    tcase_add_test(tests, flags_are_taken);
    tcase_add_test(tests, a_replay_may_name_a_tick);
    tcase_add_test(tests, an_at_that_is_part_of_the_name_stays_there);
    tcase_add_loop_test(tests, bad_usage_names_the_flag, 0, 22);
    tcase_add_test(tests, help_lists_every_flag_of_the_contract);
    return suite_run("cmdline", tests);
}
