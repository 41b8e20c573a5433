#include "shared/host/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/clock.h"

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARNING] = "warning", [LOG_ERROR] = "error"};
_Static_assert(sizeof level_names / sizeof level_names[0] == LOG_LEVEL_COUNT, "a name each");

/* Appends to a line; what does not fit is left out, and one byte stays free for "\n". */
struct writer {
    char *line;
    size_t capacity_bytes, used_bytes;
};

static void put_char(struct writer *w, char c)
{
    if (w->used_bytes + 1 < w->capacity_bytes) w->line[w->used_bytes++] = c;
}

static void put_text(struct writer *w, const char *text)
{
    while (*text != '\0')
        put_char(w, *text++);
}

static bool is_bare(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] <= ' ' || bytes[i] > '~' || bytes[i] == '"' || bytes[i] == '\\' ||
            bytes[i] == '=')
            return false;
    }
    return length > 0;
}

static void put_escaped(struct writer *w, uint8_t byte)
{
    static const char hex[] = "0123456789abcdef";

    if (byte >= ' ' && byte <= '~' && byte != '"' && byte != '\\') {
        put_char(w, (char)byte);
        return;
    }
    /* Whole or not at all: half an escape would read as something else. */
    if (w->used_bytes + 5 > w->capacity_bytes) return;
    put_text(w, "\\x");
    put_char(w, hex[byte >> 4]);
    put_char(w, hex[byte & 15]);
}

static void put_value(struct writer *w, const uint8_t *bytes, size_t length)
{
    size_t shown = length < LOG_VALUE_BYTES_MAX ? length : LOG_VALUE_BYTES_MAX;
    bool bare = is_bare(bytes, shown);

    if (!bare) put_char(w, '"');
    for (size_t i = 0; i < shown; i++)
        put_escaped(w, bytes[i]);
    if (shown < length) put_text(w, "...");
    if (!bare) put_char(w, '"');
}

static void put_field(struct writer *w, const struct log_field *field)
{
    char digits[24];

    put_char(w, ' ');
    put_text(w, field->key);
    put_char(w, '=');
    if (field->kind == LOG_FIELD_INTEGER) {
        (void)snprintf(digits, sizeof digits, "%lld", (long long)field->integer);
        put_text(w, digits);
    } else if (field->bytes == NULL) {
        put_char(w, '-');
    } else {
        bool is_text = field->kind == LOG_FIELD_TEXT;
        put_value(w, field->bytes, is_text ? strlen(field->bytes) : field->length_bytes);
    }
}

size_t log_format(char *line, size_t capacity_bytes, enum log_level level, const char *event,
                  const struct log_field *fields, size_t count)
{
    struct writer w = {.line = line, .capacity_bytes = capacity_bytes};

    ASSERT(capacity_bytes >= 2);
    put_text(&w, "level=");
    put_text(&w, level_names[level]);
    put_text(&w, " event=");
    put_text(&w, event);
    for (size_t i = 0; i < count; i++)
        put_field(&w, &fields[i]);
    w.line[w.used_bytes++] = '\n';
    return w.used_bytes;
}

static size_t put_stamp(char *line, size_t capacity_bytes, uint64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm t;
    char date[32];

    (void)gmtime_r(&seconds, &t);
    (void)strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &t);
    int length = snprintf(line, capacity_bytes, "t=%s.%03uZ ", date, (unsigned)(wall_ms % 1000));
    return length > 0 ? (size_t)length : 0;
}

static struct log_slot *slot_of(struct log *log, const char *event)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = event; *c != '\0'; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    if (hash == 0) hash = 1;

    for (uint32_t i = 0; i < LOG_EVENT_SLOTS; i++) {
        struct log_slot *slot = &log->slots[(hash + i) % LOG_EVENT_SLOTS];
        uint32_t found = 0;
        if (atomic_compare_exchange_strong(&slot->event_hash, &found, hash) || found == hash)
            return slot;
    }
    return &log->slots[hash % LOG_EVENT_SLOTS];
}

/* One event's budget for this second. Two threads that meet here at the change of the second may
 * let a few lines more through; a bound is meant, not a count. */
static bool budget_take(struct log *log, const char *event, uint32_t *suppressed)
{
    struct log_slot *slot = slot_of(log, event);
    uint64_t second = clock_monotonic_ms() / 1000;
    *suppressed = 0;
    if (atomic_exchange(&slot->second, second) != second) {
        atomic_store(&slot->written_count, 0);
        *suppressed = atomic_exchange(&slot->suppressed_count, 0);
    }
    if (atomic_fetch_add(&slot->written_count, 1) < LOG_EVENTS_PER_S_MAX) return true;
    (void)atomic_fetch_add(&slot->suppressed_count, 1);
    return false;
}

void log_write(struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count)
{
    char line[LOG_LINE_BYTES_MAX];
    uint32_t suppressed;

    if (level < log->level || !budget_take(log, event, &suppressed)) return;

    size_t used = put_stamp(line, sizeof line, clock_wall_ms());
    used += log_format(line + used, sizeof line - used - 32, level, event, fields, count);
    if (suppressed > 0) {
        int more = snprintf(line + used - 1, 32, " suppressed=%u\n", (unsigned)suppressed);
        used += (size_t)(more > 0 ? more - 1 : 0);
    }
    /* A log that cannot be written is no reason to stop serving. */
    ssize_t written = write(log->fd, line, used);
    (void)written;
}

void log_init(struct log *log, int fd, enum log_level level)
{
    memset(log, 0, sizeof *log);
    log->fd = fd;
    log->level = level;
}

bool log_level_from_text(enum log_level *level, const char *text)
{
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        if (strcmp(level_names[i], text) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}
