#include "server/session/session_out.h"

#include "server/server.h"
#include "server/session/hub.h"
#include "server/session/ration.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"
#include "shared/ws_close.h"

#define PING_MARK  'T' /* a PING of the gate: this, then the tick, 4 bytes, lowest first */
#define PING_BYTES 5

#define CACHE_LINE_BYTES 64
#define CARRIER_BYTES    192 /* of a link's carrier: what a send looks at first */

#define NAMES_SQUEEZED 2 /* in a message of a session that is to be sent less */

/* ---- whether it may leave ---- */

static bool has_unsent_frame(const struct session *s)
{
    const struct frame *newest = s->viewer.view->newest;
    if (newest == NULL) return false;
    return !s->viewer.has_base || tick_is_newer(newest->tick, s->viewer.base_tick);
}

/* Asks the gate; the kernel's count is fetched only when it could change the answer. */
static enum gate_state ask_gate(struct session *s)
{
    uint32_t queue_bytes = (uint32_t)s->link->queue_bytes(s->carrier);
    uint32_t unsent_bytes = queue_bytes;
    gate_note_lag(&s->gate, s->viewer.view->lag_ms);
    bool is_late = gate_age_ms(&s->gate, hub_now_ms(s->hub)) > gate_limit_ms(&s->gate);
    if (is_late || s->gate.count == GATE_FLIGHTS_MAX) {
        unsent_bytes = (uint32_t)s->link->unsent_bytes(s->carrier);
        if (unsent_bytes == 0 && !s->link->is_indirect(s->carrier))
            gate_drained(&s->gate, hub_now_ms(s->hub));
    }
    metrics_observe_us(hub_metrics(s->hub), HISTOGRAM_ACK_AGE,
                       (uint64_t)gate_age_ms(&s->gate, hub_now_ms(s->hub)) * 1000);
    static const enum metric entered[GATE_STATE_COUNT] = {[GATE_OPEN] = METRIC_GATE_TO_OPEN,
                                                          [GATE_HOLD] = METRIC_GATE_TO_HOLD,
                                                          [GATE_STALLED] = METRIC_GATE_TO_STALLED,
                                                          [GATE_CLOSING] = METRIC_GATE_TO_CLOSING};
    uint8_t former = s->gate.state;
    enum gate_state state = gate_step(&s->gate, hub_now_ms(s->hub), queue_bytes, unsent_bytes);
    if (state != former) metrics_add(hub_metrics(s->hub), entered[state], 1);
    return state;
}

/* Counts whether the newest tick could leave; squeezes, or lets go. */
static void note_tick(struct session *s, bool is_held)
{
    static const enum metric entered[SQUEEZE_STEP_COUNT] = {
        [SQUEEZE_ALL] = METRIC_SQUEEZE_TO_ALL,
        [SQUEEZE_BYTES] = METRIC_SQUEEZE_TO_BYTES,
        [SQUEEZE_10_HZ] = METRIC_SQUEEZE_TO_10_HZ,
        [SQUEEZE_5_HZ] = METRIC_SQUEEZE_TO_5_HZ};
    struct squeeze *q = &s->squeeze;
    uint8_t former = q->step;
    uint32_t tick = s->viewer.view->newest->tick;
    if (squeeze_has_noted(q, tick) || !squeeze_is_due(q, tick)) return;
    room_view_note_hold(s->viewer.view, is_held);
    bool is_narrow = is_held && !room_view_is_busy(s->viewer.view);
    if (!squeeze_note_tick(q, tick, is_narrow, &s->flavour->update_bytes, hub_now_ms(s->hub)))
        return;
    gate_relearn(&s->gate);
    s->viewer.names_max = q->step == SQUEEZE_ALL ? SNAPSHOT_NAMES_MAX : NAMES_SQUEEZED;
    metrics_add(hub_metrics(s->hub), entered[q->step], 1);
    if (former == SQUEEZE_ALL) metrics_add(hub_metrics(s->hub), METRIC_SQUEEZES_BEGUN, 1);
    if (q->step == SQUEEZE_ALL) metrics_add(hub_metrics(s->hub), METRIC_SQUEEZES_ENDED, 1);
}

/* One that was held is due as soon as it may leave. */
static bool is_due(const struct session *s)
{
    return s->watch != NULL || s->gate.state != GATE_OPEN || !s->viewer.has_base ||
           squeeze_is_due(&s->squeeze, s->viewer.view->newest->tick);
}

