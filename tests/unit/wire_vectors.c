#include "tests/unit/wire_vectors.h"

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/json_update.h"
#include "shared/json_write.h"
#include "shared/message.h"
#include "tests/unit/wire_model.h"

/* Everything that is too large for a stack, the page's in particular. */
static struct schema schema;
static struct wire_model model;
static struct wire_extras extras;
static struct wire_entity lists[2][MODEL_SLOTS];
static struct seen seen;
static uint8_t bytes[MESSAGE_DOWN_BYTES_MAX];
static char json_text[8192];

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    json_put_key(w, key);
    json_put_text(w, text, text_length(text));
}

static void put_number(struct json_writer *w, const char *key, int64_t value)
{
    json_put_key(w, key);
    json_put_integer(w, value);
}

static void put_bool(struct json_writer *w, const char *key, bool value)
{
    json_put_key(w, key);
    json_put_bool(w, value);
}

static void put_hex(struct json_writer *w, const char *key, const uint8_t *data, size_t length)
{
    json_put_key(w, key);
    json_put_hex(w, data, length);
}

static void put_numbers(struct json_writer *w, const char *key, const int32_t *values,
                        unsigned count)
{
    if (key != NULL) json_put_key(w, key);
    json_open(w, '[');
    for (unsigned i = 0; i < count; i++)
        json_put_integer(w, values[i]);
    json_close(w, ']');
}

/* A new line in the file: white space between two values. */
static void break_line(struct json_writer *w)
{
    bool needs_comma = w->needs_comma;
    w->needs_comma = false;
    if (needs_comma) json_put_raw(w, ",", 1);
    w->needs_comma = false;
    json_put_raw(w, "\n", 1);
    w->needs_comma = false;
}

static void open_section(struct json_writer *w, const char *key, char bracket)
{
    break_line(w);
    json_put_key(w, key);
    json_open(w, bracket);
}

/* -- the test game's table, for readers that are not ours -------------------------------------- */

static const char *group_of(const struct field *f)
{
    if (f->audience != AUDIENCE_ALL) return f->audience == AUDIENCE_OWNER ? "owner" : "none";
    if (f->extrapolate == EXTRAPOLATE_VELOCITY) return "moving";
    if (f->extrapolate == EXTRAPOLATE_HEADING && f->kind == FIELD_POSITION) return "moving";
    return f->kind == FIELD_ANGLE || f->kind == FIELD_POSITION ? "turning" : "rare";
}

static void put_field(struct json_writer *w, const struct field *f)
{
    break_line(w);
    json_open(w, '{');
    put_text(w, "name", f->name);
    put_text(w, "group", group_of(f));
    put_number(w, "word", f->word);
    put_number(w, "shift", f->shift);
    put_number(w, "bits", f->bits);
    put_number(w, "min", f->min);
    put_number(w, "max", f->max);
    put_bool(w, "wraps", f->wraps);
    put_bool(w, "warp", f->kind == FIELD_WARP);
    put_bool(w, "heading", f->kind == FIELD_ANGLE && f->extrapolate == EXTRAPOLATE_HEADING);
    json_close(w, '}');
}

static void put_code_indexes(struct json_writer *w, const struct schema_kind *kind)
{
    json_put_key(w, "codes");
    json_open(w, '{');
    const int32_t shapes[] = {kind->shapes[0], kind->shapes[1]};
    put_numbers(w, "shapes", shapes, kind->moving_count > 0 ? 2 : 1);
    put_number(w, "mask", kind->mask);
    json_put_key(w, "residues");
    json_open(w, '[');
    for (unsigned i = 0; i < kind->wire_count; i++)
        json_put_unsigned(w, kind->fields[i].code);
    json_close(w, ']');
    json_close(w, '}');
}

/* The length of each symbol's word. */
static void put_codes(struct json_writer *w)
{
    open_section(w, "codes", '[');
    for (unsigned i = 0; i < schema.code_count; i++) {
        break_line(w);
        json_open(w, '[');
        for (unsigned symbol = 0; symbol < schema.codes[i].symbol_count; symbol++)
            json_put_unsigned(w, code_length(&schema.codes[i], symbol));
        json_close(w, ']');
    }
    json_close(w, ']');
}

