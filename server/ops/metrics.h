/* metrics.h - counters, gauges and histograms, and their text for Prometheus.
 *
 * Place:   every thread that counts owns one struct metrics and writes it alone, by plain relaxed
 *          stores; /metrics adds up all parts, each value a moment old. A new figure is one
 *          enum constant and one row of the table in metrics.c.
 * Memory:  a part belongs to its thread's struct; the registry borrows it until metrics_remove().
 * Source:  Prometheus text exposition format 0.0.4.
 */
#ifndef TICKWIRE_SERVER_OPS_METRICS_H
#define TICKWIRE_SERVER_OPS_METRICS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum metric {
    METRIC_CONNECTIONS_ACCEPTED,
    METRIC_CONNECTIONS_CLOSED,
    METRIC_CONNECTIONS_REFUSED, /* no descriptor or no place in the pool */
    METRIC_CONNECTIONS_MOVED,
    METRIC_CAPPED_SOCKETS,
    METRIC_CAPPED_RATE,
    METRIC_CAPPED_REQUESTS,
    METRIC_CAPPED_POLLS,
    METRIC_BYTES_IN,
    METRIC_BYTES_OUT,
    METRIC_SENDQ_FULL,
    METRIC_STALLED_CLOSED,
    METRIC_TLS_HANDSHAKES,
    METRIC_TLS_FAILURES,
    METRIC_HTTP_REQUESTS,
    METRIC_HTTP_RESPONSES_2XX,
    METRIC_HTTP_RESPONSES_3XX,
    METRIC_HTTP_RESPONSES_4XX,
    METRIC_HTTP_RESPONSES_5XX,
    METRIC_HTTP_TIMEOUTS,
    METRIC_HTTP_REFUSED_HEAD,   /* 414, 431 */
    METRIC_HTTP_REFUSED_BODY,   /* 411, 413 */
    METRIC_HTTP_REFUSED_RULE,   /* 400, 417, 501, 505 */
    METRIC_HTTP_REFUSED_HOST,   /* 421 */
    METRIC_HTTP_REFUSED_ACCESS, /* 403: a foreign Origin, a page for operators */
    METRIC_WS_OPENED,
    METRIC_WS_CLOSED,
    METRIC_WS_MESSAGES_IN,
    METRIC_WS_MESSAGES_OUT,
    METRIC_WS_BREACHES_PROTOCOL,
    METRIC_WS_BREACHES_DATA,      /* no UTF-8, no deflated data */
    METRIC_WS_BREACHES_SIZE,      /* of a message */
    METRIC_WS_BREACHES_FRAGMENTS, /* of a message */
    METRIC_WS_BREACHES_TIME,      /* of a message */
    METRIC_WS_BREACHES_MEMORY,    /* none left for it: ours, not theirs */
    METRIC_WS_RATE_MESSAGES,
    METRIC_WS_RATE_BYTES,
    METRIC_WS_RATE_CONTROLS,
    METRIC_WS_SILENT_CLOSED,
    METRIC_WS_DEFLATE_AGREED,
    METRIC_WS_DEFLATE_DECLINED, /* beyond the budget */
    METRIC_DEFLATE_IN_BYTES,
    METRIC_DEFLATE_OUT_BYTES,
    METRIC_EIO_OPENED,
    METRIC_EIO_CLOSED,
    METRIC_EIO_UPGRADED,
    METRIC_EIO_BREACHES,
    METRIC_INPUTS_REFUSED,
    METRIC_SESSIONS_JOINED,
    METRIC_SESSIONS_LEFT,
    METRIC_SESSIONS_RESUMED,
    METRIC_SESSIONS_REFUSED,
    METRIC_USERCMDS,
    METRIC_USERCMDS_DROPPED,
    METRIC_UPDATES_SENT,
    METRIC_UPDATES_FULL,
    METRIC_UPDATES_HELD,
    METRIC_UPDATES_PARTIAL,
    METRIC_FRAGMENTS_BUILT,
    METRIC_FRAGMENTS_APPENDED,
    METRIC_GATE_OPEN,
    METRIC_GATE_HOLD,
    METRIC_GATE_STALLED,
    METRIC_GATE_CLOSING,
    METRIC_GATE_TO_OPEN,
    METRIC_GATE_TO_HOLD,
    METRIC_GATE_TO_STALLED,
    METRIC_GATE_TO_CLOSING,
    METRIC_SQUEEZE_TO_ALL,
    METRIC_SQUEEZE_TO_BYTES,
    METRIC_SQUEEZE_TO_10_HZ,
    METRIC_SQUEEZE_TO_5_HZ,
    METRIC_SQUEEZES_BEGUN,
    METRIC_SQUEEZES_ENDED,
    METRIC_TICKS,
    METRIC_TICKS_LATE,
    METRIC_TICKS_DROPPED,
    METRIC_FRAMES_SKIPPED, /* by a late worker */
    METRIC_ROOMS_MADE,
    METRIC_ROOMS_FREED,
    METRIC_ROOMS_REFUSED, /* no place for one more */
    METRIC_ROOMS_WOKEN,
    METRIC_ROOMS_SLEPT,
    METRIC_ROOM_RECORDS_BEGUN,
    METRIC_ROOM_RECORDS_ENDED,
    METRIC_ROOM_RECORDS_REFUSED, /* enough rooms are recorded already */
    METRIC_RECORD_CHUNKS,
    METRIC_RECORD_DROPPED,
    METRIC_RECORD_FAILURES,
    METRIC_RECORD_INCOMPLETE,
    METRIC_RECORD_DELETED,
    METRIC_PLAYBACKS_STARTED,
    METRIC_PLAYBACKS_ENDED,
    METRIC_PLAYBACKS_REFUSED,
    METRIC_COUNT
};

enum histogram {
    HISTOGRAM_TICK_START_DELAY,
    HISTOGRAM_TICK_DURATION,
    HISTOGRAM_ACK_AGE,
    HISTOGRAM_TURN_DURATION,
    HISTOGRAM_COUNT
};

#define HISTOGRAM_BUCKETS 20 /* the last one has no upper bound */
#define METRICS_PARTS_MAX 256

struct metrics_histogram {
    _Atomic uint64_t counts[HISTOGRAM_BUCKETS];
    _Atomic uint64_t sum_us;
};

struct metrics {
    _Atomic uint64_t values[METRIC_COUNT];
    struct metrics_histogram histograms[HISTOGRAM_COUNT];
};

/* The parts, added while the server starts and removed once their threads have ended. */
struct metrics_registry {
    const char *node; /* borrowed: the server's name, [A-Za-z0-9_-]*; NULL: none */
    const struct metrics *parts[METRICS_PARTS_MAX];
    size_t count;
};

static inline void metrics_add(struct metrics *m, enum metric metric, uint64_t amount)
{
    _Atomic uint64_t *value = &m->values[metric];
    uint64_t now = atomic_load_explicit(value, memory_order_relaxed) + amount;
    atomic_store_explicit(value, now, memory_order_relaxed);
}

void metrics_observe_us(struct metrics *m, enum histogram histogram, uint64_t value_us);

void metrics_register(struct metrics_registry *registry, const struct metrics *part);
void metrics_remove(struct metrics_registry *registry, const struct metrics *part);

/* The sum over all parts. */
uint64_t metrics_total(const struct metrics_registry *registry, enum metric metric);

/* Writes the exposition text and returns its length, cut at `capacity_bytes` (64 KiB hold it). */
size_t metrics_write(const struct metrics_registry *registry, char *text, size_t capacity_bytes);

#endif
