#include "shared/ws_reader.h"

#include "shared/bytes.h"
#include "shared/check.h"

enum phase { PHASE_HEADER, PHASE_PAYLOAD, PHASE_CLOSED, PHASE_BROKEN };

static const uint8_t event_kinds[] = {
    [WS_TEXT] = WS_EVENT_TEXT, [WS_BINARY] = WS_EVENT_BINARY, [WS_CLOSE] = WS_EVENT_CLOSE,
    [WS_PING] = WS_EVENT_PING, [WS_PONG] = WS_EVENT_PONG,
};

/* Bytes of a payload that lie together, unmasked. */
struct piece {
    uint8_t *bytes;
    size_t length_bytes;
};

void ws_reader_init(struct ws_reader *r, const struct ws_reader_config *config)
{
    *r = (struct ws_reader){
        .phase = PHASE_HEADER,
        .role = config->role & 1,
        .allow_rsv1 = config->allow_rsv1,
    };
    ws_reader_set_limits(r, config->message_bytes_max, config->fragments_max);
}

void ws_reader_set_limits(struct ws_reader *r, uint32_t message_bytes_max, uint32_t fragments_max)
{
    ASSERT(fragments_max >= 1);
    ASSERT(message_bytes_max <= UINT32_MAX - WS_READER_CONTROL_BYTES);

    r->message_bytes_max = message_bytes_max;
    r->fragments_max = fragments_max;
}

static bool has_ended(const struct ws_reader *r)
{
    return r->phase == PHASE_CLOSED || r->phase == PHASE_BROKEN;
}

size_t ws_reader_used_bytes(const struct ws_reader *r)
{
    if (has_ended(r)) return 0;
    if (r->message_bytes > 0) return WS_READER_BUFFER_BYTES(r->message_bytes);
    return r->control_bytes;
}

void ws_reader_set_buffer(struct ws_reader *r, uint8_t *buffer, size_t capacity_bytes)
{
    ASSERT(capacity_bytes >= ws_reader_used_bytes(r));
    ASSERT((buffer != NULL) == (capacity_bytes > 0));
    ASSERT(capacity_bytes == 0 || capacity_bytes >= WS_READER_CONTROL_BYTES);

    r->buffer = buffer;
    r->capacity_bytes = capacity_bytes < UINT32_MAX ? (uint32_t)capacity_bytes : UINT32_MAX;
}

bool ws_reader_is_midway(const struct ws_reader *r)
{
    if (has_ended(r)) return false;
    return r->phase == PHASE_PAYLOAD || r->header_bytes > 0 || r->message_opcode != 0;
}

enum ws_breach ws_reader_breach(const struct ws_reader *r)
{
    return r->breach;
}

static enum result broken(struct ws_reader *r)
{
    return ws_breach_close(r->breach) == WS_CLOSE_TOO_BIG ? RESULT_TOO_BIG : RESULT_INVALID;
}

static enum result break_off(struct ws_reader *r, enum ws_breach breach)
{
    r->phase = PHASE_BROKEN;
    r->breach = (uint8_t)breach;
    return broken(r);
}

