/* timeline_sdl.h - the bar under a recording: where one is, what happened where, and the buttons.
 *
 * Place:   watch draws it at the lower edge and asks it what the mouse points to.
 */
#ifndef TICKWIRE_CLIENT_SDL_TIMELINE_SDL_H
#define TICKWIRE_CLIENT_SDL_TIMELINE_SDL_H

#include <stdbool.h>

#include "client/sdl/replay.h"
#include "client/sdl/screen_sdl.h"

enum timeline_button {
    TIMELINE_NO_BUTTON,
    TIMELINE_STEP_BACK,
    TIMELINE_PAUSE,
    TIMELINE_STEP_ON,
    TIMELINE_SLOWER,
    TIMELINE_FASTER,
    TIMELINE_PREVIOUS, /* whom to follow */
    TIMELINE_NEXT,
    TIMELINE_FREE, /* the camera */
    TIMELINE_BUTTON_COUNT
};

/* What the bar shows; borrowed for a call. */
struct timeline {
    const struct replay_place *place;
    const struct markers *markers;
    struct point mouse; /* pixels */
};

/* The pixels that it takes at the lower edge. */
float timeline_height(const struct screen *screen);

void timeline_draw(struct screen *screen, const struct timeline *t);

/* Returns the button at that point (pixels). */
enum timeline_button timeline_button_at(const struct screen *screen, struct point at);

/* Returns whether the point lies on the bar, and the position there. With `is_dragging` the height
 * does not matter. */
bool timeline_position_at(const struct screen *screen, const struct replay_place *place,
                          struct point at, bool is_dragging, double *position);

#endif
