#include "shared/delta.h"

#include "shared/bytes.h"
#include "shared/check.h"

/* Residues: n ones and a zero say that |residue| has n significant bits; RESIDUE_RAW ones say that
 * the value itself follows. Small misses are by far the most frequent (PROTOCOL.md has the table).
 */
#define RESIDUE_RAW     9
#define SELF_GOLOMB     6
#define VELOCITY_GOLOMB 5
#define OWNER_GOLOMB    6

static const struct schema_kind *sorted_kind(const struct schema *s, uint8_t kind)
{
    ASSERT(kind >= 1 && kind <= s->table->kind_count);
    return &s->kinds[kind - 1];
}

/* The field behind number `wire_index` of a kind's wire values. */
static const struct field *wire_field(const struct schema *s, uint8_t kind, unsigned wire_index)
{
    return &s->table->kinds[kind - 1].fields[s->kinds[kind - 1].wire[wire_index]];
}

/* Division by 2^shift that floors on every compiler. */
static int32_t floor_shift(int64_t value, unsigned shift)
{
    return (int32_t)(value >= 0 ? value >> shift : ~(~value >> shift));
}

/* displacement * 16 / span, rounded, halves away from zero. No field is wider than 24 bits. */
static int32_t velocity16(int32_t displacement, uint32_t span_ticks)
{
    int32_t scaled = displacement * 16, span = (int32_t)span_ticks;
    return (scaled >= 0 ? scaled + span / 2 : scaled - span / 2) / span;
}

static int32_t predict_field(const struct field *f, int32_t wire, int32_t velocity,
                             uint32_t age_ticks)
{
    int64_t ahead = (int64_t)velocity * age_ticks;
    return field_confine(f, (int64_t)wire + floor_shift(ahead + 8, 4));
}

void delta_quantize(const struct schema *s, const struct entity *e, int32_t wire[WIRE_FIELDS_MAX])
{
    const struct schema_kind *kind = sorted_kind(s, e->kind);
    for (unsigned i = 0; i < kind->wire_count; i++) {
        const struct field *f = wire_field(s, e->kind, i);
        wire[i] = field_quantize(f, e->words[f->word]);
    }
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
    bool warped = kind->warp >= 0 && now[kind->warp] != w->wire[kind->warp];
    for (unsigned i = 0; i < kind->moving_count; i++) {
        unsigned at = kind->moving[i];
        int32_t displacement = field_difference(wire_field(s, w->kind, at), now[at], w->wire[at]);
        w->velocity16[i] = warped ? 0 : velocity16(displacement, age_ticks);
    }
    for (unsigned i = 0; i < kind->wire_count; i++)
        w->wire[i] = now[i];
}

void delta_predict(const struct schema *s, const struct wire_entity *base, uint32_t age_ticks,
                   int32_t wire[WIRE_FIELDS_MAX])
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    for (unsigned i = 0; i < kind->wire_count; i++)
        wire[i] = base->wire[i];
    for (unsigned i = 0; i < kind->moving_count; i++) {
        unsigned at = kind->moving[i];
        wire[at] = predict_field(wire_field(s, base->kind, at), base->wire[at], base->velocity16[i],
                                 age_ticks);
    }
}

static void put_residue(struct bits_writer *w, const struct field *f, int32_t now, int32_t expected)
{
    int32_t residue = field_difference(f, now, expected);
    uint32_t size = residue < 0 ? 0u - (uint32_t)residue : (uint32_t)residue;
    unsigned size_bits = size == 0 ? 0 : 32 - (unsigned)__builtin_clz(size);
    if (size_bits >= RESIDUE_RAW) {
        bits_put(w, (1u << RESIDUE_RAW) - 1, RESIDUE_RAW);
        bits_put(w, (uint32_t)now - (uint32_t)f->min, f->bits);
        return;
    }
    /* In one piece, for it is the most frequent code of all: the ones and their zero, then sign and
     * size, the size without its highest bit. */
    uint32_t code = (1u << size_bits) - 1;
    if (size_bits > 0) {
        code |= (uint32_t)(residue < 0) << (size_bits + 1);
        code |= (size - (1u << (size_bits - 1))) << (size_bits + 2);
    }
    bits_put(w, code, size_bits == 0 ? 1 : 2 * size_bits + 1);
}

