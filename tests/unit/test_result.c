#include "shared/result.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(every_result_has_a_name)
{
    ck_assert_str_ne(result_name((enum result)_i), "");
}
END_TEST

START_TEST(names_differ)
{
    for (int i = 0; i < RESULT_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            ck_assert_str_ne(result_name((enum result)i), result_name((enum result)j));
        }
    }
}
END_TEST

START_TEST(ok_is_zero_so_that_a_zeroed_error_is_none)
{
    struct error error;

    memset(&error, 0, sizeof error);
    ck_assert_str_eq(result_name(error.code), "ok");
}
END_TEST

START_TEST(an_unknown_result_is_a_bug)
{
    result_name(RESULT_COUNT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("result");

    tcase_add_loop_test(tests, every_result_has_a_name, 0, RESULT_COUNT);
    tcase_add_test(tests, names_differ);
    tcase_add_test(tests, ok_is_zero_so_that_a_zeroed_error_is_none);
    tcase_add_test_raise_signal(tests, an_unknown_result_is_a_bug, SIGABRT);
    return suite_run("result", tests);
}
