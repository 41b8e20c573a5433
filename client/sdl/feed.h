/* feed.h - the last lines of what happened and what was said, and the announcement in the middle.
 *
 * Place:   the app puts the view's or the recording's lines in, the HUD shows them.
 * Memory:  a fixed list; the oldest gives way.
 */
#ifndef TICKWIRE_CLIENT_SDL_FEED_H
#define TICKWIRE_CLIENT_SDL_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/look.h"
#include "client/sdl/rgba.h"

#define FEED_LINES_MAX        24
#define FEED_SECONDS          6.0
#define FEED_CHAT_SECONDS     15.0
#define FEED_ANNOUNCE_SECONDS 5.0
#define FEED_FADE_SECONDS     0.6

struct feed_line {
    double at_s;
    bool is_chat;
    struct rgba color;          /* of the chatter's name */
    char name[LOOK_TEXT_BYTES]; /* is_chat: who; "" for the server */
    char text[LOOK_LINE_BYTES];
};

struct feed {
    struct feed_line lines[FEED_LINES_MAX]; /* a ring */
    uint32_t first, count;
    double announced_s;
    char announcement[LOOK_LINE_BYTES]; /* "": none */
};

void feed_clear(struct feed *f);

void feed_put(struct feed *f, const struct feed_line *line);

/* Puts a line that is no chat. */
void feed_tell(struct feed *f, const char *text, double now_s);
void feed_announce(struct feed *f, const char *text, double now_s);

/* Returns the index-th line, 0 the newest, or NULL. */
const struct feed_line *feed_line_at(const struct feed *f, uint32_t index);

/* How strongly something shows that began at `at_s` and lasts: 1, then fading to 0. */
float feed_strength(double at_s, double seconds, double now_s);

#endif
