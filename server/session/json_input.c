#include "server/session/json_input.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "shared/json_update.h"

#define VIEW_HALF_MAX 65535
#define ANGLE_TURNS   1e6 /* a page adds angles up; more than that is a mistake */
#define PING_T_MAX    1e14
#define PLACE_MAX     1e6

/* What a key's reader may look at and fill. */
struct reading {
    struct json_input *in;
    const struct field_table *table;
    struct error *error;
};

static enum result refuse(struct reading *r, const char *reason)
{
    r->error->code = RESULT_INVALID;
    snprintf(r->error->message, sizeof r->error->message, "%s", reason);
    return RESULT_INVALID;
}

/* -- values ------------------------------------------------------------------------------------ */

static bool is_number_in(const cJSON *value, double min, double max)
{
    return cJSON_IsNumber(value) && value->valuedouble >= min && value->valuedouble <= max;
}

/* A whole number; cJSON keeps every one up to 2^53. */
static bool get_whole(const cJSON *value, double min, double max, uint32_t *number)
{
    if (!is_number_in(value, min, max) || floor(value->valuedouble) != value->valuedouble) {
        return false;
    }
    *number = (uint32_t)value->valuedouble;
    return true;
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_hex(const cJSON *value, uint8_t *bytes, size_t length_bytes)
{
    if (!cJSON_IsString(value) || strlen(value->valuestring) != 2 * length_bytes) return false;
    for (size_t i = 0; i < length_bytes; i++) {
        int high = hex_value(value->valuestring[2 * i]);
        int low = hex_value(value->valuestring[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* -- keys -------------------------------------------------------------------------------------- */

static enum result read_name(struct reading *r, const cJSON *value)
{
    if (!cJSON_IsString(value)) return refuse(r, "name is not a text");
    size_t length = strlen(value->valuestring);
    if (length > NAME_BYTES_MAX) return refuse(r, "name is longer than 24 bytes");
    if (length > 0 && !text_is_showable(value->valuestring, length)) {
        return refuse(r, "name has control characters or is blank");
    }
    memcpy(r->in->name, value->valuestring, length + 1);
    return RESULT_OK;
}

/* A number that is no colour is none: palettes differ. */
static enum result read_colour(struct reading *r, const cJSON *value)
{
    uint32_t colour = 0;
    if (!cJSON_IsNumber(value)) return refuse(r, "colour is not a number");
    if (!get_whole(value, 1, COLOURS_MAX, &colour)) colour = 0;
    r->in->has_colour = true;
    r->in->colour = (uint8_t)colour;
    return RESULT_OK;
}

static enum result read_token(struct reading *r, const cJSON *value)
{
    uint8_t bytes[JSON_TOKEN_CHARS / 2];
    if (!get_hex(value, bytes, sizeof bytes)) {
        return refuse(r, "token is not the text that welcome gave");
    }
    memcpy(r->in->token, bytes, TOKEN_BYTES);
    r->in->token_seat = (uint16_t)(bytes[TOKEN_BYTES] << 8 | bytes[TOKEN_BYTES + 1]);
    r->in->has_token = true;
    return RESULT_OK;
}

static enum result read_view(struct reading *r, const cJSON *value)
{
    const cJSON *x = cJSON_GetArrayItem(value, 0), *y = cJSON_GetArrayItem(value, 1);
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2 ||
        !is_number_in(x, 1, VIEW_HALF_MAX) || !is_number_in(y, 1, VIEW_HALF_MAX)) {
        return refuse(r, "view is not [half width, half height], each 1 to 65535 units");
    }
    r->in->has_view = true;
    r->in->view_half_x = (uint16_t)x->valuedouble;
    r->in->view_half_y = (uint16_t)y->valuedouble;
    return RESULT_OK;
}

static enum result read_seq(struct reading *r, const cJSON *value)
{
    if (!get_whole(value, 1, UINT32_MAX - 1.0, &r->in->cmd.seq)) {
        return refuse(r, "seq is not a whole number from 1 on");
    }
    r->in->has_seq = true;
    return RESULT_OK;
}

static enum result read_ack(struct reading *r, const cJSON *value)
{
    if (!get_whole(value, 0, UINT32_MAX, &r->in->ack_tick)) {
        return refuse(r, "ack is not the tick of an update");
    }
    r->in->has_ack = true;
    r->in->cmd.view_tick = r->in->ack_tick;
    return RESULT_OK;
}

static enum result read_chat_text(struct reading *r, const cJSON *value)
{
    if (!cJSON_IsString(value)) return refuse(r, "text is not a text");
    size_t length = strlen(value->valuestring);
    if (length > CHAT_BYTES_MAX) return refuse(r, "text is longer than 120 bytes");
    if (!text_is_showable(value->valuestring, length)) {
        return refuse(r, "text has control characters or is blank");
    }
    memcpy(r->in->text, value->valuestring, length + 1);
    return RESULT_OK;
}

static enum result read_hidden(struct reading *r, const cJSON *value)
{
    if (!cJSON_IsBool(value)) return refuse(r, "hidden is neither true nor false");
    r->in->is_hidden = cJSON_IsTrue(value);
    return RESULT_OK;
}

static enum result read_t(struct reading *r, const cJSON *value)
{
    if (!is_number_in(value, -PING_T_MAX, PING_T_MAX)) return refuse(r, "t is not a number");
    r->in->t_10000 = llround(value->valuedouble * 10000);
    return RESULT_OK;
}

/* -- a watcher's keys -------------------------------------------------------------------------- */

static enum result read_speed(struct reading *r, const cJSON *value)
{
    for (int32_t amount = CONTROL_SPEED_MIN; amount <= CONTROL_SPEED_MAX; amount++) {
        if (!cJSON_IsNumber(value) || value->valuedouble != ldexp(1, amount)) continue;
        r->in->control.amount = amount;
        return RESULT_OK;
    }
    return refuse(r, "speed is none of 0.125, 0.25, 0.5, 1, 2, 4, 8, 16");
}

static enum result read_seek_tick(struct reading *r, const cJSON *value)
{
    if (!get_whole(value, 0, UINT32_MAX, &r->in->control.tick)) {
        return refuse(r, "tick is not the tick of a recording");
    }
    r->in->control.kind = CONTROL_SEEK;
    r->in->control.amount = 0;
    return RESULT_OK;
}

/* A whole number of ticks, not 0, up to `max` either way. */
static bool get_ticks(struct reading *r, const cJSON *value, int32_t max)
{
    uint32_t ticks;
    bool is_back = cJSON_IsNumber(value) && value->valuedouble < 0;
    cJSON size = {.type = cJSON_Number};
    if (!cJSON_IsNumber(value)) return false;
    size.valuedouble = fabs(value->valuedouble);
    if (!get_whole(&size, 1, max, &ticks)) return false;
    r->in->control.amount = is_back ? -(int32_t)ticks : (int32_t)ticks;
    r->in->control.tick = 0;
    return true;
}

static enum result read_by(struct reading *r, const cJSON *value)
{
    if (!get_ticks(r, value, INT32_MAX)) return refuse(r, "by is not a number of ticks");
    r->in->control.kind = CONTROL_SEEK_BY;
    return RESULT_OK;
}

static enum result read_ticks(struct reading *r, const cJSON *value)
{
    if (!get_ticks(r, value, CONTROL_STEP_MAX)) {
        return refuse(r, "ticks is not a whole number from -1000 to 1000, or it is 0");
    }
    return RESULT_OK;
}

static enum result read_seat(struct reading *r, const cJSON *value)
{
    uint32_t seat;
    if (!get_whole(value, 0, UINT16_MAX, &seat)) return refuse(r, "seat is not a seat");
    r->in->camera = (struct message_camera){.kind = CAMERA_SEAT, .seat = (uint16_t)seat};
    return RESULT_OK;
}

static enum result read_id(struct reading *r, const cJSON *value)
{
    uint32_t slot;
    if (!get_whole(value, 0, UINT16_MAX, &slot)) return refuse(r, "id is not an entity's");
    r->in->camera = (struct message_camera){.kind = CAMERA_ENTITY, .slot = (uint16_t)slot};
    return RESULT_OK;
}

static enum result read_at(struct reading *r, const cJSON *value)
{
    const cJSON *x = cJSON_GetArrayItem(value, 0), *y = cJSON_GetArrayItem(value, 1);
    if (!cJSON_IsArray(value) || cJSON_GetArraySize(value) != 2 ||
        !is_number_in(x, -PLACE_MAX, PLACE_MAX) || !is_number_in(y, -PLACE_MAX, PLACE_MAX)) {
        return refuse(r, "at is not [x, y] in units");
    }
    r->in->camera = (struct message_camera){
        .kind = CAMERA_PLACE, .x = (int32_t)x->valuedouble, .y = (int32_t)y->valuedouble};
    return RESULT_OK;
}

/* -- the game's own fields ----------------------------------------------------------------------
 */

static enum result refuse_range(struct reading *r, const struct usercmd_field *f)
{
    double unit = (double)f->unit_numerator / f->unit_denominator;
    r->error->code = RESULT_INVALID;
    snprintf(r->error->message, sizeof r->error->message,
             "%s is not a%s number from %.10g to %.10g", f->name,
             f->kind == USERCMD_BUTTONS ? " whole" : "", f->min * unit, f->max * unit);
    return RESULT_INVALID;
}

/* From units to the word: to the nearest, angles brought into their range. */
static enum result read_usercmd_field(struct reading *r, unsigned index, const cJSON *value)
{
    const struct usercmd_field *f = &r->table->usercmd_fields[index];
    double span = (double)f->max - f->min + 1;
    if (!cJSON_IsNumber(value)) return refuse_range(r, f);
    double units = value->valuedouble;
    if (f->kind == USERCMD_BUTTONS && floor(units) != units) return refuse_range(r, f);

    double word = round(units * f->unit_denominator / f->unit_numerator);
    if (f->kind == USERCMD_ANGLE && fabs(word) <= ANGLE_TURNS * span) {
        word -= floor((word - f->min) / span) * span;
    }
    if (!(word >= f->min && word <= f->max)) return refuse_range(r, f);
    r->in->cmd.words[index] = (int32_t)word;
    return RESULT_OK;
}

/* -- messages ---------------------------------------------------------------------------------- */

struct key {
    const char *name;
    enum result (*read)(struct reading *r, const cJSON *value);
    bool is_required;
};

#define KEYS_MAX 4

struct message {
    const char *type;
    enum json_input_kind kind;
    const char *missing; /* the reason if a required key is not there */
    struct key keys[KEYS_MAX];
    struct message_control control; /* what it asks for, keys aside */
};

static const struct message messages[] = {
    {"input", JSON_INPUT_USERCMD, NULL, {{"seq", read_seq, false}, {"ack", read_ack, false}}, {0}},
    {"hello",
     JSON_INPUT_HELLO,
     NULL,
     {{"name", read_name, false},
      {"colour", read_colour, false},
      {"token", read_token, false},
      {"view", read_view, false}},
     {0}},
    {"chat", JSON_INPUT_CHAT, "chat without text", {{"text", read_chat_text, true}}, {0}},
    {"view",
     JSON_INPUT_VIEW,
     NULL,
     {{"hidden", read_hidden, false}, {"view", read_view, false}},
     {0}},
    {"ping", JSON_INPUT_PING, "ping without t", {{"t", read_t, true}}, {0}},
    {"camera",
     JSON_INPUT_CAMERA,
     NULL,
     {{"seat", read_seat, false}, {"id", read_id, false}, {"at", read_at, false}},
     {0}},
    {"pause", JSON_INPUT_CONTROL, NULL, {{0}}, {.kind = CONTROL_PAUSE}},
    {"play", JSON_INPUT_CONTROL, NULL, {{0}}, {.kind = CONTROL_PLAY}},
    {"live", JSON_INPUT_CONTROL, NULL, {{0}}, {.kind = CONTROL_LIVE}},
    {"step",
     JSON_INPUT_CONTROL,
     NULL,
     {{"ticks", read_ticks, false}},
     {.kind = CONTROL_STEP, .amount = 1}},
    {"speed",
     JSON_INPUT_CONTROL,
     "speed without speed",
     {{"speed", read_speed, true}},
     {.kind = CONTROL_SPEED}},
    {"seek",
     JSON_INPUT_CONTROL,
     NULL,
     {{"tick", read_seek_tick, false}, {"by", read_by, false}},
     {.kind = CONTROL_SEEK_BY}},
};

static enum result read_key(struct reading *r, const struct message *m, const cJSON *item)
{
    for (size_t i = 0; i < KEYS_MAX && m->keys[i].name != NULL; i++) {
        if (strcmp(item->string, m->keys[i].name) == 0) return m->keys[i].read(r, item);
    }
    if (m->kind != JSON_INPUT_USERCMD) return RESULT_OK;
    for (unsigned i = 0; i < r->table->usercmd_field_count; i++) {
        if (strcmp(item->string, r->table->usercmd_fields[i].name) == 0) {
            return read_usercmd_field(r, i, item);
        }
    }
    return RESULT_OK;
}

static const struct message *find_message(const cJSON *root)
{
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(root, "type");
    if (!cJSON_IsString(type)) return NULL;
    for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
        if (strcmp(type->valuestring, messages[i].type) == 0) return &messages[i];
    }
    return NULL;
}

static enum result read_message(struct reading *r, const cJSON *root)
{
    if (!cJSON_IsObject(root)) return refuse(r, "not a JSON object");
    const struct message *m = find_message(root);
    if (m == NULL)
        return refuse(r, "type is none of input, hello, chat, view, ping, camera, pause, "
                         "play, speed, seek, step, live");

    r->in->kind = (uint8_t)m->kind;
    r->in->control = m->control;
    for (size_t i = 0; i < KEYS_MAX && m->keys[i].name != NULL; i++) {
        bool is_missing = cJSON_GetObjectItemCaseSensitive(root, m->keys[i].name) == NULL;
        if (m->keys[i].is_required && is_missing) return refuse(r, m->missing);
    }
    for (const cJSON *item = root->child; item != NULL; item = item->next) {
        enum result result = read_key(r, m, item);
        if (result != RESULT_OK) return result;
    }
    bool is_whole = m->kind != JSON_INPUT_CONTROL || control_is_valid(&r->in->control);
    return is_whole ? RESULT_OK : refuse(r, "seek without tick or by");
}

enum result json_input_read(struct json_input *in, const char *text, size_t length_bytes,
                            const struct json_input_terms *terms, struct error *error)
{
    struct reading r = {.in = in, .table = terms->table, .error = error};
    *in = (struct json_input){.cmd = *terms->previous};
    in->cmd.seq = 0;
    in->cmd.view_tick = 0;

    enum result scanned = json_scan_within(text, length_bytes, &terms->limits);
    if (scanned != RESULT_OK) {
        refuse(&r, scanned == RESULT_TOO_BIG ? "JSON too deep or too rich" : "not JSON");
        error->code = scanned;
        return scanned;
    }
    cJSON *root = cJSON_ParseWithLength(text, length_bytes);
    if (root == NULL) return refuse(&r, "not JSON");
    enum result result = read_message(&r, root);
    cJSON_Delete(root);
    return result;
}