static void put_table(struct json_writer *w)
{
    static const char *const event_values[] = {"number", "seat", "position"};
    open_section(w, "table", '{');
    put_text(w, "game", test_table.game);
    put_number(w, "hash", schema.hash);
    put_number(w, "kind_bits", schema.kind_bits);
    open_section(w, "kinds", '[');
    for (unsigned i = 0; i < TEST_KIND_COUNT; i++) {
        json_open(w, '{');
        put_text(w, "name", test_kinds[i].name);
        open_section(w, "fields", '[');
        for (unsigned j = 0; j < test_kinds[i].field_count; j++)
            put_field(w, &test_kinds[i].fields[j]);
        json_close(w, ']');
        put_code_indexes(w, &schema.kinds[i]);
        json_close(w, '}');
    }
    json_close(w, ']');
    put_codes(w);
    open_section(w, "usercmd", '[');
    for (unsigned i = 0; i < TEST_COUNT(test_usercmd_fields); i++) {
        json_open(w, '{');
        put_text(w, "name", test_usercmd_fields[i].name);
        put_number(w, "bits", test_usercmd_fields[i].bits);
        put_number(w, "min", test_usercmd_fields[i].min);
        put_number(w, "max", test_usercmd_fields[i].max);
        json_close(w, '}');
    }
    json_close(w, ']');
    open_section(w, "events", '[');
    for (unsigned i = 0; i < TEST_COUNT(test_events); i++) {
        json_open(w, '{');
        put_text(w, "name", test_events[i].name);
        json_put_key(w, "values");
        json_open(w, '[');
        for (unsigned j = 0; j < test_events[i].field_count; j++) {
            const char *value = event_values[test_events[i].fields[j].value];
            json_put_text(w, value, text_length(value));
        }
        json_close(w, ']');
        json_close(w, '}');
    }
    json_close(w, ']');
    json_close(w, '}');
}

/* -- bits -------------------------------------------------------------------------------------- */

enum coding { CODE_PLAIN, CODE_GOLOMB, CODE_SIGNED };

struct coded {
    enum coding code;
    int64_t value;
    unsigned width; /* or the order k */
};

static const struct coded coded_rows[][8] = {
    {{CODE_PLAIN, 1, 1}},
    {{CODE_PLAIN, 1, 1}, {CODE_PLAIN, 0, 1}, {CODE_PLAIN, 5, 3}, {CODE_PLAIN, 0xabcd, 16}},
    {{CODE_PLAIN, 0x0123456789ab, 48}, {CODE_PLAIN, 1, 4}, {CODE_PLAIN, 0xfedcba98, 32}},
    {{CODE_GOLOMB, 0, 0}, {CODE_GOLOMB, 1, 0}, {CODE_GOLOMB, 2, 0}, {CODE_GOLOMB, 3, 0}},
    {{CODE_GOLOMB, 7, 3}, {CODE_GOLOMB, 8, 3}, {CODE_GOLOMB, 1000, 3}, {CODE_GOLOMB, 65534, 4}},
    {{CODE_GOLOMB, UINT32_MAX, 0}},
    {{CODE_GOLOMB, UINT32_MAX, 24}},
    {{CODE_SIGNED, 0, 0}, {CODE_SIGNED, -1, 0}, {CODE_SIGNED, 1, 0}, {CODE_SIGNED, -2, 0}},
    {{CODE_SIGNED, 1000, 5}, {CODE_SIGNED, -1000, 5}, {CODE_SIGNED, 1 << 20, 16}},
    {{CODE_SIGNED, INT32_MAX, 6}, {CODE_SIGNED, INT32_MIN, 6}},
};

static void put_coded(struct bits_writer *w, const struct coded *c)
{
    switch (c->code) {
    case CODE_PLAIN:
        bits_put(w, (uint64_t)c->value, c->width);
        break;
    case CODE_GOLOMB:
        bits_put_golomb(w, (uint32_t)c->value, c->width);
        break;
    case CODE_SIGNED:
        bits_put_signed_golomb(w, (int32_t)c->value, c->width);
        break;
    }
}

