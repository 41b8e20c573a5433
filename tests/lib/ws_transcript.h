/* ws_transcript.h - what a ws_reader made of a byte stream, written down so that two readings can
 * be compared.
 *
 * Place:   unit test and fuzzer of ws_reader; a header alone, as they lie in different folders.
 * Memory:  a transcript owns its bytes, ws_transcript_deinit() frees them. Each portion of input is
 *          a heap block of exactly its size, so that AddressSanitizer sees a byte read too many.
 */
#ifndef TICKWIRE_TESTS_LIB_WS_TRANSCRIPT_H
#define TICKWIRE_TESTS_LIB_WS_TRANSCRIPT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/ws_reader.h"

struct ws_transcript {
    uint8_t *bytes; /* owned: the events, one after the other */
    size_t used_bytes;
    size_t capacity_bytes;
    enum result end; /* what the reader said after its last event */
    enum ws_breach breach;
};

/* How a stream is cut into portions: steps[0], steps[1], … and again from the start, 0 for 256. */
struct ws_split {
    const uint8_t *steps; /* NULL: the stream in one piece */
    size_t count;
};

static inline void ws_transcript_deinit(struct ws_transcript *t)
{
    free(t->bytes);
    *t = (struct ws_transcript){0};
}

static inline void ws_transcript_put(struct ws_transcript *t, const void *bytes, size_t length)
{
    if (length == 0) return;
    if (length > t->capacity_bytes - t->used_bytes) {
        t->capacity_bytes = 2 * t->capacity_bytes + length;
        t->bytes = realloc(t->bytes, t->capacity_bytes);
        ASSERT(t->bytes != NULL);
    }
    memcpy(t->bytes + t->used_bytes, bytes, length);
    t->used_bytes += length;
}

static inline void ws_transcript_put_event(struct ws_transcript *t, const struct ws_event *event)
{
    uint8_t head[] = {(uint8_t)event->kind,
                      event->compressed,
                      (uint8_t)(event->close_code >> 8),
                      (uint8_t)event->close_code,
                      (uint8_t)(event->payload_bytes >> 16),
                      (uint8_t)(event->payload_bytes >> 8),
                      (uint8_t)event->payload_bytes};

    ws_transcript_put(t, head, sizeof head);
    ws_transcript_put(t, event->payload, event->payload_bytes);
}

/* Lends a buffer a little larger than the reader's is, and never larger than promised. */
static inline uint8_t *ws_transcript_grow(struct ws_reader *r, uint8_t *buffer)
{
    size_t enough = WS_READER_BUFFER_BYTES((size_t)r->message_bytes_max);
    size_t capacity_bytes =
        r->capacity_bytes == 0 ? WS_READER_CONTROL_BYTES + 1 : 2 * (size_t)r->capacity_bytes;

    ASSERT(r->capacity_bytes < enough);
    if (capacity_bytes > enough) capacity_bytes = enough;
    buffer = realloc(buffer, capacity_bytes);
    ASSERT(buffer != NULL);
    ws_reader_set_buffer(r, buffer, capacity_bytes);
    return buffer;
}

/* Reads one portion until it is used up. */
static inline enum result ws_transcript_portion(struct ws_transcript *t, struct ws_reader *r,
                                                uint8_t **buffer, struct ws_input in)
{
    struct ws_event event;
    enum result result;

    do {
        result = ws_reader_read(r, &in, &event);
        ASSERT((result == RESULT_OK) == (event.kind != WS_EVENT_NONE));
        if (result == RESULT_OK) ws_transcript_put_event(t, &event);
        if (result == RESULT_FULL) *buffer = ws_transcript_grow(r, *buffer);
    } while (result == RESULT_OK || result == RESULT_FULL);
    ASSERT(result != RESULT_AGAIN || in.length_bytes == 0);
    ASSERT(result == RESULT_AGAIN || !ws_reader_is_midway(r));
    return result;
}

/* Reads the whole stream, cut into portions by `split`. What comes after the end is fed too: it
 * must change nothing. */
static inline struct ws_transcript ws_transcript_read(const struct ws_reader_config *config,
                                                      const uint8_t *bytes, size_t length_bytes,
                                                      struct ws_split split)
{
    struct ws_transcript t = {.end = RESULT_AGAIN};
    struct ws_reader r;
    uint8_t *buffer = NULL;
    size_t turn = 0;

    ws_reader_init(&r, config);
    for (size_t at = 0; at < length_bytes;) {
        size_t portion_bytes = length_bytes - at;
        if (split.count > 0) {
            uint8_t step = split.steps[turn++ % split.count];
            size_t step_bytes = step == 0 ? 256 : step;
            if (step_bytes < portion_bytes) portion_bytes = step_bytes;
        }
        uint8_t *portion = malloc(portion_bytes);
        ASSERT(portion != NULL);
        memcpy(portion, bytes + at, portion_bytes);
        enum result before = t.end;
        t.end = ws_transcript_portion(&t, &r, &buffer, (struct ws_input){portion, portion_bytes});
        ASSERT(before == RESULT_AGAIN || t.end == before);
        free(portion);
        at += portion_bytes;
    }
    t.breach = ws_reader_breach(&r);
    free(buffer);
    return t;
}

static inline bool ws_transcript_equal(const struct ws_transcript *a, const struct ws_transcript *b)
{
    return a->end == b->end && a->breach == b->breach && a->used_bytes == b->used_bytes &&
           (a->used_bytes == 0 || memcmp(a->bytes, b->bytes, a->used_bytes) == 0);
}

#endif
