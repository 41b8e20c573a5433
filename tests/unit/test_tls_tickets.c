#include "shared/host/tls_tickets.h"

#include <string.h>

#include "tests/unit/suite.h"

static struct tls_tickets tickets;
static struct tls_ticket_key first, found;
static bool is_newest;

static void set_up(void)
{
    tls_tickets_init(&tickets, NULL, 100);
    tls_tickets_newest(&tickets, 100, &first);
}

static void tear_down(void)
{
    tls_tickets_deinit(&tickets);
}

static bool finds_first(uint64_t now_s)
{
    return tls_tickets_find(&tickets, first.name, now_s, &found, &is_newest);
}

START_TEST(a_key_seals_for_its_time_and_opens_for_as_long_again)
{
    struct tls_ticket_key key;

    tls_tickets_newest(&tickets, 99 + TLS_TICKET_KEY_S, &key);
    ck_assert_mem_eq(&key, &first, sizeof key);
    tls_tickets_newest(&tickets, 100 + TLS_TICKET_KEY_S, &key);
    ck_assert_mem_ne(key.name, first.name, sizeof key.name);
    ck_assert_mem_ne(key.cipher, first.cipher, sizeof key.cipher);
    ck_assert(finds_first(99 + 2 * TLS_TICKET_KEY_S));
    ck_assert(!is_newest);
    ck_assert_mem_eq(&found, &first, sizeof first);
    ck_assert(!finds_first(100 + 2 * TLS_TICKET_KEY_S));
}
END_TEST

START_TEST(after_a_long_silence_no_old_key_opens)
{
    ck_assert(finds_first(101));
    ck_assert(is_newest);
    ck_assert(!finds_first(100 + 2 * TLS_TICKET_KEY_S));
}
END_TEST

START_TEST(a_copy_opens_what_the_original_sealed)
{
    struct tls_tickets copy;

    tls_tickets_init(&copy, &tickets, 200);
    ck_assert(tls_tickets_find(&copy, first.name, 200, &found, &is_newest));
    ck_assert_mem_eq(&found, &first, sizeof first);
    ck_assert(
        !tls_tickets_find(&copy, (const uint8_t *)"0123456789abcdef", 200, &found, &is_newest));
    tls_tickets_deinit(&copy);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("tls_tickets");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_key_seals_for_its_time_and_opens_for_as_long_again);
    tcase_add_test(tests, after_a_long_silence_no_old_key_opens);
    tcase_add_test(tests, a_copy_opens_what_the_original_sealed);
    return suite_run("tls_tickets", tests);
}