static void put_bits_vectors(struct json_writer *w)
{
    static const char *const code_names[] = {"bits", "golomb", "signed"};
    open_section(w, "bits", '[');
    for (size_t row = 0; row < TEST_COUNT(coded_rows); row++) {
        struct bits_writer out;
        bits_writer_init(&out, bytes, sizeof bytes);
        break_line(w);
        json_open(w, '{');
        json_put_key(w, "put");
        json_open(w, '[');
        for (size_t i = 0; i < TEST_COUNT(coded_rows[row]); i++) {
            const struct coded *c = &coded_rows[row][i];
            if (c->code == CODE_PLAIN && c->width == 0) break;
            put_coded(&out, c);
            json_open(w, '[');
            json_put_text(w, code_names[c->code], text_length(code_names[c->code]));
            json_put_integer(w, c->value);
            json_put_unsigned(w, c->width);
            json_close(w, ']');
        }
        json_close(w, ']');
        put_number(w, "bits", (int64_t)bits_used(&out));
        put_hex(w, "hex", bytes, bits_finish(&out));
        json_close(w, '}');
    }
    json_close(w, ']');
}

/* -- updates of one entity --------------------------------------------------------------------- */

static void put_update(struct json_writer *w, struct wire_entity *e,
                       const int32_t now[WIRE_FIELDS_MAX], uint32_t age_ticks)
{
    const struct schema_kind *kind = &schema.kinds[e->kind - 1];
    struct bits_writer out;
    break_line(w);
    json_open(w, '{');
    put_text(w, "kind", test_kinds[e->kind - 1].name);
    put_number(w, "age", age_ticks);
    put_numbers(w, "base", e->wire, kind->wire_count);
    put_numbers(w, "velocity", e->velocity16, kind->moving_count);
    put_numbers(w, "now", now, kind->wire_count);
    bits_writer_init(&out, bytes, sizeof bytes);
    delta_encode_update(&out, &schema, e, now, age_ticks);
    delta_advance(&schema, e, now, age_ticks);
    put_number(w, "bits", (int64_t)bits_used(&out));
    put_hex(w, "hex", bytes, bits_finish(&out));
    put_numbers(w, "then", e->velocity16, kind->moving_count);
    json_close(w, '}');
}

static void put_updates_of_kind(struct json_writer *w, enum test_kind kind, unsigned count)
{
    struct wire_entity e;
    do
        model_spawn(&model, 0);
    while (model.world[0].kind != kind);
    delta_start(&schema, &e, 0, &model.world[0]);
    for (unsigned i = 0; i < count; i++) {
        uint32_t age_ticks = i % 4 == 3 ? 1 + rng_below(&model.rng, BASE_AGE_TICKS_MAX) : 1;
        int32_t now[WIRE_FIELDS_MAX];
        for (uint32_t tick = 0; tick < age_ticks; tick++)
            model_move(&model, &model.world[0]);
        delta_quantize(&schema, &model.world[0], now);
        put_update(w, &e, now, age_ticks);
    }
}

static void put_update_vectors(struct json_writer *w)
{
    open_section(w, "updates", '[');
    model_init(&model, &schema, 20, 1);
    for (unsigned kind = 1; kind <= TEST_KIND_COUNT; kind++)
        put_updates_of_kind(w, (enum test_kind)kind, 12);
    json_close(w, ']');
}

/* -- snapshots --------------------------------------------------------------------------------- */

static void put_entities(struct json_writer *w)
{
    json_put_key(w, "entities");
    json_open(w, '[');
    for (uint32_t i = 0; i < seen.count; i++) {
        const struct wire_entity *e = &seen.list[i];
        const struct schema_kind *kind = &schema.kinds[e->kind - 1];
        json_open(w, '[');
        json_put_unsigned(w, e->slot);
        json_put_unsigned(w, e->kind);
        json_put_unsigned(w, e->generation);
        json_put_unsigned(w, e->owner);
        put_numbers(w, NULL, e->wire, kind->wire_count);
        put_numbers(w, NULL, e->velocity16, kind->moving_count);
        json_close(w, ']');
    }
    json_close(w, ']');
}

static void put_self(struct json_writer *w)
{
    if (!seen.self.is_known) return;
    json_put_key(w, "self");
    json_open(w, '{');
    put_number(w, "slot", seen.self.slot);
    put_number(w, "kind", seen.self.body.kind);
    put_number(w, "generation", seen.self.body.generation);
    put_numbers(w, "words", seen.self.body.words, TEST_SECRET);
    json_close(w, '}');
}

