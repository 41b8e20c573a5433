/* tally.h - counts what updates would say, over the states of recordings.
 *
 * Place:   main.c feeds it states tick by tick, fit.c makes codes of the counts. An entity is
 *          compared as a client's would be: after one tick mostly, after two and four now and then.
 * Memory:  a tally owns the last states and some 100 KB of counts.
 */
#ifndef TICKWIRE_TOOLS_TRAIN_TALLY_H
#define TICKWIRE_TOOLS_TRAIN_TALLY_H

#include <stdint.h>

#include "shared/codes.h"
#include "shared/delta.h"

#define TALLY_HISTORY 9 /* states: now, and twice the longest age before */

struct kind_tally {
    uint64_t updates, moving, resting; /* by whether velocities are 0 */
    uint64_t shapes[2][SHAPES];
    uint64_t masks[1 << MASK_FIELDS_MAX];
    uint64_t residues[WIRE_FIELDS_MAX][RESIDUES];
};

struct tally {
    const struct schema *schema; /* borrowed */
    struct kind_tally kinds[KINDS_MAX];
    struct world_state *states[TALLY_HISTORY]; /* owned: by tick % TALLY_HISTORY */
    uint32_t slot_capacity;
    uint32_t known_ticks; /* how many in a row there are, the newest included */
};

/* False without memory. */
bool tally_init(struct tally *t, const struct schema *schema, uint32_t slot_capacity);
void tally_deinit(struct tally *t);

/* The next state comes from elsewhere: nothing before it counts. */
void tally_cut(struct tally *t);

/* Returns where the next state is to be written (slot_capacity entities)... */
struct world_state *tally_next(struct tally *t, uint32_t tick);

/* ...and counts its updates. */
void tally_count(struct tally *t, uint32_t tick);

#endif
