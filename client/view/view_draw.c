#include "client/view/view_parts.h"
#include "shared/bytes.h"
#include "shared/tick.h"

/* Makes place for the own body at its slot and returns its index. */
static uint32_t place_own(struct view *v, uint16_t slot)
{
    uint32_t index = 0;
    while (index < v->frame.count && v->drawn[index].slot < slot)
        index++;
    if (index < v->frame.count && v->drawn[index].slot == slot) return index;

    bytes_move(&v->drawn[index + 1], &v->drawn[index],
               (v->frame.count - index) * sizeof v->drawn[0]);
    v->frame.count++;
    return index;
}

static void draw_own(struct view *v, uint64_t now_us)
{
    if (!v->has_map) return;
    struct usercmd next = outbox_next(&v->outbox, v->frame.moment);
    uint32_t part = makes_usercmds(v) ? outbox_part(&v->outbox, now_us) : 0;
    struct drawn own;
    if (!predict_draw(&v->predict, &next, part, now_us, &own)) return;

    uint32_t index = place_own(v, own.slot);
    v->drawn[index] = own;
    v->frame.own_index = (int32_t)index;
}

static void mark_mine(struct view *v)
{
    if (v->welcome.seat == SEAT_NONE) return;
    for (uint32_t i = 0; i < v->frame.count; i++) {
        if (v->drawn[i].owner == v->welcome.seat) v->drawn[i].flags |= DRAWN_MINE;
    }
}

/* Behind all others: their slots are the highest. */
static void draw_fired(struct view *v)
{
    if (!v->has_map || v->is_playback) return;
    v->frame.count += fired_draw(&v->fired, v->frame.moment, &v->drawn[v->frame.count], FIRED_MAX);
}

static void draw_others(struct view *v, uint64_t now_us)
{
    if (v->has_news_of_others && v->mend.has_guesses) {
        /* When the server has dropped time, now may be earlier than what was shown. */
        bool is_back = tick_is_newer(v->mend.moment.tick, v->frame.moment.tick);
        struct moment shown = is_back ? v->frame.moment : v->mend.moment;
        uint32_t count = interpolate_draw(&v->interpolate, shown, v->drawn, v->config.entities_max);
        mend_absorb(&v->mend, v->drawn, count);
    }
    v->has_news_of_others = false;
    v->frame.count =
        interpolate_draw(&v->interpolate, v->frame.moment, v->drawn, v->config.entities_max);
    mend_draw(&v->mend, v->frame.moment, now_us, v->drawn, v->frame.count);
}

/* A recording has no link to blame. */
static void judge(struct view *v, uint64_t now_us)
{
    if (v->is_playback || v->is_hidden || !v->seen.has_base) return;
    int64_t ticks = tick_difference(v->frame.moment.tick, v->seen.tick);
    verdict_note_frame(&v->verdict, ticks * TICK_US + v->frame.moment.after_us, now_us);
}

const struct view_frame *view_frame(struct view *v, uint64_t now_us)
{
    v->frame = (struct view_frame){.phase = v->phase, .drawn = v->drawn, .own_index = -1};
    if (v->game == NULL || !(v->is_playback || v->clock.has_origin)) return &v->frame;

    advance(v, now_us);
    v->frame.moment = moment_now(v, now_us);
    draw_others(v, now_us);
    judge(v, now_us);
    v->framed_us = now_us;
    draw_own(v, now_us);
    mark_mine(v);
    draw_fired(v);
    return &v->frame;
}

bool view_take_line(struct view *v, struct view_line *line)
{
    if (v->has_map && foreseen_take(&v->foreseen, v->frame.moment.tick, line)) return true;
    return news_pop(&v->news, v->frame.moment.tick, line);
}

uint32_t view_take_withdrawn(struct view *v)
{
    return v->has_map ? foreseen_take_withdrawn(&v->foreseen) : 0;
}
