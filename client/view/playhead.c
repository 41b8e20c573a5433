#include "client/view/playhead.h"

#include "shared/message.h"
#include "shared/tick.h"

#define RATE_ONE        8       /* rate8 of normal speed */
#define MARGIN_US       60000   /* for states that come late, in real time */
#define CATCH_UP_US     1000000 /* a distance that is wrong is mended in about that real time */
#define HURRY_DIVISOR   4       /* but never by more than a quarter of the speed */
#define LOST_SPANS      4       /* farther behind than that it was asleep, and jumps */
#define STANDSTILL_US   250000  /* real time without a frame drawn: a hidden page */
#define POSITION_MAX_US INT64_C(3600000000)

void playhead_init(struct playhead *p)
{
    *p = (struct playhead){.rate8 = RATE_ONE};
}

void playhead_set_speed(struct playhead *p, int8_t speed, bool is_paused)
{
    p->rate8 = (uint8_t)(1u << (speed - CONTROL_SPEED_MIN));
    p->is_paused = is_paused;
}

/* How far behind the newest state it should be. */
static int64_t wanted_us(const struct playhead *p)
{
    return p->is_paused ? 0 : p->span_us + MARGIN_US * p->rate8 / RATE_ONE;
}

void playhead_receive(struct playhead *p, uint32_t tick, bool is_jump, uint64_t now_us)
{
    int64_t on_us = (int64_t)tick_difference(tick, p->newest_tick) * TICK_US;

    playhead_advance(p, now_us);
    p->newest_tick = tick;
    if (!p->is_set || is_jump || on_us < 0) {
        p->is_set = true;
        p->behind_us = 0;
        p->span_us = TICK_US;
        p->moved_us = now_us;
        return;
    }
    p->span_us = on_us;
    p->behind_us += on_us;
    if (p->behind_us > LOST_SPANS * wanted_us(p) && !p->is_paused) p->behind_us = wanted_us(p);
}

/* How far to go in `passed_us` of real time: as fast as it plays, somewhat faster or slower to come
 * to the distance wanted. */
static int64_t stride_us(const struct playhead *p, int64_t passed_us)
{
    uint8_t rate8 = p->is_paused && p->rate8 < RATE_ONE ? RATE_ONE : p->rate8;
    int64_t even_us = passed_us * rate8 / RATE_ONE;
    int64_t mend_us = (p->behind_us - wanted_us(p)) * passed_us / CATCH_UP_US;
    int64_t most_us = even_us / HURRY_DIVISOR;

    if (mend_us > most_us) mend_us = most_us;
    if (mend_us < -most_us) mend_us = -most_us;
    return even_us + mend_us;
}

void playhead_advance(struct playhead *p, uint64_t now_us)
{
    if (!p->is_set || now_us <= p->moved_us) return;
    uint64_t passed_us = now_us - p->moved_us;
    if (passed_us > STANDSTILL_US) passed_us = STANDSTILL_US;

    p->behind_us -= stride_us(p, (int64_t)passed_us);
    if (p->behind_us < 0) p->behind_us = 0;
    if (p->behind_us > POSITION_MAX_US) p->behind_us = POSITION_MAX_US;
    p->moved_us = now_us;
}

struct moment playhead_moment(const struct playhead *p)
{
    int64_t ticks = (p->behind_us + TICK_US - 1) / TICK_US;
    return (struct moment){.tick = p->newest_tick - (uint32_t)ticks,
                           .after_us = (uint32_t)(ticks * TICK_US - p->behind_us)};
}
