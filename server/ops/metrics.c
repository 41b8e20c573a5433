#include "server/ops/metrics.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "shared/check.h"
#include "shared/version.h"

/* Rows of one family (same `name`) stand together and differ in their label. */
static const struct metric_row {
    const char *name, *label, *help;
} rows[] = {
    [METRIC_CONNECTIONS_ACCEPTED] = {"connections_accepted_total", "", "connections accepted"},
    [METRIC_CONNECTIONS_CLOSED] = {"connections_closed_total", "", "connections ended"},
    [METRIC_CONNECTIONS_REFUSED] = {"connections_refused_total", "",
                                    "connections refused for want of a descriptor or a place"},
    [METRIC_CONNECTIONS_MOVED] = {"connections_moved_total", "",
                                  "connections handed over to the worker of their session"},
    [METRIC_CAPPED_SOCKETS] = {"capped_total", "why=\"sockets\"",
                               "what was beyond the caps of its address"},
    [METRIC_CAPPED_RATE] = {"capped_total", "why=\"rate\"",
                            "what was beyond the caps of its address"},
    [METRIC_CAPPED_REQUESTS] = {"capped_total", "why=\"requests\"",
                                "what was beyond the caps of its address"},
    [METRIC_CAPPED_POLLS] = {"capped_total", "why=\"polls\"",
                             "what was beyond the caps of its address"},
    [METRIC_BYTES_IN] = {"bytes_in_total", "", "bytes read, inside TLS"},
    [METRIC_BYTES_OUT] = {"bytes_out_total", "", "bytes written, inside TLS"},
    [METRIC_SENDQ_FULL] = {"send_queue_full_total", "", "messages refused by a full send queue"},
    [METRIC_STALLED_CLOSED] = {"stalled_closed_total", "", "peers closed that took nothing"},
    [METRIC_TLS_HANDSHAKES] = {"tls_handshakes_total", "", "TLS handshakes completed"},
    [METRIC_TLS_FAILURES] = {"tls_failures_total", "", "TLS handshakes failed"},
    [METRIC_HTTP_REQUESTS] = {"http_requests_total", "", "HTTP requests read"},
    [METRIC_HTTP_RESPONSES_2XX] = {"http_responses_total", "class=\"2xx\"", "HTTP responses"},
    [METRIC_HTTP_RESPONSES_3XX] = {"http_responses_total", "class=\"3xx\"", "HTTP responses"},
    [METRIC_HTTP_RESPONSES_4XX] = {"http_responses_total", "class=\"4xx\"", "HTTP responses"},
    [METRIC_HTTP_RESPONSES_5XX] = {"http_responses_total", "class=\"5xx\"", "HTTP responses"},
    [METRIC_HTTP_TIMEOUTS] = {"http_timeouts_total", "", "connections that never sent a head"},
    [METRIC_HTTP_REFUSED_HEAD] = {"http_refused_total", "why=\"head\"",
                                  "HTTP requests refused for what they are"},
    [METRIC_HTTP_REFUSED_BODY] = {"http_refused_total", "why=\"body\"",
                                  "HTTP requests refused for what they are"},
    [METRIC_HTTP_REFUSED_RULE] = {"http_refused_total", "why=\"rule\"",
                                  "HTTP requests refused for what they are"},
    [METRIC_HTTP_REFUSED_HOST] = {"http_refused_total", "why=\"host\"",
                                  "HTTP requests refused for what they are"},
    [METRIC_HTTP_REFUSED_ACCESS] = {"http_refused_total", "why=\"access\"",
                                    "HTTP requests refused for what they are"},
    [METRIC_WS_OPENED] = {"websockets_opened_total", "", "WebSockets opened"},
    [METRIC_WS_CLOSED] = {"websockets_closed_total", "", "WebSockets ended"},
    [METRIC_WS_MESSAGES_IN] = {"messages_in_total", "", "WebSocket messages received"},
    [METRIC_WS_MESSAGES_OUT] = {"messages_out_total", "", "WebSocket messages sent"},
    [METRIC_WS_BREACHES_PROTOCOL] = {"websocket_breaches_total", "why=\"protocol\"",
                                     "WebSockets closed for broken rules"},
    [METRIC_WS_BREACHES_DATA] = {"websocket_breaches_total", "why=\"data\"",
                                 "WebSockets closed for broken rules"},
    [METRIC_WS_BREACHES_SIZE] = {"websocket_breaches_total", "why=\"size\"",
                                 "WebSockets closed for broken rules"},
    [METRIC_WS_BREACHES_FRAGMENTS] = {"websocket_breaches_total", "why=\"fragments\"",
                                      "WebSockets closed for broken rules"},
    [METRIC_WS_BREACHES_TIME] = {"websocket_breaches_total", "why=\"time\"",
                                 "WebSockets closed for broken rules"},
    [METRIC_WS_BREACHES_MEMORY] = {"websocket_breaches_total", "why=\"memory\"",
                                   "WebSockets closed for broken rules"},
    [METRIC_WS_RATE_MESSAGES] = {"rate_limited_total", "why=\"messages\"",
                                 "WebSockets closed for their rate"},
    [METRIC_WS_RATE_BYTES] = {"rate_limited_total", "why=\"bytes\"",
                              "WebSockets closed for their rate"},
    [METRIC_WS_RATE_CONTROLS] = {"rate_limited_total", "why=\"controls\"",
                                 "WebSockets closed for their rate"},
    [METRIC_WS_SILENT_CLOSED] = {"silent_closed_total", "", "peers that did not answer a ping"},
    [METRIC_WS_DEFLATE_AGREED] = {"websockets_deflate_total", "",
                                  "WebSockets that agreed on permessage-deflate"},
    [METRIC_WS_DEFLATE_DECLINED] = {"websockets_deflate_declined_total", "",
                                    "WebSockets whose compression had no place in its budget"},
    [METRIC_DEFLATE_IN_BYTES] = {"deflate_in_bytes_total", "", "bytes of messages compressed"},
    [METRIC_DEFLATE_OUT_BYTES] = {"deflate_out_bytes_total", "", "bytes that came of them"},
    [METRIC_EIO_OPENED] = {"engine_sessions_opened_total", "", "Engine.IO sessions opened"},
    [METRIC_EIO_CLOSED] = {"engine_sessions_closed_total", "", "Engine.IO sessions ended"},
    [METRIC_EIO_UPGRADED] = {"engine_upgrades_total", "",
                             "Engine.IO sessions that went from polling to a WebSocket"},
    [METRIC_EIO_BREACHES] = {"engine_breaches_total", "",
                             "Engine.IO sessions closed for broken rules"},
    [METRIC_INPUTS_REFUSED] = {"inputs_refused_total", "",
                               "messages of players that could not be read"},
    [METRIC_SESSIONS_JOINED] = {"sessions_joined_total", "", "sessions that joined a room"},
    [METRIC_SESSIONS_LEFT] = {"sessions_left_total", "", "sessions that left their room"},
    [METRIC_SESSIONS_RESUMED] = {"sessions_resumed_total", "", "seats taken up again by token"},
    [METRIC_SESSIONS_REFUSED] = {"sessions_refused_total", "", "sessions refused with a bye"},
    [METRIC_USERCMDS] = {"usercmds_total", "", "usercmds received"},
    [METRIC_USERCMDS_DROPPED] = {"usercmds_dropped_total", "", "usercmds a full mailbox refused"},
    [METRIC_UPDATES_SENT] = {"updates_sent_total", "", "snapshots sent"},
    [METRIC_UPDATES_FULL] = {"updates_full_total", "", "snapshots sent whole"},
    [METRIC_UPDATES_HELD] = {"updates_held_total", "", "snapshots held back by the gate"},
    [METRIC_UPDATES_PARTIAL] = {"updates_partial_total", "",
                                "snapshots that left some entities for the next ones"},
    [METRIC_FRAGMENTS_BUILT] = {"fragments_built_total", "",
                                "updates of one entity encoded for all clients in step"},
    [METRIC_FRAGMENTS_APPENDED] = {"fragments_appended_total", "",
                                   "updates of one entity put into a snapshot"},
    [METRIC_GATE_OPEN] = {"gate_ticks_total", "state=\"open\"", "session ticks by gate state"},
    [METRIC_GATE_HOLD] = {"gate_ticks_total", "state=\"hold\"", "session ticks by gate state"},
    [METRIC_GATE_STALLED] = {"gate_ticks_total", "state=\"stalled\"",
                             "session ticks by gate state"},
    [METRIC_GATE_CLOSING] = {"gate_ticks_total", "state=\"closing\"",
                             "session ticks by gate state"},
    [METRIC_GATE_TO_OPEN] = {"gate_transitions_total", "to=\"open\"", "changes of gate state"},
    [METRIC_GATE_TO_HOLD] = {"gate_transitions_total", "to=\"hold\"", "changes of gate state"},
    [METRIC_GATE_TO_STALLED] = {"gate_transitions_total", "to=\"stalled\"",
                                "changes of gate state"},
    [METRIC_GATE_TO_CLOSING] = {"gate_transitions_total", "to=\"closing\"",
                                "changes of gate state"},
    [METRIC_SQUEEZE_TO_ALL] = {"squeeze_transitions_total", "to=\"all\"",
                               "changes of how much a session is sent"},
    [METRIC_SQUEEZE_TO_BYTES] = {"squeeze_transitions_total", "to=\"bytes\"",
                                 "changes of how much a session is sent"},
    [METRIC_SQUEEZE_TO_10_HZ] = {"squeeze_transitions_total", "to=\"10hz\"",
                                 "changes of how much a session is sent"},
    [METRIC_SQUEEZE_TO_5_HZ] = {"squeeze_transitions_total", "to=\"5hz\"",
                                "changes of how much a session is sent"},
    [METRIC_SQUEEZES_BEGUN] = {"squeezes_begun_total", "", "sessions that began to be sent less"},
    [METRIC_SQUEEZES_ENDED] = {"squeezes_ended_total", "", "those that got all again, or ended"},
    [METRIC_TICKS] = {"ticks_total", "", "room ticks run"},
    [METRIC_TICKS_LATE] = {"ticks_late_total", "", "room ticks that began late"},
    [METRIC_TICKS_DROPPED] = {"ticks_dropped_total", "", "room ticks given up"},
    [METRIC_FRAMES_SKIPPED] = {"frames_skipped_total", "", "frames a late worker passed over"},
    [METRIC_ROOMS_MADE] = {"rooms_made_total", "", "rooms made"},
    [METRIC_ROOMS_FREED] = {"rooms_freed_total", "", "empty rooms freed"},
    [METRIC_ROOMS_REFUSED] = {"rooms_refused_total", "", "rooms not made for want of a place"},
    [METRIC_ROOMS_WOKEN] = {"rooms_woken_total", "", "rooms whose ticks began"},
    [METRIC_ROOMS_SLEPT] = {"rooms_slept_total", "", "rooms whose ticks ended for want of players"},
    [METRIC_ROOM_RECORDS_BEGUN] = {"room_records_begun_total", "",
                                   "rooms that began to be recorded"},
    [METRIC_ROOM_RECORDS_ENDED] = {"room_records_ended_total", "", "rooms that ceased to be"},
    [METRIC_ROOM_RECORDS_REFUSED] = {"room_records_refused_total", "",
                                     "rooms with players that were too many to be recorded"},
    [METRIC_RECORD_CHUNKS] = {"record_chunks_total", "", "chunks recorded"},
    [METRIC_RECORD_DROPPED] = {"record_dropped_total", "",
                               "ticks that a full ring or a failed disk kept from being recorded"},
    [METRIC_RECORD_FAILURES] = {"record_failures_total", "",
                                "times that the disk ended a recording or refused a new one"},
    [METRIC_RECORD_INCOMPLETE] = {"record_incomplete_total", "",
                                  "recordings that ended with ticks missing"},
    [METRIC_RECORD_DELETED] = {"record_deleted_total", "",
                               "recordings deleted by their age or the size of all"},
    [METRIC_PLAYBACKS_STARTED] = {"playbacks_started_total", "", "recordings begun to be watched"},
    [METRIC_PLAYBACKS_ENDED] = {"playbacks_ended_total", "", "and ended"},
    [METRIC_PLAYBACKS_REFUSED] = {"playbacks_refused_total", "",
                                  "watchers beyond playbacks_max or address_playbacks_max"},
};
_Static_assert(sizeof rows / sizeof rows[0] == METRIC_COUNT, "a row for each metric");

