#include "shared/message.h"

#include "shared/bits.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"
#include "shared/utf8.h"
#include "shared/world.h"

#define ENTITIES_MAX_LEAST 16 /* no client asks for less room than this */

/* -- texts ------------------------------------------------------------------------------------- */

struct code_range {
    uint32_t first, last;
};

/* Controls, line breaks, and what turns the direction of the text around it. */
static const struct code_range forbidden[] = {
    {0x00, 0x1f}, {0x7f, 0x9f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfff9, 0xfffb},
};

/* What leaves no mark: a name of nothing but these could not be seen. */
static const struct code_range blanks[] = {
    {0x20, 0x20},     {0xa0, 0xa0},     {0xad, 0xad},     {0x034f, 0x034f}, {0x061c, 0x061c},
    {0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180b, 0x180e}, {0x2000, 0x200f},
    {0x202f, 0x202f}, {0x205f, 0x2064}, {0x206a, 0x206f}, {0x2800, 0x2800}, {0x3000, 0x3000},
    {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xe0000, 0xe0fff},
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static bool ranges_have(const struct code_range *ranges, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) return true;
    }
    return false;
}

/* Takes the next character off a text that is valid UTF-8. */
static uint32_t next_code(const uint8_t *bytes, size_t *at)
{
    uint8_t lead = bytes[(*at)++];
    if (lead < 0x80) return lead;
    unsigned more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    uint32_t code = lead & (0x3fu >> more);
    for (; more > 0; more--)
        code = code << 6 | (bytes[(*at)++] & 0x3fu);
    return code;
}

bool text_is_showable(const char *text, size_t length_bytes)
{
    const uint8_t *bytes = (const uint8_t *)text;
    bool is_blank = true;

    if (!utf8_is_valid(text, length_bytes)) return false;
    for (size_t at = 0; at < length_bytes;) {
        uint32_t code = next_code(bytes, &at);
        if (ranges_have(forbidden, COUNT(forbidden), code)) return false;
        if (!ranges_have(blanks, COUNT(blanks), code)) is_blank = false;
    }
    return !is_blank;
}

static void put_bytes(struct bits_writer *w, const void *bytes, size_t length_bytes)
{
    for (size_t i = 0; i < length_bytes; i++)
        bits_put(w, ((const uint8_t *)bytes)[i], 8);
}

static void get_bytes(struct bits_reader *r, void *bytes, size_t length_bytes)
{
    for (size_t i = 0; i < length_bytes; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)bits_get(r, 8);
}

static void put_text(struct bits_writer *w, const char *text, size_t max_bytes)
{
    size_t length_bytes = text_length(text);
    ASSERT(length_bytes <= max_bytes && max_bytes <= UINT8_MAX);
    bits_put(w, length_bytes, 8);
    put_bytes(w, text, length_bytes);
}

/* Takes a text of at most `max_bytes`, showable or, if `may_be_empty`, none; ends it by a NUL. */
static bool get_text(struct bits_reader *r, char *text, size_t max_bytes, bool may_be_empty)
{
    size_t length_bytes = (size_t)bits_get(r, 8);
    if (length_bytes > max_bytes) return false;
    get_bytes(r, text, length_bytes);
    text[length_bytes] = '\0';
    if (r->overflow) return false;
    return length_bytes == 0 ? may_be_empty : text_is_showable(text, length_bytes);
}

/* -- what all messages share ------------------------------------------------------------------- */

static struct bits_writer message_writer(uint8_t *bytes, size_t capacity_bytes, unsigned type)
{
    struct bits_writer w;
    bits_writer_init(&w, bytes, capacity_bytes);
    bits_put(&w, type, 8);
    return w;
}

/* Starts reading behind the type byte; false if it is another. */
static bool message_reader(struct bits_reader *r, const uint8_t *bytes, size_t length_bytes,
                           unsigned type)
{
    bits_reader_init(r, bytes, length_bytes);
    return bits_get(r, 8) == type && !r->overflow;
}

static enum result end_result(const struct bits_reader *r)
{
    return bits_is_exact_end(r) ? RESULT_OK : RESULT_INVALID;
}

/* A byte of flags of which only the lowest is in use. */
static bool get_flag_byte(struct bits_reader *r, bool *flag)
{
    uint64_t flags = bits_get(r, 8);
    *flag = flags == 1;
    return flags <= 1;
}

