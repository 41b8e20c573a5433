/* view.h - a whole client but its socket and its screen: messages and input go in, messages and a
 * list of things to draw come out.
 *
 * Place:   the page (through client/web/wasm.c), the SDL client, the bots and the tests drive it.
 *          It joins seen, tickclock, delay, interpolate, predict, fired, foreseen, outbox and news,
 *          and playhead for recordings; all times are a monotonic clock's µs, passed in, never going
 *          back. view.c has its life and what is known, view_receive.c and view_send.c the messages,
 *          view_draw.c the frame.
 * Use:     view_connect() for each new connection, view_receive() for each message that comes in;
 *          then per frame view_set_input(), view_poll_outgoing() until it returns 0, view_frame(),
 *          view_take_line() until it returns false, view_take_withdrawn() until it returns 0.
 * Memory:  one block of view_memory_bytes(), borrowed from view_init() to the end of use. What the
 *          view hands out is borrowed until the next call that takes a time.
 */
#ifndef TICKWIRE_CLIENT_VIEW_VIEW_H
#define TICKWIRE_CLIENT_VIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/view/capture.h"
#include "client/view/drawn.h"
#include "client/view/news.h"
#include "client/view/tickclock.h"
#include "client/view/verdict.h"
#include "shared/game.h"
#include "shared/message.h"
#include "shared/snapshot.h"

struct view; /* stands at the start of the block */

struct view_config {
    uint16_t entities_max;  /* 16..VIEW_ENTITIES_MAX: told to the server */
    uint8_t pasts_max;      /* snapshots kept, 2..32 */
    uint16_t seats_max;     /* names kept; seats beyond have none */
    uint32_t map_tiles_max; /* a larger map is refused */
    uint32_t
        capture_bytes; /* for the last seconds of messages: CAPTURE_BYTES_MIN or more; 0: none */
    uint16_t half_x, half_y; /* units to see in each direction; the game's own limit still holds */
    bool shares_clock;       /* the server runs on this machine: state age needs no estimate */
};

enum view_phase {
    VIEW_IDLE,    /* no connection yet */
    VIEW_JOINING, /* connected: hello, welcome, map and the first snapshot are under way */
    VIEW_PLAYING, /* there is something to draw */
    VIEW_ENDED    /* the server said bye, or something that we do not understand: bye() says what */
};

struct view_frame {
    enum view_phase phase;
    struct moment moment;      /* of everything but the own body */
    const struct drawn *drawn; /* slots ascending */
    uint32_t count;
    int32_t own_index; /* of the own body in `drawn`, or -1 */
};

struct view_stats {
    int64_t state_age_us; /* now minus the due time of the newest tick applied; -1: none yet */
    int64_t rtt_us, rtt_min_us, jitter_us;
    int64_t delay_us; /* how far behind the server's time others are drawn */
    uint32_t updates_per_s, bytes_per_s;
    uint32_t corrections;  /* of the own body, ever */
    uint32_t corrected_by; /* simulation units: how far the last one put it */
    uint32_t hash_errors, decode_errors;
    uint32_t pending; /* usercmds not yet confirmed */
    uint8_t cadence;  /* ticks between two snapshots, as the server says */
    uint8_t queued;   /* usercmds that wait in the room, as the server says */
    uint32_t held;    /* updates that the server held back for this link, ever */
};

/* Whose fault the last stutter was. */
struct view_verdict {
    enum verdict_cause cause;
    uint32_t stutters[VERDICT_CAUSES]; /* ever, by cause */
    char text[VERDICT_TEXT_BYTES];
};

/* Returns the size of the block for a view of this size. */
size_t view_memory_bytes(const struct view_config *config);

/* Sets up a view in `memory` (16-aligned). */
struct view *view_init(void *memory, const struct view_config *config);

/* Says who to be from the next connection on; an empty name lets the server choose. */
void view_set_name(struct view *v, const char *name);

/* Likewise of which colour: 1..COLOURS_MAX, an entry of the look's palette; 0: by the seat. */
void view_set_colour(struct view *v, uint32_t colour);

/* Makes the next connection ask for that seat: for a page that was loaded anew. The view itself
 * keeps the seat and token of its last welcome. */
void view_set_seat(struct view *v, uint16_t seat, const uint8_t token[TOKEN_BYTES]);
void view_forget_seat(struct view *v);

/* A new connection is open: hello is due, and the match before is forgotten. */
void view_connect(struct view *v);

/* Takes one message. RESULT_OK also for a message that is to be ignored; RESULT_INVALID: it breaks
 * the protocol (counted; a snapshot is asked for anew); RESULT_CLOSED: the phase is VIEW_ENDED now.
 */
enum result view_receive(struct view *v, const uint8_t *bytes, size_t length_bytes,
                         uint64_t now_us);

/* What the player does now, by the table's usercmd fields. Ignored before the welcome. */
void view_set_input(struct view *v, const int32_t words[USERCMD_WORDS]);

/* Queues one line of chat. False: it may not be said (text_is_showable), or too many wait. */
bool view_say(struct view *v, const char *text);

/* Tells the server that nothing is looked at: it sends lines only, until shown again. */
void view_set_hidden(struct view *v, bool is_hidden);

/* Asks a playback for something (also a spectator's past), or for another place to look from. False:
 * too many wait. A seek that waits is replaced by the next, and the camera always. */
bool view_control(struct view *v, const struct message_control *control);
void view_set_camera(struct view *v, const struct message_camera *camera);

/* Makes the usercmds that are due and returns the next message to send, its length in bytes, or 0.
 * Nothing is sent while `unsent_bytes` of earlier ones have not left. */
size_t view_poll_outgoing(struct view *v, uint64_t now_us, size_t unsent_bytes, uint8_t *bytes,
                          size_t capacity_bytes);

/* Computes what to draw now. */
const struct view_frame *view_frame(struct view *v, uint64_t now_us);

/* Takes the next line that has happened in the time drawn by the last view_frame(). */
bool view_take_line(struct view *v, struct view_line *line);

/* Takes the number of the next line, of those with `foreseen` set, that turned out not to be true:
 * what was drawn for it is to go. 0: there is none. */
uint32_t view_take_withdrawn(struct view *v);

void view_read_stats(struct view *v, uint64_t now_us, struct view_stats *stats);

void view_read_verdict(const struct view *v, uint64_t now_us, struct view_verdict *verdict);

/* -- what is known; NULL where it is not yet -- */

const struct game *view_game(const struct view *v);
const struct map *view_map(const struct view *v);
const struct message_welcome *view_welcome(const struct view *v);
const struct message_bye *view_bye(const struct view *v);
const char *view_name(const struct view *v, uint16_t seat); /* "" if unknown; never NULL */

uint8_t view_colour(const struct view *v, uint16_t seat); /* as chosen; 0: by the seat */

/* What the server said last about the playback that is shown; NULL: nothing yet. */
const struct message_playback *view_playback(const struct view *v);

/* The newest state as decoded, for bots and tools. */
const struct seen *view_seen(const struct view *v);

/* The last seconds of what came and went, to be saved; never NULL. */
struct capture *view_capture(struct view *v);

/* The server's monotonic clock when `tick` was due, if it has said so. */
bool view_server_due_us(const struct view *v, uint32_t tick, uint64_t *due_us);

#endif
