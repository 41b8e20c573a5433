/* The binary flavour, tickwire.v1: bit-packed snapshots, and the messages of shared/message.h. */
#include "server/session/binary_writer.h"
#include "server/session/flavour.h"
#include "server/session/session.h"
#include "server/session/session_in.h"

/* One segment with its headers, TLS and WebSocket: a lost one delays no more than a snapshot. */
#define UPDATE_BYTES_MAX 1380
#define UPDATE_BYTES_MIN 120

static size_t write_welcome(const struct session *s, const struct message_welcome *m,
                            uint8_t *bytes, size_t capacity_bytes)
{
    (void)s;
    return message_encode_welcome(bytes, capacity_bytes, m);
}

static size_t write_pace(const struct message_pace *m, uint8_t *bytes, size_t capacity_bytes)
{
    return message_encode_pace(bytes, capacity_bytes, m);
}

static size_t write_bye(const struct message_bye *m, uint8_t *bytes, size_t capacity_bytes)
{
    return message_encode_bye(bytes, capacity_bytes, m);
}

static size_t write_playback(const struct message_playback *m, uint8_t *bytes,
                             size_t capacity_bytes)
{
    return message_encode_playback(bytes, capacity_bytes, m);
}

static enum result read_hello(struct session *s, const uint8_t *bytes, size_t length_bytes,
                              struct error *error)
{
    struct message_hello m;
    if (message_decode_hello(bytes, length_bytes, &m) != RESULT_OK) return RESULT_INVALID;
    return session_on_hello(s, &m, error);
}

static enum result read_input(struct session *s, const uint8_t *bytes, size_t length_bytes,
                              struct error *error)
{
    struct message_input m;
    uint32_t near_tick = s->viewer.base_tick;
    enum result r = message_decode_input(bytes, length_bytes, session_table(s), near_tick, &m);
    return r != RESULT_OK ? RESULT_INVALID : session_on_input(s, &m, error);
}

static enum result read_chat(struct session *s, const uint8_t *bytes, size_t length_bytes,
                             struct error *error)
{
    struct message_chat m;
    if (message_decode_chat(bytes, length_bytes, &m) != RESULT_OK) return RESULT_INVALID;
    return session_on_chat(s, &m, error);
}

static enum result read_resync(struct session *s, const uint8_t *bytes, size_t length_bytes,
                               struct error *error)
{
    (void)bytes;
    return length_bytes == 1 ? session_on_resync(s, error) : RESULT_INVALID;
}

static enum result read_view(struct session *s, const uint8_t *bytes, size_t length_bytes,
                             struct error *error)
{
    struct message_view m;
    if (message_decode_view(bytes, length_bytes, &m) != RESULT_OK) return RESULT_INVALID;
    return session_on_view(s, &m, error);
}

static enum result read_control(struct session *s, const uint8_t *bytes, size_t length_bytes,
                                struct error *error)
{
    struct message_control m;
    if (message_decode_control(bytes, length_bytes, &m) != RESULT_OK) return RESULT_INVALID;
    return session_on_control(s, &m, error);
}

static enum result read_camera(struct session *s, const uint8_t *bytes, size_t length_bytes,
                               struct error *error)
{
    struct message_camera m;
    if (message_decode_camera(bytes, length_bytes, &m) != RESULT_OK) return RESULT_INVALID;
    return session_on_camera(s, &m, error);
}

typedef enum result reader(struct session *, const uint8_t *, size_t, struct error *);

static reader *const readers[] = {
    [MESSAGE_HELLO] = read_hello,   [MESSAGE_INPUT] = read_input, [MESSAGE_CHAT] = read_chat,
    [MESSAGE_RESYNC] = read_resync, [MESSAGE_VIEW] = read_view,   [MESSAGE_CONTROL] = read_control,
    [MESSAGE_CAMERA] = read_camera};

static enum result read(struct session *s, uint8_t *bytes, size_t length_bytes, struct error *error)
{
    if (length_bytes == 0 || bytes[0] >= sizeof readers / sizeof readers[0]) return RESULT_INVALID;
    reader *read_one = readers[bytes[0]];
    return read_one == NULL ? RESULT_INVALID : read_one(s, bytes, length_bytes, error);
}

const struct flavour flavour_binary = {.is_text = false,
                                       .needs_hello = true,
                                       .input_mode = INPUT_QUEUED,
                                       .entities_max = VIEW_ENTITIES_MAX,
                                       .update_bytes = {UPDATE_BYTES_MAX, UPDATE_BYTES_MIN},
                                       .breaches_max = 1,
                                       .write_welcome = write_welcome,
                                       .write_snapshot = binary_write_snapshot,
                                       .measure_updates = binary_measure_updates,
                                       .write_lines = binary_write_lines,
                                       .write_pace = write_pace,
                                       .write_playback = write_playback,
                                       .write_bye = write_bye,
                                       .read = read,
                                       .write_error = NULL};

const struct flavour flavour_binary_events = {.is_text = false,
                                              .needs_hello = false,
                                              .input_mode = INPUT_QUEUED,
                                              .entities_max = VIEW_ENTITIES_MAX,
                                              .update_bytes = {UPDATE_BYTES_MAX, UPDATE_BYTES_MIN},
                                              .breaches_max = 1,
                                              .write_welcome = write_welcome,
                                              .write_snapshot = binary_write_snapshot,
                                              .measure_updates = binary_measure_updates,
                                              .write_lines = binary_write_lines,
                                              .write_pace = write_pace,
                                              .write_bye = write_bye,
                                              .read = read,
                                              .write_error = NULL};
