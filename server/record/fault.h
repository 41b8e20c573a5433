/* fault.h - finds the one word of a state whose change explains its hash.
 *
 * Place:   verify, where a recorded state has not the recorded hash: world_hash() can be run
 *          backwards, so that a forward pass from the start and a backward one from the hash meet
 *          at the word that was altered, and give the value it had. A state altered in more places
 *          is not explained.
 */
#ifndef TICKWIRE_SERVER_RECORD_FAULT_H
#define TICKWIRE_SERVER_RECORD_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/world.h"

/* Changes one word of `state` so that its hash becomes `hash`. Returns false, and leaves it as it
 * is, if that cannot be done. `state` has room for `slot_capacity` entities, zero beyond
 * slot_count. */
bool fault_mend(struct world_state *state, uint32_t slot_capacity, uint64_t hash);

#endif
