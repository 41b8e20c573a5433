#include "shared/delta_parts.h"

/* -- what an update says -- */

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

/* -- one field -- */

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

/* -- updates -- */

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

/* -- first appearances -- */

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
