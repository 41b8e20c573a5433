#include "shared/snapshot.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/message.h"

/* Orders of the Golomb codes, each about the logarithm of what is usual (PROTOCOL.md). */
#define SEQ_BITS      32
#define HOLD_GOLOMB   5
#define LATE_GOLOMB   4
#define QUEUED_GOLOMB 1
#define COUNT_GOLOMB  0
#define REMOVE_GOLOMB 3
#define SLOT_GOLOMB   4
#define SEAT_GOLOMB   6
#define AGE_GOLOMB    0
#define AGE_BITS      6
#define TICK_LOW_BITS 4 /* of a delta's tick: the rest follows from its base */
#define NAMES_BITS    5
#define NAME_LENGTH   5
#define COLOUR_BITS   4
#define LINES_BITS    7
#define CHAT_LENGTH   7
#define EVENT_BITS    5

_Static_assert(BASE_AGE_TICKS_MAX < 1 << AGE_BITS, "an age fits");
_Static_assert(SNAPSHOT_NAMES_MAX < 1 << NAMES_BITS, "a count of names fits");
_Static_assert(NAME_BYTES_MAX < 1 << NAME_LENGTH, "a name's length fits");
_Static_assert(COLOURS_MAX < 1 << COLOUR_BITS, "a colour fits");
_Static_assert(SNAPSHOT_EVENTS_MAX < 1 << LINES_BITS, "a count of lines fits");
_Static_assert(CHAT_BYTES_MAX < 1 << CHAT_LENGTH, "a chat line's length fits");
_Static_assert(EVENT_KINDS_MAX <= 1 << EVENT_BITS, "an event's kind fits");

/* By enum event_value: the order of the code of such a word. */
static const uint8_t event_golomb[] = {[EVENT_NUMBER] = 4, [EVENT_SEAT] = 5, [EVENT_POSITION] = 16};

/* -- the server's side ------------------------------------------------------------------------- */

/* 0: as many usercmds as ticks went by; 10: none; 11: the number itself. */
static void put_input_seq(struct bits_writer *w, const struct snapshot_header *h,
                          uint32_t expected_seq)
{
    bits_put(w, h->input_seq != expected_seq, 1);
    if (h->input_seq == expected_seq) return;
    bool rested = h->input_seq == expected_seq - h->age_ticks;
    bits_put(w, !rested, 1);
    if (!rested) bits_put(w, h->input_seq, SEQ_BITS);
}

void snapshot_put_header(struct bits_writer *w, const struct snapshot_header *h,
                         uint32_t expected_seq)
{
    ASSERT(h->is_full ? h->age_ticks == 0
                      : h->age_ticks >= 1 && h->age_ticks <= BASE_AGE_TICKS_MAX);
    ASSERT(!h->is_full || !h->is_partial);

    bool has_more = h->has_clock || h->has_echo || h->has_names || h->has_events || h->has_hash ||
                    h->is_partial;
    bits_put(w, MESSAGE_SNAPSHOT, MESSAGE_TYPE_BITS);
    bits_put(w, h->is_full, 1);
    bits_put(w, h->has_self, 1);
    bits_put(w, has_more, 1);
    if (has_more) {
        bits_put(w, h->has_clock, 1);
        bits_put(w, h->has_echo, 1);
        bits_put(w, h->has_names, 1);
        bits_put(w, h->has_events, 1);
        bits_put(w, h->has_hash, 1);
        bits_put(w, h->is_partial, 1);
    }
    if (h->is_full) {
        bits_put(w, h->tick, 32);
    } else {
        bits_put(w, h->tick % (1u << TICK_LOW_BITS), TICK_LOW_BITS);
        bits_put(w, h->age_ticks == 1, 1);
        if (h->age_ticks != 1) bits_put(w, h->age_ticks, AGE_BITS);
    }
    put_input_seq(w, h, expected_seq);
}

void snapshot_put_clock(struct bits_writer *w, const struct snapshot_clock *c)
{
    bits_put(w, c->due_us, 64);
}

