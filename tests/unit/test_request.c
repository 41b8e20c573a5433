#include "server/http/request.h"

#include <string.h>

#include "tests/unit/suite.h"

/* Finds and parses; the HTTP status that refuses it, or 0. */
static unsigned parse(struct http_request *request, const char *text)
{
    struct http_scan scan = {0};
    unsigned status = 0;
    size_t head_bytes;

    enum result r =
        http_head_find(&scan, (const uint8_t *)text, strlen(text), 8192, &head_bytes, &status);
    if (r == RESULT_AGAIN) return 1;
    if (r == RESULT_OK) r = http_request_parse(request, text, head_bytes, &status);
    ck_assert_int_eq(r == RESULT_OK, status == 0);
    return status;
}

static void assert_text(struct http_text text, const char *expected)
{
    ck_assert_msg(http_text_is(text, expected), "%.*s is not %s", (int)text.length,
                  text.chars != NULL ? text.chars : "", expected);
}

#define UPGRADE                                                   \
    "GET /ws/updates?room=a%20b&name=x+y&spectate=1 HTTP/1.1\r\n" \
    "Host: game.example.com:8080\r\n"                             \
    "Connection: keep-alive, Upgrade\r\n"                         \
    "X-List: one\r\nx-list:\t two \r\n\r\n"

START_TEST(a_request_falls_into_its_parts)
{
    struct http_request request;
    size_t index = 0;

    ck_assert_uint_eq(parse(&request, UPGRADE), 0);
    ck_assert_int_eq(request.method, HTTP_GET);
    assert_text(request.path, "/ws/updates");
    assert_text(request.query, "room=a%20b&name=x+y&spectate=1");
    assert_text(request.host, "game.example.com:8080");
    ck_assert(request.keep_alive);
    ck_assert_uint_eq(request.content_bytes, 0);
    assert_text(http_request_header(&request, "connection"), "keep-alive, Upgrade");
    assert_text(http_request_header_next(&request, "x-list", &index), "one");
    assert_text(http_request_header_next(&request, "x-list", &index), "two");
    ck_assert_ptr_null(http_request_header_next(&request, "x-list", &index).chars);
    ck_assert_ptr_null(http_request_header(&request, "x-list").chars);
    ck_assert_ptr_null(http_request_header(&request, "x-none").chars);
}
END_TEST

START_TEST(the_query_is_decoded_once)
{
    struct http_request request;
    char value[16];

    ck_assert_uint_eq(parse(&request, UPGRADE), 0);
    ck_assert_int_eq(http_request_query(&request, "room", value, sizeof value), RESULT_OK);
    ck_assert_str_eq(value, "a b");
    ck_assert_int_eq(http_request_query(&request, "name", value, sizeof value), RESULT_OK);
    ck_assert_str_eq(value, "x y");
    ck_assert_int_eq(http_request_query(&request, "nam", value, sizeof value), RESULT_OK);
    ck_assert_str_eq(value, "");
    ck_assert_int_eq(http_request_query(&request, "room", value, 3), RESULT_TOO_BIG);
    ck_assert_uint_eq(parse(&request, "GET /?a=%2541&b=%00&c=%4&d&e=%zz HTTP/1.0\r\n\r\n"), 0);
    ck_assert_int_eq(http_request_query(&request, "a", value, sizeof value), RESULT_OK);
    ck_assert_str_eq(value, "%41");
    ck_assert_int_eq(http_request_query(&request, "b", value, sizeof value), RESULT_INVALID);
    ck_assert_int_eq(http_request_query(&request, "c", value, sizeof value), RESULT_INVALID);
    ck_assert_int_eq(http_request_query(&request, "d", value, sizeof value), RESULT_OK);
    ck_assert_str_eq(value, "");
    ck_assert_int_eq(http_request_query(&request, "e", value, sizeof value), RESULT_INVALID);
}
END_TEST

