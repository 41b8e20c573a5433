/* fuzz_base64.c - bytes come back from their text; a text that is taken decodes to the same bytes
 * again after encoding, and nothing is written beyond what the size promises. */
#include <stdlib.h>
#include <string.h>

#include "shared/base64.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const uint8_t *bytes, size_t length)
{
    char *text = malloc(BASE64_CHARS(length) + 1);
    uint8_t *back = malloc(BASE64_BYTES_MAX(BASE64_CHARS(length)) + 1);
    size_t back_bytes = 0;

    ASSERT(text != NULL && back != NULL);
    size_t chars = base64_encode(text, bytes, length);
    ASSERT(chars == BASE64_CHARS(length));
    ASSERT(base64_decode(back, &back_bytes, text, chars) == RESULT_OK);
    ASSERT(back_bytes == length && memcmp(back, bytes, length) == 0);
    free(back);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(BASE64_BYTES_MAX(size) + (size < 4));
    size_t length = 0;

    ASSERT(bytes != NULL);
    check_round_trip(data, size);
    if (base64_decode(bytes, &length, (const char *)data, size) == RESULT_OK) {
        ASSERT(length <= BASE64_BYTES_MAX(size));
        check_round_trip(bytes, length);
    }
    free(bytes);
    return 0;
}
