/* suite.h - runs one module's tests, so that each tests/unit/test_*.c has a main of a few lines.
 *
 * Place:   a main adds its tests to a TCase with Check's own functions (tcase_add_test,
 *          tcase_add_loop_test, tcase_add_test_raise_signal for an ASSERT that must fail, fixtures)
 *          and returns what suite_run() returns. tests/run reads the line of figures it prints.
 */
#ifndef TICKWIRE_TESTS_UNIT_SUITE_H
#define TICKWIRE_TESTS_UNIT_SUITE_H

#include <check.h>

/* Check's own sends its parent a mark for each assertion that holds; of a million they were most of
 * what a test took. Where one crashes is said by the sanitizer. */
#undef ck_assert_msg
#define ck_assert_msg(expr, ...) \
    ((expr) ? (void)0            \
            : _ck_assert_failed(__FILE__, __LINE__, "Assertion '" #expr "' failed", __VA_ARGS__))

/* Runs `tests`, which is handed over, each in a process of its own and for 60 s at most. Prints
 * Check's failures and figures. Returns main's exit code: 0 if there were tests and all passed. */
int suite_run(const char *name, TCase *tests);

#endif