/* A gauge is the difference of two counters, so that nothing is ever counted down. */
static const struct gauge_row {
    const char *name, *help;
    enum metric plus, minus;
} gauges[] = {
    {"connections", "connections open", METRIC_CONNECTIONS_ACCEPTED, METRIC_CONNECTIONS_CLOSED},
    {"websockets", "WebSockets open", METRIC_WS_OPENED, METRIC_WS_CLOSED},
    {"rooms", "rooms there are", METRIC_ROOMS_MADE, METRIC_ROOMS_FREED},
    {"rooms_awake", "rooms that run", METRIC_ROOMS_WOKEN, METRIC_ROOMS_SLEPT},
    {"rooms_recorded", "rooms that are recorded", METRIC_ROOM_RECORDS_BEGUN,
     METRIC_ROOM_RECORDS_ENDED},
    {"engine_sessions", "Engine.IO sessions open", METRIC_EIO_OPENED, METRIC_EIO_CLOSED},
    {"sessions", "sessions in a room", METRIC_SESSIONS_JOINED, METRIC_SESSIONS_LEFT},
    {"sessions_squeezed", "sessions that are sent less than all", METRIC_SQUEEZES_BEGUN,
     METRIC_SQUEEZES_ENDED},
    {"playbacks", "recordings being watched", METRIC_PLAYBACKS_STARTED, METRIC_PLAYBACKS_ENDED},
};

