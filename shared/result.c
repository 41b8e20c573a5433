#include "shared/result.h"

#include "shared/check.h"

static const char *const names[] = {
    [RESULT_OK] = "ok",           [RESULT_AGAIN] = "again", [RESULT_INVALID] = "invalid",
    [RESULT_TOO_BIG] = "too big", [RESULT_FULL] = "full",   [RESULT_CLOSED] = "closed",
    [RESULT_IO] = "i/o error",
};
_Static_assert(sizeof names / sizeof names[0] == RESULT_COUNT, "a name for each result");

const char *result_name(enum result r)
{
    ASSERT((unsigned)r < RESULT_COUNT);
    return names[r];
}
