/* player.h - one player of the feel bench: the view of all clients, a socket, restless hands that
 * shoot at others, and notes on what was on the screen and what the server said of it.
 *
 * Place:   main.c runs them; client/view draws, tools/bots/client.h carries. The game is the one that
 *          is shipped: what hits and how fast a craft is stands in its folder.
 * Notes:   craft as drawn, frame to frame: how much their speed changes, and jumps, which no flight
 *          explains. A beam's end as foreseen and a shot's way as drawn tell whom the player saw
 *          hit; the server's events tell whom it hit.
 * Memory:  one struct and its view's block, owned.
 */
#ifndef TICKWIRE_TESTS_BENCH_FEEL_PLAYER_H
#define TICKWIRE_TESTS_BENCH_FEEL_PLAYER_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/view.h"
#include "shared/rng.h"
#include "tests/bench/feel/tally.h"
#include "tools/bots/client.h"

#define PLAYER_SLOTS 4096 /* of the room: what was drawn there in the last frame is kept */

/* What all players of a link have noted. */
struct feel_notes {
    struct tally errors;                  /* units: where the server put the own craft, of every
                                               snapshot; 0: where it was believed */
    struct tally others_speed, own_speed; /* units/s: change from one frame to the next */
    struct tally others_jumps, own_jumps; /* units beyond what flies, where there was any */
    struct tally ages, delays, rtts;      /* ms, sampled each frame */
    uint32_t losses; /* of the own craft: the server knows of it first, and corrects */
    uint32_t corrections, frames, craft_frames, guessed_frames, held_frames;
    struct feel_weapon {
        uint32_t used, agreed, seen, seen_hit;
        uint32_t gone;    /* whom the player aimed at had just been destroyed otherwise */
        uint32_t refused; /* the player had been */
    } beams, shots;
    double seconds; /* of all players together */
};

/* One weapon's last use: whom the player saw hit, and whom the server says was hit. */
struct attempt {
    bool is_open;
    uint64_t at_us;
    uint32_t foreseen;  /* the line's number */
    int32_t seen, told; /* seats; -1: nobody */
    bool is_gone;
};

struct player_seen {
    bool is_there;
    uint8_t generation;
    int32_t warp;
    double x, y, vx, vy;
    bool has_speed;
};

/* How its machine and its screen are. */
struct player_machine {
    uint64_t frame_us;
    uint64_t stall_every_us, stall_us; /* 0: never */
    bool is_slow;                      /* the socket is read between frames only */
};

struct player {
    struct client client;
    struct client_shared *shared; /* borrowed */
    struct feel_notes *notes;     /* borrowed */
    struct player_machine machine;
    struct view *view;
    void *memory; /* owned */
    struct rng rng;
    uint64_t begin_us; /* notes are taken from here on */
    uint64_t last_frame_us, next_frame_us;
    int32_t buttons, aim;
    uint64_t turn_us;          /* when it flies elsewhere */
    uint64_t beam_us, fire_us; /* when the next ones are due */
    int32_t aim_error;
    uint32_t corrections;
    struct attempt beam, shot;
    double shot_x, shot_y; /* as drawn in the last frame */
    bool shot_is_drawn;
    struct player_seen last[PLAYER_SLOTS];
};

extern const struct client_handler player_handler;

/* Begins to connect; its notes begin at `begin_us`. */
void player_start(struct player *p, struct client_shared *shared, struct feel_notes *notes,
                  const struct player_machine *machine, uint32_t number, uint64_t begin_us);
void player_deinit(struct player *p);

/* Whether its machine stands still at `now_us`. */
bool player_is_stalled(const struct player *p, uint64_t now_us);

/* Steers, sends what is due, draws, notes. */
void player_frame(struct player *p, uint64_t now_us);

#endif
