#include "shared/json_update.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/delta.h"

enum section {
    SECTION_NONE,
    SECTION_PUT,
    SECTION_DEL,
    SECTION_NAMES,
    SECTION_COLOURS,
    SECTION_EVENTS,
    SECTION_COUNT
};

/* Key and brackets of each list. */
static const struct {
    const char *key;
    char open, close;
} sections[SECTION_COUNT] = {
    [SECTION_PUT] = {"put", '{', '}'},       [SECTION_DEL] = {"del", '[', ']'},
    [SECTION_NAMES] = {"names", '{', '}'},   [SECTION_COLOURS] = {"colours", '{', '}'},
    [SECTION_EVENTS] = {"events", '[', ']'},
};

/* Ends the list that is open and starts `section`, if it is another. */
static void enter(struct json_update *u, enum section section)
{
    if (u->section == section) return;
    if (u->section != SECTION_NONE) json_close(&u->writer, sections[u->section].close);
    u->section = (uint8_t)section;
    if (section == SECTION_NONE) return;
    json_put_key(&u->writer, sections[section].key);
    json_open(&u->writer, sections[section].open);
}

static void put_member_text(struct json_writer *w, const char *key, const char *text)
{
    json_put_key(w, key);
    json_put_text(w, text, text_length(text));
}

static void put_member_number(struct json_writer *w, const char *key, int64_t value)
{
    json_put_key(w, key);
    json_put_integer(w, value);
}

static void put_seat(struct json_writer *w, const char *key, int32_t seat)
{
    json_put_key(w, key);
    if (seat == SEAT_NONE) {
        json_put_null(w);
    } else {
        json_put_integer(w, seat);
    }
}

/* -- entities ---------------------------------------------------------------------------------- */

static bool is_same(const int32_t *a, const int32_t *b, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (a[i] != b[i]) return false;
    }
    return true;
}

static void put_wire_field(struct json_writer *w, const struct field *f, int32_t wire)
{
    if (f->kind == FIELD_SEAT) {
        put_seat(w, f->name, wire);
        return;
    }
    json_put_key(w, f->name);
    json_put_ratio(w, (int64_t)wire * f->unit_numerator, f->unit_denominator);
}

size_t json_piece_write(char *text, size_t capacity_bytes, const struct schema *s,
                        const struct json_entity *e)
{
    ASSERT(capacity_bytes >= JSON_PIECE_BYTES_MAX);
    ASSERT(e->kind >= 1 && e->kind <= s->table->kind_count);

    const struct entity_kind *kind = &s->table->kinds[e->kind - 1];
    const struct schema_kind *sorted = &s->kinds[e->kind - 1];
    if (e->base != NULL && is_same(e->wire, e->base, sorted->wire_count)) return 0;
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_put_number_key(&w, e->slot);
    json_open(&w, '{');
    if (e->base == NULL) {
        put_member_text(&w, "kind", kind->name);
        if (e->owner != SEAT_NONE) put_member_number(&w, "owner", e->owner);
    }
    for (unsigned i = 0; i < sorted->wire_count; i++) {
        if (e->base != NULL && e->wire[i] == e->base[i]) continue;
        put_wire_field(&w, &kind->fields[sorted->wire[i]], e->wire[i]);
    }
    json_close(&w, '}');
    size_t length_bytes = json_finish(&w);
    ASSERT(length_bytes > 0);
    return length_bytes;
}

/* -- updates ----------------------------------------------------------------------------------- */

void json_update_begin(struct json_update *u, char *text, size_t capacity_bytes,
                       const struct json_update_header *h)
{
    *u = (struct json_update){.tick = h->tick, .section = SECTION_NONE};
    struct json_writer *w = &u->writer;
    json_writer_init(w, text, capacity_bytes);
    json_open(w, '{');
    put_member_text(w, "type", h->is_lines ? "lines" : "update");
    put_member_number(w, "tick", h->tick);
    if (h->has_ack) put_member_number(w, "ack", h->ack_seq);
    if (h->is_full) {
        json_put_key(w, "full");
        json_put_bool(w, true);
    }
}

void json_update_put_piece(struct json_update *u, const char *piece, size_t length_bytes)
{
    if (length_bytes == 0) return;
    enter(u, SECTION_PUT);
    json_put_raw(&u->writer, piece, length_bytes);
}