static void put_lines(struct json_writer *w)
{
    json_put_key(w, "lines");
    json_open(w, '[');
    for (uint32_t i = 0; i < seen.line_count; i++) {
        const struct snapshot_line *line = &seen.lines[i];
        json_open(w, '{');
        put_number(w, "age", line->age_ticks);
        if (line->line_kind == LINE_CHAT) {
            put_number(w, "seat", line->chat_seat);
            json_put_key(w, "text");
            json_put_text(w, line->chat_text, line->chat_length_bytes);
        } else {
            put_number(w, "event", line->event.kind);
            put_number(w, "seat", line->event.seat);
            put_numbers(w, "words", line->event.words, test_events[line->event.kind].field_count);
        }
        json_close(w, '}');
    }
    json_close(w, ']');
}

static void put_names(struct json_writer *w)
{
    json_put_key(w, "names");
    json_open(w, '[');
    for (uint32_t i = 0; i < seen.name_count; i++) {
        json_open(w, '[');
        json_put_unsigned(w, seen.names[i].seat);
        json_put_text(w, seen.names[i].text, seen.names[i].length_bytes);
        json_put_unsigned(w, seen.names[i].colour);
        json_close(w, ']');
    }
    json_close(w, ']');
}

/* The message in bytes[], decoded, and what was in it. */
static void put_snapshot(struct json_writer *w, size_t length)
{
    enum result result = snapshot_decode(&seen, bytes, length);
    ASSERT(result == RESULT_OK);
    break_line(w);
    json_open(w, '{');
    put_hex(w, "hex", bytes, length);
    put_bool(w, "full", seen.header.is_full);
    put_bool(w, "partial", seen.header.is_partial);
    put_number(w, "tick", seen.tick);
    put_number(w, "input_seq", seen.input_seq);
    if (seen.header.has_clock) put_number(w, "due_us", (int64_t)seen.clock.due_us);
    if (seen.header.has_echo) {
        json_put_key(w, "echo");
        json_open(w, '{');
        put_number(w, "stamp_ms", seen.echo.stamp_ms);
        put_number(w, "hold_ms", seen.echo.hold_ms);
        put_number(w, "late_100us", seen.echo.late_100us);
        put_number(w, "cadence", seen.echo.cadence);
        put_number(w, "queued", seen.echo.queued);
        json_close(w, '}');
    }
    put_self(w);
    put_entities(w);
    if (seen.header.has_names) put_names(w);
    if (seen.header.has_events) put_lines(w);
    put_number(w, "hash", delta_hash(&schema, seen.list, seen.count));
    json_close(w, '}');
}

/* A client's session: each message goes on from the one before. */
static void put_session(struct json_writer *w, uint64_t seed, uint32_t slot_count,
                        uint32_t first_tick)
{
    uint32_t tick = first_tick;
    break_line(w);
    json_open(w, '[');
    model_init(&model, &schema, seed, slot_count);
    seen_init(&seen, &schema, lists[0], lists[1], MODEL_SLOTS);
    for (uint32_t slot = 0; slot < slot_count; slot++) {
        model_spawn(&model, slot);
        model.is_visible[slot] = rng_below(&model.rng, 2) == 0;
    }
    for (unsigned i = 0; i < 12; i++) {
        uint32_t age_ticks = i % 4 == 3 ? 1 + rng_below(&model.rng, MODEL_AGE_MAX) : 1;
        for (uint32_t j = 0; j < age_ticks; j++)
            model_step(&model, 30);
        tick += age_ticks;
        model_random_extras(&model, &extras, tick, i == 0 || i == 8);
        extras.clock.due_us &= (UINT64_C(1) << 53) - 1;
        if (extras.name_count > 2) extras.name_count = 2;
        if (extras.line_count > 3) extras.line_count = 3;
        size_t length = model_encode(&model, &extras, bytes, sizeof bytes);
        ASSERT(length > 0);
        put_snapshot(w, length);
    }
    json_close(w, ']');
}

static void put_session_vectors(struct json_writer *w)
{
    open_section(w, "sessions", '[');
    put_session(w, 31, 1, 1);
    put_session(w, 32, 12, 0xffff - 5);
    put_session(w, 33, 60, UINT32_MAX - 5);
    json_close(w, ']');
}

/* -- messages ---------------------------------------------------------------------------------- */

