/* delta_parts.h - what the files of delta.h share with each other, and with nobody else: one
 * field's arithmetic, and what is expected of the fields that move.
 *
 * Cost:    inline is what each entity goes through at each tick; what is seldom needed, or looks a
 *          sine up, is in delta.c.
 */
#ifndef TICKWIRE_SHARED_DELTA_PARTS_H
#define TICKWIRE_SHARED_DELTA_PARTS_H

#include "shared/check.h"
#include "shared/delta.h"
#include "shared/fixed.h"

#define VELOCITY_GOLOMB 8 /* of a first appearance */
#define OWNER_GOLOMB    6

static inline const struct schema_kind *sorted_kind(const struct schema *s, uint8_t kind)
{
    ASSERT(kind >= 1 && kind <= s->table->kind_count);
    return &s->kinds[kind - 1];
}

/* Division by 2^shift that floors on every compiler, without a branch: what is added is a multiple
 * of the divisor and makes the value positive. |value| < 2^62, shift < 62. */
static inline int64_t floor_shift(int64_t value, unsigned shift)
{
    const uint64_t above = UINT64_C(1) << 62;
    return (int64_t)(((uint64_t)value + above) >> shift) - (int64_t)(above >> shift);
}

/* -- one field -- */

/* Brings a wire value from outside the field's range into it. */
int32_t delta_confine_far(const struct wire_field *f, int64_t wire);

static inline int32_t confine(const struct wire_field *f, int64_t wire)
{
    return wire >= f->min && wire <= f->max ? (int32_t)wire : delta_confine_far(f, wire);
}

static inline int32_t quantize(const struct wire_field *f, int32_t sim)
{
    return confine(f, fixed_floor_shift(sim, f->shift)); /* few are below zero */
}

/* By the shorter way where the field wraps. No field is wider than 24 bits. */
static inline int32_t difference(const struct wire_field *f, int32_t to, int32_t from)
{
    int32_t straight = (int32_t)((uint32_t)to - (uint32_t)from);
    if (!f->wraps) return straight;
    if (straight > f->span / 2) return straight - f->span;
    return straight < -(f->span / 2) ? straight + f->span : straight;
}

/* -- the fields that move -- */

/* Makes of the way that two fields went their one speed along the heading. */
void delta_speed_along(const struct schema_kind *kind, const int32_t *from, const int32_t *to,
                       uint32_t age_ticks, int32_t moved[2]);

/* Fills moving[] with where two fields come to at that speed, `heading` being the new one. */
void delta_predict_along(const struct schema_kind *kind, const int32_t *base, int32_t speed,
                         int32_t heading, uint32_t age_ticks, int32_t moving[MOVING_FIELDS_MAX]);

/* displacement * 16 / span, rounded, halves away from zero. */
static inline int32_t velocity16(int32_t displacement, uint32_t span_ticks)
{
    if (span_ticks == 1) return displacement * 16;
    int32_t scaled = displacement * 16, span = (int32_t)span_ticks;
    return (scaled >= 0 ? scaled + span / 2 : scaled - span / 2) / span;
}

/* Fills velocities[] from where the moving fields were and are; `from` and `to` are all the wire
 * values before and after. */
static inline void find_velocities(const struct schema_kind *kind, const int32_t *from,
                                   const int32_t *to, uint32_t age_ticks,
                                   int32_t velocities[MOVING_FIELDS_MAX])
{
    bool warped = kind->warp >= 0 && to[kind->warp] != from[kind->warp];
    bool has_speed = kind->heading >= 0; /* instead: the way itself is wanted here */
    for (unsigned i = 0; i < kind->moving_count; i++) {
        unsigned at = kind->moving[i];
        int32_t moved = warped ? 0 : difference(&kind->fields[at], to[at], from[at]);
        velocities[i] = has_speed ? moved : velocity16(moved, age_ticks);
    }
    if (has_speed) delta_speed_along(kind, from, to, age_ticks, velocities);
}

/* Fills moving[] with what is expected of the fields that move, `heading` being known already. */
static inline void predict_moving(const struct schema_kind *kind, const int32_t *base,
                                  const int32_t *velocities, int32_t heading, uint32_t age_ticks,
                                  int32_t moving[MOVING_FIELDS_MAX])
{
    if (kind->heading >= 0) {
        delta_predict_along(kind, base, velocities[0], heading, age_ticks, moving);
        return;
    }
    for (unsigned i = 0; i < kind->moving_count; i++) {
        unsigned at = kind->moving[i];
        int64_t ahead = (int64_t)velocities[i] * age_ticks;
        moving[i] = confine(&kind->fields[at], base[at] + floor_shift(ahead + 8, 4));
    }
}

static inline bool has_moved(const struct schema_kind *kind, const int32_t *velocities)
{
    int32_t moved = 0;
    for (unsigned i = 0; i < kind->moving_count; i++)
        moved |= velocities[i];
    return moved != 0;
}

/* What follows a heading has one speed. */
static inline unsigned velocity_count(const struct schema_kind *kind)
{
    return kind->heading >= 0 ? 1 : kind->moving_count;
}

/* -- near misses: two moving fields' residues in one number (fields.h) -- */

/* Which of a shape's misses the moving fields' residues are. */
static inline unsigned miss_of(const struct schema_kind *kind,
                               const int32_t residues[MOVING_FIELDS_MAX])
{
    int32_t any = 0;
    for (unsigned i = 0; i < kind->moving_count; i++)
        any |= residues[i];
    if (any == 0) return 0;
    if (kind->moving_count != 2) return MISS_FAR;
    uint32_t x = (uint32_t)residues[0] + NEAR_MAX, y = (uint32_t)residues[1] + NEAR_MAX;
    if (x >= NEAR_WIDTH || y >= NEAR_WIDTH) return MISS_FAR;
    unsigned miss = x * NEAR_WIDTH + y;
    return miss < MISS_FAR / 2 ? miss + 1 : miss; /* the middle one is 0 */
}

static inline int32_t near_x(unsigned miss)
{
    unsigned place = miss <= MISS_FAR / 2 ? miss - 1 : miss;
    return (int32_t)(place / NEAR_WIDTH) - NEAR_MAX;
}

static inline int32_t near_y(unsigned miss)
{
    unsigned place = miss <= MISS_FAR / 2 ? miss - 1 : miss;
    return (int32_t)(place % NEAR_WIDTH) - NEAR_MAX;
}

#endif
