#include "server/playback/playback.h"

#include <stdio.h>
#include <stdlib.h>

#include "server/record/catalog.h"
#include "shared/check.h"
#include "shared/ws_close.h"

#define FRAME_US    (TICK_MS * 1000u)
#define LATE_FRAMES 5     /* more lateness than that is not made up for */
#define RETRY_US    10000 /* for a frame that found no place */
#define GATHER_US   2000  /* between two slices of what is told about the recording */

/* ---- ending ---- */

static void end(struct playback *p, unsigned code, const char *reason,
                const struct playback_sink *sink)
{
    struct playback_news news = {.kind = PLAYBACK_ENDED, .ended = {.code = (uint16_t)code}};
    (void)snprintf(news.ended.reason, sizeof news.ended.reason, "%s", reason);
    p->is_over = true;
    sink->tell(sink->context, &news);
}

/* A file's path is nobody's business. */
static void end_by(struct playback *p, const struct error *error, const struct playback_sink *sink)
{
    switch (error->code) {
    case RESULT_CLOSED:
        end(p, WS_CLOSE_NO_ROOM, "there is no such recording", sink);
        break;
    case RESULT_AGAIN:
        end(p, WS_CLOSE_OVERLOAD, "the recording cannot be seen yet, try again later", sink);
        break;
    case RESULT_IO:
        end(p, WS_CLOSE_NO_ROOM, "the recording cannot be read", sink);
        break;
    default:
        end(p, WS_CLOSE_UNPLAYABLE, "the recording is damaged, or of a game unknown here", sink);
        break;
    }
}

/* ---- opening ---- */

static void begin_about(struct playback *p)
{
    p->about = malloc(sizeof *p->about);
    if (p->about == NULL) return; /* a timeline without marks */
    about_begin(p->about, film_first_tick(p->film), film_last_tick(p->film));
    p->owes_about = true;
}

void playback_open(struct playback *p, const struct playback_start *start, uint64_t now_us,
                   uint64_t wall_ms, const struct playback_sink *sink)
{
    struct error error;
    *p = (struct playback){.idle_ms = start->idle_ms,
                           .speed = start->speed,
                           .is_paused = start->is_paused,
                           .wants_seek = true,
                           .owes_status = true,
                           .due_us = now_us,
                           .refresh_us = now_us + PLAYBACK_REFRESH_US,
                           .controlled_us = now_us};
    catalog_copy_text(p->id, sizeof p->id, start->id);
    if (film_open(&p->film, start->path, start->delay_ms, wall_ms, &error) != RESULT_OK) {
        end_by(p, &error, sink);
        return;
    }
    p->wanted_tick = start->tick != 0 ? start->tick : film_first_tick(p->film);
    struct playback_news news = {.kind = PLAYBACK_OPENED, .room = film_room(p->film)};
    sink->tell(sink->context, &news);
    begin_about(p);
}

void playback_close(struct playback *p)
{
    free(p->about);
    film_close(p->film);
    *p = (struct playback){0};
}

/* ---- what the watcher asks ---- */

static uint64_t period_us(const struct playback *p)
{
    return p->speed >= 0 ? FRAME_US : (uint64_t)FRAME_US << -p->speed;
}

static void seek(struct playback *p, uint32_t tick)
{
    p->wants_seek = true;
    p->wanted_tick = tick;
    p->wanted_steps = 0;
    p->is_at_end = false;
}

/* From where the watcher counts: what is asked for already, or what is shown. */
static uint32_t present_tick(const struct playback *p)
{
    return p->wants_seek ? p->wanted_tick : film_tick(p->film) + p->wanted_steps;
}

static void seek_by(struct playback *p, int32_t ticks)
{
    uint32_t first = film_first_tick(p->film), last = film_last_tick(p->film);
    uint32_t tick = present_tick(p);
    if (ticks < 0) {
        uint32_t back = (uint32_t)-ticks;
        seek(p, tick > first && back < tick - first ? tick - back : first);
    } else {
        uint32_t on = (uint32_t)ticks;
        seek(p, tick < last && on < last - tick ? tick + on : last);
    }
}

static void step(struct playback *p, int32_t ticks)
{
    p->is_paused = true;
    if (ticks < 0 || p->wants_seek) {
        seek_by(p, ticks);
    } else {
        p->wanted_steps += (uint32_t)ticks;
        if (p->wanted_steps > CONTROL_STEP_MAX) p->wanted_steps = CONTROL_STEP_MAX;
    }
}

static void play(struct playback *p)
{
    if (p->is_at_end) seek(p, film_first_tick(p->film));
    p->is_paused = false;
}

void playback_apply(struct playback *p, const struct message_control *control, uint64_t now_us)
{
    ASSERT(control_is_valid(control));
    if (p->is_over) return;
    p->controlled_us = now_us;
    p->owes_status = true;
    switch ((enum control_kind)control->kind) {
    case CONTROL_PAUSE:
        p->is_paused = true;
        break;
    case CONTROL_PLAY:
        play(p);
        break;
    case CONTROL_SPEED:
        p->speed = (int8_t)control->amount;
        break;
    case CONTROL_SEEK:
        seek(p, control->tick);
        break;
    case CONTROL_SEEK_BY:
        seek_by(p, control->amount);
        break;
    case CONTROL_STEP:
        step(p, control->amount);
        break;
    case CONTROL_LIVE: /* the session's matter */
    case CONTROL_COUNT:
        break;
    }
    p->due_us = now_us + period_us(p);
}

/* ---- what is due ---- */

