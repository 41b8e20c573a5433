#include "server/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"

#define WORKERS_MAX   64
#define DRAIN_STEP_MS 10
#define NOFILE_WANTED 65536

/* ---- files ---- */

static enum result open_files(struct server *server, struct error *error)
{
    server->files.root_fd = -1;
    if (server->config->web_root[0] != '\0')
        return files_init(&server->files, server->config->web_root, error);
    log_event(server->log, LOG_WARNING, "no_web_root",
              LOG_TEXT("hint", "the page is not served: build it, or give --web-root"));
    return RESULT_OK;
}

/* ---- TLS ---- */

/* Every port has all certificates; its own, the n-th or the only one, comes first. Returns how many
 * there are. */
static size_t certificates_of(const struct config *config, size_t port,
                              struct tls_files files[CONFIG_LIST_MAX])
{
    size_t count = config->cert.count, own = port < count ? port : 0;

    for (size_t i = 0; i < count; i++) {
        size_t from = i == 0 ? own : i <= own ? i - 1 : i;
        files[i] = (struct tls_files){config->cert.items[from], config->key.items[from]};
    }
    return count;
}

static enum result open_tls(struct server *server, struct error *error)
{
    const struct config *config = server->config;
    struct tls_files files[CONFIG_LIST_MAX];

    for (size_t i = 0; i < config->tls_listen_count; i++) {
        size_t count = certificates_of(config, i, files);
        if (tls_server_context_create(&server->tls_contexts[i], files, count, error) != RESULT_OK)
            return error->code;
    }
    return RESULT_OK;
}

/* What connections use stays as it is, and so does everything if a file is broken. */
static void reload_tls(struct server *server)
{
    const struct config *config = server->config;
    struct tls_files files[CONFIG_LIST_MAX];
    struct error error;

    for (size_t i = 0; i < config->tls_listen_count; i++) {
        size_t count = certificates_of(config, i, files);
        if (tls_server_context_reload(server->tls_contexts[i], files, count, &error) == RESULT_OK)
            continue;
        log_event(server->log, LOG_ERROR, "certificates_kept", LOG_TEXT("why", error.message));
        return;
    }
    log_event(server->log, LOG_INFO, "certificates_reloaded",
              LOG_INT("count", config->tls_listen_count > 0 ? config->cert.count : 0));
}

/* ---- start ---- */

static unsigned worker_count(const struct config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    long count = config->workers > 0 ? (long)config->workers : cores;

    if (count < 1) count = 1;
    return count < WORKERS_MAX ? (unsigned)count : WORKERS_MAX;
}

/* A descriptor per connection: takes what the system lets us have. */
static void raise_descriptor_limit(struct server *server)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    rlim_t wanted = limit.rlim_max < NOFILE_WANTED ? limit.rlim_max : NOFILE_WANTED;
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (limit.rlim_cur < server->config->connections_max + 64)
        log_event(server->log, LOG_WARNING, "few_descriptors", LOG_INT("limit", limit.rlim_cur),
                  LOG_INT("connections_max", server->config->connections_max));
}

enum result server_init(struct server *server, const struct config *config, struct log *log,
                        struct error *error)
{
    bytes_zero(server, sizeof *server);
    server->config = config;
    server->log = log;
    server->metrics.node = config->node_id;
    server->files.root_fd = -1;
    server->deflate_budget.limit_bytes = config->deflate_state_bytes_max;
    gzip_cache_init(&server->gzip);
    (void)signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit(server);

    if (open_files(server, error) != RESULT_OK) goto fail;
    if (open_tls(server, error) != RESULT_OK) goto fail;
    unsigned count = worker_count(config);
    if (caps_init(&server->caps, config, (size_t)count * config->connections_max, error) !=
        RESULT_OK)
        goto fail;
    if (caps_init(&server->poll_caps, config, (size_t)count * config->connections_max, error) !=
        RESULT_OK)
        goto fail;
    server->poll_caps.sockets_max = config->address_polls_max;
    server->workers = calloc(count, sizeof *server->workers);
    if (server->workers == NULL) {
        (void)error_set(error, RESULT_IO, "no memory for the workers");
        goto fail;
    }
    for (unsigned i = 0; i < count; i++) {
        if (worker_init(&server->workers[i], server, i, error) != RESULT_OK) goto fail;
        server->worker_count++;
    }
    return RESULT_OK;
fail:
    server_deinit(server);
    return error->code;
}

static void announce(struct server *server, const struct config_listen *listen,
                     const struct listener_addresses *addresses, bool is_tls)
{
    uint16_t *first_port = is_tls ? &server->https_port : &server->http_port;
    char text[ADDRESS_TEXT_BYTES];

    for (size_t i = 0; i < addresses->count; i++) {
        address_to_text(&addresses->items[i], text);
        log_event(server->log, LOG_INFO, "listening", LOG_TEXT("address", text),
                  LOG_INT("port", addresses->items[i].port), LOG_INT("tls", is_tls),
                  LOG_TEXT("node", server->config->node_id));
    }
    if (*first_port != 0) return;
    *first_port = addresses->items[0].port;
    if (!is_tls) (void)snprintf(server->http_host, sizeof server->http_host, "%s", listen->host);
}

