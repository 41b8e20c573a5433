/* fuzz_proxy_header.c - a PROXY header is read the same however it comes: each prefix waits for
 * more, and never for more than there will be, or says what the whole says. */
#include <stdlib.h>
#include <string.h>

#include "server/net/proxy_header.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum result parse(struct proxy_header *header, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + (size == 0));

    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    enum result r = proxy_header_parse(header, copy, size);
    free(copy);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header whole, part;

    if (size > 2 * PROXY_HEADER_BYTES_MAX) return 0;
    enum result result = parse(&whole, data, size), before = RESULT_AGAIN;
    for (size_t length = 0; length <= size && before == RESULT_AGAIN; length++) {
        before = parse(&part, data, length);
        if (before != RESULT_AGAIN) break;
        ASSERT(part.header_bytes > length && part.header_bytes <= PROXY_HEADER_BYTES_MAX);
        if (result == RESULT_OK) ASSERT(part.header_bytes <= whole.header_bytes);
    }
    ASSERT(before == result);
    if (result != RESULT_OK) return 0;
    ASSERT(whole.header_bytes <= size && part.header_bytes == whole.header_bytes);
    ASSERT(memcmp(&part.source, &whole.source, sizeof part.source) == 0);
    return 0;
}
