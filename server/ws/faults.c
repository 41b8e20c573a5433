#include "server/ws/faults.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/ws/fault_pump.h"
#include "shared/check.h"
#include "shared/utf8.h"

#define FAULT_NAME_BYTES_MAX 64
#define SHORT_BYTES_MAX      125

static void set_opcode(struct fault_frame *f, unsigned opcode)
{
    f->first = (uint8_t)((f->first & 0xf0u) | opcode);
}

static bool is_text(const struct fault_flow *flow, const struct fault_frame *f)
{
    if (fault_opcode(f) == WS_CONTINUATION) return flow->message_opcode == WS_TEXT;
    return fault_opcode(f) == WS_TEXT;
}

static bool is_utf8(const struct fault_frame *f)
{
    return utf8_is_valid(f->payload, (size_t)f->payload_bytes);
}

/* ---- what goes wrong with what the peer sends ---- */

static enum fault_verdict accept_unmasked(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    f->masked = true; /* by the key of zeros */
    return FAULT_PASS;
}

static enum fault_verdict accept_reserved_bits(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    f->first &= 0x8f;
    return FAULT_PASS;
}

static enum fault_verdict accept_reserved_opcode(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) > WS_PONG) return FAULT_DROP;
    if (fault_opcode(f) > WS_BINARY && !fault_is_control(f)) set_opcode(f, WS_BINARY);
    return FAULT_PASS;
}

static enum fault_verdict accept_long_form(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    fault_set_length(f, f->payload_bytes);
    return FAULT_PASS;
}

/* Waits for a payload that never ends. */
static enum fault_verdict accept_length_sign(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    return f->payload_bytes > INT64_MAX ? FAULT_DROP : FAULT_PASS;
}

static enum fault_verdict accept_fragmented_control(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_is_control(f)) f->first |= 0x80;
    return FAULT_PASS;
}

static enum fault_verdict accept_long_control(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_is_control(f) && f->payload_bytes > SHORT_BYTES_MAX)
        fault_set_length(f, SHORT_BYTES_MAX);
    return FAULT_PASS;
}

static enum fault_verdict accept_lone_continuation(struct fault_flow *flow, struct fault_frame *f)
{
    if (fault_opcode(f) == WS_CONTINUATION && flow->message_opcode == 0) set_opcode(f, WS_BINARY);
    return FAULT_PASS;
}

static enum fault_verdict accept_interruption(struct fault_flow *flow, struct fault_frame *f)
{
    if (!fault_is_control(f) && flow->message_opcode != 0) set_opcode(f, WS_CONTINUATION);
    return FAULT_PASS;
}

static enum fault_verdict accept_short_close(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_CLOSE && f->payload_bytes == 1) fault_set_length(f, 0);
    return FAULT_PASS;
}

static enum fault_verdict accept_any_close_code(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) != WS_CLOSE || f->payload_bytes < 2) return FAULT_PASS;
    if (!ws_close_is_sendable((uint16_t)(f->payload[0] << 8 | f->payload[1])))
        memcpy(f->payload, "\x03\xe8", 2);
    return FAULT_PASS;
}

static enum fault_verdict accept_any_close_reason(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_CLOSE && f->payload_bytes > 2) fault_set_length(f, 2);
    return FAULT_PASS;
}

static enum fault_verdict answer_pong(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_PONG) set_opcode(f, WS_PING);
    return FAULT_PASS;
}

static enum fault_verdict lose_ping_in_message(struct fault_flow *flow, struct fault_frame *f)
{
    return fault_opcode(f) == WS_PING && flow->message_opcode != 0 ? FAULT_DROP : FAULT_PASS;
}

/* The close comes behind the frame that follows it. */
static enum fault_verdict answer_behind_close(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    return fault_opcode(f) == WS_CLOSE ? FAULT_HOLD : FAULT_PASS;
}

