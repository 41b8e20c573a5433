#include "shared/marks.h"

#include <stdbool.h>

#include "shared/rng.h"
#include "tests/unit/suite.h"

#define CAPACITY_MAX 300

/* Check notes every assertion in a file: one for a whole set. */
static bool walks_like(const uint64_t *words, const bool *is_in, uint32_t capacity)
{
    uint32_t found = MARKS_NONE;
    for (uint32_t from = capacity + 1; from-- > 0;) {
        if (from < capacity && is_in[from]) found = from;
        if (marks_next(words, capacity, from) != found) return false;
    }
    found = MARKS_NONE;
    for (uint32_t end = 0; end <= capacity; end++) {
        if (marks_before(words, end) != found) return false;
        if (end < capacity && is_in[end]) found = end;
    }
    return true;
}

START_TEST(walks_find_all_that_is_in_and_nothing_else)
{
    const uint32_t capacities[] = {1, 5, 63, 64, 65, 128, CAPACITY_MAX};
    struct rng rng;
    rng_init(&rng, 1);
    for (unsigned c = 0; c < sizeof capacities / sizeof capacities[0]; c++) {
        uint32_t capacity = capacities[c];
        uint64_t words[MARKS_WORDS(CAPACITY_MAX)] = {0};
        bool is_in[CAPACITY_MAX] = {false};
        ck_assert(walks_like(words, is_in, capacity));
        for (int change = 0; change < 100; change++) {
            uint32_t number = change == 0 ? capacity - 1 : rng_below(&rng, capacity);
            is_in[number] = change == 0 || rng_below(&rng, 3) > 0;
            if (is_in[number]) {
                marks_put(words, number);
            } else {
                marks_take(words, number);
            }
            ck_assert(walks_like(words, is_in, capacity));
        }
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("marks");
    tcase_add_test(tests, walks_find_all_that_is_in_and_nothing_else);
    return suite_run("marks", tests);
}