static const struct message_hello hello = {
    .schemas = {0xdeadbeef, 1},
    .schema_count = 2,
    .view_half_x = 640,
    .view_half_y = 400,
    .entities_max = 256,
    .has_token = true,
    .token = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff},
    .token_seat = 12,
    .name = "Zo\xc3\xab"};
static const struct message_hello painted = {.schemas = {7},
                                             .schema_count = 1,
                                             .entities_max = 64,
                                             .has_colour = true,
                                             .colour = 12,
                                             .name = "Ann"};
static const struct message_hello guest = {.schemas = {7}, .schema_count = 1, .entities_max = 1024};
static const struct message_welcome welcome = {.tick = 0x12345678,
                                               .tick_hz = 20,
                                               .seat = 3,
                                               .is_resumed = true,
                                               .token = {9, 8, 7},
                                               .schema_hash = 0xcafef00d,
                                               .game = "probe",
                                               .room = "main",
                                               .map = "yard"};
static const struct message_bye bye = {.code = 1012, .reason = "the server restarts"};
static const struct message_pace pace = {.cadence = 2, .update_bytes = 690};
static const struct message_chat chat = {.text = "good game \xf0\x9f\x9a\x80"};
static const struct message_view view = {.is_hidden = true, .view_half_x = 640, .view_half_y = 400};
static const struct message_input inputs[] = {
    {.stamp_ms = 17},
    {.ack_tick = 70001, .has_ack = true, .stamp_ms = 54321},
    {.ack_tick = 70001,
     .has_ack = true,
     .stamp_ms = 54321,
     .count = 3,
     .cmds = {{.seq = 41, .view_tick = 69999, .view_part = 11, .words = {1, 1023, -100, 0}},
              {.seq = 42, .view_tick = 70000, .view_part = 11, .words = {1, 1020, 100, 5}},
              {.seq = 43, .view_tick = 0, .words = {0, 1020, 0, 5}}}},
};

static const struct message_control controls[] = {
    {.kind = CONTROL_PAUSE},
    {.kind = CONTROL_SPEED, .amount = -3},
    {.kind = CONTROL_SEEK, .tick = 0xfedcba98},
    {.kind = CONTROL_STEP, .amount = -1},
};
static const struct message_camera cameras[] = {
    {.kind = CAMERA_AUTO},
    {.kind = CAMERA_SEAT, .seat = 12},
    {.kind = CAMERA_ENTITY, .slot = 300, .generation = 7},
    {.kind = CAMERA_PLACE, .x = -70000, .y = 1600},
};
static const struct message_playback playback = {.first_tick = 101,
                                                 .last_tick = 0x12345678,
                                                 .tick = 70001,
                                                 .speed = -2,
                                                 .is_paused = true,
                                                 .is_running = true};

static void start_message(struct json_writer *w, const char *type, size_t length)
{
    ASSERT(length > 0);
    break_line(w);
    json_open(w, '{');
    put_text(w, "type", type);
    put_hex(w, "hex", bytes, length);
}

static void put_hello(struct json_writer *w, const struct message_hello *m)
{
    start_message(w, "hello", message_encode_hello(bytes, sizeof bytes, m));
    json_put_key(w, "schemas");
    json_open(w, '[');
    for (unsigned i = 0; i < m->schema_count; i++)
        json_put_unsigned(w, m->schemas[i]);
    json_close(w, ']');
    put_number(w, "half_x", m->view_half_x);
    put_number(w, "half_y", m->view_half_y);
    put_number(w, "entities_max", m->entities_max);
    if (m->has_token) put_hex(w, "token", m->token, TOKEN_BYTES);
    if (m->has_token) put_number(w, "token_seat", m->token_seat);
    if (m->has_colour) put_number(w, "colour", m->colour);
    put_text(w, "name", m->name);
    json_close(w, '}');
}

static void put_welcome(struct json_writer *w)
{
    start_message(w, "welcome", message_encode_welcome(bytes, sizeof bytes, &welcome));
    put_number(w, "tick", welcome.tick);
    put_number(w, "tick_hz", welcome.tick_hz);
    put_number(w, "seat", welcome.seat);
    put_bool(w, "resumed", welcome.is_resumed);
    put_hex(w, "token", welcome.token, TOKEN_BYTES);
    put_number(w, "schema_hash", welcome.schema_hash);
    put_text(w, "game", welcome.game);
    put_text(w, "room", welcome.room);
    put_text(w, "map", welcome.map);
    json_close(w, '}');
}

