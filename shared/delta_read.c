#include "shared/delta_parts.h"

#define VELOCITY_MAX (1 << 28)

/* -- one field; `*wire` holds the expectation and receives the value -- */

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
    *wire = delta_confine_far(f, value);
    return f->wraps;
}

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
