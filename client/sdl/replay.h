/* replay.h - a recording as something to draw: any moment of it, at any speed, following anybody.
 *
 * Place:   watch_sdl moves it and draws from it; the recording's own tables say what there is, so
 *          an old one plays in a newer client. server/record/reader reads the file.
 * Units:   a position is a tick and a fraction; its picture lies between the states of two ticks.
 * Memory:  owns the reader, the two states and what is drawn of them; all is allocated on open.
 * Errors:  a file that turns out to be damaged stops the play where it is: replay_problem().
 */
#ifndef TICKWIRE_CLIENT_SDL_REPLAY_H
#define TICKWIRE_CLIENT_SDL_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/markers.h"
#include "client/sdl/scene.h"
#include "client/view/view.h"
#include "shared/result.h"

struct replay;

/* What the timeline shows. */
struct replay_place {
    uint32_t first_tick, last_tick, tick;
    double position;
    float speed; /* 1 is as it was played */
    bool is_paused, is_at_end;
    bool is_free;               /* the camera follows nobody */
    const char *followed;       /* the player's name, "" for nobody */
    const char *room, *started; /* started: local date and time */
};

/* Opens the file and goes to `tick`; 0: to its start. */
enum result replay_open(struct replay **replay, const char *path, uint32_t tick,
                        struct error *error);
void replay_close(struct replay *r); /* accepts NULL */

/* Lets `seconds` of real time go by. */
void replay_advance(struct replay *r, double seconds);

/* Goes to that position, or as near as the recording has it. */
void replay_seek(struct replay *r, double position);

/* One tick on or back, and pauses. */
void replay_step(struct replay *r, int ticks);

void replay_set_paused(struct replay *r, bool is_paused);
void replay_change_speed(struct replay *r, int steps); /* twice as fast each, or half */

/* Follows the next player who has a body, or the one before. */
void replay_follow_next(struct replay *r);
void replay_follow_previous(struct replay *r);

/* Follows that player from now on, or nobody: then the camera is the viewer's to move. */
void replay_follow(struct replay *r, uint16_t seat);
void replay_set_free(struct replay *r, bool is_free);

/* Where something happened; lives as the replay. */
const struct markers *replay_markers(const struct replay *r);

void replay_read_place(const struct replay *r, struct replay_place *place);

/* Fills everything but the look. */
void replay_fill_scene(struct replay *r, struct scene *scene);

/* Takes the next event or chat line that has happened since the last seek. */
bool replay_take_line(struct replay *r, struct view_line *line);

/* Why it does not go on, or "". */
const char *replay_problem(const struct replay *r);

#endif
