/* bench_ws_frame.c - what a frame costs on its way in and out, and what its mask and its UTF-8 cost
 * a byte: of several rounds the fastest, which had the core for itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/utf8.h"
#include "shared/ws_reader.h"

#define ROUNDS          300
#define BYTES_PER_ROUND (UINT64_C(1) << 22)
#define FRAMES_MAX      5000

static const uint8_t key[WS_MASK_KEY_BYTES] = {0x37, 0xfa, 0x21, 0x3d};

/* What one round does, `count` times. */
struct job {
    uint8_t *bytes;
    size_t length;
    struct ws_frame frame;
    size_t header_bytes;
    struct ws_reader reader;
    uint64_t used; /* so that nothing is optimized away */
};

typedef void round_fn(struct job *job, uint64_t count);

static void bench(const char *what, struct job *job, round_fn *run)
{
    uint64_t count = BYTES_PER_ROUND / job->length, best_ns = UINT64_MAX;

    if (count > FRAMES_MAX) count = FRAMES_MAX;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t start_ns = clock_monotonic_ns();
        run(job, count);
        uint64_t ns = clock_monotonic_ns() - start_ns;
        if (ns < best_ns) best_ns = ns;
    }
    ASSERT(job->used > 0);
    double ns_per_frame = (double)best_ns / (double)count;
    printf("%-20s %6zu B %9.1f ns/frame %7.2f GB/s\n", what, job->length, ns_per_frame,
           (double)job->length / ns_per_frame);
}

static void encode_round(struct job *job, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        job->frame.rsv1 = i & 1;
        job->used += ws_frame_encode(job->bytes, &job->frame);
    }
}

/* Decoding unmasks in place, so each turn masks the plain bytes anew; that makes the frame valid
 * again, and its cost is in the figure. */
static void read_round(struct job *job, uint64_t count)
{
    struct ws_event event;

    for (uint64_t i = 0; i < count; i++) {
        struct ws_input in = {job->bytes, job->header_bytes + job->length};
        if (job->frame.masked) ws_frame_mask(job->bytes + job->header_bytes, job->length, key, 0);
        ASSERT(ws_reader_read(&job->reader, &in, &event) == RESULT_OK);
        ASSERT(event.payload_bytes == job->length);
    }
    job->used++;
}

static void mask_round(struct job *job, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        ws_frame_mask(job->bytes, job->length, key, i);
    job->used++;
}

static void utf8_round(struct job *job, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        job->used += utf8_is_valid(job->bytes, job->length);
}

static void bench_read(const char *what, uint8_t *bytes, enum ws_opcode opcode, size_t length,
                       bool masked)
{
    struct job job = {
        .bytes = bytes,
        .length = length,
        .frame = {.payload_bytes = length, .opcode = opcode, .fin = true, .masked = masked}};

    memcpy(job.frame.key, key, sizeof key);
    job.header_bytes = ws_frame_encode(bytes, &job.frame);
    memset(bytes + job.header_bytes, 'a', length);
    ws_reader_init(&job.reader, &(struct ws_reader_config){.role = masked ? WS_SERVER : WS_CLIENT,
                                                           .message_bytes_max = 1u << 20,
                                                           .fragments_max = 1});
    bench(what, &job, read_round);
}

static void bench_utf8(const char *what, uint8_t *bytes, size_t length, const char *pattern)
{
    struct job job = {.bytes = bytes, .length = length};
    size_t pattern_bytes = strlen(pattern);

    memset(bytes, ' ', length);
    for (size_t at = 0; at + pattern_bytes <= length; at += pattern_bytes)
        memcpy(bytes + at, pattern, pattern_bytes);
    ASSERT(utf8_is_valid(bytes, length));
    bench(what, &job, utf8_round);
}

int main(void)
{
    static const size_t sizes[] = {125, 1024, 65536};
    uint8_t *bytes = malloc(WS_HEADER_BYTES_MAX + sizes[2]);

    ASSERT(bytes != NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct job job = {.bytes = bytes,
                          .length = sizes[i],
                          .frame = {.payload_bytes = sizes[i], .opcode = WS_BINARY, .fin = true}};
        bench("encode header", &job, encode_round);
        bench_read("read binary", bytes, WS_BINARY, sizes[i], false);
        bench_read("mask + read binary", bytes, WS_BINARY, sizes[i], true);
        bench_read("mask + read text", bytes, WS_TEXT, sizes[i], true);
        bench("mask", &job, mask_round);
        bench_utf8("utf8, ASCII", bytes, sizes[i], "plain ");
        bench_utf8("utf8, mixed", bytes, sizes[i], "a word and \xc3\xa9\xe2\x82\xac ");
        bench_utf8("utf8, Greek", bytes, sizes[i], "\xce\xba\xcf\x8c\xcf\x83\xce\xbc\xce\xb5 ");
    }
    free(bytes);
    return EXIT_SUCCESS;
}
