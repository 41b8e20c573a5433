/* arena.h - runs a game by itself: a map of assets/maps, a world, bots that see what they would
 * see.
 *
 * Place:   tests of games step through it, without server or sockets.
 * Memory:  owns its map and world; arena_close() frees them.
 */
#ifndef TICKWIRE_TESTS_UNIT_ARENA_H
#define TICKWIRE_TESTS_UNIT_ARENA_H

#include "shared/game.h"

#define ARENA_SEATS 64

struct arena {
    const struct game *game;
    struct map map;
    struct world world;
    void *memory;
    uint8_t *tiles;
    struct seat_input inputs[ARENA_SEATS]; /* of the seats taken, ascending */
    size_t input_count;
    struct rng bots;
};

/* Reads assets/maps/<map_name>.json and starts a match; a failure ends the test. */
void arena_open(struct arena *a, const struct game *game, const char *map_name, uint64_t seed);

/* The same on a map drawn in place: rows of equal length, each ended by a line break. */
void arena_open_drawn(struct arena *a, const struct game *game, const char *drawing, uint64_t seed);
void arena_close(struct arena *a);

/* Starts another match on the same map, with the same seats taken. */
void arena_restart(struct arena *a, uint64_t seed);

/* Takes the next seat and returns it. */
uint16_t arena_join(struct arena *a);

struct entity *arena_body(const struct arena *a, uint16_t seat);

/* Asks the bots for one usercmd each, as they would see the world on the wire. */
void arena_think(struct arena *a);

/* Gives `seat` one usercmd more for the next step: its first two words. */
void arena_command(struct arena *a, uint16_t seat, int32_t first, int32_t second);

void arena_step(struct arena *a);

/* Returns the last step's first event of `kind`, or NULL. */
const struct event *arena_event(const struct arena *a, uint8_t kind);

/* Fails the test if a value of the world could not be told on the wire as it is. */
void arena_check_wire(const struct arena *a);

#endif
