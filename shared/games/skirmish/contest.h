/* contest.h - the match as a whole: how long it runs, who leads, who has won.
 *
 * Place:   keeps the match entity and the leaders' up to date, which every client sees.
 */
#ifndef TICKWIRE_SHARED_GAMES_SKIRMISH_CONTEST_H
#define TICKWIRE_SHARED_GAMES_SKIRMISH_CONTEST_H

#include "shared/games/skirmish/skirmish.h"

#define LEADER_COUNT 8

void contest_init(struct world *w);
void contest_step(struct world *w);

/* Whether the final scores have been up long enough. */
bool contest_is_over(const struct world *w);

#endif
