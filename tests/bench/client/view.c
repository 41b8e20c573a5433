/* view.c - what the view costs a native client: `build/bench/view FILE` plays a recorded session
 * again and again and prints a line of JSON: updates, µs of CPU to take one in, µs of CPU to compute a frame.
 *
 * Layout: of FILE, as bench.mjs writes it: records of a u64 time in µs, a u32 length, the message. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "client/view/view.h"
#include "shared/check.h"
#include "shared/message.h"

#define ROUNDS       40
#define FRAME_AFTER  25000 /* µs after a message a frame is computed */
#define FILE_BYTES   (64 * 1024 * 1024)
#define HEADER_BYTES 12

struct costs {
    uint64_t updates, receive_ns, frame_ns, frames, drawn;
};

/* Of this thread: neighbours do not count. */
static uint64_t cpu_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t number(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = count; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static void take(struct view *view, const uint8_t *record, size_t length, struct costs *c)
{
    uint8_t out[MESSAGE_UP_BYTES_MAX];
    const uint8_t *message = record + HEADER_BYTES;
    uint64_t at_us = number(record, 8), before_ns = cpu_ns();
    enum result r = view_receive(view, message, length, at_us);
    uint64_t after_ns = cpu_ns();
    ASSERT(r == RESULT_OK);
    if (message_type(message) != MESSAGE_SNAPSHOT) return;
    c->updates++;
    c->receive_ns += after_ns - before_ns;

    before_ns = cpu_ns();
    while (view_poll_outgoing(view, at_us + FRAME_AFTER, 0, out, sizeof out) > 0) {
    }
    c->drawn += view_frame(view, at_us + FRAME_AFTER)->count;
    c->frame_ns += cpu_ns() - before_ns;
    c->frames++;
}

static void play(void *memory, const struct view_config *config, const uint8_t *file, size_t bytes,
                 struct costs *c)
{
    uint8_t out[MESSAGE_UP_BYTES_MAX];
    struct view *view = view_init(memory, config);
    view_connect(view);
    (void)view_poll_outgoing(view, number(file, 8), 0, out, sizeof out);
    for (size_t at = 0; at + HEADER_BYTES <= bytes;) {
        size_t length = number(file + at + 8, 4);
        take(view, file + at, length, c);
        at += HEADER_BYTES + length;
    }
}

int main(int argc, char **argv)
{
    const struct view_config config = {.entities_max = 1024,
                                       .pasts_max = 32,
                                       .seats_max = 1024,
                                       .map_tiles_max = 1024 * 1024,
                                       .half_x = 4096,
                                       .half_y = 4096};
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: view FILE\n");
        return 2;
    }
    uint8_t *bytes = malloc(FILE_BYTES);
    void *memory = aligned_alloc(16, (view_memory_bytes(&config) + 15) / 16 * 16);
    ASSERT(bytes != NULL && memory != NULL);
    size_t length = fread(bytes, 1, FILE_BYTES, file);
    (void)fclose(file);

    struct costs c = {0};
    for (unsigned i = 0; i < ROUNDS; i++)
        play(memory, &config, bytes, length, &c);
    ASSERT(c.updates > 0);
    printf("{\"updates\":%" PRIu64 ",\"drawn\":%.0f,\"receive_us\":%.2f,\"frame_us\":%.2f,"
           "\"memory_mb\":%.1f}\n",
           c.updates / ROUNDS, (double)c.drawn / (double)c.frames,
           (double)c.receive_ns / 1000 / (double)c.updates,
           (double)c.frame_ns / 1000 / (double)c.frames, (double)view_memory_bytes(&config) / 1e6);
    free(bytes);
    free(memory);
    return 0;
}
