#include "shared/trail.h"

#include "shared/check.h"

/* What was moved in one tick. */
struct move {
    int32_t dx, dy;
};

static int32_t low_half(uint32_t word)
{
    uint32_t low = word & 0xffff;
    return low < 0x8000 ? (int32_t)low : (int32_t)low - 0x10000;
}

static struct move get_move(const int32_t words[LAG_TICKS_MAX], uint32_t tick)
{
    uint32_t word = (uint32_t)words[tick % LAG_TICKS_MAX];
    return (struct move){low_half(word), low_half(word >> 16)};
}

static bool fits(int32_t d)
{
    return d >= INT16_MIN && d <= INT16_MAX;
}

void trail_start_tick(int32_t words[LAG_TICKS_MAX], uint32_t tick)
{
    words[tick % LAG_TICKS_MAX] = 0;
}

void trail_note(int32_t words[LAG_TICKS_MAX], uint32_t tick, int32_t dx, int32_t dy)
{
    struct move move = get_move(words, tick);
    if (!fits(dx) || !fits(dy) || !fits(move.dx + dx) || !fits(move.dy + dy)) {
        trail_clear(words);
        return;
    }
    uint32_t low = (uint32_t)(move.dx + dx) & 0xffff, high = (uint32_t)(move.dy + dy) & 0xffff;
    words[tick % LAG_TICKS_MAX] = (int32_t)(high << 16 | low);
}

void trail_clear(int32_t words[LAG_TICKS_MAX])
{
    for (unsigned i = 0; i < LAG_TICKS_MAX; i++)
        words[i] = 0;
}

void trail_rewind(const int32_t words[LAG_TICKS_MAX], uint32_t tick, int32_t lag, int32_t *x,
                  int32_t *y)
{
    ASSERT(lag <= LAG_TICKS_MAX * VIEW_PARTS);

    if (lag < VIEW_PARTS) return;
    struct move move = get_move(words, tick);
    *x -= move.dx;
    *y -= move.dy;
    for (lag -= VIEW_PARTS; lag > 0; lag -= VIEW_PARTS) {
        int32_t part = lag < VIEW_PARTS ? lag : VIEW_PARTS;
        move = get_move(words, --tick);
        *x -= move.dx * part / VIEW_PARTS;
        *y -= move.dy * part / VIEW_PARTS;
    }
}
