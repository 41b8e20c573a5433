/* fuzz_deflate.c - any payload inflates within its limit, and what was compressed comes back.
 *
 * Layout:  byte 0: bit 0 takeover, bit 1 text, bits 2 to 3 the limit, bit 4 whether the rest is
 *          also read as an offer; then messages, each with two bytes of length in front.
 */
#include <stdlib.h>
#include <string.h>

#include "server/ws/deflate.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const size_t limits[] = {0, 5, 4096, 1 << 20};

static void check_offer(const uint8_t *data, size_t size)
{
    struct deflate_grant grant = {.context_takeover = true, .window_bits = 15};
    struct deflate_terms terms = {.is_agreed = false}, again = terms;
    char *copy = malloc(size + 1), text[DEFLATE_TERMS_CHARS_MAX];

    ASSERT(copy != NULL);
    memcpy(copy, data, size);
    enum result r = deflate_offer_choose((struct ws_text){copy, size}, &grant, &terms);
    free(copy);
    if (r != RESULT_OK || !terms.is_agreed) return;
    /* What we answer is an offer that is answered by the same. */
    deflate_terms_write(&terms, text);
    ASSERT(deflate_offer_choose((struct ws_text){text, strlen(text)}, &grant, &again) == RESULT_OK);
    ASSERT(again.is_agreed && again.server_takes_over == terms.server_takes_over &&
           again.client_takes_over == terms.client_takes_over &&
           again.server_window_bits == terms.server_window_bits &&
           again.client_window_bits == terms.client_window_bits);
}

/* Returns whether the connection would live on. */
static bool check_message(struct deflate *d, struct deflate *mirror, const uint8_t *bytes,
                          size_t length, size_t limit, bool is_text)
{
    struct deflate_result inflated, out, back;
    uint8_t *copy = malloc(length + 1), *plain;

    ASSERT(copy != NULL);
    memcpy(copy, bytes, length);
    enum result r = deflate_inflate(d, copy, length, limit, is_text, &inflated);
    free(copy);
    if (r != RESULT_OK) return false;
    ASSERT(inflated.length_bytes <= limit);
    plain = malloc(inflated.length_bytes + 1);
    ASSERT(plain != NULL);
    if (inflated.length_bytes > 0) memcpy(plain, inflated.bytes, inflated.length_bytes);
    if (deflate_is_worthwhile(d, inflated.length_bytes) &&
        deflate_compress(d, plain, inflated.length_bytes, 14, &out) == RESULT_OK) {
        ASSERT(deflate_inflate(mirror, out.bytes, out.length_bytes, limit, is_text, &back) ==
               RESULT_OK);
        ASSERT(back.length_bytes == inflated.length_bytes);
        ASSERT(memcmp(back.bytes, plain, back.length_bytes) == 0);
    }
    free(plain);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct deflate_budget budget = {.limit_bytes = 1 << 20};
    struct deflate_worker worker;
    struct deflate d, mirror;

    if (size < 1) return 0;
    uint8_t mode = data[0];
    bool takes_over = (mode & 1) != 0;
    struct deflate_terms terms = {.is_agreed = true,
                                  .server_takes_over = takes_over,
                                  .client_takes_over = takes_over,
                                  .server_window_bits = 9,
                                  .client_window_bits = 9};
    if (mode & 16) check_offer(data + 1, size - 1);
    deflate_worker_init(&worker, &budget);
    ASSERT(deflate_open(&d, &worker, &terms) == RESULT_OK);
    ASSERT(deflate_open(&mirror, &worker, &terms) == RESULT_OK);
    for (size_t at = 1; at + 2 <= size;) {
        size_t length = data[at] | (size_t)data[at + 1] << 8;
        at += 2;
        if (length > size - at) length = size - at;
        if (!check_message(&d, &mirror, data + at, length, limits[mode >> 2 & 3], (mode & 2) != 0))
            break;
        at += length;
    }
    deflate_close(&d);
    deflate_close(&mirror);
    deflate_worker_deinit(&worker);
    ASSERT(budget.used_bytes == 0);
    return 0;
}
