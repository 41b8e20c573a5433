#include "client/view/tickclock.h"

#include "shared/check.h"
#include "shared/tick.h"

#define JITTER_WEIGHT 16 /* RFC 3550 §6.4.1 */

void tickclock_init(struct tickclock *c, bool shares_clock)
{
    *c = (struct tickclock){.shares_clock = shares_clock};
}

static int64_t absolute(int64_t value)
{
    return value < 0 ? -value : value;
}

static int64_t ticks_us(const struct tickclock *c, uint32_t tick)
{
    return (int64_t)tick_difference(tick, c->origin_tick) * TICK_US;
}

static const struct tickclock_sample *best_sample(const struct tickclock *c)
{
    uint32_t held = c->sample_count < TICKCLOCK_SAMPLES ? c->sample_count : TICKCLOCK_SAMPLES;
    const struct tickclock_sample *best = NULL;
    for (uint32_t i = 0; i < held; i++) {
        if (best == NULL || c->samples[i].rtt_us < best->rtt_us) best = &c->samples[i];
    }
    return best;
}

static void start(struct tickclock *c, uint32_t tick, uint64_t now_us)
{
    c->has_origin = true;
    c->origin_tick = tick;
    c->believed_us = c->shown_us = (int64_t)now_us;
    c->slewed_us = now_us;
}

/* The server dropped time: its later ticks are due later than they would have been. That is no error
 * of ours, so what is shown follows at once: slewed, it would lie beyond the newest state for long. */
static void shift_schedule(struct tickclock *c, int64_t shift_us)
{
    c->believed_us += shift_us;
    c->shown_us += shift_us;
    for (uint32_t i = 0; i < TICKCLOCK_SAMPLES; i++)
        c->samples[i].origin_us += shift_us;
}

static void take_due(struct tickclock *c, uint32_t tick, uint64_t due_us)
{
    if (c->has_due) {
        int64_t expected_us =
            (int64_t)c->due_us + (int64_t)tick_difference(tick, c->due_tick) * TICK_US;
        shift_schedule(c, (int64_t)due_us - expected_us);
    }
    if (c->shares_clock) c->believed_us = (int64_t)due_us - ticks_us(c, tick);
    c->has_due = true;
    c->due_us = due_us;
    c->due_tick = tick;
}

/* The stamp is our own clock's low 16 bits of ms, so it is extended backwards from now. */
static void take_echo(struct tickclock *c, uint32_t tick, const struct snapshot_echo *echo,
                      uint64_t now_us)
{
    uint16_t since_ms = (uint16_t)(now_us / 1000 - echo->stamp_ms);
    int64_t rtt_us = ((int64_t)since_ms - (int64_t)echo->hold_ms) * 1000;
    if (rtt_us < 0) rtt_us = 0;
    int64_t due_us = (int64_t)now_us - rtt_us / 2 - (int64_t)echo->late_100us * 100;

    c->rtt_us = rtt_us;
    c->samples[c->sample_count++ % TICKCLOCK_SAMPLES] =
        (struct tickclock_sample){.rtt_us = rtt_us, .origin_us = due_us - ticks_us(c, tick)};
    c->has_echo = true;
    if (!c->shares_clock || !c->has_due) c->believed_us = best_sample(c)->origin_us;
}

static void note_transit(struct tickclock *c, uint32_t tick, uint64_t now_us)
{
    int64_t transit_us = (int64_t)now_us - tickclock_due_us(c, tick);
    c->jitter_us += (absolute(transit_us - c->transit_us) - c->jitter_us) / JITTER_WEIGHT;
    c->transit_us = transit_us;
}

void tickclock_receive(struct tickclock *c, const struct seen *seen, uint64_t now_us)
{
    uint32_t tick = seen->header.tick;
    bool is_first = !c->has_origin;

    if (is_first) start(c, tick, now_us);
    if (seen->header.has_clock) take_due(c, tick, seen->clock.due_us);
    if (seen->header.has_echo) take_echo(c, tick, &seen->echo, now_us);

    /* Until an echo tells the transit, the fastest snapshot so far counts as if it had none. */
    int64_t arrived_origin_us = (int64_t)now_us - ticks_us(c, tick);
    bool knows_due = c->shares_clock && c->has_due;
    if (!c->has_echo && !knows_due && arrived_origin_us < c->believed_us) {
        c->believed_us = arrived_origin_us;
    }
    if (is_first) {
        c->shown_us = c->believed_us;
        c->transit_us = (int64_t)now_us - tickclock_due_us(c, tick);
    }
    note_transit(c, tick, now_us);
}

void tickclock_advance(struct tickclock *c, uint64_t now_us)
{
    if (!c->has_origin || now_us <= c->slewed_us) return;

    int64_t error_us = c->believed_us - c->shown_us;
    int64_t elapsed_us = (int64_t)(now_us - c->slewed_us);
    int64_t limit_us = elapsed_us / TICKCLOCK_SLEW_DIVISOR;
    if (limit_us == 0 && error_us != 0) return; /* frames so short that they would never add up */

    c->slewed_us = now_us;
    if (absolute(error_us) > TICKCLOCK_STEP_US) {
        c->shown_us = c->believed_us;
        return;
    }
    c->shown_us += error_us > limit_us ? limit_us : error_us < -limit_us ? -limit_us : error_us;
}

struct moment tickclock_moment(const struct tickclock *c, uint64_t now_us, int64_t back_us)
{
    ASSERT(c->has_origin);

    int64_t since_us = (int64_t)now_us - c->shown_us - back_us;
    int64_t ticks = since_us / TICK_US;
    if (since_us % TICK_US < 0) ticks--;
    return (struct moment){.tick = c->origin_tick + (uint32_t)ticks,
                           .after_us = (uint32_t)(since_us - ticks * TICK_US)};
}

int64_t tickclock_due_us(const struct tickclock *c, uint32_t tick)
{
    ASSERT(c->has_origin);
    return c->believed_us + ticks_us(c, tick);
}

int64_t tickclock_rtt_min_us(const struct tickclock *c)
{
    return c->sample_count == 0 ? 0 : best_sample(c)->rtt_us;
}
