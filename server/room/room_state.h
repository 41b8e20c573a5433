/* room_state.h - a room from inside: its world, its seats, and one tick of it.
 *
 * Place:   rooms.c feeds it commands and hands its frames on; tests drive it in virtual time. It
 *          knows no thread, ring or clock. The outside sees room.h alone.
 * Rules:   a match that is over is followed by the next in the tick after: epoch + 1, a new seed
 *          made from the old, all seats join again as changes of the epoch's first frame, which
 *          therefore needs nothing from before. A room without players, kept seats and watchers
 *          sleeps: its tick stands still, and whoever comes then begins a new match at the tick
 *          after it.
 * Memory:  room_init() allocates everything but the frames, which its pool makes as they are
 *          needed.
 */
#ifndef TICKWIRE_SERVER_ROOM_ROOM_STATE_H
#define TICKWIRE_SERVER_ROOM_ROOM_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "server/room/bots.h"
#include "server/room/frame_pool.h"
#include "server/room/pace.h"
#include "server/room/room.h"
#include "server/room/roster.h"
#include "server/room/seats.h"
#include "shared/world.h"

#define ROOM_REPLIES_MAX 2 /* to one command */

/* Written by the room's thread alone (usercmds_refused aside), read relaxed by anyone. */
struct room_counters {
    _Atomic uint32_t players, bots, spectators, tick, entities;
    _Atomic uint64_t ticks, late_ticks, dropped_ticks;
    _Atomic uint64_t usercmds, usercmds_dropped, frames_skipped;
    _Atomic uint64_t usercmds_refused; /* by a full ring: added to by every worker */
};

struct room {
    struct rooms *rooms; /* borrowed; NULL in tests of the room alone */
    uint16_t index;
    uint32_t thread;
    struct room_settings settings;
    const struct schema *schema; /* of the game: the settings' or own_schema */
    struct schema *own_schema;   /* owned, or NULL */
    uint8_t *packed_map; /* owned */
    size_t packed_map_bytes;

    struct world world;
    void *world_memory; /* owned */
    struct seats seats;
    struct bots bots;
    uint32_t epoch;
    uint64_t seed;
    bool starts_match;           /* with the next tick */
    struct seat_change *changes; /* owned: of this tick */
    uint32_t change_count;
    struct seat_input *inputs; /* owned: of this tick */
    uint32_t input_count;
    struct frame_chat chats[CHATS_PER_TICK_MAX]; /* said since the last frame */
    uint32_t chat_count;

    struct frame_pool frames;
    struct roster_pool rosters;
    struct roster *roster; /* of the next frame: a reference, or NULL */
    struct frame *newest;  /* of this epoch: a reference, or NULL */

    struct pace pace;
    bool is_awake;
    bool is_recorded;       /* the recorder has frames of it and waits for more */
    bool is_record_refused; /* its players are not recorded, which was said */
    bool is_unrecorded;     /* nor will they be: a frame need not say who did what */
    uint32_t *members;      /* owned: by worker, how many of its sessions are here */
    uint32_t member_count, worker_count;
    struct room_counters counters;
};

/* `settings` is copied, what it points to borrowed. Says in `error` which setting is wrong. */
enum result room_init(struct room *room, const struct room_settings *settings,
                      uint32_t worker_count, struct error *error);
void room_deinit(struct room *room);

/* A room that is shown and not played: settings, schema and map, and nothing that moves. */
enum result room_init_shown(struct room *room, const struct room_settings *settings,
                            struct error *error);

/* Carries out a worker's command. Returns how many replies it wrote. */
uint32_t room_apply(struct room *room, const struct room_command *command,
                    struct room_reply replies[ROOM_REPLIES_MAX]);

/* Takes in what a seat does; one that is void is counted. */
void room_apply_usercmd(struct room *room, const struct room_usercmd *usercmd);

/* Whether anybody is there for whom the game must go on. */
bool room_is_wanted(const struct room *room);

/* Whether there are players, connected or lost: then it is recorded. */
bool room_has_players(const struct room *room);

/* Runs the next tick, which was due at `due_us`. Returns its frame, borrowed until the next step,
 * or NULL when the pool is exhausted, or nobody is there to need it. */
struct frame *room_step(struct room *room, uint64_t due_us);

/* The room falls asleep: gives up its last frame. */
void room_sleep(struct room *room);

/* Whether all its frames have come back, so that room_deinit() may be called. */
bool room_is_idle(const struct room *room);

#endif
