#include "server/session/session_in.h"

#include <stdio.h>
#include <string.h>

#include "server/server.h"
#include "server/session/hub.h"
#include "server/session/session_out.h"
#include "shared/bytes.h"
#include "shared/host/error.h"
#include "shared/tick.h"
#include "shared/ws_close.h"

#define MINUTE_MS 60000

static bool post_usercmd(struct session *s, const struct usercmd *cmd)
{
    struct room_usercmd posted = {
        .seat = s->seat, .seat_generation = s->seat_generation, .usercmd = *cmd};
    return room_post_usercmd(s->room, s->hub->worker->index, &posted) == RESULT_OK;
}

/* Said before the welcome: there is nothing yet that it could be about. A client that must say
 * hello and has not is wrong. */
static enum result is_early(const struct session *s, struct error *error)
{
    if (s->state == SESSION_ARRIVING && s->flavour->needs_hello) {
        return error_set(error, RESULT_INVALID, "hello comes first");
    }
    return RESULT_OK;
}

enum result session_on_input(struct session *s, const struct message_input *input,
                             struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    bool is_ahead =
        input->has_ack && s->viewer.has_base && tick_is_newer(input->ack_tick, s->viewer.base_tick);
    if (is_ahead && !s->is_spectator)
        return error_set(error, RESULT_INVALID, "ack of a tick that was never sent");
    s->has_stamp = !s->flavour->is_text;
    s->stamp_ms = input->stamp_ms;
    s->stamp_came_ms = hub_now_ms(s->hub);
    for (unsigned i = 0; i < input->count && s->seat != SEAT_NONE; i++) {
        bool posted = post_usercmd(s, &input->cmds[i]);
        metrics_add(hub_metrics(s->hub), posted ? METRIC_USERCMDS : METRIC_USERCMDS_DROPPED, 1);
    }
    /* Of a spectator it may be about what was shown before a seek. */
    if (input->has_ack && !is_ahead) {
        gate_acked(&s->gate, input->ack_tick, hub_now_ms(s->hub));
        session_gate_moved(s);
    }
    return RESULT_OK;
}

/* One line a second on average, five at once. */
static bool may_chat(struct session *s)
{
    uint32_t full_ms = SESSION_CHAT_BURST * SESSION_CHAT_EVERY_MS;
    uint32_t tokens_ms = s->chat_tokens_ms + (hub_now_ms(s->hub) - s->chat_refill_ms);
    s->chat_refill_ms = hub_now_ms(s->hub);
    s->chat_tokens_ms = tokens_ms < full_ms ? tokens_ms : full_ms;
    if (s->chat_tokens_ms < SESSION_CHAT_EVERY_MS) return false;
    s->chat_tokens_ms -= SESSION_CHAT_EVERY_MS;
    return true;
}

enum result session_on_chat(struct session *s, const struct message_chat *chat, struct error *error)
{
    size_t length = strlen(chat->text);
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->seat == SEAT_NONE) return error_set(error, RESULT_INVALID, "only players may chat");
    if (!text_is_showable(chat->text, length)) {
        return error_set(error, RESULT_INVALID, "chat is 1 to 120 bytes of visible text");
    }
    if (!may_chat(s)) return RESULT_OK; /* what is too much is not told to the others */
    struct room_command command = {.kind = ROOM_CHAT,
                                   .room_index = room_index(s->room),
                                   .seat = s->seat,
                                   .seat_generation = s->seat_generation};
    command.chat.length_bytes = (uint8_t)length;
    bytes_copy(command.chat.text, chat->text, length);
    (void)room_post(s->room, s->hub->worker->index, &command); /* full: not said */
    return RESULT_OK;
}

enum result session_on_view(struct session *s, const struct message_view *view, struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (view->is_hidden && !s->is_hidden) {
        viewer_forget(&s->viewer);
        gate_forget(&s->gate,
                    hub_now_ms(s->hub)); /* a throttled page may not even ack what it had */
    } else if (!view->is_hidden && s->is_hidden) {
        gate_forget(&s->gate,
                    hub_now_ms(s->hub)); /* nothing was due meanwhile: that was no stall */
    }
    s->is_hidden = view->is_hidden;
    if (view->view_half_x > 0) session_set_view(s, view->view_half_x, view->view_half_y);
    if (!s->is_hidden) session_gate_moved(s);
    return RESULT_OK;
}

