#include "client/view/capture.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/version.h"

#define SPAN_US      (CAPTURE_SECONDS * UINT64_C(1000000))
#define RECORD_BYTES 13u /* kind, time and length before a record's bytes */

/* -- integers into a half, and out of a file -- */

struct sink {
    uint8_t *at;
    uint32_t used_bytes, capacity_bytes;
    bool overflow; /* sticky */
};

static void put_bytes(struct sink *s, const void *bytes, size_t length_bytes)
{
    if (s->overflow || length_bytes > s->capacity_bytes - s->used_bytes) {
        s->overflow = true;
        return;
    }
    bytes_copy(s->at + s->used_bytes, bytes, length_bytes);
    s->used_bytes += (uint32_t)length_bytes;
}

static void put_number(struct sink *s, uint64_t value, unsigned length_bytes)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < length_bytes; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    put_bytes(s, bytes, length_bytes);
}

struct source {
    const uint8_t *at, *end;
    bool overflow; /* sticky */
};

static const uint8_t *get_bytes(struct source *s, size_t length_bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *at = s->at;
    if (s->overflow || length_bytes > (size_t)(s->end - s->at)) {
        s->overflow = true;
        return nothing;
    }
    s->at += length_bytes;
    return at;
}

static uint64_t get_number(struct source *s, unsigned length_bytes)
{
    const uint8_t *bytes = get_bytes(s, length_bytes);
    uint64_t value = 0;
    for (unsigned i = 0; i < length_bytes && !s->overflow; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* -- starts -- */

static void put_self(struct sink *s, const struct schema *schema, const struct snapshot_self *self)
{
    put_number(s, self->is_known, 1);
    if (!self->is_known) return;
    const struct entity *body = &self->body;
    const struct entity_kind *kind = &schema->table->kinds[body->kind - 1];
    const struct schema_kind *sorted = &schema->kinds[body->kind - 1];
    put_number(s, self->slot, 2);
    put_number(s, body->kind, 1);
    put_number(s, body->generation, 1);
    for (unsigned i = 0; i < sorted->self_count; i++)
        put_number(s, (uint32_t)body->words[kind->fields[sorted->self[i]].word], 4);
}

static void put_entity(struct sink *s, const struct schema *schema, const struct wire_entity *e)
{
    const struct schema_kind *sorted = &schema->kinds[e->kind - 1];
    put_number(s, e->slot, 2);
    put_number(s, e->owner, 2);
    put_number(s, e->behind_ticks, 2);
    put_number(s, e->kind, 1);
    put_number(s, e->generation, 1);
    for (unsigned i = 0; i < sorted->wire_count; i++)
        put_number(s, (uint32_t)e->wire[i], 4);
    for (unsigned i = 0; i < sorted->moving_count; i++)
        put_number(s, (uint32_t)e->velocity16[i], 4);
}

static void put_start(struct sink *s, const struct seen *seen, uint64_t now_us)
{
    put_number(s, CAPTURE_START, 1);
    put_number(s, now_us, 8);
    uint32_t length_at = s->used_bytes;
    put_number(s, 0, 4);
    put_number(s, seen->tick, 4);
    put_number(s, seen->input_seq, 4);
    put_self(s, seen->schema, &seen->self);
    put_number(s, seen->count, 2);
    for (uint32_t i = 0; i < seen->count; i++)
        put_entity(s, seen->schema, &seen->list[i]);

    struct sink length = {.at = s->at + length_at, .capacity_bytes = 4};
    if (!s->overflow) put_number(&length, s->used_bytes - length_at - 4, 4);
}

static bool get_self(struct source *s, const struct schema *schema, struct snapshot_self *self)
{
    *self = (struct snapshot_self){.is_known = get_number(s, 1) != 0};
    if (!self->is_known) return true;
    self->slot = (uint16_t)get_number(s, 2);
    self->body.kind = (uint8_t)get_number(s, 1);
    self->body.generation = (uint8_t)get_number(s, 1);
    self->body.owner = SEAT_NONE;
    if (self->body.kind < 1 || self->body.kind > schema->table->kind_count) return false;
    const struct entity_kind *kind = &schema->table->kinds[self->body.kind - 1];
    const struct schema_kind *sorted = &schema->kinds[self->body.kind - 1];
    for (unsigned i = 0; i < sorted->self_count; i++)
        self->body.words[kind->fields[sorted->self[i]].word] = (int32_t)get_number(s, 4);
    return true;
}

/* A value out of its field's range never came over a wire. */
static bool get_entity(struct source *s, const struct schema *schema, struct wire_entity *e)
{
    *e = (struct wire_entity){.slot = (uint16_t)get_number(s, 2)};
    e->owner = (uint16_t)get_number(s, 2);
    e->behind_ticks = (uint16_t)get_number(s, 2);
    e->kind = (uint8_t)get_number(s, 1);
    e->generation = (uint8_t)get_number(s, 1);
    if (e->kind < 1 || e->kind > schema->table->kind_count) return false;
    const struct entity_kind *kind = &schema->table->kinds[e->kind - 1];
    const struct schema_kind *sorted = &schema->kinds[e->kind - 1];
    for (unsigned i = 0; i < sorted->wire_count; i++) {
        const struct field *f = &kind->fields[sorted->wire[i]];
        e->wire[i] = (int32_t)get_number(s, 4);
        if (e->wire[i] < f->min || e->wire[i] > f->max) return false;
    }
    for (unsigned i = 0; i < sorted->moving_count; i++)
        e->velocity16[i] = (int32_t)get_number(s, 4);
    return true;
}

enum result capture_restore(const struct capture_record *record, struct seen *seen)
{
    struct source s = {record->bytes, record->bytes + record->length_bytes, false};
    uint32_t tick = (uint32_t)get_number(&s, 4), input_seq = (uint32_t)get_number(&s, 4);
    struct snapshot_self self;
    seen->has_base = false;
    if (!get_self(&s, seen->schema, &self)) return RESULT_INVALID;
    uint32_t count = (uint32_t)get_number(&s, 2);
    if (count > seen->capacity) return RESULT_INVALID;
    for (uint32_t i = 0; i < count; i++) {
        if (!get_entity(&s, seen->schema, &seen->list[i])) return RESULT_INVALID;
        if (i > 0 && seen->list[i].slot <= seen->list[i - 1].slot) return RESULT_INVALID;
    }
    if (s.overflow || s.at != s.end) return RESULT_INVALID;
    seen->tick = tick;
    seen->input_seq = input_seq;
    seen->self = self;
    seen->count = count;
    seen->has_base = true;
    return RESULT_OK;
}

/* -- writing -- */

void capture_init(struct capture *c, uint8_t *memory, uint32_t capacity_bytes)
{
    ASSERT(capacity_bytes == 0 || capacity_bytes >= CAPTURE_BYTES_MIN);
    bytes_zero(c, sizeof *c);
    c->half_bytes = capacity_bytes / 2;
    c->halves[0].bytes = memory;
    c->halves[1].bytes = memory + c->half_bytes;
}

void capture_begin(struct capture *c, const struct message_welcome *welcome)
{
    c->welcome = *welcome;
    bytes_zero(c->welcome.token, sizeof c->welcome.token);
    c->halves[0].used_bytes = c->halves[1].used_bytes = 0;
    c->has_match = c->half_bytes != 0;
}

/* Empties the older half and goes on there, from what the client knows now. */
static void begin_half(struct capture *c, const struct seen *seen, uint64_t now_us)
{
    if (c->halves[c->newer].used_bytes > 0) c->newer = 1 - c->newer;
    struct capture_half *half = &c->halves[c->newer];
    struct sink s = {.at = half->bytes, .capacity_bytes = c->half_bytes};
    if (seen->has_base) put_start(&s, seen, now_us);
    ASSERT(!s.overflow);
    half->used_bytes = s.used_bytes;
    half->from_us = now_us;
}

void capture_note(struct capture *c, enum capture_kind kind, const uint8_t *bytes,
                  size_t length_bytes, uint64_t now_us, const struct seen *seen)
{
    ASSERT(length_bytes <= MESSAGE_DOWN_BYTES_MAX);
    if (!c->has_match) return;
    struct capture_half *half = &c->halves[c->newer];
    bool is_full = length_bytes + RECORD_BYTES > c->half_bytes - half->used_bytes;
    if (half->used_bytes == 0 || is_full || now_us - half->from_us >= SPAN_US) {
        begin_half(c, seen, now_us);
        half = &c->halves[c->newer];
    }
    struct sink s = {half->bytes, half->used_bytes, c->half_bytes, false};
    put_number(&s, kind, 1);
    put_number(&s, now_us, 8);
    put_number(&s, length_bytes, 4);
    put_bytes(&s, bytes, length_bytes);
    ASSERT(!s.overflow);
    half->used_bytes = s.used_bytes;
}

bool capture_finish(struct capture *c, uint64_t wall_ms, uint64_t now_us)
{
    static const char build[] = TICKWIRE_VERSION;
    _Static_assert(sizeof build <= CAPTURE_BUILD_BYTES, "a version's name fits");
    uint8_t welcome[CAPTURE_HEAD_BYTES / 2];
    struct sink s = {.at = c->head, .capacity_bytes = sizeof c->head};
    if (!c->has_match) return false;

    size_t welcome_bytes = message_encode_welcome(welcome, sizeof welcome, &c->welcome);
    ASSERT(welcome_bytes > 0);
    put_bytes(&s, CAPTURE_MAGIC, sizeof CAPTURE_MAGIC - 1);
    put_number(&s, CAPTURE_VERSION, 1);
    put_number(&s, wall_ms, 8);
    put_number(&s, now_us, 8);
    put_number(&s, sizeof build - 1, 1);
    put_bytes(&s, build, sizeof build - 1);
    put_number(&s, welcome_bytes, 2);
    put_bytes(&s, welcome, welcome_bytes);
    ASSERT(!s.overflow);
    c->head_bytes = s.used_bytes;
    return true;
}

uint32_t capture_part(const struct capture *c, unsigned index, const uint8_t **bytes)
{
    ASSERT(index < CAPTURE_PARTS);
    if (index == 0) {
        *bytes = c->head;
        return c->head_bytes;
    }
    const struct capture_half *half = &c->halves[index == 1 ? 1 - c->newer : c->newer];
    *bytes = half->bytes;
    return half->used_bytes;
}

/* -- reading -- */

enum result capture_open(struct capture_reader *r, const uint8_t *bytes, size_t length_bytes)
{
    struct source s = {bytes, bytes + length_bytes, false};
    size_t magic_bytes = sizeof CAPTURE_MAGIC - 1;
    *r = (struct capture_reader){.at = bytes};
    const uint8_t *magic = get_bytes(&s, magic_bytes);
    if (s.overflow || !bytes_equal(magic, CAPTURE_MAGIC, magic_bytes)) return RESULT_CLOSED;
    if (get_number(&s, 1) != CAPTURE_VERSION) return RESULT_CLOSED;

    r->head.wall_ms = get_number(&s, 8);
    r->head.saved_us = get_number(&s, 8);
    size_t build_bytes = (size_t)get_number(&s, 1);
    const uint8_t *build = get_bytes(&s, build_bytes);
    if (s.overflow || build_bytes >= sizeof r->head.build) return RESULT_INVALID;
    bytes_copy(r->head.build, build, build_bytes);
    size_t welcome_bytes = (size_t)get_number(&s, 2);
    const uint8_t *welcome = get_bytes(&s, welcome_bytes);
    if (s.overflow) return RESULT_INVALID;
    r->at = s.at;
    r->end = s.end;
    return message_decode_welcome(welcome, welcome_bytes, &r->head.welcome);
}

enum result capture_next(struct capture_reader *r, struct capture_record *record)
{
    struct source s = {r->at, r->end, false};
    if (s.at == s.end) return RESULT_CLOSED;
    uint64_t kind = get_number(&s, 1);
    record->at_us = get_number(&s, 8);
    record->length_bytes = (uint32_t)get_number(&s, 4);
    record->bytes = get_bytes(&s, record->length_bytes);
    if (s.overflow || kind >= CAPTURE_KIND_COUNT) return RESULT_INVALID;
    record->kind = (enum capture_kind)kind;
    r->at = s.at;
    return RESULT_OK;
}