void snapshot_put_echo(struct bits_writer *w, const struct snapshot_echo *e)
{
    ASSERT(e->cadence == 1 || e->cadence == 2 || e->cadence == 4);

    bits_put(w, e->stamp_ms, 16);
    bits_put_golomb(w, e->hold_ms, HOLD_GOLOMB);
    bits_put_golomb(w, e->late_100us, LATE_GOLOMB);
    bits_put(w, e->cadence, 3);
    bits_put_golomb(w, e->queued, QUEUED_GOLOMB);
}

static bool is_same_body(const struct snapshot_self *now, const struct snapshot_self *base)
{
    return base->is_known && now->slot == base->slot && now->body.kind == base->body.kind &&
           now->body.generation == base->body.generation;
}

void snapshot_put_self(struct bits_writer *w, const struct schema *s,
                       const struct snapshot_self *now, const struct snapshot_self *base,
                       const int32_t *own_wire)
{
    static const struct entity nothing;

    bits_put(w, now->is_known, 1);
    if (!now->is_known) return;
    bool is_same = is_same_body(now, base);
    bits_put(w, is_same, 1);
    if (!is_same) {
        bits_put(w, now->slot, 16);
        bits_put(w, now->body.generation, 8);
        bits_put(w, now->body.kind, s->kind_bits);
    }
    delta_encode_self(w, s, &now->body, is_same ? &base->body : &nothing, own_wire);
}

void snapshot_put_removes(struct bits_writer *w, const uint16_t *removed, uint32_t count)
{
    bits_put_golomb(w, count, COUNT_GOLOMB);
    uint32_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(removed[i] >= next);
        bits_put_golomb(w, removed[i] - next, REMOVE_GOLOMB);
        next = removed[i] + 1u;
    }
}

void snapshot_put_add_count(struct bits_writer *w, uint32_t count)
{
    bits_put_golomb(w, count, COUNT_GOLOMB);
}

void snapshot_put_add(struct bits_writer *w, const struct schema *s, const struct wire_entity *e,
                      uint32_t previous_slot_plus_1)
{
    ASSERT(e->slot >= previous_slot_plus_1 && e->slot != SLOT_NONE);

    bits_put_golomb(w, e->slot - previous_slot_plus_1, SLOT_GOLOMB);
    delta_encode_add(w, s, e);
}

/* A seat, or one bit for nobody. */
static void put_seat(struct bits_writer *w, uint16_t seat)
{
    bits_put(w, seat != SEAT_NONE, 1);
    if (seat != SEAT_NONE) bits_put_golomb(w, seat, SEAT_GOLOMB);
}

static void put_text(struct bits_writer *w, const char *text, unsigned length_bytes,
                     unsigned length_width_bits)
{
    bits_put(w, length_bytes, length_width_bits);
    for (unsigned i = 0; i < length_bytes; i++)
        bits_put(w, (uint8_t)text[i], 8);
}

void snapshot_put_names(struct bits_writer *w, const struct snapshot_name *names, uint32_t count)
{
    ASSERT(count <= SNAPSHOT_NAMES_MAX);

    bits_put(w, count, NAMES_BITS);
    for (uint32_t i = 0; i < count; i++) {
        ASSERT(names[i].seat != SEAT_NONE && names[i].length_bytes <= NAME_BYTES_MAX);
        bits_put_golomb(w, names[i].seat, SEAT_GOLOMB);
        put_text(w, names[i].text, names[i].length_bytes, NAME_LENGTH);
        ASSERT(names[i].colour <= COLOURS_MAX);
        if (names[i].length_bytes > 0) bits_put(w, names[i].colour, COLOUR_BITS);
    }
}

static void put_event(struct bits_writer *w, const struct schema *s, const struct event *event)
{
    ASSERT(event->kind < s->table->event_kind_count);

    const struct event_kind *kind = &s->table->event_kinds[event->kind];
    bits_put(w, event->kind, EVENT_BITS);
    put_seat(w, event->seat);
    for (unsigned i = 0; i < kind->field_count; i++) {
        bits_put_signed_golomb(w, event->words[i], event_golomb[kind->fields[i].value]);
    }
}

