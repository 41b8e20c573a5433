#include "server/session/watch.h"

#include <stdlib.h>

#include "server/server.h"
#include "server/session/hub.h"
#include "server/session/session_out.h"
#include "shared/bytes.h"
#include "shared/check.h"

/* Watchers of this machine are not counted, as its connections are not. */
static const struct address *counted_address(const struct session *s)
{
    const struct config *config = s->hub->worker->net.config;
    const struct address *peer = s->link->peer(s->carrier);
    bool is_ours = address_is_loopback(peer) && !s->link->is_indirect(s->carrier);
    return is_ours && !config->caps_for_loopback ? NULL : peer;
}

enum result watch_begin(struct session *s, const struct playback_request *request)
{
    struct playbacks *playbacks = s->hub->worker->server->playbacks;
    struct watch *w = calloc(1, sizeof *w);
    if (w == NULL) return RESULT_IO;
    w->playbacks = playbacks;
    enum result r =
        playbacks_claim(playbacks, s->hub->worker->index, counted_address(s), request, &w->index);
    if (r != RESULT_OK) {
        free(w);
        metrics_add(&s->hub->worker->metrics, METRIC_PLAYBACKS_REFUSED, 1);
        return r;
    }
    s->watch = w;
    hub_add_watcher(s->hub, s);
    return RESULT_OK;
}

void watch_end(struct session *s)
{
    struct watch *w = s->watch;
    if (w == NULL) return;
    if (w->has_room) room_view_deinit(&w->view);
    hub_remove_watcher(s->hub, s);
    playbacks_give(w->playbacks, w->index);
    free(w->about);
    free(w);
    s->watch = NULL;
}

void watch_control(struct session *s, const struct message_control *control)
{
    /* What does not fit comes from a client that asks faster than anything can be shown. */
    (void)playbacks_post(s->watch->playbacks, s->watch->index, control);
    /* Nothing is sent while it stands still, so the gate's clock stood still, too. */
    gate_forget(&s->gate, hub_now_ms(s->hub));
}

/* ---- what is sent beside snapshots ---- */

static void send_about(struct session *s)
{
    struct watch *w = s->watch;
    uint8_t *payload = hub_payload(s->hub);
    size_t head_bytes = s->flavour->is_text ? 0 : 1;
    if (s->link->queue_bytes(s->carrier) > 0) return;
    payload[0] = MESSAGE_ABOUT;
    bytes_copy(payload + head_bytes, w->about, w->about_bytes);
    /* What does not even fit an empty queue never will. */
    (void)session_send(s, head_bytes + w->about_bytes);
    free(w->about);
    w->about = NULL;
}

void watch_send_owed(struct session *s)
{
    struct watch *w = s->watch;
    if (s->state != SESSION_PLAYING) return;
    if (w->owes_status) w->owes_status = session_send_playback(s, &w->status) == RESULT_FULL;
    if (w->about != NULL && s->viewer.has_base) send_about(s);
}

/* ---- what the playback tells ---- */

static bool take_room(struct session *s, const struct room *room)
{
    struct watch *w = s->watch;
    /* Views look at a room, and never change it. */
    enum result r =
        room_view_init(&w->view, (struct room *)(uintptr_t)room, s->hub->worker->index, 1);
    w->has_room = true;
    if (r == RESULT_OK) return session_room_opened(s, w->view.room);
    session_watch_failed(s, &(struct message_bye){.code = 1013, .reason = "no memory left"});
    return false;
}

static void take_frame(struct session *s, struct frame *frame)
{
    struct watch *w = s->watch;
    bool is_jump = w->view.newest != NULL && w->view.newest->epoch != frame->epoch;
    if (is_jump || !w->is_shown) {
        /* Nothing that was sent leads to this frame. */
        session_look_at(s, &w->view);
        room_view_forget(&w->view);
        gate_forget(&s->gate, hub_now_ms(s->hub));
        w->is_shown = true;
    }
    room_view_put_frame(&w->view, frame);
}

static void take_about(struct watch *w, char *text, size_t length_bytes)
{
    free(w->about);
    w->about = text;
    w->about_bytes = length_bytes;
}

void watch_turn(struct session *s)
{
    struct watch *w = s->watch;
    struct playback_news news;
    bool has_frame = false;
    while (s->watch == w && playbacks_take(w->playbacks, w->index, &news)) {
        switch ((enum playback_news_kind)news.kind) {
        case PLAYBACK_OPENED:
            if (!take_room(s, news.room)) return;
            break;
        case PLAYBACK_STATUS:
            w->status = news.status;
            w->owes_status = true;
            watch_send_owed(s);
            break;
        case PLAYBACK_FRAME:
            take_frame(s, news.frame);
            has_frame = true;
            break;
        case PLAYBACK_ABOUT:
            take_about(w, news.about.text, news.about.length_bytes);
            break;
        case PLAYBACK_ENDED:
            session_watch_failed(s, &news.ended);
            return;
        }
    }
    if (s->watch != w) return;
    if (has_frame) session_update(s);
    if (s->watch == w) watch_send_owed(s);
}
