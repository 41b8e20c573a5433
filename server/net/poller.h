/* poller.h - waits for many descriptors (epoll, level-triggered) and serves them in ranks.
 *
 * Place:   one per worker, at the root of its loop. Sources embed struct poller_source.
 * Memory:  sources are borrowed until poller_remove(); one removed in the middle of a turn must
 *          stay readable until the turn ends.
 */
#ifndef TICKWIRE_SERVER_NET_POLLER_H
#define TICKWIRE_SERVER_NET_POLLER_H

#include <stdint.h>
#include <sys/epoll.h>

#include "shared/result.h"

#define POLLER_EVENTS_MAX 512  /* of one turn */
#define POLLER_LATER_MAX  16   /* accepts and handshakes of one turn; the rest stays ready, */
#define POLLER_LATER_US   2000 /* and so it does after that time: frames wait for the turn's end */

/* Within one turn everything of a rank is served before the next: wake-ups (new frames) first, then
 * input, then what strangers can cause. */
enum poller_rank { POLLER_WAKE, POLLER_INPUT, POLLER_LATER, POLLER_RANK_COUNT };

struct poller_source {
    void (*ready)(struct poller_source *source, uint32_t epoll_events);
    enum poller_rank rank;
};

struct poller {
    int epoll_fd;
    struct epoll_event events[POLLER_EVENTS_MAX];
};

enum result poller_init(struct poller *poller, struct error *error);
void poller_deinit(struct poller *poller);

/* RESULT_IO when the kernel refuses (its memory, its limits). */
enum result poller_add(struct poller *poller, int fd, struct poller_source *source,
                       uint32_t epoll_events);
void poller_change(struct poller *poller, int fd, struct poller_source *source,
                   uint32_t epoll_events);
void poller_remove(struct poller *poller, int fd);

/* Waits up to `timeout_ms` and returns how many events there are for poller_serve(). */
unsigned poller_wait(struct poller *poller, int timeout_ms);

/* Waits up to `timeout_us`, whatever else becomes ready, unless `fd` becomes readable. */
void poller_rest(int fd, uint32_t timeout_us);

/* Calls ready() of the `count` sources by rank. */
void poller_serve(struct poller *poller, unsigned count);

#endif
