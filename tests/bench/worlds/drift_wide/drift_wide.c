/* drift_wide.c - the same density on 10 000 by 10 000 units: 5000 entities. */
#define DRIFT_GAME game_drift_wide
#define DRIFT_NAME "drift_wide"
#define DRIFT_SIZE 10000
#define DRIFT_BITS 19

#include "tests/bench/worlds/drift_rules.h"
