#include "server/net/listener.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/unit/suite.h"

#define WORKERS 3

static struct config_listen asked;
static int fds[LISTENER_ADDRESSES_MAX * WORKERS];
static struct listener_addresses addresses;
static struct error error;

static enum result open_all(const char *host, uint16_t port)
{
    asked = (struct config_listen){.port = port};
    strcpy(asked.host, host);
    return listener_open_all(&asked, WORKERS, fds, &addresses, &error);
}

static void close_all(void)
{
    for (size_t i = 0; i < addresses.count * WORKERS; i++)
        ck_assert_int_eq(close(fds[i]), 0);
}

START_TEST(each_worker_has_a_socket_on_the_same_port)
{
    ck_assert_int_eq(open_all("127.0.0.1", 0), RESULT_OK);
    ck_assert_uint_eq(addresses.count, 1);
    for (size_t i = 0; i < WORKERS; i++) {
        struct sockaddr_storage bound;
        socklen_t length = sizeof bound;
        ck_assert_int_eq(getsockname(fds[i], (struct sockaddr *)&bound, &length), 0);
        struct address address = address_from_socket(&bound);
        ck_assert_uint_eq(address.port, addresses.items[0].port);
        ck_assert(address_is_loopback(&address));
    }
    close_all();
}
END_TEST

START_TEST(localhost_is_every_family_on_one_port)
{
    ck_assert_int_eq(open_all("localhost", 0), RESULT_OK);
    ck_assert_uint_ge(addresses.count, 1);
    for (size_t i = 0; i < addresses.count; i++) {
        ck_assert(address_is_loopback(&addresses.items[i]));
        ck_assert_uint_eq(addresses.items[i].port, addresses.items[0].port);
    }
    close_all();
}
END_TEST

/* The ones of the first server share their port by SO_REUSEPORT, and still do not let us in. */
START_TEST(a_taken_port_is_refused_and_named)
{
    struct config_listen second;
    int more[LISTENER_ADDRESSES_MAX * WORKERS];
    struct listener_addresses none;
    char expected[64];

    ck_assert_int_eq(open_all("127.0.0.1", 0), RESULT_OK);
    second = asked;
    second.port = addresses.items[0].port;
    ck_assert_int_eq(listener_open_all(&second, WORKERS, more, &none, &error), RESULT_IO);
    snprintf(expected, sizeof expected, "cannot listen on 127.0.0.1:%u: Address already in use",
             second.port);
    ck_assert_str_eq(error.message, expected);
    for (size_t i = 0; i < LISTENER_ADDRESSES_MAX * WORKERS; i++)
        ck_assert_int_eq(more[i], -1);
    close_all();
}
END_TEST

START_TEST(an_address_of_another_machine_is_refused_and_named)
{
    ck_assert_int_eq(open_all("2001:db8::1", 8080), RESULT_IO);
    ck_assert_ptr_nonnull(strstr(error.message, "cannot listen on [2001:db8::1]:8080: "));
}
END_TEST

/* ---- accepting ---- */

struct door {
    struct listener listener; /* first: accepted() finds the door by it */
    unsigned count;
    struct address last;
    bool stops_at_first;
};

static void note(struct listener *listener, int fd, const struct address *peer)
{
    struct door *door = (struct door *)(void *)listener;

    door->count++;
    door->last = *peer;
    close(fd);
    if (door->stops_at_first) listener_stop(listener);
}

static void connect_to(const struct address *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(address->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
    close(fd);
}

static void accept_three(struct door *door)
{
    struct config *config = calloc(1, sizeof *config);
    struct metrics metrics = {0};
    struct net *net = calloc(1, sizeof *net);
    struct log log;

    config_set_defaults(config);
    log_init(&log, STDERR_FILENO, LOG_ERROR);
    ck_assert_int_eq(net_init(net, config, &log, &metrics, &error), RESULT_OK);
    asked = (struct config_listen){.host = "127.0.0.1"};
    ck_assert_int_eq(listener_open_all(&asked, 1, fds, &addresses, &error), RESULT_OK);
    door->listener.accepted = note;
    ck_assert_int_eq(listener_start(&door->listener, net, fds[0]), RESULT_OK);

    for (unsigned i = 0; i < 3; i++)
        connect_to(&addresses.items[0]);
    poller_serve(&net->poller, poller_wait(&net->poller, 5000));
    listener_stop(&door->listener);
    listener_stop(&door->listener);
    net_deinit(net);
    free(net);
    free(config);
}

START_TEST(who_comes_is_handed_over_with_its_address)
{
    struct door door = {.count = 0};

    accept_three(&door);
    ck_assert_uint_eq(door.count, 3);
    ck_assert(address_is_loopback(&door.last));
    ck_assert_uint_ne(door.last.port, 0);
}
END_TEST

START_TEST(a_listener_may_be_stopped_while_it_accepts)
{
    struct door door = {.stops_at_first = true};

    accept_three(&door);
    ck_assert_uint_eq(door.count, 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("listener");

    tcase_add_test(tests, each_worker_has_a_socket_on_the_same_port);
    tcase_add_test(tests, localhost_is_every_family_on_one_port);
    tcase_add_test(tests, a_taken_port_is_refused_and_named);
    tcase_add_test(tests, an_address_of_another_machine_is_refused_and_named);
    tcase_add_test(tests, who_comes_is_handed_over_with_its_address);
    tcase_add_test(tests, a_listener_may_be_stopped_while_it_accepts);
    return suite_run("listener", tests);
}
