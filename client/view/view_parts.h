/* view_parts.h - what the files of view.h share with each other, and with nobody else: the view
 * itself, and what both sending and drawing ask of it.
 */
#ifndef TICKWIRE_CLIENT_VIEW_VIEW_PARTS_H
#define TICKWIRE_CLIENT_VIEW_VIEW_PARTS_H

#include "client/view/capture.h"
#include "client/view/delay.h"
#include "client/view/fired.h"
#include "client/view/foreseen.h"
#include "client/view/interpolate.h"
#include "client/view/mend.h"
#include "client/view/news.h"
#include "client/view/outbox.h"
#include "client/view/playhead.h"
#include "client/view/predict.h"
#include "client/view/rates.h"
#include "client/view/verdict.h"
#include "client/view/view.h"

#define CHATS_MAX    4
#define CONTROLS_MAX 16

struct view {
    struct view_config config;
    enum view_phase phase;

    /* Who one is: outlives connections. */
    char name[NAME_BYTES_MAX + 1];
    bool has_colour;
    uint8_t colour;
    bool has_token;
    uint16_t token_seat;
    uint8_t token[TOKEN_BYTES];
    bool is_hidden;

    /* What waits to be said. */
    bool wants_hello, wants_view, wants_resync;
    uint64_t resync_us; /* when the last one was asked for; 0: never */
    struct message_chat chats[CHATS_MAX];
    uint32_t chat_count;
    struct message_control controls[CONTROLS_MAX];
    uint32_t control_count;
    bool wants_camera;
    struct message_camera camera;
    uint32_t acked_tick;
    bool has_acked;
    uint64_t acked_us;

    /* Of this connection. */
    const struct game *game;
    bool has_map, is_bye;
    bool has_playback, is_playback; /* told of one; the state drawn is one's */
    struct message_playback playback;
    struct playhead playhead; /* if is_playback, in place of clock and delay */
    struct map map;
    struct message_welcome welcome;
    struct message_bye bye;
    struct schema schema;
    struct seen seen;
    struct tickclock clock;
    struct delay delay;
    struct interpolate interpolate;
    struct mend mend;
    bool has_news_of_others; /* since the last frame */
    uint64_t framed_us;      /* when that was; 0: none yet */
    struct predict predict;
    struct fired fired;
    struct foreseen foreseen;
    struct outbox outbox;
    struct rates rates;
    struct verdict verdict;
    uint32_t held;
    uint32_t hash_errors, decode_errors;
    uint32_t corrections; /* before this connection */
    uint8_t cadence, queued;
    struct news news;
    struct view_frame frame;
    struct capture capture;

    /* In the block behind this struct. */
    struct wire_entity *seen_lists;
    struct wire_entity *pasts;
    struct drawn *drawn;
    struct mend_one *mended;
    struct news_name *names;
    uint8_t *tiles;
};

/* Brings its clocks to `now_us`. */
static inline void advance(struct view *v, uint64_t now_us)
{
    tickclock_advance(&v->clock, now_us);
    delay_advance(&v->delay, now_us);
    if (v->is_playback) playhead_advance(&v->playhead, now_us);
}

/* What is to be shown at `now_us`. */
static inline struct moment moment_now(const struct view *v, uint64_t now_us)
{
    if (v->is_playback) return playhead_moment(&v->playhead);
    return tickclock_moment(&v->clock, now_us, v->delay.shown_us);
}

static inline bool makes_usercmds(const struct view *v)
{
    return v->phase == VIEW_PLAYING && v->has_map && !v->is_hidden && v->welcome.seat != SEAT_NONE;
}

#endif
