/* fuzz_chunked.c - a body is the same however its bytes come, and never longer than they are. */
#include <stdlib.h>
#include <string.h>

#include "server/http/chunked.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum result result;
    size_t consumed_bytes, body_bytes;
    uint8_t *body; /* as large as the input */
};

static struct outcome decode(const uint8_t *data, size_t size, size_t step)
{
    struct outcome o = {.result = RESULT_AGAIN, .body = malloc(size + 1)};
    uint8_t *piece = malloc(step);
    struct chunked c = {0};

    ASSERT(o.body != NULL && piece != NULL);
    while (o.result == RESULT_AGAIN && o.consumed_bytes < size) {
        size_t here = size - o.consumed_bytes < step ? size - o.consumed_bytes : step;
        struct chunked_taken taken;
        memcpy(piece, data + o.consumed_bytes, here);
        o.result = chunked_decode(&c, piece, here, &taken);
        ASSERT(taken.consumed_bytes <= here && taken.body_bytes <= taken.consumed_bytes);
        if (o.result == RESULT_INVALID) break;
        memcpy(o.body + o.body_bytes, piece, taken.body_bytes);
        o.consumed_bytes += taken.consumed_bytes;
        o.body_bytes += taken.body_bytes;
    }
    free(piece);
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = decode(data, size, size + 1), by_byte = decode(data, size, 1);

    ASSERT(whole.result == by_byte.result);
    if (whole.result != RESULT_INVALID) {
        ASSERT(whole.consumed_bytes == by_byte.consumed_bytes);
        ASSERT(whole.body_bytes == by_byte.body_bytes);
        ASSERT(memcmp(whole.body, by_byte.body, whole.body_bytes) == 0);
    }
    free(whole.body);
    free(by_byte.body);
    return 0;
}
