#include "server/net/handover.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static struct handover handover;
static struct error error;

static void set_up(void)
{
    ck_assert_int_eq(handover_init(&handover, &error), RESULT_OK);
}

static void tear_down(void)
{
    handover_deinit(&handover);
}

/* A descriptor of its own, so that it shows who closes it. */
static struct conn_parts parts_of(int *fd)
{
    *fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(*fd, 0);
    return (struct conn_parts){.fd = *fd};
}

static enum result push(const char *bytes, bool *was_empty)
{
    int fd;
    struct conn_parts parts = parts_of(&fd);
    return handover_push(&handover, &parts, 3, (const uint8_t *)bytes, strlen(bytes), was_empty);
}

START_TEST(what_is_pushed_comes_out_in_order_and_whole)
{
    bool was_empty, has_any;

    (void)handover_pushed(&handover, &has_any);
    ck_assert(!has_any);
    ck_assert_int_eq(push("GET /a", &was_empty), RESULT_OK);
    ck_assert(was_empty);
    ck_assert_int_eq(push("GET /b", &was_empty), RESULT_OK);
    ck_assert(!was_empty);

    uint64_t end = handover_pushed(&handover, &has_any);
    ck_assert(has_any);
    for (const char *name = "ab"; *name != '\0'; name++) {
        struct handover_item *item = handover_peek(&handover, end);
        ck_assert_ptr_nonnull(item);
        ck_assert_uint_eq(item->requests, 3);
        ck_assert_uint_eq(item->length_bytes, 6);
        ck_assert_int_eq(item->bytes[5], *name);
        conn_parts_close(&item->parts);
        handover_pop(&handover);
    }
    ck_assert_ptr_null(handover_peek(&handover, end));
}
END_TEST

START_TEST(what_came_after_the_last_wait_stays)
{
    bool was_empty, has_any;

    ck_assert_int_eq(push("GET /a", &was_empty), RESULT_OK);
    uint64_t end = handover_pushed(&handover, &has_any);
    ck_assert_int_eq(push("GET /b", &was_empty), RESULT_OK);
    struct handover_item *item = handover_peek(&handover, end);
    ck_assert_ptr_nonnull(item);
    conn_parts_close(&item->parts);
    handover_pop(&handover);
    ck_assert_ptr_null(handover_peek(&handover, end));
    ck_assert_ptr_nonnull(handover_peek(&handover, end + 1));
}
END_TEST

START_TEST(a_full_one_refuses_and_closes_what_is_left)
{
    bool was_empty;
    int fd;
    struct conn_parts parts = parts_of(&fd);

    for (unsigned i = 0; i < HANDOVER_PLACES; i++) {
        ck_assert(!handover_is_full(&handover));
        ck_assert_int_eq(push("GET /", &was_empty), RESULT_OK);
    }
    ck_assert(handover_is_full(&handover));
    ck_assert_int_eq(handover_push(&handover, &parts, 0, (const uint8_t *)"x", 1, &was_empty),
                     RESULT_FULL);
    int last = handover.items[HANDOVER_PLACES - 1].parts.fd;
    handover_deinit(&handover);
    ck_assert_int_eq(fcntl(last, F_GETFD), -1);
    ck_assert_int_ne(fcntl(fd, F_GETFD), -1); /* still the pusher's */
    conn_parts_close(&parts);
}
END_TEST

START_TEST(more_than_a_block_is_refused)
{
    static uint8_t bytes[NET_BLOCK_BYTES + 1];
    bool was_empty;
    int fd;
    struct conn_parts parts = parts_of(&fd);

    ck_assert_int_eq(handover_push(&handover, &parts, 0, bytes, sizeof bytes, &was_empty),
                     RESULT_FULL);
    ck_assert_int_eq(handover_push(&handover, &parts, 0, bytes, NET_BLOCK_BYTES, &was_empty),
                     RESULT_OK);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("handover");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, what_is_pushed_comes_out_in_order_and_whole);
    tcase_add_test(tests, what_came_after_the_last_wait_stays);
    tcase_add_test(tests, a_full_one_refuses_and_closes_what_is_left);
    tcase_add_test(tests, more_than_a_block_is_refused);
    return suite_run("handover", tests);
}
