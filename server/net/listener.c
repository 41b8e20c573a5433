#include "server/net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

#define BACKLOG          1024
#define ACCEPTS_PER_TURN 16
#define REST_MS          100

/* One unsent segment or so in the kernel beyond what is under way: what is old is held by us, where
 * it can still be replaced (server/README.md, backpressure). */
#define NOTSENT_LOWAT_BYTES 16384

/* How often another free port is tried when a name's second address does not have the first's. */
#define PORT_TRIES 8

struct candidate {
    struct sockaddr_storage socket_address;
    socklen_t length;
};

struct candidates {
    struct candidate items[LISTENER_ADDRESSES_MAX];
    size_t count;
};

static enum result fail(struct error *error, const struct config_listen *listen, uint16_t port,
                        const char *why)
{
    bool is_v6 = strchr(listen->host, ':') != NULL;

    return error_set(error, RESULT_IO, "cannot listen on %s%.180s%s:%u: %s", is_v6 ? "[" : "",
                     listen->host, is_v6 ? "]" : "", port, why);
}

static enum result resolve(const struct config_listen *listen, struct candidates *found,
                           struct error *error)
{
    /* Asked of the resolver, "localhost" is one address here and two there; we want both. */
    static const char *const localhost[] = {"127.0.0.1", "::1"};
    bool is_localhost = strcmp(listen->host, "localhost") == 0;
    const char *any = listen->host[0] == '\0' ? NULL : listen->host;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *list;

    found->count = 0;
    for (size_t i = 0; i < (is_localhost ? 2 : 1); i++) {
        int failed = getaddrinfo(is_localhost ? localhost[i] : any, "0", &hints, &list);
        if (failed != 0) return fail(error, listen, listen->port, gai_strerror(failed));
        for (struct addrinfo *a = list; a != NULL && found->count < LISTENER_ADDRESSES_MAX;
             a = a->ai_next) {
            struct candidate *candidate = &found->items[found->count++];
            bytes_copy(&candidate->socket_address, a->ai_addr, a->ai_addrlen);
            candidate->length = a->ai_addrlen;
        }
        freeaddrinfo(list);
    }
    return RESULT_OK;
}

static void set_port(struct candidate *candidate, uint16_t port)
{
    /* The port lies at the same place for both families (RFC 3493 §3.3). */
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)&candidate->socket_address;
    in->sin_port = htons(port);
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage bound;
    socklen_t length = sizeof bound;

    ASSERT(getsockname(fd, (struct sockaddr *)&bound, &length) == 0);
    return address_from_socket(&bound).port;
}

static void set_option(int fd, int level, int option, int value)
{
    (void)setsockopt(fd, level, option, &value, sizeof value);
}

/* A bound socket, or -1 with errno. Accepted sockets inherit the TCP options. */
static int open_bound(const struct candidate *candidate, bool share_port)
{
    int family = candidate->socket_address.ss_family;
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;

    set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (share_port) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOTSENT_LOWAT_BYTES);
    if (bind(fd, (const struct sockaddr *)&candidate->socket_address, candidate->length) != 0) {
        int saved = errno;
        (void)close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* A worker's listening socket, or -1 with errno. The first one is bound alone, which fails if
 * anyone at all has the port, and shares it only from then on; it listens at once, so that there is
 * no moment at which a second server gets it. */
static int open_listening(const struct candidate *candidate, bool is_first)
{
    int fd = open_bound(candidate, !is_first);
    if (fd < 0) return -1;

    if (is_first) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (listen(fd, BACKLOG) == 0) return fd;
    int saved = errno;
    (void)close(fd);
    errno = saved;
    return -1;
}

static void close_all(int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fds[i] >= 0) (void)close(fds[i]);
        fds[i] = -1;
    }
}

/* A machine without IPv6 has no ::1: that is no error as long as another address of the name is. */
static bool is_missing_family(int error_number)
{
    return error_number == EADDRNOTAVAIL || error_number == EAFNOSUPPORT;
}

/* Opens the first socket of each candidate at fds[i * workers], dropping candidates that this
 * machine does not have; 0 or an errno. */
