#include "shared/ws_handshake.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/digest.h"
#include "tests/unit/suite.h"

/* §1.3's example, from nonce to digest. */
static const char nonce[] = "the sample nonce";
static const char key[] = "dGhlIHNhbXBsZSBub25jZQ==";
static const char salted_key[] = "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
static const uint8_t digest_of_key[WS_SHA1_BYTES] = {0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62, 0x4f,
                                                     0x16, 0x90, 0xf6, 0x46, 0x06, 0xcf, 0x38,
                                                     0x59, 0x45, 0xb2, 0xbe, 0xc4, 0xea};
static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

static const struct ws_expectation expectation = {accept, "tickwire.v1, other"};

static const char good_response[] = "HTTP/1.1 101 Switching Protocols\r\n"
                                    "Server: any\r\n"
                                    "upgrade: WebSocket\r\n"
                                    "CONNECTION: keep-alive, Upgrade\r\n"
                                    "Sec-WebSocket-Accept:s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t\r\n"
                                    "Sec-WebSocket-Protocol: tickwire.v1\r\n"
                                    "\r\n";

static struct ws_text text(const char *chars)
{
    return (struct ws_text){chars, strlen(chars)};
}

static void sha1_of_the_example(const uint8_t *bytes, size_t length_bytes,
                                uint8_t digest[WS_SHA1_BYTES])
{
    ck_assert_uint_eq(length_bytes, sizeof salted_key - 1);
    ck_assert_mem_eq(bytes, salted_key, length_bytes);
    memcpy(digest, digest_of_key, WS_SHA1_BYTES);
}

/* ---- Key, accept, lists ---- */

START_TEST(the_example_key_is_built_from_its_nonce)
{
    char built[WS_KEY_CHARS + 1];

    ws_key_build(built, (const uint8_t *)nonce);
    ck_assert_str_eq(built, key);
}
END_TEST

/* §4.2.2 step 5.4. */
START_TEST(the_example_accept_answers_the_example_key)
{
    char built[WS_ACCEPT_CHARS + 1];

    ws_accept_build(built, key, sha1_of_the_example);
    ck_assert_str_eq(built, accept);
}
END_TEST

START_TEST(our_own_sha1_gives_the_same_accept)
{
    char built[WS_ACCEPT_CHARS + 1];

    ws_accept_build(built, key, digest_sha1);
    ck_assert_str_eq(built, accept);
}
END_TEST

/* §4.2.1: a key MUST be 16 bytes when decoded. */
START_TEST(a_key_is_sixteen_bytes_in_base64)
{
    static const char *const bad[] = {
        "",
        "dGhlIHNhbXBsZSBub25jZQ=",
        "dGhlIHNhbXBsZSBub25jZQ",
        "dGhlIHNhbXBsZSBub25jZQ== ",
        "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhlIHNhbXBsZSBub25jZQA=",
        "dGhlIHNhbXBsZSBub25j",
        "dGhlIHNhbXBsZSBub25jZQ==dGhl",
        "dGhlIHNhbXBsZSBub25-ZQ==",
        "dGhlIHNhbXBsZSBu=25jZQ==",
    };

    ck_assert(ws_key_is_valid(text(key)));
    ck_assert(ws_key_is_valid(text("AAAAAAAAAAAAAAAAAAAAAB==")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!ws_key_is_valid(text(bad[i])), "%s", bad[i]);
}
END_TEST

START_TEST(a_list_has_its_tokens_whatever_the_case_and_the_spaces)
{
    static const char *const with[] = {"Upgrade",          "upgrade",         "keep-alive, Upgrade",
                                       "UPGRADE,close",    " \tupgrade\t",    ",, ,upgrade,",
                                       "a,b,\tuPGRADe ,c", "Upgrade, Upgrade"};
    static const char *const without[] = {"",         ",",           "keep-alive",
                                          "Upgrades", "Upgrad",      "no-upgrade",
                                          "up grade", "upgrade;q=1", "upgrade a"};

    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++)
        ck_assert_msg(ws_list_has(text(with[i]), "upgrade"), "%s", with[i]);
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
        ck_assert_msg(!ws_list_has(text(without[i]), "upgrade"), "%s", without[i]);
}
END_TEST

START_TEST(a_list_gives_its_elements_in_order)
{
    struct ws_text list = text(" a,, b c ,d");
    struct ws_text element;
    static const char *const elements[] = {"a", "b c", "d"};

    for (size_t i = 0; i < 3; i++) {
        ck_assert(ws_list_next(&list, &element));
        ck_assert_uint_eq(element.length_chars, strlen(elements[i]));
        ck_assert_mem_eq(element.chars, elements[i], element.length_chars);
    }
    ck_assert(!ws_list_next(&list, &element));
}
END_TEST

