#include "server/ws/ws_conn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/ws_frame.h"
#include "tests/unit/suite.h"

#define START_MS 1000000u

static struct config *config;
static struct caps caps;
static struct net *net;
static struct ws_layer layer;
static struct metrics metrics;
static struct deflate_budget budget;
static struct log logger;
static struct ws_conn *ws;
static int peer_fd;

/* What the handler was told. */
static struct {
    char message[256];
    bool is_text;
    unsigned messages, pongs, writables, closes, code;
} told;

static void on_opened(struct ws_conn *w)
{
    (void)w;
}

static void on_message(struct ws_conn *w, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    (void)w;
    ck_assert_uint_lt(length_bytes, sizeof told.message);
    memcpy(told.message, bytes, length_bytes);
    told.message[length_bytes] = '\0';
    told.is_text = is_text;
    told.messages++;
}

static void on_pong(struct ws_conn *w, const uint8_t *payload, size_t length_bytes)
{
    (void)w, (void)payload, (void)length_bytes;
    told.pongs++;
}

static void on_writable(struct ws_conn *w)
{
    (void)w;
    told.writables++;
}

static void on_closed(struct ws_conn *w, unsigned code)
{
    (void)w;
    told.closes++;
    told.code = code;
}

static const struct ws_handler handler = {.opened = on_opened,
                                          .message = on_message,
                                          .pong = on_pong,
                                          .writable = on_writable,
                                          .closed = on_closed};

static void set_up(void)
{
    struct address nobody = {0};
    struct error error;
    int fds[2];

    config = calloc(1, sizeof *config);
    net = calloc(1, sizeof *net);
    config_set_defaults(config);
    config->connections_max = 4;
    config->message_unjoined_bytes_max = 200;
    log_init(&logger, STDERR_FILENO, LOG_ERROR);
    ck_assert_int_eq(net_init(net, config, &logger, &metrics, &error), RESULT_OK);
    ck_assert_int_eq(ws_layer_init(&layer, 4, &budget, &error), RESULT_OK);
    ck_assert_int_eq(caps_init(&caps, config, 4, &error), RESULT_OK);
    net->caps = &caps;
    net->now_ms = START_MS;
    timers_init(&net->timers, net->now_ms);

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    peer_fd = fds[1];
    ws = ws_conn_take(&layer, net, &handler);
    ws_conn_start(ws, conn_open(net, fds[0], &nobody, NULL));
}

static void tear_down(void)
{
    close(peer_fd);
    net_deinit(net);
    caps_deinit(&caps);
    ck_assert_uint_eq(told.closes, 1);
    ws_layer_turn_end(&layer);
    ck_assert_uint_eq(layer.conns.taken_count, 0);
    ws_layer_deinit(&layer);
    free(net);
    free(config);
}

/* ---- the peer, and the loop ---- */

static void turn(void)
{
    poller_serve(&net->poller, poller_wait(&net->poller, 0));
    timers_advance(&net->timers, net->now_ms);
    ws_layer_turn_end(&layer);
    net_turn_end(net);
}

static void pass_ms(uint64_t ms)
{
    for (uint64_t end_ms = net->now_ms + ms; net->now_ms < end_ms;) {
        net->now_ms += TIMERS_SLOT_MS;
        turn();
    }
}

/* Writes one masked frame; the first `sent_bytes` of it, or all. */
static void say(enum ws_opcode opcode, bool fin, const char *payload, size_t sent_bytes)
{
    struct ws_frame frame = {.payload_bytes = strlen(payload),
                             .opcode = opcode,
                             .fin = fin,
                             .masked = true,
                             .key = {1, 2, 3, 4}};
    uint8_t bytes[WS_HEADER_BYTES_MAX + 512];
    size_t length = ws_frame_encode(bytes, &frame);

    memcpy(bytes + length, payload, strlen(payload));
    ws_frame_mask(bytes + length, strlen(payload), frame.key, 0);
    length += strlen(payload);
    if (sent_bytes < length) length = sent_bytes;
    ck_assert_int_eq(write(peer_fd, bytes, length), (ssize_t)length);
    turn();
}

/* Reads one unmasked frame of up to 125 bytes into `payload`; its opcode, -1 for none yet, -2 at
 * the stream's end. */
