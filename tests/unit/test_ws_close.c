#include "shared/ws_close.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/suite.h"

/* §7.4: what lies in no range here MUST NOT be sent. */
START_TEST(only_the_registered_and_the_private_codes_are_sendable)
{
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        bool sendable = (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
                        (code >= 3000 && code <= 4999);
        ck_assert_msg(ws_close_is_sendable((uint16_t)code) == sendable, "%u", code);
    }
}
END_TEST

START_TEST(codes_have_names)
{
    ck_assert_str_eq(ws_close_name(WS_CLOSE_GOING_AWAY), "going away");
    ck_assert_str_eq(ws_close_name(WS_CLOSE_NO_ROOM), "no such room");
    ck_assert_str_eq(ws_close_name(WS_CLOSE_UNPLAYABLE), "recording cannot be played");
    ck_assert_str_eq(ws_close_name(3456), "unknown");
}
END_TEST

START_TEST(each_breach_has_a_sendable_code_and_a_reason_that_fits)
{
    enum ws_close close = ws_breach_close((enum ws_breach)_i);
    const char *text = ws_breach_text((enum ws_breach)_i);

    ck_assert(ws_close_is_sendable((uint16_t)close));
    ck_assert_uint_gt(strlen(text), 0);
    ck_assert_uint_le(strlen(text), WS_CLOSE_REASON_BYTES_MAX);
}
END_TEST

START_TEST(a_close_is_two_bytes_in_network_order_and_the_reason)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];
    uint16_t code;

    ck_assert_uint_eq(ws_close_encode(payload, WS_CLOSE_RESTART, "back soon"), 11);
    ck_assert_mem_eq(payload,
                     "\x03\xf4"
                     "back soon",
                     11);
    ck_assert_int_eq(ws_close_decode(payload, 11, &code), WS_BREACH_NONE);
    ck_assert_uint_eq(code, WS_CLOSE_RESTART);
}
END_TEST

START_TEST(a_long_reason_is_cut_before_the_character_that_does_not_fit)
{
    char reason[200];
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];
    uint16_t code;

    memset(reason, 'a', sizeof reason);
    memcpy(reason + 122, "\xc3\xa9", sizeof "\xc3\xa9");
    ck_assert_uint_eq(ws_close_encode(payload, WS_CLOSE_POLICY, reason), 2 + 122);
    ck_assert_int_eq(ws_close_decode(payload, 2 + 122, &code), WS_BREACH_NONE);
    memcpy(reason + 121, "\xc3\xa9", sizeof "\xc3\xa9");
    ck_assert_uint_eq(ws_close_encode(payload, WS_CLOSE_POLICY, reason), 2 + 123);
}
END_TEST

START_TEST(an_empty_close_means_no_status)
{
    uint16_t code = 0;

    ck_assert_int_eq(ws_close_decode(NULL, 0, &code), WS_BREACH_NONE);
    ck_assert_uint_eq(code, WS_CLOSE_NO_STATUS);
}
END_TEST

START_TEST(a_refused_close_names_the_rule)
{
    uint16_t code = 7;

    ck_assert_int_eq(ws_close_decode((const uint8_t *)"\x03", 1, &code), WS_BREACH_CLOSE_LENGTH);
    ck_assert_int_eq(ws_close_decode((const uint8_t *)"\x03\xed", 2, &code), WS_BREACH_CLOSE_CODE);
    ck_assert_int_eq(ws_close_decode((const uint8_t *)"\x03\xe8\xff", 3, &code), WS_BREACH_UTF8);
    ck_assert_uint_eq(code, 7);
}
END_TEST

START_TEST(sending_1006_is_a_bug_of_ours)
{
    uint8_t payload[WS_CLOSE_PAYLOAD_BYTES_MAX];
    ws_close_encode(payload, WS_CLOSE_ABNORMAL, "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ws_close");

    tcase_add_test(tests, only_the_registered_and_the_private_codes_are_sendable);
    tcase_add_test(tests, codes_have_names);
    tcase_add_loop_test(tests, each_breach_has_a_sendable_code_and_a_reason_that_fits,
                        WS_BREACH_NONE + 1, WS_BREACH_COUNT);
    tcase_add_test(tests, a_close_is_two_bytes_in_network_order_and_the_reason);
    tcase_add_test(tests, a_long_reason_is_cut_before_the_character_that_does_not_fit);
    tcase_add_test(tests, an_empty_close_means_no_status);
    tcase_add_test(tests, a_refused_close_names_the_rule);
    tcase_add_test_raise_signal(tests, sending_1006_is_a_bug_of_ours, SIGABRT);
    return suite_run("ws_close", tests);
}
