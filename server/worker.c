#include "server/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "server/router.h"
#include "server/server.h"
#include "server/sio/sio_client.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"

/* Workers yield to room threads: a tick that begins late is late for everyone. */
#define WORKER_NICE 2

static enum result fail(struct error *error, const char *what)
{
    return error_set(error, RESULT_IO, "%s: %s", what, strerror(errno));
}

/* ---- accepting ---- */

static void refuse_accepted(int fd, bool is_plain)
{
    static const char answer[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n"
                                 "Content-Length: 0\r\nConnection: close\r\n\r\n";

    if (is_plain) (void)send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(fd);
}

static bool is_overloaded(const struct net *net, int fd)
{
    return fd >= net->shed_fd || net->conns.taken_count == net->conns.capacity;
}

/* A proxy has the connections of many: those whom it names are counted instead, once it has. */
static bool is_counted(const struct net *net, const struct address *peer)
{
    if (address_is_loopback(peer)) return net->config->caps_for_loopback;
    return !net_trusts(net->config, peer);
}

static void accepted(struct listener *listener, int fd, const struct address *peer)
{
    struct worker *worker = listener->net->worker;
    struct net *net = &worker->net;
    struct cap *cap = NULL;

    if (is_overloaded(net, fd)) {
        metrics_add(&worker->metrics, METRIC_CONNECTIONS_REFUSED, 1);
        refuse_accepted(fd, listener->tls_context == NULL);
        return;
    }
    if (is_counted(net, peer) && net_admit(net, peer, &cap) != RESULT_OK) {
        (void)close(fd);
        return;
    }
    struct conn *conn = conn_open(net, fd, peer, listener->tls_context);
    if (conn == NULL) {
        caps_give(net->caps, cap);
        return;
    }
    conn->cap = cap;
    /* http_conns are as many as conns, so the second place is there if the first one is. */
    ASSERT(http_conn_start(&worker->http, conn) == RESULT_OK);
}

/* ---- connections between workers ---- */

enum result worker_hand_over(struct http_conn *http, unsigned index)
{
    struct worker *worker = http->conn->net->worker;
    struct worker *target = &worker->server->workers[index];
    const uint8_t *input = http->input;
    size_t input_bytes = http->input_bytes;
    unsigned requests = http->requests - 1;
    struct conn_parts parts;
    bool was_empty;

    if (handover_is_full(&target->handover) || input_bytes > NET_BLOCK_BYTES) return RESULT_FULL;
    conn_detach(http_conn_release(http), &parts);
    if (handover_push(&target->handover, &parts, requests, input, input_bytes, &was_empty) !=
        RESULT_OK) {
        /* Others have filled it in the meantime. */
        caps_give(worker->net.caps, parts.cap);
        metrics_add(&worker->metrics, METRIC_CONNECTIONS_CLOSED, 1);
        conn_parts_close(&parts);
        return RESULT_OK;
    }
    if (was_empty) worker_wake(target);
    return RESULT_OK;
}

/* Takes those that were there before the last wait: what their clients had sent on other
 * connections before has been read by now. */
static void take_moved(struct worker *worker, uint64_t end)
{
    struct handover_item *item;

    while ((item = handover_peek(&worker->handover, end)) != NULL) {
        struct conn *conn = conn_attach(&worker->net, &item->parts);
        if (conn != NULL) {
            ASSERT(http_conn_continue(&worker->http, conn, item->requests) == RESULT_OK);
            conn_feed(conn, item->bytes, item->length_bytes);
        }
        handover_pop(&worker->handover);
    }
}

/* ---- what others ask ---- */

static void drain(struct worker *worker)
{
    const struct worker_hooks *hooks = &worker->server->hooks.worker;

    if (worker->draining) return;
    worker->draining = true;
    for (size_t i = 0; i < worker->listener_count; i++)
        listener_stop(&worker->listeners[i]);
    if (hooks->drain != NULL) hooks->drain(worker);
    eio_layer_drain(&worker->eio);
    net_drain(&worker->net);
}

static void wake_ready(struct poller_source *source, uint32_t events)
{
    struct worker *worker =
        (struct worker *)(void *)((uint8_t *)source - offsetof(struct worker, wake_source));
    const struct worker_hooks *hooks = &worker->server->hooks.worker;
    uint64_t count;
    (void)events;

    (void)!read(worker->wake_fd, &count, sizeof count);
    if (hooks->wake != NULL) hooks->wake(worker);
    if (atomic_load(&worker->asked) & WORKER_ASK_DRAIN) drain(worker);
}

void worker_wake(struct worker *worker)
{
    uint64_t one = 1;
    /* It can only fail when the counter is full, and then the worker is awake anyway. */
    (void)!write(worker->wake_fd, &one, sizeof one);
}

void worker_ask(struct worker *worker, enum worker_ask ask)
{
    (void)atomic_fetch_or(&worker->asked, (unsigned)ask);
    worker_wake(worker);
}

/* ---- the loop ---- */

static void tick(struct worker *worker)
{
    const struct worker_hooks *hooks = &worker->server->hooks.worker;

    if (worker->net.now_ms < worker->tick_due_ms) return;
    worker->tick_due_ms = worker->net.now_ms + WORKER_TICK_MS;
    if (hooks->tick != NULL) hooks->tick(worker);
}

/* Lets more input come, if there is nothing to do but to wait for it. */
static void gather(const struct worker *worker)
{
    uint64_t due_us = worker->net.now_us + WORKER_GATHER_US, now_us = clock_monotonic_us();

    if (worker->net.conns.taken_count < WORKER_CROWD || now_us >= due_us) return;
    poller_rest(worker->wake_fd, (uint32_t)(due_us - now_us));
}

static void turn(struct worker *worker)
{
    const struct worker_hooks *hooks = &worker->server->hooks.worker;
    uint64_t due_ms = worker->tick_due_ms, now_ms = worker->net.now_ms;

    bool has_moved;
    uint64_t moved_end = handover_pushed(&worker->handover, &has_moved);
    int wait_ms = due_ms > now_ms && !has_moved ? (int)(due_ms - now_ms) : 0;
    if (wait_ms > 0) gather(worker);
    unsigned count = poller_wait(&worker->net.poller, wait_ms);
    net_set_now(&worker->net);
    uint64_t started_us = worker->net.now_us;
    poller_serve(&worker->net.poller, count);
    if (has_moved) take_moved(worker, moved_end);
    timers_advance(&worker->net.timers, worker->net.now_ms);
    tick(worker);
    if (hooks->turn_end != NULL) hooks->turn_end(worker);
    eio_layer_turn_end(&worker->eio);
    ws_layer_turn_end(&worker->ws);
    net_turn_end(&worker->net);
    if (count > 0)
        metrics_observe_us(&worker->metrics, HISTOGRAM_TURN_DURATION,
                           clock_monotonic_us() - started_us);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    char name[16];

    (void)snprintf(name, sizeof name, "worker-%u", worker->index % 1000);
    (void)pthread_setname_np(pthread_self(), name);
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid),
                      getpriority(PRIO_PROCESS, 0) + WORKER_NICE);
    while (!(atomic_load(&worker->asked) & WORKER_ASK_STOP))
        turn(worker);
    return NULL;
}

