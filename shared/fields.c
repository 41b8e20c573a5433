#include "shared/fields.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/codes.h"
#include "shared/crc32c.h"
#include "shared/usercmd.h"

#define NAME_MAX      32
#define WIRE_BITS_MAX 24
/* Raised when the wire itself changes, so that builds of different protocols never meet. */
#define PROTOCOL_VERSION 3

static bool name_is_valid(const char *name)
{
    if (name == NULL || name[0] < 'a' || name[0] > 'z') return false;
    for (size_t i = 0; name[i] != '\0'; i++) {
        char c = name[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        if (!ok || i >= NAME_MAX) return false;
    }
    return true;
}

static bool range_is_valid(int32_t min, int32_t max, unsigned bits, int32_t numerator,
                           int32_t denominator)
{
    if (bits < 1 || bits > WIRE_BITS_MAX || min > max) return false;
    if (numerator < 1 || denominator < 1) return false;
    return ((int64_t)max - min) >> bits == 0;
}

static bool field_is_valid(const struct field *f)
{
    if (!name_is_valid(f->name) || f->word >= ENTITY_WORDS) return false;
    if (f->kind > FIELD_NUMBER || f->audience > AUDIENCE_ALL) return false;
    if (f->extrapolate > EXTRAPOLATE_HEADING || f->shift > 24) return false;
    if (f->audience != AUDIENCE_ALL) return f->unit_numerator >= 1 && f->unit_denominator >= 1;
    if (f->kind == FIELD_NUMBER) return false;
    return range_is_valid(f->min, f->max, f->bits, f->unit_numerator, f->unit_denominator);
}

static bool is_heading(const struct field *f)
{
    bool is_turn = f->wraps && (int64_t)f->max - f->min + 1 == INT64_C(1) << f->bits;
    return f->kind == FIELD_ANGLE && is_turn && f->bits <= HEADING_BITS_MAX;
}

/* Files wire field number `wire_index` under the group whose change it shares. */
static bool sort_wire_field(struct schema_kind *sorted, const struct field *f, uint8_t wire_index)
{
    if (f->extrapolate == EXTRAPOLATE_VELOCITY ||
        (f->extrapolate == EXTRAPOLATE_HEADING && f->kind == FIELD_POSITION)) {
        if (sorted->moving_count == MOVING_FIELDS_MAX) return false;
        sorted->moving[sorted->moving_count++] = wire_index;
    } else if (f->kind == FIELD_ANGLE || f->kind == FIELD_POSITION) {
        if (f->extrapolate == EXTRAPOLATE_HEADING) {
            if (sorted->heading >= 0 || !is_heading(f)) return false;
            sorted->heading = (int8_t)wire_index;
            sorted->heading_shift = (uint8_t)(HEADING_BITS_MAX - f->bits);
        }
        sorted->turning[sorted->turning_count++] = wire_index;
    } else {
        if (f->extrapolate == EXTRAPOLATE_HEADING) return false;
        if (f->kind == FIELD_WARP) sorted->warp = (int8_t)wire_index;
        sorted->rare[sorted->rare_count++] = wire_index;
    }
    sorted->fields[wire_index] =
        (struct wire_field){.min = f->min,
                            .max = f->max,
                            .span = (int32_t)((int64_t)f->max - f->min + 1),
                            .word = f->word,
                            .shift = f->shift,
                            .bits = f->bits,
                            .kind = f->kind,
                            .wraps = f->wraps};
    return true;
}

/* What follows a heading are two positions and nothing else that moves. */
static bool headings_are_valid(const struct schema_kind *sorted, const struct entity_kind *kind)
{
    unsigned followers = 0;
    for (unsigned i = 0; i < sorted->moving_count; i++) {
        const struct field *f = &kind->fields[sorted->wire[sorted->moving[i]]];
        followers += f->extrapolate == EXTRAPOLATE_HEADING;
    }
    if (sorted->heading < 0) return followers == 0;
    return followers == 2 && sorted->moving_count == 2;
}

static void sort_self_field(struct schema_kind *sorted, const struct field *f, uint8_t index)
{
    bool is_told = f->audience == AUDIENCE_ALL; /* to everybody, at wire precision */
    sorted->self_fields[sorted->self_count] = (struct self_field){
        .word = f->word,
        .wire = is_told ? (int8_t)sorted->wire_count : -1,
        .shift = is_told ? f->shift : 0,
        .is_moving = is_told && f->shift > 0 && f->extrapolate != EXTRAPOLATE_HOLD};
    sorted->self[sorted->self_count++] = index;
}

static bool sort_kind(struct schema_kind *sorted, const struct entity_kind *kind)
{
    *sorted = (struct schema_kind){.warp = -1, .heading = -1};
    if (!name_is_valid(kind->name) || kind->field_count > ENTITY_WORDS) return false;
    if (kind->x_word >= ENTITY_WORDS || kind->y_word >= ENTITY_WORDS) return false;

    for (uint8_t i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (!field_is_valid(f)) return false;
        if (f->audience != AUDIENCE_NONE) sort_self_field(sorted, f, i);
        if (f->audience != AUDIENCE_ALL) continue;
        if (sorted->wire_count == WIRE_FIELDS_MAX) return false;
        if (!sort_wire_field(sorted, f, sorted->wire_count)) return false;
        sorted->wire[sorted->wire_count++] = i;
    }
    return headings_are_valid(sorted, kind);
}

static bool usercmd_fields_are_valid(const struct field_table *table)
{
    if (table->usercmd_field_count > USERCMD_WORDS) return false;
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        if (!name_is_valid(f->name) || f->kind > USERCMD_SIGNED) return false;
        if (f->kind != USERCMD_SIGNED && f->min != 0) return false;
        if (f->min > 0 || f->max < 0) return false; /* 0 is what a seat without input asks for */
        if (!range_is_valid(f->min, f->max, f->bits, f->unit_numerator, f->unit_denominator)) {
            return false;
        }
    }
    return true;
}

