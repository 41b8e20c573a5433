/* json_input.h - what a JSON client sends up, from text to a struct.
 *
 * Place:   the session hands over each text message; what is refused it answers with the sentence
 *          in `error` as {"type":"error"}.
 * Layout:  PROTOCOL.md "JSON, up". Unknown keys are ignored; of a key given twice the last counts.
 * Memory:  the struct owns copies. cJSON, which has its home here on this path, allocates while it
 *          parses and frees before the return.
 * Errors:  RESULT_INVALID or RESULT_TOO_BIG with a short reason, in which nothing stands that came
 *          from outside.
 */
#ifndef TICKWIRE_SERVER_SESSION_JSON_INPUT_H
#define TICKWIRE_SERVER_SESSION_JSON_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/json_scan.h"
#include "shared/limits.h"
#include "shared/message.h"
#include "shared/result.h"
#include "shared/usercmd.h"

enum json_input_kind {
    JSON_INPUT_HELLO,
    JSON_INPUT_USERCMD,
    JSON_INPUT_CHAT,
    JSON_INPUT_VIEW,
    JSON_INPUT_PING,
    JSON_INPUT_CONTROL,
    JSON_INPUT_CAMERA
};

struct json_input {
    uint8_t kind; /* enum json_input_kind */
    /* HELLO, VIEW: half the extent to be seen, in units, if has_view. */
    bool has_view;
    uint16_t view_half_x, view_half_y;
    /* HELLO */
    char name[NAME_BYTES_MAX + 1]; /* empty: none given */
    bool has_colour;
    uint8_t colour; /* 0..COLOURS_MAX */
    bool has_token;
    uint8_t token[TOKEN_BYTES];
    uint16_t token_seat;
    /* USERCMD */
    bool has_seq; /* else the server counts; cmd.seq is then 0 */
    bool has_ack;
    uint32_t ack_tick;
    struct usercmd cmd; /* every word in its range; view_tick is the ack, or 0 */
    /* CHAT */
    char text[CHAT_BYTES_MAX + 1];
    /* VIEW */
    bool is_hidden;
    /* PING */
    int64_t t_10000; /* its `t` in ten-thousandths, for json_pong_write() */
    /* CONTROL */
    struct message_control control; /* valid */
    /* CAMERA: an entity's generation is not told */
    struct message_camera camera;
};

/* What a message is read by. */
struct json_input_terms {
    const struct field_table *table;
    const struct usercmd *previous; /* holds the words that a usercmd leaves out */
    struct json_limits limits;      /* RESULT_TOO_BIG beyond them */
};

/* Reads text[0..length_bytes). */
enum result json_input_read(struct json_input *in, const char *text, size_t length_bytes,
                            const struct json_input_terms *terms, struct error *error);

#endif
