/* swarm.h - all bots of one process on one thread: joins them, runs them for a while, ends them.
 *
 * Place:   main makes one and prints the report afterwards. One epoll set; between its turns the
 *          swarm starts bots (a bounded number joining at a time), lets input go out at its rate,
 *          samples state ages every 10 ms and paces the slow readers. Many bots rest between turns,
 *          so that what comes meanwhile wakes nobody: two wake-ups a ms instead of one an update.
 * Memory:  everything is allocated at the start, in huge pages where the kernel has them: each event
 *          is another bot's, and each page of one would be looked up anew.
 * Rule:    ages are sampled before each event is handled, also for the instants that have passed
 *          meanwhile: nothing had changed at those, so no stall is left out. Who has more to do than
 *          the core can do reads and sends by turns: all bots are slower then, alike.
 */
#ifndef TICKWIRE_TOOLS_BOTS_SWARM_H
#define TICKWIRE_TOOLS_BOTS_SWARM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/bots/bot.h"
#include "tools/bots/options.h"
#include "tools/bots/report.h"

#define SWARM_JOINING_MAX     256
#define SWARM_JOIN_TIMEOUT_US 15000000u
#define SWARM_SAMPLE_EVERY_US 10000u
#define SWARM_PACE_EVERY_US   20000u
#define SWARM_THINK_PERCENT   25 /* of the thread's time, at most */
#define SWARM_REST_US_EACH    1  /* for each bot, between two turns: */
#define SWARM_REST_US_LEAST   200
#define SWARM_REST_US_MAX     2000
#define SWARM_SLOW_BUFFER_BYTES \
    4096 /* the kernel's, of a slow reader: the queue is to be elsewhere */

struct member {
    uint32_t watched; /* epoll events */
    bool is_over;
    uint64_t started_us;
    uint64_t allowance_bytes; /* that a slow one may read now */
    struct bot bot;
};

struct swarm {
    const struct options *options;     /* borrowed */
    const volatile sig_atomic_t *stop; /* borrowed: set to end early */
    struct report *report;             /* borrowed */
    struct bot_shared shared;
    struct member *members;    /* owned: options->count */
    struct wire_entity *lists; /* owned: BOT_ENTITIES_MAX for each */
    int64_t *due_us; /* owned: by member, its bot's due_us; NOT_THERE: no state yet, or gone */
    int epoll_fd;    /* owned */
    bool is_leaving, shows_progress;
    bool has_more; /* the last turn left sockets that are ready */
    uint32_t started_count, joining_count, over_count;
    uint32_t complaint_count;
    uint64_t turn_us;  /* the last turn */
    uint64_t begun_us; /* when measuring began, and what the process had used till then: */
    uint64_t begun_cpu_us;
    uint64_t sample_us; /* the next instant to sample, number: */
    uint64_t sample_count;
    uint64_t pace_us;     /* the last time slow ones might read */
    uint64_t input_us;    /* when the count of inputs began */
    uint64_t input_count; /* since then; number n is due at bot n modulo the count of bots */
    uint64_t progress_us; /* the last line, and what had come till then: */
    uint64_t progress_updates;
};

/* RESULT_IO and a sentence if the system gives too little. */
enum result swarm_init(struct swarm *s, const struct options *options, const struct target *target,
                       const volatile sig_atomic_t *stop, struct report *report,
                       struct error *error);
void swarm_deinit(struct swarm *s);

/* Joins, measures for options->seconds, leaves. */
void swarm_run(struct swarm *s);

#endif
