#include "server/ws/faults.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/utf8.h"

#define FAULT_NAME_BYTES_MAX 64
#define STREAM_BYTES         4096
#define COLLECTED_MAX        (32u << 20)
#define SHORT_BYTES_MAX      125

/* ---- frames, legal or not ---- */

struct frame {
    uint8_t first;          /* FIN, RSV, opcode */
    bool masked;            /* with `key` */
    unsigned form;          /* bytes of the length field: 0, 2 or 8 */
    uint64_t payload_bytes; /* as the header says */
    uint8_t key[WS_MASK_KEY_BYTES];
    uint8_t *payload; /* unmasked, owned; NULL if it is still to come */
};

/* One direction of a pump: what it has seen. */
struct flow {
    int from, to;
    unsigned message_opcode; /* of the message between whose frames we are; 0: of none */
    uint8_t *held;           /* owned: bytes of frames that wait */
    size_t held_bytes;
    bool passed_close;
};

/* PASS sends the frame as it now is, DROP does not, HOLD keeps it until flush_held(). */
enum verdict { PASS, DROP, HOLD };

struct fault {
    const char *name;
    enum verdict (*input)(struct flow *flow, struct frame *f);
    enum verdict (*output)(struct flow *flow, struct frame *f);
    bool collects;    /* input() is to see the payload; output() always does */
    bool leaves_open; /* the stream does not end when the echo ends it */
};

static bool read_all(int fd, void *bytes, size_t length_bytes)
{
    while (length_bytes > 0) {
        ssize_t got = recv(fd, bytes, length_bytes, 0);
        if (got <= 0) return false;
        bytes = (uint8_t *)bytes + got;
        length_bytes -= (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const void *bytes, size_t length_bytes)
{
    while (length_bytes > 0) {
        ssize_t sent = send(fd, bytes, length_bytes, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes = (const uint8_t *)bytes + sent;
        length_bytes -= (size_t)sent;
    }
    return true;
}

static bool read_header(int fd, struct frame *f)
{
    uint8_t start[2], field[8];

    if (!read_all(fd, start, sizeof start)) return false;
    unsigned length7 = start[1] & 0x7fu;
    *f = (struct frame){.first = start[0], .masked = start[1] >= 0x80, .payload_bytes = length7};
    f->form = length7 == 126 ? 2 : length7 == 127 ? 8 : 0;
    if (!read_all(fd, field, f->form)) return false;
    if (f->form > 0) f->payload_bytes = 0;
    for (unsigned i = 0; i < f->form; i++)
        f->payload_bytes = f->payload_bytes << 8 | field[i];
    return !f->masked || read_all(fd, f->key, sizeof f->key);
}

static size_t write_header(uint8_t header[WS_HEADER_BYTES_MAX], const struct frame *f)
{
    size_t used = 2;

    header[0] = f->first;
    header[1] = (uint8_t)(f->form == 2 ? 126 : f->form == 8 ? 127 : f->payload_bytes);
    header[1] = (uint8_t)(header[1] | (f->masked ? 0x80 : 0));
    for (unsigned left = f->form; left > 0; left--)
        header[used++] = (uint8_t)(f->payload_bytes >> 8 * (left - 1));
    if (f->masked) {
        memcpy(header + used, f->key, sizeof f->key);
        used += sizeof f->key;
    }
    return used;
}

static void set_length(struct frame *f, uint64_t payload_bytes)
{
    f->payload_bytes = payload_bytes;
    f->form = payload_bytes < 126 ? 0 : payload_bytes <= UINT16_MAX ? 2 : 8;
}

static unsigned opcode_of(const struct frame *f)
{
    return f->first & 0x0fu;
}

static void set_opcode(struct frame *f, unsigned opcode)
{
    f->first = (uint8_t)((f->first & 0xf0u) | opcode);
}

static bool is_control(const struct frame *f)
{
    return opcode_of(f) >= WS_CLOSE;
}

static bool has_fin(const struct frame *f)
{
    return (f->first & 0x80) != 0;
}

static bool is_text(const struct flow *flow, const struct frame *f)
{
    if (opcode_of(f) == WS_CONTINUATION) return flow->message_opcode == WS_TEXT;
    return opcode_of(f) == WS_TEXT;
}

static bool is_utf8(const struct frame *f)
{
    return utf8_is_valid(f->payload, (size_t)f->payload_bytes);
}

/* ---- what goes wrong with what the peer sends ---- */

static enum verdict accept_unmasked(struct flow *flow, struct frame *f)
{
    (void)flow;
    f->masked = true; /* by the key of zeros */
    return PASS;
}

static enum verdict accept_reserved_bits(struct flow *flow, struct frame *f)
{
    (void)flow;
    f->first &= 0x8f;
    return PASS;
}

static enum verdict accept_reserved_opcode(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) > WS_PONG) return DROP;
    if (opcode_of(f) > WS_BINARY && !is_control(f)) set_opcode(f, WS_BINARY);
    return PASS;
}

static enum verdict accept_long_form(struct flow *flow, struct frame *f)
{
    (void)flow;
    set_length(f, f->payload_bytes);
    return PASS;
}

/* Waits for a payload that never ends. */
static enum verdict accept_length_sign(struct flow *flow, struct frame *f)
{
    (void)flow;
    return f->payload_bytes > INT64_MAX ? DROP : PASS;
}

static enum verdict accept_fragmented_control(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (is_control(f)) f->first |= 0x80;
    return PASS;
}

static enum verdict accept_long_control(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (is_control(f) && f->payload_bytes > SHORT_BYTES_MAX) set_length(f, SHORT_BYTES_MAX);
    return PASS;
}

static enum verdict accept_lone_continuation(struct flow *flow, struct frame *f)
{
    if (opcode_of(f) == WS_CONTINUATION && flow->message_opcode == 0) set_opcode(f, WS_BINARY);
    return PASS;
}

static enum verdict accept_interruption(struct flow *flow, struct frame *f)
{
    if (!is_control(f) && flow->message_opcode != 0) set_opcode(f, WS_CONTINUATION);
    return PASS;
}

static enum verdict accept_short_close(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_CLOSE && f->payload_bytes == 1) set_length(f, 0);
    return PASS;
}

