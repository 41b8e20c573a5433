/* prove.c - simulates a recording again and compares each tick's hash: natively as a program, and as
 * wasm for node. Built by proof.test.mjs, each time by another compiler.
 *
 * Program: prove <STREAM of flatten.c; prints "TICKS HASH": how many agreed, and the last one's. */
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/game.h"

#define STREAM_BYTES_MAX (8u << 20)
#define SLOTS_MOST       4096u
#define SEATS_MOST       1024u
#define TILES_MOST       (256u * 256u)
#define NAME_BYTES       64u

enum record { RECORD_END, RECORD_START, RECORD_TICK };

static _Alignas(8) uint8_t stream[STREAM_BYTES_MAX];
static uint64_t memory[2u << 20 >> 3];
static uint8_t tiles[TILES_MOST];
static struct map map;
static struct world world;
static struct seat_change changes[2 * SEATS_MOST];
static struct seat_input inputs[SEATS_MOST];
static uint64_t last_hash;

uint8_t *prove_stream_at(void);
uint32_t prove(uint32_t length_bytes);
uint64_t prove_last_hash(void);

/* Where the stream must be put before prove(). */
uint8_t *prove_stream_at(void)
{
    return stream;
}

struct place {
    const uint8_t *at, *end;
};

static const uint8_t *take(struct place *p, size_t length_bytes)
{
    const uint8_t *at = p->at;
    ASSERT(length_bytes <= (size_t)(p->end - p->at));
    p->at += length_bytes;
    return at;
}

static uint32_t take_u32(struct place *p)
{
    uint32_t value;
    bytes_copy(&value, take(p, sizeof value), sizeof value);
    return value;
}

static const struct game *take_game(struct place *p)
{
    char name[NAME_BYTES];
    uint32_t length = take_u32(p);
    ASSERT(length < sizeof name);
    bytes_copy(name, take(p, length), length);
    name[length] = '\0';
    return games_find(name);
}

static void take_head(struct place *p)
{
    const struct game *game = take_game(p);
    uint32_t slots = take_u32(p), seats = take_u32(p), map_bytes = take_u32(p);
    ASSERT(game != NULL && slots <= SLOTS_MOST && seats <= SEATS_MOST);
    ASSERT(world_memory_bytes(slots, seats) <= sizeof memory);
    enum result result = map_unpack(&map, take(p, map_bytes), map_bytes, tiles, sizeof tiles);
    ASSERT(result == RESULT_OK);
    world_init(&world, game, &map, memory, slots, seats);
}

static void start(struct place *p)
{
    uint32_t length_bytes = take_u32(p);
    const uint8_t *state = take(p, length_bytes);
    bytes_zero(world.state->entities, world.slot_capacity * sizeof world.state->entities[0]);
    bytes_copy(world.state, state, length_bytes);
    world_derive(&world);
}

static void step(struct place *p)
{
    struct tick_inputs applied = {.changes = changes, .inputs = inputs};
    applied.change_count = take_u32(p);
    ASSERT(applied.change_count <= 2 * SEATS_MOST);
    size_t change_bytes = applied.change_count * sizeof changes[0];
    bytes_copy(changes, take(p, change_bytes), change_bytes);
    applied.input_count = take_u32(p);
    ASSERT(applied.input_count <= SEATS_MOST);
    size_t input_bytes = applied.input_count * sizeof inputs[0];
    bytes_copy(inputs, take(p, input_bytes), input_bytes);
    world_step(&world, &applied);
}

/* Returns how many ticks agreed, up to the first that did not. */
uint32_t prove(uint32_t length_bytes)
{
    struct place place = {stream, stream + length_bytes};
    uint32_t tick_count = 0, kind;
    take_head(&place);
    while ((kind = take_u32(&place)) != RECORD_END) {
        uint64_t hash;
        bytes_copy(&hash, take(&place, sizeof hash), sizeof hash);
        if (kind == RECORD_START) {
            start(&place);
        } else {
            step(&place);
        }
        last_hash = world_hash(world.state);
        if (last_hash != hash) return tick_count;
        tick_count++;
    }
    return tick_count;
}

uint64_t prove_last_hash(void)
{
    return last_hash;
}

#ifdef __wasm__
_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    (void)condition, (void)file, (void)line;
    __builtin_trap();
}
#else
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    abort();
}

int main(void)
{
    uint32_t length_bytes = (uint32_t)fread(stream, 1, sizeof stream, stdin);
    uint32_t tick_count = prove(length_bytes);
    printf("%" PRIu32 " %016" PRIx64 "\n", tick_count, prove_last_hash());
    return 0;
}
#endif
