/* timeline_sdl.h - the bar under a recording: where one is, how fast it goes, whom one follows.
 *
 * Place:   watch draws it at the lower edge and asks it where the mouse points to.
 */
#ifndef TICKWIRE_CLIENT_SDL_TIMELINE_SDL_H
#define TICKWIRE_CLIENT_SDL_TIMELINE_SDL_H

#include <stdbool.h>

#include "client/sdl/replay.h"
#include "client/sdl/screen_sdl.h"

/* The pixels that it takes at the lower edge. */
float timeline_height(const struct screen *screen);

void timeline_draw(struct screen *screen, const struct replay_place *place);

/* Returns whether the point (pixels) lies on the bar, and the position there. With `is_dragging`
 * the height does not matter. */
bool timeline_position_at(const struct screen *screen, const struct replay_place *place, float x,
                          float y, bool is_dragging, double *position);

#endif
