/* news.h - what comes beside the state: players' names, and lines of events and chat until they are
 * due.
 *
 * Place:   view_receive.c hands over each decoded message; renderers ask for names and take lines
 *          when the time that they draw has reached them.
 * Memory:  borrows the table of names; keeps NEWS_LINES_MAX lines; when full it forgets the oldest.
 */
#ifndef TICKWIRE_CLIENT_VIEW_NEWS_H
#define TICKWIRE_CLIENT_VIEW_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/limits.h"
#include "shared/snapshot.h"

#define NEWS_LINES_MAX 128

struct news_name {
    uint8_t colour;                /* as chosen; 0: by the seat */
    char text[NAME_BYTES_MAX + 1]; /* NUL-terminated */
};

/* An event of the game or a chat line, and the tick in which it happened. */
struct view_line {
    uint32_t tick;
    struct snapshot_line line;
    uint32_t
        foreseen; /* an event of one's own that the server has not told yet: its number; else 0 */
};

struct news {
    struct news_name *names;                /* borrowed: by seat */
    uint32_t seat_capacity;                 /* seats from here on have no name */
    struct view_line lines[NEWS_LINES_MAX]; /* a ring */
    uint32_t first, count;
};

/* Starts without names or lines over names[0..seat_capacity). */
void news_init(struct news *n, struct news_name *names, uint32_t seat_capacity);

/* Takes the names and lines of the message that was decoded last, which is of `tick`. */
void news_receive(struct news *n, const struct seen *seen, uint32_t tick);

/* The same, but leaves out the lines whose bits are set in `known`, the first the lowest. */
void news_receive_new(struct news *n, const struct seen *seen, uint32_t tick, uint64_t known);

/* Forgets the lines: what is drawn next does not lead to them. */
void news_drop_lines(struct news *n);

/* Takes the oldest line, unless it is newer than `tick`. */
bool news_pop(struct news *n, uint32_t tick, struct view_line *line);

/* Returns the name of the player in that seat; "" if it is unknown. */
const char *news_name(const struct news *n, uint16_t seat);

/* Returns the colour that the player there has chosen, 1..COLOURS_MAX; 0: none. */
uint8_t news_colour(const struct news *n, uint16_t seat);

#endif
