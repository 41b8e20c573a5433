#include "tools/netsim/relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/clock.h"

#define EVENTS_PER_TURN     64
#define KERNEL_BUFFER_BYTES 2304 /* the least that Linux takes; it doubles it */
#define BACKLOG             128

/* ---- start and end ---- */

/* Segments and buffers as on a narrow way: loopback's own are 64 KB and more. */
static void keep_small(int fd)
{
    const int yes = 1, segment_bytes = NARROW_SEGMENT_BYTES, buffer_bytes = KERNEL_BUFFER_BYTES;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static int make_socket(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0) keep_small(fd); /* before listen() and connect(), so that windows follow */
    return fd;
}

static bool watch(const struct relay *r, int fd, void *what)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    return epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int make_signal_fd(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigaddset(&set, SIGUSR2);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool start_listening(struct relay *r, const struct relay_address *from)
{
    const int yes = 1;
    r->listen_fd = make_socket(from->address.ss_family);
    if (r->listen_fd < 0) return false;
    (void)setsockopt(r->listen_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(r->listen_fd, (const struct sockaddr *)&from->address, from->length_bytes) == 0 &&
           listen(r->listen_fd, BACKLOG) == 0 && watch(r, r->listen_fd, &r->listen_fd);
}

enum result relay_init(struct relay *r, const struct relay_address *from,
                       const struct relay_address *to, const struct narrow_settings *link,
                       const struct script *script, struct error *error)
{
    *r = (struct relay){.to = *to, .link = *link, .now = *link, .listen_fd = -1, .script = script};
    r->capacity_bytes = script_capacity_bytes(script, link);
    r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    r->signal_fd = make_signal_fd();
    r->pairs = calloc(RELAY_PAIRS_MAX, sizeof *r->pairs);
    bool ok = r->epoll_fd >= 0 && r->signal_fd >= 0 && r->pairs != NULL &&
              watch(r, r->signal_fd, &r->signal_fd) && start_listening(r, from);
    if (ok) return RESULT_OK;
    error->code = RESULT_IO;
    (void)snprintf(error->message, sizeof error->message, "cannot listen: %s", strerror(errno));
    relay_deinit(r);
    return RESULT_IO;
}

static void close_end(struct relay_end *e)
{
    if (e->fd >= 0) (void)close(e->fd);
    e->fd = -1;
    narrow_deinit(&e->out);
}

static void close_pair(struct relay_pair *p)
{
    close_end(&p->ends[0]);
    close_end(&p->ends[1]);
    p->is_used = false;
}

void relay_deinit(struct relay *r)
{
    for (uint32_t i = 0; i < r->used_count; i++) {
        if (r->pairs[i].is_used) close_pair(&r->pairs[i]);
    }
    free(r->pairs);
    if (r->listen_fd >= 0) (void)close(r->listen_fd);
    if (r->signal_fd >= 0) (void)close(r->signal_fd);
    if (r->epoll_fd >= 0) (void)close(r->epoll_fd);
    *r = (struct relay){.listen_fd = -1, .signal_fd = -1, .epoll_fd = -1};
}

uint16_t relay_port(const struct relay *r)
{
    struct sockaddr_storage own = {0};
    socklen_t own_bytes = sizeof own;
    ASSERT(getsockname(r->listen_fd, (struct sockaddr *)&own, &own_bytes) == 0);
    return ntohs(own.ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)&own)->sin6_port
                                           : ((const struct sockaddr_in *)&own)->sin_port);
}

/* ---- coming ---- */

static struct relay_pair *take_pair(struct relay *r)
{
    for (uint32_t i = 0; i < RELAY_PAIRS_MAX; i++) {
        if (r->pairs[i].is_used) continue;
        if (i >= r->used_count) r->used_count = i + 1;
        return &r->pairs[i];
    }
    return NULL;
}

