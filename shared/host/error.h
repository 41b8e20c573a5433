/* error.h - fills a struct error: the sentence of start-up and operator paths.
 *
 * Place:   whoever reads configs, maps and recordings or opens ports returns what this returns.
 */
#ifndef TICKWIRE_SHARED_HOST_ERROR_H
#define TICKWIRE_SHARED_HOST_ERROR_H

#include "shared/result.h"

/* Writes `code` and the sentence, cut where it is too long. Returns `code`, so that a caller can
 * return that in turn. */
__attribute__((format(printf, 3, 4))) enum result error_set(struct error *error, enum result code,
                                                            const char *format, ...);

#endif
