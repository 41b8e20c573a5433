#include "server/net/net.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/net/conn.h"
#include "shared/bytes.h"
#include "shared/host/clock.h"

/* A conn holds at most one block for input and, with a full queue, a few for output; most hold
 * none. Half a conn's full queue each is what the pool can lend at once. */
static size_t block_count(const struct config *config)
{
    size_t per_queue = config->unsent_bytes_max / NET_BLOCK_BYTES + 2;
    return 64 + config->connections_max * (1 + per_queue / 2);
}

/* The system gives the lowest free descriptor, so that one says how many are open. A part of them is
 * kept for files, recordings and what runs already; so many at least, where there are some more. */
static int shed_fd(const struct config *config)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX) return INT_MAX;
    rlim_t kept = limit.rlim_cur - limit.rlim_cur * config->descriptors_shed_percent / 100;
    if (kept < config->descriptors_kept && limit.rlim_cur >= 4ull * config->descriptors_kept)
        kept = config->descriptors_kept;
    return (int)(limit.rlim_cur - kept);
}

enum result net_init(struct net *net, const struct config *config, struct log *log,
                     struct metrics *metrics, struct error *error)
{
    bytes_zero(net, sizeof *net);
    net->config = config;
    net->log = log;
    net->metrics = metrics;
    net->shed_fd = shed_fd(config);
    net->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    net_set_now(net);
    timers_init(&net->timers, net->now_ms);

    if (poller_init(&net->poller, error) != RESULT_OK) goto fail;
    if (pool_init(&net->conns, sizeof(struct conn), config->connections_max, error) != RESULT_OK)
        goto fail;
    if (pool_init(&net->blocks, NET_BLOCK_BYTES, block_count(config), error) != RESULT_OK)
        goto fail;
    return RESULT_OK;
fail:
    net_deinit(net);
    return error->code;
}

void net_deinit(struct net *net)
{
    net_close_all(net);
    net_turn_end(net);
    if (net->spare_fd > 0) (void)close(net->spare_fd);
    pool_deinit(&net->blocks);
    pool_deinit(&net->conns);
    poller_deinit(&net->poller);
}

bool net_trusts(const struct config *config, const struct address *address)
{
    char text[ADDRESS_TEXT_BYTES];

    address_to_text(address, text);
    return config_list_has(config->trusted_proxies, text, text_length(text));
}

static void log_refusal(struct net *net, const struct address *address, const char *why,
                        uint32_t count)
{
    char text[ADDRESS_TEXT_BYTES];

    if (count == 0) return;
    address_to_text(address, text);
    log_event(net->log, LOG_INFO, "peer_refused", LOG_TEXT("address", text), LOG_TEXT("why", why),
              LOG_INT("refused", count));
}

void net_log_refusal(struct net *net, const struct address *address, const char *why)
{
    log_refusal(net, address, why, caps_note_refusal(net->caps, address, net->now_ms));
}

static enum result tell(struct net *net, const struct address *address,
                        const struct cap_answer *answer)
{
    static const struct {
        enum metric metric;
        const char *why;
    } rows[] = {[CAP_TOO_MANY] = {METRIC_CAPPED_SOCKETS, "too many connections"},
                [CAP_TOO_FAST] = {METRIC_CAPPED_RATE, "new connections too fast"},
                [CAP_TOO_MANY_REQUESTS] = {METRIC_CAPPED_REQUESTS, "requests too fast"}};

    if (answer->verdict == CAP_FINE) return RESULT_OK;
    metrics_add(net->metrics, rows[answer->verdict].metric, 1);
    log_refusal(net, address, rows[answer->verdict].why, answer->log_count);
    return RESULT_FULL;
}

enum result net_admit(struct net *net, const struct address *address, struct cap **cap)
{
    struct cap_answer answer = caps_take(net->caps, address, net->now_ms);

    *cap = answer.cap;
    return tell(net, address, &answer);
}

enum result net_admit_request(struct net *net, const struct address *address, bool takes_place,
                              struct cap **cap)
{
    struct cap_answer answer = caps_take_request(net->caps, address, takes_place, net->now_ms);

    *cap = answer.cap;
    return tell(net, address, &answer);
}

void net_set_now(struct net *net)
{
    net->now_us = clock_monotonic_us();
    net->now_ms = net->now_us / 1000;
}

void net_drain(struct net *net)
{
    for (struct conn *conn = net->open, *next; conn != NULL; conn = next) {
        next = conn->next_open;
        conn->handler->drain(conn);
    }
}

void net_close_all(struct net *net)
{
    while (net->open != NULL)
        conn_close(net->open, RESULT_CLOSED);
}

void net_turn_end(struct net *net)
{
    while (net->ended != NULL) {
        struct conn *conn = net->ended;
        net->ended = conn->next_ended;
        pool_give(&net->conns, conn);
    }
}