static enum verdict accept_any_close_code(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) != WS_CLOSE || f->payload_bytes < 2) return PASS;
    if (!ws_close_is_sendable((uint16_t)(f->payload[0] << 8 | f->payload[1])))
        memcpy(f->payload, "\x03\xe8", 2);
    return PASS;
}

static enum verdict accept_any_close_reason(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_CLOSE && f->payload_bytes > 2) set_length(f, 2);
    return PASS;
}

static enum verdict answer_pong(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_PONG) set_opcode(f, WS_PING);
    return PASS;
}

static enum verdict lose_ping_in_message(struct flow *flow, struct frame *f)
{
    return opcode_of(f) == WS_PING && flow->message_opcode != 0 ? DROP : PASS;
}

/* The close comes behind the frame that follows it. */
static enum verdict answer_behind_close(struct flow *flow, struct frame *f)
{
    (void)flow;
    return opcode_of(f) == WS_CLOSE ? HOLD : PASS;
}

/* Not UTF-8? Then something that is. */
static enum verdict accept_bad_utf8(struct flow *flow, struct frame *f)
{
    if (!is_text(flow, f) || is_utf8(f)) return PASS;
    for (size_t i = 0; i < f->payload_bytes; i++)
        f->payload[i] = f->payload[i] < 0x80 ? f->payload[i] : '?';
    return PASS;
}

/* The echo sees no part of a message before all of it. */
static enum verdict check_utf8_late(struct flow *flow, struct frame *f)
{
    return !is_text(flow, f) || has_fin(f) ? PASS : HOLD;
}