/* -- hello ------------------------------------------------------------------------------------- */

#define HELLO_TOKEN  1u
#define HELLO_COLOUR 2u

size_t message_encode_hello(uint8_t *bytes, size_t capacity_bytes, const struct message_hello *m)
{
    ASSERT(m->schema_count >= 1 && m->schema_count <= SCHEMAS_MAX);

    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_HELLO);
    bits_put(&w, MESSAGE_VERSION, 8);
    bits_put(&w, m->schema_count, 8);
    for (unsigned i = 0; i < m->schema_count; i++)
        bits_put(&w, m->schemas[i], 32);
    bits_put(&w, m->view_half_x, 16);
    bits_put(&w, m->view_half_y, 16);
    bits_put(&w, m->entities_max, 16);
    bits_put(&w, (m->has_token ? HELLO_TOKEN : 0) | (m->has_colour ? HELLO_COLOUR : 0), 8);
    if (m->has_token) {
        put_bytes(&w, m->token, TOKEN_BYTES);
        bits_put(&w, m->token_seat, 16);
    }
    if (m->has_colour) bits_put(&w, m->colour, 8);
    put_text(&w, m->name, NAME_BYTES_MAX);
    return bits_finish(&w);
}

enum result message_decode_hello(const uint8_t *bytes, size_t length_bytes, struct message_hello *m)
{
    struct bits_reader r;
    *m = (struct message_hello){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_HELLO)) return RESULT_INVALID;
    if (bits_get(&r, 8) != MESSAGE_VERSION) return RESULT_INVALID;

    uint64_t schema_count = bits_get(&r, 8);
    if (schema_count < 1 || schema_count > SCHEMAS_MAX) return RESULT_INVALID;
    m->schema_count = (uint8_t)schema_count;
    for (unsigned i = 0; i < m->schema_count; i++)
        m->schemas[i] = (uint32_t)bits_get(&r, 32);
    m->view_half_x = (uint16_t)bits_get(&r, 16);
    m->view_half_y = (uint16_t)bits_get(&r, 16);
    m->entities_max = (uint16_t)bits_get(&r, 16);
    if (m->entities_max < ENTITIES_MAX_LEAST || m->entities_max > VIEW_ENTITIES_MAX) {
        return RESULT_INVALID;
    }
    uint64_t flags = bits_get(&r, 8);
    if (flags > (HELLO_TOKEN | HELLO_COLOUR)) return RESULT_INVALID;
    m->has_token = (flags & HELLO_TOKEN) != 0;
    m->has_colour = (flags & HELLO_COLOUR) != 0;
    if (m->has_token) {
        get_bytes(&r, m->token, TOKEN_BYTES);
        m->token_seat = (uint16_t)bits_get(&r, 16);
    }
    if (m->has_colour) m->colour = (uint8_t)bits_get(&r, 8);
    if (!get_text(&r, m->name, NAME_BYTES_MAX, true)) return RESULT_INVALID;
    return end_result(&r);
}

/* -- welcome, bye ------------------------------------------------------------------------------ */

size_t message_encode_welcome(uint8_t *bytes, size_t capacity_bytes,
                              const struct message_welcome *m)
{
    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_WELCOME);
    bits_put(&w, MESSAGE_VERSION, 8);
    bits_put(&w, m->tick, 32);
    bits_put(&w, m->tick_hz, 8);
    bits_put(&w, m->seat, 16);
    bits_put(&w, m->is_resumed, 8);
    put_bytes(&w, m->token, TOKEN_BYTES);
    bits_put(&w, m->schema_hash, 32);
    put_text(&w, m->game, GAME_NAME_BYTES_MAX);
    put_text(&w, m->room, ROOM_NAME_BYTES_MAX);
    put_text(&w, m->map, sizeof m->map - 1);
    return bits_finish(&w);
}

