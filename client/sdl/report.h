/* report.h - how a headless run went: one line of JSON on stdout.
 *
 * Place:   scripts and tests read it; play fills it at the end.
 */
#ifndef TICKWIRE_CLIENT_SDL_REPORT_H
#define TICKWIRE_CLIENT_SDL_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/view/view.h"

struct report {
    const char *phase;  /* "playing", "waiting", "ended", … */
    const char *notice; /* why, or "" */
    const char *game, *room, *map, *name;
    int seat;        /* -1: none */
    bool is_resumed; /* came back into it */
    double seconds;
    uint32_t frames, connections, entities;
    size_t unsent_bytes;
    struct view_stats stats;
    bool has_place;
    double start_x, start_y, x, y; /* of the own body, in units */
};

/* How watching a recording went. */
struct report_replay {
    const char *game, *room, *followed;
    const char *problem; /* or "" */
    uint32_t first_tick, last_tick, tick;
    uint32_t frames, entities;
    uint32_t markers; /* places of the timeline that have one */
    double speed;
    bool is_paused, is_free;
    bool has_place;
    double x, y; /* of the followed body, or of the free camera, in units */
};

/* Print the line; false if stdout does not take it. */
bool report_print(const struct report *report);
bool report_print_replay(const struct report_replay *report);

#endif
