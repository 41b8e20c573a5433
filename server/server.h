/* server.h - everything that runs, hanging off one struct: start-up in order, drain, end.
 *
 * Place:   main() reads the config, sets the hooks and calls start, wait, stop.
 * Memory:  owns workers, TLS contexts and the web root; borrows config and log, which outlive it.
 */
#ifndef TICKWIRE_SERVER_SERVER_H
#define TICKWIRE_SERVER_SERVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"
#include "server/http/files.h"
#include "server/http/gzip.h"
#include "server/ops/metrics.h"
#include "server/sio/eio_http.h"
#include "server/worker.h"
#include "shared/host/log.h"
#include "shared/host/tls.h"

struct playbacks;

/* What the layers above plug in before server_start(); any may be NULL. */
struct server_hooks {
    struct worker_hooks worker;
    const struct ws_handler *updates; /* /ws/updates */
    const struct ws_handler *replay;  /* /ws/replay/ID */
    const struct eio_service *sio;    /* config.sio_path */

    /* The JSON of /api/rooms and /api/recordings (those older than the id `before`, if it is not
     * ""), written on a worker's thread into text; returns its length. */
    size_t (*rooms_json)(struct server *server, char *text, size_t capacity_bytes);
    size_t (*recordings_json)(struct server *server, const char *before, char *text,
                              size_t capacity_bytes);

    /* The JSON of /rooms, cut at as many rooms as always fit into 48 KiB. */
    size_t (*public_rooms_json)(struct server *server, char *text, size_t capacity_bytes);
};

struct line_logs;

struct server {
    const struct config *config; /* borrowed */
    struct log *log;             /* borrowed */
    struct server_hooks hooks;
    void *rooms;                 /* the room layer's state */
    struct line_logs *line_logs; /* the session layer's, shared by workers; borrowed */
    struct playbacks *playbacks; /* borrowed; NULL: no recordings to be watched */
    struct metrics_registry metrics;
    struct files files;
    struct gzip_cache gzip;
    struct tls_context *tls_contexts[CONFIG_LIST_MAX]; /* by config.tls_listen */
    struct worker *workers;
    unsigned worker_count;
    uint16_t http_port, https_port; /* the first ones bound, for the line on stdout; 0: none */
    char http_host[CONFIG_TEXT_BYTES];
    struct deflate_budget deflate_budget;
    struct caps caps, poll_caps; /* of connections, of sessions on polling */
    _Atomic bool draining;
};

/* Half of the start: limits, files, TLS contexts, workers without threads, so that layers above can
 * size themselves by worker_count. Not RESULT_OK: error says why, server_deinit() cleans up. */
enum result server_init(struct server *server, const struct config *config, struct log *log,
                        struct error *error);

/* The other half: opens the ports, calls hooks.worker.start, starts the threads. */
enum result server_start(struct server *server, struct error *error);

/* Waits for SIGTERM or SIGINT; SIGHUP reads the certificates anew. All three must be blocked in all
 * threads. */
void server_wait(struct server *server);

/* Readiness fails, nothing is accepted, sessions are told; returns when all connections are gone or
 * config.drain_ms have passed. The threads have ended then. */
void server_stop(struct server *server);

void server_deinit(struct server *server);

#endif
