#include "server/http/forwarded.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct config config;
static struct http_request request;

static void ask(const char *lines)
{
    static char head[1024];
    unsigned status;

    ck_assert_int_gt(
        snprintf(head, sizeof head, "GET / HTTP/1.1\r\nHost: game.example:8080\r\n%s\r\n", lines),
        0);
    ck_assert_int_eq(http_request_parse(&request, head, strlen(head), &status), RESULT_OK);
}

static void assert_peer(const char *socket_peer, const char *lines, const char *expected,
                        bool expected_forwarded)
{
    struct address peer;
    char text[ADDRESS_TEXT_BYTES];
    bool is_forwarded;

    ask(lines);
    ck_assert(address_from_text(&peer, socket_peer, strlen(socket_peer)));
    peer = forwarded_peer(&config, &peer, &request, &is_forwarded);
    address_to_text(&peer, text);
    ck_assert_str_eq(text, expected);
    ck_assert_int_eq(is_forwarded, expected_forwarded);
}

START_TEST(only_a_trusted_proxy_can_say_whom_it_speaks_for)
{
    config_set_defaults(&config);
    assert_peer("127.0.0.1", "", "127.0.0.1", false);
    assert_peer("203.0.113.1", "X-Forwarded-For: 127.0.0.1\r\n", "203.0.113.1", false);
    assert_peer("127.0.0.1", "X-Forwarded-For: 203.0.113.9\r\n", "203.0.113.9", true);
    assert_peer("::1", "X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7", true);
    /* What the client itself put in front does not count. */
    assert_peer("127.0.0.1", "X-Forwarded-For: 127.0.0.1, 203.0.113.9\r\n", "203.0.113.9", true);
    assert_peer("127.0.0.1", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 203.0.113.9\r\n",
                "203.0.113.9", true);
    assert_peer("127.0.0.1", "X-Forwarded-For: 1.2.3.4,\t203.0.113.9\t\r\n", "203.0.113.9", true);
    assert_peer("127.0.0.1", "X-Forwarded-For: nonsense\r\n", "127.0.0.1", true);
    assert_peer("127.0.0.1", "Forwarded: for=1.2.3.4\r\n", "127.0.0.1", true);
    strcpy(config.trusted_proxies, "10.0.0.1,127.0.0.1");
    assert_peer("127.0.0.1", "X-Forwarded-For: 203.0.113.9, 10.0.0.1\r\n", "203.0.113.9", true);
}
END_TEST

static const struct origin_case {
    const char *origins, *lines;
    bool is_trusted, allowed;
} origin_cases[] = {
    {"", "", false, true},
    {"", "Origin: http://game.example:8080\r\n", false, true},
    {"", "Origin: https://GAME.example:8080\r\n", false, true},
    {"", "Origin: http://game.example\r\n", false, false},
    {"", "Origin: http://game.example:80801\r\n", false, false},
    {"", "Origin: http://game.example:8080.evil\r\n", false, false},
    {"", "Origin: http://evil/game.example:8080\r\n", false, false},
    {"", "Origin: null\r\n", false, false},
    {"", "Origin: http://a\r\nOrigin: http://game.example:8080\r\n", false, false},
    {"", "Origin: https://out.example\r\nX-Forwarded-Host: out.example\r\n", true, true},
    {"", "Origin: https://out.example\r\nX-Forwarded-Host: out.example\r\n", false, false},
    {"*", "Origin: https://any.example\r\n", false, true},
    {"https://a.example", "Origin: https://a.example\r\n", false, true},
    {"https://a.example", "Origin: https://a.example.evil\r\n", false, false},
    {"https://a.example", "Origin: http://game.example:8080\r\n", false, false},
};

START_TEST(origins_are_compared_whole)
{
    const struct origin_case *c = &origin_cases[_i];

    config_set_defaults(&config);
    strcpy(config.origins, c->origins);
    ask(c->lines);
    ck_assert_msg(origin_allows(&config, &request, c->is_trusted) == c->allowed, "%s", c->lines);
}
END_TEST

START_TEST(a_list_of_hosts_is_the_defence_against_rebinding)
{
    config_set_defaults(&config);
    ask("");
    ck_assert(host_allows(&config, &request));
    strcpy(config.hosts, "other.example,game.example");
    ck_assert(host_allows(&config, &request));
    strcpy(config.hosts, "other.example");
    ck_assert(!host_allows(&config, &request));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("forwarded");

    tcase_add_test(tests, only_a_trusted_proxy_can_say_whom_it_speaks_for);
    tcase_add_loop_test(tests, origins_are_compared_whole, 0,
                        sizeof origin_cases / sizeof origin_cases[0]);
    tcase_add_test(tests, a_list_of_hosts_is_the_defence_against_rebinding);
    return suite_run("forwarded", tests);
}