static const struct histogram_row {
    const char *name, *help;
} histogram_rows[] = {
    [HISTOGRAM_TICK_START_DELAY] = {"tick_start_delay_seconds", "scheduled to actual tick start"},
    [HISTOGRAM_TICK_DURATION] = {"tick_duration_seconds", "one tick of one room"},
    [HISTOGRAM_ACK_AGE] = {"ack_age_seconds", "age of the oldest unacknowledged snapshot"},
    [HISTOGRAM_TURN_DURATION] = {"worker_turn_seconds", "one turn of a worker's loop"},
};
_Static_assert(sizeof histogram_rows / sizeof histogram_rows[0] == HISTOGRAM_COUNT, "a row each");

static const struct bucket {
    uint64_t bound_us;
    const char *bound_s;
} buckets[] = {
    {50, "0.00005"},  {100, "0.0001"},  {250, "0.00025"}, {500, "0.0005"},
    {1000, "0.001"},  {1500, "0.0015"}, {2500, "0.0025"}, {3500, "0.0035"},
    {5000, "0.005"},  {7500, "0.0075"}, {10000, "0.01"},  {15000, "0.015"},
    {25000, "0.025"}, {50000, "0.05"},  {100000, "0.1"},  {250000, "0.25"},
    {500000, "0.5"},  {1000000, "1"},   {2500000, "2.5"}, {UINT64_MAX, "+Inf"},
};
_Static_assert(sizeof buckets / sizeof buckets[0] == HISTOGRAM_BUCKETS, "a bound each");

