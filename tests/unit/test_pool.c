#include "server/net/pool.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/suite.h"

#define CAPACITY 5

static struct pool pool;
static struct error error;

static void set_up(void)
{
    ck_assert_int_eq(pool_init(&pool, 20, CAPACITY, &error), RESULT_OK);
}

static void tear_down(void)
{
    pool_deinit(&pool);
}

START_TEST(items_are_apart_and_aligned)
{
    uint8_t *items[CAPACITY];

    for (size_t i = 0; i < CAPACITY; i++) {
        items[i] = pool_take(&pool);
        ck_assert_ptr_nonnull(items[i]);
        ck_assert_uint_eq((uintptr_t)items[i] % 16, 0);
        memset(items[i], (int)i, 20);
    }
    for (size_t i = 0; i < CAPACITY; i++)
        ck_assert_uint_eq(items[i][0] + items[i][19], 2 * i);
}
END_TEST

START_TEST(an_empty_pool_answers_null_until_something_is_given_back)
{
    void *item = NULL;

    for (size_t i = 0; i < CAPACITY; i++)
        item = pool_take(&pool);
    ck_assert_ptr_null(pool_take(&pool));
    ck_assert_uint_eq(pool.taken_count, CAPACITY);
    pool_give(&pool, item);
    ck_assert_ptr_eq(pool_take(&pool), item);
    ck_assert_ptr_null(pool_take(&pool));
}
END_TEST

START_TEST(the_touched_part_is_as_large_as_the_peak_was)
{
    for (size_t round = 0; round < 100; round++) {
        void *first = pool_take(&pool), *second = pool_take(&pool);
        pool_give(&pool, first);
        pool_give(&pool, second);
    }
    ck_assert_uint_eq(pool.touched_count, 2);
    ck_assert_uint_eq(pool.taken_count, 0);
}
END_TEST

START_TEST(what_is_not_an_item_cannot_be_given)
{
    uint8_t *item = pool_take(&pool);
    pool_give(&pool, item + 1);
}
END_TEST

START_TEST(a_generous_pool_costs_nothing_until_it_is_used)
{
    struct pool generous;

    ck_assert_int_eq(pool_init(&generous, 1 << 20, 1 << 14, &error), RESULT_OK);
    ck_assert_ptr_nonnull(pool_take(&generous));
    pool_deinit(&generous);
    pool_deinit(&generous);
}
END_TEST

START_TEST(more_than_there_are_addresses_is_an_error_that_says_how_much)
{
    struct pool huge;

    ck_assert_int_eq(pool_init(&huge, (size_t)1 << 40, (size_t)1 << 20, &error), RESULT_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "1048576 items"));
    pool_deinit(&huge);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pool");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, items_are_apart_and_aligned);
    tcase_add_test(tests, an_empty_pool_answers_null_until_something_is_given_back);
    tcase_add_test(tests, the_touched_part_is_as_large_as_the_peak_was);
    tcase_add_test_raise_signal(tests, what_is_not_an_item_cannot_be_given, SIGABRT);
    tcase_add_test(tests, a_generous_pool_costs_nothing_until_it_is_used);
    tcase_add_test(tests, more_than_there_are_addresses_is_an_error_that_says_how_much);
    return suite_run("pool", tests);
}
