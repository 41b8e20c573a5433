#include "server/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/unit/suite.h"

static struct address address, other;

static bool read_text(struct address *into, const char *text)
{
    return address_from_text(into, text, strlen(text));
}

START_TEST(texts_come_back_in_their_shortest_form)
{
    static const char *const pairs[][2] = {
        {"127.0.0.1", "127.0.0.1"},
        {"203.0.113.255", "203.0.113.255"},
        {"::1", "::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"::ffff:10.1.2.3", "10.1.2.3"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    };
    char text[ADDRESS_TEXT_BYTES];

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        ck_assert_msg(read_text(&address, pairs[i][0]), "%s", pairs[i][0]);
        address_to_text(&address, text);
        ck_assert_str_eq(text, pairs[i][1]);
    }
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
    static const char *const texts[] = {"",           "localhost", "1.2.3",    "1.2.3.256",
                                        "1.2.3.4:80", "[::1]",     "::1%eth0", "1.2.3.4 ",
                                        ":::",        "01.2.3.4",  "unknown",  "1:2:3:4:5:6:7:8:9"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ck_assert_msg(!read_text(&address, texts[i]), "%s", texts[i]);
    ck_assert(!read_text(&address, "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"));
}
END_TEST

START_TEST(only_the_given_length_is_read)
{
    ck_assert(address_from_text(&address, "10.0.0.12, 10.0.0.2", 8));
    ck_assert(read_text(&other, "10.0.0.1"));
    ck_assert(address_is_same_ip(&address, &other));
}
END_TEST

START_TEST(loopback_is_all_of_127_and_one_of_the_others)
{
    static const struct {
        const char *text;
        bool is_loopback;
    } cases[] = {{"127.0.0.1", true},  {"127.255.1.2", true},        {"::1", true},
                 {"128.0.0.1", false}, {"::ffff:127.0.0.1", true},   {"::2", false},
                 {"::", false},        {"0.0.0.0", false},           {"::ffff:126.0.0.1", false},
                 {"fe80::1", false},   {"7f00:0:0:0:0:0:0:1", false}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(read_text(&address, cases[i].text));
        ck_assert_msg(address_is_loopback(&address) == cases[i].is_loopback, "%s", cases[i].text);
    }
}
END_TEST

START_TEST(both_families_of_sockets_become_addresses)
{
    struct sockaddr_storage storage = {0};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(8080)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};

    ck_assert_int_eq(inet_pton(AF_INET, "192.0.2.7", &v4.sin_addr), 1);
    memcpy(&storage, &v4, sizeof v4);
    address = address_from_socket(&storage);
    ck_assert_uint_eq(address.port, 8080);
    ck_assert(read_text(&other, "192.0.2.7") && address_is_same_ip(&address, &other));

    ck_assert_int_eq(inet_pton(AF_INET6, "2001:db8::7", &v6.sin6_addr), 1);
    memcpy(&storage, &v6, sizeof v6);
    address = address_from_socket(&storage);
    ck_assert_uint_eq(address.port, 443);
    ck_assert(read_text(&other, "2001:db8::7") && address_is_same_ip(&address, &other));

    storage.ss_family = AF_UNIX;
    address = address_from_socket(&storage);
    ck_assert_uint_eq(address.port, 0);
    ck_assert(read_text(&other, "::") && address_is_same_ip(&address, &other));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("address");

    tcase_add_test(tests, texts_come_back_in_their_shortest_form);
    tcase_add_test(tests, what_is_no_address_is_refused);
    tcase_add_test(tests, only_the_given_length_is_read);
    tcase_add_test(tests, loopback_is_all_of_127_and_one_of_the_others);
    tcase_add_test(tests, both_families_of_sockets_become_addresses);
    return suite_run("address", tests);
}
