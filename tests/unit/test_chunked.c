#include "server/http/chunked.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

/* Decodes a copy in steps; answers the result, and the body and what was consumed of the text. */
static enum result decode(const char *text, size_t step, char *body, size_t *consumed)
{
    struct chunked c = {0};
    size_t length = strlen(text), body_bytes = 0;
    enum result r = RESULT_AGAIN;

    *consumed = 0;
    while (r == RESULT_AGAIN && *consumed < length) {
        size_t here = length - *consumed < step ? length - *consumed : step;
        uint8_t *copy = malloc(here);
        struct chunked_taken taken;
        memcpy(copy, text + *consumed, here);
        r = chunked_decode(&c, copy, here, &taken);
        ck_assert_uint_le(taken.consumed_bytes, here);
        ck_assert_uint_le(taken.body_bytes, taken.consumed_bytes);
        if (r == RESULT_AGAIN) ck_assert_uint_eq(taken.consumed_bytes, here);
        memcpy(body + body_bytes, copy, taken.body_bytes);
        body_bytes += taken.body_bytes;
        *consumed += taken.consumed_bytes;
        free(copy);
    }
    body[body_bytes] = '\0';
    return r;
}

static const struct good {
    const char *text, *body, *rest;
} good[] = {
    {"0\r\n\r\n", "", ""},
    {"5\r\nhello\r\n0\r\n\r\n", "hello", ""},
    {"1\r\na\r\n2\r\nbc\r\n0\r\n\r\nGET /", "abc", "GET /"},
    {"00000003\r\n\r\n\r\r\n0\r\n\r\n", "\r\n\r", ""},
    {"A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n", "01234567890123456789", ""},
};

START_TEST(chunks_come_together_whatever_their_pieces)
{
    for (size_t step = 1; step <= 64; step++) {
        char body[64];
        size_t consumed;
        ck_assert_int_eq(decode(good[_i].text, step, body, &consumed), RESULT_OK);
        ck_assert_str_eq(body, good[_i].body);
        ck_assert_str_eq(good[_i].text + consumed, good[_i].rest);
    }
}
END_TEST

START_TEST(a_body_that_goes_on_asks_for_more)
{
    static const char text[] = "5\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n";
    char part[sizeof text], body[64];
    size_t consumed;

    for (size_t length = 1; length + 1 < sizeof text; length++) {
        memcpy(part, text, length);
        part[length] = '\0';
        ck_assert_int_eq(decode(part, length, body, &consumed), RESULT_AGAIN);
        ck_assert_uint_eq(consumed, length);
    }
}
END_TEST

static const char *const bad[] = {
    "\r\n",
    "x\r\n",
    " 1\r\na\r\n",
    "+1\r\na\r\n",
    "0x1\r\na\r\n",
    "1 \r\na\r\n",
    "1;a=b\r\na\r\n",
    "1\na\r\n",
    "1\r\r\na\r\n",
    "1\r\nab\r\n",
    "1\r\na\n0\r\n\r\n",
    "000000001\r\na\r\n",
    "fffffffff\r\n",
    "0\r\nTrailer: a\r\n\r\n",
    "0\r\n\n",
    "0\r\n\r\r",
};

START_TEST(what_two_readers_could_understand_differently_is_refused)
{
    for (size_t step = 1; step <= 32; step++) {
        char body[64];
        size_t consumed;
        ck_assert_int_eq(decode(bad[_i], step, body, &consumed), RESULT_INVALID);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("chunked");

    tcase_add_loop_test(tests, chunks_come_together_whatever_their_pieces, 0,
                        sizeof good / sizeof good[0]);
    tcase_add_test(tests, a_body_that_goes_on_asks_for_more);
    tcase_add_loop_test(tests, what_two_readers_could_understand_differently_is_refused, 0,
                        sizeof bad / sizeof bad[0]);
    return suite_run("chunked", tests);
}
