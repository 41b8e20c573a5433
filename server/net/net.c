#include "server/net/net.h"

#include <fcntl.h>
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

enum result net_init(struct net *net, const struct config *config, struct log *log,
                     struct metrics *metrics, struct error *error)
{
    bytes_zero(net, sizeof *net);
    net->config = config;
    net->log = log;
    net->metrics = metrics;
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
