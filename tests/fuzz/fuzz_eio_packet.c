/* fuzz_eio_packet.c - packets of a payload lie in it, in order, and a pollq writes them again. */
#include <stdlib.h>
#include <string.h>

#include "server/sio/eio_packet.h"
#include "server/sio/pollq.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the payload; with a pollq, pushes there what it holds. */
static unsigned read_all(uint8_t *bytes, size_t length, struct pollq *pollq, struct pool *blocks)
{
    struct eio_payload payload = {.bytes = bytes, .length_bytes = length};
    struct eio_packet packet;
    const uint8_t *at = bytes;
    unsigned count = 0;

    while (eio_payload_next(&payload, &packet) == RESULT_OK) {
        ASSERT(packet.type < EIO_TYPE_COUNT && packet.bytes > at);
        ASSERT(packet.bytes + packet.length_bytes <= bytes + length);
        at = packet.bytes + packet.length_bytes;
        count++;
        if (pollq == NULL) continue;
        enum result r =
            packet.is_text
                ? pollq_push_text(pollq, blocks, packet.bytes - 1, packet.length_bytes + 1)
                : pollq_push_bytes(pollq, blocks, packet.bytes, packet.length_bytes);
        ASSERT(r == RESULT_OK);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1), *again;
    struct pollq pollq;
    struct pool blocks;
    struct error error;

    if (size > 65536) size = 65536;
    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    ASSERT(pool_init(&blocks, SENDQ_BLOCK_BYTES, 16, &error) == RESULT_OK);
    pollq_init(&pollq, 1u << 20);
    unsigned count = read_all(copy, size, &pollq, &blocks);
    size_t length = pollq_bytes(&pollq);
    again = malloc(length + 1);
    ASSERT(again != NULL);
    pollq_take(&pollq, &blocks, again);
    ASSERT(count == 0 || read_all(again, length, NULL, NULL) == count);
    pollq_deinit(&pollq, &blocks);
    pool_deinit(&blocks);
    free(again);
    free(copy);
    return 0;
}
