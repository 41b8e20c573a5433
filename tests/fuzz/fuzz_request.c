/* fuzz_request.c - a request means the same however its bytes come, and points into them only. */
#include <stdlib.h>
#include <string.h>

#include "server/http/files.h"
#include "server/http/request.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    enum result result;
    unsigned status;
    size_t head_bytes;
};

/* Gives the head to the parser in steps of `step` bytes. */
static struct outcome find(const uint8_t *data, size_t size, size_t step)
{
    struct http_scan scan = {0};
    struct outcome o = {.result = RESULT_AGAIN};

    for (size_t length = 0; o.result == RESULT_AGAIN; length += step) {
        size_t given = length < size ? length : size;
        o.result = http_head_find(&scan, data, given, 8192, &o.head_bytes, &o.status);
        if (given == size) break;
    }
    return o;
}

static void check_text(struct http_text text, const char *head, size_t head_bytes)
{
    if (text.chars == NULL) return;
    ASSERT(text.chars >= head && text.chars + text.length <= head + head_bytes);
    for (size_t i = 0; i < text.length; i++)
        ASSERT(text.chars[i] != '\0' && text.chars[i] != '\r' && text.chars[i] != '\n');
}

static void check_path(struct http_text path)
{
    char inside[FILES_PATH_BYTES_MAX];

    if (files_map_path(path, inside) != RESULT_OK) return;
    ASSERT(inside[0] != '/' && inside[0] != '\0' && strchr(inside, '\\') == NULL);
    ASSERT(strstr(inside, "/.") == NULL && strstr(inside, "//") == NULL && inside[0] != '.');
}

static void check_request(const uint8_t *data, size_t head_bytes)
{
    /* A copy of exactly that size, for AddressSanitizer's sake. */
    char *head = malloc(head_bytes), value[64];
    struct http_request request;
    unsigned status = 0;

    ASSERT(head != NULL);
    memcpy(head, data, head_bytes);
    enum result r = http_request_parse(&request, head, head_bytes, &status);
    ASSERT((r == RESULT_OK) == (status == 0));
    if (r == RESULT_OK) {
        check_text(request.path, head, head_bytes);
        check_text(request.query, head, head_bytes);
        check_text(request.host, head, head_bytes);
        for (size_t i = 0; i < request.header_count; i++) {
            check_text(request.headers[i].name, head, head_bytes);
            check_text(request.headers[i].value, head, head_bytes);
        }
        ASSERT(request.path.length > 0 && request.path.chars[0] == '/');
        (void)http_request_query(&request, "room", value, sizeof value);
        check_path(request.path);
    }
    free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole = find(data, size, size > 0 ? size : 1);
    struct outcome by_byte = find(data, size, 1);

    ASSERT(whole.result == by_byte.result);
    if (whole.result == RESULT_OK) {
        ASSERT(whole.head_bytes == by_byte.head_bytes && whole.head_bytes <= size);
        check_request(data, whole.head_bytes);
    } else if (whole.result != RESULT_AGAIN) {
        ASSERT(whole.status == by_byte.status);
    }
    return 0;
}
