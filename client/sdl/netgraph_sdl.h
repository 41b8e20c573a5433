/* netgraph_sdl.h - the link in words, figures and two curves: state age and round trip of 10 s.
 *
 * Place:   the app samples it once a frame and draws it where the player asked for it.
 */
#ifndef TICKWIRE_CLIENT_SDL_NETGRAPH_SDL_H
#define TICKWIRE_CLIENT_SDL_NETGRAPH_SDL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/screen_sdl.h"
#include "client/view/view.h"

#define NETGRAPH_SAMPLES 200

struct netgraph {
    bool is_shown;
    struct view_stats latest, shown; /* `shown` changes slowly enough to be read */
    struct view_verdict verdict;
    size_t unsent_bytes;
    uint64_t sampled_us, shown_us;
    int32_t ages_ms[NETGRAPH_SAMPLES], rtts_ms[NETGRAPH_SAMPLES]; /* rings */
    uint32_t first, count;
};

/* Takes note of a frame: what the view says at `now_us`, and what waits to be sent. */
void netgraph_sample(struct netgraph *g, const struct view *view, const struct view_stats *stats,
                     size_t unsent_bytes, uint64_t now_us);
void netgraph_draw(const struct netgraph *g, struct screen *screen);

#endif
