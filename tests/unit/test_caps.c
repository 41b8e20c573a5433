#include "server/net/caps.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct config config;
static struct caps caps;
static struct error error;

static void set_up(void)
{
    config_set_defaults(&config);
    ck_assert_int_eq(caps_init(&caps, &config, 1000, &error), RESULT_OK);
}

static void tear_down(void)
{
    caps_deinit(&caps);
}

static struct address address_of(const char *text)
{
    struct address address = {.port = 1};
    ck_assert(address_from_text(&address, text, strlen(text)));
    return address;
}

static enum cap_verdict take(const char *text, uint64_t now_ms, struct cap **cap)
{
    struct address address = address_of(text);
    struct cap_answer answer = caps_take(&caps, &address, now_ms);
    if (cap != NULL) *cap = answer.cap;
    return answer.verdict;
}

START_TEST(a_burst_is_let_in_and_then_so_many_each_second)
{
    struct cap *cap;

    for (int i = 0; i < 60; i++) {
        ck_assert_int_eq(take("203.0.113.7", 1000, &cap), CAP_FINE);
        caps_give(&caps, cap);
    }
    ck_assert_int_eq(take("203.0.113.7", 1000, NULL), CAP_TOO_FAST);
    ck_assert_int_eq(take("203.0.113.7", 1049, NULL), CAP_TOO_FAST);
    ck_assert_int_eq(take("203.0.113.7", 1050, NULL), CAP_FINE);
    ck_assert_int_eq(take("203.0.113.7", 1050, NULL), CAP_TOO_FAST);
    ck_assert_int_eq(take("203.0.113.8", 1050, NULL), CAP_FINE);
}
END_TEST

static enum cap_verdict ask(const char *text, bool takes_place, uint64_t now_ms, struct cap **cap)
{
    struct address address = address_of(text);
    struct cap_answer answer = caps_take_request(&caps, &address, takes_place, now_ms);
    *cap = answer.cap;
    return answer.verdict;
}

START_TEST(requests_have_a_rate_of_their_own)
{
    struct cap *cap;

    for (uint32_t i = 0; i < config.address_requests_burst; i++) {
        ck_assert_int_eq(ask("203.0.113.7", false, 1000, &cap), CAP_FINE);
        ck_assert_ptr_null(cap);
    }
    ck_assert_int_eq(ask("203.0.113.7", false, 1000, &cap), CAP_TOO_MANY_REQUESTS);
    ck_assert_int_eq(take("203.0.113.7", 1000, &cap), CAP_FINE);
    caps_give(&caps, cap);
    for (uint32_t i = 0; i < config.address_requests_per_s; i++)
        ck_assert_int_eq(ask("203.0.113.7", false, 2000, &cap), CAP_FINE);
    ck_assert_int_eq(ask("203.0.113.7", false, 2000, &cap), CAP_TOO_MANY_REQUESTS);
}
END_TEST

START_TEST(a_request_by_a_proxy_takes_up_a_place_while_it_is_served)
{
    struct cap *cap = NULL, *place = NULL;

    for (uint64_t i = 1; i < config.address_sockets_max; i++)
        ck_assert_int_eq(take("203.0.113.7", 1000 + i * 1000, &cap), CAP_FINE);
    ck_assert_int_eq(ask("203.0.113.7", true, 100000, &place), CAP_FINE);
    ck_assert_int_eq(ask("203.0.113.7", true, 100000, &cap), CAP_TOO_MANY);
    ck_assert_int_eq(take("203.0.113.7", 100000, NULL), CAP_TOO_MANY);
    caps_give(&caps, place);
    ck_assert_int_eq(ask("203.0.113.7", true, 100000, &place), CAP_FINE);
}
END_TEST

START_TEST(an_address_has_so_many_at_once)
{
    struct cap *cap = NULL;

    for (uint64_t i = 0; i < 64; i++)
        ck_assert_int_eq(take("203.0.113.7", 1000 + i * 1000, &cap), CAP_FINE);
    ck_assert_int_eq(take("203.0.113.7", 100000, NULL), CAP_TOO_MANY);
    caps_give(&caps, cap);
    ck_assert_int_eq(take("203.0.113.7", 100000, NULL), CAP_FINE);
    ck_assert_int_eq(take("203.0.113.7", 100000, NULL), CAP_TOO_MANY);
}
END_TEST

START_TEST(an_ipv6_network_counts_as_one)
{
    char text[64];

    for (int i = 0; i < 60; i++) {
        (void)snprintf(text, sizeof text, "2001:db8:1:2:%x::%x", i + 1, i);
        ck_assert_int_eq(take(text, 1000, NULL), CAP_FINE);
    }
    ck_assert_int_eq(take("2001:db8:1:2::", 1000, NULL), CAP_TOO_FAST);
    ck_assert_int_eq(take("2001:db8:1:3::", 1000, NULL), CAP_FINE);
}
END_TEST

START_TEST(a_line_is_due_once_for_each_interval)
{
    struct address address = address_of("203.0.113.7");

    for (int i = 0; i < 60; i++)
        ck_assert_int_eq(take("203.0.113.7", 1000, NULL), CAP_FINE);
    ck_assert_uint_eq(caps_take(&caps, &address, 1000).log_count, 1);
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(caps_take(&caps, &address, 1001).log_count, 0);
    ck_assert_int_eq(take("203.0.113.7", 1001 + CAPS_LOG_MS, NULL), CAP_FINE);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(take("203.0.113.7", 1001 + CAPS_LOG_MS, NULL), CAP_FINE);
    ck_assert_uint_eq(caps_take(&caps, &address, 1001 + CAPS_LOG_MS).log_count, 6);
}
END_TEST

START_TEST(other_refusals_share_the_line)
{
    struct address address = address_of("2001:db8::1");

    ck_assert_uint_eq(caps_note_refusal(&caps, &address, 1000), 1);
    ck_assert_uint_eq(caps_note_refusal(&caps, &address, 1001), 0);
    ck_assert_uint_eq(caps_note_refusal(&caps, &address, 1000 + CAPS_LOG_MS), 2);
}
END_TEST

/* More addresses than the table has places: those with connections stay counted. */
START_TEST(strangers_do_not_push_out_who_is_here)
{
    char text[64];
    struct cap *cap;

    for (int i = 0; i < 64; i++)
        (void)take("203.0.113.7", 1000 + (uint64_t)i * 1000, NULL);
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(text, sizeof text, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        ck_assert_int_eq(take(text, 100000, &cap), CAP_FINE);
        caps_give(&caps, cap);
    }
    ck_assert_int_eq(take("203.0.113.7", 200000, NULL), CAP_TOO_MANY);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("caps");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_burst_is_let_in_and_then_so_many_each_second);
    tcase_add_test(tests, requests_have_a_rate_of_their_own);
    tcase_add_test(tests, a_request_by_a_proxy_takes_up_a_place_while_it_is_served);
    tcase_add_test(tests, an_address_has_so_many_at_once);
    tcase_add_test(tests, an_ipv6_network_counts_as_one);
    tcase_add_test(tests, a_line_is_due_once_for_each_interval);
    tcase_add_test(tests, other_refusals_share_the_line);
    tcase_add_test(tests, strangers_do_not_push_out_who_is_here);
    return suite_run("caps", tests);
}