void snapshot_put_lines(struct bits_writer *w, const struct schema *s,
                        const struct snapshot_line *lines, uint32_t count)
{
    ASSERT(count <= SNAPSHOT_EVENTS_MAX);

    bits_put(w, count, LINES_BITS);
    for (uint32_t i = 0; i < count; i++) {
        const struct snapshot_line *line = &lines[i];
        bits_put(w, line->line_kind == LINE_CHAT, 1);
        bits_put_golomb(w, line->age_ticks, AGE_GOLOMB);
        if (line->line_kind == LINE_CHAT) {
            ASSERT(line->chat_length_bytes >= 1 && line->chat_length_bytes <= CHAT_BYTES_MAX);
            put_seat(w, line->chat_seat);
            put_text(w, line->chat_text, line->chat_length_bytes, CHAT_LENGTH);
        } else {
            put_event(w, s, &line->event);
        }
    }
}

void snapshot_put_hash(struct bits_writer *w, uint32_t hash)
{
    bits_put(w, hash, 32);
}

void snapshot_put_lines_header(struct bits_writer *w, uint32_t tick)
{
    bits_put(w, MESSAGE_LINES, 8);
    bits_put(w, tick, 32);
}

/* -- a client's side ----------------------------------------------------------------------------
 */

void seen_init(struct seen *s, const struct schema *schema, struct wire_entity *list,
               struct wire_entity *scratch, uint32_t capacity)
{
    bytes_zero(s, sizeof *s);
    s->schema = schema;
    s->list = list;
    s->scratch = scratch;
    s->capacity = capacity;
}

static const struct wire_entity *find_slot(const struct wire_entity *list, uint32_t count,
                                           uint16_t slot)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list[middle].slot < slot) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && list[low].slot == slot ? &list[low] : NULL;
}

const struct wire_entity *seen_find(const struct seen *s, uint16_t slot)
{
    return find_slot(s->list, s->count, slot);
}

/* What a message says, until all of it has proved right. */
struct decoding {
    struct bits_reader reader;
    struct snapshot_header header;
    struct snapshot_clock clock;
    struct snapshot_echo echo;
    struct snapshot_self self;
    const struct wire_entity *base; /* the list that the updates go on from */
    uint32_t base_count;
    struct bits_reader removes; /* stands before the gaps of the removed ones */
    uint32_t remove_count;
    uint32_t add_count;
    uint32_t count; /* of the new list, which grows in seen.scratch */
    bool hash_differs;
};

static bool flag(struct bits_reader *r)
{
    return bits_get(r, 1) == 1;
}

/* A delta's tick and age; they must lead on from the client's own tick. */
static enum result get_delta_tick(struct bits_reader *r, const struct seen *s,
                                  struct snapshot_header *h)
{
    uint32_t low = (uint32_t)bits_get(r, TICK_LOW_BITS);
    bool is_next = flag(r);
    h->age_ticks = is_next ? 1 : (uint32_t)bits_get(r, AGE_BITS);
    h->tick = s->tick + h->age_ticks;
    if (r->overflow || (!is_next && h->age_ticks < 2)) return RESULT_INVALID;
    if (!s->has_base) return RESULT_AGAIN;
    return h->tick % (1u << TICK_LOW_BITS) == low ? RESULT_OK : RESULT_INVALID;
}

static enum result get_header(struct bits_reader *r, const struct seen *s,
                              struct snapshot_header *h)
{
    if (bits_get(r, MESSAGE_TYPE_BITS) != MESSAGE_SNAPSHOT) return RESULT_INVALID;
    h->is_full = flag(r);
    h->has_self = flag(r);
    bool has_more = flag(r);
    h->has_clock = has_more && flag(r);
    h->has_echo = has_more && flag(r);
    h->has_names = has_more && flag(r);
    h->has_events = has_more && flag(r);
    h->has_hash = has_more && flag(r);
    h->is_partial = has_more && flag(r);
    if (h->is_full && h->is_partial) return RESULT_INVALID;
    if (h->is_full) {
        h->tick = (uint32_t)bits_get(r, 32);
    } else {
        enum result result = get_delta_tick(r, s, h);
        if (result != RESULT_OK) return result;
    }
    uint32_t base_seq = h->is_full ? 0 : s->input_seq;
    h->input_seq = !flag(r)   ? base_seq + h->age_ticks
                   : !flag(r) ? base_seq
                              : (uint32_t)bits_get(r, SEQ_BITS);
    return r->overflow ? RESULT_INVALID : RESULT_OK;
}