/* Refuses fragments that end inside a character. */
static enum verdict check_utf8_by_fragment(struct flow *flow, struct frame *f)
{
    if (is_text(flow, f) && !is_utf8(f)) f->payload[0] = 0xff;
    return PASS;
}

/* ---- what goes wrong with what the echo sends ---- */

static enum verdict cut_pong(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_PONG && f->payload_bytes > 0) set_length(f, f->payload_bytes - 1);
    return PASS;
}

/* Each pong comes behind the frame that follows it. */
static enum verdict delay_pong(struct flow *flow, struct frame *f)
{
    return opcode_of(f) == WS_PONG && flow->held_bytes == 0 ? HOLD : PASS;
}

static enum verdict lose_pong(struct flow *flow, struct frame *f)
{
    (void)flow;
    return opcode_of(f) == WS_PONG ? DROP : PASS;
}

static enum verdict lose_close(struct flow *flow, struct frame *f)
{
    (void)flow;
    return opcode_of(f) == WS_CLOSE ? DROP : PASS;
}

static enum verdict close_as_normal(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_CLOSE && f->payload_bytes >= 2) memcpy(f->payload, "\x03\xe8", 2);
    return PASS;
}

static enum verdict close_without_code(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_CLOSE) set_length(f, 0);
    return PASS;
}

/* An empty text comes behind the close. */
static enum verdict speak_after_close(struct flow *flow, struct frame *f)
{
    flow->passed_close = opcode_of(f) == WS_CLOSE;
    return PASS;
}

static enum verdict mask_answers(struct flow *flow, struct frame *f)
{
    (void)flow;
    f->masked = true;
    return PASS;
}

static enum verdict send_long_form(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (!is_control(f)) f->form = 8;
    return PASS;
}

static enum verdict send_reserved_bit(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (!is_control(f)) f->first |= 0x40;
    return PASS;
}

static enum verdict send_text_as_binary(struct flow *flow, struct frame *f)
{
    (void)flow;
    if (opcode_of(f) == WS_TEXT) set_opcode(f, WS_BINARY);
    return PASS;
}

static enum verdict lose_empty_message(struct flow *flow, struct frame *f)
{
    (void)flow;
    return !is_control(f) && f->payload_bytes == 0 ? DROP : PASS;
}

static enum verdict cut_length_to_16_bits(struct flow *flow, struct frame *f)
{
    (void)flow;
    set_length(f, f->payload_bytes & UINT16_MAX);
    return PASS;
}

static const struct fault faults[] = {
    {"unmasked-accepted", .input = accept_unmasked},
    {"reserved-bits-accepted", .input = accept_reserved_bits},
    {"reserved-opcode-accepted", .input = accept_reserved_opcode},
    {"long-length-form-accepted", .input = accept_long_form},
    {"negative-length-accepted", .input = accept_length_sign},
    {"fragmented-control-accepted", .input = accept_fragmented_control},
    {"long-control-accepted", .input = accept_long_control, .collects = true},
    {"lone-continuation-accepted", .input = accept_lone_continuation},
    {"interrupted-message-accepted", .input = accept_interruption},
    {"short-close-accepted", .input = accept_short_close, .collects = true},
    {"any-close-code-accepted", .input = accept_any_close_code, .collects = true},
    {"any-close-reason-accepted", .input = accept_any_close_reason, .collects = true},
    {"pong-answered", .input = answer_pong},
    {"ping-in-message-lost", .input = lose_ping_in_message},
    {"frames-behind-close-answered", .input = answer_behind_close, .collects = true},
    {"utf8-unchecked", .input = accept_bad_utf8, .collects = true},
    {"utf8-checked-late", .input = check_utf8_late, .collects = true},
    {"utf8-checked-by-fragment", .input = check_utf8_by_fragment, .collects = true},
    {"pong-payload-cut", .output = cut_pong},
    {"pong-out-of-order", .output = delay_pong},
    {"ping-unanswered", .output = lose_pong},
    {"close-unanswered", .output = lose_close},
    {"close-code-wrong", .output = close_as_normal},
    {"close-code-lost", .output = close_without_code},
    {"speaks-after-close", .output = speak_after_close},
    {"stream-left-open", .leaves_open = true},
    {"answers-masked", .output = mask_answers},
    {"long-length-form-sent", .output = send_long_form},
    {"reserved-bit-sent", .output = send_reserved_bit},
    {"text-echoed-as-binary", .output = send_text_as_binary},
    {"empty-message-lost", .output = lose_empty_message},
    {"length-cut-to-16-bits", .output = cut_length_to_16_bits},
};