enum result message_decode_welcome(const uint8_t *bytes, size_t length_bytes,
                                   struct message_welcome *m)
{
    struct bits_reader r;
    *m = (struct message_welcome){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_WELCOME)) return RESULT_INVALID;
    if (bits_get(&r, 8) != MESSAGE_VERSION) return RESULT_INVALID;

    m->tick = (uint32_t)bits_get(&r, 32);
    m->tick_hz = (uint8_t)bits_get(&r, 8);
    if (m->tick_hz == 0) return RESULT_INVALID;
    m->seat = (uint16_t)bits_get(&r, 16);
    if (!get_flag_byte(&r, &m->is_resumed)) return RESULT_INVALID;
    get_bytes(&r, m->token, TOKEN_BYTES);
    m->schema_hash = (uint32_t)bits_get(&r, 32);
    if (!get_text(&r, m->game, GAME_NAME_BYTES_MAX, false)) return RESULT_INVALID;
    if (!get_text(&r, m->room, ROOM_NAME_BYTES_MAX, false)) return RESULT_INVALID;
    if (!get_text(&r, m->map, sizeof m->map - 1, true)) return RESULT_INVALID;
    return end_result(&r);
}

size_t message_encode_bye(uint8_t *bytes, size_t capacity_bytes, const struct message_bye *m)
{
    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_BYE);
    bits_put(&w, m->code, 16);
    put_text(&w, m->reason, REASON_BYTES_MAX);
    return bits_finish(&w);
}

enum result message_decode_bye(const uint8_t *bytes, size_t length_bytes, struct message_bye *m)
{
    struct bits_reader r;
    *m = (struct message_bye){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_BYE)) return RESULT_INVALID;
    m->code = (uint16_t)bits_get(&r, 16);
    if (!get_text(&r, m->reason, REASON_BYTES_MAX, true)) return RESULT_INVALID;
    return end_result(&r);
}

/* -- pace -------------------------------------------------------------------------------------- */

size_t message_encode_pace(uint8_t *bytes, size_t capacity_bytes, const struct message_pace *m)
{
    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_PACE);
    bits_put(&w, m->cadence, 8);
    bits_put(&w, m->update_bytes, 16);
    return bits_finish(&w);
}

enum result message_decode_pace(const uint8_t *bytes, size_t length_bytes, struct message_pace *m)
{
    struct bits_reader r;
    *m = (struct message_pace){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_PACE)) return RESULT_INVALID;
    m->cadence = (uint8_t)bits_get(&r, 8);
    m->update_bytes = (uint16_t)bits_get(&r, 16);
    if (m->cadence != 1 && m->cadence != 2 && m->cadence != 4) return RESULT_INVALID;
    return end_result(&r);
}

/* -- chat, view -------------------------------------------------------------------------------- */

size_t message_encode_chat(uint8_t *bytes, size_t capacity_bytes, const struct message_chat *m)
{
    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_CHAT);
    put_text(&w, m->text, CHAT_BYTES_MAX);
    return bits_finish(&w);
}

enum result message_decode_chat(const uint8_t *bytes, size_t length_bytes, struct message_chat *m)
{
    struct bits_reader r;
    *m = (struct message_chat){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_CHAT)) return RESULT_INVALID;
    if (!get_text(&r, m->text, CHAT_BYTES_MAX, false)) return RESULT_INVALID;
    return end_result(&r);
}

size_t message_encode_view(uint8_t *bytes, size_t capacity_bytes, const struct message_view *m)
{
    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_VIEW);
    bits_put(&w, m->is_hidden, 8);
    bits_put(&w, m->view_half_x, 16);
    bits_put(&w, m->view_half_y, 16);
    return bits_finish(&w);
}

enum result message_decode_view(const uint8_t *bytes, size_t length_bytes, struct message_view *m)
{
    struct bits_reader r;
    *m = (struct message_view){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_VIEW)) return RESULT_INVALID;
    if (!get_flag_byte(&r, &m->is_hidden)) return RESULT_INVALID;
    m->view_half_x = (uint16_t)bits_get(&r, 16);
    m->view_half_y = (uint16_t)bits_get(&r, 16);
    return end_result(&r);
}

/* -- control, camera, playback ----------------------------------------------------------------- */

/* What an amount may be; without one it is zero. */
static const struct amount_range {
    int32_t min, max;
    bool may_be_zero;
} amounts[CONTROL_COUNT] = {
    [CONTROL_PAUSE] = {0, 0, true},
    [CONTROL_PLAY] = {0, 0, true},
    [CONTROL_SPEED] = {CONTROL_SPEED_MIN, CONTROL_SPEED_MAX, true},
    [CONTROL_SEEK] = {0, 0, true},
    [CONTROL_SEEK_BY] = {-INT32_MAX, INT32_MAX, false},
    [CONTROL_STEP] = {-CONTROL_STEP_MAX, CONTROL_STEP_MAX, false},
    [CONTROL_LIVE] = {0, 0, true},
};

