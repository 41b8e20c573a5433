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
#include "server/net/caps.h"
#include "server/net/poller.h"
#include "server/net/pool.h"
#include "server/net/sendq.h"
#include "server/net/timers.h"
#include "server/ops/metrics.h"
#include "shared/host/log.h"

/* One block holds a request head, a game message in pieces, or a part of a send queue. */
#define NET_BLOCK_BYTES SENDQ_BLOCK_BYTES

#define NET_BATCH_CONNS 128
#define NET_BATCH_BYTES 32768

struct conn;

/* What is to be sent at the end of a fan-out: the messages of many conns are made first and handed to
 * the kernel then, so that neither throws the other's code and data out of the caches. */
struct net_batch {
    bool is_open;
    uint32_t count;
    uint32_t used_bytes;
    struct net_letter {
        struct conn *conn;
        uint32_t begin, end; /* in bytes[] */
    } letters[NET_BATCH_CONNS];
    uint8_t bytes[NET_BATCH_BYTES];
};

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
    struct caps *caps; /* the server's, borrowed */
    int shed_fd;       /* a connection with this descriptor or a higher one is one too many */
    int spare_fd;      /* given up for a moment to refuse a connection at the descriptor limit */
    void *worker;      /* the struct worker this lies in, for the layers above */
    struct net_batch batch;
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

/* Whether what this address says about whom it forwards is believed. */
bool net_trusts(const struct config *config, const struct address *address);

/* Counts a new connection of the address; RESULT_FULL: it has too many, or opens them too fast.
 * What `cap` holds then goes to caps_give() at its end. */
enum result net_admit(struct net *net, const struct address *address, struct cap **cap);

/* The same for one request. A connection that is counted nowhere takes up a place of the address's,
 * until it has served it and `cap` goes to caps_give(). */
enum result net_admit_request(struct net *net, const struct address *address, bool takes_place,
                              struct cap **cap);

/* Says in the log that the peer was refused or cut, and why: once for each address and CAPS_LOG_MS,
 * with the count of those that were not told. */
void net_log_refusal(struct net *net, const struct address *address, const char *why);

/* Frees the connections that were closed in this turn. */
void net_turn_end(struct net *net);

#endif