static void put_input(struct json_writer *w, const struct message_input *m)
{
    start_message(w, "input", message_encode_input(bytes, sizeof bytes, &test_table, m));
    if (m->has_ack) put_number(w, "ack", m->ack_tick);
    put_number(w, "stamp_ms", m->stamp_ms);
    json_put_key(w, "usercmds");
    json_open(w, '[');
    for (unsigned i = 0; i < m->count; i++) {
        json_open(w, '{');
        put_number(w, "seq", m->cmds[i].seq);
        put_number(w, "view_tick", m->cmds[i].view_tick);
        put_number(w, "view_part", m->cmds[i].view_part);
        put_numbers(w, "words", m->cmds[i].words, USERCMD_WORDS);
        json_close(w, '}');
    }
    json_close(w, ']');
    json_close(w, '}');
}

static void put_control(struct json_writer *w, const struct message_control *m)
{
    start_message(w, "control", message_encode_control(bytes, sizeof bytes, m));
    put_number(w, "kind", m->kind);
    if (m->kind == CONTROL_SEEK) {
        put_number(w, "tick", m->tick);
    } else {
        json_put_key(w, "amount");
        json_put_integer(w, m->amount);
    }
    json_close(w, '}');
}

static void put_camera(struct json_writer *w, const struct message_camera *m)
{
    start_message(w, "camera", message_encode_camera(bytes, sizeof bytes, m));
    put_number(w, "kind", m->kind);
    if (m->kind == CAMERA_SEAT) put_number(w, "seat", m->seat);
    if (m->kind == CAMERA_ENTITY) {
        put_number(w, "slot", m->slot);
        put_number(w, "generation", m->generation);
    }
    if (m->kind == CAMERA_PLACE) {
        json_put_key(w, "x");
        json_put_integer(w, m->x);
        json_put_key(w, "y");
        json_put_integer(w, m->y);
    }
    json_close(w, '}');
}

static void put_playback(struct json_writer *w)
{
    start_message(w, "playback", message_encode_playback(bytes, sizeof bytes, &playback));
    put_number(w, "first", playback.first_tick);
    put_number(w, "last", playback.last_tick);
    put_number(w, "tick", playback.tick);
    json_put_key(w, "speed");
    json_put_integer(w, playback.speed);
    put_bool(w, "paused", playback.is_paused);
    put_bool(w, "ended", playback.is_at_end);
    put_bool(w, "running", playback.is_running);
    put_bool(w, "live", playback.is_live);
    json_close(w, '}');
}

static void put_message_vectors(struct json_writer *w)
{
    open_section(w, "messages", '[');
    put_hello(w, &hello);
    put_hello(w, &guest);
    put_hello(w, &painted);
    put_welcome(w);
    start_message(w, "bye", message_encode_bye(bytes, sizeof bytes, &bye));
    put_number(w, "code", bye.code);
    put_text(w, "reason", bye.reason);
    json_close(w, '}');
    start_message(w, "pace", message_encode_pace(bytes, sizeof bytes, &pace));
    put_number(w, "every", pace.cadence);
    put_number(w, "bytes", pace.update_bytes);
    json_close(w, '}');
    start_message(w, "chat", message_encode_chat(bytes, sizeof bytes, &chat));
    put_text(w, "text", chat.text);
    json_close(w, '}');
    start_message(w, "view", message_encode_view(bytes, sizeof bytes, &view));
    put_bool(w, "hidden", view.is_hidden);
    put_number(w, "half_x", view.view_half_x);
    put_number(w, "half_y", view.view_half_y);
    json_close(w, '}');
    for (size_t i = 0; i < TEST_COUNT(inputs); i++)
        put_input(w, &inputs[i]);
    for (size_t i = 0; i < TEST_COUNT(controls); i++)
        put_control(w, &controls[i]);
    for (size_t i = 0; i < TEST_COUNT(cameras); i++)
        put_camera(w, &cameras[i]);
    put_playback(w);
    json_close(w, ']');
}

/* -- the JSON flavour: a world of a few entities, whole and then by changes -------------------- */

