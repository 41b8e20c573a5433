/* game.h - what a game is: its data, its rules, its limits. The engine knows nothing else of it.
 *
 * Place:   each folder of shared/games supplies one `const struct game`; rooms run it, clients
 *          predict with it, bots think with it, recordings verify by it. shared/games/README.md
 *          shows one whole.
 * Rules:   integers only; no clock, no heap, no globals; iterate by slot; draw random numbers from
 *          world->state->rng alone. Then the same inputs give the same bits on every build.
 */
#ifndef TICKWIRE_SHARED_GAME_H
#define TICKWIRE_SHARED_GAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/map.h"
#include "shared/rng.h"
#include "shared/usercmd.h"
#include "shared/world.h"

/* The usercmds that one seat has for this tick, oldest first. Each moves its body by one tick of
 * its own time, so that a client's prediction after usercmd n equals the server's, whatever the
 * network did; with count 0 the body rests for this tick. */
struct seat_input {
    uint16_t seat;
    uint16_t count; /* 0..USERCMDS_PER_TICK_MAX */
    struct usercmd cmds[USERCMDS_PER_TICK_MAX];
};

/* A player took or left a seat. */
struct seat_change {
    uint16_t seat;
    bool is_join;
};

/* All that enters the simulation in one tick, and so all that a recording must keep of it. Borrowed
 * for the call. */
struct tick_inputs {
    const struct seat_change *changes; /* applied in this order, before the step */
    uint32_t change_count;
    const struct seat_input *inputs; /* one per taken seat, seats ascending */
    uint32_t input_count;
};

/* What a bot may know: the same for a server's bot and for a client that decoded its updates, so it
 * reads only AUDIENCE_ALL words of others. Wire quanta scaled back to simulation units. */
struct game_view {
    uint32_t tick;
    uint16_t seat;
    const struct map *map;
    const struct entity *own;             /* its body, or NULL */
    const struct entity *const *entities; /* what it sees, slots ascending, its own body included */
    const uint16_t *slots;                /* parallel to entities */
    size_t count;
};

#define MATES_MAX 8

/* One of a player's own side. */
struct mate {
    uint16_t slot;
    bool is_shown_afar; /* the rules show it wherever it is; else only within sight */
};

struct game {
    const char *name; /* [a-z][a-z0-9_]*: the folder's */
    const struct field_table *table;
    const char *map; /* default map: assets/maps/<map>.json */

    int32_t unit;       /* simulation units to one unit of length, in every position word */
    int32_t tile_units; /* a tile's edge, in units */
    int32_t view_half_x, view_half_y; /* the largest half-extent a client may see, in units */
    bool
        view_is_circle; /* one sees what is nearer than view_half_x, exactly, instead of a rectangle
                            with some margin */
    int32_t wraps_at;   /* simulation units after which a position on either axis comes round
                            again; 0: the world has edges */
    uint32_t slot_capacity; /* default entities of a room: its config may say otherwise */
    uint32_t seat_capacity; /* default players of a room */

    /* Sets up a new match in an empty, seeded world. */
    void (*init)(struct world *w);

    /* A player took or left a seat. join() spawns the body, or step() may do so later. */
    void (*join)(struct world *w, uint16_t seat);
    void (*leave)(struct world *w, uint16_t seat);

    /* Advances by one tick; w->state->tick is already the new one. One input per taken seat, seats
     * ascending. */
    void (*step)(struct world *w, const struct seat_input *inputs, size_t input_count);

    /* Moves a body by one usercmd, just as step() does, from what its owner knows (self block
     * words) and the map. Used by clients; step() calls it too, so that the rule stands once. */
    void (*predict)(const struct map *map, struct entity *body, const struct usercmd *cmd);

    /* Optional: what a player's usercmd fires, for that player's eyes before the server has told of
     * it. `body` is as it is before the usercmd moves it. Fills `fired` as it leaves (kind and
     * words; false: nothing leaves); fly() moves it on by a tick, past the map alone (false: it ends
     * there). In step() it starts advanced by usercmd_lag(), or the two would not meet. */
    bool (*fire)(const struct map *map, const struct entity *body, const struct usercmd *cmd,
                 struct entity *fired);
    bool (*fly)(const struct map *map, struct entity *fired);

    /* Optional: the event that a player's usercmd causes at once, for that player's eyes before the
     * server has told of it. `body` is as it is before the usercmd moves it. strike() fills `event`
     * as if nobody stood in the way (words[0] is the player's seat; false: nothing happens); then
     * meet() is told of each thing in the picture that the player acts on, and lets it stand in the
     * way. What step() emits of that kind for that seat takes its place. */
    bool (*strike)(const struct map *map, const struct entity *body, const struct usercmd *cmd,
                   struct event *event);
    void (*meet)(const struct entity *other, struct event *event);

    /* Thinks for a bot. NULL: the game has none. */
    void (*bot)(const struct game_view *view, struct rng *rng, struct usercmd *cmd);

    /* Whom of those in `view` the player is after, or SLOT_NONE: it is in every update, however little
     * else is. Asked only where not all fits. NULL: nobody. */
    uint16_t (*target)(const struct game_view *view);

    /* Names the mates of the player whose body is in `own_slot`, at most MATES_MAX, and returns how
     * many: they are in the view, however crowded it is, and in every update. Asked at each update
     * of each player: a few words read. NULL: there are none. */
    uint32_t (*mates)(const struct world_state *state, uint16_t own_slot,
                      struct mate mates[MATES_MAX]);

    /* Whether the match has ended: the room then starts the next one. NULL: it never does. */
    bool (*is_over)(const struct world *w);

    /* Default length of a match in ticks, 0: without end. The config may say otherwise, so init()
     * and is_over() read the length in force from globals[0]. */
    uint32_t match_ticks;
};

/* The games compiled into this program, in a fixed order; the first is the default. */
size_t games_count(void);
const struct game *games_get(size_t index);

/* Returns the game of that name, or NULL. */
const struct game *games_find(const char *name);

#endif
