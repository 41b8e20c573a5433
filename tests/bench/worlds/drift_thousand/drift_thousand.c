/* drift_thousand.c - the same density on 4800 by 4800 units: 1152 entities. */
#define DRIFT_GAME game_drift_thousand
#define DRIFT_NAME "drift_thousand"
#define DRIFT_SIZE 4800
#define DRIFT_BITS 18

#include "tests/bench/worlds/drift_rules.h"