void json_update_put(struct json_update *u, const struct schema *s, uint16_t slot,
                     const struct entity *now, const int32_t *base)
{
    char piece[JSON_PIECE_BYTES_MAX];
    int32_t wire[WIRE_FIELDS_MAX];
    const struct json_entity e = {
        .slot = slot, .kind = now->kind, .owner = now->owner, .wire = wire, .base = base};
    delta_quantize(s, now, wire);
    json_update_put_piece(u, piece, json_piece_write(piece, sizeof piece, s, &e));
}

void json_update_del(struct json_update *u, uint16_t slot)
{
    enter(u, SECTION_DEL);
    json_put_unsigned(&u->writer, slot);
}

/* The words of a body that nobody else knows, at simulation precision. Returns how many there are;
 * with `w` NULL it only counts them. */
static unsigned put_owner_fields(struct json_writer *w, const struct schema *s,
                                 const struct entity *now, const struct entity *base)
{
    const struct entity_kind *kind = &s->table->kinds[now->kind - 1];
    unsigned count = 0;
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (f->audience != AUDIENCE_OWNER) continue;
        if (base != NULL && base->words[f->word] == now->words[f->word]) continue;
        count++;
        if (w == NULL) continue;
        json_put_key(w, f->name);
        json_put_ratio(w, (int64_t)now->words[f->word] * f->unit_numerator,
                       (int64_t)f->unit_denominator << f->shift);
    }
    return count;
}

void json_update_you(struct json_update *u, const struct schema *s, uint16_t seat,
                     const struct snapshot_self *now, const struct snapshot_self *base)
{
    struct json_writer *w = &u->writer;
    bool is_same = now->is_known && base->is_known && now->slot == base->slot &&
                   now->body.kind == base->body.kind &&
                   now->body.generation == base->body.generation;
    const struct entity *base_body = is_same ? &base->body : NULL;
    if (is_same && put_owner_fields(NULL, s, &now->body, base_body) == 0) return;
    if (!now->is_known && !base->is_known) return;

    enter(u, SECTION_NONE);
    json_put_key(w, "you");
    json_open(w, '{');
    if (!now->is_known) {
        json_put_key(w, "id");
        json_put_null(w);
    } else if (!is_same) {
        put_member_number(w, "id", now->slot);
        put_seat(w, "seat", seat);
    }
    if (now->is_known) put_owner_fields(w, s, &now->body, base_body);
    json_close(w, '}');
}

void json_update_names(struct json_update *u, const struct snapshot_name *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        enter(u, SECTION_NAMES);
        json_put_number_key(&u->writer, names[i].seat);
        if (names[i].length_bytes == 0) {
            json_put_null(&u->writer);
        } else {
            json_put_text(&u->writer, names[i].text, names[i].length_bytes);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (names[i].length_bytes == 0 || names[i].colour == 0) continue;
        enter(u, SECTION_COLOURS);
        json_put_number_key(&u->writer, names[i].seat);
        json_put_unsigned(&u->writer, names[i].colour);
    }
}

static void put_event(struct json_writer *w, const struct schema *s, int32_t unit,
                      const struct event *event)
{
    ASSERT(event->kind < s->table->event_kind_count);

    const struct event_kind *kind = &s->table->event_kinds[event->kind];
    put_member_text(w, "type", kind->name);
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct event_field *f = &kind->fields[i];
        if (f->value == EVENT_SEAT) {
            put_seat(w, f->name, event->words[i]);
            continue;
        }
        if (f->value == EVENT_POSITION && event->words[i] == EVENT_UNSEEN) continue;
        json_put_key(w, f->name);
        json_put_ratio(w, event->words[i], f->value == EVENT_POSITION ? unit : 1);
    }
}

static void put_line(struct json_writer *w, const struct schema *s, int32_t unit,
                     const struct snapshot_line *line, uint32_t tick)
{
    json_open(w, '{');
    if (line->line_kind == LINE_CHAT) {
        put_member_text(w, "type", "chat");
        put_seat(w, "seat", line->chat_seat);
        json_put_key(w, "text");
        json_put_text(w, line->chat_text, line->chat_length_bytes);
    } else {
        put_event(w, s, unit, &line->event);
    }
    put_member_number(w, "tick", tick - line->age_ticks);
    json_close(w, '}');
}

void json_update_lines(struct json_update *u, const struct schema *s, int32_t unit,
                       const struct snapshot_line *lines, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        enter(u, SECTION_EVENTS);
        put_line(&u->writer, s, unit, &lines[i], u->tick);
    }
}

