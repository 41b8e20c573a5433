#include "server/net/conn.h"

#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/net/proxy_header.h"
#include "shared/bytes.h"
#include "shared/check.h"

/* What one conn may read in one turn, so that a busy peer does not starve the others. */
#define READS_PER_TURN 4

/* How long a finished conn waits for the peer's own end. */
#define LINGER_MS 1000

static void conn_ready(struct poller_source *source, uint32_t events);
static void stall_expired(struct timer *timer);
static void send_batch(struct net *net);

static struct conn *conn_of_timer(struct timer *timer)
{
    return (struct conn *)(void *)((uint8_t *)timer - offsetof(struct conn, stall_timer));
}

/* ---- life ---- */

static void list_open(struct conn *conn)
{
    struct net *net = conn->net;

    conn->next_open = net->open;
    conn->previous_open = NULL;
    if (net->open != NULL) net->open->previous_open = conn;
    net->open = conn;
}

static void unlist_open(struct conn *conn)
{
    struct conn *next = conn->next_open, *previous = conn->previous_open;

    if (next != NULL) next->previous_open = previous;
    if (previous != NULL)
        previous->next_open = next;
    else
        conn->net->open = next;
}

static void init(struct conn *conn, struct net *net, int fd, const struct address *peer)
{
    bytes_zero(conn, sizeof *conn);
    conn->source.ready = conn_ready;
    conn->source.rank = POLLER_INPUT;
    conn->net = net;
    conn->fd = fd;
    conn->peer = *peer;
    conn->stall_timer.expired = stall_expired;
    conn->epoll_events = EPOLLIN;
    sendq_init(&conn->sendq, net->config->unsent_bytes_max);
}

struct conn *conn_open(struct net *net, int fd, const struct address *peer,
                       struct tls_context *tls_context)
{
    struct conn *conn = pool_take(&net->conns);
    if (conn == NULL) goto fail;

    init(conn, net, fd, peer);
    conn->may_be_proxied = net_trusts(net->config, peer);
    if (tls_context != NULL) {
        conn->source.rank = POLLER_LATER;
        conn->in_handshake = true;
        conn->tls = tls_server_create(tls_context, fd);
        if (conn->tls == NULL) goto fail;
    }
    if (poller_add(&net->poller, fd, &conn->source, conn->epoll_events) != RESULT_OK) goto fail;
    list_open(conn);
    metrics_add(net->metrics, METRIC_CONNECTIONS_ACCEPTED, 1);
    return conn;
fail:
    metrics_add(net->metrics, METRIC_CONNECTIONS_REFUSED, 1);
    if (conn != NULL) {
        tls_destroy(conn->tls);
        pool_give(&net->conns, conn);
    }
    (void)close(fd);
    return NULL;
}

void conn_set_handler(struct conn *conn, const struct conn_handler *handler, void *owner)
{
    conn->handler = handler;
    conn->owner = owner;
}

static void drop_kept(struct conn *conn)
{
    if (conn->kept != NULL) pool_give(&conn->net->blocks, conn->kept);
    conn->kept = NULL;
    conn->kept_bytes = 0;
}

/* What the worker has of it; descriptor, TLS and cap are for the caller to close or to keep. */
static void forget(struct conn *conn)
{
    struct net *net = conn->net;

    conn->tls = NULL;
    conn->fd = -1;
    conn->cap = NULL;
    drop_kept(conn);
    sendq_deinit(&conn->sendq, &net->blocks);
    timers_cancel(&net->timers, &conn->stall_timer);
    unlist_open(conn);
    conn->next_ended = net->ended;
    net->ended = conn;
}