static void advance(struct ws_input *in, size_t length_bytes)
{
    in->bytes += length_bytes;
    in->length_bytes -= length_bytes;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The rules for a frame that depend on what we are, what was negotiated and what came before. */
static enum ws_breach check_frame(const struct ws_reader *r, const struct ws_frame *frame)
{
    bool is_control = ws_opcode_is_control(frame->opcode);
    bool is_first = !is_control && frame->opcode != WS_CONTINUATION;

    if (frame->rsv1 && !(r->allow_rsv1 && is_first)) return WS_BREACH_RSV;
    if (r->role == WS_SERVER && !frame->masked) return WS_BREACH_UNMASKED;
    if (r->role == WS_CLIENT && frame->masked) return WS_BREACH_MASKED;
    if (is_control) return WS_BREACH_NONE;

    if (is_first && r->message_opcode != 0) return WS_BREACH_INTERRUPTED;
    if (!is_first && r->message_opcode == 0) return WS_BREACH_LONE_CONTINUATION;
    if (r->fragments >= r->fragments_max) return WS_BREACH_FRAGMENTS;
    /* A sum could wrap; and the limit may have been lowered below what is there. */
    if (r->message_bytes > r->message_bytes_max) return WS_BREACH_MESSAGE_BYTES;
    if (frame->payload_bytes > r->message_bytes_max - r->message_bytes) {
        return WS_BREACH_MESSAGE_BYTES;
    }
    return WS_BREACH_NONE;
}

static void begin_frame(struct ws_reader *r, const struct ws_frame *frame)
{
    r->phase = PHASE_PAYLOAD;
    r->frame_opcode = (uint8_t)frame->opcode;
    r->frame_fin = frame->fin;
    r->frame_masked = frame->masked;
    r->frame_left_bytes = (uint32_t)frame->payload_bytes; /* check_frame() compared it */
    bytes_copy(r->key, frame->key, sizeof r->key);
    r->mask_offset = 0;
    r->header_bytes = 0;
    if (ws_opcode_is_control(frame->opcode)) return;

    r->fragments++;
    if (frame->opcode == WS_CONTINUATION) return;
    r->message_opcode = (uint8_t)frame->opcode;
    r->message_compressed = frame->rsv1;
    utf8_checker_init(&r->utf8);
}

/* Takes bytes of a header that does not lie whole in one input. */
static enum result collect_header(struct ws_reader *r, struct ws_input *in, struct ws_frame *frame,
                                  struct ws_decoded *decoded)
{
    while (in->length_bytes > 0) {
        r->header[r->header_bytes++] = in->bytes[0];
        advance(in, 1);
        enum result result = ws_frame_decode(frame, r->header, r->header_bytes, decoded);
        if (result != RESULT_AGAIN) return result;
    }
    return RESULT_AGAIN;
}

static enum result read_header(struct ws_reader *r, struct ws_input *in)
{
    struct ws_frame frame;
    struct ws_decoded decoded = {0};
    enum result result = RESULT_AGAIN;

    if (r->header_bytes == 0) {
        result = ws_frame_decode(&frame, in->bytes, in->length_bytes, &decoded);
        if (result == RESULT_OK) advance(in, decoded.header_bytes);
    }
    if (result == RESULT_AGAIN) result = collect_header(r, in, &frame, &decoded);
    if (result == RESULT_INVALID) return break_off(r, decoded.breach);
    if (result != RESULT_OK) return result;

    enum ws_breach breach = check_frame(r, &frame);
    if (breach != WS_BREACH_NONE) return break_off(r, breach);
    begin_frame(r, &frame);
    return RESULT_OK;
}

/* Returns the next part of the payload, unmasked where it lies in the input. */
static struct piece take_piece(struct ws_reader *r, struct ws_input *in, size_t length_bytes)
{
    struct piece piece = {in->bytes, length_bytes};

    if (r->frame_masked) ws_frame_mask(piece.bytes, piece.length_bytes, r->key, r->mask_offset);
    r->mask_offset = (uint8_t)((r->mask_offset + length_bytes) % WS_MASK_KEY_BYTES);
    r->frame_left_bytes -= (uint32_t)length_bytes;
    advance(in, length_bytes);
    return piece;
}

/* The frame's payload is whole in the input, and whatever it belongs to is whole with it. */
static bool is_in_place(const struct ws_reader *r, const struct ws_input *in)
{
    if (r->frame_left_bytes > in->length_bytes) return false;
    if (ws_opcode_is_control(r->frame_opcode)) return r->control_bytes == 0;
    return r->frame_fin && r->message_bytes == 0;
}

/* The free part of the buffer where the payload under way goes on. */
static struct piece room_for_piece(const struct ws_reader *r)
{
    if (r->buffer == NULL) return (struct piece){NULL, 0};
    if (ws_opcode_is_control(r->frame_opcode)) {
        return (struct piece){r->buffer + r->control_bytes,
                              WS_READER_CONTROL_BYTES - (size_t)r->control_bytes};
    }
    size_t used = WS_READER_BUFFER_BYTES((size_t)r->message_bytes);
    return (struct piece){r->buffer + used, r->capacity_bytes - used};
}

/* The message under way is text that we can read: a compressed one is its inflater's to check. */
static bool is_plain_text(const struct ws_reader *r)
{
    return r->message_opcode == WS_TEXT && !r->message_compressed;
}

/* A text is checked as it comes, so that bad bytes are refused before the message ends. */
static enum result check_text(struct ws_reader *r, struct piece piece)
{
    if (ws_opcode_is_control(r->frame_opcode) || !is_plain_text(r)) return RESULT_OK;
    if (!utf8_check(&r->utf8, piece.bytes, piece.length_bytes)) return break_off(r, WS_BREACH_UTF8);
    return RESULT_OK;
}

/* Copies what comes of the payload under way to the buffer, until its frame ends. */
static enum result collect_payload(struct ws_reader *r, struct ws_input *in)
{
    while (r->frame_left_bytes > 0) {
        struct piece room = room_for_piece(r);
        size_t length_bytes = smaller(r->frame_left_bytes, in->length_bytes);

        if (length_bytes == 0) return RESULT_AGAIN;
        length_bytes = smaller(length_bytes, room.length_bytes);
        if (length_bytes == 0) return RESULT_FULL;

        struct piece piece = take_piece(r, in, length_bytes);
        bytes_copy(room.bytes, piece.bytes, length_bytes);
        if (ws_opcode_is_control(r->frame_opcode)) {
            r->control_bytes = (uint8_t)(r->control_bytes + length_bytes);
        } else {
            r->message_bytes += (uint32_t)length_bytes;
        }
        enum result result = check_text(r, piece);
        if (result != RESULT_OK) return result;
    }
    return RESULT_OK;
}

/* Returns what the buffer holds of the control frame or of the message under way. */
static struct piece collected(const struct ws_reader *r)
{
    if (r->buffer == NULL) return (struct piece){NULL, 0};
    if (ws_opcode_is_control(r->frame_opcode)) return (struct piece){r->buffer, r->control_bytes};
    return (struct piece){r->buffer + WS_READER_CONTROL_BYTES, r->message_bytes};
}

/* Reads payload until the frame under way ends; `*whole` is what the frame, or the message it ends,
 * holds altogether. */
static enum result read_payload(struct ws_reader *r, struct ws_input *in, struct piece *whole)
{
    if (is_in_place(r, in)) {
        *whole = take_piece(r, in, r->frame_left_bytes);
        return check_text(r, *whole);
    }
    enum result result = collect_payload(r, in);
    *whole = collected(r);
    return result;
}

static enum result finish_control(struct ws_reader *r, struct piece whole, struct ws_event *event)
{
    uint16_t close_code = 0;
    size_t code_bytes = 0;

    r->control_bytes = 0;
    if (r->frame_opcode == WS_CLOSE) {
        enum ws_breach breach = ws_close_decode(whole.bytes, whole.length_bytes, &close_code);
        if (breach != WS_BREACH_NONE) return break_off(r, breach);
        code_bytes = smaller(whole.length_bytes, 2);
        r->phase = PHASE_CLOSED;
    }
    *event = (struct ws_event){
        .kind = event_kinds[r->frame_opcode],
        .close_code = close_code,
        .payload = whole.bytes + code_bytes,
        .payload_bytes = whole.length_bytes - code_bytes,
    };
    return RESULT_OK;
}

static enum result finish_message(struct ws_reader *r, struct piece whole, struct ws_event *event)
{
    if (is_plain_text(r) && !utf8_is_complete(&r->utf8)) return break_off(r, WS_BREACH_UTF8);

    *event = (struct ws_event){
        .kind = event_kinds[r->message_opcode],
        .compressed = r->message_compressed,
        .payload = whole.bytes,
        .payload_bytes = whole.length_bytes,
    };
    r->message_opcode = 0;
    r->message_bytes = 0;
    r->fragments = 0;
    return RESULT_OK;
}

/* Reads to the end of the frame under way; `event->kind` stays WS_EVENT_NONE if its message goes
 * on. */
static enum result read_frame(struct ws_reader *r, struct ws_input *in, struct ws_event *event)
{
    struct piece whole = {NULL, 0};
    enum result result = r->phase == PHASE_HEADER ? read_header(r, in) : RESULT_OK;

    if (result == RESULT_OK) result = read_payload(r, in, &whole);
    if (result != RESULT_OK) return result;

    r->phase = PHASE_HEADER;
    if (ws_opcode_is_control(r->frame_opcode)) return finish_control(r, whole, event);
    return r->frame_fin ? finish_message(r, whole, event) : RESULT_OK;
}

enum result ws_reader_read(struct ws_reader *r, struct ws_input *in, struct ws_event *event)
{
    *event = (struct ws_event){.kind = WS_EVENT_NONE};
    if (has_ended(r)) {
        advance(in, in->length_bytes);
        return r->phase == PHASE_CLOSED ? RESULT_CLOSED : broken(r);
    }
    enum result result;
    do {
        result = read_frame(r, in, event);
    } while (result == RESULT_OK && event->kind == WS_EVENT_NONE);
    return result;
}
