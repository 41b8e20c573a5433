#include "client/sdl/typing.h"

#include <string.h>

#include "shared/check.h"
#include "shared/utf8.h"

void typing_start(struct typing *t, const char *text, size_t limit_bytes)
{
    ASSERT(limit_bytes <= TYPING_BYTES_MAX);
    *t = (struct typing){.limit_bytes = limit_bytes};
    typing_put(t, text);
}

void typing_put(struct typing *t, const char *text)
{
    size_t used = strlen(t->text);
    size_t kept = utf8_cut_bytes(text, strlen(text), t->limit_bytes - used);

    memcpy(t->text + used, text, kept);
    t->text[used + kept] = '\0';
}

void typing_erase(struct typing *t)
{
    size_t used = strlen(t->text);
    t->text[used > 0 ? utf8_cut_bytes(t->text, used, used - 1) : 0] = '\0';
}
