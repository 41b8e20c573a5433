/* bench_ws_frame.c - what a frame costs on its way in and out, and what its mask and its UTF-8 cost
 * a byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/utf8.h"
#include "shared/ws_reader.h"

#define BYTES_PER_RUN (UINT64_C(1) << 30)
#define FRAMES_MAX    2000000

static const uint8_t key[WS_MASK_KEY_BYTES] = {0x37, 0xfa, 0x21, 0x3d};

static uint64_t frame_count(size_t payload_bytes)
{
    uint64_t count = BYTES_PER_RUN / (payload_bytes + 1);
    return count < FRAMES_MAX ? count : FRAMES_MAX;
}

static void report(const char *what, size_t payload_bytes, uint64_t count, uint64_t ns)
{
    double ns_per_frame = (double)ns / (double)count;
    printf("%-20s %6zu B %9.1f ns/frame %7.2f GB/s\n", what, payload_bytes, ns_per_frame,
           (double)payload_bytes / ns_per_frame);
}

/* Decoding unmasks in place, so each turn masks the plain bytes anew; that makes the frame valid
 * again, and its cost is in the figure. */
static void bench_read(const char *what, uint8_t *bytes, enum ws_opcode opcode,
                       size_t payload_bytes, bool masked)
{
    struct ws_frame frame = {
        .payload_bytes = payload_bytes, .opcode = opcode, .fin = true, .masked = masked};
    struct ws_reader r;
    struct ws_event event;
    uint64_t count = frame_count(payload_bytes);

    memcpy(frame.key, key, sizeof key);
    size_t header_bytes = ws_frame_encode(bytes, &frame);
    memset(bytes + header_bytes, 'a', payload_bytes);
    ws_reader_init(&r, &(struct ws_reader_config){.role = masked ? WS_SERVER : WS_CLIENT,
                                                  .message_bytes_max = 1u << 20,
                                                  .fragments_max = 1});
    uint64_t start_ns = clock_monotonic_ns();
    for (uint64_t i = 0; i < count; i++) {
        struct ws_input in = {bytes, header_bytes + payload_bytes};
        if (masked) ws_frame_mask(bytes + header_bytes, payload_bytes, key, 0);
        enum result result = ws_reader_read(&r, &in, &event);
        ASSERT(result == RESULT_OK);
        ASSERT(event.payload_bytes == payload_bytes);
    }
    report(what, payload_bytes, count, clock_monotonic_ns() - start_ns);
}

static void bench_encode(uint8_t *bytes, size_t payload_bytes)
{
    struct ws_frame frame = {.payload_bytes = payload_bytes, .opcode = WS_BINARY, .fin = true};
    uint64_t count = FRAMES_MAX, used = 0;

    uint64_t start_ns = clock_monotonic_ns();
    for (uint64_t i = 0; i < count; i++) {
        frame.rsv1 = i & 1;
        used += ws_frame_encode(bytes, &frame);
    }
    report("encode header", payload_bytes, count, clock_monotonic_ns() - start_ns);
    ASSERT(used > 0);
}

static void bench_mask(uint8_t *bytes, size_t length)
{
    uint64_t count = BYTES_PER_RUN / length;

    uint64_t start_ns = clock_monotonic_ns();
    for (uint64_t i = 0; i < count; i++)
        ws_frame_mask(bytes, length, key, i);
    report("mask", length, count, clock_monotonic_ns() - start_ns);
}

static void bench_utf8(const char *what, uint8_t *bytes, size_t length, const char *pattern)
{
    uint64_t count = BYTES_PER_RUN / 4 / length, valid = 0;
    size_t pattern_bytes = strlen(pattern);

    memset(bytes, ' ', length);
    for (size_t at = 0; at + pattern_bytes <= length; at += pattern_bytes)
        memcpy(bytes + at, pattern, pattern_bytes);
    uint64_t start_ns = clock_monotonic_ns();
    for (uint64_t i = 0; i < count; i++)
        valid += utf8_is_valid(bytes, length);
    report(what, length, count, clock_monotonic_ns() - start_ns);
    ASSERT(valid == count);
}

int main(void)
{
    static const size_t sizes[] = {125, 1024, 65536};
    uint8_t *bytes = malloc(WS_HEADER_BYTES_MAX + sizes[2]);

    ASSERT(bytes != NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        bench_encode(bytes, sizes[i]);
        bench_read("read binary", bytes, WS_BINARY, sizes[i], false);
        bench_read("mask + read binary", bytes, WS_BINARY, sizes[i], true);
        bench_read("mask + read text", bytes, WS_TEXT, sizes[i], true);
        bench_mask(bytes, sizes[i]);
        bench_utf8("utf8, ASCII", bytes, sizes[i], "plain ");
        bench_utf8("utf8, mixed", bytes, sizes[i], "a word and \xc3\xa9\xe2\x82\xac ");
        bench_utf8("utf8, Greek", bytes, sizes[i], "\xce\xba\xcf\x8c\xcf\x83\xce\xbc\xce\xb5 ");
    }
    free(bytes);
    return EXIT_SUCCESS;
}