static int hear(char payload[128])
{
    uint8_t header[2];
    ssize_t got = read(peer_fd, header, sizeof header);

    if (got <= 0) return got == 0 ? -2 : -1;
    ck_assert_int_eq(got, 2);
    ck_assert_uint_eq(header[0] & 0x80, 0x80);
    ck_assert_uint_le(header[1], 125);
    ck_assert_int_eq(read(peer_fd, payload, header[1]), header[1]);
    payload[header[1]] = '\0';
    return header[0] & 15;
}

static unsigned close_code(const char *payload)
{
    return (unsigned)(uint8_t)payload[0] << 8 | (uint8_t)payload[1];
}

static void assert_close(unsigned code, const char *reason)
{
    char payload[128];

    ck_assert_int_eq(hear(payload), WS_CLOSE);
    ck_assert_uint_eq(close_code(payload), code);
    ck_assert_str_eq(payload + 2, reason);
}

/* ---- the tests ---- */

START_TEST(a_message_arrives_whole_also_in_pieces)
{
    say(WS_TEXT, false, "one ", 999);
    say(WS_PING, true, "?", 999);
    ck_assert_uint_eq(told.messages, 0);
    say(WS_CONTINUATION, true, "message", 999);
    ck_assert_uint_eq(told.messages, 1);
    ck_assert_str_eq(told.message, "one message");
    ck_assert(told.is_text);
    ck_assert_ptr_null(ws->buffer);
}
END_TEST

START_TEST(what_is_sent_is_one_frame_that_nobody_masks)
{
    uint8_t bytes[WS_HEADER_BYTES_MAX + 5];
    char payload[128];

    memcpy(bytes + WS_HEADER_BYTES_MAX, "hello", 5);
    ck_assert_int_eq(ws_conn_send(ws, WS_TEXT, bytes + WS_HEADER_BYTES_MAX, 5), RESULT_OK);
    ck_assert_int_eq(hear(payload), WS_TEXT);
    ck_assert_str_eq(payload, "hello");
}
END_TEST

START_TEST(a_ping_is_answered_with_what_it_carried)
{
    char payload[128];

    say(WS_PING, true, "are you there?", 999);
    ck_assert_int_eq(hear(payload), WS_PONG);
    ck_assert_str_eq(payload, "are you there?");
    say(WS_PONG, true, "", 999);
    ck_assert_uint_eq(told.pongs, 1);
}
END_TEST

START_TEST(the_handler_hears_of_a_close_before_the_peer_has_its_answer)
{
    say(WS_CLOSE, true, "\x03\xe8", 999);
    ck_assert_uint_eq(told.closes, 1);
    ck_assert_uint_eq(told.code, 1000);
    assert_close(1000, "");
    char payload[128];
    ck_assert_int_eq(hear(payload), -2);
}
END_TEST

START_TEST(our_close_waits_for_the_peers_and_no_longer_than_close_ms)
{
    ws_conn_close(ws, 4004, "there is no such room");
    assert_close(4004, "there is no such room");
    say(WS_TEXT, true, "too late", 999);
    ck_assert_uint_eq(told.messages, 0);
    pass_ms(config->close_ms - TIMERS_SLOT_MS);
    ck_assert_uint_eq(told.closes, 0);
    pass_ms(3 * TIMERS_SLOT_MS);
    ck_assert_uint_eq(told.closes, 1);
    ck_assert_uint_eq(told.code, 4004);
}
END_TEST

START_TEST(a_broken_stream_is_1006)
{
    say(WS_TEXT, true, "half of this", 6);
    close(peer_fd);
    turn();
    ck_assert_uint_eq(told.closes, 1);
    ck_assert_uint_eq(told.code, 1006);
    ck_assert_uint_eq(net->blocks.taken_count, 0);
    peer_fd = dup(STDIN_FILENO);
}
END_TEST

START_TEST(a_silent_peer_is_asked_once_and_then_left)
{
    char payload[128];

    pass_ms(config->ping_ms + 2 * TIMERS_SLOT_MS);
    ck_assert_int_eq(hear(payload), WS_PING);
    say(WS_PONG, true, "", 999);
    pass_ms(config->ping_ms + 2 * TIMERS_SLOT_MS);
    ck_assert_int_eq(hear(payload), WS_PING);
    ck_assert_uint_eq(told.closes, 0);
    pass_ms(config->pong_ms + 2 * TIMERS_SLOT_MS);
    ck_assert_uint_eq(told.closes, 1);
    ck_assert_uint_eq(atomic_load(&metrics.values[METRIC_WS_SILENT_CLOSED]), 1);
}
END_TEST

