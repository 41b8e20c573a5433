#include "server/net/poller.h"

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "shared/host/clock.h"
#include "tests/unit/suite.h"

#define SOURCES 40

/* A descriptor that is ready until it has been served; it may take its time for that. */
struct item {
    struct poller_source source; /* first */
    int fd;
    uint64_t takes_us;
};

static struct poller poller;
static struct error error;
static struct item items[SOURCES];
static unsigned served[SOURCES]; /* the indexes of the items, in the order of their turns */
static unsigned served_count;

static void serve(struct poller_source *source, uint32_t events)
{
    struct item *item = (struct item *)(void *)source;
    uint64_t end_us = clock_monotonic_us() + item->takes_us, count;

    ck_assert_uint_eq(events, EPOLLIN);
    ck_assert_int_eq(read(item->fd, &count, sizeof count), sizeof count);
    while (clock_monotonic_us() < end_us)
        continue;
    served[served_count++] = (unsigned)(item - items);
}

static void add(unsigned i, enum poller_rank rank, uint64_t takes_us)
{
    items[i] = (struct item){.source = {.ready = serve, .rank = rank},
                             .fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC),
                             .takes_us = takes_us};
    ck_assert_int_ge(items[i].fd, 0);
    ck_assert_int_eq(poller_add(&poller, items[i].fd, &items[i].source, EPOLLIN), RESULT_OK);
}

static void set_up(void)
{
    served_count = 0;
    ck_assert_int_eq(poller_init(&poller, &error), RESULT_OK);
}

static void tear_down(void)
{
    poller_deinit(&poller);
}

static unsigned turn(void)
{
    unsigned before = served_count;
    poller_serve(&poller, poller_wait(&poller, 0));
    return served_count - before;
}

START_TEST(wakes_come_before_input_and_strangers_last)
{
    add(0, POLLER_LATER, 0);
    add(1, POLLER_INPUT, 0);
    add(2, POLLER_WAKE, 0);
    add(3, POLLER_INPUT, 0);

    ck_assert_uint_eq(turn(), 4);
    ck_assert_uint_eq(served[0], 2);
    ck_assert_uint_eq(served[1] + served[2], 1 + 3);
    ck_assert_uint_eq(served[3], 0);
}
END_TEST

START_TEST(of_strangers_a_turn_serves_a_few_and_of_players_all)
{
    for (unsigned i = 0; i < SOURCES; i++)
        add(i, i % 2 == 0 ? POLLER_LATER : POLLER_INPUT, 0);

    ck_assert_uint_eq(turn(), SOURCES / 2 + POLLER_LATER_MAX);
    ck_assert_uint_eq(turn(), SOURCES / 2 - POLLER_LATER_MAX);
    ck_assert_uint_eq(turn(), 0);
}
END_TEST

/* Each takes most of the time that all of them have. */
START_TEST(of_strangers_that_take_long_a_turn_serves_fewer)
{
    for (unsigned i = 0; i < 4; i++)
        add(i, POLLER_LATER, POLLER_LATER_US * 3 / 4);

    for (unsigned all = 0; all < 4;) {
        unsigned count = turn();
        ck_assert(count == 1 || count == 2);
        all += count;
    }
}
END_TEST

START_TEST(players_are_served_whatever_time_it_takes)
{
    for (unsigned i = 0; i < 4; i++)
        add(i, POLLER_INPUT, POLLER_LATER_US);

    ck_assert_uint_eq(turn(), 4);
}
END_TEST

START_TEST(a_rest_is_ended_by_its_descriptor_alone)
{
    int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    uint64_t one = 1, began_us = clock_monotonic_us();
    add(0, POLLER_INPUT, 0);

    poller_rest(wake, 20000);
    ck_assert_uint_ge(clock_monotonic_us() - began_us, 20000);
    ck_assert_int_eq(write(wake, &one, sizeof one), sizeof one);
    poller_rest(wake, 3600u * 1000000u); /* the test's own time would be over */
    ck_assert_uint_eq(turn(), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("poller");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, wakes_come_before_input_and_strangers_last);
    tcase_add_test(tests, of_strangers_a_turn_serves_a_few_and_of_players_all);
    tcase_add_test(tests, of_strangers_that_take_long_a_turn_serves_fewer);
    tcase_add_test(tests, players_are_served_whatever_time_it_takes);
    tcase_add_test(tests, a_rest_is_ended_by_its_descriptor_alone);
    return suite_run("poller", tests);
}