bool control_is_valid(const struct message_control *m)
{
    if (m->kind >= CONTROL_COUNT || (m->tick != 0 && m->kind != CONTROL_SEEK)) return false;
    const struct amount_range *range = &amounts[m->kind];
    if (m->amount < range->min || m->amount > range->max) return false;
    return m->amount != 0 || range->may_be_zero;
}

size_t message_encode_control(uint8_t *bytes, size_t capacity_bytes,
                              const struct message_control *m)
{
    ASSERT(control_is_valid(m));

    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_CONTROL);
    bits_put(&w, m->kind, 8);
    bits_put(&w, m->kind == CONTROL_SEEK ? m->tick : (uint32_t)m->amount, 32);
    return bits_finish(&w);
}

enum result message_decode_control(const uint8_t *bytes, size_t length_bytes,
                                   struct message_control *m)
{
    struct bits_reader r;
    *m = (struct message_control){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_CONTROL)) return RESULT_INVALID;
    m->kind = (uint8_t)bits_get(&r, 8);
    uint32_t value = (uint32_t)bits_get(&r, 32);
    if (m->kind == CONTROL_SEEK) {
        m->tick = value;
    } else {
        m->amount = (int32_t)value;
    }
    return control_is_valid(m) ? end_result(&r) : RESULT_INVALID;
}

size_t message_encode_camera(uint8_t *bytes, size_t capacity_bytes, const struct message_camera *m)
{
    ASSERT(m->kind < CAMERA_COUNT);

    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_CAMERA);
    bits_put(&w, m->kind, 8);
    if (m->kind == CAMERA_SEAT) bits_put(&w, m->seat, 16);
    if (m->kind == CAMERA_ENTITY) {
        bits_put(&w, m->slot, 16);
        bits_put(&w, m->generation, 8);
    }
    if (m->kind == CAMERA_PLACE) {
        bits_put(&w, (uint32_t)m->x, 32);
        bits_put(&w, (uint32_t)m->y, 32);
    }
    return bits_finish(&w);
}

enum result message_decode_camera(const uint8_t *bytes, size_t length_bytes,
                                  struct message_camera *m)
{
    struct bits_reader r;
    *m = (struct message_camera){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_CAMERA)) return RESULT_INVALID;
    m->kind = (uint8_t)bits_get(&r, 8);
    if (m->kind >= CAMERA_COUNT) return RESULT_INVALID;
    if (m->kind == CAMERA_SEAT) m->seat = (uint16_t)bits_get(&r, 16);
    if (m->kind == CAMERA_ENTITY) {
        m->slot = (uint16_t)bits_get(&r, 16);
        m->generation = (uint8_t)bits_get(&r, 8);
    }
    if (m->kind == CAMERA_PLACE) {
        m->x = (int32_t)(uint32_t)bits_get(&r, 32);
        m->y = (int32_t)(uint32_t)bits_get(&r, 32);
    }
    return end_result(&r);
}

size_t message_encode_playback(uint8_t *bytes, size_t capacity_bytes,
                               const struct message_playback *m)
{
    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_PLAYBACK);
    bits_put(&w, m->first_tick, 32);
    bits_put(&w, m->last_tick, 32);
    bits_put(&w, m->tick, 32);
    bits_put(&w, (uint8_t)m->speed, 8);
    bits_put(&w, m->is_paused, 1);
    bits_put(&w, m->is_at_end, 1);
    bits_put(&w, m->is_running, 1);
    bits_put(&w, m->is_live, 1);
    return bits_finish(&w);
}

