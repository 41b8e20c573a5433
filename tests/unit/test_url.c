#include "client/sdl/url.h"

#include <string.h>

#include "tests/unit/suite.h"

static struct url parsed(const char *text)
{
    struct url url;
    struct error error = {0};
    ck_assert_msg(url_parse(&url, text, &error) == RESULT_OK, "%s", error.message);
    return url;
}

START_TEST(an_address_comes_apart)
{
    struct url url = parsed("wss://game.example.com:8443/ws/updates?room=a");

    ck_assert(url.is_secure);
    ck_assert_uint_eq(url.port, 8443);
    ck_assert_str_eq(url.host, "game.example.com");
    ck_assert_str_eq(url.authority, "game.example.com:8443");
    ck_assert_str_eq(url.path, "/ws/updates?room=a");
}
END_TEST

START_TEST(the_scheme_s_own_port_is_not_said)
{
    ck_assert_uint_eq(parsed("ws://h/").port, 80);
    ck_assert_uint_eq(parsed("wss://h/").port, 443);
    ck_assert_str_eq(parsed("wss://h:443/").authority, "h");
    ck_assert_str_eq(parsed("ws://h:443/").authority, "h:443");
}
END_TEST

START_TEST(a_missing_path_is_the_root)
{
    ck_assert_str_eq(parsed("ws://127.0.0.1:8080").path, "/");
    ck_assert_str_eq(parsed("ws://h?room=a").path, "/?room=a");
}
END_TEST

START_TEST(what_is_no_address_is_refused_with_a_reason)
{
    static const char *const texts[] = {"",
                                        "http://h/",
                                        "ws:/h",
                                        "ws://",
                                        "ws:///path",
                                        "ws://h:0/",
                                        "ws://h:65536/",
                                        "ws://h:/",
                                        "ws://h:8x/",
                                        "ws://[::1]/",
                                        "ws://a b/",
                                        "ws://h/a b",
                                        "ws://h/a#b",
                                        "ws://u@h/",
                                        "ws://h/\r\nX: y",
                                        "ws://h/\x7f",
                                        "ws://h/\xc3\xa9",
                                        "ws://h:99999999999999999999/"};
    struct url url;
    struct error error = {0};

    ck_assert_int_eq(url_parse(&url, texts[_i], &error), RESULT_INVALID);
    ck_assert_int_eq(error.code, RESULT_INVALID);
    ck_assert_uint_gt(strlen(error.message), 10);
}
END_TEST

START_TEST(what_is_too_long_is_refused)
{
    char text[2048];
    struct url url;
    struct error error;

    memset(text, 'a', sizeof text);
    memcpy(text, "ws://", 5);
    text[5 + URL_HOST_CHARS_MAX + 1] = '\0';
    ck_assert_int_eq(url_parse(&url, text, &error), RESULT_INVALID);
    memset(text, 'a', sizeof text);
    memcpy(text, "ws://h/", 7);
    text[7 + URL_PATH_CHARS_MAX] = '\0';
    ck_assert_int_eq(url_parse(&url, text, &error), RESULT_INVALID);
}
END_TEST

static const struct {
    const char *typed, *whole;
} completed[] = {
    {"game.example.com", "wss://game.example.com/ws/updates"},
    {"game.example.com:8443", "wss://game.example.com:8443/ws/updates"},
    {"localhost:8080", "ws://localhost:8080/ws/updates"},
    {"127.0.0.1:8080", "ws://127.0.0.1:8080/ws/updates"},
    {"https://h/?room=a", "wss://h/ws/updates?room=a"},
    {"http://h:8080/", "ws://h:8080/ws/updates"},
    {"ws://h", "ws://h/ws/updates"},
    {"wss://h/other?x=1", "wss://h/other?x=1"},
    {"h?room=b", "wss://h/ws/updates?room=b"},
};

START_TEST(what_is_typed_is_completed)
{
    char whole[64], short_one[8];

    url_complete(whole, sizeof whole, completed[_i].typed);
    ck_assert_str_eq(whole, completed[_i].whole);
    url_complete(short_one, sizeof short_one, completed[_i].typed);
    ck_assert_uint_lt(strlen(short_one), sizeof short_one);
}
END_TEST

static const struct {
    const char *address, *with_room;
} rooms[] = {
    {"ws://h/ws/updates", "ws://h/ws/updates?room=b"},
    {"ws://h/ws/updates?room=a&spectate=1", "ws://h/ws/updates?room=b"},
    {"ws://h/?x=1&room=a&&roomy=2&spectate&y", "ws://h/?room=b&x=1&roomy=2&y"},
    {"ws://h?", "ws://h?room=b"},
};

START_TEST(a_room_replaces_the_one_before)
{
    char out[64];

    ck_assert(url_with_room(out, sizeof out, rooms[_i].address, "b"));
    ck_assert_str_eq(out, rooms[_i].with_room);
    ck_assert(url_with_room(out, strlen(rooms[_i].with_room) + 1, rooms[_i].address, "b"));
    for (size_t capacity = 1; capacity <= strlen(rooms[_i].with_room); capacity++)
        ck_assert(!url_with_room(out, capacity, rooms[_i].address, "b"));
}
END_TEST

START_TEST(to_watch_is_said_in_the_query)
{
    struct url url = parsed("ws://h/ws/updates");

    ck_assert(!url_is_spectating(&url));
    ck_assert(url_spectate(&url) && url_is_spectating(&url));
    ck_assert_str_eq(url.path, "/ws/updates?spectate=1");
    url = parsed("ws://h/?room=b");
    ck_assert(url_spectate(&url) && url_is_spectating(&url));
    ck_assert_str_eq(url.path, "/?room=b&spectate=1");
    memset(url.path, 'a', URL_PATH_CHARS_MAX - 5);
    ck_assert(!url_spectate(&url));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("url");

    tcase_add_test(tests, an_address_comes_apart);
    tcase_add_test(tests, the_scheme_s_own_port_is_not_said);
    tcase_add_test(tests, a_missing_path_is_the_root);
    tcase_add_loop_test(tests, what_is_no_address_is_refused_with_a_reason, 0, 18);
    tcase_add_test(tests, what_is_too_long_is_refused);
    tcase_add_loop_test(tests, what_is_typed_is_completed, 0,
                        sizeof completed / sizeof completed[0]);
    tcase_add_loop_test(tests, a_room_replaces_the_one_before, 0, sizeof rooms / sizeof rooms[0]);
    tcase_add_test(tests, to_watch_is_said_in_the_query);
    return suite_run("url", tests);
}