/* ---- life ---- */

enum result worker_init(struct worker *worker, struct server *server, unsigned index,
                        struct error *error)
{
    const struct config *config = server->config;

    bytes_zero(worker, sizeof *worker);
    worker->server = server;
    worker->index = index;
    worker->wake_fd = -1;
    if (net_init(&worker->net, config, server->log, &worker->metrics, error) != RESULT_OK)
        goto fail;
    worker->net.worker = worker;
    worker->net.caps = &server->caps;
    if (http_layer_init(&worker->http, config->connections_max, &router_routes, error) != RESULT_OK)
        goto fail;
    if (ws_layer_init(&worker->ws, config->connections_max, &server->deflate_budget, error) !=
        RESULT_OK)
        goto fail;
    worker->eio.worker = index;
    if (eio_layer_init(&worker->eio, &worker->net, &server->poll_caps, config->connections_max,
                       sizeof(struct sio_client), error) != RESULT_OK)
        goto fail;
    if (handover_init(&worker->handover, error) != RESULT_OK) goto fail;
    worker->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    worker->wake_source = (struct poller_source){.ready = wake_ready, .rank = POLLER_WAKE};
    if (worker->wake_fd < 0 || poller_add(&worker->net.poller, worker->wake_fd,
                                          &worker->wake_source, EPOLLIN) != RESULT_OK) {
        (void)fail(error, "eventfd");
        goto fail;
    }
    metrics_register(&server->metrics, &worker->metrics);
    return RESULT_OK;
fail:
    worker_deinit(worker);
    return error->code;
}

void worker_deinit(struct worker *worker)
{
    if (worker->server == NULL) return;
    for (size_t i = 0; i < worker->listener_count; i++)
        listener_stop(&worker->listeners[i]);
    handover_deinit(&worker->handover);
    net_close_all(&worker->net);
    eio_layer_deinit(&worker->eio);
    net_deinit(&worker->net);
    ws_layer_deinit(&worker->ws);
    http_layer_deinit(&worker->http);
    if (worker->wake_fd >= 0) (void)close(worker->wake_fd);
    metrics_remove(&worker->server->metrics, &worker->metrics);
    worker->server = NULL;
}

enum result worker_listen(struct worker *worker, int fd, struct tls_context *tls_context,
                          struct error *error)
{
    ASSERT(worker->listener_count < WORKER_LISTENERS_MAX);
    struct listener *listener = &worker->listeners[worker->listener_count];

    listener->accepted = accepted;
    listener->tls_context = tls_context;
    if (listener_start(listener, &worker->net, fd) != RESULT_OK) {
        (void)close(fd);
        return fail(error, "epoll");
    }
    worker->listener_count++;
    return RESULT_OK;
}

enum result worker_start(struct worker *worker, struct error *error)
{
    errno = pthread_create(&worker->thread, NULL, run, worker);
    if (errno != 0) return fail(error, "thread");
    worker->thread_started = true;
    return RESULT_OK;
}

void worker_join(struct worker *worker)
{
    if (worker->thread_started) (void)pthread_join(worker->thread, NULL);
    worker->thread_started = false;
}

uint64_t worker_connection_count(const struct worker *worker)
{
    const _Atomic uint64_t *values = worker->metrics.values;
    uint64_t closed = atomic_load(&values[METRIC_CONNECTIONS_CLOSED]);
    uint64_t opened = atomic_load(&values[METRIC_CONNECTIONS_ACCEPTED]);
    return opened - closed;
}
