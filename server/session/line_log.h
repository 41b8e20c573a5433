/* line_log.h - the reliable lines of each room, kept for those who come back: shared by all
 * workers.
 *
 * Place:   each worker's room_view files the frames that it takes, and recalls from here what
 *          happened while it did not look; so a player who was cut off is told it on whatever
 *          worker.
 * Memory:  a log for each room that was looked at, made then and freed at the end, behind a lock
 *          that is waited for by those who come back alone. A room that nobody looks at is not
 *          followed: that is a gap.
 */
#ifndef TICKWIRE_SERVER_SESSION_LINE_LOG_H
#define TICKWIRE_SERVER_SESSION_LINE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "server/session/lines.h"
#include "shared/result.h"

struct line_log;
struct line_logs;

/* NULL: no memory. */
struct line_logs *line_logs_create(size_t room_count);
void line_logs_destroy(struct line_logs *logs);

/* The log of a room, made if it must be; NULL: no memory. */
struct line_log *line_logs_get(struct line_logs *logs, size_t room_index);

/* Files a frame's lines, unless another worker has. */
void line_log_file(struct line_log *log, const struct field_table *table,
                   const struct frame *frame);

/* Brings what `l` lacks: the lines after its last tick, up to but not including `before_tick`,
 * or, with NULL, all there are. */
void line_log_recall(struct line_log *log, struct lines *l, const uint32_t *before_tick);

#endif
