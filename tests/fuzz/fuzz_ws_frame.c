/* fuzz_ws_frame.c - a header that is taken encodes to the bytes it came from; no start of it is
 * taken; a mask is the same in one piece and in two. */
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/ws_frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_mask(const struct ws_frame *frame, const uint8_t *payload, size_t payload_bytes)
{
    uint8_t *whole = malloc(payload_bytes + 1);
    uint8_t *parts = malloc(payload_bytes + 1);
    size_t cut = payload_bytes > 0 ? payload[0] % payload_bytes : 0;

    ASSERT(whole != NULL && parts != NULL);
    memcpy(whole, payload, payload_bytes);
    memcpy(parts, payload, payload_bytes);
    ws_frame_mask(whole, payload_bytes, frame->key, 0);
    ws_frame_mask(parts + cut, payload_bytes - cut, frame->key, cut);
    ws_frame_mask(parts, cut, frame->key, 0);
    ASSERT(memcmp(whole, parts, payload_bytes) == 0);
    ws_frame_mask(whole, payload_bytes, frame->key, 0);
    ASSERT(memcmp(whole, payload, payload_bytes) == 0);
    free(parts);
    free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t header[WS_HEADER_BYTES_MAX];
    struct ws_frame frame;
    struct ws_decoded decoded = {0};
    enum result result = ws_frame_decode(&frame, data, size, &decoded);

    if (result == RESULT_INVALID) ASSERT(decoded.breach != WS_BREACH_NONE);
    if (result != RESULT_OK) return 0;

    ASSERT(decoded.header_bytes <= size);
    ASSERT(ws_frame_encode(header, &frame) == decoded.header_bytes);
    ASSERT(memcmp(header, data, decoded.header_bytes) == 0);
    check_mask(&frame, data + decoded.header_bytes, size - decoded.header_bytes);
    for (size_t length = 0; length < decoded.header_bytes; length++)
        ASSERT(ws_frame_decode(&frame, data, length, &decoded) == RESULT_AGAIN);
    return 0;
}
