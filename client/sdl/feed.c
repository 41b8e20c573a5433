#include "client/sdl/feed.h"

#include <stdio.h>

void feed_clear(struct feed *f)
{
    *f = (struct feed){0};
}

void feed_put(struct feed *f, const struct feed_line *line)
{
    if (f->count == FEED_LINES_MAX)
        f->first = (f->first + 1) % FEED_LINES_MAX;
    else
        f->count++;
    f->lines[(f->first + f->count - 1) % FEED_LINES_MAX] = *line;
}

void feed_tell(struct feed *f, const char *text, double now_s)
{
    struct feed_line line = {.at_s = now_s};
    (void)snprintf(line.text, sizeof line.text, "%s", text);
    feed_put(f, &line);
}

void feed_announce(struct feed *f, const char *text, double now_s)
{
    (void)snprintf(f->announcement, sizeof f->announcement, "%s", text);
    f->announced_s = now_s;
}

const struct feed_line *feed_line_at(const struct feed *f, uint32_t index)
{
    if (index >= f->count) return NULL;
    return &f->lines[(f->first + f->count - 1 - index) % FEED_LINES_MAX];
}

float feed_strength(double at_s, double seconds, double now_s)
{
    double left_s = at_s + seconds - now_s;

    if (left_s <= 0 || now_s < at_s) return 0;
    return left_s < FEED_FADE_SECONDS ? (float)(left_s / FEED_FADE_SECONDS) : 1;
}
