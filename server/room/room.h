/* room.h - one running game, and the threads that run all of them at 20 Hz.
 *
 * Place:   workers post commands (joins, leaves, usercmds, chat) and take replies and frames; the
 *          recorder gets every frame of a room with players. A room knows no socket, no session.
 * Threads: one room thread owns many rooms; their phases are spread over the tick. Per worker and
 *          room thread two SPSC rings (commands in, replies out), per worker and room one of
 *          frames; an eventfd write only when a worker's rings were empty. No lock in any of it:
 *          the lobby alone has one, for connections that come or go.
 * Sleep:   a room without players, kept seats and spectators makes no ticks, unless it stays_awake:
 *          its tick stands still. Who comes then begins a new match (epoch + 1) at the next tick;
 *          due_us tells when that was due.
 * Memory:  a room allocates at creation (world, frame pool, seats) and frees at its end: that of a
 *          room of the config is the server's, that of others is lobby.h's to say. Rings are
 *          bounded: a full command ring drops usercmds (counted) and is reported for the rest; a
 *          full frame ring skips the frame for that worker (counted), which then sends full
 *          snapshots.
 */
#ifndef TICKWIRE_SERVER_ROOM_ROOM_H
#define TICKWIRE_SERVER_ROOM_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "shared/game.h"
#include "shared/limits.h"
#include "shared/result.h"

#define TOKEN_HASH_BYTES 32  /* SHA-256 of a seat's token: the secret itself is not kept */
#define SEAT_KEEP_TICKS  600 /* a lost player's seat waits 30 s */

/* Names one session of one worker; replies carry it back. */
struct session_ref {
    uint16_t worker;
    uint32_t index;
    uint32_t generation;
};

enum room_command_kind {
    ROOM_JOIN,  /* a seat, new or by token */
    ROOM_WATCH, /* frames without a seat: a spectator */
    ROOM_LEAVE, /* for good (seat freed) or lost (seat kept for SEAT_KEEP_TICKS) */
    ROOM_CHAT,
    ROOM_RENAME
};

enum input_mode {
    INPUT_QUEUED, /* predicted clients: each usercmd moves the body once; none arrives, none moves
                   */
    INPUT_HELD    /* plain JSON clients: the newest is repeated every tick, for 500 ms at most */
};

/* How a player is shown. Of a seat that is taken up again, or renamed, what is not said stays. */
struct room_guise {
    bool has_colour;
    uint8_t colour;                /* 0..COLOURS_MAX */
    char name[NAME_BYTES_MAX + 1]; /* empty: not said; of a new player: "Guest N" */
};

struct room_command {
    uint8_t kind; /* enum room_command_kind */
    uint16_t room_index;
    uint16_t seat; /* all but JOIN; SEAT_NONE: a spectator's LEAVE */
    uint32_t
        seat_generation; /* of that seat's taking: a late command for an earlier player is void */
    struct session_ref session; /* JOIN, WATCH, LEAVE */
    uint64_t number;            /* room_post() counts them: the room takes workers' in that order */
    union {
        struct {
            uint8_t token_hash[TOKEN_HASH_BYTES];  /* for the seat's new token */
            uint8_t resume_hash[TOKEN_HASH_BYTES]; /* of the token shown, if has_resume */
            bool has_resume;
            uint16_t resume_seat;
            uint8_t input_mode; /* enum input_mode */
            struct room_guise guise;
        } join;
        struct {
            bool keep_seat;
        } leave;
        struct {
            uint8_t length_bytes;
            char text[CHAT_BYTES_MAX];
        } chat;
        struct room_guise guise; /* RENAME */
    };
};

/* What a seat does; a ring of its own keeps the most frequent message small. */
struct room_usercmd {
    uint16_t room_index;
    uint16_t seat;
    uint32_t seat_generation; /* as in a command */
    struct usercmd usercmd;
};

enum room_reply_kind {
    ROOM_JOINED,    /* to a session that has gone meanwhile: the worker answers with ROOM_LEAVE */
    ROOM_REFUSED,   /* code, reason: the room is full */
    ROOM_TAKEN_OVER /* the seat's player came back on another connection: end this session */
};

struct room_reply {
    uint8_t kind; /* enum room_reply_kind */
    struct session_ref session;
    uint16_t seat; /* SEAT_NONE: a spectator */
    uint32_t seat_generation;
    bool is_resumed;
    uint16_t close_code;
    const char *reason; /* a literal */
};

struct room_settings {
    const char *name; /* borrowed as long as the room */
    const struct game *game;
    const struct map *map; /* borrowed until rooms_destroy() */
    const char *map_name;
    uint32_t slot_capacity;
    uint32_t seat_capacity;
    uint32_t bots; /* server bots fill up to that many players */
    uint32_t match_ticks;
    uint32_t seat_keep_ticks; /* a lost player's seat waits that long; SEAT_KEEP_TICKS by default */
    uint64_t seed;            /* of the first match */
    bool records;
    bool stays_awake;            /* its bots go on without players */
    const struct schema *schema; /* of the game, borrowed as long as the room is there; NULL: the
                                    room makes its own, of some 75 KB */
};

