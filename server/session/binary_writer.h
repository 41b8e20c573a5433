/* binary_writer.h - says a viewer's plan in the binary flavour (tickwire.v1).
 *
 * Place:   session.c calls it between viewer_plan() and viewer_commit(). Updates come from the
 *          room's cohorts, adds and the self block are written for this client alone.
 * Layout:  shared/PROTOCOL.md "Snapshot".
 */
#ifndef TICKWIRE_SERVER_SESSION_BINARY_WRITER_H
#define TICKWIRE_SERVER_SESSION_BINARY_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "server/session/viewer.h"

/* Writes a MESSAGE_SNAPSHOT; `echo` may be NULL. Returns its length, 0 if it did not fit. */
size_t binary_write_snapshot(const struct viewer *v, const struct viewer_plan *p,
                             const struct snapshot_echo *echo, uint8_t *bytes,
                             size_t capacity_bytes);

/* Fills the plan's cost_bits with the lengths of its updates. */
void binary_measure_updates(const struct viewer *v, struct viewer_plan *p);

/* Writes a MESSAGE_LINES. */
size_t binary_write_lines(const struct viewer *v, const struct viewer_plan *p, uint8_t *bytes,
                          size_t capacity_bytes);

#endif
