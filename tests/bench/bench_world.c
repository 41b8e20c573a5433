/* bench_world.c - bytes and microseconds of one client's update in the world that servers are
 * compared on (worlds/drift_rules.h), in virtual time and without sockets.
 *
 * A room with 200 players who all steer at 20 Hz; for each of them what a session does: the plan,
 * the message, its commit; then a client's decoding. At every tick every client's list must equal
 * the quantized world within its view, and its own body the world's to the last bit: so nothing is
 * held back. Bytes include the WebSocket header, and once a second the echo that clocks need.
 *
 *   bench_world [TICKS [SEED [CADENCE]]]    CADENCE: ticks between two updates, 1 (default), 2 or 4
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/room/room_state.h"
#include "server/session/binary_writer.h"
#include "server/session/room_view.h"
#include "server/session/viewer.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/error.h"
#include "shared/message.h"
#include "shared/ws_frame.h"

#define CLIENTS      200
#define TILES        40
#define TICKS        1000
#define SEED         90001 /* code tables are trained on others */
#define WARM_UP      100   /* ticks that are not counted: the full snapshots */
#define LENGTHS_MAX  4096
#define WIRE_OF(sim) ((sim) >> 3) /* the world's positions: 1/32 unit */

extern const struct game game_drift;

struct client {
    uint16_t seat;
    uint32_t seat_generation;
    uint32_t seq;
    struct viewer viewer;
    struct wire_entity lists[2][VIEW_ENTITIES_MAX];
    struct seen seen;
    uint8_t message[MESSAGE_DOWN_BYTES_MAX];
    size_t length_bytes;
};

struct cost {
    uint64_t step_ns, plan_ns, write_ns, decode_ns;
    uint64_t updates, bytes, seen, adds, self_bits;
    uint64_t lengths[LENGTHS_MAX]; /* by bytes: how many updates */
};

static struct room room;
static struct room_view view;
static struct viewer_plan plan;
static struct client clients[CLIENTS];
static struct cost cost;
static struct rng rng;
static const uint8_t tiles[TILES * TILES];
static const struct map map = {.width = TILES, .height = TILES, .tiles = tiles, .name = "drift"};
static struct frame *published;

/* Stands in for the rings between room and worker (room.h). */
struct frame *room_take_frame(struct room *from, uint32_t worker)
{
    struct frame *frame = published;
    (void)from, (void)worker;
    published = NULL;
    return frame;
}

static void join(struct client *c, uint32_t index)
{
    struct room_command command = {.kind = ROOM_JOIN, .session = {.index = index}};
    struct room_reply replies[ROOM_REPLIES_MAX];
    uint32_t count = room_apply(&room, &command, replies);
    ASSERT(count == 1 && replies[0].kind == ROOM_JOINED);
    c->seat = replies[0].seat;
    c->seat_generation = replies[0].seat_generation;
    enum result made = viewer_init(&c->viewer, &view, c->seat, VIEW_ENTITIES_MAX);
    ASSERT(made == RESULT_OK);
    seen_init(&c->seen, view.schema, c->lists[0], c->lists[1], VIEW_ENTITIES_MAX);
}

static void open_room(uint64_t seed)
{
    static uint8_t scratch[1 << 16];
    struct error error;
    struct room_settings settings = {.name = "drift",
                                     .game = &game_drift,
                                     .map = &map,
                                     .map_name = "drift",
                                     .slot_capacity = game_drift.slot_capacity,
                                     .seat_capacity = game_drift.seat_capacity,
                                     .seat_keep_ticks = SEAT_KEEP_TICKS,
                                     .seed = seed};
    enum result made = room_init(&room, &settings, 1, &error);
    ASSERT(made == RESULT_OK);
    made = room_view_init(&view, &room, 0, CLIENTS);
    ASSERT(made == RESULT_OK);
    ASSERT(interest_scratch_bytes(settings.slot_capacity) <= sizeof scratch);
    interest_scratch_init(&plan.interest, scratch, settings.slot_capacity);
    rng_init(&rng, seed + 1);
    for (uint32_t i = 0; i < CLIENTS; i++)
        join(&clients[i], i);
}

static void close_room(void)
{
    for (uint32_t i = 0; i < CLIENTS; i++)
        viewer_deinit(&clients[i].viewer);
    room_view_deinit(&view);
    room_deinit(&room);
}

static void steer(struct client *c)
{
    struct room_usercmd usercmd = {.seat = c->seat,
                                   .seat_generation = c->seat_generation,
                                   .usercmd = {.seq = ++c->seq, .view_tick = c->seen.tick}};
    game_drift.bot(NULL, &rng, &usercmd.usercmd);
    room_apply_usercmd(&room, &usercmd);
}

static void step_room(uint32_t tick)
{
    for (uint32_t i = 0; i < CLIENTS; i++)
        steer(&clients[i]);
    uint64_t start_ns = clock_monotonic_ns();
    published = frame_hold(room_step(&room, (uint64_t)tick * TICK_MS * 1000));
    cost.step_ns += clock_monotonic_ns() - start_ns;
    bool is_new = room_view_take_frames(&view);
    ASSERT(is_new);
}