static bool get_echo(struct bits_reader *r, struct snapshot_echo *e)
{
    e->stamp_ms = (uint16_t)bits_get(r, 16);
    e->hold_ms = bits_get_golomb(r, HOLD_GOLOMB);
    e->late_100us = bits_get_golomb(r, LATE_GOLOMB);
    e->cadence = (uint8_t)bits_get(r, 3);
    uint32_t queued = bits_get_golomb(r, QUEUED_GOLOMB);
    e->queued = (uint8_t)queued;
    return (e->cadence == 1 || e->cadence == 2 || e->cadence == 4) && queued <= UINT8_MAX;
}

/* What the new list tells of one's own body, or NULL if it is not in it. */
static const int32_t *own_wire(const struct wire_entity *list, uint32_t count,
                               const struct snapshot_self *self)
{
    const struct wire_entity *e = find_slot(list, count, self->slot);
    bool is_own = e != NULL && e->kind == self->body.kind && e->generation == self->body.generation;
    return is_own ? e->wire : NULL;
}

/* `*self` holds the base's and receives the message's. `list` is the new one. */
static bool get_self(struct bits_reader *r, const struct schema *schema,
                     const struct wire_entity *list, uint32_t count, struct snapshot_self *self)
{
    bool was_known = self->is_known;
    self->is_known = flag(r);
    if (!self->is_known) {
        *self = (struct snapshot_self){0};
        return true;
    }
    if (!flag(r)) {
        uint16_t slot = (uint16_t)bits_get(r, 16);
        uint8_t generation = (uint8_t)bits_get(r, 8);
        uint64_t kind = bits_get(r, schema->kind_bits);
        if (slot == SLOT_NONE || kind < 1 || kind > schema->table->kind_count) return false;
        *self = (struct snapshot_self){
            .is_known = true,
            .slot = slot,
            .body = {.kind = (uint8_t)kind, .generation = generation, .owner = SEAT_NONE}};
    } else if (!was_known) {
        return false;
    }
    const int32_t *wire = own_wire(list, count, self);
    return delta_decode_self(r, schema, &self->body, wire) == RESULT_OK;
}

/* Checks the removes and remembers where they stand, to read them again while merging. */
static bool skip_removes(struct decoding *d)
{
    d->remove_count = bits_get_golomb(&d->reader, COUNT_GOLOMB);
    d->removes = d->reader;
    if (d->remove_count > d->base_count) return false;
    uint64_t next = 0;
    for (uint32_t i = 0; i < d->remove_count; i++) {
        next += (uint64_t)bits_get_golomb(&d->reader, REMOVE_GOLOMB) + 1;
        if (next > d->base_count) return false;
    }
    return !d->reader.overflow;
}

/* Reads the adds into the end of the room that the new list will take. */
static bool get_adds(struct decoding *d, struct seen *s)
{
    uint32_t survivor_count = d->base_count - d->remove_count;
    d->add_count = bits_get_golomb(&d->reader, COUNT_GOLOMB);
    if (d->add_count > s->capacity - survivor_count) return false;
    uint64_t next_slot = 0;
    for (uint32_t i = 0; i < d->add_count; i++) {
        struct wire_entity *e = &s->scratch[survivor_count + i];
        uint64_t slot = next_slot + bits_get_golomb(&d->reader, SLOT_GOLOMB);
        if (slot >= SLOT_NONE) return false;
        e->slot = (uint16_t)slot;
        if (delta_decode_add(&d->reader, s->schema, e) != RESULT_OK) return false;
        next_slot = slot + 1;
    }
    return !d->reader.overflow;
}

/* Moves the next adds, those before `slot_end`, to their place in the new list. The list never
 * overtakes the adds not yet moved: as many survivors are still to come as there is room between.
 */
