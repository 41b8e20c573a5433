#include "server/session/gate.h"

#include "shared/check.h"
#include "shared/tick.h"

#define RTT_WINDOW_HALF_MS 5000
#define RTT_UNKNOWN_MS     100 /* before the first sample: a usual link */
#define PRESSURE_HOLD      3   /* so a quarter of the ticks held keeps it up */
#define PRESSURE_HIGH      20  /* seven holds in a row; a lost packet causes two or three */
#define PRESSURE_MAX       60
#define SPACING_DECAY      8      /* of a link that has widened, half is forgotten in 5 arrivals */
#define SPACING_MAX_US     250000 /* a longer one is a stall, not a width */

void gate_init(struct gate *g, uint32_t now_ms)
{
    *g = (struct gate){.pinged_ms = now_ms - GATE_PING_EVERY_MS,
                       .progress_ms = now_ms,
                       .window_ms = now_ms,
                       .min_rtt_ms = {UINT32_MAX, UINT32_MAX}};
}

_Static_assert(GATE_FLIGHTS_MAX <= 32, "a bit of `probes` each");

static unsigned place_of(const struct gate *g, unsigned index)
{
    return (g->first + index) % GATE_FLIGHTS_MAX;
}

static bool is_probe(const struct gate *g, unsigned index)
{
    return (g->probes >> place_of(g, index) & 1) != 0;
}

/* The whole numbers, of which only the low halves are kept: they lie just before the newest ones. */
static uint32_t tick_of(const struct gate *g, const struct gate_flight *f)
{
    return g->newest_tick - (uint16_t)(g->newest_tick - f->tick);
}

static uint32_t sent_ms_of(const struct gate *g, const struct gate_flight *f)
{
    return g->newest_ms - (uint16_t)(g->newest_ms - f->sent_ms);
}

uint32_t gate_age_ms(const struct gate *g, uint32_t now_ms)
{
    for (unsigned i = 0; i < g->count; i++) {
        if (is_probe(g, i) || g->has_acked)
            return now_ms - sent_ms_of(g, &g->flights[place_of(g, i)]);
    }
    return 0;
}

uint32_t gate_rtt_ms(const struct gate *g)
{
    uint32_t rtt_ms = g->min_rtt_ms[0] < g->min_rtt_ms[1] ? g->min_rtt_ms[0] : g->min_rtt_ms[1];
    return rtt_ms == UINT32_MAX ? RTT_UNKNOWN_MS : rtt_ms;
}

bool gate_tells_width(const struct gate *g)
{
    bool has_rtt = g->min_rtt_ms[0] != UINT32_MAX || g->min_rtt_ms[1] != UINT32_MAX;
    return has_rtt && g->state != GATE_STALLED;
}

uint32_t gate_limit_ms(const struct gate *g)
{
    bool is_counted = g->pressure >= PRESSURE_HIGH && g->spacing_us > 0;
    uint32_t queue_ms = is_counted ? g->spacing_us / 1000 : 0;
    return gate_rtt_ms(g) + GATE_MARGIN_MS + queue_ms + g->lag_ms;
}

static void enter(struct gate *g, enum gate_state state)
{
    if (g->state == state) return;
    g->state = (uint8_t)state;
    g->transitions[state]++;
}

/* Each half of the window begins with a snapshot alone, or in time the smallest round trip itself
 * would hold a queue. */
static bool is_crowded(const struct gate *g)
{
    if (g->is_draining && g->count > 0) return true;
    if (g->pressure < PRESSURE_HIGH || g->spacing_us == 0) return false;
    uint32_t arriving = (gate_rtt_ms(g) * 1000 + g->spacing_us / 2) / g->spacing_us;
    return g->count >= (arriving > 1 ? arriving : 1);
}

static void note_pressure(struct gate *g, bool is_late)
{
    if (is_late) {
        g->pressure = (uint8_t)(g->pressure + PRESSURE_HOLD);
        if (g->pressure > PRESSURE_MAX) g->pressure = PRESSURE_MAX;
    } else if (g->pressure > 0) {
        g->pressure--;
    }
}

void gate_relearn(struct gate *g)
{
    g->pressure = 0;
    g->spacing_us = 0;
}

