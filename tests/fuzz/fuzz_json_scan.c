/* fuzz_json_scan.c - what passes the scanner is JSON for cJSON too, whole and within the limits. */
#include <cjson/cJSON.h>
#include <string.h>

#include "shared/check.h"
#include "shared/json_scan.h"
#include "shared/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned depth_of(const cJSON *value)
{
    unsigned deepest = 0;
    for (const cJSON *item = value->child; item != NULL; item = item->next) {
        unsigned depth = depth_of(item);
        if (depth > deepest) deepest = depth;
    }
    return deepest + (cJSON_IsArray(value) || cJSON_IsObject(value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *end = NULL;
    if (json_scan(text, size) != RESULT_OK) return 0;

    ASSERT(utf8_is_valid(data, size));
    ASSERT(memchr(data, 0, size) == NULL);
    cJSON *root = cJSON_ParseWithLengthOpts(text, size, &end, false);
    /* cJSON takes no number longer than 63 characters. */
    if (root == NULL) return 0;
    ASSERT(depth_of(root) <= JSON_DEPTH_MAX);
    while (end < text + size && strchr(" \t\r\n", *end) != NULL)
        end++;
    ASSERT(end == text + size);
    cJSON_Delete(root);
    return 0;
}