START_TEST(a_message_that_never_ends_is_closed_whatever_comes_in_between)
{
    say(WS_TEXT, false, "and then", 999);
    for (uint64_t ms = 0; ms <= config->message_ms; ms += 1000) {
        pass_ms(1000);
        if (ws->state == WS_STATE_OPEN) say(WS_PONG, true, "", 999);
    }
    assert_close(1008, "a message took too long");
}
END_TEST

START_TEST(a_message_over_the_limit_is_closed_without_being_read)
{
    char large[202];

    memset(large, 'x', 201);
    large[201] = '\0';
    say(WS_TEXT, true, large, 20);
    char payload[128];
    ck_assert_int_eq(hear(payload), WS_CLOSE);
    ck_assert_uint_eq(close_code(payload), 1009);
    ck_assert_uint_eq(told.code, 1009);
}
END_TEST

START_TEST(who_has_joined_may_say_more)
{
    char large[202];

    memset(large, 'x', 201);
    large[201] = '\0';
    ws_conn_join(ws);
    say(WS_TEXT, true, large, 999);
    ck_assert_uint_eq(told.messages, 1);
}
END_TEST

START_TEST(a_flood_is_closed_and_time_pays_the_allowance_back)
{
    unsigned burst = config->messages_per_s * config->burst_s;

    ws_conn_join(ws);
    for (unsigned i = 0; i < burst; i++)
        say(WS_BINARY, true, "", 999);
    ck_assert_uint_eq(told.messages, burst);
    pass_ms(1024);
    for (unsigned i = 0; i < config->messages_per_s; i++)
        say(WS_BINARY, true, "", 999);
    ck_assert_uint_eq(told.closes, 0);
    for (unsigned i = 0; i < 10; i++)
        if (told.closes == 0) say(WS_BINARY, true, "", 999);
    assert_close(1008, "too many messages");
    ck_assert_uint_eq(atomic_load(&metrics.values[METRIC_WS_RATE_MESSAGES]), 1);
}
END_TEST

/* Says so many of them; answers whether the stream is still open. */
static bool takes(unsigned count, enum ws_opcode opcode, const char *payload)
{
    for (unsigned i = 0; i < count && told.closes == 0; i++) {
        say(opcode, true, payload, 999);
        char answer[128];
        if (opcode == WS_PING && told.closes == 0) ck_assert_int_eq(hear(answer), WS_PONG);
    }
    return told.closes == 0;
}

START_TEST(a_stranger_may_say_a_quarter_as_many_messages)
{
    unsigned quarter = config->messages_per_s / 4;

    ck_assert(takes(quarter * config->burst_s, WS_BINARY, ""));
    pass_ms(1024);
    ck_assert(takes(quarter, WS_BINARY, ""));
    ck_assert(!takes(2, WS_BINARY, ""));
    assert_close(1008, "too many messages");
}
END_TEST

START_TEST(a_stranger_may_send_a_quarter_as_many_bytes)
{
    char payload[200] = {0};
    unsigned frame_bytes = 8 + 199, burst_bytes = config->message_bytes_per_s / 4 * config->burst_s;

    memset(payload, 'x', 199);
    config->messages_per_s = 100000;
    ws->allowance.messages = 1000000;
    ck_assert(takes(burst_bytes / frame_bytes, WS_BINARY, payload));
    ck_assert(!takes(1, WS_BINARY, payload));
    assert_close(1008, "too many bytes");
    ck_assert_uint_eq(atomic_load(&metrics.values[METRIC_WS_RATE_BYTES]), 1);
}
END_TEST

START_TEST(a_stranger_may_send_a_quarter_as_many_pings)
{
    ck_assert(takes(config->controls_per_s / 4 * config->burst_s, WS_PING, ""));
    ck_assert(!takes(1, WS_PONG, ""));
    assert_close(1008, "too many control frames");
    ck_assert_uint_eq(atomic_load(&metrics.values[METRIC_WS_RATE_CONTROLS]), 1);
}
END_TEST

START_TEST(a_stranger_may_cut_a_message_in_a_quarter_as_many_pieces)
{
    for (unsigned i = 0; i < config->fragments_max / 4; i++)
        say(i == 0 ? WS_BINARY : WS_CONTINUATION, false, "", 999);
    ck_assert_uint_eq(told.closes, 0);
    say(WS_CONTINUATION, false, "", 999);
    ck_assert_uint_eq(told.code, 1009);
    ck_assert_uint_eq(atomic_load(&metrics.values[METRIC_WS_BREACHES_FRAGMENTS]), 1);
}
END_TEST

