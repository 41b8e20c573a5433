#include "client/sdl/trails.h"

#include <math.h>
#include <stdbool.h>

#include "shared/bytes.h"

static uint64_t identity_of(const struct drawn *d)
{
    return (uint64_t)d->slot << 16 | (uint64_t)d->generation << 8 | d->kind;
}

static void forget(struct trail *t, uint16_t count)
{
    t->count = (uint16_t)(t->count - count);
    bytes_move(t->points, t->points + count, t->count * sizeof t->points[0]);
    bytes_move(t->times_s, t->times_s + count, t->count * sizeof t->times_s[0]);
}

static void forget_old(struct trail *t, double now_s, float seconds)
{
    uint16_t old = 0;

    while (old < t->count && (now_s - t->times_s[old] > (double)seconds || t->times_s[old] > now_s))
        old++;
    if (old > 0) forget(t, old);
}

/* Whether no way leads from its last point to `place`. */
static bool is_broken(const struct trail *t, struct point place)
{
    struct point last = t->points[t->count - 1];
    return hypotf(place.x - last.x, place.y - last.y) > TRAIL_JUMP_UNITS;
}

const struct trail *trails_note(struct trails *trails, const struct drawn *d,
                                const struct trail_sample *sample)
{
    struct trail *t = &trails->trails[d->slot % TRAILS_COUNT];

    if (t->identity != identity_of(d)) t->count = 0;
    t->identity = identity_of(d);
    forget_old(t, sample->now_s, sample->keep_s);
    if (t->count > 0 && is_broken(t, sample->place)) t->count = 0;

    /* The newest point moves along until it is old enough to stay. */
    uint16_t count = t->count;
    if (count >= 2 && sample->now_s - t->times_s[count - 2] < TRAIL_STEP_S) t->count--;
    if (t->count == TRAIL_POINTS_MAX) forget(t, 1);
    t->points[t->count] = sample->place;
    t->times_s[t->count++] = sample->now_s;
    return t;
}
