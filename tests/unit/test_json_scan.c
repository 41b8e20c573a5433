#include "shared/json_scan.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* Scans a copy of exactly that length, so that the sanitizer sees a read beyond it. */
static enum result scan_bytes(const char *text, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);
    memcpy(copy, text, length);
    enum result result = json_scan(copy, length);
    free(copy);
    return result;
}

static enum result scan(const char *text)
{
    return scan_bytes(text, strlen(text));
}

static const char *const valid[] = {
    "{}",
    "[]",
    "0",
    "-0",
    "1.5e+10",
    "1E-2",
    "123456789",
    "-12.034",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    " \t\r\n{ \"a\" : [ 1 , { } , [ ] ] , \"b\" : null } \n",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\uD83D\\ude80\"",
    "\"\xc3\xa4\xf0\x9f\x9a\x80\x7f\"",
    "{\"a\":1,\"a\":2}", /* left to the reader */
    "[[[[[[[[]]]]]]]]",
    "[[[[[[[1]]]]]]]",
    "{\"type\":\"input\",\"seq\":1,\"ack\":2,\"buttons\":3,\"aim\":1.5}",
};

START_TEST(json_passes)
{
    ck_assert_int_eq(scan(valid[_i]), RESULT_OK);
}
END_TEST

static const char *const invalid[] = {
    "",
    " ",
    "{",
    "}",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1]]",
    "[}",
    "{]",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{\"a\":1 \"b\":2}",
    "{\"a\"1}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{\"a\":1}{}",
    "1 2",
    "nul",
    "nulll",
    "True",
    "NaN",
    "Infinity",
    "+1",
    "-",
    "01",
    "-01",
    "1.",
    ".5",
    "1.e3",
    "1e",
    "1e+",
    "1.2.3",
    "0x10",
    "1_000",
    "--1",
    "1-1",
    "\"",
    "\"a",
    "\"\\",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800\\ud800\"",
    "\"\\udc00\"",
    "\"\\uDC00\\uD800\"",
    "\"a\nb\"",
    "\"\x1f\"",
    "\"\xff\"",
    "\"\xc3\"",
    "\"\xc0\x80\"",
    "\"\xed\xa0\x80\"",
    "\xef\xbb\xbf{}", /* a byte order mark is not white space */
    "{} // comment",
    "/**/{}",
    "\v{}",
    "\"\"\"\"",
    "[\"a\":1]",
};

START_TEST(what_is_no_json_is_refused)
{
    ck_assert_msg(scan(invalid[_i]) == RESULT_INVALID, "%s", invalid[_i]);
}
END_TEST

START_TEST(a_nul_is_refused_anywhere)
{
    static const char *const texts[] = {"{}\0", "\0{}", "\"a\0b\"", "[1,\0]", "1\0"};
    static const size_t lengths[] = {3, 3, 5, 5, 2};
    for (int i = 0; i < COUNT(texts); i++) {
        ck_assert_int_eq(scan_bytes(texts[i], lengths[i]), RESULT_INVALID);
    }
}
END_TEST

START_TEST(every_prefix_of_an_object_is_refused)
{
    static const char text[] =
        "{\"a\":[1,-2.5e+3,true,null,{\"b\":\"\\u00e4\\ud83d\\ude80\xc3\xa4\"}],\"c\":{}}";
    for (size_t cut = 0; cut < strlen(text); cut++) {
        ck_assert_int_eq(scan_bytes(text, cut), RESULT_INVALID);
    }
    ck_assert_int_eq(scan(text), RESULT_OK);
}
END_TEST

START_TEST(nine_levels_are_too_many)
{
    ck_assert_int_eq(scan("[[[[[[[[[]]]]]]]]]"), RESULT_TOO_BIG);
    ck_assert_int_eq(scan("[[[[[[[[{\"a\":1}]]]]]]]]"), RESULT_TOO_BIG);
    /* Closing makes room again. */
    ck_assert_int_eq(scan("[[[[[[[[]]]]]]],[[[[[[[]]]]]]]]"), RESULT_OK);
}
END_TEST

START_TEST(a_flood_of_brackets_is_too_deep)
{
    static char text[100000];
    memset(text, '[', sizeof text);
    ck_assert_int_eq(scan_bytes(text, sizeof text), RESULT_TOO_BIG);
}
END_TEST

/* [0,0,…]: the array is one token, each element one. */
static size_t write_array(char *text, unsigned count)
{
    char *at = text;
    *at++ = '[';
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) *at++ = ',';
        *at++ = '0';
    }
    *at++ = ']';
    return (size_t)(at - text);
}

START_TEST(more_than_512_tokens_are_too_many)
{
    static char text[4096];
    ck_assert_int_eq(scan_bytes(text, write_array(text, JSON_TOKENS_MAX - 1)), RESULT_OK);
    ck_assert_int_eq(scan_bytes(text, write_array(text, JSON_TOKENS_MAX)), RESULT_TOO_BIG);
}
END_TEST

START_TEST(a_key_is_a_token)
{
    static char text[16384];
    for (unsigned members = 255; members <= 256; members++) {
        char *at = text;
        *at++ = '{';
        for (unsigned i = 0; i < members; i++) {
            if (i > 0) *at++ = ',';
            memcpy(at, "\"\":0", 4);
            at += 4;
        }
        *at++ = '}';
        ck_assert_int_eq(scan_bytes(text, (size_t)(at - text)),
                         members == 255 ? RESULT_OK : RESULT_TOO_BIG);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("json_scan");

    tcase_add_loop_test(tests, json_passes, 0, COUNT(valid));
    tcase_add_loop_test(tests, what_is_no_json_is_refused, 0, COUNT(invalid));
    tcase_add_test(tests, a_nul_is_refused_anywhere);
    tcase_add_test(tests, every_prefix_of_an_object_is_refused);
    tcase_add_test(tests, nine_levels_are_too_many);
    tcase_add_test(tests, a_flood_of_brackets_is_too_deep);
    tcase_add_test(tests, more_than_512_tokens_are_too_many);
    tcase_add_test(tests, a_key_is_a_token);
    return suite_run("json_scan", tests);
}