/* Returns false if the film is broken: then it is over. */
static bool move(struct playback *p, enum result result, const struct error *error,
                 const struct playback_sink *sink)
{
    if (result == RESULT_OK) {
        p->owes_frame = true;
    } else if (result == RESULT_CLOSED) {
        /* A match that goes on: there will be more. */
        p->owes_status = p->owes_status || !p->is_at_end;
        p->is_at_end = !film_is_running(p->film);
    } else {
        end_by(p, error, sink);
    }
    return !p->is_over;
}

static bool do_seek(struct playback *p, uint64_t now_us, const struct playback_sink *sink)
{
    struct error error;
    p->due_us = now_us + period_us(p);
    p->wants_seek = false;
    p->epoch++;
    p->owes_status = true;
    enum result r = film_seek(p->film, p->wanted_tick, &error);
    if (r == RESULT_TOO_BIG)
        error.code = r = RESULT_INVALID; /* not one tick where some should be */
    return move(p, r, &error, sink);
}

static bool do_steps(struct playback *p, const struct playback_sink *sink)
{
    struct error error;
    uint32_t ticks = p->wanted_steps;
    p->wanted_steps = 0;
    return move(p, film_step(p->film, ticks, &error), &error, sink);
}

static bool do_frame(struct playback *p, uint64_t now_us, const struct playback_sink *sink)
{
    struct error error;
    uint64_t period = period_us(p);
    if (p->is_paused || p->is_at_end || p->due_us > now_us) return true;
    if (p->due_us + LATE_FRAMES * period < now_us) p->due_us = now_us;
    p->due_us += period;
    uint32_t ticks = p->speed > 0 ? 1u << p->speed : 1;
    return move(p, film_step(p->film, ticks, &error), &error, sink);
}

static bool refresh(struct playback *p, uint64_t now_us, uint64_t wall_ms,
                    const struct playback_sink *sink)
{
    struct error error;
    if (!film_is_running(p->film) || p->refresh_us > now_us) return true;
    p->refresh_us = now_us + PLAYBACK_REFRESH_US;
    enum result r = film_refresh(p->film, wall_ms, &error);
    if (r != RESULT_OK && r != RESULT_AGAIN) {
        end_by(p, &error, sink);
        return false;
    }
    if (film_last_tick(p->film) != p->told_last_tick) p->owes_status = true;
    return true;
}

static void tell_status(struct playback *p, const struct playback_sink *sink)
{
    struct playback_news news = {.kind = PLAYBACK_STATUS,
                                 .status = {.first_tick = film_first_tick(p->film),
                                            .last_tick = film_last_tick(p->film),
                                            .tick = film_tick(p->film),
                                            .speed = p->speed,
                                            .is_paused = p->is_paused,
                                            .is_at_end = p->is_at_end,
                                            .is_running = film_is_running(p->film)}};
    if (!sink->has_place(sink->context, PLAYBACK_STATUS)) return;
    p->owes_status = false;
    p->told_last_tick = news.status.last_tick;
    sink->tell(sink->context, &news);
}

static void tell_frame(struct playback *p, uint64_t now_us, const struct playback_sink *sink)
{
    struct playback_news news = {.kind = PLAYBACK_FRAME};
    if (!sink->has_place(sink->context, PLAYBACK_FRAME)) return;
    news.frame = film_take_frame(p->film, p->epoch, now_us);
    if (news.frame == NULL) return;
    p->owes_frame = false;
    sink->tell(sink->context, &news);
}

static void tell_about(struct playback *p, const struct playback_sink *sink)
{
    struct playback_news news = {.kind = PLAYBACK_ABOUT};
    if (!sink->has_place(sink->context, PLAYBACK_ABOUT)) return;
    if (about_gather(p->about, film_reader(p->film))) return;
    p->owes_about = false;
    news.about.text = malloc(ABOUT_BYTES_MAX);
    if (news.about.text != NULL) {
        news.about.length_bytes =
            about_write(p->about, film_reader(p->film), p->id, news.about.text, ABOUT_BYTES_MAX);
        ASSERT(news.about.length_bytes > 0);
        sink->tell(sink->context, &news);
    }
    free(p->about);
    p->about = NULL;
}

static bool is_idle(const struct playback *p, uint64_t now_us)
{
    if (!p->is_paused && !p->is_at_end) return false;
    return now_us - p->controlled_us > (uint64_t)p->idle_ms * 1000;
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t next_due_us(const struct playback *p, uint64_t now_us)
{
    uint64_t due_us = p->controlled_us + (uint64_t)p->idle_ms * 1000 + 1;
    if (!p->is_paused && !p->is_at_end) due_us = p->due_us;
    if (film_is_running(p->film)) due_us = earliest(due_us, p->refresh_us);
    if (p->owes_about) due_us = earliest(due_us, now_us + GATHER_US);
    if (p->owes_status || p->owes_frame) due_us = earliest(due_us, now_us + RETRY_US);
    return due_us;
}

uint64_t playback_turn(struct playback *p, uint64_t now_us, uint64_t wall_ms,
                       const struct playback_sink *sink)
{
    if (p->is_over) return UINT64_MAX;
    if (is_idle(p, now_us)) {
        end(p, WS_CLOSE_NORMAL, "nothing was watched for a while", sink);
        return UINT64_MAX;
    }
    bool goes_on = refresh(p, now_us, wall_ms, sink);
    if (goes_on && p->wants_seek) goes_on = do_seek(p, now_us, sink);
    if (goes_on && p->wanted_steps > 0) goes_on = do_steps(p, sink);
    if (goes_on) goes_on = do_frame(p, now_us, sink);
    if (!goes_on) return UINT64_MAX;
    if (p->owes_status) tell_status(p, sink);
    if (p->owes_frame) tell_frame(p, now_us, sink);
    if (p->owes_about && !p->owes_frame) tell_about(p, sink);
    return next_due_us(p, now_us);
}
