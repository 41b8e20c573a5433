/* csv.h - lines of comma separated values on stdout (RFC 4180).
 *
 * Place:   export writes with it.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_CSV_H
#define TICKWIRE_TOOLS_REPLAY_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fields.h"

/* A line under way; zeroed, it is a new one. */
struct csv {
    bool needs_comma;
};

void csv_put_text(struct csv *c, const char *text, size_t length_bytes); /* quoted if it must be */
void csv_put_number(struct csv *c, int64_t number);
void csv_put_ratio(struct csv *c, int64_t value, int64_t denominator);
void csv_put_value(struct csv *c, const struct field *f, int32_t word); /* in units */
void csv_put_nothing(struct csv *c);
void csv_end(struct csv *c);

#endif
