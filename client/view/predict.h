/* predict.h - one's own body, moved by one's own usercmds before the server has seen them.
 *
 * Place:   the view pushes each usercmd it makes and reconciles with each snapshot's self block.
 * Rule:    the server moves a body by usercmds alone (game.h), so the body after usercmd n is the
 *          same on both ends, bit for bit. Where it is not, something else moved it: the server's
 *          is taken, the usercmds after n are replayed, and the jump fades within about a third of
 *          a second, by time, not by frames.
 * Memory:  holds PREDICT_PENDING_MAX usercmds and bodies; borrows game, schema and map.
 */
#ifndef TICKWIRE_CLIENT_VIEW_PREDICT_H
#define TICKWIRE_CLIENT_VIEW_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/drawn.h"
#include "shared/game.h"
#include "shared/snapshot.h"

#define PREDICT_PENDING_MAX 64 /* 3.2 s without an answer */
#define PREDICT_SNAP_UNITS  64 /* a larger jump is shown as one */

struct predict_pending {
    struct usercmd cmd;
    struct entity after; /* the body once `cmd` has moved it; nothing while there is none */
};

struct predict {
    const struct game *game;     /* borrowed */
    const struct schema *schema; /* borrowed */
    const struct map *map;       /* borrowed */
    uint16_t seat;
    bool has_body;
    uint16_t slot;
    struct entity confirmed; /* the server's, after usercmd confirmed_seq */
    uint32_t confirmed_seq;
    struct predict_pending pending[PREDICT_PENDING_MAX]; /* a ring: not confirmed yet */
    uint32_t first;
    uint32_t count;
    int32_t jump[ENTITY_WORDS]; /* of each position: what is still shown of where it was believed */
    uint64_t faded_us;          /* local time up to which `jump` has faded */
    uint32_t corrections;       /* how often the server put the body elsewhere */
    uint32_t corrected_by;      /* the last time: so far, on the axis that it was farther on */
};

void predict_init(struct predict *p, const struct game *game, const struct schema *schema,
                  const struct map *map, uint16_t seat);

/* True when nothing was confirmed for so long that no more usercmds can be kept. */
bool predict_is_full(const struct predict *p);

/* Moves the body by the next usercmd: seqs ascend by one. There must be room for it. */
void predict_push(struct predict *p, const struct usercmd *cmd);

/* Returns the body as it is after all usercmds so far, or NULL. */
const struct entity *predict_body(struct predict *p);

/* The usercmd before `merged->seq` became part of `merged`, which will be sent in place of both. */
void predict_merge(struct predict *p, const struct usercmd *merged);

/* Compares with the server's body after usercmd `input_seq`, and takes it. */
void predict_reconcile(struct predict *p, const struct snapshot_self *self, uint32_t input_seq);

/* Fills `out` with the body as shown now: between the last usercmd and `next`, the one that would
 * be made next, `part` (of WORDS_ONE) of the way. False: there is no body. */
bool predict_draw(struct predict *p, const struct usercmd *next, uint32_t part, uint64_t now_us,
                  struct drawn *out);

#endif
