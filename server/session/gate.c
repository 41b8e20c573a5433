#include "server/session/gate.h"

#include "shared/check.h"
#include "shared/tick.h"

#define RTT_WINDOW_HALF_MS 5000
#define RTT_UNKNOWN_MS     100 /* before the first sample: a usual link */

void gate_init(struct gate *g, uint32_t now_ms)
{
    *g = (struct gate){.pinged_ms = now_ms - GATE_PING_EVERY_MS,
                       .progress_ms = now_ms,
                       .window_ms = now_ms,
                       .min_rtt_ms = {UINT32_MAX, UINT32_MAX}};
}

static struct gate_flight *flight_at(struct gate *g, unsigned index)
{
    return &g->flights[(g->first + index) % GATE_FLIGHTS_MAX];
}

uint32_t gate_age_ms(const struct gate *g, uint32_t now_ms)
{
    for (unsigned i = 0; i < g->count; i++) {
        const struct gate_flight *f = &g->flights[(g->first + i) % GATE_FLIGHTS_MAX];
        if (f->is_probe || g->has_acked) return now_ms - f->sent_ms;
    }
    return 0;
}

uint32_t gate_limit_ms(const struct gate *g)
{
    uint32_t rtt_ms = g->min_rtt_ms[0] < g->min_rtt_ms[1] ? g->min_rtt_ms[0] : g->min_rtt_ms[1];
    return (rtt_ms == UINT32_MAX ? RTT_UNKNOWN_MS : rtt_ms) + GATE_MARGIN_MS;
}

static void enter(struct gate *g, enum gate_state state)
{
    if (g->state == state) return;
    g->state = (uint8_t)state;
    g->transitions[state]++;
}

enum gate_state gate_step(struct gate *g, uint32_t now_ms, uint32_t queue_bytes,
                          uint32_t unsent_bytes)
{
    ASSERT(unsent_bytes >= queue_bytes);

    uint32_t age_ms = gate_age_ms(g, now_ms);
    bool is_late = queue_bytes > 0 || age_ms > gate_limit_ms(g) || g->count == GATE_FLIGHTS_MAX;
    bool is_stuck = age_ms > GATE_STALL_AGE_MS || unsent_bytes > GATE_STALL_BYTES;

    if (g->state == GATE_CLOSING) return GATE_CLOSING;
    if (!is_late) {
        g->progress_ms = now_ms;
        enter(g, GATE_OPEN);
    } else if (now_ms - g->progress_ms > GATE_CLOSE_MS) {
        enter(g, GATE_CLOSING);
    } else if (is_stuck || g->state == GATE_STALLED) {
        enter(g, GATE_STALLED);
    } else {
        enter(g, GATE_HOLD);
    }
    return g->state;
}

void gate_sent(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    ASSERT(g->count < GATE_FLIGHTS_MAX);
    *flight_at(g, g->count++) = (struct gate_flight){.tick = tick, .sent_ms = now_ms};
}

bool gate_wants_ping(const struct gate *g, uint32_t now_ms)
{
    if (g->count == 0 || now_ms - g->pinged_ms < GATE_PING_EVERY_MS) return false;
    if (!g->has_acked) return true;
    /* Acks ride on input, which a throttled page may stop sending; PONGs come all the same. */
    return gate_age_ms(g, now_ms) > gate_limit_ms(g);
}

void gate_pinged(struct gate *g, uint32_t now_ms)
{
    g->pinged_ms = now_ms;
    if (g->count > 0) flight_at(g, g->count - 1u)->is_probe = true;
}

static void note_rtt(struct gate *g, uint32_t rtt_ms, uint32_t now_ms)
{
    if (now_ms - g->window_ms >= RTT_WINDOW_HALF_MS) {
        g->window_ms = now_ms;
        g->min_rtt_ms[1] = g->min_rtt_ms[0];
        g->min_rtt_ms[0] = UINT32_MAX;
    }
    g->rtt_ms = rtt_ms;
    if (rtt_ms < g->min_rtt_ms[0]) g->min_rtt_ms[0] = rtt_ms;
}

/* Everything up to `tick` has arrived; an answer to exactly that tick is a round trip measured. */
static void arrive(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    while (g->count > 0) {
        struct gate_flight *f = flight_at(g, 0);
        if (tick_is_newer(f->tick, tick)) break;
        if (f->tick == tick) note_rtt(g, now_ms - f->sent_ms, now_ms);
        g->first = (uint8_t)((g->first + 1) % GATE_FLIGHTS_MAX);
        g->count--;
        g->progress_ms = now_ms;
    }
}

void gate_acked(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    g->has_acked = true;
    g->has_answered = true;
    arrive(g, tick, now_ms);
}

void gate_answered(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    g->has_answered = true;
    arrive(g, tick, now_ms);
}

void gate_drained(struct gate *g, uint32_t now_ms)
{
    if (g->has_answered || g->count == 0) return;
    gate_forget(g, now_ms);
}

void gate_forget(struct gate *g, uint32_t now_ms)
{
    g->count = 0;
    g->first = 0;
    g->progress_ms = now_ms;
}
