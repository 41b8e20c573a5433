#include "shared/ws_reader.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/ws_vectors.h"

/* Longer streams are cut at their first and last bytes only. */
#define EVERY_PREFIX_BYTES 600
#define EDGE_PREFIX_BYTES  20

static struct ws_vectors vectors;

static const struct ws_reader_config client = {
    .role = WS_CLIENT, .message_bytes_max = 4096, .fragments_max = 16};

/* "Hello" as a whole text message, from a server. */
static const uint8_t hello[] = {0x81, 5, 'H', 'e', 'l', 'l', 'o'};

static void check_transcript(const struct ws_vector *v, const struct ws_transcript *t)
{
    ck_assert_msg(t->end == v->expected.end, "%s: ends %s", v->name, result_name(t->end));
    ck_assert_msg(t->used_bytes == v->expected.used_bytes, "%s: %zu bytes of events", v->name,
                  t->used_bytes);
    ck_assert_msg(t->used_bytes == 0 || memcmp(t->bytes, v->expected.bytes, t->used_bytes) == 0,
                  "%s: other events", v->name);
    if (v->close_code == 0) {
        ck_assert_msg(t->breach == WS_BREACH_NONE, "%s: %s", v->name, ws_breach_text(t->breach));
        return;
    }
    ck_assert_msg(t->breach != WS_BREACH_NONE, "%s: no breach", v->name);
    ck_assert_msg(strcmp(ws_breach_text(t->breach), v->breach) == 0, "%s: %s", v->name,
                  ws_breach_text(t->breach));
    ck_assert_msg(ws_breach_close(t->breach) == v->close_code, "%s: %d", v->name,
                  ws_breach_close(t->breach));
}

static void check_split(const struct ws_vector *v, struct ws_split split)
{
    struct ws_transcript t = ws_transcript_read(&v->config, v->bytes, v->length_bytes, split);

    check_transcript(v, &t);
    ws_transcript_deinit(&t);
}

START_TEST(a_vector_reads_the_same_however_it_is_split)
{
    const struct ws_vector *v = &vectors.items[_i];

    check_split(v, (struct ws_split){0});
    for (uint8_t step = 1; step < 20; step++)
        check_split(v, (struct ws_split){&step, 1});
    check_split(v, (struct ws_split){(const uint8_t[]){1, 3, 200, 2, 0, 7}, 6});
}
END_TEST

START_TEST(a_prefix_of_a_vector_gives_a_prefix_of_its_events)
{
    const struct ws_vector *v = &vectors.items[_i];

    for (size_t length = 0; length < v->length_bytes; length++) {
        if (length > EDGE_PREFIX_BYTES && v->length_bytes > EVERY_PREFIX_BYTES &&
            length < v->length_bytes - EDGE_PREFIX_BYTES) {
            continue;
        }
        struct ws_transcript t =
            ws_transcript_read(&v->config, v->bytes, length, (struct ws_split){0});
        ck_assert_msg(t.end == RESULT_AGAIN || t.end == v->expected.end, "%s: ends %s after %zu",
                      v->name, result_name(t.end), length);
        ck_assert_uint_le(t.used_bytes, v->expected.used_bytes);
        ck_assert(t.used_bytes == 0 || memcmp(t.bytes, v->expected.bytes, t.used_bytes) == 0);
        ws_transcript_deinit(&t);
    }
}
END_TEST

START_TEST(a_whole_frame_is_delivered_where_it_lies_and_needs_no_buffer)
{
    uint8_t bytes[2 * sizeof hello];
    struct ws_input in = {bytes, sizeof bytes};
    struct ws_reader r;
    struct ws_event event;

    memcpy(bytes, hello, sizeof hello);
    memcpy(bytes + sizeof hello, hello, sizeof hello);
    ws_reader_init(&r, &client);
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_OK);
        ck_assert_ptr_eq(event.payload, bytes + i * sizeof hello + 2);
        ck_assert_uint_eq(event.payload_bytes, 5);
    }
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_AGAIN);
    ck_assert_uint_eq(in.length_bytes, 0);
}
END_TEST

