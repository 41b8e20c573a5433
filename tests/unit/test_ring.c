#include "shared/host/ring.h"

#include <pthread.h>
#include <string.h>

#include "tests/unit/suite.h"

#define RECORDS 200000u

START_TEST(records_come_out_in_order)
{
    struct ring ring;
    uint32_t record;

    ck_assert_int_eq(ring_init(&ring, 5, sizeof record), RESULT_OK);
    ck_assert_uint_eq(ring.capacity, 8);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert_int_eq(ring_push(&ring, &i, NULL), RESULT_OK);
        if (i % 3 == 2) {
            for (uint32_t j = i - 2; j <= i; j++) {
                ck_assert(ring_pop(&ring, &record));
                ck_assert_uint_eq(record, j);
            }
        }
    }
    ring_deinit(&ring);
}
END_TEST

START_TEST(a_full_ring_refuses_and_loses_nothing)
{
    struct ring ring;
    uint8_t record = 0;

    ck_assert_int_eq(ring_init(&ring, 4, 1), RESULT_OK);
    for (uint8_t i = 0; i < 4; i++)
        ck_assert_int_eq(ring_push(&ring, &i, NULL), RESULT_OK);
    ck_assert_int_eq(ring_push(&ring, &record, NULL), RESULT_FULL);
    ck_assert_uint_eq(ring_count(&ring), 4);
    for (uint8_t i = 0; i < 4; i++) {
        ck_assert(ring_pop(&ring, &record));
        ck_assert_uint_eq(record, i);
    }
    ck_assert(!ring_pop(&ring, &record));
    ring_deinit(&ring);
}
END_TEST

START_TEST(an_empty_ring_is_filled_from_its_first_place_on)
{
    struct ring ring;
    uint32_t record, places[8] = {0};

    ck_assert_int_eq(ring_init(&ring, 8, sizeof record), RESULT_OK);
    for (uint32_t i = 1; i <= 1001; i += 2) {
        for (uint32_t j = i; j < i + 2; j++)
            ck_assert_int_eq(ring_push(&ring, &j, NULL), RESULT_OK);
        for (uint32_t j = i; j < i + 2; j++)
            ck_assert(ring_pop(&ring, &record) && record == j);
    }
    memcpy(places, ring.records, sizeof places);
    ck_assert(places[0] == 1001 && places[1] == 1002);
    for (unsigned i = 2; i < 8; i++)
        ck_assert_uint_eq(places[i], 0);
    ring_deinit(&ring);
}
END_TEST

START_TEST(only_a_push_to_an_empty_ring_wakes)
{
    struct ring ring;
    int record = 7;
    bool wakes;

    ck_assert_int_eq(ring_init(&ring, 4, sizeof record), RESULT_OK);
    (void)ring_push(&ring, &record, &wakes);
    ck_assert(wakes);
    (void)ring_push(&ring, &record, &wakes);
    ck_assert(!wakes);
    ck_assert(ring_pop(&ring, &record) && ring_pop(&ring, &record));
    (void)ring_push(&ring, &record, &wakes);
    ck_assert(wakes);
    ring_deinit(&ring);
}
END_TEST

/* What two threads share: the popper sleeps whenever it found the ring empty. */
struct pair {
    struct ring ring;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool wake;
};

static void *push_all(void *argument)
{
    struct pair *pair = argument;

    for (uint32_t i = 0; i < RECORDS;) {
        bool wakes = false;
        if (ring_push(&pair->ring, &i, &wakes) == RESULT_OK) i++;
        if (!wakes) continue;
        pthread_mutex_lock(&pair->lock);
        pair->wake = true;
        pthread_cond_signal(&pair->woken);
        pthread_mutex_unlock(&pair->lock);
    }
    return NULL;
}

START_TEST(between_two_threads_no_record_and_no_wake_up_is_lost)
{
    static struct pair pair = {.lock = PTHREAD_MUTEX_INITIALIZER,
                               .woken = PTHREAD_COND_INITIALIZER};
    pthread_t pusher;
    uint32_t record, expected = 0;

    ck_assert_int_eq(ring_init(&pair.ring, 16, sizeof record), RESULT_OK);
    ck_assert_int_eq(pthread_create(&pusher, NULL, push_all, &pair), 0);
    while (expected < RECORDS) {
        if (ring_pop(&pair.ring, &record)) {
            ck_assert_uint_eq(record, expected++);
            continue;
        }
        pthread_mutex_lock(&pair.lock);
        while (!pair.wake)
            pthread_cond_wait(&pair.woken, &pair.lock);
        pair.wake = false;
        pthread_mutex_unlock(&pair.lock);
    }
    pthread_join(pusher, NULL);
    ring_deinit(&pair.ring);
}
END_TEST

START_TEST(what_is_peeked_at_is_what_is_popped_next)
{
    struct ring ring;
    uint32_t record;

    ck_assert_int_eq(ring_init(&ring, 4, sizeof record), RESULT_OK);
    ck_assert_ptr_null(ring_peek(&ring));
    for (uint32_t i = 0; i < 10; i++) {
        ck_assert_int_eq(ring_push(&ring, &i, NULL), RESULT_OK);
        memcpy(&record, ring_peek(&ring), sizeof record);
        ck_assert_uint_eq(record, i);
        ck_assert(ring_pop(&ring, &record));
        ck_assert_uint_eq(record, i);
    }
    ck_assert_ptr_null(ring_peek(&ring));
    ring_deinit(&ring);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ring");

    tcase_add_test(tests, records_come_out_in_order);
    tcase_add_test(tests, a_full_ring_refuses_and_loses_nothing);
    tcase_add_test(tests, an_empty_ring_is_filled_from_its_first_place_on);
    tcase_add_test(tests, only_a_push_to_an_empty_ring_wakes);
    tcase_add_test(tests, between_two_threads_no_record_and_no_wake_up_is_lost);
    tcase_add_test(tests, what_is_peeked_at_is_what_is_popped_next);
    return suite_run("ring", tests);
}
