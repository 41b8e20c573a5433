#include "server/record/retention.h"

#include <stdlib.h>

static const char too_old[] = "older than record_keep_s";
static const char too_much[] = "more than record_keep_mb";

static uint64_t end_ms(const struct catalog_entry *e)
{
    if (e->ended_ms != 0) return e->ended_ms;
    /* A crash left no end: it is where the ticks end. */
    return e->started_ms + (uint64_t)e->tick_count * 1000 / TICK_HZ;
}

static uint64_t total_bytes(const struct catalog_entry *entries, size_t count)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += entries[i].file_bytes;
    return bytes;
}

/* Why the recording goes, or NULL. `bytes` is what all together take. */
static const char *reason_to_go(const struct retention_policy *policy,
                                const struct catalog_entry *e, uint64_t now_ms, uint64_t bytes)
{
    uint64_t keep_ms = (uint64_t)policy->keep_s * 1000;
    if (e->status == RECORDING_OPEN) return NULL;
    if (policy->keep_s != 0 && now_ms > keep_ms && end_ms(e) < now_ms - keep_ms) return too_old;
    return policy->keep_bytes != 0 && bytes > policy->keep_bytes ? too_much : NULL;
}

void retention_apply(const struct retention_policy *policy, struct catalog *c, uint64_t now_ms,
                     retention_visit *visit, void *context)
{
    struct catalog_entry *entries;
    struct error error;
    size_t count;
    if (policy->keep_s == 0 && policy->keep_bytes == 0) return;
    if (catalog_list(catalog_dir(c), &entries, &count, &error) != RESULT_OK) return;

    uint64_t bytes = total_bytes(entries, count);
    for (size_t i = 0; i < count; i++) { /* the oldest first */
        const struct catalog_entry *e = &entries[i];
        const char *reason = reason_to_go(policy, e, now_ms, bytes);
        if (reason == NULL) continue;
        bool is_gone = catalog_delete(c, e, &error) == RESULT_OK;
        if (is_gone) bytes -= e->file_bytes;
        visit(context, e, reason, is_gone ? NULL : error.message);
    }
    free(entries);
}
