/* range.h - walks over the part of a recording that --from and --to name.
 *
 * Place:   play, export and cut.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_RANGE_H
#define TICKWIRE_TOOLS_REPLAY_RANGE_H

#include "tools/replay/commands.h"

/* Called at each tick; not EXIT_FINE ends the walk with it. */
typedef enum exit_code range_visit(void *context, struct reader *r);

/* Complains by itself about ticks that are not there, and damage. Shows its progress under the
 * command's name. */
enum exit_code range_walk(struct reader *r, const struct options *o, range_visit *visit,
                          void *context);

#endif