static enum result begin_past(struct session *s, const struct message_control *control)
{
    struct playback_request request = {.tick = s->viewer.base_tick};
    if (s->hub->worker->server->playbacks == NULL || !s->viewer.has_base) {
        session_go_live(s, false);
        return RESULT_OK;
    }
    (void)snprintf(request.room, sizeof request.room, "%s", room_settings(s->room)->name);
    if (watch_begin(s, &request) != RESULT_OK) {
        session_go_live(s, false);
        return RESULT_OK;
    }
    watch_control(s, control);
    return RESULT_OK;
}

enum result session_on_control(struct session *s, const struct message_control *control,
                               struct error *error)
{
    if (s->is_replay && s->state == SESSION_JOINING) {
        watch_control(s, control);
        return RESULT_OK;
    }
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->seat != SEAT_NONE)
        return error_set(error, RESULT_INVALID, "time is not a player's to turn");
    bool wants_live = control->kind == CONTROL_LIVE;
    if (s->is_replay && wants_live)
        return error_set(error, RESULT_INVALID, "a recording is not live");
    if (wants_live) {
        session_go_live(s, s->hub->worker->server->playbacks != NULL);
    } else if (s->watch != NULL) {
        watch_control(s, control);
    } else if (control->kind != CONTROL_PLAY) {
        return begin_past(s, control);
    }
    return RESULT_OK;
}

enum result session_on_camera(struct session *s, const struct message_camera *camera,
                              struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->seat != SEAT_NONE)
        return error_set(error, RESULT_INVALID, "only who watches has a camera");
    camera_set(&s->viewer.camera, camera, room_settings(s->room));
    const struct watch *w = s->watch;
    bool stands_still = w != NULL && w->is_shown && (w->status.is_paused || w->status.is_at_end);
    if (!stands_still) return RESULT_OK; /* the next frame shows it */
    viewer_forget(&s->viewer);
    session_update(s);
    return RESULT_OK;
}

/* One each 5 s; a client that keeps losing its way is better off starting anew. */
enum result session_on_resync(struct session *s, struct error *error)
{
    if (s->state != SESSION_PLAYING) return is_early(s, error);
    if (s->resync_count == 0 || hub_now_ms(s->hub) - s->resync_ms >= MINUTE_MS) {
        s->resync_ms = hub_now_ms(s->hub);
        s->resync_count = 0;
    }
    bool is_due = s->resync_count == 0 || hub_now_ms(s->hub) - s->resynced_ms >= SESSION_RESYNC_MS;
    if (!is_due) return RESULT_OK; /* the one granted is still under way */
    if (++s->resync_count >= SESSION_RESYNCS_MAX) {
        session_end(s, WS_CLOSE_INTERNAL, "your client and the server disagree, reload", true);
        return RESULT_OK;
    }
    s->resynced_ms = hub_now_ms(s->hub);
    viewer_forget(&s->viewer);
    return RESULT_OK;
}

static void breach(struct session *s, const char *reason)
{
    metrics_add(hub_metrics(s->hub), METRIC_INPUTS_REFUSED, 1);
    if (++s->breach_count >= s->flavour->breaches_max) {
        session_end(s, WS_CLOSE_POLICY, reason, false);
        return;
    }
    size_t length = s->flavour->write_error(reason, hub_payload(s->hub), HUB_MESSAGE_BYTES);
    if (length > 0) (void)session_send(s, length); /* a full queue: it will find out */
}

void session_message(struct session *s, bool is_text, uint8_t *bytes, size_t length_bytes)
{
    struct error error = {.message = "malformed message"};
    if (is_text != s->flavour->is_text) {
        session_end(s, WS_CLOSE_UNSUPPORTED,
                    is_text ? "tickwire.v1 is binary" : "this flavour is JSON text", false);
        return;
    }
    uint32_t generation = s->generation;
    enum result r = s->flavour->read(s, bytes, length_bytes, &error);
    bool is_over = s->generation != generation || s->carrier == NULL;
    if (is_over) return;
    if (r != RESULT_OK) breach(s, error.message);
    if (s->carrier != NULL && s->state == SESSION_ARRIVING && !s->flavour->needs_hello)
        session_join(s);
}