void metrics_observe_us(struct metrics *m, enum histogram histogram, uint64_t value_us)
{
    struct metrics_histogram *h = &m->histograms[histogram];
    unsigned bucket = 0;

    while (value_us > buckets[bucket].bound_us)
        bucket++;
    uint64_t count = atomic_load_explicit(&h->counts[bucket], memory_order_relaxed) + 1;
    uint64_t sum_us = atomic_load_explicit(&h->sum_us, memory_order_relaxed) + value_us;
    atomic_store_explicit(&h->counts[bucket], count, memory_order_relaxed);
    atomic_store_explicit(&h->sum_us, sum_us, memory_order_relaxed);
}

void metrics_register(struct metrics_registry *registry, const struct metrics *part)
{
    ASSERT(registry->count < METRICS_PARTS_MAX);
    registry->parts[registry->count++] = part;
}

void metrics_remove(struct metrics_registry *registry, const struct metrics *part)
{
    for (size_t i = 0; i < registry->count; i++) {
        if (registry->parts[i] != part) continue;
        registry->parts[i] = registry->parts[--registry->count];
        return;
    }
}

uint64_t metrics_total(const struct metrics_registry *registry, enum metric metric)
{
    uint64_t total = 0;
    for (size_t i = 0; i < registry->count; i++)
        total += atomic_load_explicit(&registry->parts[i]->values[metric], memory_order_relaxed);
    return total;
}

