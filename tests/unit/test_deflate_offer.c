#include "server/ws/deflate_offer.h"

#include <string.h>

#include "tests/unit/suite.h"

static const struct deflate_grant frugal = {.context_takeover = false, .window_bits = 12};
static const struct deflate_grant generous = {.context_takeover = true, .window_bits = 15};

/* The answer to one header line, "" if nothing is agreed on, or "malformed". */
static const char *answer_to(const char *offers, const struct deflate_grant *grant)
{
    static char text[DEFLATE_TERMS_CHARS_MAX];
    struct deflate_terms terms = {.is_agreed = false};
    struct ws_text line = {offers, strlen(offers)};

    if (deflate_offer_choose(line, grant, &terms) != RESULT_OK) return "malformed";
    if (!terms.is_agreed) return "";
    deflate_terms_write(&terms, text);
    return text;
}

#define NO_TAKEOVER "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "

static const struct {
    const char *offers, *frugal, *generous;
} cases[] = {
    {"permessage-deflate", NO_TAKEOVER "server_max_window_bits=12",
     "permessage-deflate; server_max_window_bits=15"},
    {"permessage-deflate; client_max_window_bits",
     NO_TAKEOVER "server_max_window_bits=12; client_max_window_bits=12",
     "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15"},
    {"permessage-deflate; client_max_window_bits=10; server_max_window_bits=9",
     NO_TAKEOVER "server_max_window_bits=9; client_max_window_bits=10",
     "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"},
    {"permessage-deflate;server_no_context_takeover", NO_TAKEOVER "server_max_window_bits=12",
     "permessage-deflate; server_no_context_takeover; server_max_window_bits=15"},
    {"permessage-deflate; client_no_context_takeover", NO_TAKEOVER "server_max_window_bits=12",
     "permessage-deflate; client_no_context_takeover; server_max_window_bits=15"},
    {" permessage-deflate ; server_max_window_bits = \"14\" ,",
     NO_TAKEOVER "server_max_window_bits=12", "permessage-deflate; server_max_window_bits=14"},
    /* the first that can be granted */
    {"permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=11",
     NO_TAKEOVER "server_max_window_bits=11", "permessage-deflate; server_max_window_bits=11"},
    {"x-webkit-deflate-frame, , permessage-deflate; what=1, permessage-deflate",
     NO_TAKEOVER "server_max_window_bits=12", "permessage-deflate; server_max_window_bits=15"},
};

START_TEST(offers_are_answered_by_what_they_allow)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_str_eq(answer_to(cases[i].offers, &frugal), cases[i].frugal);
        ck_assert_str_eq(answer_to(cases[i].offers, &generous), cases[i].generous);
    }
}
END_TEST

START_TEST(offers_that_cannot_be_granted_are_declined)
{
    static const char *const declined[] = {
        "",
        ",",
        "permessage-bzip2",
        "Permessage-Deflate",
        "permessage-deflate; unknown",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=012",
        "permessage-deflate; server_max_window_bits=1e1",
        "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=\"0\"",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
    };

    for (size_t i = 0; i < sizeof declined / sizeof declined[0]; i++)
        ck_assert_msg(answer_to(declined[i], &generous)[0] == '\0', "%s", declined[i]);
}
END_TEST

START_TEST(what_is_no_list_is_told_from_what_is_declined)
{
    static const char *const malformed[] = {
        ";",
        "permessage-deflate;",
        "permessage-deflate; ; x",
        "permessage-deflate; =1",
        "permessage-deflate; client_max_window_bits=",
        "permessage-deflate; client_max_window_bits=\"10",
        "permessage-deflate; client_max_window_bits=\"\"",
        "permessage-deflate permessage-deflate",
        "permessage-deflate, (comment)",
        "permessage-deflate\x01",
    };

    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        ck_assert_msg(strcmp(answer_to(malformed[i], &frugal), "malformed") == 0, "%s",
                      malformed[i]);
}
END_TEST

START_TEST(what_one_line_agreed_on_the_next_does_not_change)
{
    struct deflate_terms terms = {.is_agreed = false};
    struct ws_text first = {"permessage-deflate; server_max_window_bits=10", 45};
    struct ws_text second = {"permessage-deflate", 18};

    ck_assert_int_eq(deflate_offer_choose(first, &frugal, &terms), RESULT_OK);
    ck_assert_int_eq(deflate_offer_choose(second, &frugal, &terms), RESULT_OK);
    ck_assert_uint_eq(terms.server_window_bits, 10);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("deflate_offer");

    tcase_add_test(tests, offers_are_answered_by_what_they_allow);
    tcase_add_test(tests, offers_that_cannot_be_granted_are_declined);
    tcase_add_test(tests, what_is_no_list_is_told_from_what_is_declined);
    tcase_add_test(tests, what_one_line_agreed_on_the_next_does_not_change);
    return suite_run("deflate_offer", tests);
}
