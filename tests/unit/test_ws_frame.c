#include "shared/ws_frame.h"

#include <signal.h>
#include <string.h>

#include "tests/unit/suite.h"
#include "tests/unit/ws_vectors.h"

static void check_round_trip(const struct ws_frame *frame, size_t header_bytes)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    struct ws_frame back;
    struct ws_decoded decoded = {0};

    ck_assert_uint_eq(ws_frame_encode(header, frame), header_bytes);
    for (size_t length = 0; length < header_bytes; length++)
        ck_assert_int_eq(ws_frame_decode(&back, header, length, &decoded), RESULT_AGAIN);
    ck_assert_int_eq(ws_frame_decode(&back, header, header_bytes, &decoded), RESULT_OK);
    ck_assert_uint_eq(decoded.header_bytes, header_bytes);
    ck_assert_uint_eq(back.payload_bytes, frame->payload_bytes);
    ck_assert_int_eq(back.opcode, frame->opcode);
    ck_assert_int_eq(back.fin, frame->fin);
    ck_assert_int_eq(back.rsv1, frame->rsv1);
    ck_assert_int_eq(back.masked, frame->masked);
    ck_assert_mem_eq(back.key, frame->key, WS_MASK_KEY_BYTES);
}

START_TEST(a_header_round_trips_at_each_edge_of_its_length)
{
    static const struct {
        uint64_t payload_bytes;
        size_t header_bytes;
    } edges[] = {
        {0, 2},          {1, 2},           {125, 2},
        {126, 4},        {127, 4},         {65535, 4},
        {65536, 10},     {UINT32_MAX, 10}, {UINT64_C(1) << 32, 10},
        {INT64_MAX, 10},
    };

    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        struct ws_frame frame = {.payload_bytes = edges[i].payload_bytes, .opcode = WS_BINARY};
        for (unsigned flags = 0; flags < 8; flags++) {
            frame.fin = (flags & 1) != 0;
            frame.rsv1 = (flags & 2) != 0;
            frame.masked = (flags & 4) != 0;
            memcpy(frame.key, frame.masked ? "\x01\x80\xff\x00" : "\0\0\0", WS_MASK_KEY_BYTES);
            check_round_trip(&frame, edges[i].header_bytes + (frame.masked ? 4 : 0));
        }
    }
}
END_TEST

START_TEST(each_opcode_round_trips)
{
    static const enum ws_opcode opcodes[] = {WS_CONTINUATION, WS_TEXT, WS_BINARY,
                                             WS_CLOSE,        WS_PING, WS_PONG};
    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++) {
        struct ws_frame frame = {.payload_bytes = 125, .opcode = opcodes[i], .fin = true};
        check_round_trip(&frame, 2);
        ck_assert_int_eq(ws_opcode_is_control(opcodes[i]), i >= 3);
    }
}
END_TEST

/* The headers in the vectors, which nobody's encoder wrote, come out of ours byte by byte. */
START_TEST(a_decoded_vector_encodes_to_the_same_bytes)
{
    struct ws_vectors vectors = ws_vectors_load("tests/vectors/ws_frames.json");
    size_t frame_count = 0;

    for (size_t i = 0; i < vectors.count; i++) {
        const struct ws_vector *v = &vectors.items[i];
        struct ws_frame frame;
        struct ws_decoded decoded;
        for (size_t at = 0; at < v->length_bytes && v->close_code == 0; frame_count++) {
            uint8_t header[WS_HEADER_BYTES_MAX];
            if (ws_frame_decode(&frame, v->bytes + at, v->length_bytes - at, &decoded) != RESULT_OK)
                break;
            ck_assert_uint_eq(ws_frame_encode(header, &frame), decoded.header_bytes);
            ck_assert_mem_eq(header, v->bytes + at, decoded.header_bytes);
            at += decoded.header_bytes;
            if (frame.payload_bytes > v->length_bytes - at) break;
            at += (size_t)frame.payload_bytes;
        }
    }
    ck_assert_uint_gt(frame_count, 50);
    ws_vectors_free(&vectors);
}
END_TEST

START_TEST(a_breach_shows_as_soon_as_its_bytes_are_there)
{
    static const struct {
        uint8_t bytes[10];
        size_t length_bytes;
        enum ws_breach breach;
    } cases[] = {
        {{0xa1, 0x00}, 2, WS_BREACH_RSV},
        {{0x91, 0xff}, 2, WS_BREACH_RSV},
        {{0x83, 0xff}, 2, WS_BREACH_OPCODE},
        {{0x8b, 0x00}, 2, WS_BREACH_OPCODE},
        {{0x09, 0x00}, 2, WS_BREACH_CONTROL_FRAGMENTED},
        {{0x88, 0x7e}, 2, WS_BREACH_CONTROL_LENGTH},
        {{0x89, 0xff}, 2, WS_BREACH_CONTROL_LENGTH},
        {{0x81, 0xfe, 0, 125}, 4, WS_BREACH_LENGTH_NOT_MINIMAL},
        {{0x81, 0x7f, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 10, WS_BREACH_LENGTH_NOT_MINIMAL},
        {{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0}, 10, WS_BREACH_LENGTH_SIGN},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ws_frame frame;
        struct ws_decoded decoded;
        for (size_t length = 0; length < cases[i].length_bytes; length++) {
            ck_assert_int_eq(ws_frame_decode(&frame, cases[i].bytes, length, &decoded),
                             RESULT_AGAIN);
        }
        ck_assert_int_eq(ws_frame_decode(&frame, cases[i].bytes, cases[i].length_bytes, &decoded),
                         RESULT_INVALID);
        ck_assert_int_eq(decoded.breach, cases[i].breach);
    }
}
END_TEST

START_TEST(a_mask_in_two_pieces_is_the_mask_in_one_at_every_cut)
{
    static const uint8_t key[] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t plain[75], whole[sizeof plain], pieces[sizeof plain];

    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (uint8_t)(7 * i);
        whole[i] = (uint8_t)(plain[i] ^ key[i % 4]);
    }
    for (size_t cut = 0; cut <= sizeof plain; cut++) {
        memcpy(pieces, plain, sizeof plain);
        ws_frame_mask(pieces, cut, key, 0);
        ws_frame_mask(pieces + cut, sizeof plain - cut, key, cut);
        ck_assert_mem_eq(pieces, whole, sizeof plain);
        ws_frame_mask(pieces, sizeof plain, key, 0);
        ck_assert_mem_eq(pieces, plain, sizeof plain);
    }
}
END_TEST

START_TEST(a_fragmented_ping_is_a_bug_of_ours)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    ws_frame_encode(header, &(struct ws_frame){.opcode = WS_PING});
}
END_TEST

START_TEST(a_long_pong_is_a_bug_of_ours)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    ws_frame_encode(header,
                    &(struct ws_frame){.opcode = WS_PONG, .fin = true, .payload_bytes = 126});
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ws_frame");

    tcase_add_test(tests, a_header_round_trips_at_each_edge_of_its_length);
    tcase_add_test(tests, each_opcode_round_trips);
    tcase_add_test(tests, a_decoded_vector_encodes_to_the_same_bytes);
    tcase_add_test(tests, a_breach_shows_as_soon_as_its_bytes_are_there);
    tcase_add_test(tests, a_mask_in_two_pieces_is_the_mask_in_one_at_every_cut);
    tcase_add_test_raise_signal(tests, a_fragmented_ping_is_a_bug_of_ours, SIGABRT);
    tcase_add_test_raise_signal(tests, a_long_pong_is_a_bug_of_ours, SIGABRT);
    return suite_run("ws_frame", tests);
}
