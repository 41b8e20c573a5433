/* fuzz_ws_handshake.c - the client's parser comes to the same end whenever it is asked: each prefix
 * of an answer waits, or says what the whole says. Lists and keys take any bytes. */
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/ws_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char accept[] = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
static const struct ws_expectation expectation = {accept, "tickwire.v1, tickwire.json.v1"};

/* Parses a copy of exactly that size, for AddressSanitizer's sake. */
static enum result parse(struct ws_response *response, const uint8_t *data, size_t size,
                         struct error *error)
{
    char *copy = malloc(size + (size == 0));

    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    enum result result =
        ws_response_parse(response, (struct ws_text){copy, size}, &expectation, error);
    free(copy);
    return result;
}

static void check_same(const struct ws_response *a, const struct ws_response *b)
{
    ASSERT(a->status == b->status);
    ASSERT(a->head_bytes == b->head_bytes);
    ASSERT(strcmp(a->subprotocol, b->subprotocol) == 0);
}

static void check_response(const uint8_t *data, size_t size)
{
    struct ws_response whole, part;
    struct error whole_error = {.code = RESULT_OK}, part_error;
    enum result result = parse(&whole, data, size, &whole_error);
    enum result before = RESULT_AGAIN;

    ASSERT(result == RESULT_OK || result == RESULT_AGAIN || result == whole_error.code);
    for (size_t length = 0; length <= size && before == RESULT_AGAIN; length++) {
        before = parse(&part, data, length, &part_error);
        if (before == RESULT_AGAIN) continue;
        ASSERT(before == result);
        check_same(&whole, &part);
    }
    ASSERT(before == result);
    if (result == RESULT_OK) ASSERT(whole.status == 101 && whole.head_bytes <= size);
}

static void check_list(struct ws_text list)
{
    struct ws_text element, rest = list;
    const char *end = list.chars + list.length_chars;

    while (ws_list_next(&rest, &element)) {
        ASSERT(element.length_chars > 0);
        ASSERT(element.chars >= list.chars && element.chars + element.length_chars <= end);
    }
    if (ws_key_is_valid(list)) ASSERT(list.length_chars == WS_KEY_CHARS);
    ws_list_has(list, "upgrade");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 2 * WS_RESPONSE_BYTES_MAX) return 0;
    check_response(data, size);
    check_list((struct ws_text){(const char *)data, size});
    return 0;
}