/* Where frames of rooms with players go besides the workers. Called on room threads; must not
 * block: a full ring drops the frame and remembers that. `push` takes over one reference. */
struct frame_sink {
    void *context;
    void (*push)(void *context, uint32_t room_thread, struct frame *frame);
    void (*end)(void *context, uint32_t room_thread, struct room *room); /* nobody plays any more */
};

/* Who notes what happens in rooms that are played or watched. Called on room threads, with each frame
 * before any worker has it; what it waits for must be held for microseconds alone. */
struct frame_witness {
    void *context;
    void (*see)(void *context, const struct frame *frame);
};

struct log;
struct metrics;
struct rooms;

/* What rooms_create() is told; all that it points to is borrowed until rooms_destroy(). */
struct rooms_setup {
    const struct room_settings *rooms; /* of the config: at least one, the first is the default */
    size_t room_count;
    const struct room_settings *template; /* of rooms made on demand, name and seed aside; NULL:
                                             unknown ones are refused */
    uint32_t rooms_max;                   /* at once, those of the config included */
    uint32_t keep_ms;                     /* how long an empty room made on demand stays */
    uint32_t recorded_max;                /* rooms recorded at once */
    uint64_t seed;                        /* whence the seeds of rooms made on demand come */
    uint32_t thread_count, worker_count;
    /* Something was put into an empty ring of that worker (an eventfd write). */
    void (*wake)(void *context, uint32_t worker);
    void *wake_context;
    const struct frame_sink *sink; /* NULL: nobody records */
    struct frame_witness witness;  /* see is NULL: there is none */
    struct log *log;               /* NULL: says nothing */
};

/* Makes the rooms of the config. NULL and an error if a setting is wrong or memory is short. */
struct rooms *rooms_create(const struct rooms_setup *setup, struct error *error);
enum result rooms_start(struct rooms *r, struct error *error); /* starts the threads */
void rooms_stop(struct rooms *r);                              /* joins them */
void rooms_destroy(struct rooms *r);                           /* after every frame was released */

/* Rooms of one server play different matches: the seed of the n-th one. */
uint64_t room_seed(uint64_t seed, uint64_t n);

/* -- rooms by name, on any thread; a lock, for when a connection comes or goes -- */

/* Enters the room of that name, or the default one if it is empty, and makes it if it may: it then
 * stays until rooms_leave(). RESULT_INVALID: there is no such room. RESULT_FULL: no place for one
 * more. */
enum result rooms_enter(struct rooms *r, const char *name, struct room **room, bool *is_new);

/* Each time entered, once, after everything else with that room: commands posted (a ROOM_LEAVE for
 * each join), frames released. */
void rooms_leave(struct room *room);

/* Calls `visit` for each room, which stays meanwhile; entering and leaving must wait. */
void rooms_visit(struct rooms *r, void (*visit)(void *context, const struct room *room),
                 void *context);

size_t rooms_capacity(const struct rooms *r);        /* above every room's index */
uint32_t rooms_slot_capacity(const struct rooms *r); /* the most that any room has */
uint32_t rooms_thread_count(const struct rooms *r);
const struct metrics *rooms_metrics(const struct rooms *r, uint32_t room_thread);

/* What never changes about a room. */
uint16_t room_index(const struct room *room);
const struct room_settings *room_settings(const struct room *room);
const struct schema *room_schema(const struct room *room);
const uint8_t *room_packed_map(const struct room *room, size_t *length_bytes);

/* Counters for /metrics and /api/rooms: each written by the room's thread alone, read relaxed. */
struct room_stats {
    uint32_t players, bots, spectators;
    uint32_t tick, entities;
    uint64_t ticks, late_ticks, dropped_ticks;
    uint64_t usercmds, usercmds_dropped, frames_skipped;
};
void room_read_stats(const struct room *room, struct room_stats *stats);

/* -- for the worker with that index, on its own thread -- */

/* RESULT_FULL: the ring to the room's thread has no place. Usercmds have a ring of their own; each
 * takes effect before any command that the worker posts after it. */
enum result room_post(struct room *room, uint32_t worker, const struct room_command *command);
enum result room_post_usercmd(struct room *room, uint32_t worker,
                              const struct room_usercmd *usercmd);

/* Takes the next reply for this worker from any room thread; false: none. */
bool rooms_take_reply(struct rooms *r, uint32_t worker, struct room_reply *reply);

/* Takes the next frame that `room` published to this worker, oldest first: the reference is the
 * caller's. NULL: none. Frames come only while the worker has members or watchers in the room;
 * those already in the ring when the last one leaves are still to be taken. */
struct frame *room_take_frame(struct room *room, uint32_t worker);

#endif
