/* source.h - writes fitted codes as the C that a game includes.
 *
 * Layout:  shared/games/README.md "Code tables".
 */
#ifndef TICKWIRE_TOOLS_TRAIN_SOURCE_H
#define TICKWIRE_TOOLS_TRAIN_SOURCE_H

#include <stdio.h>

#include "tools/train/fit.h"

/* Writes the header that defines `static const struct code_set codes`, for that many updates of
 * that many ticks. */
void source_write(FILE *out, const struct fitted *f, const struct schema *schema,
                  uint64_t tick_count);

#endif
