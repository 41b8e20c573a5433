/* line_log.h - the reliable lines of each room, kept for those who come back: shared by all
 * workers.
 *
 * Place:   room threads file each frame of a room that is played, watched, or has a lost player's
 *          seat; a worker recalls from here what happened while it did not look. So a player who was
 *          cut off is told it, on whatever worker, and be it the room's only one.
 * Memory:  a log for each room that was looked at, made then and freed at the end, each behind a
 *          lock that is held for a frame's lines, or for a copy of all of them by who comes back.
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

/* Files the frame's lines where its room has a log: a frame_witness. */
void line_logs_see(void *logs, const struct frame *frame);

/* Brings what `l` lacks: the lines after its last tick, up to but not including `before_tick`,
 * or, with NULL, all there are. */
void line_log_recall(struct line_log *log, struct lines *l, const uint32_t *before_tick);

#endif
