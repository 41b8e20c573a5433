/* report.h - what a run of bots has measured, and the JSON line that says it.
 *
 * Place:   the swarm counts in it, main prints it. Slow readers (--slow) are a group of their own,
 *          so that they do not blur the figures of the others.
 * Memory:  plain data; all zero is a run that has not begun.
 */
#ifndef TICKWIRE_TOOLS_BOTS_REPORT_H
#define TICKWIRE_TOOLS_BOTS_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "tools/bots/distribution.h"

#define REPORT_LINE_BYTES_MAX 1024

/* Counted while all bots are there: from the end of the joining to the end of the run. */
struct report_group {
    uint32_t joined; /* bots that have seen a first full snapshot, ever */
    uint64_t updates;
    uint64_t update_bytes;         /* frames of updates, their headers included */
    uint64_t bytes;                /* everything received, inside TLS */
    struct distribution age_us;    /* of the newest state applied, every bot every 10 ms */
    struct distribution jitter_us; /* from update to update, how much sooner or later it came */
};

struct report {
    uint64_t measured_us;                /* how long the groups counted */
    uint64_t cpu_us;                     /* of this process meanwhile */
    uint64_t decode_errors, hash_errors; /* of the whole run, like these: */
    uint64_t hashes;                     /* of lists that were compared with the server's */
    uint32_t closed; /* connections that ended after they had joined, and not by us */
    uint32_t failed; /* bots that did not get that far */
    uint32_t count;  /* bots wanted */
    struct report_group fast, slow;
};

/* Writes the line, without a line break, ended by NUL. Returns its length; REPORT_LINE_BYTES_MAX
 * always suffice. */
size_t report_write_json(const struct report *r, char *line, size_t capacity_bytes);

#endif
