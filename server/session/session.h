/* session.h - one player, spectator or watcher on one connection: from hello to bye.
 *
 * Place:   stands on a link, looks at one room through a room_view, paced by its gate. The hub
 *          keeps all sessions of a worker; everything happens on that worker's thread. What its
 *          client says meanwhile is read by session_in.h, what it is sent made by session_out.h.
 * Memory:  in the hub's pool. The list of what it sees is allocated at join and freed at the end.
 * Errors:  whatever the client does wrong ends this session alone, with a code and a reason (the
 *          table in PROTOCOL.md); its seat is kept for a resume unless it left for good.
 */
#ifndef TICKWIRE_SERVER_SESSION_SESSION_H
#define TICKWIRE_SERVER_SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/room.h"
#include "server/session/flavour.h"
#include "server/session/gate.h"
#include "server/session/link.h"
#include "server/session/squeeze.h"
#include "server/session/viewer.h"
#include "server/session/watch.h"
#include "shared/message.h"

#define SESSION_HELLO_MS      5000 /* for a binary hello */
#define SESSION_START_MS      1000 /* a JSON client that says nothing by then joins as a guest */
#define SESSION_ECHO_MS       1000
#define SESSION_RESYNC_MS     5000 /* between two full snapshots asked for */
#define SESSION_RESYNCS_MAX   3    /* within a minute: the third says that something is broken */
#define SESSION_CHAT_BURST    5
#define SESSION_CHAT_EVERY_MS 1000

struct hub;

enum session_state {
    SESSION_FREE,
    SESSION_ARRIVING, /* connected; a hello may come */
    SESSION_JOINING,  /* the room was asked */
    SESSION_PLAYING,
    SESSION_DESERTED, /* the connection went while the room was asked: its answer is awaited */
    SESSION_LEAVING   /* the room must still be told: its ring was full */
};

/* Told by a bye, once the connection is there. */
struct session_refusal {
    uint16_t code;
    const char *reason;
};

struct session {
    struct hub *hub; /* borrowed */
    const struct link *link;
    void *carrier; /* the link's; NULL once it has gone */
    const struct flavour *flavour;
    uint32_t index;
    uint32_t live_index; /* where it stands in hub->live */
    uint32_t generation; /* goes up with each use of this place in the pool */
    uint8_t state;       /* enum session_state */

    /* what it asked for */
    struct room *room;                     /* entered; NULL: refused */
    const struct session_refusal *refusal; /* why it may not join, or NULL */
    bool is_spectator;
    bool is_replay;                  /* of a recording: `replay` says which, `room` comes with it */
    struct playback_request *replay; /* owned, until it is asked for */
    uint32_t arrived_ms;
    struct message_hello hello;
    uint8_t token[TOKEN_BYTES]; /* of the seat, as told in the welcome */
    bool keeps_token;           /* the one that it resumes by stays good */

    /* what it has */
    uint16_t seat; /* SEAT_NONE: a spectator's, or none yet */
    uint32_t seat_generation;
    bool keeps_seat; /* when it leaves */
    struct viewer viewer;
    struct gate gate;
    struct squeeze squeeze;
    uint8_t told_step; /* of the squeeze: the pace that the client was told */
    uint32_t sent_count, held_count;
    uint16_t close_code; /* once it has ended */
    bool is_hidden;
    struct room_view *live_view; /* borrowed: of its room, the late one for a spectator */
    bool is_late;                /* counted in the late view of its room */
    struct watch *watch;         /* owned; NULL: it is shown its room as it is */

    /* what it sent */
    unsigned breach_count;
    uint32_t resync_count; /* within the minute that began at resync_ms */
    uint32_t resync_ms;
    uint32_t resynced_ms;    /* the last one granted */
    uint32_t chat_tokens_ms; /* refilled by time */
    uint32_t chat_refill_ms;
    bool has_stamp;
    uint16_t stamp_ms;
    uint32_t stamp_came_ms;
    uint32_t echoed_ms;
    struct usercmd last_cmd; /* JSON: words that a message leaves out keep their value */
};

/* The connection is there (after the 101); the query has been read into the fields above. */
void session_start(struct session *s);

/* What a flavour has read; the rest is in session_in.h. RESULT_INVALID with a sentence if it may not
 * come now. */
enum result session_on_hello(struct session *s, const struct message_hello *hello,
                             struct error *error);

/* The connection ended. */
void session_closed(struct session *s, unsigned code);

/* The room answered. */
void session_reply(struct session *s, const struct room_reply *reply);

/* -- for carriers whose clients may come back and be told what they missed -- */

/* What happened up to this tick is not told to a client that has just joined anew. */
uint32_t session_joined_tick(const struct session *s);

/* -- for watch.c -- */

/* The recording is there: what room it is of. False: the session is over. */
bool session_room_opened(struct session *s, struct room *room);

/* It cannot be watched, or no longer. Who watched only that is told so and closed; a spectator is
 * led back to the running match. */
void session_watch_failed(struct session *s, const struct message_bye *why);

/* From now on looks at that view. */
void session_look_at(struct session *s, struct room_view *view);

/* RESULT_FULL: the queue; later, then. */
enum result session_send_playback(struct session *s, const struct message_playback *m);

/* The field table of its room, or an empty one while there is none. */
const struct field_table *session_table(const struct session *s);

/* -- for session_in.c -- */

/* Asks the room for its place, as the hello says, or as a guest. */
void session_join(struct session *s);

/* Back from the past; `is_running` says whether there is one to go back to. */
void session_go_live(struct session *s, bool is_running);

/* How far it looks, in units of length; 0 or too far: as far as the game lets it. */
void session_set_view(struct session *s, uint16_t half_x, uint16_t half_y);

/* -- for all of them -- */

/* Deadlines and things left to do, every 50 ms or so. */
void session_tick(struct session *s);

/* Sends the message of `length_bytes` that stands in the hub's payload. */
enum result session_send(struct session *s, size_t length_bytes);

/* Says bye and closes with `code`; the reason is short UTF-8. */
void session_end(struct session *s, unsigned code, const char *reason, bool keeps_seat);

#endif
