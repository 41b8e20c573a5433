#include "server/session/squeeze.h"

#include "shared/limits.h"

#define WINDOW_TICKS    (SQUEEZE_WINDOW_MS / TICK_MS)
#define HELD_ONE_OF     4 /* of the ticks due: a step down */
#define CALM_ONE_OF     8 /* at most: a lost packet or two are no narrow link */
#define DUE_LEAST       5 /* ticks: fewer tell nothing, as after a page was hidden */
#define USUAL_DECAY     8
#define RELAPSE_WINDOWS 2 /* a step down so soon after one up: it was tried in vain */

static const struct step {
    uint8_t cadence;
    uint8_t calm, calm_max; /* windows before a step up to here: at first, and when tried in vain */
} steps[SQUEEZE_STEP_COUNT] = {[SQUEEZE_ALL] = {1, 2, 32},
                               [SQUEEZE_BYTES] = {1, 1, 2},
                               [SQUEEZE_10_HZ] = {2, 1, 2},
                               [SQUEEZE_5_HZ] = {4, 1, 1}};

static void start_window(struct squeeze *q, uint32_t now_ms)
{
    q->window_ms = now_ms;
    q->due_count = q->held_count = 0;
}

void squeeze_init(struct squeeze *q, uint32_t now_ms)
{
    *q = (struct squeeze){0};
    for (unsigned i = 0; i < SQUEEZE_STEP_COUNT; i++)
        q->calm_wanted[i] = steps[i].calm;
    start_window(q, now_ms);
}

unsigned squeeze_cadence(const struct squeeze *q)
{
    return steps[q->step].cadence;
}

bool squeeze_is_due(const struct squeeze *q, uint32_t tick)
{
    return tick % squeeze_cadence(q) == 0;
}

static uint32_t clamp(uint32_t value, const struct squeeze_bytes *bytes)
{
    return value < bytes->min ? bytes->min : value > bytes->max ? bytes->max : value;
}

uint32_t squeeze_budget_bytes(const struct squeeze *q, const struct squeeze_bytes *bytes)
{
    return q->step == SQUEEZE_ALL ? bytes->max : clamp(q->halved_bytes, bytes);
}

void squeeze_note_bytes(struct squeeze *q, uint32_t length_bytes, uint32_t age_ticks)
{
    bool is_usual = age_ticks == 1 || q->usual_bytes == 0;
    if (q->step != SQUEEZE_ALL || !is_usual) return;
    if (q->usual_bytes == 0) q->usual_bytes = length_bytes;
    q->usual_bytes = (q->usual_bytes * (USUAL_DECAY - 1) + length_bytes) / USUAL_DECAY;
}

static void enter(struct squeeze *q, unsigned step, bool is_risen, uint32_t now_ms)
{
    q->step = (uint8_t)step;
    q->is_risen = is_risen;
    q->calm_count = q->window_count = 0;
    q->transitions[step]++;
    start_window(q, now_ms);
}

static bool step_down(struct squeeze *q, const struct squeeze_bytes *bytes, uint32_t now_ms)
{
    uint8_t *wanted = &q->calm_wanted[q->step];
    bool is_relapse = q->is_risen && q->window_count < RELAPSE_WINDOWS;
    if (is_relapse && *wanted < steps[q->step].calm_max) *wanted = (uint8_t)(*wanted * 2);
    q->calm_count = 0;
    if (q->step + 1 == SQUEEZE_STEP_COUNT) {
        start_window(q, now_ms);
        return false;
    }
    if (q->step == SQUEEZE_ALL) q->halved_bytes = clamp(q->usual_bytes, bytes) / 2;
    enter(q, q->step + 1u, false, now_ms);
    return true;
}

/* A window went by in which less than a quarter was held. */
static bool step_up_if_calm(struct squeeze *q, uint32_t now_ms)
{
    bool is_calm = q->held_count * CALM_ONE_OF <= q->due_count;
    if (q->window_count < UINT8_MAX) q->window_count++;
    if (q->window_count > RELAPSE_WINDOWS) q->calm_wanted[q->step] = steps[q->step].calm;
    q->calm_count = is_calm && q->calm_count < UINT8_MAX ? (uint8_t)(q->calm_count + 1) : 0;
    if (q->step > SQUEEZE_ALL && q->calm_count >= q->calm_wanted[q->step - 1]) {
        enter(q, q->step - 1u, true, now_ms);
        return true;
    }
    start_window(q, now_ms);
    return false;
}

bool squeeze_has_noted(const struct squeeze *q, uint32_t tick)
{
    return q->has_noted && q->noted_tick == tick;
}

bool squeeze_note_tick(struct squeeze *q, uint32_t tick, bool is_held,
                       const struct squeeze_bytes *bytes, uint32_t now_ms)
{
    if (squeeze_has_noted(q, tick) || !squeeze_is_due(q, tick)) return false;
    q->has_noted = true;
    q->noted_tick = tick;
    q->due_count++;
    q->held_count = (uint8_t)(q->held_count + is_held);
    bool may_be_early = q->is_risen || q->step == SQUEEZE_ALL;
    bool is_enough = q->held_count * HELD_ONE_OF * squeeze_cadence(q) > WINDOW_TICKS;
    if (may_be_early && is_enough) return step_down(q, bytes, now_ms);
    if (now_ms - q->window_ms < SQUEEZE_WINDOW_MS) return false;
    if (q->due_count < DUE_LEAST) {
        start_window(q, now_ms);
        return false;
    }
    bool is_narrow = q->held_count * HELD_ONE_OF > q->due_count;
    return is_narrow ? step_down(q, bytes, now_ms) : step_up_if_calm(q, now_ms);
}
