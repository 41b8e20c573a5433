#include "server/session/line_log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "server/room/room.h"
#include "shared/tick.h"

struct line_log {
    pthread_mutex_t lock;
    struct lines kept; /* its reliable ones; the rest of a frame is of no use later */
};

struct line_logs {
    pthread_mutex_t lock; /* of making them */
    size_t count;
    _Atomic(struct line_log *) logs[]; /* by room index; NULL: not looked at yet */
};

struct line_logs *line_logs_create(size_t room_count)
{
    struct line_logs *logs = calloc(1, sizeof *logs + room_count * sizeof logs->logs[0]);
    if (logs == NULL) return NULL;
    logs->count = room_count;
    (void)pthread_mutex_init(&logs->lock, NULL);
    return logs;
}

void line_logs_destroy(struct line_logs *logs)
{
    if (logs == NULL) return;
    for (size_t i = 0; i < logs->count; i++) {
        struct line_log *log = atomic_load(&logs->logs[i]);
        if (log == NULL) continue;
        (void)pthread_mutex_destroy(&log->lock);
        free(log);
    }
    (void)pthread_mutex_destroy(&logs->lock);
    free(logs);
}

struct line_log *line_logs_get(struct line_logs *logs, size_t room_index)
{
    if (logs == NULL || room_index >= logs->count) return NULL;
    (void)pthread_mutex_lock(&logs->lock);
    struct line_log *log = atomic_load(&logs->logs[room_index]);
    if (log == NULL) {
        log = calloc(1, sizeof *log);
        if (log != NULL) (void)pthread_mutex_init(&log->lock, NULL);
        atomic_store(&logs->logs[room_index], log);
    }
    (void)pthread_mutex_unlock(&logs->lock);
    return log;
}

void line_logs_see(void *context, const struct frame *frame)
{
    struct line_logs *logs = context;
    struct line_log *log = atomic_load(&logs->logs[room_index(frame->room)]);

    if (log == NULL) return;
    (void)pthread_mutex_lock(&log->lock);
    /* A frame of old is that of a room made anew in the same place. */
    bool is_other = log->kept.has_first && !tick_is_newer(frame->tick, log->kept.last_tick);
    if (is_other) log->kept = (struct lines){.has_first = false};
    lines_file(&log->kept, frame->schema->table, frame);
    (void)pthread_mutex_unlock(&log->lock);
}

void line_log_recall(struct line_log *log, struct lines *l, const uint32_t *before_tick)
{
    (void)pthread_mutex_lock(&log->lock);
    if (log->kept.has_first) lines_recall(l, &log->kept, before_tick);
    (void)pthread_mutex_unlock(&log->lock);
}
