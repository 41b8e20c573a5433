#include "client/sdl/ws_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/digest.h"
#include "shared/message.h"
#include "shared/ws_close.h"
#include "shared/ws_frame.h"
#include "shared/ws_handshake.h"
#include "tests/unit/suite.h"

#define PLAIN "ws://example.com:8080/ws/updates?room=a"

static struct ws_client *client;
static struct ws_client_event event;
static uint8_t drained[1 << 17];
static size_t drained_bytes;

static void open_client(const char *address)
{
    struct url url;
    struct error error;
    ck_assert_int_eq(url_parse(&url, address, &error), RESULT_OK);
    client = ws_client_create(&url, NULL);
    ck_assert_ptr_nonnull(client);
}

static void close_client(void)
{
    ws_client_destroy(client);
}

static void drain(void)
{
    size_t length_bytes;
    drained_bytes = 0;
    while ((length_bytes = ws_client_drain(client, drained + drained_bytes, 100)) > 0)
        drained_bytes += length_bytes;
}

static void feed(const void *bytes, size_t length_bytes)
{
    ws_client_feed(client, bytes, length_bytes);
}

/* What a good server answers to the request that was drained. */
static size_t write_answer(char out[1024], const char *subprotocol)
{
    char accept[WS_ACCEPT_CHARS + 1];
    size_t length_chars;

    drained[drained_bytes] = '\0';
    char *key = strstr((char *)drained, "Sec-WebSocket-Key: ");
    ck_assert_ptr_nonnull(key);
    ws_accept_build(accept, key + strlen("Sec-WebSocket-Key: "), digest_sha1);
    struct ws_answer answer = {.accept = accept, .subprotocol = subprotocol};
    ck_assert_int_eq(ws_response_write(out, 1024, &length_chars, &answer), RESULT_OK);
    return length_chars;
}

/* A client whose handshake is done. */
static void open_connection(void)
{
    char head[1024];

    open_client(PLAIN);
    drain();
    feed(head, write_answer(head, SUBPROTOCOL_BINARY));
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_OK);
    ck_assert_int_eq(event.kind, WS_CLIENT_OPENED);
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_AGAIN);
    ck_assert(ws_client_is_open(client));
}

/* Writes a server's frame and returns its length. */
static size_t frame_of(uint8_t *out, enum ws_opcode opcode, const void *payload,
                       size_t length_bytes)
{
    struct ws_frame frame = {.opcode = opcode, .fin = true, .payload_bytes = length_bytes};
    size_t header_bytes = ws_frame_encode(out, &frame);
    memcpy(out + header_bytes, payload, length_bytes);
    return header_bytes + length_bytes;
}

static void feed_frame(enum ws_opcode opcode, const void *payload, size_t length_bytes)
{
    uint8_t bytes[512];
    feed(bytes, frame_of(bytes, opcode, payload, length_bytes));
}

/* Takes the one frame that was drained apart; its payload is unmasked. */
static struct ws_frame drained_frame(uint8_t **payload)
{
    struct ws_frame frame;
    struct ws_decoded decoded;

    drain();
    ck_assert_int_eq(ws_frame_decode(&frame, drained, drained_bytes, &decoded), RESULT_OK);
    ck_assert_uint_eq(decoded.header_bytes + frame.payload_bytes, drained_bytes);
    ck_assert(frame.masked && frame.fin);
    *payload = drained + decoded.header_bytes;
    ws_frame_mask(*payload, (size_t)frame.payload_bytes, frame.key, 0);
    return frame;
}

static void expect_ending(enum ending_kind kind, unsigned code)
{
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_CLOSED);
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_CLOSED);
    ck_assert_int_eq(ws_client_ending(client)->kind, kind);
    ck_assert_uint_eq(ws_client_ending(client)->code, code);
    ck_assert(!ws_client_is_open(client));
}

START_TEST(the_request_asks_for_our_protocol)
{
    open_client(PLAIN);
    drain();
    drained[drained_bytes] = '\0';
    ck_assert_ptr_nonnull(strstr((char *)drained, "GET /ws/updates?room=a HTTP/1.1\r\n"));
    ck_assert_ptr_nonnull(strstr((char *)drained, "Host: example.com:8080\r\n"));
    ck_assert_ptr_nonnull(strstr((char *)drained, "tickwire.v1\r\n"));
    close_client();
}
END_TEST

