#include "shared/delta_parts.h"

/* -- one field -- */

int32_t delta_confine_far(const struct wire_field *f, int64_t wire)
{
    if (!f->wraps) return wire < f->min ? f->min : f->max;
    int64_t offset = (wire - f->min) % f->span;
    return (int32_t)(f->min + (offset < 0 ? offset + f->span : offset));
}

/* -- along a heading --
 *
 * What follows a heading keeps one number for two fields: its speed along the heading, in 1/16
 * quanta a tick. Where ticks lie between two states, it is taken to have turned evenly. */

/* The sum of the unit vectors that it went along in `age_ticks`, 1 / FIXED_FINE_ONE. */
struct course {
    int64_t x, y;
};

static inline uint32_t turn_of(const struct schema_kind *kind, int32_t wire)
{
    const struct wire_field *f = &kind->fields[kind->heading];
    return ((uint32_t)wire - (uint32_t)f->min) << kind->heading_shift;
}

static struct course course_between(uint32_t from_turn, uint32_t to_turn, uint32_t age_ticks)
{
    struct course course = {0, 0};
    int32_t turned = (int32_t)((to_turn - from_turn) % FIXED_FINE_TURN);
    if (turned >= FIXED_FINE_TURN / 2) turned -= FIXED_FINE_TURN;
    for (int32_t i = 1; i <= (int32_t)age_ticks; i++) {
        uint32_t turn = from_turn + (uint32_t)(turned * i / (int32_t)age_ticks);
        course.x += fixed_fine_cos(turn);
        course.y += fixed_fine_sin(turn);
    }
    return course;
}

static inline struct course course_of(const struct schema_kind *kind, int32_t from_wire,
                                      int32_t to_wire, uint32_t age_ticks)
{
    uint32_t to_turn = turn_of(kind, to_wire);
    if (age_ticks == 1) return (struct course){fixed_fine_cos(to_turn), fixed_fine_sin(to_turn)};
    return course_between(turn_of(kind, from_wire), to_turn, age_ticks);
}

/* Of the displacement what lies along the course; 0 if it turned so much that there is none. */
static int32_t speed16(const struct course *course, int32_t dx, int32_t dy, uint32_t age_ticks)
{
    if (age_ticks == 1) {
        int64_t along = dx * course->x + dy * course->y;
        return (int32_t)floor_shift(along + (1 << 15), 16); /* * 16 / FIXED_FINE_ONE */
    }
    int64_t x = floor_shift(course->x, 8), y = floor_shift(course->y, 8); /* 1 / 4096 */
    int64_t squared = x * x + y * y, ticks = age_ticks;
    if (squared < ticks * ticks << 22) return 0; /* on average less than half a unit vector */
    return (int32_t)((dx * x + dy * y) * (16 * 4096) / squared);
}

void delta_speed_along(const struct schema_kind *kind, const int32_t *from, const int32_t *to,
                       uint32_t age_ticks, int32_t moved[2])
{
    if ((moved[0] | moved[1]) == 0) return;
    struct course course = course_of(kind, from[kind->heading], to[kind->heading], age_ticks);
    moved[0] = speed16(&course, moved[0], moved[1], age_ticks);
    moved[1] = 0;
}

static inline int32_t go_along(const struct wire_field *f, int32_t wire, int32_t speed,
                               int64_t course)
{
    return confine(f, wire + floor_shift(speed * course + (1 << 23), 24)); /* 16 * FIXED_FINE_ONE */
}

void delta_predict_along(const struct schema_kind *kind, const int32_t *base, int32_t speed,
                         int32_t heading, uint32_t age_ticks, int32_t moving[MOVING_FIELDS_MAX])
{
    unsigned x = kind->moving[0], y = kind->moving[1];
    moving[0] = base[x];
    moving[1] = base[y];
    if (speed == 0) return;
    struct course course = course_of(kind, base[kind->heading], heading, age_ticks);
    moving[0] = go_along(&kind->fields[x], base[x], speed, course.x);
    moving[1] = go_along(&kind->fields[y], base[y], speed, course.y);
}

/* -- a whole entity -- */

void delta_quantize(const struct schema *s, const struct entity *e, int32_t wire[WIRE_FIELDS_MAX])
{
    const struct schema_kind *kind = sorted_kind(s, e->kind);
    for (unsigned i = 0; i < kind->wire_count; i++)
        wire[i] = quantize(&kind->fields[i], e->words[kind->fields[i].word]);
}