/* Opens one --listen for all workers. */
static enum result open_port(struct server *server, const struct config_listen *listen,
                             struct tls_context *tls_context, struct error *error)
{
    int fds[LISTENER_ADDRESSES_MAX * WORKERS_MAX];
    size_t workers = server->worker_count;
    struct listener_addresses addresses;

    if (listener_open_all(listen, workers, fds, &addresses, error) != RESULT_OK) return error->code;
    enum result r = RESULT_OK;
    for (size_t i = 0; i < addresses.count * workers; i++) {
        if (r == RESULT_OK)
            r = worker_listen(&server->workers[i % workers], fds[i], tls_context, error);
        else
            (void)close(fds[i]);
    }
    if (r == RESULT_OK) announce(server, listen, &addresses, tls_context != NULL);
    return r;
}

static enum result open_ports(struct server *server, struct error *error)
{
    const struct config *config = server->config;

    for (size_t i = 0; i < config->listen_count; i++) {
        if (open_port(server, &config->listen[i], NULL, error) != RESULT_OK) return error->code;
    }
    for (size_t i = 0; i < config->tls_listen_count; i++) {
        if (open_port(server, &config->tls_listen[i], server->tls_contexts[i], error) != RESULT_OK)
            return error->code;
    }
    return RESULT_OK;
}

enum result server_start(struct server *server, struct error *error)
{
    const struct worker_hooks *hooks = &server->hooks.worker;

    for (unsigned i = 0; i < server->worker_count; i++) {
        if (hooks->start == NULL) continue;
        if (hooks->start(&server->workers[i], error) != RESULT_OK) return error->code;
    }
    if (open_ports(server, error) != RESULT_OK) return error->code;
    for (unsigned i = 0; i < server->worker_count; i++) {
        if (worker_start(&server->workers[i], error) != RESULT_OK) return error->code;
    }
    if (server->config->echo)
        log_event(server->log, LOG_WARNING, "echo_open",
                  LOG_TEXT("hint", "/ws/echo is for conformance tools, without the game's limits"));
    if (server->config->sio_echo)
        log_event(server->log, LOG_WARNING, "sio_echo_open",
                  LOG_TEXT("hint", "/engine.io/ and sio_path echo, without the game's limits"));
    return RESULT_OK;
}

/* ---- end ---- */

static void stop_signals(sigset_t *signals)
{
    (void)sigemptyset(signals);
    (void)sigaddset(signals, SIGTERM);
    (void)sigaddset(signals, SIGINT);
}

void server_wait(struct server *server)
{
    sigset_t signals;
    int signal_number = 0;

    stop_signals(&signals);
    (void)sigaddset(&signals, SIGHUP);
    for (;;) {
        (void)sigwait(&signals, &signal_number);
        if (signal_number != SIGHUP) break;
        reload_tls(server);
    }
    log_event(server->log, LOG_INFO, "stopping",
              LOG_TEXT("signal", signal_number == SIGINT ? "SIGINT" : "SIGTERM"));
}

static uint64_t connection_count(const struct server *server)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < server->worker_count; i++)
        count += worker_connection_count(&server->workers[i]);
    return count;
}

/* Waits for the connections to go; a second signal means that someone is impatient. */
static void wait_for_drain(struct server *server)
{
    uint64_t end_ms = clock_monotonic_ms() + server->config->drain_ms;
    struct timespec step = {.tv_nsec = DRAIN_STEP_MS * 1000000};
    sigset_t signals;

    stop_signals(&signals);
    while (connection_count(server) > 0 && clock_monotonic_ms() < end_ms) {
        if (sigtimedwait(&signals, NULL, &step) > 0) return;
    }
}

static void ask_all(struct server *server, enum worker_ask ask)
{
    for (unsigned i = 0; i < server->worker_count; i++)
        worker_ask(&server->workers[i], ask);
}

void server_stop(struct server *server)
{
    const struct worker_hooks *hooks = &server->hooks.worker;

    atomic_store(&server->draining, true);
    ask_all(server, WORKER_ASK_DRAIN);
    wait_for_drain(server);
    ask_all(server, WORKER_ASK_STOP);
    for (unsigned i = 0; i < server->worker_count; i++)
        worker_join(&server->workers[i]);
    for (unsigned i = 0; i < server->worker_count; i++) {
        net_close_all(&server->workers[i].net);
        if (hooks->stop != NULL) hooks->stop(&server->workers[i]);
    }
}

void server_deinit(struct server *server)
{
    ask_all(server, WORKER_ASK_STOP);
    for (unsigned i = 0; i < server->worker_count; i++) {
        worker_join(&server->workers[i]);
        worker_deinit(&server->workers[i]);
    }
    free(server->workers);
    server->workers = NULL;
    server->worker_count = 0;
    for (size_t i = 0; i < CONFIG_LIST_MAX; i++)
        tls_context_destroy(server->tls_contexts[i]);
    bytes_zero(server->tls_contexts, sizeof server->tls_contexts);
    caps_deinit(&server->poll_caps);
    caps_deinit(&server->caps);
    gzip_cache_deinit(&server->gzip);
    files_deinit(&server->files);
}
