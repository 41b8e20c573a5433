#include "server/ws/deflate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define FRONT 14

static struct deflate_budget budget;
static struct deflate_worker worker;

static void set_up(void)
{
    budget = (struct deflate_budget){.limit_bytes = 1 << 20};
    deflate_worker_init(&worker, &budget);
}

static void tear_down(void)
{
    ck_assert_uint_eq(budget.used_bytes, 0);
    deflate_worker_deinit(&worker);
}

static const struct deflate_terms plain = {
    .is_agreed = true, .server_window_bits = 12, .client_window_bits = 12};
static const struct deflate_terms takeover = {.is_agreed = true,
                                              .server_takes_over = true,
                                              .client_takes_over = true,
                                              .server_window_bits = 12,
                                              .client_window_bits = 12};

/* Something like an update: the same names again and again, other numbers. */
static size_t make_text(char *text, size_t capacity, unsigned seed)
{
    size_t used = 0;
    srand(seed);
    while (used + 40 < capacity)
        used += (size_t)sprintf(text + used, "{\"x\":%d,\"y\":%d,\"kind\":\"craft\"}", rand() % 999,
                                rand() % 999);
    return used;
}

static struct deflate_result compress_text(struct deflate *d, const char *text, size_t length)
{
    struct deflate_result result;

    ck_assert(deflate_is_worthwhile(d, length));
    ck_assert_int_eq(deflate_compress(d, (const uint8_t *)text, length, FRONT, &result), RESULT_OK);
    return result;
}

/* What is sent is what the other side reads: here the same module stands for it. */
static void round_trips(const struct deflate_terms *terms)
{
    struct deflate d;
    struct deflate_result out, back;
    char text[6000];

    ck_assert_int_eq(deflate_open(&d, &worker, terms), RESULT_OK);
    for (unsigned i = 0; i < 20; i++) {
        size_t length = make_text(text, 200 + i * 280, i);
        out = compress_text(&d, text, length);
        ck_assert_uint_lt(out.length_bytes, length);
        memset(out.bytes - FRONT, 0xee, FRONT);
        ck_assert_int_eq(deflate_inflate(&d, out.bytes, out.length_bytes, sizeof text, true, &back),
                         RESULT_OK);
        ck_assert_uint_eq(back.length_bytes, length);
        ck_assert_mem_eq(back.bytes, text, length);
    }
    deflate_close(&d);
}

START_TEST(messages_come_back_without_takeover)
{
    round_trips(&plain);
    ck_assert_uint_eq(budget.used_bytes, 0);
}
END_TEST

START_TEST(messages_come_back_with_takeover)
{
    round_trips(&takeover);
}
END_TEST

START_TEST(a_repeated_message_is_small_only_with_takeover)
{
    struct deflate with, without;
    char text[1000];
    size_t length = make_text(text, sizeof text, 7);

    ck_assert_int_eq(deflate_open(&with, &worker, &takeover), RESULT_OK);
    ck_assert_int_eq(deflate_open(&without, &worker, &plain), RESULT_OK);
    size_t first = compress_text(&with, text, length).length_bytes;
    ck_assert_uint_lt(compress_text(&with, text, length).length_bytes, first / 4);
    first = compress_text(&without, text, length).length_bytes;
    ck_assert_uint_eq(compress_text(&without, text, length).length_bytes, first);
    deflate_close(&with);
    deflate_close(&without);
}
END_TEST

/* One that was never sent is not referred to. */
START_TEST(a_forgotten_message_leaves_no_trace)
{
    struct deflate d, fresh;
    struct deflate_result out, back;
    char text[1000];
    size_t length = make_text(text, sizeof text, 8);

    ck_assert_int_eq(deflate_open(&d, &worker, &takeover), RESULT_OK);
    ck_assert_int_eq(deflate_open(&fresh, &worker, &takeover), RESULT_OK);
    (void)compress_text(&d, text, length);
    deflate_forget(&d);
    out = compress_text(&d, text, length);
    ck_assert_int_eq(deflate_inflate(&fresh, out.bytes, out.length_bytes, 1000, true, &back),
                     RESULT_OK);
    deflate_close(&d);
    deflate_close(&fresh);
}
END_TEST

START_TEST(the_limit_holds_exactly_and_before_it_is_passed)
{
    struct deflate d;
    struct deflate_result out, back;
    static char zeros[4 << 20];
    static uint8_t kept[1 << 16];

    ck_assert_int_eq(deflate_open(&d, &worker, &plain), RESULT_OK);
    out = compress_text(&d, zeros, sizeof zeros);
    ck_assert_uint_lt(out.length_bytes, sizeof kept);
    memcpy(kept, out.bytes, out.length_bytes);
    ck_assert_int_eq(deflate_inflate(&d, kept, out.length_bytes, 4096, false, &back),
                     RESULT_TOO_BIG);
    ck_assert_uint_le(worker.inflated.capacity_bytes, 16384);
    ck_assert_int_eq(deflate_inflate(&d, kept, out.length_bytes, sizeof zeros - 1, false, &back),
                     RESULT_TOO_BIG);
    ck_assert_int_eq(deflate_inflate(&d, kept, out.length_bytes, sizeof zeros, false, &back),
                     RESULT_OK);
    ck_assert_uint_eq(back.length_bytes, sizeof zeros);
    deflate_close(&d);
}
END_TEST

