/* foreseen.h - events that one's own usercmds cause at once, told before the server tells them.
 *
 * Place:   the view tells of each usercmd before the body is moved by it, and of each snapshot; their
 *          lines come out of view_take_line() first.
 * Rule:    each is told once. The server's own event, in the ticks in which it applied the usercmd,
 *          of the same kind and of one's own seat (words[0]), is the same one and is left out. If
 *          those ticks have come without it, the server refused it: it is withdrawn, by its number.
 * Memory:  one struct; beyond FORESEEN_MAX the oldest is forgotten.
 */
#ifndef TICKWIRE_CLIENT_VIEW_FORESEEN_H
#define TICKWIRE_CLIENT_VIEW_FORESEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/news.h"
#include "shared/game.h"

#define FORESEEN_MAX 8

struct foreseen_one {
    uint32_t number; /* 1 for the first; 0: nothing here */
    uint32_t seq;    /* of the usercmd */
    struct event event;
    bool is_told;      /* to whoever draws */
    bool is_applied;   /* the usercmd, after `after_tick` and not after `last_tick` */
    bool is_true;      /* the server has told it, too */
    bool is_withdrawn; /* whoever draws has been told that it is not */
    uint32_t after_tick, last_tick;
};

struct foreseen {
    const struct game *game; /* borrowed */
    const struct map *map;   /* borrowed */
    uint16_t seat;
    uint32_t tick;                          /* of the newest snapshot */
    struct foreseen_one list[FORESEEN_MAX]; /* a ring by number */
    uint32_t made;
};

void foreseen_init(struct foreseen *f, const struct game *game, const struct map *map,
                   uint16_t seat);

/* `body` is about to be moved by `cmd`. Returns the event that this causes, as if nobody stood in
 * its way, until the next call; NULL: none. */
struct event *foreseen_note(struct foreseen *f, const struct entity *body,
                            const struct usercmd *cmd);

/* The state at `tick`, whose lines come next, has applied the usercmds up to `input_seq`. */
void foreseen_confirm(struct foreseen *f, uint32_t input_seq, uint32_t tick);

/* The server tells `event`, of `tick`. Returns whether it was foreseen. */
bool foreseen_is_known(struct foreseen *f, const struct event *event, uint32_t tick);

/* Takes the next event that has not been told, as a line of `tick`. */
bool foreseen_take(struct foreseen *f, uint32_t tick, struct view_line *line);

/* Takes the number of the next event that was told and is not true; 0: there is none. */
uint32_t foreseen_take_withdrawn(struct foreseen *f);

#endif
