/* listener.h - listening sockets: one per address and worker, sharing the port by SO_REUSEPORT.
 *
 * Place:   server.c opens them by address before the workers start; each worker accepts from its
 *          own.
 * Errors:  a taken port is found before anything is served, also when the one that has it uses
 *          SO_REUSEPORT as well: the first bind is made without it.
 */
#ifndef TICKWIRE_SERVER_NET_LISTENER_H
#define TICKWIRE_SERVER_NET_LISTENER_H

#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/net/address.h"
#include "server/net/net.h"
#include "shared/host/tls.h"

#define LISTENER_ADDRESSES_MAX 8 /* of one name */

/* The addresses a --listen names, with their real port. */
struct listener_addresses {
    struct address items[LISTENER_ADDRESSES_MAX];
    size_t count;
};

struct listener {
    struct poller_source source;
    struct net *net;
    int fd;                          /* -1 when closed */
    struct timer rest_timer;         /* set while it accepts nothing */
    struct tls_context *tls_context; /* borrowed; NULL: plain */

    /* Takes the descriptor over. */
    void (*accepted)(struct listener *listener, int fd, const struct address *peer);
};

/* Opens one listening socket per worker and address: fds[address * workers + worker]. Names with
 * several addresses (localhost: 127.0.0.1 and ::1) share one port, also if it was 0. */
enum result listener_open_all(const struct config_listen *listen, size_t workers, int *fds,
                              struct listener_addresses *addresses, struct error *error);

/* Starts accepting on `fd`, taken over. */
enum result listener_start(struct listener *listener, struct net *net, int fd);

/* Stops accepting and closes the descriptor; nothing happens the second time. */
void listener_stop(struct listener *listener);

#endif
