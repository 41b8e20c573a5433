/* fuzz_config_file.c - any file is a config or one printable sentence. */
#include <stdlib.h>
#include <string.h>

#include "server/config_file.h"
#include "shared/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = malloc(sizeof *config);
    struct error error = {.code = RESULT_OK};
    char *copy = malloc(size + (size == 0));

    ASSERT(config != NULL && copy != NULL);
    memcpy(copy, data, size);
    config_set_defaults(config);
    enum result r = config_file_parse(config, "file", copy, size, &error);
    ASSERT(r == error.code);
    if (r != RESULT_OK) {
        ASSERT(strlen(error.message) > 0 && strlen(error.message) < sizeof error.message);
        for (const char *c = error.message; *c != '\0'; c++)
            ASSERT(*c >= ' ' && *c <= '~');
    }
    ASSERT(config->listen_count <= CONFIG_LIST_MAX && config->room_count <= CONFIG_ROOMS_MAX);
    free(copy);
    free(config);
    return 0;
}
