/* play_report.h - how a match without a window went, gathered for the report.
 *
 * Place:   play notes each frame and prints at the end.
 */
#ifndef TICKWIRE_CLIENT_SDL_PLAY_REPORT_H
#define TICKWIRE_CLIENT_SDL_PLAY_REPORT_H

#include "client/sdl/live.h"
#include "client/sdl/report.h"
#include "client/sdl/scene.h"

/* Notes where the own body is, and where it began. */
void play_report_note(struct report *report, const struct scene *scene);

/* Fills in what `live` knows and prints it. Fails with the reason if it never joined. */
enum result play_report_print(struct report *report, const struct live *live, struct error *error);

#endif