static bool events_are_valid(const struct field_table *table)
{
    if (table->event_kind_count > EVENT_KINDS_MAX) return false;
    for (unsigned i = 0; i < table->event_kind_count; i++) {
        const struct event_kind *kind = &table->event_kinds[i];
        if (!name_is_valid(kind->name) || kind->event_class > EVENT_DROPPABLE) return false;
        if (kind->field_count > EVENT_WORDS) return false;
        for (unsigned j = 0; j < kind->field_count; j++) {
            if (!name_is_valid(kind->fields[j].name)) return false;
            if (kind->fields[j].value > EVENT_POSITION) return false;
        }
    }
    return true;
}

static uint32_t hash_text(uint32_t crc, const char *text)
{
    return crc32c(crc, text, text_length(text) + 1);
}

static uint32_t hash_number(uint32_t crc, uint32_t number)
{
    uint8_t bytes[4] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                        (uint8_t)(number >> 24)};
    return crc32c(crc, bytes, sizeof bytes);
}

static uint32_t hash_field(uint32_t crc, const struct field *f)
{
    const uint32_t numbers[] = {f->kind,
                                f->audience,
                                f->extrapolate,
                                f->word,
                                f->shift,
                                f->bits,
                                f->wraps,
                                (uint32_t)f->min,
                                (uint32_t)f->max,
                                (uint32_t)f->unit_numerator,
                                (uint32_t)f->unit_denominator};
    crc = hash_text(crc, f->name);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        crc = hash_number(crc, numbers[i]);
    return crc;
}

/* The codes as they are used, trained or not. */
static uint32_t hash_codes(uint32_t crc, const struct schema *s)
{
    for (unsigned i = 0; i < s->table->kind_count; i++) {
        const struct schema_kind *kind = &s->kinds[i];
        crc = hash_number(crc, kind->shapes[0] | (uint32_t)kind->shapes[1] << 8 |
                                   (uint32_t)kind->mask << 16);
        for (unsigned j = 0; j < kind->wire_count; j++)
            crc = hash_number(crc, kind->fields[j].code);
    }
    for (unsigned i = 0; i < s->code_count; i++) {
        const struct code *code = &s->codes[i];
        crc = hash_number(crc, code->symbol_count);
        for (unsigned symbol = 0; symbol < code->symbol_count; symbol++)
            crc = hash_number(crc, code_length(code, symbol));
    }
    return crc;
}

