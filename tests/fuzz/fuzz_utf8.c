/* fuzz_utf8.c - a text is judged the same in one piece, in two pieces and byte by byte, and fails
 * at the same byte; a cut leaves whole characters. */
#include "shared/check.h"
#include "shared/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns how many bytes pass before the first that fails. */
static size_t passed_bytes(const uint8_t *text, size_t length)
{
    struct utf8_checker c = {0};

    for (size_t i = 0; i < length; i++) {
        if (!utf8_check(&c, text + i, 1)) return i;
    }
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;

    const uint8_t *text = data + 1;
    size_t length = size - 1;
    size_t cut = length > 0 ? data[0] % length : 0;
    size_t passed = passed_bytes(text, length);
    struct utf8_checker whole = {0}, parts = {0};

    ASSERT(utf8_check(&whole, text, length) == (passed == length));
    ASSERT(utf8_check(&parts, text, cut) == (passed >= cut));
    ASSERT(utf8_check(&parts, text + cut, length - cut) == (passed == length));
    ASSERT(utf8_is_complete(&parts) == utf8_is_complete(&whole));
    ASSERT(utf8_is_valid(text, length) == utf8_is_complete(&whole));
    if (utf8_is_valid(text, length)) ASSERT(utf8_is_valid(text, utf8_cut_bytes(text, length, cut)));
    return 0;
}