START_TEST(a_message_in_pieces_asks_for_a_buffer_and_goes_on)
{
    uint8_t bytes[sizeof hello], buffer[WS_READER_BUFFER_BYTES(5)];
    struct ws_input in = {bytes, 4};
    struct ws_reader r;
    struct ws_event event;

    memcpy(bytes, hello, sizeof hello);
    ws_reader_init(&r, &client);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_FULL);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_FULL);
    ck_assert_uint_eq(ws_reader_used_bytes(&r), 0);

    ws_reader_set_buffer(&r, buffer, sizeof buffer - 1);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_AGAIN);
    ck_assert_uint_eq(ws_reader_used_bytes(&r), WS_READER_BUFFER_BYTES(2));
    in.length_bytes = 3;
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_FULL);
    ck_assert_uint_eq(in.length_bytes, 1);
    ws_reader_set_buffer(&r, buffer, sizeof buffer);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_OK);
    ck_assert_mem_eq(event.payload, "Hello", 5);
    ck_assert_uint_eq(ws_reader_used_bytes(&r), 0);
}
END_TEST

START_TEST(the_buffer_grows_by_what_came_and_not_by_what_a_header_announces)
{
    uint8_t bytes[] = {0x82, 126, 0x10, 0x00, 'a'}, buffer[WS_READER_BUFFER_BYTES(1)];
    struct ws_input in = {bytes, sizeof bytes};
    struct ws_reader r;
    struct ws_event event;

    ws_reader_init(&r, &client);
    ws_reader_set_buffer(&r, buffer, sizeof buffer);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_AGAIN);
}
END_TEST

START_TEST(a_reader_is_midway_from_a_first_byte_to_the_last)
{
    uint8_t bytes[] = {0x01, 0, 0x89, 0, 0x80, 0};
    static const bool midway[] = {true, true, true, true, true, false};
    struct ws_reader r;

    ws_reader_init(&r, &client);
    ck_assert(!ws_reader_is_midway(&r));
    for (size_t i = 0; i < sizeof bytes; i++) {
        struct ws_input in = {bytes + i, 1};
        struct ws_event event;
        ws_reader_read(&r, &in, &event);
        ck_assert_int_eq(ws_reader_is_midway(&r), midway[i]);
    }
}
END_TEST

START_TEST(lowered_limits_hold_for_the_message_under_way)
{
    uint8_t bytes[] = {0x02, 3, 'a', 'b', 'c', 0x80, 0}, buffer[WS_READER_BUFFER_BYTES(3)];
    struct ws_input in = {bytes, 5};
    struct ws_reader r;
    struct ws_event event;

    ws_reader_init(&r, &client);
    ws_reader_set_buffer(&r, buffer, sizeof buffer);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_AGAIN);
    ws_reader_set_limits(&r, 2, 16);
    in.length_bytes = 2;
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_TOO_BIG);
    ck_assert_int_eq(ws_reader_breach(&r), WS_BREACH_MESSAGE_BYTES);
}
END_TEST

START_TEST(a_raised_limit_holds_from_the_next_frame_on)
{
    uint8_t bytes[sizeof hello];
    struct ws_input in = {bytes, sizeof bytes};
    struct ws_reader_config small = client;
    struct ws_reader r;
    struct ws_event event;

    memcpy(bytes, hello, sizeof hello);
    small.message_bytes_max = 4;
    ws_reader_init(&r, &small);
    ws_reader_set_limits(&r, 5, 1);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_OK);
}
END_TEST

START_TEST(a_breach_stays_and_swallows_the_rest)
{
    uint8_t bytes[] = {0x83, 0, 0x81, 0};
    struct ws_input in = {bytes, sizeof bytes};
    struct ws_reader r;
    struct ws_event event;

    ws_reader_init(&r, &client);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_INVALID);
        ck_assert_int_eq(event.kind, WS_EVENT_NONE);
        ck_assert_int_eq(ws_reader_breach(&r), WS_BREACH_OPCODE);
    }
    ck_assert_uint_eq(in.length_bytes, 0);
}
END_TEST

