#include "client/sdl/ending.h"

#include <string.h>

#include "shared/ws_close.h"
#include "tests/unit/suite.h"

static struct ending ending_of(enum ending_kind kind, uint16_t code, const char *detail)
{
    struct ending ending;
    ending_set(&ending, kind, code, detail);
    return ending;
}

static const char *sentence_of(enum ending_kind kind, uint16_t code, const char *detail)
{
    static char sentence[ENDING_SENTENCE_BYTES];
    struct ending ending = ending_of(kind, code, detail);
    ending_describe(&ending, "example.com", sentence);
    return sentence;
}

START_TEST(only_what_may_pass_is_tried_again)
{
    static const uint16_t passing[] = {WS_CLOSE_GOING_AWAY, WS_CLOSE_ABNORMAL, WS_CLOSE_INTERNAL,
                                       WS_CLOSE_RESTART, WS_CLOSE_OVERLOAD};
    static const uint16_t final[] = {WS_CLOSE_NORMAL,
                                     WS_CLOSE_PROTOCOL_ERROR,
                                     WS_CLOSE_POLICY,
                                     WS_CLOSE_SCHEMA,
                                     WS_CLOSE_KICKED,
                                     WS_CLOSE_NO_ROOM,
                                     4999};

    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++) {
        struct ending ending = ending_of(ENDING_CLOSED, passing[i], "");
        ck_assert_msg(ending_is_passing(&ending), "%u", passing[i]);
    }
    for (size_t i = 0; i < sizeof final / sizeof final[0]; i++) {
        struct ending ending = ending_of(ENDING_CLOSED, final[i], "");
        ck_assert_msg(!ending_is_passing(&ending), "%u", final[i]);
    }
}
END_TEST

START_TEST(a_broken_line_is_tried_again_and_a_wrong_certificate_is_not)
{
    static const struct {
        enum ending_kind kind;
        uint16_t code;
        bool is_passing;
    } cases[] = {{ENDING_UNKNOWN_HOST, 0, false}, {ENDING_UNREACHABLE, 0, true},
                 {ENDING_SETUP, 0, false},        {ENDING_TLS, 0, false},
                 {ENDING_HANDSHAKE, 404, false},  {ENDING_HANDSHAKE, 503, true},
                 {ENDING_BREACH, 1002, false},    {ENDING_LOST, 0, true}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ending ending = ending_of(cases[i].kind, cases[i].code, "");
        ck_assert_msg(ending_is_passing(&ending) == cases[i].is_passing, "case %zu", i);
    }
}
END_TEST

START_TEST(certificates_are_explained_in_plain_words)
{
    static const struct {
        const char *failure, *words;
    } cases[] = {
        {"certificate verify failed: hostname mismatch", "belongs to another host name"},
        {"certificate verify failed: IP address mismatch", "does not cover this address"},
        {"certificate verify failed: certificate has expired", "has expired"},
        {"certificate verify failed: certificate is not yet valid", "not valid yet"},
        {"certificate verify failed: self-signed certificate", "authority unknown"},
        {"certificate verify failed: self-signed certificate in certificate chain",
         "authority unknown"},
        {"certificate verify failed: unable to get local issuer certificate", "--cafile"},
        {"certificate verify failed: unsupported certificate purpose", "is not valid"},
        {"wrong version number", "does not speak TLS"},
        {"no shared cipher", "no shared cipher"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *sentence = sentence_of(ENDING_TLS, 0, cases[i].failure);
        ck_assert_msg(strstr(sentence, cases[i].words) != NULL, "%s", sentence);
        ck_assert_msg(strstr(sentence, "example.com") != NULL, "%s", sentence);
    }
}
END_TEST

START_TEST(a_close_says_its_reason)
{
    ck_assert_str_eq(sentence_of(ENDING_CLOSED, WS_CLOSE_RESTART, ""),
                     "example.com is restarting.");
    ck_assert_str_eq(sentence_of(ENDING_CLOSED, WS_CLOSE_KICKED, "flooding"),
                     "You were kicked from example.com: flooding");
    ck_assert_str_eq(sentence_of(ENDING_CLOSED, 3456, ""),
                     "example.com closed the connection (code 3456, unknown).");
}
END_TEST

START_TEST(every_ending_has_a_sentence)
{
    ck_assert_uint_gt(strlen(sentence_of((enum ending_kind)_i, 0, "why")), 2);
}
END_TEST

START_TEST(what_a_server_says_cannot_do_harm)
{
    char longest[2 * ENDING_DETAIL_BYTES];

    ck_assert_str_eq(ending_of(ENDING_CLOSED, 1001, "\x1b[2J").detail, "");
    ck_assert_str_eq(ending_of(ENDING_CLOSED, 1001, "\xff\xfe").detail, "");
    ck_assert_str_eq(sentence_of(ENDING_CLOSED, 4003, "%s%n"),
                     "You were kicked from example.com: %s%n");
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    ck_assert_uint_eq(strlen(ending_of(ENDING_CLOSED, 1001, longest).detail),
                      ENDING_DETAIL_BYTES - 1);
}
END_TEST

START_TEST(the_waits_grow_to_a_limit_and_vary)
{
    struct backoff backoff = {0};
    struct rng rng;
    uint32_t limit_ms = BACKOFF_FIRST_MS, different = 0, last_ms = 0;

    rng_init(&rng, 1);
    for (int i = 0; i < 12; i++) {
        uint32_t wait_ms = backoff_wait_ms(&backoff, &rng);
        ck_assert_uint_ge(wait_ms, limit_ms / 2);
        ck_assert_uint_le(wait_ms, limit_ms);
        if (wait_ms != last_ms) different++;
        last_ms = wait_ms;
        limit_ms = limit_ms * 2 < BACKOFF_MAX_MS ? limit_ms * 2 : BACKOFF_MAX_MS;
    }
    ck_assert_uint_gt(different, 9);
    backoff_reset(&backoff);
    ck_assert_uint_le(backoff_wait_ms(&backoff, &rng), BACKOFF_FIRST_MS);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ending");

    tcase_add_test(tests, only_what_may_pass_is_tried_again);
    tcase_add_test(tests, a_broken_line_is_tried_again_and_a_wrong_certificate_is_not);
    tcase_add_test(tests, certificates_are_explained_in_plain_words);
    tcase_add_test(tests, a_close_says_its_reason);
    tcase_add_loop_test(tests, every_ending_has_a_sentence, 0, ENDING_KINDS);
    tcase_add_test(tests, what_a_server_says_cannot_do_harm);
    tcase_add_test(tests, the_waits_grow_to_a_limit_and_vary);
    return suite_run("ending", tests);
}