void conn_close(struct conn *conn, enum result why)
{
    struct net *net = conn->net;

    if (!conn_is_open(conn)) return;
    if (conn->in_batch) send_batch(net);
    if (conn->tls != NULL && why == RESULT_CLOSED && !conn->discarding) tls_shutdown(conn->tls);
    poller_remove(&net->poller, conn->fd);
    tls_destroy(conn->tls);
    (void)close(conn->fd);
    caps_give(net->caps, conn->cap);
    forget(conn);
    metrics_add(net->metrics, METRIC_CONNECTIONS_CLOSED, 1);
    conn->handler->closed(conn, why);
}

/* ---- from worker to worker ---- */

void conn_detach(struct conn *conn, struct conn_parts *parts)
{
    if (conn->in_batch) send_batch(conn->net);
    ASSERT(conn_is_open(conn) && conn->sendq.bytes == 0 && !conn->in_handshake);
    *parts = (struct conn_parts){.fd = conn->fd,
                                 .tls = conn->tls,
                                 .peer = conn->peer,
                                 .cap = conn->cap,
                                 .is_proxied = conn->is_proxied};
    poller_remove(&conn->net->poller, conn->fd);
    forget(conn);
}

struct conn *conn_attach(struct net *net, const struct conn_parts *parts)
{
    struct conn *conn = pool_take(&net->conns);
    if (conn == NULL) goto fail;

    init(conn, net, parts->fd, &parts->peer);
    conn->tls = parts->tls;
    conn->cap = parts->cap;
    conn->is_proxied = parts->is_proxied;
    if (poller_add(&net->poller, parts->fd, &conn->source, conn->epoll_events) != RESULT_OK)
        goto fail;
    list_open(conn);
    metrics_add(net->metrics, METRIC_CONNECTIONS_MOVED, 1);
    return conn;
fail:
    if (conn != NULL) pool_give(&net->conns, conn);
    caps_give(net->caps, parts->cap);
    metrics_add(net->metrics, METRIC_CONNECTIONS_CLOSED, 1);
    conn_parts_close(parts);
    return NULL;
}

void conn_parts_close(const struct conn_parts *parts)
{
    tls_destroy(parts->tls);
    (void)close(parts->fd);
}

/* ---- what the poller shall tell ---- */

static void update_events(struct conn *conn)
{
    bool reads = (!conn->input_paused || conn->end_armed) && (!conn->finishing || conn->discarding);
    uint32_t events = 0;

    if (!conn_is_open(conn)) return;
    if (reads) events |= EPOLLIN;
    if (conn->sendq.bytes > 0) events |= EPOLLOUT;
    if (conn->was_parked) events |= EPOLLRDHUP;
    if (conn->in_handshake)
        events = tls_wants_write(conn->tls) && !conn->may_be_proxied ? EPOLLOUT : EPOLLIN;
    if (events == conn->epoll_events) return;
    conn->epoll_events = events;
    poller_change(&conn->net->poller, conn->fd, &conn->source, events);
}

void conn_pause_input(struct conn *conn, bool paused)
{
    conn->input_paused = paused;
    update_events(conn);
}

/* A poll is parked and let go many times a second: what the poller tells of is the same in both
 * states, so that it need not hear of each change. */
void conn_park(struct conn *conn, bool parked)
{
    conn->input_paused = parked;
    conn->end_watched = parked;
    conn->end_armed = parked;
    conn->was_parked = true;
    update_events(conn);
}

/* ---- out ---- */

static enum result write_plain(int fd, const uint8_t *bytes, size_t length_bytes, size_t *written)
{
    ssize_t sent = send(fd, bytes, length_bytes, MSG_NOSIGNAL);

    if (sent < 0) {
        bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        return again ? RESULT_AGAIN : RESULT_IO;
    }
    *written = (size_t)sent;
    return RESULT_OK;
}

/* Never offers TLS more than what will lie together in the queue: after a RESULT_AGAIN it insists
 * on being offered at least as much. */
