/* net.h - what the connections of one worker share: poller, timers, pools, the time, the counters.
 *
 * Place:   embedded in struct worker; every conn points to it. Used by the worker's thread alone.
 * Memory:  owns poller, timers and pools; borrows config, log and metrics.
 */
#ifndef TICKWIRE_SERVER_NET_NET_H
#define TICKWIRE_SERVER_NET_NET_H

#include <stdbool.h>
#include <stdint.h>

#include "server/config.h"
#include "server/net/poller.h"
#include "server/net/pool.h"
#include "server/net/sendq.h"
#include "server/net/timers.h"
#include "server/ops/metrics.h"
#include "shared/host/log.h"

/* One block holds a request head, a game message in pieces, or a part of a send queue. */
#define NET_BLOCK_BYTES SENDQ_BLOCK_BYTES

struct conn;

struct net {
    struct poller poller;
    struct timers timers;
    struct pool conns, blocks;
    struct conn *open;  /* list of all that are open */
    struct conn *ended; /* closed in this turn; freed by net_turn_end() */
    uint64_t now_us;    /* monotonic, read once per turn */
    uint64_t now_ms;
    const struct config *config;
    struct log *log;
    struct metrics *metrics;
    int spare_fd; /* given up for a moment to refuse a connection at the descriptor limit */
    void *worker; /* the struct worker this lies in, for the layers above */
    uint8_t scratch[NET_BLOCK_BYTES]; /* what was read last, before a handler has consumed it */
};

enum result net_init(struct net *net, const struct config *config, struct log *log,
                     struct metrics *metrics, struct error *error);

/* Closes what is open. */
void net_deinit(struct net *net);

/* Reads the clock; the loop calls it after each wait. */
void net_set_now(struct net *net);

/* Asks every connection to come to its end: conn_handler.drain(). */
void net_drain(struct net *net);

/* Ends them all at once; their handlers are told. */
void net_close_all(struct net *net);

/* Frees the connections that were closed in this turn. */
void net_turn_end(struct net *net);

#endif