static uint32_t hash_table(const struct field_table *table)
{
    uint32_t crc = hash_text(hash_number(0, PROTOCOL_VERSION), table->game);
    crc = hash_number(crc, table->step_version);
    for (unsigned i = 0; i < table->kind_count; i++) {
        const struct entity_kind *kind = &table->kinds[i];
        crc = hash_text(crc, kind->name);
        crc = hash_number(crc,
                          kind->flags | (uint32_t)kind->x_word << 8 | (uint32_t)kind->y_word << 16);
        for (unsigned j = 0; j < kind->field_count; j++)
            crc = hash_field(crc, &kind->fields[j]);
    }
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        crc = hash_number(hash_text(crc, f->name), f->kind | (uint32_t)f->bits << 8);
        crc = hash_number(hash_number(crc, (uint32_t)f->min), (uint32_t)f->max);
    }
    for (unsigned i = 0; i < table->event_kind_count; i++) {
        const struct event_kind *kind = &table->event_kinds[i];
        crc = hash_number(hash_text(crc, kind->name), kind->event_class);
        for (unsigned j = 0; j < kind->field_count; j++) {
            crc = hash_number(hash_text(crc, kind->fields[j].name), kind->fields[j].value);
        }
    }
    return crc;
}

enum result schema_init(struct schema *s, const struct field_table *table)
{
    *s = (struct schema){.table = table};
    if (!name_is_valid(table->game)) return RESULT_INVALID;
    if (table->kind_count < 1 || table->kind_count > KINDS_MAX) return RESULT_INVALID;
    if (table->global_count > GLOBAL_WORDS) return RESULT_INVALID;
    for (unsigned i = 0; i < table->global_count; i++) {
        if (!name_is_valid(table->global_names[i])) return RESULT_INVALID;
    }
    for (unsigned i = 0; i < table->kind_count; i++) {
        if (!sort_kind(&s->kinds[i], &table->kinds[i])) return RESULT_INVALID;
    }
    if (!usercmd_fields_are_valid(table) || !events_are_valid(table)) return RESULT_INVALID;

    while (table->kind_count >> s->kind_bits != 0)
        s->kind_bits++;
    if (!codes_make(s)) return RESULT_INVALID;
    s->hash = hash_codes(hash_table(table), s);
    return RESULT_OK;
}

int32_t field_confine(const struct field *f, int64_t wire)
{
    if (wire >= f->min && wire <= f->max) return (int32_t)wire;
    if (f->wraps) {
        int64_t span = (int64_t)f->max - f->min + 1;
        int64_t offset = (wire - f->min) % span;
        return (int32_t)(f->min + (offset < 0 ? offset + span : offset));
    }
    return wire < f->min ? f->min : f->max;
}

/* Floors also below zero, where >> of a negative number is the implementation's choice. */
static int32_t shift_floor(int32_t value, unsigned shift)
{
    return value >= 0 ? value >> shift : ~(~value >> shift);
}

int32_t field_quantize(const struct field *f, int32_t sim)
{
    return field_confine(f, shift_floor(sim, f->shift));
}

int32_t field_dequantize(const struct field *f, int32_t wire)
{
    return (int32_t)((uint32_t)wire << f->shift);
}

int32_t field_difference(const struct field *f, int32_t to, int32_t from)
{
    int64_t difference = (int64_t)to - from;
    if (f->wraps) {
        int64_t span = (int64_t)f->max - f->min + 1;
        if (difference > span / 2) difference -= span;
        if (difference < -span / 2) difference += span;
    }
    return (int32_t)difference;
}