START_TEST(the_server_prefers_and_the_client_offers)
{
    static const char *const supported[] = {"tickwire.v1", "tickwire.json.v1"};

    ck_assert_uint_eq(ws_subprotocol_select(text("tickwire.v1"), supported, 2), 0);
    ck_assert_uint_eq(ws_subprotocol_select(text("tickwire.json.v1"), supported, 2), 1);
    ck_assert_uint_eq(ws_subprotocol_select(text("tickwire.json.v1, tickwire.v1"), supported, 2),
                      0);
    ck_assert_uint_eq(ws_subprotocol_select(text("chat,tickwire.json.v1"), supported, 2), 1);
    ck_assert_uint_eq(ws_subprotocol_select(text("chat"), supported, 2), 2);
    ck_assert_uint_eq(ws_subprotocol_select(text("Tickwire.v1"), supported, 2), 2);
    ck_assert_uint_eq(ws_subprotocol_select(text(""), supported, 2), 2);
    ck_assert_uint_eq(ws_subprotocol_select((struct ws_text){0}, supported, 2), 2);
}
END_TEST

/* ---- The request ---- */

static const struct ws_request good_request = {.host = "game.example.com:8080",
                                               .path = "/ws/updates?room=a",
                                               .key = key,
                                               .subprotocols = "tickwire.v1, other",
                                               .origin = "http://game.example.com"};

static const char good_request_text[] = "GET /ws/updates?room=a HTTP/1.1\r\n"
                                        "Host: game.example.com:8080\r\n"
                                        "Upgrade: websocket\r\n"
                                        "Connection: Upgrade\r\n"
                                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                        "Sec-WebSocket-Version: 13\r\n"
                                        "Sec-WebSocket-Protocol: tickwire.v1, other\r\n"
                                        "Origin: http://game.example.com\r\n"
                                        "\r\n";

/* §4.1: each header that a client MUST send. */
START_TEST(the_request_is_written_as_the_rfc_asks)
{
    char out[512];
    size_t length = 0;

    ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &good_request), RESULT_OK);
    ck_assert_uint_eq(length, sizeof good_request_text - 1);
    ck_assert_mem_eq(out, good_request_text, length);
}
END_TEST

START_TEST(what_is_optional_is_left_out)
{
    struct ws_request request = good_request;
    char out[512];
    size_t length = 0;

    request.subprotocols = NULL;
    request.origin = NULL;
    ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_OK);
    out[length] = '\0';
    ck_assert_ptr_null(strstr(out, "Protocol"));
    ck_assert_ptr_null(strstr(out, "Origin"));
    ck_assert_str_eq(out + length - 4, "\r\n\r\n");
}
END_TEST

START_TEST(a_request_that_does_not_fit_is_refused_at_every_size)
{
    for (size_t capacity = 0; capacity < sizeof good_request_text; capacity++) {
        char *out = malloc(capacity + 1);
        size_t length = 0;
        enum result expected = capacity < sizeof good_request_text - 1 ? RESULT_TOO_BIG : RESULT_OK;

        ck_assert_ptr_nonnull(out);
        out[capacity] = '!';
        ck_assert_int_eq(ws_request_write(out, capacity, &length, &good_request), expected);
        ck_assert_int_eq(out[capacity], '!');
        free(out);
    }
}
END_TEST

START_TEST(a_text_that_could_smuggle_a_header_is_refused)
{
    static const char *const bad[] = {"/a\r\nX: y", "/a b", "/a\n", "/\x7f", "/\xc3\xa9"};
    struct ws_request request;
    char out[512];
    size_t length;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        request = good_request, request.path = bad[i];
        ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
        request = good_request, request.host = bad[i];
        ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
        request = good_request, request.origin = bad[i];
        ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
    }
    request = good_request, request.subprotocols = "a\r\nX: y";
    ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
    request = good_request, request.path = "ws";
    ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
    request = good_request, request.host = "";
    ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
    request = good_request, request.key = "short";
    ck_assert_int_eq(ws_request_write(out, sizeof out, &length, &request), RESULT_INVALID);
}
END_TEST

/* ---- The answer ---- */

/* Parses a copy of exactly that size. */
static enum result parse(struct ws_response *response, const char *bytes, size_t length_bytes,
                         struct error *error)
{
    char *copy = malloc(length_bytes);

    ck_assert(copy != NULL || length_bytes == 0);
    memcpy(copy, bytes, length_bytes);
    enum result result =
        ws_response_parse(response, (struct ws_text){copy, length_bytes}, &expectation, error);
    free(copy);
    return result;
}

