/* relay.h - carries TCP connections to another address over two narrow links each.
 *
 * Place:   main runs one between any client and the server. One thread, one epoll set.
 * Rule:    a socket is read only while the link it feeds has room, and the kernel's own buffers are
 *          kept small, so that a full link pushes back on the sender as a real one does.
 * Limits:  a relay answers each end's TCP itself. So the sender's kernel sees acknowledgements at
 *          once and no delay (as behind any proxy), lost packets and congestion control do not
 *          show, and some KB wait in the kernel's buffers besides.
 * Memory:  a pool of RELAY_PAIRS_MAX connections; their links' rings are made as they come.
 */
#ifndef TICKWIRE_TOOLS_NETSIM_RELAY_H
#define TICKWIRE_TOOLS_NETSIM_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "shared/result.h"
#include "tools/netsim/narrow.h"
#include "tools/netsim/script.h"

#define RELAY_PAIRS_MAX  4096
#define RELAY_READ_BYTES 16384

struct relay_address {
    struct sockaddr_storage address;
    socklen_t length_bytes;
};

/* One end: what it sends goes into `out`, the other end's `out` is what it is sent. */
struct relay_end {
    int fd; /* owned; -1: closed */
    bool is_connected;
    bool has_ended;   /* it will send no more */
    bool is_told;     /* that the other end will send no more */
    uint32_t watched; /* epoll events */
    struct narrow out;
    struct relay_pair *pair;
};

struct relay_pair {
    bool is_used;
    struct relay_end ends[2]; /* who connected to us, and whom we connected to */
};

struct relay {
    int epoll_fd, listen_fd, signal_fd; /* owned */
    struct relay_address to;
    struct narrow_settings link; /* as asked for, and as the script has changed it */
    struct narrow_settings now;  /* that, or without a rate and stalls: links borrow it */
    bool is_lifted;
    const struct script *script; /* borrowed */
    size_t script_at;            /* the next step */
    uint64_t script_us;          /* when the first connection came; 0: none yet */
    size_t capacity_bytes;       /* of each link: for the largest settings there will be */
    struct relay_pair *pairs;    /* owned */
    uint32_t used_count;         /* pairs ever used: beyond it all are free */
    uint64_t now_us;
    uint64_t seed;
    bool stops;
    uint8_t bytes[RELAY_READ_BYTES];
};

/* Listens on `from`; the script's time begins with the first connection. RESULT_IO and a sentence if it cannot. */
enum result relay_init(struct relay *r, const struct relay_address *from,
                       const struct relay_address *to, const struct narrow_settings *link,
                       const struct script *script, struct error *error);
void relay_deinit(struct relay *r);

/* The port it listens on. */
uint16_t relay_port(const struct relay *r);

/* Runs until SIGINT or SIGTERM. SIGUSR1 lifts the rate and the stalls, SIGUSR2 brings them back. */
void relay_run(struct relay *r);

#endif