struct text {
    char *bytes;
    size_t capacity_bytes, used_bytes;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    va_list arguments;
    size_t free_bytes = t->capacity_bytes - t->used_bytes;

    va_start(arguments, format);
    int length = vsnprintf(t->bytes + t->used_bytes, free_bytes, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < free_bytes) t->used_bytes += (size_t)length;
}

static void put_family(struct text *t, const char *name, const char *help, const char *type)
{
    put(t, "# HELP tickwire_%s %s\n# TYPE tickwire_%s %s\n", name, help, name, type);
}

static void put_counters(struct text *t, const struct metrics_registry *registry)
{
    for (unsigned i = 0; i < METRIC_COUNT; i++) {
        const struct metric_row *row = &rows[i];
        bool labelled = row->label[0] != '\0';
        if (i == 0 || strcmp(rows[i - 1].name, row->name) != 0)
            put_family(t, row->name, row->help, "counter");
        put(t, "tickwire_%s%s%s%s %llu\n", row->name, labelled ? "{" : "", row->label,
            labelled ? "}" : "", (unsigned long long)metrics_total(registry, (enum metric)i));
    }
}

/* The two counters are read one after the other: a gauge never shows less than nothing. */
static void put_gauges(struct text *t, const struct metrics_registry *registry)
{
    for (size_t i = 0; i < sizeof gauges / sizeof gauges[0]; i++) {
        uint64_t minus = metrics_total(registry, gauges[i].minus);
        uint64_t plus = metrics_total(registry, gauges[i].plus);
        put_family(t, gauges[i].name, gauges[i].help, "gauge");
        put(t, "tickwire_%s %llu\n", gauges[i].name,
            (unsigned long long)(plus > minus ? plus - minus : 0));
    }
}

static void put_histogram(struct text *t, const struct metrics_registry *registry,
                          enum histogram histogram)
{
    const char *name = histogram_rows[histogram].name;
    uint64_t below = 0, sum_us = 0;

    put_family(t, name, histogram_rows[histogram].help, "histogram");
    for (size_t p = 0; p < registry->count; p++)
        sum_us += atomic_load_explicit(&registry->parts[p]->histograms[histogram].sum_us,
                                       memory_order_relaxed);
    for (unsigned b = 0; b < HISTOGRAM_BUCKETS; b++) {
        for (size_t p = 0; p < registry->count; p++)
            below += atomic_load_explicit(&registry->parts[p]->histograms[histogram].counts[b],
                                          memory_order_relaxed);
        put(t, "tickwire_%s_bucket{le=\"%s\"} %llu\n", name, buckets[b].bound_s,
            (unsigned long long)below);
    }
    put(t, "tickwire_%s_sum %llu.%06u\ntickwire_%s_count %llu\n", name,
        (unsigned long long)(sum_us / 1000000), (unsigned)(sum_us % 1000000), name,
        (unsigned long long)below);
}

size_t metrics_write(const struct metrics_registry *registry, char *text, size_t capacity_bytes)
{
    struct text t = {.bytes = text, .capacity_bytes = capacity_bytes};

    put_family(&t, "info", "which Tickwire this is", "gauge");
    put(&t, "tickwire_info{version=\"%s\",node=\"%s\"} 1\n", TICKWIRE_VERSION,
        registry->node != NULL ? registry->node : "");
    put_counters(&t, registry);
    put_gauges(&t, registry);
    for (unsigned i = 0; i < HISTOGRAM_COUNT; i++)
        put_histogram(&t, registry, (enum histogram)i);
    return t.used_bytes;
}
