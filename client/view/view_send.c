#include "client/view/view_parts.h"
#include "shared/bytes.h"

#define RESYNC_INTERVAL_US 5000000

/* -- what is to be said -- */

void view_set_input(struct view *v, const int32_t words[USERCMD_WORDS])
{
    if (v->game != NULL) outbox_set_input(&v->outbox, words);
}

bool view_say(struct view *v, const char *text)
{
    size_t length = text_length(text);
    if (length == 0 || length > CHAT_BYTES_MAX || !text_is_showable(text, length)) return false;
    if (v->chat_count == CHATS_MAX) return false;
    bytes_copy(v->chats[v->chat_count++].text, text, length + 1);
    return true;
}

bool view_control(struct view *v, const struct message_control *control)
{
    bool is_seek = control->kind == CONTROL_SEEK && v->control_count > 0 &&
                   v->controls[v->control_count - 1].kind == CONTROL_SEEK;
    if (!control_is_valid(control)) return false;
    if (is_seek) v->control_count--;
    if (v->control_count == CONTROLS_MAX) return false;
    v->controls[v->control_count++] = *control;
    return true;
}

void view_set_camera(struct view *v, const struct message_camera *camera)
{
    v->camera = *camera;
    v->wants_camera = true;
}

void view_set_hidden(struct view *v, bool is_hidden)
{
    if (v->is_hidden == is_hidden) return;
    v->is_hidden = is_hidden;
    v->wants_view = true;
    verdict_pause(&v->verdict);
}

/* -- usercmds -- */

/* What `cmd` causes at once, among the others as they stand at the moment `seen`. */
static void foresee(struct view *v, const struct entity *body, const struct usercmd *cmd,
                    struct moment seen)
{
    struct event *event = foreseen_note(&v->foreseen, body, cmd);
    if (event == NULL || v->game->meet == NULL) return;

    uint32_t count = interpolate_draw(&v->interpolate, seen, v->drawn, v->config.entities_max);
    for (uint32_t i = 0; i < count; i++) {
        const struct drawn *d = &v->drawn[i];
        struct entity other = {.kind = d->kind, .generation = d->generation, .owner = d->owner};
        bytes_copy(other.words, d->words, sizeof other.words);
        v->game->meet(&other, event);
    }
}

static void make_usercmds(struct view *v, uint64_t now_us)
{
    struct usercmd made;
    bool merged;
    if (!makes_usercmds(v)) return;
    struct moment seen = moment_now(v, now_us);
    while (!predict_is_full(&v->predict) && outbox_make(&v->outbox, now_us, seen, &made, &merged)) {
        if (merged) predict_merge(&v->predict, &v->outbox.unsent[0]);
        const struct entity *body = predict_body(&v->predict);
        if (body != NULL) {
            fired_note(&v->fired, body, &made, seen);
            foresee(v, body, &made, seen);
        }
        predict_push(&v->predict, &made);
    }
}

/* -- messages -- */

static size_t encode_hello(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    struct message_hello hello = {.view_half_x = v->config.half_x,
                                  .view_half_y = v->config.half_y,
                                  .entities_max = v->config.entities_max,
                                  .has_token = v->has_token,
                                  .token_seat = v->token_seat,
                                  .has_colour = v->has_colour,
                                  .colour = v->colour};
    bytes_copy(hello.token, v->token, TOKEN_BYTES);
    bytes_copy(hello.name, v->name, sizeof hello.name);
    for (size_t i = 0; i < games_count() && hello.schema_count < SCHEMAS_MAX; i++) {
        if (schema_init(&v->schema, games_get(i)->table) != RESULT_OK) continue;
        hello.schemas[hello.schema_count++] = v->schema.hash;
    }
    v->wants_hello = false;
    return message_encode_hello(bytes, capacity_bytes, &hello);
}

static size_t encode_view(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    struct message_view m = {.is_hidden = v->is_hidden,
                             .view_half_x = v->config.half_x,
                             .view_half_y = v->config.half_y};
    v->wants_view = false;
    return message_encode_view(bytes, capacity_bytes, &m);
}

static size_t encode_resync(struct view *v, uint64_t now_us, uint8_t *bytes)
{
    v->wants_resync = false;
    v->resync_us = now_us;
    bytes[0] = MESSAGE_RESYNC;
    return 1;
}

static size_t encode_chat(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    size_t length = message_encode_chat(bytes, capacity_bytes, &v->chats[0]);
    v->chat_count--;
    bytes_move(&v->chats[0], &v->chats[1], v->chat_count * sizeof v->chats[0]);
    return length;
}

static size_t encode_control(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    size_t length = message_encode_control(bytes, capacity_bytes, &v->controls[0]);
    v->control_count--;
    bytes_move(&v->controls[0], &v->controls[1], v->control_count * sizeof v->controls[0]);
    return length;
}

static size_t encode_camera(struct view *v, uint8_t *bytes, size_t capacity_bytes)
{
    v->wants_camera = false;
    return message_encode_camera(bytes, capacity_bytes, &v->camera);
}

static bool owes_ack(const struct view *v, uint64_t now_us)
{
    if (!v->seen.has_base) return false;
    return !v->has_acked || (v->seen.tick != v->acked_tick && now_us >= v->acked_us + TICK_US);
}

static size_t encode_input(struct view *v, uint64_t now_us, uint8_t *bytes, size_t capacity_bytes)
{
    struct message_input m = {.has_ack = v->seen.has_base,
                              .ack_tick = v->seen.tick,
                              .stamp_ms = (uint16_t)(now_us / 1000)};
    outbox_take(&v->outbox, &m);
    v->has_acked = m.has_ack;
    v->acked_tick = m.ack_tick;
    v->acked_us = now_us;
    return message_encode_input(bytes, capacity_bytes, v->game->table, &m);
}

/* Encodes what is due after the hello. */
static size_t encode_next(struct view *v, uint64_t now_us, uint8_t *bytes, size_t capacity_bytes)
{
    if (v->wants_view) return encode_view(v, bytes, capacity_bytes);
    bool may_resync = v->resync_us == 0 || now_us >= v->resync_us + RESYNC_INTERVAL_US;
    if (v->wants_resync && may_resync) return encode_resync(v, now_us, bytes);
    if (v->wants_camera) return encode_camera(v, bytes, capacity_bytes);
    if (v->control_count > 0) return encode_control(v, bytes, capacity_bytes);
    if (v->chat_count > 0) return encode_chat(v, bytes, capacity_bytes);
    if (v->outbox.unsent_count > 0 || owes_ack(v, now_us)) {
        return encode_input(v, now_us, bytes, capacity_bytes);
    }
    return 0;
}

size_t view_poll_outgoing(struct view *v, uint64_t now_us, size_t unsent_bytes, uint8_t *bytes,
                          size_t capacity_bytes)
{
    if (v->phase != VIEW_JOINING && v->phase != VIEW_PLAYING) return 0;
    advance(v, now_us);
    make_usercmds(v, now_us);
    verdict_note_unsent(&v->verdict, unsent_bytes, now_us);

    if (unsent_bytes != 0 || capacity_bytes < MESSAGE_UP_BYTES_MAX) return 0;
    if (v->wants_hello) return encode_hello(v, bytes, capacity_bytes);
    if (v->game == NULL) return 0;
    size_t length_bytes = encode_next(v, now_us, bytes, capacity_bytes);
    if (length_bytes > 0) {
        capture_note(&v->capture, CAPTURE_UP, bytes, length_bytes, now_us, &v->seen);
    }
    return length_bytes;
}
