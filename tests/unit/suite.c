#include "tests/unit/suite.h"

#include <stdio.h>
#include <stdlib.h>

#define TEST_TIMEOUT_S 60

int suite_run(const char *name, TCase *tests)
{
    Suite *suite = suite_create(name);
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tests, TEST_TIMEOUT_S);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);

    int run_count = srunner_ntests_run(runner);
    int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);

    /* A mistyped CK_RUN_CASE selects nothing, which Check takes for success. */
    if (run_count == 0) fprintf(stderr, "%s: no test ran\n", name);
    return run_count > 0 && failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