enum gate_state gate_step(struct gate *g, uint32_t now_ms, uint32_t queue_bytes,
                          uint32_t unsent_bytes)
{
    ASSERT(unsent_bytes >= queue_bytes);

    uint32_t age_ms = gate_age_ms(g, now_ms);
    bool is_late = queue_bytes > 0 || age_ms > gate_limit_ms(g) || is_crowded(g) ||
                   g->count == GATE_FLIGHTS_MAX;
    uint32_t stall_ms = g->is_draining ? GATE_STALL_FULL_MS : GATE_STALL_AGE_MS;
    bool is_stuck = age_ms > stall_ms || unsent_bytes > GATE_STALL_BYTES;

    if (g->state == GATE_CLOSING) return GATE_CLOSING;
    note_pressure(g, is_late);
    if (!is_late) {
        /* A link that stood still says nothing of how wide it is. */
        if (g->state == GATE_STALLED) gate_relearn(g);
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

void gate_note_lag(struct gate *g, uint32_t lag_ms)
{
    g->lag_ms = lag_ms;
}

void gate_sent(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    ASSERT(g->count < GATE_FLIGHTS_MAX);
    unsigned place = place_of(g, g->count++);
    g->flights[place] = (struct gate_flight){.tick = (uint16_t)tick, .sent_ms = (uint16_t)now_ms};
    g->newest_tick = tick;
    g->newest_ms = now_ms;
    g->probes &= ~(UINT32_C(1) << place);
}

void gate_drain(struct gate *g)
{
    g->is_draining = g->count > 0;
}

/* Acks ride on input, which a throttled page may stop sending; PONGs come all the same. While acks
 * come, PINGs would only add to what a busy machine has to do. */
bool gate_wants_ping(const struct gate *g, uint32_t now_ms)
{
    if (g->count == 0) return false;
    bool is_under_way = is_probe(g, g->count - 1u);
    if (is_under_way) return false;
    bool is_new = !g->has_answered && (!g->was_pinged || now_ms - g->asked_ms < GATE_DEAF_MS);
    if (is_new) return true;
    bool acks_come = g->has_acked && now_ms - g->acked_ms < GATE_ACKS_MS;
    if (g->pressure >= PRESSURE_HIGH && !acks_come) return true;
    bool is_silent = !acks_come || gate_age_ms(g, now_ms) > gate_limit_ms(g);
    return is_silent && (g->pressure > 0 || now_ms - g->pinged_ms >= GATE_PING_EVERY_MS);
}

void gate_pinged(struct gate *g, uint32_t now_ms)
{
    if (!g->was_pinged) g->asked_ms = now_ms;
    g->was_pinged = true;
    g->pinged_ms = now_ms;
    if (g->count > 0) g->probes |= UINT32_C(1) << place_of(g, g->count - 1u);
}

static void note_rtt(struct gate *g, uint32_t rtt_ms, uint32_t now_ms)
{
    uint32_t gone_ms = now_ms - g->window_ms;
    if (gone_ms >= RTT_WINDOW_HALF_MS) {
        g->window_ms = now_ms;
        g->min_rtt_ms[1] = gone_ms < 2 * RTT_WINDOW_HALF_MS ? g->min_rtt_ms[0] : UINT32_MAX;
        g->min_rtt_ms[0] = UINT32_MAX;
        g->is_draining = g->pressure >= PRESSURE_HIGH;
    }
    g->rtt_ms = rtt_ms;
    if (rtt_ms < g->min_rtt_ms[0]) g->min_rtt_ms[0] = rtt_ms;
}

/* `count` arrived together, the last of them after `rtt_ms`. Where they stood behind others, what
 * lies between two arrivals is the link's time for one snapshot; else it could have taken more. */
static void note_spacing(struct gate *g, uint32_t count, uint32_t rtt_ms, bool stood_behind,
                         uint32_t now_ms)
{
    bool has_queued = stood_behind && rtt_ms > gate_rtt_ms(g) + GATE_QUEUED_MS;
    uint32_t sample_us = (now_ms - g->arrived_ms) * 1000 / count;
    if (sample_us > SPACING_MAX_US) sample_us = SPACING_MAX_US;
    if (!has_queued) {
        g->spacing_us -= g->spacing_us / SPACING_DECAY;
    } else if (g->spacing_us == 0) {
        g->spacing_us = sample_us;
    } else {
        g->spacing_us = (g->spacing_us * 3 + sample_us) / 4;
    }
    g->arrived_ms = now_ms;
}

/* Everything up to `tick` has arrived; an answer to exactly that tick is a round trip measured. One
 * sent before the last arrival stood behind what arrived then. */
static void arrive(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    uint32_t count = 0, rtt_ms = 0;
    bool stood_behind = false;
    while (g->count > 0) {
        const struct gate_flight *f = &g->flights[g->first];
        uint32_t sent_tick = tick_of(g, f), sent_ms = sent_ms_of(g, f);
        if (tick_is_newer(sent_tick, tick)) break;
        if (count == 0) stood_behind = tick_difference(g->arrived_ms, sent_ms) > 0;
        rtt_ms = now_ms - sent_ms;
        /* What had to be drained took the time of its bytes, not of the way. */
        if (sent_tick == tick && !g->is_draining) note_rtt(g, rtt_ms, now_ms);
        g->first = (uint8_t)((g->first + 1) % GATE_FLIGHTS_MAX);
        g->count--;
        g->progress_ms = now_ms;
        count++;
    }
    if (count > 0) note_spacing(g, count, rtt_ms, stood_behind, now_ms);
    if (g->count == 0) g->is_draining = false;
}

void gate_acked(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    g->has_acked = true;
    g->has_answered = true;
    g->acked_ms = now_ms;
    arrive(g, tick, now_ms);
}

void gate_answered(struct gate *g, uint32_t tick, uint32_t now_ms)
{
    g->has_answered = true;
    arrive(g, tick, now_ms);
}

void gate_drained(struct gate *g, uint32_t now_ms)
{
    bool is_deaf = g->was_pinged && !g->has_answered && now_ms - g->asked_ms >= GATE_DEAF_MS;
    if (!is_deaf || g->count == 0) return;
    gate_forget(g, now_ms);
}

void gate_forget(struct gate *g, uint32_t now_ms)
{
    g->count = 0;
    g->first = 0;
    g->is_draining = false;
    g->progress_ms = now_ms;
}