static enum result write_some(struct conn *conn, const uint8_t *bytes, size_t length_bytes,
                              size_t *written)
{
    enum result r;

    if (conn->tls == NULL) {
        r = write_plain(conn->fd, bytes, length_bytes, written);
    } else {
        size_t piece = length_bytes < SENDQ_PIECE_BYTES ? length_bytes : SENDQ_PIECE_BYTES;
        r = tls_write(conn->tls, bytes, piece, written);
    }
    if (r == RESULT_OK) metrics_add(conn->net->metrics, METRIC_BYTES_OUT, *written);
    return r;
}

/* Makes the poller report the end, so that it is met at the root of the loop. */
static enum result break_stream(struct conn *conn)
{
    (void)shutdown(conn->fd, SHUT_RDWR);
    return RESULT_CLOSED;
}

static void watch_progress(struct conn *conn)
{
    struct net *net = conn->net;
    timers_set(&net->timers, &conn->stall_timer, net->now_ms + net->config->stall_ms);
}

/* Sends, and queues what the kernel does not take; there is room for it. */
static enum result send_now(struct conn *conn, const uint8_t *bytes, size_t length_bytes)
{
    size_t written = 0, sent = 0;

    while (conn->sendq.bytes == 0 && sent < length_bytes) {
        enum result r = write_some(conn, bytes + sent, length_bytes - sent, &written);
        if (r == RESULT_AGAIN) break;
        if (r != RESULT_OK) return break_stream(conn);
        sent += written;
        if (conn->tls == NULL) break;
    }
    if (sent == length_bytes) return RESULT_OK;

    if (conn->sendq.bytes == 0) watch_progress(conn);
    if (sendq_push(&conn->sendq, &conn->net->blocks, bytes + sent, length_bytes - sent) !=
        RESULT_OK) {
        metrics_add(conn->net->metrics, METRIC_SENDQ_FULL, 1);
        return break_stream(conn);
    }
    update_events(conn);
    return RESULT_OK;
}

static void send_batch(struct net *net)
{
    struct net_batch *b = &net->batch;

    for (uint32_t i = 0; i < b->count; i++) {
        const struct net_letter *letter = &b->letters[i];
        letter->conn->in_batch = false;
        /* A stream that breaks is met by the poller. */
        (void)send_now(letter->conn, b->bytes + letter->begin, letter->end - letter->begin);
    }
    b->count = 0;
    b->used_bytes = 0;
}

void conn_batch_begin(struct net *net)
{
    net->batch.is_open = true;
}

void conn_batch_end(struct net *net)
{
    net->batch.is_open = false;
    send_batch(net);
}

/* What a conn says twice goes together, if nobody else came in between. False: it is to be sent at
 * once, and nothing of this conn waits. */
static bool put_in_batch(struct conn *conn, const uint8_t *bytes, size_t length_bytes)
{
    struct net_batch *b = &conn->net->batch;

    if (!b->is_open || conn->tls != NULL || conn->sendq.bytes > 0) return false;
    bool is_last = b->count > 0 && b->letters[b->count - 1].conn == conn;
    bool has_room =
        length_bytes <= NET_BATCH_BYTES - b->used_bytes && (is_last || b->count < NET_BATCH_CONNS);
    if ((conn->in_batch && !is_last) || !has_room) {
        send_batch(conn->net);
        is_last = false;
        if (length_bytes > NET_BATCH_BYTES || conn->sendq.bytes > 0) return false;
    }
    if (!is_last)
        b->letters[b->count++] = (struct net_letter){.conn = conn, .begin = b->used_bytes};
    bytes_copy(b->bytes + b->used_bytes, bytes, length_bytes);
    b->used_bytes += (uint32_t)length_bytes;
    b->letters[b->count - 1].end = b->used_bytes;
    conn->in_batch = true;
    return true;
}

enum result conn_send(struct conn *conn, const uint8_t *bytes, size_t length_bytes)
{
    if (!conn_is_open(conn) || conn->finishing) return RESULT_CLOSED;
    if (!sendq_has_room(&conn->sendq, &conn->net->blocks, length_bytes)) {
        metrics_add(conn->net->metrics, METRIC_SENDQ_FULL, 1);
        return RESULT_FULL;
    }
    if (put_in_batch(conn, bytes, length_bytes)) return RESULT_OK;
    return send_now(conn, bytes, length_bytes);
}

