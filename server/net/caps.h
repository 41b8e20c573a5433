/* caps.h - how many connections an address may have, how fast it may open them, and how fast it may
 * ask for pages.
 *
 * Place:   the worker asks before it opens a conn, http_conn for each request, an upgrade behind a
 *          proxy for the address that was forwarded. Whoever refuses an address something asks
 *          whether to log it. An address is an IPv4 address or an IPv6 /64, which one household has.
 * Memory:  one table for all workers, behind a lock, sized at start for several times as many
 *          addresses as there can be connections. Only those without a connection give way to new
 *          ones. In the unlikely case that there is no place, an address goes uncounted: the
 *          connections as a whole are bounded elsewhere.
 */
#ifndef TICKWIRE_SERVER_NET_CAPS_H
#define TICKWIRE_SERVER_NET_CAPS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/net/address.h"
#include "shared/result.h"

#define CAPS_LOG_MS 10000 /* refusals are logged once for each address and so long */

/* One address. */
struct cap {
    uint8_t key[16]; /* the address, or its first half */
    uint32_t sockets;
    uint32_t refused; /* since the last line in the log */
    uint64_t tokens;  /* thousandths of a connection */
    uint64_t request_tokens;
    uint64_t refilled_ms;
    uint64_t logged_ms;
    bool is_used;
};

struct caps {
    const struct config *config; /* borrowed */
    uint32_t sockets_max;        /* of one address; what init() found in the config */
    pthread_mutex_t lock;
    uint64_t seed; /* so that nobody can choose addresses that meet in one set */
    struct cap *sets;
    size_t set_count; /* a power of 2 */
};

enum cap_verdict { CAP_FINE, CAP_TOO_MANY, CAP_TOO_FAST, CAP_TOO_MANY_REQUESTS };

struct cap_answer {
    enum cap_verdict verdict;
    struct cap *cap;    /* to be given back; NULL: refused, or not counted */
    uint32_t log_count; /* not 0: log it, so many were refused since the last line */
};

enum result caps_init(struct caps *caps, const struct config *config, size_t connections,
                      struct error *error);
void caps_deinit(struct caps *caps);

/* Counts a new connection of `address`, or refuses it. From any thread. */
struct cap_answer caps_take(struct caps *caps, const struct address *address, uint64_t now_ms);

/* Counts a request of `address`, or refuses it. A connection that is counted nowhere, being a
 * proxy's, takes up a place of its client's as long as it serves the request. From any thread. */
struct cap_answer caps_take_request(struct caps *caps, const struct address *address,
                                    bool takes_place, uint64_t now_ms);

/* Something else was refused to this address. Not 0: log it, so many were since the last line. */
uint32_t caps_note_refusal(struct caps *caps, const struct address *address, uint64_t now_ms);

/* The connection has ended, or served the request; NULL is fine. */
void caps_give(struct caps *caps, struct cap *cap);

#endif