START_TEST(a_good_answer_opens_the_connection_and_every_prefix_waits)
{
    struct ws_response response;
    struct error error;
    const size_t length = sizeof good_response - 1;

    for (size_t cut = 0; cut < length; cut++)
        ck_assert_int_eq(parse(&response, good_response, cut, &error), RESULT_AGAIN);
    ck_assert_int_eq(parse(&response, good_response, length, &error), RESULT_OK);
    ck_assert_uint_eq(response.status, 101);
    ck_assert_uint_eq(response.head_bytes, length);
    ck_assert_str_eq(response.subprotocol, "tickwire.v1");
}
END_TEST

START_TEST(frames_right_after_the_head_are_left_alone)
{
    char bytes[sizeof good_response + 4];
    struct ws_response response;
    struct error error;

    memcpy(bytes, good_response, sizeof good_response - 1);
    memcpy(bytes + sizeof good_response - 1, "\x81\x03\r\n\r", 5);
    ck_assert_int_eq(parse(&response, bytes, sizeof bytes, &error), RESULT_OK);
    ck_assert_uint_eq(response.head_bytes, sizeof good_response - 1);
}
END_TEST

START_TEST(what_the_server_writes_the_client_takes)
{
    static const char *const subprotocols[] = {"tickwire.v1", NULL};

    for (size_t i = 0; i < 2; i++) {
        char out[256];
        size_t length;
        struct ws_response response;
        struct error error;
        struct ws_answer answer = {.accept = accept, .subprotocol = subprotocols[i]};

        ck_assert_int_eq(ws_response_write(out, sizeof out, &length, &answer), RESULT_OK);
        ck_assert_int_eq(parse(&response, out, length, &error), RESULT_OK);
        ck_assert_str_eq(response.subprotocol, i == 0 ? subprotocols[0] : "");
        ck_assert_int_eq(ws_response_write(out, length - 1, &length, &answer), RESULT_TOO_BIG);
    }
}
END_TEST

#define OK_LINE "HTTP/1.1 101 Yes\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECT "Connection: Upgrade\r\n"
#define ACCEPT  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

struct refusal {
    const char *bytes;
    const char *sentence; /* a part of it */
};

static const struct refusal refusals[] = {
    {"SSH-2.0-OpenSSH", "HTTP/1.1"},
    {"HTTP/1.0 101 Yes\r\n\r\n", "HTTP/1.1"},
    {"HTTP/1.1 10 No\r\n\r\n", "status line"},
    {"HTTP/1.1 1011 No\r\n\r\n", "status line"},
    {"HTTP/1.1 1x1 No\r\n\r\n", "status line"},
    {"HTTP/1.1 101 \x1b[2J\r\n\r\n", "status line"},
    {"HTTP/1.1 101 a\nb\r\n\r\n", "status line"},
    {"HTTP/1.1 200 OK\r\n\r\n", "200"},
    {"HTTP/1.1 503\r\n\r\n", "503"},
    {"HTTP/1.1 301 Moved\r\nLocation: x\r\n\r\n", "301"},
    /* §4.1, the client's steps 2 to 6. */
    {OK_LINE CONNECT ACCEPT "\r\n", "Upgrade: websocket"},
    {OK_LINE "Upgrade: h2c\r\n" CONNECT ACCEPT "\r\n", "Upgrade: websocket"},
    {OK_LINE UPGRADE ACCEPT "\r\n", "Connection: Upgrade"},
    {OK_LINE UPGRADE "Connection: close\r\n" ACCEPT "\r\n", "Connection: Upgrade"},
    {OK_LINE UPGRADE CONNECT "\r\n", "Accept"},
    {OK_LINE UPGRADE CONNECT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xoo=\r\n\r\n",
     "Accept"},
    {OK_LINE UPGRADE CONNECT ACCEPT ACCEPT "\r\n", "twice"},
    {OK_LINE UPGRADE CONNECT ACCEPT "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
     "extension"},
    {OK_LINE UPGRADE CONNECT ACCEPT "Sec-WebSocket-Protocol: never\r\n\r\n", "subprotocol"},
    {OK_LINE UPGRADE CONNECT ACCEPT "Sec-WebSocket-Protocol: tickwire.v1, other\r\n\r\n",
     "subprotocol"},
    {OK_LINE UPGRADE CONNECT ACCEPT "Sec-WebSocket-Protocol: \r\n\r\n", "subprotocol"},
    {OK_LINE UPGRADE CONNECT ACCEPT
     "Sec-WebSocket-Protocol: tickwire.v1\r\nSec-WebSocket-Protocol: other\r\n\r\n",
     "twice"},
    /* RFC 9112 §5: what a header line is not. */
    {OK_LINE "no colon\r\n\r\n", "colon"},
    {OK_LINE ": x\r\n\r\n", "name"},
    {OK_LINE "Upgrade : websocket\r\n\r\n", "name"},
    {OK_LINE "A: b\r\n folded: c\r\n\r\n", "name"},
    {OK_LINE "A: b\rc\r\n\r\n", "malformed"},
    {OK_LINE "A: b\nC: d\r\n\r\n", "malformed"},
};