/* Our side of the stream is done: says so, and goes on reading only to let the peer read. */
static void shut_our_side(struct conn *conn)
{
    struct net *net = conn->net;

    if (conn->tls != NULL) tls_shutdown(conn->tls);
    (void)shutdown(conn->fd, SHUT_WR);
    conn->discarding = true;
    conn->input_paused = false;
    drop_kept(conn);
    timers_set(&net->timers, &conn->stall_timer, net->now_ms + LINGER_MS);
}

void conn_finish(struct conn *conn)
{
    if (!conn_is_open(conn) || conn->finishing) return;
    if (conn->in_batch) send_batch(conn->net);
    conn->finishing = true;
    if (conn->sendq.bytes == 0) shut_our_side(conn);
    update_events(conn);
}

static void flush_done(struct conn *conn)
{
    timers_cancel(&conn->net->timers, &conn->stall_timer);
    if (conn->finishing) {
        shut_our_side(conn);
        return;
    }
    conn->handler->drained(conn);
    if (conn->peer_ended && conn->sendq.bytes == 0) conn_close(conn, RESULT_CLOSED);
}

static void flush(struct conn *conn)
{
    size_t length, written = 0;

    while (conn->sendq.bytes > 0) {
        const uint8_t *bytes = sendq_peek(&conn->sendq, &length);
        enum result r = write_some(conn, bytes, length, &written);
        if (r == RESULT_AGAIN) return;
        if (r != RESULT_OK) {
            conn_close(conn, RESULT_IO);
            return;
        }
        sendq_pop(&conn->sendq, &conn->net->blocks, written);
        watch_progress(conn);
    }
    flush_done(conn);
}

static void stall_expired(struct timer *timer)
{
    struct conn *conn = conn_of_timer(timer);

    if (!conn->discarding) metrics_add(conn->net->metrics, METRIC_STALLED_CLOSED, 1);
    conn_close(conn, conn->discarding ? RESULT_CLOSED : RESULT_FULL);
}

/* ---- in ---- */

static enum result receive(struct conn *conn, uint8_t *bytes, size_t capacity_bytes, size_t *got)
{
    if (conn->tls != NULL) return tls_read(conn->tls, bytes, capacity_bytes, got);

    ssize_t received = recv(conn->fd, bytes, capacity_bytes, 0);
    if (received < 0) {
        bool again = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
        return again ? RESULT_AGAIN : RESULT_IO;
    }
    *got = (size_t)received;
    return received > 0 ? RESULT_OK : RESULT_CLOSED;
}

/* Keeps what the handler left for its next call. */
static void keep(struct conn *conn, const uint8_t *bytes, size_t length_bytes)
{
    if (length_bytes == 0 || !conn_is_open(conn) || conn->discarding) return;
    conn->kept = pool_take(&conn->net->blocks);
    if (conn->kept == NULL) {
        conn_close(conn, RESULT_FULL);
        return;
    }
    bytes_copy(conn->kept, bytes, length_bytes);
    conn->kept_bytes = (uint32_t)length_bytes;
}

/* A handler that hands the conn over leaves the rest of the bytes to the next one. */
static void deliver(struct conn *conn, uint8_t *bytes, size_t length_bytes)
{
    const struct conn_handler *handler = NULL;

    while (length_bytes > 0 && handler != conn->handler && conn_is_open(conn) &&
           !conn->input_paused && !conn->finishing) {
        handler = conn->handler;
        size_t consumed = handler->input(conn, bytes, length_bytes);
        ASSERT(consumed <= length_bytes);
        bytes += consumed;
        length_bytes -= consumed;
    }
    keep(conn, bytes, length_bytes);
}