enum result message_decode_playback(const uint8_t *bytes, size_t length_bytes,
                                    struct message_playback *m)
{
    struct bits_reader r;
    *m = (struct message_playback){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_PLAYBACK)) return RESULT_INVALID;
    m->first_tick = (uint32_t)bits_get(&r, 32);
    m->last_tick = (uint32_t)bits_get(&r, 32);
    m->tick = (uint32_t)bits_get(&r, 32);
    m->speed = (int8_t)(uint8_t)bits_get(&r, 8);
    if (m->speed < CONTROL_SPEED_MIN || m->speed > CONTROL_SPEED_MAX) return RESULT_INVALID;
    m->is_paused = bits_get(&r, 1) == 1;
    m->is_at_end = bits_get(&r, 1) == 1;
    m->is_running = bits_get(&r, 1) == 1;
    m->is_live = bits_get(&r, 1) == 1;
    return end_result(&r);
}

/* -- input: bits behind the type byte, for it is sent twenty times a second -------------------- */

static const struct usercmd no_usercmd;

/* A picture mostly follows the one before by a tick: one bit then. */
static void put_picture(struct bits_writer *w, const struct usercmd *cmd,
                        const struct usercmd *previous)
{
    bool follows = previous->view_tick != 0 && cmd->view_tick == previous->view_tick + 1 &&
                   cmd->view_part == previous->view_part;
    bits_put(w, follows, 1);
    if (follows) return;
    bits_put(w, cmd->view_tick != 0, 1);
    if (cmd->view_tick == 0) return;
    bits_put(w, cmd->view_tick & 0xffff, 16);
    bits_put(w, cmd->view_part, VIEW_PART_BITS);
}

static bool get_picture(struct bits_reader *r, const struct usercmd *previous, uint32_t near_tick,
                        struct usercmd *cmd)
{
    if (bits_get(r, 1) == 1) {
        cmd->view_tick = previous->view_tick + 1;
        cmd->view_part = previous->view_part;
        return previous->view_tick != 0;
    }
    if (bits_get(r, 1) == 0) return true;
    cmd->view_tick = tick_extend((uint16_t)bits_get(r, 16), near_tick);
    cmd->view_part = (uint32_t)bits_get(r, VIEW_PART_BITS);
    return true;
}

size_t message_encode_input(uint8_t *bytes, size_t capacity_bytes, const struct field_table *table,
                            const struct message_input *m)
{
    ASSERT(m->count <= USERCMDS_PER_MESSAGE_MAX);

    struct bits_writer w = message_writer(bytes, capacity_bytes, MESSAGE_INPUT);
    bits_put(&w, m->has_ack, 1);
    if (m->has_ack) bits_put(&w, m->ack_tick & 0xffff, 16);
    bits_put(&w, m->stamp_ms, 16);
    bits_put(&w, m->count, 4);
    if (m->count > 0) bits_put(&w, m->cmds[0].seq, 32);
    const struct usercmd *previous = &no_usercmd;
    for (unsigned i = 0; i < m->count; i++) {
        put_picture(&w, &m->cmds[i], previous);
        usercmd_encode(&w, table, &m->cmds[i], previous);
        previous = &m->cmds[i];
    }
    return bits_finish(&w);
}

enum result message_decode_input(const uint8_t *bytes, size_t length_bytes,
                                 const struct field_table *table, uint32_t near_tick,
                                 struct message_input *m)
{
    struct bits_reader r;
    *m = (struct message_input){0};
    if (!message_reader(&r, bytes, length_bytes, MESSAGE_INPUT)) return RESULT_INVALID;

    m->has_ack = bits_get(&r, 1) == 1;
    if (m->has_ack) m->ack_tick = tick_extend((uint16_t)bits_get(&r, 16), near_tick);
    m->stamp_ms = (uint16_t)bits_get(&r, 16);
    m->count = (uint8_t)bits_get(&r, 4);
    if (m->count > USERCMDS_PER_MESSAGE_MAX) return RESULT_INVALID;
    uint32_t seq = m->count > 0 ? (uint32_t)bits_get(&r, 32) : 1;
    if (seq == 0 || seq > UINT32_MAX - USERCMDS_PER_MESSAGE_MAX) return RESULT_INVALID;

    const struct usercmd *previous = &no_usercmd;
    for (unsigned i = 0; i < m->count; i++) {
        struct usercmd *cmd = &m->cmds[i];
        cmd->seq = seq + i;
        if (!get_picture(&r, previous, near_tick, cmd)) return RESULT_INVALID;
        if (usercmd_decode(&r, table, cmd, previous) != RESULT_OK) return RESULT_INVALID;
        previous = cmd;
    }
    return end_result(&r);
}