size_t json_line_write(char *text, size_t capacity_bytes, const struct schema *s, int32_t unit,
                       const struct snapshot_line *line, uint32_t tick)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    put_line(&w, s, unit, line, tick);
    return json_finish(&w);
}

size_t json_update_end(struct json_update *u)
{
    enter(u, SECTION_NONE);
    json_close(&u->writer, '}');
    return json_finish(&u->writer);
}

/* -- the other messages ------------------------------------------------------------------------ */

/* Secret and seat in one text, so that a page has one thing to keep. */
static void put_token(struct json_writer *w, const struct message_welcome *m)
{
    uint8_t bytes[TOKEN_BYTES + 2];
    bytes_copy(bytes, m->token, TOKEN_BYTES);
    bytes[TOKEN_BYTES] = (uint8_t)(m->seat >> 8);
    bytes[TOKEN_BYTES + 1] = (uint8_t)m->seat;
    json_put_key(w, "token");
    json_put_hex(w, bytes, sizeof bytes);
}

size_t json_welcome_write(char *text, size_t capacity_bytes, const struct json_welcome *m)
{
    const struct message_welcome *welcome = m->welcome;
    uint32_t hash = welcome->schema_hash;
    const uint8_t hash_bytes[] = {(uint8_t)(hash >> 24), (uint8_t)(hash >> 16),
                                  (uint8_t)(hash >> 8), (uint8_t)hash};
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_member_text(&w, "type", "welcome");
    put_member_number(&w, "version", MESSAGE_VERSION);
    put_member_text(&w, "room", welcome->room);
    put_member_text(&w, "game", welcome->game);
    put_member_text(&w, "map", welcome->map);
    put_seat(&w, "seat", welcome->seat);
    if (welcome->seat != SEAT_NONE) put_token(&w, welcome);
    json_put_key(&w, "resumed");
    json_put_bool(&w, welcome->is_resumed);
    put_member_number(&w, "tick", welcome->tick);
    put_member_number(&w, "rate", welcome->tick_hz);
    json_put_key(&w, "schema");
    json_put_hex(&w, hash_bytes, sizeof hash_bytes);
    put_member_number(&w, "tile", m->tile_units);
    json_put_key(&w, "view");
    json_open(&w, '[');
    json_put_integer(&w, m->view_half_x);
    json_put_integer(&w, m->view_half_y);
    json_close(&w, ']');
    json_close(&w, '}');
    return json_finish(&w);
}

size_t json_bye_write(char *text, size_t capacity_bytes, const struct message_bye *m)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_member_text(&w, "type", "bye");
    put_member_number(&w, "code", m->code);
    put_member_text(&w, "reason", m->reason);
    json_close(&w, '}');
    return json_finish(&w);
}

size_t json_pace_write(char *text, size_t capacity_bytes, const struct message_pace *m)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_member_text(&w, "type", "pace");
    put_member_number(&w, "every", m->cadence);
    put_member_number(&w, "bytes", m->update_bytes);
    json_close(&w, '}');
    return json_finish(&w);
}

size_t json_error_write(char *text, size_t capacity_bytes, const char *reason)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_member_text(&w, "type", "error");
    put_member_text(&w, "reason", reason);
    json_close(&w, '}');
    return json_finish(&w);
}

size_t json_pong_write(char *text, size_t capacity_bytes, int64_t t_10000, uint32_t tick)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_member_text(&w, "type", "pong");
    json_put_key(&w, "t");
    json_put_ratio(&w, t_10000, 10000);
    put_member_number(&w, "tick", tick);
    json_close(&w, '}');
    return json_finish(&w);
}

static void put_member_bool(struct json_writer *w, const char *key, bool value)
{
    json_put_key(w, key);
    json_put_bool(w, value);
}

size_t json_playback_write(char *text, size_t capacity_bytes, const struct message_playback *m)
{
    struct json_writer w;
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_member_text(&w, "type", "playback");
    put_member_number(&w, "first", m->first_tick);
    put_member_number(&w, "last", m->last_tick);
    put_member_number(&w, "tick", m->tick);
    json_put_key(&w, "speed");
    json_put_ratio(&w, (int64_t)1 << (m->speed - CONTROL_SPEED_MIN), 1 << -CONTROL_SPEED_MIN);
    put_member_bool(&w, "paused", m->is_paused);
    put_member_bool(&w, "ended", m->is_at_end);
    put_member_bool(&w, "running", m->is_running);
    put_member_bool(&w, "live", m->is_live);
    json_close(&w, '}');
    return json_finish(&w);
}
