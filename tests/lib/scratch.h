/* scratch.h - a temporary folder for one test, and matches recorded into it.
 *
 * Place:   tests of recordings; each test's process makes one and removes it at its end.
 */
#ifndef TICKWIRE_TESTS_LIB_SCRATCH_H
#define TICKWIRE_TESTS_LIB_SCRATCH_H

#include <limits.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "tests/lib/match.h"

struct scratch {
    char dir[64];
    char path[96]; /* a file in it that does not exist at first */
};

void scratch_open(struct scratch *s);

/* Removes the folder and the files in it. */
void scratch_close(struct scratch *s);

/* Called for each frame before it is recorded; may alter it. Returns whether it is recorded. */
typedef bool scratch_hook(void *context, struct frame *frame);

/* Records a match of `tick_count` ticks into s->path. `hook` may be NULL. */
void scratch_record(struct scratch *s, const struct match_settings *settings, uint32_t tick_count,
                    scratch_hook *hook, void *context);

#endif