START_TEST(a_message_of_16_mib_arrives_in_a_growing_buffer)
{
    const size_t payload_bytes = 16u << 20;
    uint8_t *bytes = malloc(WS_HEADER_BYTES_MAX + payload_bytes);
    struct ws_reader_config config = client;
    struct ws_frame frame = {.payload_bytes = payload_bytes, .opcode = WS_TEXT, .fin = true};

    ck_assert_ptr_nonnull(bytes);
    config.message_bytes_max = (uint32_t)payload_bytes;
    size_t header_bytes = ws_frame_encode(bytes, &frame);
    memset(bytes + header_bytes, 'x', payload_bytes);
    struct ws_transcript t = ws_transcript_read(&config, bytes, header_bytes + payload_bytes,
                                                (struct ws_split){(const uint8_t[]){0}, 1});
    ck_assert_int_eq(t.end, RESULT_AGAIN);
    ck_assert_uint_gt(t.used_bytes, payload_bytes);
    ws_transcript_deinit(&t);
    free(bytes);
}
END_TEST

START_TEST(the_buffer_can_be_taken_back_after_a_breach_inside_a_message)
{
    uint8_t bytes[] = {0x01, 2, 'a', 0xff}, buffer[WS_READER_BUFFER_BYTES(2)];
    struct ws_input in = {bytes, sizeof bytes};
    struct ws_reader r;
    struct ws_event event;

    ws_reader_init(&r, &client);
    ws_reader_set_buffer(&r, buffer, sizeof buffer);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_INVALID);
    ck_assert_uint_eq(ws_reader_used_bytes(&r), 0);
    ws_reader_set_buffer(&r, NULL, 0);
}
END_TEST

START_TEST(a_buffer_smaller_than_what_is_in_use_is_a_bug)
{
    uint8_t bytes[] = {0x82, 5, 'a'}, buffer[WS_READER_BUFFER_BYTES(5)];
    struct ws_input in = {bytes, sizeof bytes};
    struct ws_reader r;
    struct ws_event event;

    ws_reader_init(&r, &client);
    ws_reader_set_buffer(&r, buffer, sizeof buffer);
    ck_assert_int_eq(ws_reader_read(&r, &in, &event), RESULT_AGAIN);
    ws_reader_set_buffer(&r, NULL, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ws_reader");

    vectors = ws_vectors_load("tests/vectors/ws_frames.json");
    int count = (int)vectors.count;
    tcase_add_loop_test(tests, a_vector_reads_the_same_however_it_is_split, 0, count);
    tcase_add_loop_test(tests, a_prefix_of_a_vector_gives_a_prefix_of_its_events, 0, count);
    tcase_add_test(tests, a_whole_frame_is_delivered_where_it_lies_and_needs_no_buffer);
    tcase_add_test(tests, a_message_in_pieces_asks_for_a_buffer_and_goes_on);
    tcase_add_test(tests, the_buffer_grows_by_what_came_and_not_by_what_a_header_announces);
    tcase_add_test(tests, a_reader_is_midway_from_a_first_byte_to_the_last);
    tcase_add_test(tests, lowered_limits_hold_for_the_message_under_way);
    tcase_add_test(tests, a_raised_limit_holds_from_the_next_frame_on);
    tcase_add_test(tests, a_breach_stays_and_swallows_the_rest);
    tcase_add_test(tests, a_message_of_16_mib_arrives_in_a_growing_buffer);
    tcase_add_test(tests, the_buffer_can_be_taken_back_after_a_breach_inside_a_message);
    tcase_add_test_raise_signal(tests, a_buffer_smaller_than_what_is_in_use_is_a_bug, SIGABRT);
    int status = suite_run("ws_reader", tests);
    ws_vectors_free(&vectors);
    return status;
}
