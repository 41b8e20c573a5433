#include "shared/delta.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/fixed.h"

#define SELF_GOLOMB     6
#define VELOCITY_GOLOMB 8
#define OWNER_GOLOMB    6
#define VELOCITY_MAX    (1 << 28)

static const struct schema_kind *sorted_kind(const struct schema *s, uint8_t kind)
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

static int32_t confine_far(const struct wire_field *f, int64_t wire)
{
    if (!f->wraps) return wire < f->min ? f->min : f->max;
    int64_t offset = (wire - f->min) % f->span;
    return (int32_t)(f->min + (offset < 0 ? offset + f->span : offset));
}

static inline int32_t confine(const struct wire_field *f, int64_t wire)
{
    return wire >= f->min && wire <= f->max ? (int32_t)wire : confine_far(f, wire);
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

/* displacement * 16 / span, rounded, halves away from zero. */
static inline int32_t velocity16(int32_t displacement, uint32_t span_ticks)
{
    if (span_ticks == 1) return displacement * 16;
    int32_t scaled = displacement * 16, span = (int32_t)span_ticks;
    return (scaled >= 0 ? scaled + span / 2 : scaled - span / 2) / span;
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

static inline int32_t go_along(const struct wire_field *f, int32_t wire, int32_t speed,
                               int64_t course)
{
    return confine(f, wire + floor_shift(speed * course + (1 << 23), 24)); /* 16 * FIXED_FINE_ONE */
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

/* Makes of the way that two fields went their one speed along the heading. */
static void speed_along(const struct schema_kind *kind, const int32_t *from, const int32_t *to,
                        uint32_t age_ticks, int32_t moved[2])
{
    if ((moved[0] | moved[1]) == 0) return;
    struct course course = course_of(kind, from[kind->heading], to[kind->heading], age_ticks);
    moved[0] = speed16(&course, moved[0], moved[1], age_ticks);
    moved[1] = 0;
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
    if (has_speed) speed_along(kind, from, to, age_ticks, velocities);
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

static inline void predict_along(const struct schema_kind *kind, const int32_t *base, int32_t speed,
                                 int32_t heading, uint32_t age_ticks,
                                 int32_t moving[MOVING_FIELDS_MAX])
{
    unsigned x = kind->moving[0], y = kind->moving[1];
    moving[0] = base[x];
    moving[1] = base[y];
    if (speed == 0) return;
    struct course course = course_of(kind, base[kind->heading], heading, age_ticks);
    moving[0] = go_along(&kind->fields[x], base[x], speed, course.x);
    moving[1] = go_along(&kind->fields[y], base[y], speed, course.y);
}

/* Fills moving[] with what is expected of the fields that move, `heading` being known already. */
static inline void predict_moving(const struct schema_kind *kind, const int32_t *base,
                                  const int32_t *velocities, int32_t heading, uint32_t age_ticks,
                                  int32_t moving[MOVING_FIELDS_MAX])
{
    if (kind->heading >= 0) {
        predict_along(kind, base, velocities[0], heading, age_ticks, moving);
        return;
    }
    for (unsigned i = 0; i < kind->moving_count; i++) {
        unsigned at = kind->moving[i];
        int64_t ahead = (int64_t)velocities[i] * age_ticks;
        moving[i] = confine(&kind->fields[at], base[at] + floor_shift(ahead + 8, 4));
    }
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

/* -- symbols -- */

/* A residue's symbol, and the bits that tell it from the others of its bucket. */
struct residue {
    unsigned symbol, extra, extra_bits;
};

static inline struct residue residue_of(int32_t value)
{
    uint32_t size = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    if (size <= RESIDUE_EXACT) {
        return (struct residue){size == 0 ? 0 : 2 * size - (value > 0), 0, 0};
    }
    unsigned top = 31 - (unsigned)__builtin_clz(size);
    if (top > 11) return (struct residue){RESIDUE_RAW, 0, 0};
    unsigned half = size >> (top - 1) & 1, bucket = RESIDUE_EXACT + 1 + 2 * (top - 3) + half;
    return (struct residue){2 * bucket - (value > 0), size & ((1u << (top - 1)) - 1), top - 1};
}

unsigned delta_residue_symbol(int32_t value, unsigned *extra_bits)
{
    struct residue residue = residue_of(value);
    *extra_bits = residue.extra_bits;
    return residue.symbol;
}

static inline void put_absolute(struct bits_writer *w, const struct wire_field *f, int32_t now)
{
    bits_append(w, (uint32_t)now - (uint32_t)f->min, f->bits);
}

/* By residue, or by the value itself where that is shorter. */
static inline void put_residue(struct bits_writer *w, const struct schema *s,
                               const struct wire_field *f, int32_t now, int32_t value)
{
    const struct code *code = &s->codes[f->code];
    struct residue residue = residue_of(value);
    unsigned width = code_length(code, residue.symbol) + residue.extra_bits;
    if (residue.symbol == RESIDUE_RAW || width > code_length(code, RESIDUE_RAW) + f->bits) {
        code_put(w, code, RESIDUE_RAW);
        put_absolute(w, f, now);
        return;
    }
    code_put(w, code, residue.symbol);
    bits_append(w, residue.extra, residue.extra_bits);
}

static bool get_absolute(struct bits_reader *r, const struct wire_field *f, int32_t *wire)
{
    int64_t value = (int64_t)bits_get(r, f->bits) + f->min;
    if (value > f->max) return false;
    *wire = (int32_t)value;
    return true;
}

static inline bool move_by(const struct wire_field *f, int32_t by, int32_t *wire)
{
    int64_t value = (int64_t)*wire + by;
    if (value >= f->min && value <= f->max) {
        *wire = (int32_t)value;
        return true;
    }
    *wire = confine_far(f, value);
    return f->wraps;
}

/* `*wire` holds the expectation and receives the value. */
static inline bool get_residue(struct bits_reader *r, const struct schema *s,
                               const struct wire_field *f, int32_t *wire)
{
    unsigned symbol = code_get(r, &s->codes[f->code]);
    if (symbol == RESIDUE_RAW) return get_absolute(r, f, wire);
    if (symbol == 0) return true;
    unsigned bucket = (symbol + 1) / 2;
    int32_t size = (int32_t)bucket;
    if (bucket > RESIDUE_EXACT) {
        unsigned top = 3 + (bucket - RESIDUE_EXACT - 1) / 2;
        unsigned half = (bucket - RESIDUE_EXACT - 1) % 2;
        unsigned extra = (unsigned)bits_peek(r) & ((1u << (top - 1)) - 1);
        bits_skip(r, top - 1);
        size = (int32_t)((2 + half) << (top - 1) | extra);
    }
    return move_by(f, symbol % 2 == 1 ? size : -size, wire);
}

/* -- updates -- */

static inline bool has_moved(const struct schema_kind *kind, const int32_t *velocities)
{
    int32_t moved = 0;
    for (unsigned i = 0; i < kind->moving_count; i++)
        moved |= velocities[i];
    return moved != 0;
}

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

/* What of an update stands in its shape and its mask, and the misses of what moves. */
struct outline {
    unsigned shape, mask;
    int32_t moving[MOVING_FIELDS_MAX];
};

static inline void draw_outline(const struct schema_kind *kind, const int32_t *base,
                                const int32_t *velocities, const int32_t *now, uint32_t age_ticks,
                                struct outline *o)
{
    int32_t expected[MOVING_FIELDS_MAX];
    int32_t turned = 0;
    o->shape = o->mask = 0;
    if (kind->moving_count > 0) {
        int32_t heading = kind->heading >= 0 ? now[kind->heading] : 0;
        predict_moving(kind, base, velocities, heading, age_ticks, expected);
        for (unsigned i = 0; i < kind->moving_count; i++) {
            unsigned at = kind->moving[i];
            o->moving[i] = difference(&kind->fields[at], now[at], expected[i]);
        }
        o->shape = miss_of(kind, o->moving);
    }
    for (unsigned i = 0; i < kind->turning_count; i++)
        turned |= now[kind->turning[i]] ^ base[kind->turning[i]];
    for (unsigned i = 0; i < kind->rare_count; i++)
        o->mask |= (unsigned)(now[kind->rare[i]] != base[kind->rare[i]]) << i;
    if (turned != 0) o->shape += SHAPE_TURNING;
    if (o->mask != 0) o->shape += SHAPE_RARE;
}

void delta_compare(const struct schema *s, const struct wire_entity *base,
                   const int32_t now[WIRE_FIELDS_MAX], uint32_t age_ticks,
                   struct delta_difference *d)
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    struct outline o;
    draw_outline(kind, base->wire, base->velocity16, now, age_ticks, &o);
    *d = (struct delta_difference){.shape = o.shape, .mask = o.mask};
    for (unsigned i = 0; i < kind->wire_count; i++)
        d->residues[i] = difference(&kind->fields[i], now[i], base->wire[i]);
    for (unsigned i = 0; i < kind->moving_count; i++)
        d->residues[kind->moving[i]] = o.moving[i];
}

bool delta_has_moved(const struct schema *s, const struct wire_entity *base)
{
    return has_moved(sorted_kind(s, base->kind), base->velocity16);
}

/* Those whose residue is against the base. */
static void put_changed(struct bits_writer *w, const struct schema *s,
                        const struct schema_kind *kind, unsigned at, const int32_t *base,
                        const int32_t *now)
{
    const struct wire_field *f = &kind->fields[at];
    put_residue(w, s, f, now[at], difference(f, now[at], base[at]));
}

static void put_rare(struct bits_writer *w, const struct schema *s, const struct schema_kind *kind,
                     const int32_t *base, const int32_t *now, unsigned mask)
{
    if (kind->rare_count > MASK_FIELDS_MAX) {
        bits_append(w, mask, kind->rare_count);
    } else if (kind->rare_count > 1) {
        code_put(w, &s->codes[kind->mask], mask - 1);
    }
    for (unsigned i = 0; i < kind->rare_count; i++) {
        if (mask >> i & 1) put_changed(w, s, kind, kind->rare[i], base, now);
    }
}

static inline void encode_update(struct bits_writer *w, const struct schema *s,
                                 const struct schema_kind *kind, const int32_t *base,
                                 const int32_t *velocities, const int32_t *now, uint32_t age_ticks)
{
    struct outline o;
    if (kind->wire_count == 0) return;
    draw_outline(kind, base, velocities, now, age_ticks, &o);
    code_put(w, &s->codes[kind->shapes[has_moved(kind, velocities)]], o.shape);
    if (o.shape == 0) return;
    for (unsigned i = 0; o.shape / SHAPE_TURNING % 2 == 1 && i < kind->turning_count; i++)
        put_changed(w, s, kind, kind->turning[i], base, now);
    for (unsigned i = 0; o.shape % MISSES == MISS_FAR && i < kind->moving_count; i++) {
        unsigned at = kind->moving[i];
        put_residue(w, s, &kind->fields[at], now[at], o.moving[i]);
    }
    if (o.mask != 0) put_rare(w, s, kind, base, now, o.mask);
}

void delta_encode_update(struct bits_writer *w, const struct schema *s,
                         const struct wire_entity *base, const int32_t now[WIRE_FIELDS_MAX],
                         uint32_t age_ticks)
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    encode_update(w, s, kind, base->wire, base->velocity16, now, age_ticks);
}

/* Many things do nothing, tick by tick; and what moves shows it by its first words, the position. */
static inline bool rests(const struct schema_kind *kind, const struct delta_step *step)
{
    const int32_t *before = step->before != NULL ? step->before : step->base;
    for (unsigned i = 0; i < kind->wire_count; i++) {
        if (((step->now[i] ^ step->base[i]) | (before[i] ^ step->base[i])) != 0) return false;
    }
    return true;
}

void delta_encode_step(struct bits_writer *w, const struct schema *s, uint8_t kind_number,
                       const struct delta_step *step)
{
    const struct schema_kind *kind = sorted_kind(s, kind_number);
    int32_t velocities[MOVING_FIELDS_MAX] = {0};
    if (rests(kind, step)) {
        if (kind->wire_count > 0) code_put(w, &s->codes[kind->shapes[0]], 0);
        return;
    }
    ASSERT(step->age_ticks >= 1 && (step->before == NULL || step->base_age_ticks >= 1));
    if (step->before != NULL)
        find_velocities(kind, step->before, step->base, step->base_age_ticks, velocities);
    encode_update(w, s, kind, step->base, velocities, step->now, step->age_ticks);
}

static bool get_group(struct bits_reader *r, const struct schema *s, const struct schema_kind *kind,
                      const uint8_t *group, unsigned count, int32_t *wire)
{
    for (unsigned i = 0; i < count; i++) {
        if (!get_residue(r, s, &kind->fields[group[i]], &wire[group[i]])) return false;
    }
    return true;
}

static bool get_rare(struct bits_reader *r, const struct schema *s, const struct schema_kind *kind,
                     int32_t *wire)
{
    unsigned mask = kind->rare_count > MASK_FIELDS_MAX ? (unsigned)bits_get(r, kind->rare_count)
                    : kind->rare_count > 1             ? code_get(r, &s->codes[kind->mask]) + 1
                                                       : 1;
    for (unsigned i = 0; i < kind->rare_count; i++) {
        unsigned at = kind->rare[i];
        if ((mask >> i & 1) && !get_residue(r, s, &kind->fields[at], &wire[at])) return false;
    }
    return true;
}

/* Moves the moving fields to where they are expected, the heading being the new one already. */
static inline void expect_moving(const struct schema_kind *kind, struct wire_entity *e,
                                 int32_t from_heading, uint32_t age_ticks)
{
    int32_t expected[MOVING_FIELDS_MAX];
    if (kind->heading >= 0) {
        int32_t heading = e->wire[kind->heading];
        e->wire[kind->heading] = from_heading;
        predict_moving(kind, e->wire, e->velocity16, heading, age_ticks, expected);
        e->wire[kind->heading] = heading;
    } else {
        predict_moving(kind, e->wire, e->velocity16, 0, age_ticks, expected);
    }
    for (unsigned i = 0; i < kind->moving_count; i++)
        e->wire[kind->moving[i]] = expected[i];
}

static bool get_moving(struct bits_reader *r, const struct schema *s,
                       const struct schema_kind *kind, unsigned miss, int32_t *wire)
{
    if (miss == 0) return true;
    if (miss == MISS_FAR) return get_group(r, s, kind, kind->moving, kind->moving_count, wire);
    unsigned x = kind->moving[0], y = kind->moving[1];
    return move_by(&kind->fields[x], near_x(miss), &wire[x]) &&
           move_by(&kind->fields[y], near_y(miss), &wire[y]);
}

/* Reads what a shape other than 0 announces, the moving fields being where they were. */
static bool get_announced(struct bits_reader *r, const struct schema *s,
                          const struct schema_kind *kind, unsigned shape, struct wire_entity *e,
                          uint32_t age_ticks)
{
    int32_t from_heading = kind->heading >= 0 ? e->wire[kind->heading] : 0;
    if (shape / SHAPE_TURNING % 2 == 1 &&
        !get_group(r, s, kind, kind->turning, kind->turning_count, e->wire)) {
        return false;
    }
    expect_moving(kind, e, from_heading, age_ticks);
    if (!get_moving(r, s, kind, shape % MISSES, e->wire)) return false;
    return shape < SHAPE_RARE || get_rare(r, s, kind, e->wire);
}

enum result delta_decode_update(struct bits_reader *r, const struct schema *s,
                                struct wire_entity *base, uint32_t age_ticks)
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    if (kind->wire_count == 0) return RESULT_OK;

    bool moved = has_moved(kind, base->velocity16);
    unsigned shape = code_get(r, &s->codes[kind->shapes[moved]]);
    if (shape == 0 && !moved) return r->overflow ? RESULT_INVALID : RESULT_OK;

    int32_t from[WIRE_FIELDS_MAX]; /* what find_velocities() asks for */
    for (unsigned i = 0; i < kind->moving_count; i++)
        from[kind->moving[i]] = base->wire[kind->moving[i]];
    if (kind->heading >= 0) from[kind->heading] = base->wire[kind->heading];
    if (kind->warp >= 0) from[kind->warp] = base->wire[kind->warp];
    if (!get_announced(r, s, kind, shape, base, age_ticks) || r->overflow) return RESULT_INVALID;
    if (kind->moving_count > 0)
        find_velocities(kind, from, base->wire, age_ticks, base->velocity16);
    return RESULT_OK;
}

/* -- first appearances -- */

/* What follows a heading has one speed. */
static unsigned velocity_count(const struct schema_kind *kind)
{
    return kind->heading >= 0 ? 1 : kind->moving_count;
}

void delta_encode_add(struct bits_writer *w, const struct schema *s, const struct wire_entity *e)
{
    const struct schema_kind *kind = sorted_kind(s, e->kind);
    bits_put(w, e->kind, s->kind_bits);
    bits_put(w, e->generation, 8);
    bits_put(w, e->owner != SEAT_NONE, 1);
    if (e->owner != SEAT_NONE) bits_put_golomb(w, e->owner, OWNER_GOLOMB);
    for (unsigned i = 0; i < kind->wire_count; i++)
        put_absolute(w, &kind->fields[i], e->wire[i]);
    bool moves = has_moved(kind, e->velocity16);
    if (kind->moving_count > 0) bits_put(w, moves, 1);
    for (unsigned i = 0; moves && i < velocity_count(kind); i++)
        bits_put_signed_golomb(w, e->velocity16[i], VELOCITY_GOLOMB);
}

enum result delta_decode_add(struct bits_reader *r, const struct schema *s, struct wire_entity *e)
{
    uint64_t kind_number = bits_get(r, s->kind_bits);
    if (kind_number < 1 || kind_number > s->table->kind_count) return RESULT_INVALID;
    *e = (struct wire_entity){.slot = e->slot, .owner = SEAT_NONE, .kind = (uint8_t)kind_number};

    const struct schema_kind *kind = sorted_kind(s, e->kind);
    e->generation = (uint8_t)bits_get(r, 8);
    if (bits_get(r, 1) == 1) {
        uint32_t owner = bits_get_golomb(r, OWNER_GOLOMB);
        if (owner >= SEAT_NONE) return RESULT_INVALID;
        e->owner = (uint16_t)owner;
    }
    for (unsigned i = 0; i < kind->wire_count; i++) {
        if (!get_absolute(r, &kind->fields[i], &e->wire[i])) return RESULT_INVALID;
    }
    bool moves = kind->moving_count > 0 && bits_get(r, 1) == 1;
    for (unsigned i = 0; moves && i < velocity_count(kind); i++) {
        e->velocity16[i] = bits_get_signed_golomb(r, VELOCITY_GOLOMB);
        if (e->velocity16[i] < -VELOCITY_MAX || e->velocity16[i] > VELOCITY_MAX)
            return RESULT_INVALID;
    }
    return r->overflow ? RESULT_INVALID : RESULT_OK;
}

/* -- one's own body --
 *
 * What everybody sees of it comes with the update; here is what lies below the quantum, and what
 * nobody else is told. */

/* One word of the self block, as its client expects it. */
struct self_word {
    int32_t expected; /* as it was, or moved into the quantum that the client knows */
    unsigned shift;   /* bits below the quantum; 0: they would not help */
    bool is_moving;   /* they are likely to change */
};

static inline struct self_word self_word_of(const struct schema_kind *kind,
                                            const struct self_field *f, int32_t before,
                                            const int32_t *own_wire)
{
    if (f->wire < 0 || own_wire == NULL) return (struct self_word){.expected = before};

    struct self_word word = {before, f->shift, f->is_moving};
    int32_t wire = own_wire[f->wire];
    uint32_t low = (UINT32_C(1) << f->shift) - 1;
    if (quantize(&kind->fields[f->wire], before) != wire)
        word.expected = (int32_t)((uint32_t)wire << f->shift | ((uint32_t)before & low));
    return word;
}

/* Where low bits help: 0 and they follow, 1 the difference follows, if they are likely to change;
 * else 0 as expected, 10 they follow, 11 the difference follows. Where not: 0 as expected, 1 the
 * difference follows. */
static inline void put_self_word(struct bits_writer *w, const struct self_word *word, int32_t now)
{
    uint32_t low = (UINT32_C(1) << word->shift) - 1;
    uint32_t apart = (uint32_t)now - (uint32_t)word->expected;
    bool is_near = word->shift > 0 && (((uint32_t)now ^ (uint32_t)word->expected) & ~low) == 0;
    if (!word->is_moving) bits_append(w, apart != 0, 1);
    if (!word->is_moving && apart == 0) return;
    if (word->shift > 0) bits_append(w, !is_near, 1);
    if (is_near) {
        bits_append(w, (uint32_t)now & low, word->shift);
    } else {
        bits_put_signed_golomb(w, (int32_t)apart, SELF_GOLOMB);
    }
}

static int32_t get_self_word(struct bits_reader *r, const struct self_word *word)
{
    uint32_t low = (UINT32_C(1) << word->shift) - 1;
    if (!word->is_moving && bits_get(r, 1) == 0) return word->expected;
    if (word->shift > 0 && bits_get(r, 1) == 0) {
        return (int32_t)(((uint32_t)word->expected & ~low) | (uint32_t)bits_get(r, word->shift));
    }
    uint32_t apart = (uint32_t)bits_get_signed_golomb(r, SELF_GOLOMB);
    return (int32_t)((uint32_t)word->expected + apart);
}

/* What differs from the expectation mostly shows at the first word, the position. */
static bool is_as_expected(const struct schema_kind *kind, const int32_t *now, const int32_t *base,
                           const int32_t *own_wire)
{
    for (unsigned i = 0; i < kind->self_count; i++) {
        const struct self_field *f = &kind->self_fields[i];
        struct self_word word = self_word_of(kind, f, base[f->word], own_wire);
        if (now[f->word] != word.expected) return false;
    }
    return true;
}

void delta_encode_self(struct bits_writer *w, const struct schema *s, const struct entity *now,
                       const struct entity *base, const int32_t *own_wire)
{
    const struct schema_kind *kind = sorted_kind(s, now->kind);
    if (is_as_expected(kind, now->words, base->words, own_wire)) {
        bits_append(w, 0, 1);
        return;
    }
    bits_append(w, 1, 1);
    for (unsigned i = 0; i < kind->self_count; i++) {
        const struct self_field *f = &kind->self_fields[i];
        struct self_word word = self_word_of(kind, f, base->words[f->word], own_wire);
        put_self_word(w, &word, now->words[f->word]);
    }
}

enum result delta_decode_self(struct bits_reader *r, const struct schema *s, struct entity *body,
                              const int32_t *own_wire)
{
    const struct schema_kind *kind = sorted_kind(s, body->kind);
    bool differs = bits_get(r, 1) == 1;
    for (unsigned i = 0; i < kind->self_count; i++) {
        const struct self_field *f = &kind->self_fields[i];
        struct self_word word = self_word_of(kind, f, body->words[f->word], own_wire);
        body->words[f->word] = differs ? get_self_word(r, &word) : word.expected;
    }
    return r->overflow ? RESULT_INVALID : RESULT_OK;
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
