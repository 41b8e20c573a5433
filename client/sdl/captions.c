#include "client/sdl/captions.h"

#include <stdio.h>
#include <string.h>

#define SIDE_PAN 0.25f /* nearer to the middle than this it has no side */

void captions_clear(struct captions *c)
{
    *c = (struct captions){0};
}

static bool is_same(const struct caption *caption, const char *words)
{
    return caption->words != NULL && strcmp(caption->words, words) == 0;
}

void captions_note(struct captions *c, const char *words, float pan, double now_s)
{
    struct caption *place = &c->list[0];

    if (words[0] == '\0') return;
    for (uint32_t i = 0; i < CAPTIONS_MAX && !is_same(place, words); i++) {
        struct caption *caption = &c->list[i];
        if (is_same(caption, words) || caption->until_s < place->until_s) place = caption;
    }
    *place = (struct caption){words, pan, now_s + CAPTIONS_SECONDS};
}

bool captions_print(const struct captions *c, uint32_t index, double now_s, char *out,
                    size_t capacity_bytes)
{
    const struct caption *caption = &c->list[index];
    double left_s = caption->until_s - now_s;

    if (caption->words == NULL || left_s <= 0 || left_s > CAPTIONS_SECONDS) return false;
    (void)snprintf(out, capacity_bytes, "%s%s%s", caption->pan < -SIDE_PAN ? "◀ " : "",
                   caption->words, caption->pan > SIDE_PAN ? " ▶" : "");
    return true;
}