/* RFC 7692 §7.2.3: all of these are "Hello". */
START_TEST(the_examples_of_the_rfc_are_read)
{
    static const struct {
        const char *bytes;
        size_t length;
    } hellos[] = {
        {"\xf2\x48\xcd\xc9\xc9\x07\x00", 7},                          /* §7.2.3.1 */
        {"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11},         /* §7.2.3.3, stored */
        {"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8},                      /* §7.2.3.4, BFINAL */
        {"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13}, /* §7.2.3.5, two blocks */
    };
    struct deflate d;
    struct deflate_result back;

    ck_assert_int_eq(deflate_open(&d, &worker, &plain), RESULT_OK);
    for (size_t i = 0; i < sizeof hellos / sizeof hellos[0]; i++) {
        ck_assert_int_eq(
            deflate_inflate(&d, (const uint8_t *)hellos[i].bytes, hellos[i].length, 5, true, &back),
            RESULT_OK);
        ck_assert_uint_eq(back.length_bytes, 5);
        ck_assert_mem_eq(back.bytes, "Hello", 5);
    }
    deflate_close(&d);

    /* §7.2.3.2: the second refers to the first. */
    ck_assert_int_eq(deflate_open(&d, &worker, &takeover), RESULT_OK);
    ck_assert_int_eq(
        deflate_inflate(&d, (const uint8_t *)hellos[0].bytes, hellos[0].length, 5, true, &back),
        RESULT_OK);
    ck_assert_int_eq(
        deflate_inflate(&d, (const uint8_t *)"\xf2\x00\x11\x00\x00", 5, 5, true, &back), RESULT_OK);
    ck_assert_mem_eq(back.bytes, "Hello", 5);
    deflate_close(&d);
}
END_TEST

START_TEST(what_is_not_deflated_is_invalid)
{
    static const struct {
        const char *bytes;
        size_t length;
    } broken[] = {
        {"", 0},
        {"\xff", 1},
        {"\xf2\x48\xcd\xc9\xc9\x07", 6},                      /* cut */
        {"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff", 11}, /* its end was not left out */
        {"\xf2\x00\x11\x00\x00", 5},                          /* refers to nothing */
        {"Hello", 5},
    };
    struct deflate d;
    struct deflate_result back;

    ck_assert_int_eq(deflate_open(&d, &worker, &plain), RESULT_OK);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        ck_assert_msg(deflate_inflate(&d, (const uint8_t *)broken[i].bytes, broken[i].length, 100,
                                      true, &back) == RESULT_INVALID,
                      "case %zu", i);
    deflate_close(&d);
}
END_TEST

START_TEST(a_text_must_be_utf8_and_bytes_need_not)
{
    struct deflate d;
    struct deflate_result out, back;
    char text[200];
    uint8_t kept[256];

    ck_assert_int_eq(deflate_open(&d, &worker, &plain), RESULT_OK);
    memset(text, 'a', sizeof text);
    text[199] = (char)0xc3; /* half a character */
    out = compress_text(&d, text, sizeof text);
    memcpy(kept, out.bytes, out.length_bytes);
    ck_assert_int_eq(deflate_inflate(&d, kept, out.length_bytes, 200, true, &back), RESULT_INVALID);
    ck_assert_int_eq(deflate_inflate(&d, kept, out.length_bytes, 200, false, &back), RESULT_OK);
    deflate_close(&d);
}
END_TEST

START_TEST(noise_is_sent_as_it_is)
{
    struct deflate d;
    struct deflate_result out;
    uint8_t noise[3000];

    srand(3);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)(rand() >> 7);
    ck_assert_int_eq(deflate_open(&d, &worker, &plain), RESULT_OK);
    ck_assert(!deflate_is_worthwhile(&d, DEFLATE_MESSAGE_BYTES_MIN - 1));
    ck_assert_int_eq(deflate_compress(&d, noise, sizeof noise, FRONT, &out), RESULT_FULL);
    deflate_close(&d);
    ck_assert_int_eq(deflate_open(&d, &worker, &takeover), RESULT_OK);
    ck_assert_int_eq(deflate_compress(&d, noise, sizeof noise, FRONT, &out), RESULT_OK);
    deflate_close(&d);
}
END_TEST

START_TEST(beyond_the_budget_nothing_is_agreed_on)
{
    struct deflate all[64];
    size_t with = 0;

    for (size_t i = 0; i < 64; i++) {
        with += deflate_open(&all[i], &worker, &takeover) == RESULT_OK;
        ck_assert_int_eq(all[i].terms.is_agreed, with == i + 1);
        ck_assert_uint_le(budget.used_bytes, budget.limit_bytes);
    }
    ck_assert_uint_gt(with, 10);
    ck_assert_uint_lt(with, 64);

    struct deflate frugal;
    ck_assert_int_eq(deflate_open(&frugal, &worker, &plain), RESULT_OK);
    deflate_close(&frugal);
    deflate_close(&all[0]);
    ck_assert_int_eq(deflate_open(&all[0], &worker, &takeover), RESULT_OK);
    for (size_t i = 0; i < 64; i++)
        deflate_close(&all[i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("deflate");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, messages_come_back_without_takeover);
    tcase_add_test(tests, messages_come_back_with_takeover);
    tcase_add_test(tests, a_repeated_message_is_small_only_with_takeover);
    tcase_add_test(tests, a_forgotten_message_leaves_no_trace);
    tcase_add_test(tests, the_limit_holds_exactly_and_before_it_is_passed);
    tcase_add_test(tests, the_examples_of_the_rfc_are_read);
    tcase_add_test(tests, what_is_not_deflated_is_invalid);
    tcase_add_test(tests, a_text_must_be_utf8_and_bytes_need_not);
    tcase_add_test(tests, noise_is_sent_as_it_is);
    tcase_add_test(tests, beyond_the_budget_nothing_is_agreed_on);
    return suite_run("deflate", tests);
}
