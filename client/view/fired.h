/* fired.h - what one's own usercmds have fired, drawn at once, before the server tells of it.
 *
 * Place:   the view tells of each usercmd before the body is moved by it, and of each snapshot; it
 *          draws the list with everything else.
 * Rule:    the server lets a shot start advanced by the lag of its player (game.h, usercmd_lag()), so
 *          it is where this one is when its tick is drawn. There the server's takes over: this one
 *          goes at the tick of the first snapshot that has applied its usercmd, hit or not.
 * Memory:  one struct; beyond FIRED_MAX the oldest goes.
 */
#ifndef TICKWIRE_CLIENT_VIEW_FIRED_H
#define TICKWIRE_CLIENT_VIEW_FIRED_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/drawn.h"
#include "client/view/tickclock.h"
#include "shared/game.h"

#define FIRED_MAX        16
#define FIRED_FIRST_SLOT (SLOTS_MAX - FIRED_MAX) /* they are drawn with slots from here */

struct fired_one {
    uint32_t seq;
    struct moment since; /* what its player saw when it left */
    uint32_t ticks;      /* it has flown since, up to `now` */
    struct entity now, next;
    bool is_over;  /* there is no `next`: it ended where it is now */
    bool has_last; /* the server has told: it goes when this tick is drawn */
    uint32_t last_tick;
};

struct fired {
    const struct game *game;     /* borrowed */
    const struct schema *schema; /* borrowed */
    const struct map *map;       /* borrowed */
    uint16_t seat;
    struct fired_one list[FIRED_MAX]; /* a ring by `made` */
    uint32_t made;
};

void fired_init(struct fired *f, const struct game *game, const struct schema *schema,
                const struct map *map, uint16_t seat);

/* `body` is about to be moved by `cmd`, whose player sees the moment `seen`. */
void fired_note(struct fired *f, const struct entity *body, const struct usercmd *cmd,
                struct moment seen);

/* The state at `tick` has applied the usercmds up to `input_seq`. */
void fired_confirm(struct fired *f, uint32_t input_seq, uint32_t tick);

/* Fills out[0..capacity) with what flies at the moment `at`, slots ascending. Returns how many. */
uint32_t fired_draw(struct fired *f, struct moment at, struct drawn *out, uint32_t capacity);

#endif