START_TEST(the_answer_may_come_byte_by_byte_with_messages_behind_it)
{
    uint8_t stream[2048];
    unsigned messages = 0;

    open_client(PLAIN);
    drain();
    size_t length_bytes = write_answer((char *)stream, SUBPROTOCOL_BINARY);
    length_bytes += frame_of(stream + length_bytes, WS_BINARY, "one", 3);
    length_bytes += frame_of(stream + length_bytes, WS_BINARY, "", 0);
    for (size_t i = 0; i < length_bytes; i += (size_t)_i) {
        feed(stream + i, length_bytes - i < (size_t)_i ? length_bytes - i : (size_t)_i);
        enum result r;
        while ((r = ws_client_next(client, &event)) == RESULT_OK)
            messages += event.kind == WS_CLIENT_MESSAGE;
        ck_assert_int_eq(r, RESULT_AGAIN);
    }
    ck_assert_uint_eq(messages, 2);
    close_client();
}
END_TEST

START_TEST(a_server_that_does_not_upgrade_is_refused)
{
    static const char *const answers[] = {
        "HTTP/1.1 404 Not Found\r\n\r\n", "HTTP/1.1 503 Service Unavailable\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n"};
    static const unsigned codes[] = {404, 503, 101, 0};

    open_client(PLAIN);
    drain();
    feed(answers[_i], strlen(answers[_i]));
    expect_ending(ENDING_HANDSHAKE, codes[_i]);
    ck_assert_uint_gt(strlen(ws_client_ending(client)->detail), 10);
    close_client();
}
END_TEST

START_TEST(a_server_without_our_protocol_is_refused)
{
    char head[1024];

    open_client(PLAIN);
    drain();
    feed(head, write_answer(head, NULL));
    expect_ending(ENDING_HANDSHAKE, 101);
    close_client();
}
END_TEST

START_TEST(an_endless_head_is_refused)
{
    char junk[4096];

    memset(junk, 'a', sizeof junk);
    memcpy(junk, "HTTP/1.1 101 x\r\nX: ", 19);
    open_client(PLAIN);
    enum result r = RESULT_AGAIN;
    for (int i = 0; i < 8 && r == RESULT_AGAIN; i++) {
        feed(junk, sizeof junk);
        memset(junk, 'a', sizeof junk);
        r = ws_client_next(client, &event);
    }
    expect_ending(ENDING_HANDSHAKE, 0);
    close_client();
}
END_TEST

START_TEST(messages_go_both_ways)
{
    uint8_t *payload;

    open_connection();
    feed_frame(WS_BINARY, "\x02state", 6);
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_OK);
    ck_assert_int_eq(event.kind, WS_CLIENT_MESSAGE);
    ck_assert_uint_eq(event.length_bytes, 6);
    ck_assert_mem_eq(event.bytes, "\x02state", 6);
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_AGAIN);

    ck_assert_int_eq(ws_client_send(client, (const uint8_t *)"hello", 5), RESULT_OK);
    struct ws_frame frame = drained_frame(&payload);
    ck_assert_int_eq(frame.opcode, WS_BINARY);
    ck_assert_mem_eq(payload, "hello", 5);
    close_client();
}
END_TEST

START_TEST(a_message_of_the_largest_size_comes_through)
{
    uint8_t *bytes = malloc(MESSAGE_DOWN_BYTES_MAX + WS_HEADER_BYTES_MAX);
    uint8_t *payload = calloc(1, MESSAGE_DOWN_BYTES_MAX);
    enum result r = RESULT_AGAIN;

    open_connection();
    size_t length_bytes = frame_of(bytes, WS_BINARY, payload, MESSAGE_DOWN_BYTES_MAX);
    for (size_t i = 0; i < length_bytes; i += WS_CLIENT_FEED_BYTES_MAX) {
        size_t left_bytes = length_bytes - i;
        feed(bytes + i,
             left_bytes < WS_CLIENT_FEED_BYTES_MAX ? left_bytes : WS_CLIENT_FEED_BYTES_MAX);
        r = ws_client_next(client, &event);
    }
    ck_assert_int_eq(r, RESULT_OK);
    ck_assert_uint_eq(event.length_bytes, MESSAGE_DOWN_BYTES_MAX);
    close_client();
    free(payload);
    free(bytes);
}
END_TEST

