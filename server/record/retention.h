/* retention.h - deletes recordings that are too old, and the oldest where there are too many bytes.
 *
 * Place:   the recorder runs it on its own thread: at its start, each minute, and when a recording
 *          has ended. Whole files go, and their entries with them.
 * Rules:   what is being written stays, whoever writes it. Age counts from a match's end. For the
 *          total all files count, those that stay as well.
 * Errors:  a file that cannot be deleted is told, keeps its entry and is tried again.
 */
#ifndef TICKWIRE_SERVER_RECORD_RETENTION_H
#define TICKWIRE_SERVER_RECORD_RETENTION_H

#include <stdint.h>

#include "server/record/catalog.h"

struct retention_policy {
    uint32_t keep_s;     /* 0: whatever its age */
    uint64_t keep_bytes; /* of all recordings together; 0: whatever their size */
};

/* Called for each recording that goes; `trouble` is NULL, or why its file stays after all. */
typedef void retention_visit(void *context, const struct catalog_entry *entry, const char *reason,
                             const char *trouble);

/* Applies the policy to the folder of `c`, as of the wall time `now_ms`. */
void retention_apply(const struct retention_policy *policy, struct catalog *c, uint64_t now_ms,
                     retention_visit *visit, void *context);

#endif
