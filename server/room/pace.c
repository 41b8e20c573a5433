#include "server/room/pace.h"

#include "shared/check.h"

void pace_init(struct pace *p, uint64_t phase_us)
{
    *p = (struct pace){.phase_us = phase_us % TICK_US};
}

void pace_start(struct pace *p, uint64_t now_us)
{
    uint64_t into_us = (now_us + TICK_US - p->phase_us) % TICK_US;
    p->due_us = into_us == 0 ? now_us : now_us + TICK_US - into_us;
}

uint64_t pace_begin(struct pace *p, uint64_t now_us)
{
    ASSERT(now_us >= p->due_us);

    uint64_t behind_ticks = (now_us - p->due_us) / TICK_US;
    if (behind_ticks > PACE_CATCH_UP_TICKS) {
        uint64_t dropped = behind_ticks - PACE_CATCH_UP_TICKS;
        p->dropped_ticks += dropped;
        p->due_us += dropped * TICK_US;
    }
    if (behind_ticks > 0) p->late_ticks++;
    uint64_t due_us = p->due_us;
    p->due_us += TICK_US;
    return due_us;
}
