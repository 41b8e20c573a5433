#include "server/net/poller.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"

enum result poller_init(struct poller *poller, struct error *error)
{
    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd >= 0) return RESULT_OK;

    return error_set(error, RESULT_IO, "epoll: %s", strerror(errno));
}

void poller_deinit(struct poller *poller)
{
    if (poller->epoll_fd > 0) (void)close(poller->epoll_fd);
    poller->epoll_fd = -1;
}

static int control(struct poller *poller, int operation, int fd, struct poller_source *source,
                   uint32_t epoll_events)
{
    struct epoll_event event = {.events = epoll_events, .data.ptr = source};
    return epoll_ctl(poller->epoll_fd, operation, fd, &event);
}

enum result poller_add(struct poller *poller, int fd, struct poller_source *source,
                       uint32_t epoll_events)
{
    ASSERT(source->ready != NULL && source->rank < POLLER_RANK_COUNT);
    return control(poller, EPOLL_CTL_ADD, fd, source, epoll_events) == 0 ? RESULT_OK : RESULT_IO;
}

void poller_change(struct poller *poller, int fd, struct poller_source *source,
                   uint32_t epoll_events)
{
    ASSERT(control(poller, EPOLL_CTL_MOD, fd, source, epoll_events) == 0);
}

void poller_remove(struct poller *poller, int fd)
{
    ASSERT(control(poller, EPOLL_CTL_DEL, fd, NULL, 0) == 0);
}

unsigned poller_wait(struct poller *poller, int timeout_ms)
{
    int count = epoll_wait(poller->epoll_fd, poller->events, POLLER_EVENTS_MAX, timeout_ms);
    ASSERT(count >= 0 || errno == EINTR);
    return count > 0 ? (unsigned)count : 0;
}

void poller_rest(int fd, uint32_t timeout_us)
{
    struct pollfd polled = {.fd = fd, .events = POLLIN};
    struct timespec timeout = {.tv_sec = timeout_us / 1000000,
                               .tv_nsec = (long)(timeout_us % 1000000) * 1000};
    (void)ppoll(&polled, 1, &timeout, NULL);
}

/* Serves event number `i` if it is of that rank. */
static bool serve_one(struct poller *poller, unsigned i, enum poller_rank rank)
{
    struct poller_source *source = poller->events[i].data.ptr;

    if (source == NULL || source->rank != rank) return false;
    /* Served once: a handshake that ends now changes its rank under our feet. */
    poller->events[i].data.ptr = NULL;
    source->ready(source, poller->events[i].events);
    return true;
}

/* A TLS handshake takes a millisecond or so. */
static void serve_later(struct poller *poller, unsigned count)
{
    unsigned served_count = 0;
    uint64_t end_us = 0;

    for (unsigned i = 0; i < count && served_count < POLLER_LATER_MAX; i++) {
        if (poller->events[i].data.ptr == NULL) continue;
        if (end_us == 0) end_us = clock_monotonic_us() + POLLER_LATER_US;
        if (serve_one(poller, i, POLLER_LATER)) served_count++;
        if (clock_monotonic_us() >= end_us) return;
    }
}

void poller_serve(struct poller *poller, unsigned count)
{
    ASSERT(count <= POLLER_EVENTS_MAX);

    for (enum poller_rank rank = POLLER_WAKE; rank < POLLER_LATER; rank++) {
        for (unsigned i = 0; i < count; i++)
            (void)serve_one(poller, i, rank);
    }
    serve_later(poller, count);
}