START_TEST(a_bad_answer_is_refused_in_a_sentence)
{
    const struct refusal *r = &refusals[_i];
    struct ws_response response;
    struct error error = {.code = RESULT_OK};
    const size_t length = strlen(r->bytes);

    ck_assert_int_eq(parse(&response, r->bytes, length, &error), RESULT_INVALID);
    ck_assert_int_eq(error.code, RESULT_INVALID);
    ck_assert_msg(strstr(error.message, r->sentence) != NULL, "%s", error.message);
    ck_assert_int_eq(error.message[strlen(error.message) - 1], '.');
    for (size_t cut = 0; cut < length; cut++)
        ck_assert_int_ne(parse(&response, r->bytes, cut, &error), RESULT_OK);
}
END_TEST

/* Writes a head with `count` short headers beside the three that are needed. */
static size_t write_headers(char *out, size_t capacity, size_t count)
{
    int used = snprintf(out, capacity, "%s", OK_LINE UPGRADE CONNECT ACCEPT);

    for (size_t i = 0; i < count; i++)
        used += snprintf(out + used, capacity - (size_t)used, "A: b\r\n");
    used += snprintf(out + used, capacity - (size_t)used, "\r\n");
    return (size_t)used;
}

START_TEST(the_headers_are_counted)
{
    char bytes[1024];
    struct ws_response response;
    struct error error;

    size_t length = write_headers(bytes, sizeof bytes, WS_RESPONSE_HEADERS_MAX - 3);
    ck_assert_int_eq(parse(&response, bytes, length, &error), RESULT_OK);
    length = write_headers(bytes, sizeof bytes, WS_RESPONSE_HEADERS_MAX - 2);
    ck_assert_int_eq(parse(&response, bytes, length, &error), RESULT_INVALID);
    ck_assert_ptr_nonnull(strstr(error.message, "64"));
}
END_TEST

START_TEST(an_endless_head_is_refused_at_the_limit)
{
    char bytes[WS_RESPONSE_BYTES_MAX + 100];
    struct ws_response response;
    struct error error;

    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, OK_LINE, sizeof OK_LINE - 1);
    memcpy(bytes + WS_RESPONSE_BYTES_MAX - 3, "\r\n\r\n", 4);
    ck_assert_int_eq(parse(&response, bytes, WS_RESPONSE_BYTES_MAX - 1, &error), RESULT_AGAIN);
    ck_assert_int_eq(parse(&response, bytes, WS_RESPONSE_BYTES_MAX, &error), RESULT_TOO_BIG);
    ck_assert_int_eq(parse(&response, bytes, sizeof bytes, &error), RESULT_TOO_BIG);
    ck_assert_int_eq(error.code, RESULT_TOO_BIG);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ws_handshake");

    tcase_add_test(tests, the_example_key_is_built_from_its_nonce);
    tcase_add_test(tests, the_example_accept_answers_the_example_key);
    tcase_add_test(tests, our_own_sha1_gives_the_same_accept);
    tcase_add_test(tests, a_key_is_sixteen_bytes_in_base64);
    tcase_add_test(tests, a_list_has_its_tokens_whatever_the_case_and_the_spaces);
    tcase_add_test(tests, a_list_gives_its_elements_in_order);
    tcase_add_test(tests, the_server_prefers_and_the_client_offers);
    tcase_add_test(tests, the_request_is_written_as_the_rfc_asks);
    tcase_add_test(tests, what_is_optional_is_left_out);
    tcase_add_test(tests, a_request_that_does_not_fit_is_refused_at_every_size);
    tcase_add_test(tests, a_text_that_could_smuggle_a_header_is_refused);
    tcase_add_test(tests, a_good_answer_opens_the_connection_and_every_prefix_waits);
    tcase_add_test(tests, frames_right_after_the_head_are_left_alone);
    tcase_add_test(tests, what_the_server_writes_the_client_takes);
    tcase_add_loop_test(tests, a_bad_answer_is_refused_in_a_sentence, 0,
                        sizeof refusals / sizeof refusals[0]);
    tcase_add_test(tests, the_headers_are_counted);
    tcase_add_test(tests, an_endless_head_is_refused_at_the_limit);
    return suite_run("ws_handshake", tests);
}
