#include "tools/bots/report.h"

#include <stdio.h>

#include "shared/check.h"

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static double quantile_ms(const struct distribution *d, unsigned per_mille)
{
    return (double)distribution_quantile(d, per_mille) / 1000;
}

static double mean_ms(const struct distribution *d)
{
    return (double)distribution_mean(d) / 1000;
}

static double per_bot_s(const struct report *r, const struct report_group *g, uint64_t count)
{
    return ratio((double)count * 1e6, (double)r->measured_us * g->joined);
}

/* Appends to line[*length..]; what does not fit shows in *length. */
__attribute__((format(printf, 4, 5))) static void append(char *line, size_t capacity_bytes,
                                                         size_t *length, const char *format, ...)
{
    __builtin_va_list arguments;
    ASSERT(*length < capacity_bytes);
    __builtin_va_start(arguments, format);
    int written = vsnprintf(line + *length, capacity_bytes - *length, format, arguments);
    __builtin_va_end(arguments);
    ASSERT(written >= 0);
    *length += (size_t)written;
}

static void append_slow(const struct report *r, char *line, size_t capacity_bytes, size_t *length)
{
    const struct report_group *g = &r->slow;
    append(line, capacity_bytes, length,
           ",\"slow_connected\":%u,\"slow_updates_per_s\":%.2f,\"slow_bytes_per_s\":%.1f,"
           "\"slow_state_age_mean_ms\":%.1f,\"slow_state_age_p50_ms\":%.1f,"
           "\"slow_state_age_p95_ms\":%.1f,\"slow_state_age_p99_ms\":%.1f",
           g->joined, per_bot_s(r, g, g->updates), per_bot_s(r, g, g->bytes), mean_ms(&g->age_us),
           quantile_ms(&g->age_us, 500), quantile_ms(&g->age_us, 950),
           quantile_ms(&g->age_us, 990));
}

size_t report_write_json(const struct report *r, char *line, size_t capacity_bytes)
{
    const struct report_group *g = &r->fast;
    size_t length = 0;
    append(line, capacity_bytes, &length,
           "{\"connected\":%u,\"updates_per_s\":%.2f,\"bytes_per_s\":%.1f,"
           "\"bytes_per_update\":%.1f,\"state_age_mean_ms\":%.1f,\"state_age_p50_ms\":%.1f,"
           "\"state_age_p95_ms\":%.1f,\"state_age_p99_ms\":%.1f,"
           "\"state_age_p999_ms\":%.1f,\"jitter_p99_ms\":%.1f,\"decode_errors\":%llu,"
           "\"hash_errors\":%llu,\"closed\":%u",
           g->joined + r->slow.joined, per_bot_s(r, g, g->updates), per_bot_s(r, g, g->bytes),
           ratio((double)g->update_bytes, (double)g->updates), mean_ms(&g->age_us),
           quantile_ms(&g->age_us, 500), quantile_ms(&g->age_us, 950), quantile_ms(&g->age_us, 990),
           quantile_ms(&g->age_us, 999), quantile_ms(&g->jitter_us, 990),
           (unsigned long long)r->decode_errors, (unsigned long long)r->hash_errors, r->closed);
    if (r->slow.joined > 0) append_slow(r, line, capacity_bytes, &length);
    append(line, capacity_bytes, &length,
           ",\"count\":%u,\"failed\":%u,\"seconds\":%.2f,\"updates\":%llu,"
           "\"hashes\":%llu,\"cpu_percent\":%.1f}",
           r->count, r->failed, (double)r->measured_us / 1e6,
           (unsigned long long)(g->updates + r->slow.updates), (unsigned long long)r->hashes,
           100 * ratio((double)r->cpu_us, (double)r->measured_us));
    ASSERT(length < capacity_bytes);
    return length;
}
