#include "shared/code.h"

#include <signal.h>
#include <string.h>

#include "shared/rng.h"
#include "tests/unit/suite.h"

static struct code code;
static struct rng rng;
static uint8_t bytes[4096];

static void set_up(void)
{
    rng_init(&rng, 1);
}

/* Weights of every kind: even, steep, with symbols that never occur. */
static unsigned any_weights(uint32_t weights[CODE_SYMBOLS_MAX])
{
    unsigned count = 2 + rng_below(&rng, CODE_SYMBOLS_MAX - 1);
    for (unsigned i = 0; i < count; i++) {
        weights[i] = rng_next(&rng) >> rng_below(&rng, 32);
        if (rng_below(&rng, 4) == 0) weights[i] = 0;
    }
    weights[0] = 1 + weights[0] / 2;
    weights[count - 1] = 1 + weights[count - 1] / 2;
    return count;
}

START_TEST(words_are_numbered_as_in_rfc_1951)
{
    const uint8_t lengths[] = {3, 3, 3, 3, 3, 2, 4, 4}; /* its example */
    const unsigned words[] = {2, 3, 4, 5, 6, 0, 14, 15};
    ck_assert_int_eq(code_init(&code, lengths, 8), RESULT_OK);
    for (unsigned symbol = 0; symbol < 8; symbol++) {
        struct bits_writer w;
        bits_writer_init(&w, bytes, sizeof bytes);
        code_put(&w, &code, symbol);
        ck_assert_uint_eq(bits_used(&w), lengths[symbol]);
        ck_assert_uint_gt(bits_finish(&w), 0);
        for (unsigned i = 0; i < lengths[symbol]; i++)
            ck_assert_uint_eq(bytes[0] >> i & 1, words[symbol] >> (lengths[symbol] - 1 - i) & 1);
    }
}
END_TEST

START_TEST(what_is_put_comes_back)
{
    for (unsigned round = 0; round < 500; round++) {
        uint32_t weights[CODE_SYMBOLS_MAX];
        uint8_t lengths[CODE_SYMBOLS_MAX];
        unsigned count = any_weights(weights), sent[300];
        struct bits_writer w;
        struct bits_reader r;
        code_fit(lengths, weights, count);
        ck_assert_int_eq(code_init(&code, lengths, count), RESULT_OK);
        bits_writer_init(&w, bytes, sizeof bytes);
        for (unsigned i = 0; i < 300; i++) {
            do
                sent[i] = rng_below(&rng, count);
            while (weights[sent[i]] == 0);
            code_put(&w, &code, sent[i]);
        }
        bits_reader_init(&r, bytes, bits_finish(&w));
        for (unsigned i = 0; i < 300; i++)
            ck_assert_uint_eq(code_get(&r, &code), sent[i]);
        ck_assert(bits_is_exact_end(&r));
    }
}
END_TEST

/* As good as Huffman's: no sum of lengths is smaller, where the limit does not bind. */
START_TEST(frequent_symbols_have_short_words)
{
    const uint32_t weights[] = {45, 13, 12, 16, 9, 5, 0};
    const uint8_t expected[] = {1, 3, 3, 3, 4, 4, 0};
    uint8_t lengths[7];
    code_fit(lengths, weights, 7);
    ck_assert_mem_eq(lengths, expected, 7);
}
END_TEST

START_TEST(no_word_is_too_long)
{
    uint32_t weights[CODE_SYMBOLS_MAX];
    uint8_t lengths[CODE_SYMBOLS_MAX];
    for (unsigned i = 0; i < CODE_SYMBOLS_MAX; i++)
        weights[i] = 1u << i % 32;
    code_fit(lengths, weights, CODE_SYMBOLS_MAX);
    ck_assert_int_eq(code_init(&code, lengths, CODE_SYMBOLS_MAX), RESULT_OK);
}
END_TEST

START_TEST(what_is_no_whole_code_is_refused)
{
    const uint8_t too_many[] = {1, 1, 1}, too_few[] = {2, 2, 2}, none[] = {0, 0};
    const uint8_t too_long[] = {1, 13, 13}, one[] = {1};
    ck_assert_int_eq(code_init(&code, too_many, 3), RESULT_INVALID);
    ck_assert_int_eq(code_init(&code, too_few, 3), RESULT_INVALID);
    ck_assert_int_eq(code_init(&code, none, 2), RESULT_INVALID);
    ck_assert_int_eq(code_init(&code, too_long, 3), RESULT_INVALID);
    ck_assert_int_eq(code_init(&code, one, 1), RESULT_INVALID);
    ck_assert_int_eq(code_init(&code, bytes, CODE_SYMBOLS_MAX + 1), RESULT_INVALID);
}
END_TEST

START_TEST(a_word_cut_off_is_noticed)
{
    uint32_t weights[CODE_SYMBOLS_MAX];
    uint8_t lengths[CODE_SYMBOLS_MAX];
    for (unsigned i = 0; i < 40; i++)
        weights[i] = 1u << i / 2;
    code_fit(lengths, weights, 40);
    ck_assert_int_eq(code_init(&code, lengths, 40), RESULT_OK);
    for (unsigned symbol = 0; symbol < 40; symbol++) {
        struct bits_writer w;
        struct bits_reader r;
        bits_writer_init(&w, bytes, sizeof bytes);
        code_put(&w, &code, symbol);
        size_t length_bytes = bits_finish(&w);
        bits_reader_init(&r, bytes, length_bytes);
        r.used_bits = 0, r.length_bits = lengths[symbol] - 1u;
        (void)code_get(&r, &code);
        ck_assert(r.overflow || r.used_bits < lengths[symbol]);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("code");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, words_are_numbered_as_in_rfc_1951);
    tcase_add_test(tests, what_is_put_comes_back);
    tcase_add_test(tests, frequent_symbols_have_short_words);
    tcase_add_test(tests, no_word_is_too_long);
    tcase_add_test(tests, what_is_no_whole_code_is_refused);
    tcase_add_test(tests, a_word_cut_off_is_noticed);
    return suite_run("code", tests);
}
