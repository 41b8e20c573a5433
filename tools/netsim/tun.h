/* tun.h - carries IP packets between two TUN interfaces over two narrow links.
 *
 * Place:   main runs one instead of a relay. Whoever started it puts the two interfaces into network
 *          namespaces (tools/netsim/pair does): then the TCP of both ends meets the link itself.
 * Rule:    a packet that finds the queue full is lost, and so are loss_percent of all, by chance.
 * Errors:  RESULT_IO and a sentence where TUN interfaces may not be made.
 * Source:  Linux Documentation/networking/tuntap.rst.
 */
#ifndef TICKWIRE_TOOLS_NETSIM_TUN_H
#define TICKWIRE_TOOLS_NETSIM_TUN_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/result.h"
#include "tools/netsim/narrow.h"
#include "tools/netsim/script.h"

#define TUN_MTU NARROW_SEGMENT_BYTES /* a longer packet is lost: give the interfaces this MTU */

struct tun_end {
    int fd;            /* owned; -1: none */
    struct narrow out; /* what it sends */
};

struct tun {
    struct tun_end ends[2];
    int signal_fd; /* owned */
    struct narrow_settings link;
    const struct script *script; /* borrowed */
    size_t script_at;
    uint64_t start_us; /* of the script: the first packet's time; 0: none yet */
    struct rng rng;
    uint64_t lost_count, carried_count; /* packets, by chance or for want of room */
};

/* `names` are the interfaces to make, "A:B". */
enum result tun_init(struct tun *t, const char *names, const struct narrow_settings *link,
                     const struct script *script, struct error *error);
void tun_deinit(struct tun *t);

/* Runs until SIGINT or SIGTERM. */
void tun_run(struct tun *t);

#endif
