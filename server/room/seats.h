/* seats.h - who plays in a room: players, those who lost their connection, and the server's bots.
 *
 * Place:   the room calls it for every command of a worker and once per tick; what it collects
 *          there (changes, inputs) is what the game and the recording get.
 * Rules:   a player takes the lowest free seat, else a bot's. A lost player's seat is kept for a
 *          while and taken up again by the hash of its token, also when the old connection is not
 *          yet known to be dead. Bots fill the highest free seats until the room has as many
 *          players as it wants, and leave as players join. Each taking of a seat has a generation:
 *          commands meant for an earlier one are void.
 * Memory:  seats_init() allocates all seats, seats_deinit() frees them.
 */
#ifndef TICKWIRE_SERVER_ROOM_SEATS_H
#define TICKWIRE_SERVER_ROOM_SEATS_H

#include <stdbool.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "server/room/inputs.h"
#include "server/room/room.h"
#include "shared/limits.h"
#include "shared/marks.h"
#include "shared/result.h"
#include "shared/rng.h"

#define CHAT_BURST        4  /* lines at once */
#define CHAT_TICKS_A_LINE 20 /* and then one a second */

enum seat_state { SEAT_FREE, SEAT_PLAYER, SEAT_LOST, SEAT_BOT };

struct seat {
    uint8_t state;      /* enum seat_state */
    bool is_in_world;   /* the game has joined somebody here */
    bool is_handed_on;  /* and that was an earlier holder, who must leave first */
    uint8_t chat_lines; /* that may still be said */
    uint8_t colour;
    uint8_t name_length_bytes;
    char name[NAME_BYTES_MAX];
    uint32_t guise_tick; /* the first with this name and colour */
    uint32_t generation;
    struct session_ref session; /* SEAT_PLAYER */
    uint8_t token_hash[TOKEN_HASH_BYTES];
    uint32_t lost_tick; /* SEAT_LOST: since when */
    uint32_t chat_tick; /* when chat_lines last rose */
    struct inputs inputs;
    struct rng rng; /* SEAT_BOT: what its thinking draws from */
};

struct seats_settings {
    const struct field_table *table; /* borrowed */
    uint32_t capacity;
    uint32_t bots;       /* fill up to that many players */
    uint32_t keep_ticks; /* a lost player's seat */
    uint64_t seed;       /* for the bots' thinking */
};

struct seats {
    struct seats_settings settings;
    struct seat *items; /* owned: `capacity` */
    uint64_t *used; /* owned, marks.h: those taken, and those whose holder is yet in the world */
    uint32_t player_count, lost_count, bot_count;
    uint32_t bots_made; /* in all: names and seeds go on */
    bool roster_is_stale;
};

/* What became of a join. */
struct seats_joined {
    uint16_t seat;
    uint32_t generation;
    bool is_resumed;
    bool takes_over; /* an older session still had the seat: */
    struct session_ref old_session;
    uint32_t old_generation;
};

/* Returns the first seat from `seat` on that is used, or MARKS_NONE: to walk them all costs as much
 * as there are. */
static inline uint32_t seats_next(const struct seats *s, uint32_t seat)
{
    return marks_next(s->used, s->settings.capacity, seat);
}

enum result seats_init(struct seats *s, const struct seats_settings *settings);
void seats_deinit(struct seats *s);

/* -- commands; `tick` is the coming one -- */

/* Seats the player of a ROOM_JOIN. RESULT_FULL: only players are in, all seats are taken. */
enum result seats_join(struct seats *s, const struct room_command *command, uint32_t tick,
                       struct seats_joined *joined);

/* The others answer NULL or false when the seat has been taken anew since (or never was). */
const struct seat *seats_find(const struct seats *s, uint16_t seat, uint32_t generation);
bool seats_leave(struct seats *s, uint16_t seat, uint32_t generation, bool keep_seat,
                 uint32_t tick);
bool seats_rename(struct seats *s, uint16_t seat, uint32_t generation,
                  const struct room_guise *guise, uint32_t tick);

/* False also for a usercmd that inputs_push() refuses. */
bool seats_push_usercmd(struct seats *s, uint16_t seat, uint32_t generation,
                        const struct usercmd *cmd, uint32_t tick);

/* False also for who has said enough for now. */
bool seats_take_chat_line(struct seats *s, uint16_t seat, uint32_t generation, uint32_t tick);

/* -- once per tick, in this order -- */

/* Frees the seats of those who did not come back, lets bots come and go. */
void seats_step(struct seats *s, uint32_t tick);

/* In a new match, everybody is outside. */
void seats_leave_world(struct seats *s);

/* Writes who leaves and joins the world to changes[0..2 * capacity). Returns how many. */
uint32_t seats_collect_changes(struct seats *s, struct seat_change *changes);

/* Writes what each taken seat does in `tick` to inputs[0..capacity). Returns how many. */
uint32_t seats_take_inputs(struct seats *s, uint32_t tick, struct seat_input *inputs);

/* Writes all names to `roster`, which has `capacity` entries. */
void seats_fill_roster(const struct seats *s, struct roster *roster);

#endif