static bool get_absolute(struct bits_reader *r, const struct field *f, int32_t *wire)
{
    int64_t value = (int64_t)bits_get(r, f->bits) + f->min;
    if (value > f->max) return false;
    *wire = (int32_t)value;
    return true;
}

/* `*wire` holds the expectation and receives the value. */
static bool get_residue(struct bits_reader *r, const struct field *f, int32_t *wire)
{
    unsigned size_bits = 0;
    while (size_bits < RESIDUE_RAW && bits_get(r, 1) == 1)
        size_bits++;
    if (size_bits == RESIDUE_RAW) return get_absolute(r, f, wire);
    if (size_bits == 0) return true;
    bool negative = bits_get(r, 1) == 1;
    int64_t size = (INT64_C(1) << (size_bits - 1)) + (int64_t)bits_get(r, size_bits - 1);
    int64_t value = *wire + (negative ? -size : size);
    if (!f->wraps && (value < f->min || value > f->max)) return false;
    *wire = field_confine(f, value);
    return true;
}

static bool group_differs(const uint8_t *group, unsigned count, const int32_t *a, const int32_t *b)
{
    for (unsigned i = 0; i < count; i++) {
        if (a[group[i]] != b[group[i]]) return true;
    }
    return false;
}

static void put_group(struct bits_writer *w, const struct schema *s, uint8_t kind,
                      const uint8_t *group, unsigned count, const int32_t *now,
                      const int32_t *expected)
{
    for (unsigned i = 0; i < count; i++) {
        put_residue(w, wire_field(s, kind, group[i]), now[group[i]], expected[group[i]]);
    }
}

static bool get_group(struct bits_reader *r, const struct schema *s, uint8_t kind,
                      const uint8_t *group, unsigned count, int32_t *wire)
{
    for (unsigned i = 0; i < count; i++) {
        if (!get_residue(r, wire_field(s, kind, group[i]), &wire[group[i]])) return false;
    }
    return true;
}

/* 0 as expected, 10 moving only, 110 moving and turning, 111 a mask follows; a kind without moving
 * or turning fields has no code for them. */
void delta_encode_update(struct bits_writer *w, const struct schema *s,
                         const struct wire_entity *base, const int32_t now[WIRE_FIELDS_MAX],
                         uint32_t age_ticks)
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    int32_t expected[WIRE_FIELDS_MAX];
    delta_predict(s, base, age_ticks, expected);

    bool moving = group_differs(kind->moving, kind->moving_count, now, expected);
    bool turning = group_differs(kind->turning, kind->turning_count, now, expected);
    bool rare = group_differs(kind->rare, kind->rare_count, now, expected);
    bool has_moving = kind->moving_count > 0, has_turning = kind->turning_count > 0;
    unsigned plain_codes = has_moving + has_turning;
    unsigned code = !moving && !turning && !rare                 ? 0
                    : rare || (turning && !moving && has_moving) ? plain_codes + 1
                                                                 : (unsigned)moving + turning;
    bits_put(w, (1u << code) - 1, code <= plain_codes ? code + 1 : code);
    if (code == 0) return;
    if (code > plain_codes) {
        if (has_moving) bits_put(w, moving, 1);
        if (has_turning) bits_put(w, turning, 1);
    }
    if (moving) put_group(w, s, base->kind, kind->moving, kind->moving_count, now, expected);
    if (turning) put_group(w, s, base->kind, kind->turning, kind->turning_count, now, expected);
    if (code <= plain_codes) return;
    for (unsigned i = 0; i < kind->rare_count; i++) {
        unsigned at = kind->rare[i];
        const struct field *f = wire_field(s, base->kind, at);
        bits_put(w, now[at] != expected[at], 1);
        if (now[at] != expected[at]) bits_put(w, (uint32_t)now[at] - (uint32_t)f->min, f->bits);
    }
}

enum result delta_decode_update(struct bits_reader *r, const struct schema *s,
                                struct wire_entity *base, uint32_t age_ticks)
{
    const struct schema_kind *kind = sorted_kind(s, base->kind);
    int32_t now[WIRE_FIELDS_MAX];
    delta_predict(s, base, age_ticks, now);

