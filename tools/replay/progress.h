/* progress.h - a bar on the terminal while something takes long.
 *
 * Place:   verify, export and cut tell it where they are; it draws at most ten times a second.
 * Rules:   on stderr, and only where that is a terminal and stdout does not go there as well: what
 *          a command prints is never mixed with it.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_PROGRESS_H
#define TICKWIRE_TOOLS_REPLAY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    const char *what; /* borrowed: "verifying" */
    bool is_shown;    /* at all */
    uint64_t start_ms, drawn_ms;
};

/* `prints` tells whether the command writes much to stdout meanwhile. */
void progress_begin(struct progress *p, const char *what, bool prints);
void progress_show(struct progress *p, uint64_t done, uint64_t all);

/* Takes the bar away. */
void progress_end(struct progress *p);

#endif