static void end_of_input(struct conn *conn, enum result why)
{
    if (why == RESULT_CLOSED && conn->sendq.bytes > 0) {
        conn->peer_ended = true;
        conn->input_paused = true;
        return;
    }
    conn_close(conn, why);
}

/* Moves what was kept to the front of the scratch buffer; returns how much that is. */
static size_t take_kept(struct conn *conn)
{
    size_t kept_bytes = conn->kept_bytes;

    if (kept_bytes > 0) bytes_copy(conn->net->scratch, conn->kept, kept_bytes);
    drop_kept(conn);
    return kept_bytes;
}

/* One read, and its delivery behind what was kept; false when there is no more for now. */
static bool read_once(struct conn *conn)
{
    uint8_t *scratch = conn->net->scratch;
    size_t kept_bytes = take_kept(conn), got = 0;

    if (kept_bytes == NET_BLOCK_BYTES) {
        conn_close(conn, RESULT_TOO_BIG);
        return false;
    }
    enum result r = receive(conn, scratch + kept_bytes, NET_BLOCK_BYTES - kept_bytes, &got);
    if (r == RESULT_AGAIN) {
        keep(conn, scratch, kept_bytes);
        return false;
    }
    if (r != RESULT_OK) {
        end_of_input(conn, r);
        return false;
    }
    metrics_add(conn->net->metrics, METRIC_BYTES_IN, got);
    if (!conn->discarding) deliver(conn, scratch, kept_bytes + got);
    /* A plain socket that gave less than asked is empty: epoll, level-triggered, tells of more. */
    return conn->tls != NULL || got == NET_BLOCK_BYTES - kept_bytes;
}

static bool is_readable(const struct conn *conn)
{
    return conn_is_open(conn) && !conn->input_paused && (!conn->finishing || conn->discarding);
}

static void read_input(struct conn *conn)
{
    for (unsigned i = 0; is_readable(conn); i++) {
        bool has_pending = conn->tls != NULL && tls_has_pending(conn->tls);
        if (i >= READS_PER_TURN && !has_pending) return;
        if (!read_once(conn)) return;
    }
}

/* TLS may hold more of what came with these bytes, of which no poller will tell. */
void conn_feed(struct conn *conn, const uint8_t *bytes, size_t length_bytes)
{
    ASSERT(length_bytes <= NET_BLOCK_BYTES);
    bytes_copy(conn->net->scratch, bytes, length_bytes);
    deliver(conn, conn->net->scratch, length_bytes);
    if (is_readable(conn) && conn->tls != NULL && tls_has_pending(conn->tls)) read_input(conn);
    update_events(conn);
}

/* ---- the PROXY header, in front of all else ---- */

/* The header's bytes so far stand in `kept`. Reads up to the `wanted` first ones and no more: what
 * is behind belongs to others. */
static enum result read_header_bytes(struct conn *conn, size_t wanted)
{
    ssize_t got = recv(conn->fd, conn->kept + conn->kept_bytes, wanted - conn->kept_bytes, 0);

    if (got < 0) return errno == EAGAIN || errno == EINTR ? RESULT_AGAIN : RESULT_IO;
    conn->kept_bytes += (uint32_t)got;
    return got == 0 ? RESULT_CLOSED : RESULT_OK;
}

static enum result read_header(struct conn *conn, struct proxy_header *header)
{
    if (conn->kept == NULL) conn->kept = pool_take(&conn->net->blocks);
    if (conn->kept == NULL) return RESULT_FULL;

    enum result r = proxy_header_parse(header, conn->kept, conn->kept_bytes);
    while (r == RESULT_AGAIN) {
        r = read_header_bytes(conn, header->header_bytes);
        if (r != RESULT_OK) return r;
        r = proxy_header_parse(header, conn->kept, conn->kept_bytes);
    }
    return r;
}