static const struct snapshot_name name_changes[] = {
    {.seat = 3, .length_bytes = 3, .colour = 12, .text = "Ann"},
    {.seat = 4},
    {.seat = 5, .length_bytes = 3, .text = "Bob"}};
static const struct snapshot_line line_changes[] = {
    {.line_kind = LINE_EVENT,
     .age_ticks = 1,
     .event = {.kind = TEST_KILL, .seat = SEAT_NONE, .words = {3, SEAT_NONE, -5}}},
    {.line_kind = LINE_EVENT, .event = {.kind = TEST_BOOM, .words = {384, -256}}},
    {.line_kind = LINE_CHAT, .chat_seat = 3, .chat_length_bytes = 4, .chat_text = "\"hi\""},
};

static void put_json_update(struct json_writer *w, unsigned index, const struct entity *before)
{
    static const struct snapshot_self nobody;
    struct json_update u;
    struct snapshot_self now = {.is_known = true, .slot = 1, .body = model.world[1]};
    struct snapshot_self base = {.is_known = true, .slot = 1, .body = before[1]};
    struct json_update_header h = {
        .tick = 500 + index, .has_ack = index > 0, .ack_seq = index, .is_full = index == 0};
    json_update_begin(&u, json_text, sizeof json_text, &h);
    for (uint16_t slot = 0; slot < model.slot_count; slot++) {
        int32_t wire[WIRE_FIELDS_MAX];
        if (!model_is_shown(&model, slot)) continue;
        if (index > 0) delta_quantize(&schema, &before[slot], wire);
        json_update_put(&u, &schema, slot, &model.world[slot], index == 0 ? NULL : wire);
    }
    if (index == 2) json_update_del(&u, 9);
    json_update_you(&u, &schema, 3, &now, index == 0 ? &nobody : &base);
    if (index == 1) json_update_names(&u, name_changes, TEST_COUNT(name_changes));
    if (index == 2) {
        json_update_lines(&u, &schema, 256, line_changes, TEST_COUNT(line_changes));
    }
    size_t length = json_update_end(&u);
    ASSERT(length > 0);
    break_line(w);
    json_put_raw(w, json_text, length);
}

static void put_json_vectors(struct json_writer *w)
{
    static struct entity before[MODEL_SLOTS];
    struct json_welcome m = {
        .welcome = &welcome, .tile_units = 32, .view_half_x = 640, .view_half_y = 400};
    open_section(w, "json", '[');
    break_line(w);
    json_put_raw(w, json_text, json_welcome_write(json_text, sizeof json_text, &m));
    model_init(&model, &schema, 40, 6);
    for (uint32_t slot = 0; slot < model.slot_count; slot++) {
        do
            model_spawn(&model, slot);
        while (slot < TEST_KIND_COUNT && model.world[slot].kind != slot % TEST_KIND_COUNT + 1);
        model.is_visible[slot] = true;
    }
    do
        model_spawn(&model, 1);
    while (model.world[1].kind != TEST_CRAFT);
    for (unsigned index = 0; index < 4; index++) {
        put_json_update(w, index, before);
        bytes_copy(before, model.world, sizeof before);
        if (index < 2) model_step(&model, 0);
    }
    break_line(w);
    json_put_raw(w, json_text, json_bye_write(json_text, sizeof json_text, &bye));
    break_line(w);
    json_put_raw(w, json_text, json_error_write(json_text, sizeof json_text, "not JSON"));
    break_line(w);
    json_put_raw(w, json_text, json_pong_write(json_text, sizeof json_text, 12345678, 9));
    break_line(w);
    json_put_raw(w, json_text, json_pace_write(json_text, sizeof json_text, &pace));
    break_line(w);
    json_put_raw(w, json_text, json_playback_write(json_text, sizeof json_text, &playback));
    json_close(w, ']');
}

size_t wire_vectors_write(char *text, size_t capacity_bytes)
{
    struct json_writer w;
    enum result result = schema_init(&schema, &test_table);
    ASSERT(result == RESULT_OK);
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_table(&w);
    put_bits_vectors(&w);
    put_update_vectors(&w);
    put_session_vectors(&w);
    put_message_vectors(&w);
    put_json_vectors(&w);
    json_close(&w, '}');
    w.needs_comma = false;
    json_put_raw(&w, "\n", 1);
    return json_finish(&w);
}