static bool fill_echo(struct session *s, const struct frame *now, struct snapshot_echo *echo)
{
    if (!s->has_stamp || hub_now_ms(s->hub) - s->echoed_ms < SESSION_ECHO_MS) return false;
    uint64_t now_us = s->hub->worker->net.now_us;
    uint64_t due_us = room_view_due_us(s->viewer.view, now);
    *echo = (struct snapshot_echo){
        .stamp_ms = s->stamp_ms,
        .hold_ms = hub_now_ms(s->hub) - s->stamp_came_ms,
        .late_100us = now_us > due_us ? (uint32_t)((now_us - due_us) / 100) : 0,
        .cadence = (uint8_t)squeeze_cadence(&s->squeeze),
        .queued = s->seat < now->seat_count ? now->seats[s->seat].queued : 0};
    s->echoed_ms = hub_now_ms(s->hub);
    return true;
}

static void follow_with_ping(struct session *s)
{
    if (!gate_wants_ping(&s->gate, hub_now_ms(s->hub))) return;
    uint32_t tick = s->viewer.base_tick;
    const uint8_t payload[PING_BYTES] = {PING_MARK, (uint8_t)tick, (uint8_t)(tick >> 8),
                                         (uint8_t)(tick >> 16), (uint8_t)(tick >> 24)};
    if (s->link->ping(s->carrier, payload, sizeof payload) == RESULT_OK)
        gate_pinged(&s->gate, hub_now_ms(s->hub));
}

