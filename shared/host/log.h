/* log.h - one key=value line an event, on a descriptor, at a bounded rate.
 *
 * Place:   everything of the server and the tools that has something to say to an operator.
 * Layout:  t=2026-01-31T12:00:00.123Z level=info event=listening address=127.0.0.1 port=8080
 *          A value is bare if it is plain, else "quoted"; bytes under 0x20 and over 0x7e, quotes
 *          and backslashes become \xNN, so that no peer can write a line or a terminal escape.
 * Memory:  a line is built on the stack and leaves in one write(); struct log is plain and shared
 *          by all threads (its counters are atomic).
 */
#ifndef TICKWIRE_SHARED_HOST_LOG_H
#define TICKWIRE_SHARED_HOST_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_LEVEL_COUNT };

#define LOG_VALUE_BYTES_MAX 200 /* of a value before escaping; the rest becomes "..." */
#define LOG_LINE_BYTES_MAX  1024
#define LOG_EVENT_SLOTS     64
#define LOG_EVENTS_PER_S_MAX \
    20 /* lines of one event; the next line tells how many were left out \
                                 */

struct log_slot {
    _Atomic uint32_t event_hash; /* 0: free */
    _Atomic uint64_t second;
    _Atomic uint32_t written_count;
    _Atomic uint32_t suppressed_count;
};

struct log {
    int fd; /* borrowed */
    enum log_level level;
    struct log_slot slots[LOG_EVENT_SLOTS]; /* by event; beyond so many events they share */
};

enum log_field_kind { LOG_FIELD_TEXT, LOG_FIELD_BYTES, LOG_FIELD_INTEGER };

struct log_field {
    const char *key;
    enum log_field_kind kind;
    const void *bytes; /* borrowed for the call */
    size_t length_bytes;
    int64_t integer;
};

#define LOG_TEXT(key_, text_) ((struct log_field){.key = (key_), .bytes = (text_)})
#define LOG_BYTES(key_, bytes_, length_) \
    ((struct log_field){                 \
        .key = (key_), .kind = LOG_FIELD_BYTES, .bytes = (bytes_), .length_bytes = (length_)})
#define LOG_INT(key_, integer_) \
    ((struct log_field){.key = (key_), .kind = LOG_FIELD_INTEGER, .integer = (int64_t)(integer_)})

/* log_event(&log, LOG_INFO, "listening", LOG_TEXT("address", a), LOG_INT("port", port)) */
#define log_event(log_, level_, event_, ...)                                       \
    log_write((log_), (level_), (event_), (const struct log_field[]){__VA_ARGS__}, \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

void log_init(struct log *log, int fd, enum log_level level);

/* Returns false for a name that is no level. */
bool log_level_from_text(enum log_level *level, const char *text);

/* Writes the line, unless its level is below the log's or its event has used up its second. */
void log_write(struct log *log, enum log_level level, const char *event,
               const struct log_field *fields, size_t count);

/* The line itself, without its time stamp, for a test: writes at most `capacity_bytes` (at least
 * 2) to `line`, ends it by "\n" and returns its length. */
size_t log_format(char *line, size_t capacity_bytes, enum log_level level, const char *event,
                  const struct log_field *fields, size_t count);

#endif