/* ---- the pump ---- */

/* Lives as long as its two threads; the last one frees it. */
struct pump {
    const struct fault *fault;
    int outside, inside; /* the peer's socket; the other end of the echo's */
    atomic_uint threads;
};

static bool hold(struct flow *flow, const uint8_t *bytes, size_t length_bytes)
{
    uint8_t *held = realloc(flow->held, flow->held_bytes + length_bytes + 1);

    if (held == NULL) return false;
    if (length_bytes > 0) memcpy(held + flow->held_bytes, bytes, length_bytes);
    flow->held = held;
    flow->held_bytes += length_bytes;
    return true;
}

static bool flush_held(struct flow *flow)
{
    bool is_sent = write_all(flow->to, flow->held, flow->held_bytes);
    flow->held_bytes = 0;
    return is_sent;
}

static bool stream_payload(struct flow *flow, uint64_t left, bool is_dropped)
{
    uint8_t bytes[STREAM_BYTES];

    while (left > 0) {
        ssize_t got = recv(flow->from, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes, 0);
        if (got <= 0) return false;
        if (!is_dropped && !write_all(flow->to, bytes, (size_t)got)) return false;
        left -= (uint64_t)got;
    }
    return true;
}

static bool collect_payload(struct flow *flow, struct frame *f)
{
    if (f->payload_bytes > COLLECTED_MAX) return false;
    f->payload = malloc((size_t)f->payload_bytes + 1);
    if (f->payload == NULL || !read_all(flow->from, f->payload, (size_t)f->payload_bytes))
        return false;
    if (f->masked) ws_frame_mask(f->payload, (size_t)f->payload_bytes, f->key, 0);
    return true;
}

/* Behind what was held for the end of a message stands the message's last frame; anything else that
 * was held comes behind the frame that follows it. */
static bool send_collected(struct flow *flow, struct frame *f, enum verdict verdict)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    size_t header_bytes = write_header(header, f), payload_bytes = (size_t)f->payload_bytes;
    bool held_first = flow->message_opcode != 0;

    if (verdict == DROP) return true;
    if (f->masked) ws_frame_mask(f->payload, payload_bytes, f->key, 0);
    if (verdict == HOLD) {
        return hold(flow, header, header_bytes) && hold(flow, f->payload, payload_bytes);
    }
    if (is_control(f) && held_first) {
        return write_all(flow->to, header, header_bytes) &&
               write_all(flow->to, f->payload, payload_bytes);
    }
    if (held_first && !flush_held(flow)) return false;
    return write_all(flow->to, header, header_bytes) &&
           write_all(flow->to, f->payload, payload_bytes) && flush_held(flow);
}

static bool send_streamed(struct flow *flow, const struct frame *f, enum verdict verdict,
                          uint64_t to_come_bytes)
{
    uint8_t header[WS_HEADER_BYTES_MAX];

    if (verdict == PASS && !write_all(flow->to, header, write_header(header, f))) return false;
    return stream_payload(flow, to_come_bytes, verdict == DROP);
}

static void end_frame(struct flow *flow, const struct frame *f)
{
    if (is_control(f)) return;
    if (opcode_of(f) != WS_CONTINUATION) flow->message_opcode = opcode_of(f);
    if (has_fin(f)) flow->message_opcode = 0;
}