/* Says how much comes from now on, if that has changed. */
static void tell_pace(struct session *s)
{
    const struct squeeze *q = &s->squeeze;
    if (s->told_step == q->step) return;
    struct message_pace pace = {.cadence = (uint8_t)squeeze_cadence(q),
                                .update_bytes =
                                    (uint16_t)squeeze_budget_bytes(q, &s->flavour->update_bytes)};
    size_t length = s->flavour->write_pace(&pace, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    if (session_send(s, length) == RESULT_OK) s->told_step = q->step;
}

/* The snapshot of the plan is that long: if it may not be, makes the plan a partial one. */
static bool leave_out(struct session *s, size_t length_bytes)
{
    struct viewer_plan *plan = &s->hub->plan;
    uint32_t budget_bytes = squeeze_budget_bytes(&s->squeeze, &s->flavour->update_bytes);
    if (plan->base == NULL || length_bytes <= budget_bytes) return false;
    s->flavour->measure_updates(&s->viewer, plan);
    if (!ration_choose(&s->viewer, plan, (uint32_t)length_bytes, budget_bytes)) return false;
    metrics_add(hub_metrics(s->hub), METRIC_UPDATES_PARTIAL, 1);
    return true;
}

uint32_t session_joined_tick(const struct session *s)
{
    const struct lines *lines = &s->viewer.view->lines;
    struct room_stats stats;
    if (lines->has_first) return lines->last_tick;
    room_read_stats(s->room, &stats);
    return stats.tick;
}

static bool tells_all_lines(const struct session *s)
{
    return s->hub->plan.next_line == s->viewer.view->lines.end;
}

bool session_tells_lines(const struct session *s, uint32_t *tick)
{
    const struct viewer_plan *plan = &s->hub->plan;
    if (plan->line_count == 0) return false;
    if (tells_all_lines(s)) *tick = plan->now->tick;
    return true;
}

/* Where lines are messages of their own: all of the plan's, or the session's end. */
static void send_each_line(struct session *s)
{
    struct viewer_plan *plan = &s->hub->plan;
    enum result r = RESULT_OK;

    for (uint32_t i = 0; i < plan->line_count && r == RESULT_OK; i++) {
        size_t length =
            s->flavour->write_line(&s->viewer, plan, i, hub_payload(s->hub), HUB_MESSAGE_BYTES);
        ASSERT(length > 0);
        r = s->link->send_line(s->carrier, hub_payload(s->hub), length, plan->now->tick,
                               i + 1 == plan->line_count && tells_all_lines(s));
    }
    if (r != RESULT_OK)
        session_end(s, WS_CLOSE_OVERLOAD, "your link is too slow for what happened", true);
}

static void send_snapshot(struct session *s)
{
    struct viewer_plan *plan = &s->hub->plan;
    struct snapshot_echo echo;
    tell_pace(s);
    if (s->carrier == NULL) return;
    viewer_plan(&s->viewer, plan);
    if (plan->has_lost_lines) {
        session_end(s, WS_CLOSE_OVERLOAD, "your link is too slow for what happened", true);
        return;
    }
    bool has_echo = fill_echo(s, plan->now, &echo);
    size_t length = s->flavour->write_snapshot(&s->viewer, plan, has_echo ? &echo : NULL,
                                               hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    if (leave_out(s, length)) {
        length = s->flavour->write_snapshot(&s->viewer, plan, has_echo ? &echo : NULL,
                                            hub_payload(s->hub), HUB_MESSAGE_BYTES);
    } else if (plan->base != NULL) {
        squeeze_note_bytes(&s->squeeze, (uint32_t)length, plan->header.age_ticks);
    }
    enum result r = session_send(s, length);
    if (r != RESULT_OK || s->carrier == NULL)
        return; /* nothing was sent: the next delta spans the gap */
    if (s->flavour->write_line != NULL) send_each_line(s);
    if (s->carrier == NULL) return;
    viewer_commit(&s->viewer, plan);
    gate_sent(&s->gate, plan->now->tick, hub_now_ms(s->hub));
    if (plan->base == NULL) gate_drain(&s->gate);
    s->sent_count++;
    metrics_add(hub_metrics(s->hub), METRIC_UPDATES_SENT, 1);
    if (plan->base == NULL) metrics_add(hub_metrics(s->hub), METRIC_UPDATES_FULL, 1);
}

static void send_lines(struct session *s)
{
    struct viewer_plan *plan = &s->hub->plan;
    viewer_plan_lines(&s->viewer, plan);
    if (plan->line_count == 0 || s->link->queue_bytes(s->carrier) > 0) return;
    size_t length =
        s->flavour->write_lines(&s->viewer, plan, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    ASSERT(length > 0);
    if (session_send(s, length) != RESULT_OK) return;
    if (s->flavour->write_line != NULL) send_each_line(s);
    if (s->carrier != NULL) viewer_commit_lines(&s->viewer, plan);
}

static void fetch(const void *from, size_t length_bytes)
{
    for (size_t i = 0; i < length_bytes; i += CACHE_LINE_BYTES)
        __builtin_prefetch((const uint8_t *)from + i);
}

void session_fetch(const struct session *s)
{
    fetch(s, sizeof *s);
}

void session_fetch_around(const struct session *s)
{
    const struct viewer *v = &s->viewer;
    if (s->state != SESSION_PLAYING) return;
    fetch(s->carrier, CARRIER_BYTES);
    fetch(v->members, v->member_count * sizeof *v->members);
    const struct frame *now = v->view->newest;
    if (now == NULL || v->seat >= now->seat_count) return;
    uint16_t slot = now->seats[v->seat].body_slot;
    if (slot != SLOT_NONE) fetch(&now->state->entities[slot], sizeof(struct entity));
}

void session_update(struct session *s)
{
    static const enum metric held[GATE_STATE_COUNT] = {[GATE_OPEN] = METRIC_GATE_OPEN,
                                                       [GATE_HOLD] = METRIC_GATE_HOLD,
                                                       [GATE_STALLED] = METRIC_GATE_STALLED,
                                                       [GATE_CLOSING] = METRIC_GATE_CLOSING};
    if (s->state != SESSION_PLAYING || s->carrier == NULL || !has_unsent_frame(s)) return;
    if (s->is_hidden) {
        send_lines(s);
        return;
    }
    if (!is_due(s)) return;
    enum gate_state state = ask_gate(s);
    metrics_add(hub_metrics(s->hub), held[state], 1);
    /* The ticks of a recording tell no rate. */
    if (gate_tells_width(&s->gate) && s->watch == NULL) note_tick(s, state != GATE_OPEN);
    switch (state) {
    case GATE_OPEN:
        send_snapshot(s);
        break;
    case GATE_STALLED:
        viewer_forget(&s->viewer); /* whatever comes next is a full one */
        break;
    case GATE_CLOSING:
        session_end(s, WS_CLOSE_OVERLOAD, "your link made no progress for 10 s", true);
        return;
    case GATE_HOLD:
    case GATE_STATE_COUNT:
        break;
    }
    if (state != GATE_OPEN) {
        s->held_count++;
        metrics_add(hub_metrics(s->hub), METRIC_UPDATES_HELD, 1);
    }
    if (s->carrier != NULL && s->state == SESSION_PLAYING) follow_with_ping(s);
}

/* ---- what may open the gate ---- */

void session_gate_moved(struct session *s)
{
    if (s->gate.state != GATE_OPEN && has_unsent_frame(s)) session_update(s);
}

void session_pong(struct session *s, const uint8_t *payload, size_t length_bytes)
{
    if (s->state != SESSION_PLAYING || length_bytes != PING_BYTES || payload[0] != PING_MARK)
        return;
    uint32_t tick = 0;
    for (unsigned i = 0; i < 4; i++)
        tick |= (uint32_t)payload[1 + i] << (8 * i);
    if (s->viewer.has_base && tick_is_newer(tick, s->viewer.base_tick)) return;
    gate_answered(&s->gate, tick, hub_now_ms(s->hub));
    session_gate_moved(s);
}

void session_writable(struct session *s)
{
    if (s->state == SESSION_PLAYING) session_gate_moved(s);
}

void session_polled(struct session *s)
{
    if (s->state != SESSION_PLAYING) return;
    if (s->viewer.has_base) gate_answered(&s->gate, s->viewer.base_tick, hub_now_ms(s->hub));
    session_gate_moved(s);
}
