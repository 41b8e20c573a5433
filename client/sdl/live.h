/* live.h - a match on a server: the link and the view, and what stands between them.
 *
 * Place:   the app steps it once a frame, gives it the player's input and draws from the view.
 * Memory:  owns the link and the view's block.
 * Errors:  endings become a notice for the player; a server that sends what the view does not
 *          understand is left, with the reason.
 */
#ifndef TICKWIRE_CLIENT_SDL_LIVE_H
#define TICKWIRE_CLIENT_SDL_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/link_sdl.h"
#include "client/sdl/scene.h"
#include "client/view/view.h"

/* Where to play, and as whom; borrowed while live_init() runs. */
struct live_plan {
    const struct url *url;
    const char *ca_file; /* NULL: the system's authorities */
    const char *name;    /* "": the server chooses */
    uint8_t colour;      /* 0: by the seat */
};

enum live_phase {
    LIVE_CONNECTING, /* the first attempt, or one that the player asked for */
    LIVE_JOINING,    /* connected; the match is under way to us */
    LIVE_PLAYING,    /* there is a map and something to draw on it */
    LIVE_WAITING,    /* lost; the next attempt follows by itself */
    LIVE_ENDED       /* over, unless the player tries again */
};

struct live {
    struct link *link; /* owned */
    struct view *view; /* owned */
    enum live_phase phase;
    bool was_playing;                   /* ever */
    bool is_spectating;                 /* has no seat, and wants none */
    uint32_t connections;               /* opened so far */
    uint64_t retry_us;                  /* LIVE_WAITING: when the next attempt begins */
    uint64_t last_us;                   /* the newest time given to the view */
    unsigned invalid_count;             /* messages in a row that were not understood */
    uint16_t code;                      /* of the close, 0: there was none, */
    char notice[ENDING_SENTENCE_BYTES]; /* and why it is LIVE_WAITING or LIVE_ENDED */
};

enum result live_init(struct live *l, const struct live_plan *plan, struct error *error);
void live_deinit(struct live *l);

/* Takes what came in, sends what is due and computes what to draw now. `now_us` never goes back. */
const struct view_frame *live_step(struct live *l, uint64_t now_us);

/* Fills in what the view knows of a frame while LIVE_PLAYING; a spectator follows somebody. Look and
 * clock are the caller's. */
void live_fill_scene(const struct live *l, const struct view_frame *frame, struct scene *scene);

void live_retry(struct live *l);

#endif