START_TEST(every_prefix_asks_for_more_and_bytes_may_come_one_by_one)
{
    struct http_scan scan = {0};
    size_t length = strlen(UPGRADE), head_bytes = 0;
    unsigned status;

    for (size_t i = 0; i < length; i++) {
        enum result r =
            http_head_find(&scan, (const uint8_t *)UPGRADE, i, 8192, &head_bytes, &status);
        ck_assert_int_eq(r, RESULT_AGAIN);
        ck_assert_uint_eq(scan.scanned_bytes, i);
    }
    ck_assert_int_eq(http_head_find(&scan, (const uint8_t *)UPGRADE "GET", length + 3, 8192,
                                    &head_bytes, &status),
                     RESULT_OK);
    ck_assert_uint_eq(head_bytes, length);
}
END_TEST

static const struct refused {
    const char *text;
    unsigned status;
} refused[] = {
    {"\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\n X: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: a\n\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999999999999999\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 501},
    {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     400},
    {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n", 501},
    {"GET /\r\n\r\n", 400},
    {"GET / HTTP/1\r\n\r\n", 400},
    {"GET / http/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1 \r\n\r\n", 400},
    {"GET / HTTP/2.0\r\n\r\n", 505},
    {"GET  / HTTP/1.1\r\n\r\n", 400},
    {"GET\t/ HTTP/1.1\r\n\r\n", 400},
    {"G\"T / HTTP/1.1\r\n\r\n", 400},
    {"get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    {"GET /\\x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
};

START_TEST(a_body_says_its_length_in_one_way)
{
    struct http_request request;
    ck_assert_uint_eq(parse(&request, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n"),
                      0);
    ck_assert_uint_eq(request.content_bytes, 12);
    ck_assert(!request.is_chunked);
    ck_assert_uint_eq(
        parse(&request, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"), 0);
    ck_assert_uint_eq(request.content_bytes, 0);
    ck_assert(request.is_chunked);
}
END_TEST

START_TEST(what_could_mislead_is_refused)
{
    struct http_request request;
    ck_assert_msg(parse(&request, refused[_i].text) == refused[_i].status, "%s", refused[_i].text);
}
END_TEST

START_TEST(the_absolute_form_names_the_host)
{
    struct http_request request;

    ck_assert_uint_eq(parse(&request, "GET http://b:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    assert_text(request.host, "b:1");
    assert_text(request.path, "/p");
    assert_text(request.query, "q");
}
END_TEST

START_TEST(keep_alive_is_the_default_of_1_1_only)
{
    struct http_request request;

    ck_assert_uint_eq(parse(&request, "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n"),
                      0);
    ck_assert(!request.keep_alive);
    ck_assert_uint_eq(parse(&request, "GET / HTTP/1.0\r\n\r\n"), 0);
    ck_assert(!request.keep_alive);
    ck_assert_uint_eq(parse(&request, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 0);
    ck_assert(request.keep_alive);
}
END_TEST

START_TEST(long_heads_and_targets_are_too_big)
{
    static char text[20000];
    struct http_request request;

    memset(text, 'a', sizeof text - 1);
    memcpy(text, "GET /", 5);
    ck_assert_uint_eq(parse(&request, text), 414);
    memcpy(text, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 28);
    ck_assert_uint_eq(parse(&request, text), 431);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("request");

    tcase_add_test(tests, a_request_falls_into_its_parts);
    tcase_add_test(tests, the_query_is_decoded_once);
    tcase_add_test(tests, every_prefix_asks_for_more_and_bytes_may_come_one_by_one);
    tcase_add_test(tests, a_body_says_its_length_in_one_way);
    tcase_add_loop_test(tests, what_could_mislead_is_refused, 0,
                        sizeof refused / sizeof refused[0]);
    tcase_add_test(tests, the_absolute_form_names_the_host);
    tcase_add_test(tests, keep_alive_is_the_default_of_1_1_only);
    tcase_add_test(tests, long_heads_and_targets_are_too_big);
    return suite_run("request", tests);
}