void delta_start(const struct schema *s, struct wire_entity *w, uint16_t slot,
                 const struct entity *now)
{
    *w = (struct wire_entity){
        .slot = slot, .owner = now->owner, .kind = now->kind, .generation = now->generation};
    delta_quantize(s, now, w->wire);
}

void delta_advance(const struct schema *s, struct wire_entity *w,
                   const int32_t now[WIRE_FIELDS_MAX], uint32_t age_ticks)
{
    ASSERT(age_ticks >= 1);

    const struct schema_kind *kind = sorted_kind(s, w->kind);
    if (kind->moving_count > 0) find_velocities(kind, w->wire, now, age_ticks, w->velocity16);
    for (unsigned i = 0; i < kind->wire_count; i++)
        w->wire[i] = now[i];
}

void delta_predict(const struct schema *s, const struct wire_entity *base, uint32_t age_ticks,
                   int32_t wire[WIRE_FIELDS_MAX])
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    int32_t moving[MOVING_FIELDS_MAX];
    int32_t heading = kind->heading >= 0 ? base->wire[kind->heading] : 0;
    predict_moving(kind, base->wire, base->velocity16, heading, age_ticks, moving);
    for (unsigned i = 0; i < kind->wire_count; i++)
        wire[i] = base->wire[i];
    for (unsigned i = 0; i < kind->moving_count; i++)
        wire[kind->moving[i]] = moving[i];
}

int32_t delta_velocity16(const struct schema *s, const struct wire_entity *e, unsigned moving_index)
{
    const struct schema_kind *kind = sorted_kind(s, e->kind);
    if (kind->heading < 0) return e->velocity16[moving_index];
    uint32_t turn = turn_of(kind, e->wire[kind->heading]);
    int64_t unit = moving_index == 0 ? fixed_fine_cos(turn) : fixed_fine_sin(turn);
    return (int32_t)floor_shift(e->velocity16[0] * unit + FIXED_FINE_ONE / 2, 20);
}

bool delta_has_moved(const struct schema *s, const struct wire_entity *base)
{
    return has_moved(sorted_kind(s, base->kind), base->velocity16);
}

void delta_catch_up(const struct schema *s, struct wire_entity *e)
{
    int32_t expected[WIRE_FIELDS_MAX];
    if (e->behind_ticks == 0) return;
    delta_predict(s, e, e->behind_ticks, expected);
    for (unsigned i = 0; i < sorted_kind(s, e->kind)->wire_count; i++)
        e->wire[i] = expected[i];
    e->behind_ticks = 0;
}

void delta_dequantize(const struct schema *s, const struct wire_entity *w, struct entity *e)
{
    const struct schema_kind *kind = sorted_kind(s, w->kind);
    struct wire_entity caught_up;
    if (w->behind_ticks > 0) {
        caught_up = *w;
        delta_catch_up(s, &caught_up);
        w = &caught_up;
    }
    *e = (struct entity){.kind = w->kind, .generation = w->generation, .owner = w->owner};
    for (unsigned i = 0; i < kind->wire_count; i++) {
        const struct wire_field *f = &kind->fields[i];
        e->words[f->word] = (int32_t)((uint32_t)w->wire[i] << f->shift);
    }
}

/* -- a whole list -- */

uint32_t delta_hash_start(uint32_t count)
{
    return 0x811C9DC5u ^ count;
}

uint32_t delta_hash_add(uint32_t hash, const struct schema *s, const struct wire_entity *e)
{
    const struct schema_kind *kind = sorted_kind(s, e->kind);
    hash = (hash ^ (e->slot | (uint32_t)e->owner << 16)) * 0x9E3779B1u;
    hash = (hash ^ (e->kind | (uint32_t)e->generation << 8)) * 0x9E3779B1u;
    for (unsigned i = 0; i < kind->wire_count; i++) {
        hash = (hash ^ (uint32_t)e->wire[i]) * 0x9E3779B1u;
        hash ^= hash >> 15;
    }
    for (unsigned i = 0; i < kind->moving_count; i++) {
        hash = (hash ^ (uint32_t)e->velocity16[i]) * 0x9E3779B1u;
        hash ^= hash >> 15;
    }
    return hash;
}

uint32_t delta_hash(const struct schema *s, const struct wire_entity *list, uint32_t count)
{
    uint32_t hash = delta_hash_start(count);
    for (uint32_t i = 0; i < count; i++)
        hash = delta_hash_add(hash, s, &list[i]);
    return hash;
}
