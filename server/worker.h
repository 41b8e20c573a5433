/* worker.h - one thread that owns an epoll set, its listening sockets and all that stands on them.
 *
 * Place:   server.c makes one per core; room threads reach it by worker_wake() alone. The session
 *          layer hangs its own state on `sessions` and is called through struct worker_hooks. A
 *          turn: wait, then frames (wake), then input, then a few accepts and TLS handshakes, then
 *          timers, then turn_end. Of a crowd some input always comes, and to wait for each costs
 *          more than to read it: it is gathered for up to WORKER_GATHER_US. Frames end that wait.
 * Memory:  its pools are made at start. Everything but worker_wake() and worker_ask() belongs to
 *          the worker's thread.
 */
#ifndef TICKWIRE_SERVER_WORKER_H
#define TICKWIRE_SERVER_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/http/http_conn.h"
#include "server/net/handover.h"
#include "server/net/listener.h"
#include "server/net/net.h"
#include "server/ops/metrics.h"
#include "server/sio/eio_layer.h"
#include "server/ws/ws_conn.h"
#include "shared/host/log.h"
#include "shared/result.h"

struct server;
struct worker;

#define WORKER_TICK_MS       50
#define WORKER_CROWD         64   /* connections from which on input is gathered */
#define WORKER_GATHER_US     2000 /* between two turns of theirs, unless frames come */
#define WORKER_LISTENERS_MAX 64

/* What the session layer supplies; any may be NULL. All run on the worker's thread, but `start`
 * and `stop`, which run on the main thread before the threads start and after they ended. */
struct worker_hooks {
    enum result (*start)(struct worker *worker, struct error *error);
    void (*wake)(struct worker *worker);     /* worker_wake() was called: frames may be there */
    void (*turn_end)(struct worker *worker); /* all input of the turn has been read */
    void (*tick)(struct worker *worker);     /* each WORKER_TICK_MS or somewhat later */
    void (*drain)(struct worker *worker);    /* say bye and close 1012 to everyone */
    void (*stop)(struct worker *worker);
};

/* What others ask of the worker, each bit once. */
enum worker_ask { WORKER_ASK_DRAIN = 1, WORKER_ASK_STOP = 2 };

struct worker {
    struct net net;
    struct server *server; /* borrowed */
    unsigned index;        /* 0..server->worker_count-1 */
    void *sessions;        /* the session layer's state for this worker */
    struct metrics metrics;
    struct http_layer http; /* pools and routes of http_conn */
    struct ws_layer ws;
    struct eio_layer eio; /* Engine.IO sessions */
    struct listener listeners[WORKER_LISTENERS_MAX];
    size_t listener_count;
    struct handover handover; /* connections that others send here */
    struct poller_source wake_source;
    int wake_fd;
    _Atomic unsigned asked; /* enum worker_ask */
    bool draining;
    uint64_t tick_due_ms;
    pthread_t thread;
    bool thread_started;
};

enum result worker_init(struct worker *worker, struct server *server, unsigned index,
                        struct error *error);
void worker_deinit(struct worker *worker);

/* Adds a listening socket, taken over, before the thread starts. */
enum result worker_listen(struct worker *worker, int fd, struct tls_context *tls_context,
                          struct error *error);

enum result worker_start(struct worker *worker, struct error *error);

/* Waits for the thread's end. */
void worker_join(struct worker *worker);

/* Makes the worker call hooks->wake soon. From any thread; one system call. */
void worker_wake(struct worker *worker);

/* From any thread. Draining: no more accepts, hooks->drain(), everything closes. Stopping: the
 * thread ends, whatever is open. */
void worker_ask(struct worker *worker, enum worker_ask ask);

/* Hands a connection over to the worker of that index, with the request under way; from a route, on
 * the thread of the worker that has it. RESULT_FULL: it stays. `http` is gone after RESULT_OK. */
enum result worker_hand_over(struct http_conn *http, unsigned index);

/* How many connections it has, for anyone; a moment old. */
uint64_t worker_connection_count(const struct worker *worker);

static inline struct worker *worker_of(const struct ws_conn *ws)
{
    return ws->net->worker;
}

#endif