/* Takes one frame from end to end; false when the stream is over. */
static bool pump_frame(struct flow *flow, bool collects,
                       enum verdict (*alter)(struct flow *flow, struct frame *f))
{
    static const uint8_t empty_text[] = {0x81, 0};
    struct frame f;
    bool goes_on = false;

    if (!read_header(flow->from, &f)) return false;
    if (!collects || collect_payload(flow, &f)) {
        uint64_t to_come_bytes = f.payload_bytes;
        enum verdict verdict = alter(flow, &f);
        goes_on = collects ? send_collected(flow, &f, verdict)
                           : send_streamed(flow, &f, verdict, to_come_bytes);
        end_frame(flow, &f);
        if (flow->passed_close) goes_on = write_all(flow->to, empty_text, sizeof empty_text);
    }
    free(f.payload);
    return goes_on;
}

static void pump_bytes(struct flow *flow)
{
    (void)stream_payload(flow, UINT64_MAX, false);
}

static void leave_pump(struct pump *pump)
{
    if (atomic_fetch_sub(&pump->threads, 1) > 1) return;
    (void)close(pump->outside);
    (void)close(pump->inside);
    free(pump);
}

static void *pump_input(void *argument)
{
    struct pump *pump = argument;
    struct flow flow = {.from = pump->outside, .to = pump->inside};

    if (pump->fault->input == NULL) pump_bytes(&flow);
    while (pump->fault->input != NULL &&
           pump_frame(&flow, pump->fault->collects, pump->fault->input)) {
    }
    free(flow.held);
    (void)shutdown(pump->inside, SHUT_WR);
    leave_pump(pump);
    return NULL;
}

static void *pump_output(void *argument)
{
    struct pump *pump = argument;
    struct flow flow = {.from = pump->inside, .to = pump->outside};

    if (pump->fault->output == NULL) pump_bytes(&flow);
    while (pump->fault->output != NULL && pump_frame(&flow, true, pump->fault->output)) {
    }
    free(flow.held);
    if (!pump->fault->leaves_open) (void)shutdown(pump->outside, SHUT_WR);
    leave_pump(pump);
    return NULL;
}

static void start_thread(void *(*run)(void *), struct pump *pump)
{
    pthread_t thread;

    ASSERT(pthread_create(&thread, NULL, run, pump) == 0);
    ASSERT(pthread_detach(thread) == 0);
}

/* ---- the hook ---- */

enum result faults_choose(struct ws_conn *ws, const struct http_request *request)
{
    char name[FAULT_NAME_BYTES_MAX];

    if (http_request_query(request, "fault", name, sizeof name) != RESULT_OK) return RESULT_INVALID;
    if (name[0] == '\0') return RESULT_OK;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (strcmp(faults[i].name, name) != 0) continue;
        ws->session = (void *)(uintptr_t)&faults[i];
        return RESULT_OK;
    }
    return RESULT_INVALID;
}

/* The conn keeps its descriptor's number, which is one end of a pair from now on. */
void faults_start(struct ws_conn *ws)
{
    struct conn *conn = ws->conn;
    struct pump *pump = malloc(sizeof *pump);
    int pair[2];

    if (ws->session == NULL) {
        free(pump);
        return;
    }
    ASSERT(pump != NULL && conn->tls == NULL);
    ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    poller_remove(&conn->net->poller, conn->fd);
    *pump = (struct pump){.fault = ws->session, .outside = dup(conn->fd), .inside = pair[0]};
    atomic_init(&pump->threads, 2);
    ASSERT(pump->outside >= 0 && dup2(pair[1], conn->fd) == conn->fd);
    (void)close(pair[1]);
    ASSERT(fcntl(conn->fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(pump->outside, F_SETFL, 0) == 0);
    ASSERT(poller_add(&conn->net->poller, conn->fd, &conn->source, conn->epoll_events) ==
           RESULT_OK);
    start_thread(pump_input, pump);
    start_thread(pump_output, pump);
}
