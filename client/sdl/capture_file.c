#include "client/sdl/capture_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "shared/host/error.h"

void capture_file_name(char name[CAPTURE_NAME_BYTES], uint64_t wall_ms)
{
    char when[32] = "";
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;

    if (gmtime_r(&seconds, &utc) != NULL) (void)strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &utc);
    (void)snprintf(name, CAPTURE_NAME_BYTES, "tickwire-%s.capture", when);
}

static bool write_parts(const struct capture *c, FILE *file)
{
    bool is_written = true;

    for (unsigned i = 0; i < CAPTURE_PARTS; i++) {
        const uint8_t *bytes;
        uint32_t length_bytes = capture_part(c, i, &bytes);
        is_written = is_written && fwrite(bytes, 1, length_bytes, file) == length_bytes;
    }
    return is_written;
}

enum result capture_file_save(struct capture *c, const char *path, uint64_t wall_ms,
                              uint64_t now_us, struct error *error)
{
    if (!capture_finish(c, wall_ms, now_us))
        return error_set(error, RESULT_AGAIN, "%s: there is nothing to capture yet", path);

    FILE *file = fopen(path, "wb");
    if (file == NULL) return error_set(error, RESULT_IO, "%s: %s", path, strerror(errno));
    bool is_written = write_parts(c, file);
    if (fclose(file) == 0 && is_written) return RESULT_OK;
    return error_set(error, RESULT_IO, "%s: %s", path, strerror(errno));
}
