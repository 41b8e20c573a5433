#include "server/net/sendq.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

#define LIMIT_BYTES 65536

static struct pool blocks;
static struct sendq q;
static struct error error;

static void set_up(void)
{
    ck_assert_int_eq(pool_init(&blocks, SENDQ_BLOCK_BYTES, 6, &error), RESULT_OK);
    sendq_init(&q, LIMIT_BYTES);
}

static void tear_down(void)
{
    sendq_deinit(&q, &blocks);
    ck_assert_uint_eq(blocks.taken_count, 0);
    pool_deinit(&blocks);
}

START_TEST(an_empty_queue_holds_no_block)
{
    size_t length;
    uint8_t byte = 1;

    ck_assert_ptr_null(sendq_peek(&q, &length));
    ck_assert_int_eq(sendq_push(&q, &blocks, &byte, 1), RESULT_OK);
    ck_assert_uint_eq(blocks.taken_count, 1);
    sendq_pop(&q, &blocks, 1);
    ck_assert_uint_eq(blocks.taken_count, 0);
    ck_assert_uint_eq(q.bytes, 0);
}
END_TEST

/* Bytes are a counter: what comes out must go on where it stopped. */
START_TEST(bytes_leave_in_order_however_they_are_cut)
{
    uint32_t in = 0, out = 0;
    uint8_t piece[5000];
    size_t length;

    srand(1);
    for (int round = 0; round < 2000; round++) {
        size_t wanted = (size_t)rand() % sizeof piece;
        for (size_t i = 0; i < wanted; i++)
            piece[i] = (uint8_t)((in + i) * 31 >> 3);
        if (sendq_push(&q, &blocks, piece, wanted) == RESULT_OK) in += (uint32_t)wanted;
        const uint8_t *bytes = sendq_peek(&q, &length);
        size_t take = length > 0 ? (size_t)rand() % (length + 1) : 0;
        for (size_t i = 0; i < take; i++)
            ck_assert_uint_eq(bytes[i], (uint8_t)((out + i) * 31 >> 3));
        sendq_pop(&q, &blocks, take);
        out += (uint32_t)take;
        ck_assert_uint_eq(q.bytes, in - out);
    }
}
END_TEST

START_TEST(a_push_beyond_the_limit_is_refused_whole)
{
    static uint8_t bytes[LIMIT_BYTES];
    size_t length;

    ck_assert_int_eq(sendq_push(&q, &blocks, bytes, LIMIT_BYTES - 1), RESULT_OK);
    ck_assert_int_eq(sendq_push(&q, &blocks, bytes, 2), RESULT_FULL);
    ck_assert_uint_eq(q.bytes, LIMIT_BYTES - 1);
    ck_assert_int_eq(sendq_push(&q, &blocks, bytes, 1), RESULT_OK);
    (void)sendq_peek(&q, &length);
    ck_assert_uint_eq(length, SENDQ_PIECE_BYTES);
}
END_TEST

START_TEST(a_push_that_the_pool_cannot_hold_is_refused_whole)
{
    static uint8_t bytes[LIMIT_BYTES];
    void *taken[4];

    for (size_t i = 0; i < 4; i++)
        taken[i] = pool_take(&blocks);
    ck_assert(!sendq_has_room(&q, &blocks, 2 * SENDQ_PIECE_BYTES + 1));
    ck_assert_int_eq(sendq_push(&q, &blocks, bytes, 2 * SENDQ_PIECE_BYTES + 1), RESULT_FULL);
    ck_assert_uint_eq(blocks.taken_count, 4);
    ck_assert_int_eq(sendq_push(&q, &blocks, bytes, 2 * SENDQ_PIECE_BYTES), RESULT_OK);
    for (size_t i = 0; i < 4; i++)
        pool_give(&blocks, taken[i]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("sendq");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, an_empty_queue_holds_no_block);
    tcase_add_test(tests, bytes_leave_in_order_however_they_are_cut);
    tcase_add_test(tests, a_push_beyond_the_limit_is_refused_whole);
    tcase_add_test(tests, a_push_that_the_pool_cannot_hold_is_refused_whole);
    return suite_run("sendq", tests);
}