static int open_firsts(struct candidates *found, uint16_t port, size_t workers, int *fds)
{
    size_t opened = 0;
    int last_error = EADDRNOTAVAIL;

    for (size_t i = 0; i < found->count; i++) {
        set_port(&found->items[i], port);
        int fd = open_listening(&found->items[i], true);
        if (fd < 0 && is_missing_family(errno)) continue;
        if (fd < 0) {
            last_error = errno;
            for (size_t o = 0; o < opened; o++)
                close_all(&fds[o * workers], 1);
            return last_error;
        }
        if (port == 0) port = bound_port(fd);
        found->items[opened] = found->items[i];
        set_port(&found->items[opened], port);
        fds[opened++ * workers] = fd;
    }
    found->count = opened;
    return opened > 0 ? 0 : last_error;
}

enum result listener_open_all(const struct config_listen *listen, size_t workers, int *fds,
                              struct listener_addresses *addresses, struct error *error)
{
    struct candidates resolved, found;
    int failed = EADDRINUSE;

    for (size_t i = 0; i < workers * LISTENER_ADDRESSES_MAX; i++)
        fds[i] = -1;
    if (resolve(listen, &resolved, error) != RESULT_OK) return error->code;
    for (int tries = listen->port == 0 ? PORT_TRIES : 1; failed == EADDRINUSE && tries > 0;
         tries--) {
        found = resolved;
        failed = open_firsts(&found, listen->port, workers, fds);
    }
    if (failed != 0) return fail(error, listen, listen->port, strerror(failed));

    addresses->count = found.count;
    for (size_t i = 0; i < found.count; i++) {
        addresses->items[i] = address_from_socket(&found.items[i].socket_address);
        for (size_t w = 1; w < workers; w++) {
            fds[i * workers + w] = open_listening(&found.items[i], false);
            if (fds[i * workers + w] >= 0) continue;
            failed = errno;
            close_all(fds, workers * LISTENER_ADDRESSES_MAX);
            return fail(error, listen, addresses->items[i].port, strerror(failed));
        }
    }
    return RESULT_OK;
}

/* Lets the queue wait a moment: what cannot be taken out of it would wake us for ever. */
static void rest(struct listener *listener)
{
    struct net *net = listener->net;

    poller_change(&net->poller, listener->fd, &listener->source, 0);
    timers_set(&net->timers, &listener->rest_timer, net->now_ms + REST_MS);
}

static void rest_is_over(struct timer *timer)
{
    struct listener *listener =
        (struct listener *)(void *)((uint8_t *)timer - offsetof(struct listener, rest_timer));
    struct net *net = listener->net;

    if (net->spare_fd < 0) net->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    poller_change(&net->poller, listener->fd, &listener->source, EPOLLIN);
}

/* No descriptor is left: gives up the spare one to take the connection and end it. If another
 * thread is faster in getting it, there is nothing but to wait. */
static void refuse_one(struct listener *listener)
{
    struct net *net = listener->net;

    if (net->spare_fd >= 0) (void)close(net->spare_fd);
    int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) (void)close(fd);
    net->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    metrics_add(net->metrics, METRIC_CONNECTIONS_REFUSED, 1);
    log_event(net->log, LOG_WARNING, "descriptors_exhausted", LOG_INT("fd", listener->fd));
    if (fd < 0 || net->spare_fd < 0) rest(listener);
}

/* What accept() can say that another attempt at once would not change. */
static void handle_failure(struct listener *listener, int error_number)
{
    if (error_number == EMFILE || error_number == ENFILE)
        refuse_one(listener);
    else if (error_number == ENOBUFS || error_number == ENOMEM)
        rest(listener);
}

static void listener_ready(struct poller_source *source, uint32_t events)
{
    struct listener *listener =
        (struct listener *)(void *)((uint8_t *)source - offsetof(struct listener, source));
    (void)events;

    for (unsigned i = 0; i < ACCEPTS_PER_TURN && listener->fd >= 0; i++) {
        struct sockaddr_storage peer;
        socklen_t length = sizeof peer;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&peer, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            handle_failure(listener, errno);
            return;
        }
        struct address address = address_from_socket(&peer);
        listener->accepted(listener, fd, &address);
    }
}

enum result listener_start(struct listener *listener, struct net *net, int fd)
{
    listener->source = (struct poller_source){.ready = listener_ready, .rank = POLLER_LATER};
    listener->rest_timer = (struct timer){.expired = rest_is_over};
    listener->net = net;
    listener->fd = fd;
    return poller_add(&net->poller, fd, &listener->source, EPOLLIN);
}

void listener_stop(struct listener *listener)
{
    if (listener->fd < 0) return;
    timers_cancel(&listener->net->timers, &listener->rest_timer);
    poller_remove(&listener->net->poller, listener->fd);
    (void)close(listener->fd);
    listener->fd = -1;
}
