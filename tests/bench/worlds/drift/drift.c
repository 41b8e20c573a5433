/* drift.c - 200 entities on 2000 by 2000 units: the world of `make bench-peers`. */
#define DRIFT_GAME game_drift
#define DRIFT_NAME "drift"
#define DRIFT_SIZE 2000
#define DRIFT_BITS 16

#include "tests/bench/worlds/drift_rules.h"
