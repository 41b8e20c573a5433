#include "shared/rng.h"

#include <signal.h>

#include "tests/unit/suite.h"

START_TEST(the_generator_is_the_published_one)
{
    /* By the algorithm's definition, from the state 1, 2, 3, 4: rotl(2 * 5, 7) * 9, and so on. */
    struct rng r = {.words = {1, 2, 3, 4}};
    ck_assert_uint_eq(rng_next(&r), 11520);
    ck_assert_uint_eq(r.words[0], 7);
    ck_assert_uint_eq(r.words[1], 0);
    ck_assert_uint_eq(r.words[2], 1026);
    ck_assert_uint_eq(r.words[3], 12288);
    ck_assert_uint_eq(rng_next(&r), 0);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_stream)
{
    struct rng one, other;
    rng_init(&one, 42);
    rng_init(&other, 42);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(rng_next(&one), rng_next(&other));
}
END_TEST

START_TEST(neighbouring_seeds_give_unrelated_streams)
{
    struct rng one, other;
    rng_init(&one, 1);
    rng_init(&other, 2);
    int equal_bits = 0;
    for (int i = 0; i < 1000; i++)
        equal_bits += 32 - __builtin_popcount(rng_next(&one) ^ rng_next(&other));
    ck_assert_int_gt(equal_bits, 15500);
    ck_assert_int_lt(equal_bits, 16500);
}
END_TEST

START_TEST(a_state_is_never_all_zero)
{
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct rng r;
        rng_init(&r, seed);
        ck_assert_uint_ne(r.words[0] | r.words[1] | r.words[2] | r.words[3], 0);
    }
}
END_TEST

START_TEST(below_stays_below_and_is_even)
{
    struct rng r;
    int counts[10] = {0};
    rng_init(&r, 3);
    for (int i = 0; i < 100000; i++) {
        uint32_t number = rng_below(&r, 10);
        ck_assert_uint_lt(number, 10);
        counts[number]++;
    }
    for (int i = 0; i < 10; i++) {
        ck_assert_int_gt(counts[i], 9500);
        ck_assert_int_lt(counts[i], 10500);
    }
    ck_assert_uint_eq(rng_below(&r, 1), 0);
}
END_TEST

START_TEST(below_zero_is_a_bug)
{
    struct rng r;
    rng_init(&r, 3);
    rng_below(&r, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("rng");

    tcase_add_test(tests, the_generator_is_the_published_one);
    tcase_add_test(tests, the_same_seed_gives_the_same_stream);
    tcase_add_test(tests, neighbouring_seeds_give_unrelated_streams);
    tcase_add_test(tests, a_state_is_never_all_zero);
    tcase_add_test(tests, below_stays_below_and_is_even);
    tcase_add_test_raise_signal(tests, below_zero_is_a_bug, SIGABRT);
    return suite_run("rng", tests);
}