#define FILLER_BYTES 1024

/* Sends until the queue takes no more; how many messages went. */
static unsigned fill_queue(void)
{
    static uint8_t bytes[WS_HEADER_BYTES_MAX + FILLER_BYTES];
    enum result r = RESULT_OK;
    unsigned sent = 0;

    while (r == RESULT_OK && sent < 10000) {
        r = ws_conn_send(ws, WS_BINARY, bytes + WS_HEADER_BYTES_MAX, FILLER_BYTES);
        sent += r == RESULT_OK;
    }
    ck_assert_int_eq(r, RESULT_FULL);
    return sent;
}

/* Whether the queue is as full as messages of that size make it. */
static bool is_filled(size_t limit_bytes)
{
    size_t held = ws_conn_queue_bytes(ws);
    return held <= limit_bytes && held + 4 + FILLER_BYTES > limit_bytes;
}

START_TEST(a_stranger_may_leave_a_quarter_as_much_unread)
{
    fill_queue();
    ck_assert(is_filled(config->unsent_bytes_max / 4));
    ws_conn_join(ws);
    fill_queue();
    ck_assert(is_filled(config->unsent_bytes_max));
}
END_TEST

START_TEST(beyond_the_cap_nothing_of_a_message_is_sent)
{
    ws_conn_join(ws);
    unsigned sent = fill_queue();
    ck_assert(is_filled(config->unsent_bytes_max));
    ck_assert_uint_eq(told.writables, 0);

    static uint8_t sink[65536];
    size_t arrived = 0;
    for (int i = 0; i < 1000 && told.writables == 0; i++) {
        ssize_t got = read(peer_fd, sink, sizeof sink);
        if (got > 0) arrived += (size_t)got;
        turn();
    }
    for (ssize_t got; (got = read(peer_fd, sink, sizeof sink)) > 0;)
        arrived += (size_t)got;
    ck_assert_uint_eq(told.writables, 1);
    ck_assert_uint_eq(arrived, sent * (FILLER_BYTES + 4));
    ck_assert_uint_eq(net->blocks.taken_count, 0);
}
END_TEST

START_TEST(a_drain_says_1012)
{
    net_drain(net);
    assert_close(1012, "the server restarts");
}
END_TEST

START_TEST(without_a_place_there_is_no_websocket)
{
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(ws_conn_take(&layer, net, &handler));
    ck_assert_ptr_null(ws_conn_take(&layer, net, &handler));
    layer.conns.taken_count = 1; /* the three are left to the pool's end */
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ws_conn");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, a_message_arrives_whole_also_in_pieces);
    tcase_add_test(tests, what_is_sent_is_one_frame_that_nobody_masks);
    tcase_add_test(tests, a_ping_is_answered_with_what_it_carried);
    tcase_add_test(tests, the_handler_hears_of_a_close_before_the_peer_has_its_answer);
    tcase_add_test(tests, our_close_waits_for_the_peers_and_no_longer_than_close_ms);
    tcase_add_test(tests, a_broken_stream_is_1006);
    tcase_add_test(tests, a_silent_peer_is_asked_once_and_then_left);
    tcase_add_test(tests, a_message_that_never_ends_is_closed_whatever_comes_in_between);
    tcase_add_test(tests, a_message_over_the_limit_is_closed_without_being_read);
    tcase_add_test(tests, who_has_joined_may_say_more);
    tcase_add_test(tests, a_flood_is_closed_and_time_pays_the_allowance_back);
    tcase_add_test(tests, a_stranger_may_say_a_quarter_as_many_messages);
    tcase_add_test(tests, a_stranger_may_send_a_quarter_as_many_bytes);
    tcase_add_test(tests, a_stranger_may_send_a_quarter_as_many_pings);
    tcase_add_test(tests, a_stranger_may_cut_a_message_in_a_quarter_as_many_pieces);
    tcase_add_test(tests, a_stranger_may_leave_a_quarter_as_much_unread);
    tcase_add_test(tests, beyond_the_cap_nothing_of_a_message_is_sent);
    tcase_add_test(tests, a_drain_says_1012);
    tcase_add_test(tests, without_a_place_there_is_no_websocket);
    return suite_run("ws_conn", tests);
}