    bool has_moving = kind->moving_count > 0, has_turning = kind->turning_count > 0;
    unsigned plain_codes = has_moving + has_turning;
    unsigned code = 0;
    while (code <= plain_codes && bits_get(r, 1) == 1)
        code++;
    bool masked = code > plain_codes;
    bool moving = masked ? has_moving && bits_get(r, 1) == 1 : code >= 1 && has_moving;
    bool turning = masked ? has_turning && bits_get(r, 1) == 1
                          : code == plain_codes && code >= 1 && has_turning;
    if (moving && !get_group(r, s, base->kind, kind->moving, kind->moving_count, now)) {
        return RESULT_INVALID;
    }
    if (turning && !get_group(r, s, base->kind, kind->turning, kind->turning_count, now)) {
        return RESULT_INVALID;
    }
    for (unsigned i = 0; masked && i < kind->rare_count; i++) {
        unsigned at = kind->rare[i];
        if (bits_get(r, 1) == 0) continue;
        if (!get_absolute(r, wire_field(s, base->kind, at), &now[at])) return RESULT_INVALID;
    }
    if (r->overflow) return RESULT_INVALID;
    delta_advance(s, base, now, age_ticks);
    return RESULT_OK;
}

void delta_encode_add(struct bits_writer *w, const struct schema *s, const struct wire_entity *e)
{
    const struct schema_kind *kind = sorted_kind(s, e->kind);
    bits_put(w, e->kind, s->kind_bits);
    bits_put(w, e->generation, 8);
    bits_put(w, e->owner != SEAT_NONE, 1);
    if (e->owner != SEAT_NONE) bits_put_golomb(w, e->owner, OWNER_GOLOMB);
    for (unsigned i = 0; i < kind->wire_count; i++) {
        const struct field *f = wire_field(s, e->kind, i);
        bits_put(w, (uint32_t)e->wire[i] - (uint32_t)f->min, f->bits);
    }
    bool is_moving = false;
    for (unsigned i = 0; i < kind->moving_count; i++)
        is_moving |= e->velocity16[i] != 0;
    if (kind->moving_count > 0) bits_put(w, is_moving, 1);
    for (unsigned i = 0; is_moving && i < kind->moving_count; i++) {
        bits_put_signed_golomb(w, e->velocity16[i], VELOCITY_GOLOMB);
    }
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
        if (!get_absolute(r, wire_field(s, e->kind, i), &e->wire[i])) return RESULT_INVALID;
    }
    bool is_moving = kind->moving_count > 0 && bits_get(r, 1) == 1;
    for (unsigned i = 0; is_moving && i < kind->moving_count; i++) {
        e->velocity16[i] = bits_get_signed_golomb(r, VELOCITY_GOLOMB);
        if (e->velocity16[i] < -(1 << 28) || e->velocity16[i] > 1 << 28) return RESULT_INVALID;
    }
    return r->overflow ? RESULT_INVALID : RESULT_OK;
}

void delta_encode_self(struct bits_writer *w, const struct schema *s, const struct entity *now,
                       const struct entity *base)
{
    const struct entity_kind *kind = &s->table->kinds[now->kind - 1];
    const struct schema_kind *sorted = sorted_kind(s, now->kind);
    for (unsigned i = 0; i < sorted->self_count; i++) {
        unsigned word = kind->fields[sorted->self[i]].word;
        uint32_t difference = (uint32_t)now->words[word] - (uint32_t)base->words[word];
        bits_put(w, difference != 0, 1);
        if (difference != 0) bits_put_signed_golomb(w, (int32_t)difference, SELF_GOLOMB);
    }
}

enum result delta_decode_self(struct bits_reader *r, const struct schema *s, struct entity *body)
{
    const struct entity_kind *kind = &s->table->kinds[body->kind - 1];
    const struct schema_kind *sorted = sorted_kind(s, body->kind);
    for (unsigned i = 0; i < sorted->self_count; i++) {
        unsigned word = kind->fields[sorted->self[i]].word;
        if (bits_get(r, 1) == 0) continue;
        uint32_t difference = (uint32_t)bits_get_signed_golomb(r, SELF_GOLOMB);
        body->words[word] = (int32_t)((uint32_t)body->words[word] + difference);
    }
    return r->overflow ? RESULT_INVALID : RESULT_OK;
}

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
        const struct field *f = wire_field(s, w->kind, i);
        e->words[f->word] = field_dequantize(f, w->wire[i]);
    }
}