START_TEST(a_ping_is_answered_by_its_payload)
{
    uint8_t *payload;

    open_connection();
    feed_frame(WS_PING, "tick", 4);
    ck_assert_int_eq(ws_client_next(client, &event), RESULT_AGAIN);
    struct ws_frame frame = drained_frame(&payload);
    ck_assert_int_eq(frame.opcode, WS_PONG);
    ck_assert_mem_eq(payload, "tick", 4);
    close_client();
}
END_TEST

START_TEST(a_flood_of_pings_is_survived)
{
    uint8_t ping[2 + 125] = {0x89, 125};

    open_connection();
    for (int i = 0; i < 2000; i++) {
        feed(ping, sizeof ping);
        ck_assert_int_eq(ws_client_next(client, &event), RESULT_AGAIN);
    }
    drain();
    ck_assert_uint_lt(drained_bytes, 64 * 1024);
    close_client();
}
END_TEST

START_TEST(a_close_is_echoed_and_told)
{
    uint8_t *payload;

    open_connection();
    feed_frame(WS_CLOSE,
               "\x03\xf4"
               "back soon",
               11);
    expect_ending(ENDING_CLOSED, WS_CLOSE_RESTART);
    ck_assert_str_eq(ws_client_ending(client)->detail, "back soon");
    struct ws_frame frame = drained_frame(&payload);
    ck_assert_int_eq(frame.opcode, WS_CLOSE);
    ck_assert_mem_eq(payload, "\x03\xf4", 2);
    close_client();
}
END_TEST

START_TEST(what_breaks_the_rules_ends_with_the_code_for_it)
{
    static const struct {
        const char *bytes;
        size_t length_bytes;
        unsigned code;
    } cases[] = {
        {"\x81\x02hi", 4, WS_CLOSE_UNSUPPORTED},                      /* text */
        {"\xc2\x01x", 3, WS_CLOSE_PROTOCOL_ERROR},                    /* RSV1 */
        {"\x82\x81\x01\x02\x03\x04\x05", 7, WS_CLOSE_PROTOCOL_ERROR}, /* masked */
        {"\x83\x00", 2, WS_CLOSE_PROTOCOL_ERROR},                     /* no such opcode */
        {"\x80\x00", 2, WS_CLOSE_PROTOCOL_ERROR},                     /* continues nothing */
        {"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x01", 10, WS_CLOSE_TOO_BIG},
        {"\x88\x01x", 3, WS_CLOSE_PROTOCOL_ERROR}, /* half a close code */
    };
    uint8_t *payload;
    uint8_t bytes[16];

    open_connection();
    memcpy(bytes, cases[_i].bytes, cases[_i].length_bytes);
    feed(bytes, cases[_i].length_bytes);
    expect_ending(ENDING_BREACH, cases[_i].code);
    struct ws_frame frame = drained_frame(&payload);
    ck_assert_int_eq(frame.opcode, WS_CLOSE);
    ck_assert_uint_eq((unsigned)payload[0] << 8 | payload[1], cases[_i].code);
    close_client();
}
END_TEST

START_TEST(a_full_buffer_says_so)
{
    static const uint8_t message[MESSAGE_UP_BYTES_MAX];
    int sent = 0;

    open_connection();
    while (sent < 100 && ws_client_send(client, message, sizeof message) == RESULT_OK)
        sent++;
    ck_assert_int_ge(sent, 3);
    ck_assert_int_lt(sent, 100);
    drain();
    ck_assert_int_eq(ws_client_send(client, message, sizeof message), RESULT_OK);
    close_client();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ws_client");

    tcase_add_test(tests, the_request_asks_for_our_protocol);
    tcase_add_loop_test(tests, the_answer_may_come_byte_by_byte_with_messages_behind_it, 1, 40);
    tcase_add_loop_test(tests, a_server_that_does_not_upgrade_is_refused, 0, 4);
    tcase_add_test(tests, a_server_without_our_protocol_is_refused);
    tcase_add_test(tests, an_endless_head_is_refused);
    tcase_add_test(tests, messages_go_both_ways);
    tcase_add_test(tests, a_message_of_the_largest_size_comes_through);
    tcase_add_test(tests, a_ping_is_answered_by_its_payload);
    tcase_add_test(tests, a_flood_of_pings_is_survived);
    tcase_add_test(tests, a_close_is_echoed_and_told);
    tcase_add_loop_test(tests, what_breaks_the_rules_ends_with_the_code_for_it, 0, 7);
    tcase_add_test(tests, a_full_buffer_says_so);
    return suite_run("ws_client", tests);
}
