/* verdict.h - whose fault a stutter was: the link's, the server's or this machine's, in words.
 *
 * Place:   the view tells it of each snapshot that comes, of each frame and of what waits to be sent;
 *          both net graphs show what view_read_verdict() returns.
 * Rules:   a frame that took long is the machine's. A picture that ran out of news (it went on
 *          VERDICT_GUESS_US and more by guesses) is judged when news come: they say if the server's
 *          ticks came late (snapshot.h: a clock beside a delta), else it was the link. What came
 *          while the machine stood still was not late.
 * Memory:  plain data; keeps the last stutter, and counts.
 */
#ifndef TICKWIRE_CLIENT_VIEW_VERDICT_H
#define TICKWIRE_CLIENT_VIEW_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERDICT_TEXT_BYTES 96
#define VERDICT_GUESS_US   60000

enum verdict_cause {
    VERDICT_FINE,
    VERDICT_LINK,
    VERDICT_SERVER,
    VERDICT_MACHINE,
    VERDICT_UNKNOWN, /* nothing comes, and nobody can say why yet */
    VERDICT_CAUSES
};

/* What a snapshot says beside its state. */
struct verdict_news {
    bool is_server_late; /* it says that ticks came late */
    uint32_t held_ticks; /* that the server let pass, though it sends more often */
};

/* How the link is at other times. */
struct verdict_link {
    int64_t rtt_us, jitter_us;
    uint8_t cadence;
};

struct verdict_stutter {
    enum verdict_cause cause;
    uint64_t at_us; /* its end */
    uint32_t length_ms;
    uint32_t held_ticks; /* VERDICT_LINK: the server waited for the link */
};

struct verdict {
    uint64_t framed_us; /* the last frame; 0: none yet, or nobody looked */
    int64_t frame_us;   /* between two of them, on average */
    uint64_t slept_us;  /* when a long frame ended; 0: never */
    uint64_t news_us;   /* the last snapshot; 0: none yet */
    uint64_t unsent_us; /* since when something waits to be sent; 0: nothing does */

    /* Since the picture ran out of news: */
    bool is_starved;
    int64_t beyond_us; /* how far it went at most */
    uint64_t gap_us;   /* the longest without news */
    bool is_server_late;
    uint32_t held_ticks;

    struct verdict_stutter last;
    uint32_t counts[VERDICT_CAUSES];
};

void verdict_init(struct verdict *v);

void verdict_note_news(struct verdict *v, const struct verdict_news *news, uint64_t now_us);
void verdict_note_unsent(struct verdict *v, size_t unsent_bytes, uint64_t now_us);

/* A frame is drawn whose moment lies `beyond_us` after the newest state; below 0: before it. */
void verdict_note_frame(struct verdict *v, int64_t beyond_us, uint64_t now_us);

/* Nobody looks for a while: the next frame and the next news are not late. */
void verdict_pause(struct verdict *v);

/* Puts it in words, NUL-terminated. Returns whose fault they say it is. */
enum verdict_cause verdict_print(const struct verdict *v, const struct verdict_link *link,
                                 uint64_t now_us, char text[VERDICT_TEXT_BYTES]);

#endif