static void merge_adds(struct decoding *d, struct seen *s, uint32_t *next_add, uint32_t slot_end)
{
    uint32_t add_end = d->base_count - d->remove_count + d->add_count;
    while (*next_add < add_end && s->scratch[*next_add].slot < slot_end) {
        if (d->count != *next_add) s->scratch[d->count] = s->scratch[*next_add];
        d->count++;
        (*next_add)++;
    }
}

/* Takes the update of one survivor, or notes that it has none. */
static bool get_update(struct decoding *d, const struct schema *schema, struct wire_entity *e)
{
    uint32_t age_ticks = e->behind_ticks + d->header.age_ticks;
    if (age_ticks > BASE_AGE_TICKS_MAX) return false;
    if (d->header.is_partial && !flag(&d->reader)) {
        e->behind_ticks = (uint16_t)age_ticks;
        return true;
    }
    e->behind_ticks = 0;
    return delta_decode_update(&d->reader, schema, e, age_ticks) == RESULT_OK;
}

/* Builds the new list: survivors with their updates, and the adds, by slot. */
static bool get_updates(struct decoding *d, struct seen *s)
{
    uint32_t removes_left = d->remove_count;
    uint32_t next_add = d->base_count - d->remove_count;
    uint32_t add_end = next_add + d->add_count;
    uint32_t next_remove =
        removes_left > 0 ? bits_get_golomb(&d->removes, REMOVE_GOLOMB) : UINT32_MAX;

    for (uint32_t i = 0; i < d->base_count; i++) {
        if (i == next_remove) {
            next_remove = --removes_left > 0 ? i + 1 + bits_get_golomb(&d->removes, REMOVE_GOLOMB)
                                             : UINT32_MAX;
            continue;
        }
        merge_adds(d, s, &next_add, d->base[i].slot);
        if (next_add < add_end && s->scratch[next_add].slot == d->base[i].slot) return false;
        struct wire_entity *e = &s->scratch[d->count++];
        *e = d->base[i];
        if (!get_update(d, s->schema, e)) return false;
    }
    merge_adds(d, s, &next_add, SLOT_NONE);
    return true;
}

static bool get_seat(struct bits_reader *r, uint16_t *seat)
{
    *seat = SEAT_NONE;
    if (!flag(r)) return true;
    uint32_t value = bits_get_golomb(r, SEAT_GOLOMB);
    *seat = (uint16_t)value;
    return value < SEAT_NONE;
}

static bool get_text(struct bits_reader *r, char *text, unsigned length_bytes)
{
    for (unsigned i = 0; i < length_bytes; i++)
        text[i] = (char)(uint8_t)bits_get(r, 8);
    return !r->overflow && text_is_showable(text, length_bytes);
}

static bool get_names(struct bits_reader *r, struct seen *s)
{
    uint32_t count = (uint32_t)bits_get(r, NAMES_BITS);
    if (count > SNAPSHOT_NAMES_MAX) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct snapshot_name *name = &s->names[i];
        uint32_t seat = bits_get_golomb(r, SEAT_GOLOMB);
        name->seat = (uint16_t)seat;
        name->length_bytes = (uint8_t)bits_get(r, NAME_LENGTH);
        if (seat >= SEAT_NONE || name->length_bytes > NAME_BYTES_MAX) return false;
        name->colour = 0;
        if (name->length_bytes == 0) continue;
        if (!get_text(r, name->text, name->length_bytes)) return false;
        name->colour = (uint8_t)bits_get(r, COLOUR_BITS);
        if (name->colour > COLOURS_MAX) return false;
    }
    s->name_count = count;
    return !r->overflow;
}

static bool get_event(struct bits_reader *r, const struct schema *schema, struct event *event)
{
    event->kind = (uint8_t)bits_get(r, EVENT_BITS);
    if (event->kind >= schema->table->event_kind_count) return false;
    if (!get_seat(r, &event->seat)) return false;
    const struct event_kind *kind = &schema->table->event_kinds[event->kind];
    for (unsigned i = 0; i < kind->field_count; i++) {
        event->words[i] = bits_get_signed_golomb(r, event_golomb[kind->fields[i].value]);
    }
    return true;
}

