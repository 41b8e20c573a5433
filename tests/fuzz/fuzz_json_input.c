/* fuzz_json_input.c - whatever a JSON client sends, what is accepted lies in its ranges, and what
 * is refused has a reason.
 */
#include "server/session/json_input.h"

#include <string.h>

#include "shared/check.h"
#include "tests/unit/test_game.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct usercmd previous = {.seq = 1, .words = {15, 1023, -100, 5}};
    static const struct json_input_terms terms = {
        &test_table, &previous, {JSON_DEPTH_MAX, JSON_TOKENS_MAX}};
    struct json_input in;
    struct error error = {0};
    enum result result = json_input_read(&in, (const char *)data, size, &terms, &error);

    if (result != RESULT_OK) {
        ASSERT(error.code == result);
        ASSERT(text_is_showable(error.message, strlen(error.message)));
        return 0;
    }
    ASSERT(in.kind <= JSON_INPUT_CAMERA);
    ASSERT(usercmd_is_valid(&test_table, &in.cmd));
    ASSERT(in.has_seq == (in.cmd.seq > 0));
    ASSERT(in.name[0] == '\0' || text_is_showable(in.name, strlen(in.name)));
    if (in.kind == JSON_INPUT_CHAT) ASSERT(text_is_showable(in.text, strlen(in.text)));
    return 0;
}