/* From here on the conn is that of the client behind the proxy, with its caps. */
static enum result take_header(struct conn *conn, const struct proxy_header *header)
{
    drop_kept(conn);
    conn->may_be_proxied = false;
    if (!header->has_address) return RESULT_OK;
    conn->is_proxied = true;
    conn->peer = header->source;
    return net_admit(conn->net, &conn->peer, &conn->cap);
}

/* Not RESULT_OK: there is more to wait for, or the conn is closed. */
static enum result settle_peer(struct conn *conn)
{
    struct proxy_header header;
    uint8_t first;

    if (conn->kept == NULL) {
        ssize_t got = recv(conn->fd, &first, 1, MSG_PEEK);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return RESULT_AGAIN;
        if (got <= 0 || first != PROXY_HEADER_FIRST_BYTE) {
            conn->may_be_proxied = false;
            return RESULT_OK;
        }
    }
    enum result r = read_header(conn, &header);
    if (r == RESULT_OK) r = take_header(conn, &header);
    if (r != RESULT_OK && r != RESULT_AGAIN) conn_close(conn, r);
    return r;
}

/* ---- the poller's call ---- */

static void continue_handshake(struct conn *conn)
{
    enum result r = tls_handshake(conn->tls);

    if (r == RESULT_AGAIN) return;
    if (r != RESULT_OK) {
        metrics_add(conn->net->metrics, METRIC_TLS_FAILURES, 1);
        net_log_refusal(conn->net, &conn->peer, tls_failure(conn->tls));
        conn_close(conn, RESULT_INVALID);
        return;
    }
    metrics_add(conn->net->metrics, METRIC_TLS_HANDSHAKES, 1);
    conn->in_handshake = false;
    conn->source.rank = POLLER_INPUT;
}

/* Input that a pause held back comes before anything new. */
static void deliver_kept(struct conn *conn)
{
    if (conn->kept_bytes > 0) deliver(conn, conn->net->scratch, take_kept(conn));
}

/* Something came on a parked conn: its end, or a request before the answer to the last, which
 * waits. */
static void look_for_end(struct conn *conn)
{
    uint8_t first;
    ssize_t got = recv(conn->fd, &first, 1, MSG_PEEK);

    if (got == 0)
        conn_close(conn, RESULT_CLOSED);
    else if (got > 0)
        conn->end_armed = false;
    else if (errno != EAGAIN && errno != EINTR)
        conn_close(conn, RESULT_IO);
}

static void conn_ready(struct poller_source *source, uint32_t events)
{
    struct conn *conn = (struct conn *)(void *)((uint8_t *)source - offsetof(struct conn, source));
    bool was_paused = conn->input_paused;

    if (!conn_is_open(conn)) return;
    if (conn->may_be_proxied && settle_peer(conn) != RESULT_OK) return;
    if (conn->in_handshake) continue_handshake(conn);
    if (!conn_is_open(conn) || conn->in_handshake) {
        update_events(conn);
        return;
    }
    if (events & EPOLLOUT && conn->sendq.bytes > 0) flush(conn);
    if (was_paused && is_readable(conn)) deliver_kept(conn);
    if (is_readable(conn))
        read_input(conn);
    else if (conn_is_open(conn) && events & (EPOLLERR | EPOLLHUP))
        conn_close(conn, RESULT_IO);
    else if (conn_is_open(conn) && conn->end_watched && events & EPOLLRDHUP)
        conn_close(conn, RESULT_CLOSED);
    else if (conn_is_open(conn) && conn->end_armed)
        look_for_end(conn);
    update_events(conn);
}

size_t conn_queue_bytes(const struct conn *conn)
{
    return conn->sendq.bytes;
}

size_t conn_unsent_bytes(const struct conn *conn)
{
    int in_kernel = 0;

    if (conn_is_open(conn)) (void)ioctl(conn->fd, SIOCOUTQ, &in_kernel);
    return conn->sendq.bytes + (in_kernel > 0 ? (size_t)in_kernel : 0);
}