static bool start_end(struct relay *r, struct relay_pair *p, unsigned index, int fd)
{
    struct relay_end *e = &p->ends[index];
    *e = (struct relay_end){.fd = fd, .pair = p, .is_connected = index == 0, .watched = EPOLLIN};
    enum result made = narrow_init(&e->out, &r->now, r->capacity_bytes, ++r->seed, r->now_us);
    return made == RESULT_OK && fd >= 0 && watch(r, fd, e);
}

static void accept_one(struct relay *r, int fd)
{
    struct relay_pair *p = take_pair(r);
    if (p == NULL) {
        (void)close(fd); /* the pool is in use: refused */
        return;
    }
    int to_fd = make_socket(r->to.address.ss_family);
    keep_small(fd);
    p->is_used = true;
    bool ok = start_end(r, p, 0, fd);
    ok = start_end(r, p, 1, to_fd) && ok;
    int connected =
        ok ? connect(to_fd, (const struct sockaddr *)&r->to.address, r->to.length_bytes) : -1;
    if (!ok || (connected != 0 && errno != EINPROGRESS)) close_pair(p);
}

static void accept_all(struct relay *r)
{
    int fd;
    while ((fd = accept4(r->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (r->script_us == 0) r->script_us = r->now_us;
        accept_one(r, fd);
    }
}

/* ---- carrying ---- */

static struct relay_end *other_of(struct relay_end *e)
{
    return e == &e->pair->ends[0] ? &e->pair->ends[1] : &e->pair->ends[0];
}

static bool is_transient(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* Reads as much as the link takes. False: the connection broke. */
static bool pull(struct relay *r, struct relay_end *e)
{
    size_t free_bytes = narrow_free_bytes(&e->out, r->now_us);
    size_t most = free_bytes < sizeof r->bytes ? free_bytes : sizeof r->bytes;
    if (!e->is_connected || e->has_ended || most == 0) return true;
    ssize_t got = recv(e->fd, r->bytes, most, 0);
    if (got < 0) return is_transient();
    if (got == 0) e->has_ended = true;
    narrow_put(&e->out, r->bytes, (size_t)got, r->now_us);
    return true;
}

/* Sends what has arrived for `e`. False: the connection broke. */
static bool push(struct relay *r, struct relay_end *e)
{
    struct narrow *in = &other_of(e)->out;
    const uint8_t *bytes;
    size_t arrived_bytes;
    if (!e->is_connected) return true;
    while ((arrived_bytes = narrow_arrived(in, r->now_us, &bytes)) > 0) {
        ssize_t sent = send(e->fd, bytes, arrived_bytes, MSG_NOSIGNAL);
        if (sent < 0) return is_transient();
        narrow_take(in, (size_t)sent);
    }
    if (other_of(e)->has_ended && narrow_is_empty(in) && !e->is_told) {
        e->is_told = true;
        (void)shutdown(e->fd, SHUT_WR);
    }
    return true;
}

static void watch_end(struct relay *r, struct relay_end *e)
{
    const uint8_t *bytes;
    bool reads = e->is_connected && !e->has_ended && narrow_free_bytes(&e->out, r->now_us) > 0;
    bool writes = !e->is_connected || narrow_arrived(&other_of(e)->out, r->now_us, &bytes) > 0;
    uint32_t wanted = (reads ? (uint32_t)EPOLLIN : 0) | (writes ? (uint32_t)EPOLLOUT : 0);
    if (wanted == e->watched) return;
    struct epoll_event event = {.events = wanted, .data.ptr = e};
    (void)epoll_ctl(r->epoll_fd, EPOLL_CTL_MOD, e->fd, &event);
    e->watched = wanted;
}

/* Sends what has arrived at either end, and ends a pair that is done or broken. */
static void carry(struct relay *r, struct relay_pair *p)
{
    bool ok = push(r, &p->ends[0]) && push(r, &p->ends[1]);
    if (!ok || (p->ends[0].is_told && p->ends[1].is_told)) {
        close_pair(p);
        return;
    }
    watch_end(r, &p->ends[0]);
    watch_end(r, &p->ends[1]);
}

/* ---- turns ---- */

/* All links go on by what the settings are now. */
static void retime(struct relay *r)
{
    r->now = r->link;
    if (r->is_lifted) r->now.rate_bytes_per_s = r->now.stall_us = r->now.stop_until_us = 0;
    for (uint32_t i = 0; i < r->used_count; i++) {
        if (!r->pairs[i].is_used) continue;
        narrow_retime(&r->pairs[i].ends[0].out, r->now_us);
        narrow_retime(&r->pairs[i].ends[1].out, r->now_us);
        carry(r, &r->pairs[i]);
    }
}

/* When the script's next step is due; UINT64_MAX: never. */
static uint64_t step_due_us(const struct relay *r)
{
    if (r->script_us == 0 || r->script_at == r->script->count) return UINT64_MAX;
    return r->script_us + r->script->steps[r->script_at].at_us;
}

static void take_steps(struct relay *r)
{
    bool any = false;
    for (; step_due_us(r) <= r->now_us; any = true)
        script_apply(&r->script->steps[r->script_at++], &r->link, r->now_us);
    if (any) retime(r);
}

static void take_signals(struct relay *r)
{
    struct signalfd_siginfo info;
    while (read(r->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        bool is_end = info.ssi_signo != SIGUSR1 && info.ssi_signo != SIGUSR2;
        r->stops |= is_end;
        r->is_lifted = info.ssi_signo == SIGUSR1;
        if (!is_end) retime(r);
    }
}

static void handle(struct relay *r, const struct epoll_event *event)
{
    if (event->data.ptr == &r->listen_fd) {
        accept_all(r);
        return;
    }
    if (event->data.ptr == &r->signal_fd) {
        take_signals(r);
        return;
    }
    struct relay_end *e = event->data.ptr;
    if (e->fd < 0) return;  /* its pair ended in this turn */
    e->is_connected = true; /* or that has failed, as the next call says */
    if (event->events != EPOLLOUT && !pull(r, e)) {
        close_pair(e->pair);
    } else {
        carry(r, e->pair);
    }
}

/* When something is due next, after all that was due at `now_us`. */
static uint64_t pair_next_us(const struct relay_pair *p, uint64_t now_us)
{
    if (!p->is_used) return UINT64_MAX;
    uint64_t up_us = narrow_next_us(&p->ends[0].out, now_us);
    uint64_t down_us = narrow_next_us(&p->ends[1].out, now_us);
    return up_us < down_us ? up_us : down_us;
}

static int wait_ms(const struct relay *r)
{
    uint64_t next_us = step_due_us(r), now_us = clock_monotonic_us();
    for (uint32_t i = 0; i < r->used_count; i++) {
        uint64_t pair_us = pair_next_us(&r->pairs[i], r->now_us);
        if (pair_us < next_us) next_us = pair_us;
    }
    if (next_us == UINT64_MAX) return -1;
    return next_us > now_us ? (int)((next_us - now_us + 999) / 1000) : 0;
}

static void carry_due(struct relay *r, uint64_t former_us)
{
    for (uint32_t i = 0; i < r->used_count; i++) {
        if (pair_next_us(&r->pairs[i], former_us) <= r->now_us) carry(r, &r->pairs[i]);
    }
}

void relay_run(struct relay *r)
{
    struct epoll_event events[EVENTS_PER_TURN];
    r->now_us = clock_monotonic_us();
    while (!r->stops) {
        uint64_t former_us = r->now_us;
        int count = epoll_wait(r->epoll_fd, events, EVENTS_PER_TURN, wait_ms(r));
        r->now_us = clock_monotonic_us();
        take_steps(r);
        carry_due(r, former_us);
        for (int i = 0; i < count; i++)
            handle(r, &events[i]);
    }
}
