#include "server/ws/fault_pump.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/check.h"

#define STREAM_BYTES  4096
#define COLLECTED_MAX (32u << 20)

/* ---- frames, legal or not ---- */

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

static bool read_header(int fd, struct fault_frame *f)
{
    uint8_t start[2], field[8];

    if (!read_all(fd, start, sizeof start)) return false;
    unsigned length7 = start[1] & 0x7fu;
    *f = (struct fault_frame){
        .first = start[0], .masked = start[1] >= 0x80, .payload_bytes = length7};
    f->form = length7 == 126 ? 2 : length7 == 127 ? 8 : 0;
    if (!read_all(fd, field, f->form)) return false;
    if (f->form > 0) f->payload_bytes = 0;
    for (unsigned i = 0; i < f->form; i++)
        f->payload_bytes = f->payload_bytes << 8 | field[i];
    return !f->masked || read_all(fd, f->key, sizeof f->key);
}

static size_t write_header(uint8_t header[WS_HEADER_BYTES_MAX], const struct fault_frame *f)
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

void fault_set_length(struct fault_frame *f, uint64_t payload_bytes)
{
    f->payload_bytes = payload_bytes;
    f->form = payload_bytes < 126 ? 0 : payload_bytes <= UINT16_MAX ? 2 : 8;
}

/* ---- the pump ---- */

/* Lives as long as its two threads; the last one frees it. */
struct pump {
    const struct fault *fault;
    int outside, inside; /* the peer's socket; the other end of the echo's */
    atomic_uint threads;
};

static bool hold(struct fault_flow *flow, const uint8_t *bytes, size_t length_bytes)
{
    uint8_t *held = realloc(flow->held, flow->held_bytes + length_bytes + 1);

    if (held == NULL) return false;
    if (length_bytes > 0) memcpy(held + flow->held_bytes, bytes, length_bytes);
    flow->held = held;
    flow->held_bytes += length_bytes;
    return true;
}

static bool flush_held(struct fault_flow *flow)
{
    bool is_sent = write_all(flow->to, flow->held, flow->held_bytes);
    flow->held_bytes = 0;
    return is_sent;
}

static bool stream_payload(struct fault_flow *flow, uint64_t left, bool is_dropped)
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

static bool collect_payload(struct fault_flow *flow, struct fault_frame *f)
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
static bool send_collected(struct fault_flow *flow, struct fault_frame *f,
                           enum fault_verdict verdict)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    size_t header_bytes = write_header(header, f), payload_bytes = (size_t)f->payload_bytes;
    bool held_first = flow->message_opcode != 0;

    if (verdict == FAULT_DROP) return true;
    if (f->masked) ws_frame_mask(f->payload, payload_bytes, f->key, 0);
    if (verdict == FAULT_HOLD) {
        return hold(flow, header, header_bytes) && hold(flow, f->payload, payload_bytes);
    }
    if (fault_is_control(f) && held_first) {
        return write_all(flow->to, header, header_bytes) &&
               write_all(flow->to, f->payload, payload_bytes);
    }
    if (held_first && !flush_held(flow)) return false;
    return write_all(flow->to, header, header_bytes) &&
           write_all(flow->to, f->payload, payload_bytes) && flush_held(flow);
}

static bool send_streamed(struct fault_flow *flow, const struct fault_frame *f,
                          enum fault_verdict verdict, uint64_t to_come_bytes)
{
    uint8_t header[WS_HEADER_BYTES_MAX];

    if (verdict == FAULT_PASS && !write_all(flow->to, header, write_header(header, f)))
        return false;
    return stream_payload(flow, to_come_bytes, verdict == FAULT_DROP);
}

static void end_frame(struct fault_flow *flow, const struct fault_frame *f)
{
    if (fault_is_control(f)) return;
    if (fault_opcode(f) != WS_CONTINUATION) flow->message_opcode = fault_opcode(f);
    if (fault_has_fin(f)) flow->message_opcode = 0;
}

/* Takes one frame from end to end; false when the stream is over. */
static bool pump_frame(struct fault_flow *flow, bool collects,
                       enum fault_verdict (*alter)(struct fault_flow *flow, struct fault_frame *f))
{
    static const uint8_t empty_text[] = {0x81, 0};
    struct fault_frame f;
    bool goes_on = false;

    if (!read_header(flow->from, &f)) return false;
    if (!collects || collect_payload(flow, &f)) {
        uint64_t to_come_bytes = f.payload_bytes;
        enum fault_verdict verdict = alter(flow, &f);
        goes_on = collects ? send_collected(flow, &f, verdict)
                           : send_streamed(flow, &f, verdict, to_come_bytes);
        end_frame(flow, &f);
        if (flow->passed_close) goes_on = write_all(flow->to, empty_text, sizeof empty_text);
    }
    free(f.payload);
    return goes_on;
}

static void pump_bytes(struct fault_flow *flow)
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
    struct fault_flow flow = {.from = pump->outside, .to = pump->inside};

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
    struct fault_flow flow = {.from = pump->inside, .to = pump->outside};

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

void fault_pump_start(const struct fault *fault, int outside, int inside)
{
    struct pump *pump = malloc(sizeof *pump);

    ASSERT(pump != NULL);
    *pump = (struct pump){.fault = fault, .outside = outside, .inside = inside};
    atomic_init(&pump->threads, 2);
    start_thread(pump_input, pump);
    start_thread(pump_output, pump);
}