/* Not UTF-8? Then something that is. */
static enum fault_verdict accept_bad_utf8(struct fault_flow *flow, struct fault_frame *f)
{
    if (!is_text(flow, f) || is_utf8(f)) return FAULT_PASS;
    for (size_t i = 0; i < f->payload_bytes; i++)
        f->payload[i] = f->payload[i] < 0x80 ? f->payload[i] : '?';
    return FAULT_PASS;
}

/* The echo sees no part of a message before all of it. */
static enum fault_verdict check_utf8_late(struct fault_flow *flow, struct fault_frame *f)
{
    return !is_text(flow, f) || fault_has_fin(f) ? FAULT_PASS : FAULT_HOLD;
}

/* Refuses fragments that end inside a character. */
static enum fault_verdict check_utf8_by_fragment(struct fault_flow *flow, struct fault_frame *f)
{
    if (is_text(flow, f) && !is_utf8(f)) f->payload[0] = 0xff;
    return FAULT_PASS;
}

/* ---- what goes wrong with what the echo sends ---- */

static enum fault_verdict cut_pong(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_PONG && f->payload_bytes > 0)
        fault_set_length(f, f->payload_bytes - 1);
    return FAULT_PASS;
}

/* Each pong comes behind the frame that follows it. */
static enum fault_verdict delay_pong(struct fault_flow *flow, struct fault_frame *f)
{
    return fault_opcode(f) == WS_PONG && flow->held_bytes == 0 ? FAULT_HOLD : FAULT_PASS;
}

static enum fault_verdict lose_pong(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    return fault_opcode(f) == WS_PONG ? FAULT_DROP : FAULT_PASS;
}

static enum fault_verdict lose_close(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    return fault_opcode(f) == WS_CLOSE ? FAULT_DROP : FAULT_PASS;
}

static enum fault_verdict close_as_normal(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_CLOSE && f->payload_bytes >= 2) memcpy(f->payload, "\x03\xe8", 2);
    return FAULT_PASS;
}

static enum fault_verdict close_without_code(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_CLOSE) fault_set_length(f, 0);
    return FAULT_PASS;
}

/* An empty text comes behind the close. */
static enum fault_verdict speak_after_close(struct fault_flow *flow, struct fault_frame *f)
{
    flow->passed_close = fault_opcode(f) == WS_CLOSE;
    return FAULT_PASS;
}

static enum fault_verdict mask_answers(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    f->masked = true;
    return FAULT_PASS;
}

static enum fault_verdict send_long_form(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (!fault_is_control(f)) f->form = 8;
    return FAULT_PASS;
}

static enum fault_verdict send_reserved_bit(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (!fault_is_control(f)) f->first |= 0x40;
    return FAULT_PASS;
}

static enum fault_verdict send_text_as_binary(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    if (fault_opcode(f) == WS_TEXT) set_opcode(f, WS_BINARY);
    return FAULT_PASS;
}

static enum fault_verdict lose_empty_message(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    return !fault_is_control(f) && f->payload_bytes == 0 ? FAULT_DROP : FAULT_PASS;
}

static enum fault_verdict cut_length_to_16_bits(struct fault_flow *flow, struct fault_frame *f)
{
    (void)flow;
    fault_set_length(f, f->payload_bytes & UINT16_MAX);
    return FAULT_PASS;
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
    int pair[2];

    if (ws->session == NULL) return;
    ASSERT(conn->tls == NULL);
    ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    poller_remove(&conn->net->poller, conn->fd);
    int outside = dup(conn->fd);
    ASSERT(outside >= 0 && dup2(pair[1], conn->fd) == conn->fd);
    (void)close(pair[1]);
    ASSERT(fcntl(conn->fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(outside, F_SETFL, 0) == 0);
    ASSERT(poller_add(&conn->net->poller, conn->fd, &conn->source, conn->epoll_events) ==
           RESULT_OK);
    fault_pump_start(ws->session, outside, pair[0]);
}