/* What a session does for an open gate. */
static void update(struct client *c, uint32_t tick)
{
    struct snapshot_echo echo = {
        .stamp_ms = (uint16_t)(tick * TICK_MS), .hold_ms = 20, .cadence = 1, .queued = 1};
    uint64_t start_ns = clock_monotonic_ns();
    viewer_plan(&c->viewer, &plan);
    uint64_t planned_ns = clock_monotonic_ns();
    bool has_echo = (tick + c->seat) % TICK_HZ == 0;
    c->length_bytes = binary_write_snapshot(&c->viewer, &plan, has_echo ? &echo : NULL, c->message,
                                            sizeof c->message);
    viewer_commit(&c->viewer, &plan);
    uint64_t written_ns = clock_monotonic_ns();
    ASSERT(c->length_bytes > 0);
    cost.plan_ns += planned_ns - start_ns;
    cost.write_ns += written_ns - planned_ns;
    cost.adds += plan.new_count;
}

static void decode(struct client *c)
{
    uint64_t start_ns = clock_monotonic_ns();
    enum result result = snapshot_decode(&c->seen, c->message, c->length_bytes);
    cost.decode_ns += clock_monotonic_ns() - start_ns;
    ASSERT(result == RESULT_OK && !c->seen.hash_differs);
}

static void count(const struct client *c)
{
    struct ws_frame frame = {.payload_bytes = c->length_bytes, .opcode = WS_BINARY, .fin = true};
    uint8_t header[WS_HEADER_BYTES_MAX];
    size_t bytes = c->length_bytes + ws_frame_encode(header, &frame);
    cost.updates++;
    cost.bytes += bytes;
    cost.seen += c->seen.count;
    cost.lengths[bytes < LENGTHS_MAX ? bytes : LENGTHS_MAX - 1]++;
}

/* The shorter way round. */
static int64_t apart(int32_t a, int32_t b)
{
    int64_t d = a < b ? (int64_t)b - a : (int64_t)a - b;
    return d > game_drift.wraps_at / 2 ? game_drift.wraps_at - d : d;
}

static bool sees(const struct entity *own, const struct entity *e)
{
    int64_t dx = apart(own->words[0], e->words[0]), dy = apart(own->words[1], e->words[1]);
    int64_t reach = (int64_t)game_drift.view_half_x * game_drift.unit;
    return own == e || dx * dx + dy * dy < reach * reach;
}

/* Holds a client's list against the world itself, past everything that made it. */
static void check(const struct client *c)
{
    const struct entity *entities = room.world.state->entities;
    const struct entity *own = &entities[world_body(&room.world, c->seat)];
    uint32_t at = 0;
    for (uint32_t slot = 0; slot < room.world.state->slot_count; slot++) {
        const struct entity *e = &entities[slot];
        if (!sees(own, e)) continue;
        ASSERT(at < c->seen.count);
        const struct wire_entity *known = &c->seen.list[at++];
        ASSERT(known->slot == slot && known->generation == e->generation);
        ASSERT(known->wire[0] == WIRE_OF(e->words[0]) && known->wire[1] == WIRE_OF(e->words[1]));
        ASSERT(memcmp(&known->wire[2], &e->words[2], 3 * sizeof e->words[2]) == 0);
    }
    ASSERT(at == c->seen.count && c->seen.tick == room.world.state->tick);
    ASSERT(c->seen.self.is_known && &entities[c->seen.self.slot] == own);
    ASSERT(memcmp(c->seen.self.body.words, own->words, 5 * sizeof own->words[0]) == 0);
}

static unsigned percentile(double part)
{
    uint64_t below = 0;
    unsigned bytes = 0;
    while (bytes < LENGTHS_MAX - 1 &&
           (double)(below += cost.lengths[bytes]) < part * (double)cost.updates)
        bytes++;
    return bytes;
}

static void report(uint64_t built)
{
    double updates = (double)cost.updates;
    printf("%-28s %8.1f B (p50 %u, p99 %u), WebSocket header included\n", "an update on the wire",
           (double)cost.bytes / updates, percentile(0.5), percentile(0.99));
    printf("%-28s %8.1f entities, %.2f of them new\n", "a view", (double)cost.seen / updates,
           (double)cost.adds / updates);
    printf("%-28s %8.1f a tick, for %d clients\n", "fragments built",
           (double)built * CLIENTS / updates, CLIENTS);
    printf("%-28s %8.2f us (what it sees %.2f, message %.2f)\n", "an update's CPU",
           (double)(cost.plan_ns + cost.write_ns) / updates / 1e3,
           (double)cost.plan_ns / updates / 1e3, (double)cost.write_ns / updates / 1e3);
    printf("%-28s %8.2f us\n", "its decoding", (double)cost.decode_ns / updates / 1e3);
    printf("%-28s %8.2f us\n", "the world's tick", (double)cost.step_ns * CLIENTS / updates / 1e3);
}

/* All clients in phase, as sessions of one cadence are. */
static void update_all(uint32_t tick)
{
    for (uint32_t i = 0; i < CLIENTS; i++)
        update(&clients[i], tick);
    for (uint32_t i = 0; i < CLIENTS; i++) {
        decode(&clients[i]);
        count(&clients[i]);
        check(&clients[i]);
    }
}

int main(int argc, char **argv)
{
    uint32_t ticks = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : TICKS;
    uint32_t cadence = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1;
    uint64_t built = 0;
    ASSERT(cadence == 1 || cadence == 2 || cadence == 4);
    open_room(argc > 2 ? strtoull(argv[2], NULL, 10) : SEED);
    for (uint32_t tick = 1; tick <= WARM_UP + ticks; tick++) {
        if (tick == WARM_UP + 1) {
            cost = (struct cost){0};
            built = view.cohorts.built_count;
        }
        step_room(tick);
        if (tick % cadence == 0) update_all(tick);
    }
    report(view.cohorts.built_count - built);
    close_room();
    return 0;
}
