/* fuzz_ws_reader.c - a WebSocket stream reads the same however it is split.
 *
 * Layout:  byte 0: bit 0 the role, bit 1 whether RSV1 is allowed, bits 2 to 3 the limits; byte 1:
 *          how many steps of the split follow; the rest is the stream.
 */
#include "tests/lib/ws_transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    uint32_t message_bytes_max, fragments_max;
} limits[] = {{4096, 16}, {0, 1}, {10, 3}, {1u << 20, UINT32_MAX}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 || size - 2 < data[1]) return 0;

    struct ws_reader_config config = {
        .role = (data[0] & 1) != 0 ? WS_CLIENT : WS_SERVER,
        .allow_rsv1 = (data[0] & 2) != 0,
        .message_bytes_max = limits[data[0] >> 2 & 3].message_bytes_max,
        .fragments_max = limits[data[0] >> 2 & 3].fragments_max,
    };
    const uint8_t *stream = data + 2 + data[1];
    size_t stream_bytes = size - 2 - data[1];
    const uint8_t one = 1;
    const struct ws_split splits[] = {{data + 2, data[1]}, {&one, 1}};

    struct ws_transcript whole =
        ws_transcript_read(&config, stream, stream_bytes, (struct ws_split){0});
    for (size_t i = 0; i < sizeof splits / sizeof splits[0]; i++) {
        struct ws_transcript parts = ws_transcript_read(&config, stream, stream_bytes, splits[i]);
        ASSERT(ws_transcript_equal(&whole, &parts));
        ws_transcript_deinit(&parts);
    }
    ws_transcript_deinit(&whole);
    return 0;
}
