/* playhead.h - the moment drawn of a recording that is played to a client at any speed.
 *
 * Place:   the view asks it instead of tickclock and delay while a playback is shown: told of each
 *          snapshot and of what the server says about speed and pauses, moved on once a frame.
 * Rule:    it goes on at the speed of the playback, so far behind the newest state that there is
 *          mostly one to move towards: the ticks between the last two and 60 ms. It is never ahead
 *          of the newest state; paused, it goes on to that one and stands. A state that is not
 *          reached by playing (a seek) is drawn at once.
 */
#ifndef TICKWIRE_CLIENT_VIEW_PLAYHEAD_H
#define TICKWIRE_CLIENT_VIEW_PLAYHEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/tickclock.h"

struct playhead {
    bool is_set;
    bool is_paused;
    uint8_t rate8;        /* eighths of the speed at which it was played, 1..128 */
    uint32_t newest_tick; /* of the states received */
    int64_t behind_us;    /* how far the moment drawn lies before it, in playback time; >= 0 */
    int64_t span_us;      /* between the last two states */
    uint64_t moved_us;    /* local time up to which it was moved */
};

void playhead_init(struct playhead *p);

/* The server said how fast it plays: 2^speed, or not at all. */
void playhead_set_speed(struct playhead *p, int8_t speed, bool is_paused);

/* A state of `tick` came; `is_jump`: what was drawn before leads not to it. */
void playhead_receive(struct playhead *p, uint32_t tick, bool is_jump, uint64_t now_us);

/* Moves on. Call it once a frame. */
void playhead_advance(struct playhead *p, uint64_t now_us);

/* Returns the moment to draw; needs is_set. */
struct moment playhead_moment(const struct playhead *p);

#endif