static bool get_chat(struct bits_reader *r, struct snapshot_line *line)
{
    if (!get_seat(r, &line->chat_seat)) return false;
    line->chat_length_bytes = (uint8_t)bits_get(r, CHAT_LENGTH);
    if (line->chat_length_bytes > CHAT_BYTES_MAX) return false;
    return get_text(r, line->chat_text, line->chat_length_bytes);
}

static bool get_lines(struct bits_reader *r, struct seen *s)
{
    uint32_t count = (uint32_t)bits_get(r, LINES_BITS);
    if (count > SNAPSHOT_EVENTS_MAX) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct snapshot_line *line = &s->lines[i];
        *line = (struct snapshot_line){.line_kind = flag(r) ? LINE_CHAT : LINE_EVENT};
        uint32_t age_ticks = bits_get_golomb(r, AGE_GOLOMB);
        if (age_ticks > UINT8_MAX) return false;
        line->age_ticks = (uint8_t)age_ticks;
        bool ok = line->line_kind == LINE_CHAT ? get_chat(r, line)
                                               : get_event(r, s->schema, &line->event);
        if (!ok) return false;
    }
    s->line_count = count;
    return !r->overflow;
}

/* Everything behind the header. */
static bool get_sections(struct decoding *d, struct seen *s)
{
    struct bits_reader *r = &d->reader;
    const struct snapshot_header *h = &d->header;

    if (h->has_clock) d->clock.due_us = bits_get(r, 64);
    if (h->has_echo && !get_echo(r, &d->echo)) return false;
    if (!skip_removes(d) || !get_adds(d, s) || !get_updates(d, s)) return false;
    if (h->has_self && !get_self(r, s->schema, s->scratch, d->count, &d->self)) return false;
    if (h->has_names && !get_names(r, s)) return false;
    if (h->has_events && !get_lines(r, s)) return false;
    if (h->has_hash) {
        d->hash_differs = bits_get(r, 32) != delta_hash(s->schema, s->scratch, d->count);
    }
    return bits_is_exact_end(r);
}

/* Forgets what came with the message before. */
static void clear_message(struct seen *s)
{
    s->header = (struct snapshot_header){0};
    s->name_count = 0;
    s->line_count = 0;
    s->hash_differs = false;
}

static void commit(struct seen *s, const struct decoding *d)
{
    struct wire_entity *list = s->scratch;
    s->scratch = s->list;
    s->list = list;
    s->count = d->count;
    s->has_base = true;
    s->tick = d->header.tick;
    s->input_seq = d->header.input_seq;
    s->self = d->self;
    s->header = d->header;
    s->echo = d->echo;
    s->clock = d->clock;
    s->hash_differs = d->hash_differs;
}

enum result snapshot_decode(struct seen *s, const uint8_t *bytes, size_t length_bytes)
{
    struct decoding d = {0};
    clear_message(s);
    bits_reader_init(&d.reader, bytes, length_bytes);
    enum result result = get_header(&d.reader, s, &d.header);
    if (result == RESULT_AGAIN) return RESULT_AGAIN;

    if (result == RESULT_OK && !d.header.is_full) {
        d.base = s->list;
        d.base_count = s->count;
        d.self = s->self;
    }
    if (result != RESULT_OK || !get_sections(&d, s)) {
        clear_message(s);
        s->has_base = false;
        return RESULT_INVALID;
    }
    commit(s, &d);
    return RESULT_OK;
}

enum result snapshot_decode_lines(struct seen *s, const uint8_t *bytes, size_t length_bytes)
{
    struct bits_reader r;
    clear_message(s);
    bits_reader_init(&r, bytes, length_bytes);
    bool ok = bits_get(&r, 8) == MESSAGE_LINES;
    uint32_t tick = (uint32_t)bits_get(&r, 32);
    if (!ok || !get_names(&r, s) || !get_lines(&r, s) || !bits_is_exact_end(&r)) {
        clear_message(s);
        return RESULT_INVALID;
    }
    s->header = (struct snapshot_header){.tick = tick, .has_names = true, .has_events = true};
    return RESULT_OK;
}
