/* bench_fanout.c - what one client costs the server each tick, sockets aside.
 *
 * A whole server in one thread and in virtual time: router, upgrade, sessions, gate, interest, encoder and
 * room run as they do, but send() and recv() end in this program. Each client decodes nothing (the
 * first one does, to show that it could), steers, and acknowledges every update. Prints, for
 * each number of clients, nanoseconds per client and tick of the three parts: input taken in, the room's
 * tick, and the fan-out; and the bytes and entities of an update.
 *
 *     bench_fanout [CLIENTS [GAME MAP]]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "server/room/rooms_state.h"
#include "server/server.h"
#include "server/session/hub.h"
#include "server/stage.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/rng.h"
#include "shared/snapshot.h"
#include "shared/ws_frame.h"

#define CLIENTS_MAX  10000
#define FIRST_FD     100000 /* no descriptor of this process is as high */
#define WARM_TICKS   40
#define TICKS        200
#define STEER_TICKS  10
#define JOINS_A_TICK 64
#define BYTES_MAX    512   /* that a client says at once */
#define HEARD_BYTES  70000 /* of a message to the one who listens */

static const char upgrade[] = "GET /ws/updates HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Sec-WebSocket-Protocol: tickwire.v1\r\n\r\n";

struct client {
    struct conn *conn;
    uint8_t said[BYTES_MAX]; /* what it sends, until the server reads it */
    size_t said_bytes;
    uint32_t seq;
    int32_t words[USERCMD_WORDS];
};

static struct client clients[CLIENTS_MAX];
static struct rng rng;
static uint64_t sent_bytes, sent_count;
static uint8_t heard[HEARD_BYTES]; /* the last message to clients[0], header and all */
static size_t heard_bytes;

/* ---- what stands for the kernel ---- */

ssize_t send(int fd, const void *bytes, size_t length_bytes, int flags)
{
    (void)flags;
    ASSERT(fd >= FIRST_FD && fd < FIRST_FD + CLIENTS_MAX);
    const uint8_t *first = bytes;
    bool is_message = *first == (0x80 | WS_BINARY); /* not a ping */
    sent_bytes += length_bytes;
    sent_count += is_message;
    if (fd == FIRST_FD && is_message) {
        ASSERT(length_bytes <= sizeof heard);
        memcpy(heard, bytes, length_bytes);
        heard_bytes = length_bytes;
    }
    return (ssize_t)length_bytes;
}

ssize_t recv(int fd, void *bytes, size_t capacity_bytes, int flags)
{
    struct client *c = &clients[fd - FIRST_FD];
    size_t length = c->said_bytes;
    ASSERT(flags == 0 && length <= capacity_bytes);
    if (length == 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(bytes, c->said, length);
    c->said_bytes = 0;
    return (ssize_t)length;
}

int epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    (void)epoll_fd, (void)operation, (void)fd, (void)event;
    return 0;
}

/* Each run has the same chances, so that its instructions can be counted. */
ssize_t getrandom(void *bytes, size_t length_bytes, unsigned flags)
{
    uint8_t *next = bytes;
    (void)flags;
    for (size_t i = 0; i < length_bytes; i++)
        next[i] = (uint8_t)rng_below(&rng, 256);
    return (ssize_t)length_bytes;
}

/* ---- the clients ---- */

static void say(struct client *c, const uint8_t *payload, size_t length_bytes)
{
    struct ws_frame frame = {
        .payload_bytes = length_bytes, .opcode = WS_BINARY, .fin = true, .masked = true};
    for (unsigned i = 0; i < sizeof frame.key; i++)
        frame.key[i] = (uint8_t)rng_below(&rng, 256);
    ASSERT(c->said_bytes + WS_HEADER_BYTES_MAX + length_bytes <= sizeof c->said);
    uint8_t *at = c->said + c->said_bytes;
    size_t header_bytes = ws_frame_encode(at, &frame);
    memcpy(at + header_bytes, payload, length_bytes);
    ws_frame_mask(at + header_bytes, length_bytes, frame.key, 0);
    c->said_bytes += header_bytes + length_bytes;
}

static void say_hello(struct client *c, const struct schema *schema)
{
    struct message_hello m = {
        .schemas = {schema->hash}, .schema_count = 1, .entities_max = VIEW_ENTITIES_MAX};
    uint8_t bytes[BYTES_MAX];
    say(c, bytes, message_encode_hello(bytes, sizeof bytes, &m));
}

static void steer(struct client *c, const struct field_table *table)
{
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        c->words[i] = f->min + (int32_t)rng_below(&rng, (uint32_t)(f->max - f->min) + 1);
    }
}

/* Acknowledges what was sent last: looks it up in the server rather than decode it. */
static void say_input(struct client *c, const struct field_table *table)
{
    const struct ws_conn *ws = c->conn->owner;
    const struct session *session = ws->session;
    uint32_t ack_tick = session->viewer.base_tick;
    struct message_input m = {
        .ack_tick = ack_tick, .has_ack = true, .stamp_ms = (uint16_t)(ack_tick * 50), .count = 1};
    uint8_t bytes[BYTES_MAX];
    if (rng_below(&rng, STEER_TICKS) == 0) steer(c, table);
    m.cmds[0] = (struct usercmd){.seq = ++c->seq, .view_tick = ack_tick};
    memcpy(m.cmds[0].words, c->words, sizeof c->words);
    say(c, bytes, message_encode_input(bytes, sizeof bytes, table, &m));
}

/* ---- the server, part by part ---- */

struct bench {
    struct config *config;
    struct server server;
    struct stage stage;
    struct worker *worker;
    struct room *room;
    uint32_t client_count;
    uint64_t now_us;
};

static void set_time(struct bench *b, uint64_t now_us)
{
    b->now_us = now_us;
    b->worker->net.now_us = now_us;
    b->worker->net.now_ms = now_us / 1000;
}

/* What all clients have said is ready, a poller's turn at a time. */
__attribute__((noinline)) static void take_inputs(struct bench *b)
{
    struct poller *poller = &b->worker->net.poller;
    for (uint32_t i = 0; i < b->client_count;) {
        unsigned count = 0;
        for (; i < b->client_count && count < POLLER_EVENTS_MAX; i++) {
            poller->events[count++] =
                (struct epoll_event){.events = EPOLLIN, .data.ptr = &clients[i].conn->source};
        }
        poller_serve(poller, count);
    }
}

/* As a room thread does it, which cannot be had without its clock. */
__attribute__((noinline)) static void run_tick(struct bench *b)
{
    struct room_thread *t = &b->stage.rooms->threads[0];
    struct room_usercmd usercmd;
    struct room_command command;
    while (ring_pop(&t->usercmds[0], &usercmd))
        room_apply_usercmd(b->room, &usercmd);
    while (ring_pop(&t->commands[0], &command)) {
        struct room_reply replies[ROOM_REPLIES_MAX];
        uint32_t count = room_apply(b->room, &command, replies);
        for (uint32_t i = 0; i < count; i++) {
            enum result pushed = ring_push(&t->replies[0], &replies[i], NULL);
            ASSERT(pushed == RESULT_OK);
        }
    }
    struct frame *held = room_step(b->room, b->now_us);
    ASSERT(held != NULL);
    held = frame_hold(held);
    enum result pushed = ring_push(rooms_frame_ring(b->stage.rooms, b->room, 0), &held, NULL);
    ASSERT(pushed == RESULT_OK);
}

__attribute__((noinline)) static void fan_out(struct bench *b)
{
    hub_hooks.wake(b->worker);
}

/* ---- setting up ---- */

static void fail(const struct error *error)
{
    fprintf(stderr, "bench_fanout: %s\n", error->message);
    exit(EXIT_FAILURE);
}

static void open_server(struct bench *b, uint32_t client_count, const char *game, const char *map)
{
    char room[256], players[16];
    (void)snprintf(room, sizeof room, "bench,game=%s,map=%s,bots=0", game, map);
    (void)snprintf(players, sizeof players, "%u", client_count + 8);
    char *arguments[] = {
        "bench", "--record",           "none",  "--workers",         "1",     "--room",
        room,    "--room-players-max", players, "--connections-max", players, NULL};
    enum config_action action;
    struct error error;
    static struct log log;

    log_init(&log, 2, LOG_ERROR);
    b->config = calloc(1, sizeof *b->config);
    ASSERT(b->config != NULL);
    int count = (int)(sizeof arguments / sizeof arguments[0]) - 1;
    if (config_read(b->config, count, arguments, &action, &error) != RESULT_OK) fail(&error);
    if (stage_plan(&b->stage, b->config, &error) != RESULT_OK) fail(&error);
    if (server_init(&b->server, b->config, &log, &error) != RESULT_OK) fail(&error);
    if (stage_open(&b->stage, &b->server, &error) != RESULT_OK) fail(&error);
    b->worker = &b->server.workers[0];
    if (hub_hooks.start(b->worker, &error) != RESULT_OK) fail(&error);
    bool is_new;
    enum result entered = rooms_enter(b->stage.rooms, "", &b->room, &is_new);
    ASSERT(entered == RESULT_OK);
}

static void close_server(struct bench *b)
{
    net_close_all(&b->worker->net);
    hub_hooks.stop(b->worker);
    stage_deinit(&b->stage);
    server_deinit(&b->server);
    free(b->config);
}

static void turn_end(struct bench *b)
{
    ws_layer_turn_end(&b->worker->ws);
    net_turn_end(&b->worker->net);
}

static void connect_client(struct bench *b, uint32_t i)
{
    struct client *c = &clients[i];
    struct address peer = {0};
    *c = (struct client){0};
    c->conn = conn_open(&b->worker->net, FIRST_FD + (int)i, &peer, NULL);
    ASSERT(c->conn != NULL);
    c->conn->may_be_proxied = false;
    enum result started = http_conn_start(&b->worker->http, c->conn);
    ASSERT(started == RESULT_OK);
    memcpy(c->said, upgrade, sizeof upgrade - 1);
    c->said_bytes = sizeof upgrade - 1;
    c->conn->source.ready(&c->conn->source, EPOLLIN);
    say_hello(c, room_schema(b->room));
    c->conn->source.ready(&c->conn->source, EPOLLIN);
    ASSERT(conn_is_open(c->conn));
}

/* ---- measuring ---- */

struct cost {
    uint64_t input_ns, room_ns, fanout_ns;
};

static int compare(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static double median(uint64_t *values)
{
    qsort(values, TICKS, sizeof *values, compare);
    return (double)values[TICKS / 2];
}

static void one_tick(struct bench *b, struct cost *cost)
{
    set_time(b, b->now_us + TICK_MS * 1000);
    uint64_t start_ns = clock_monotonic_ns();
    run_tick(b);
    uint64_t stepped_ns = clock_monotonic_ns();
    fan_out(b);
    uint64_t sent_ns = clock_monotonic_ns();
    *cost = (struct cost){.room_ns = stepped_ns - start_ns, .fanout_ns = sent_ns - stepped_ns};
    for (uint32_t i = 0; i < b->client_count; i++)
        say_input(&clients[i], room_schema(b->room)->table);
    set_time(b, b->now_us + 20000);
    start_ns = clock_monotonic_ns();
    take_inputs(b);
    cost->input_ns = clock_monotonic_ns() - start_ns;
    set_time(b, b->now_us - 20000);
    turn_end(b);
}

/* The first client reads what it got, as any client would. */
static void check_heard(struct seen *seen)
{
    struct ws_frame frame;
    struct ws_decoded decoded;
    enum result result = ws_frame_decode(&frame, heard, heard_bytes, &decoded);
    ASSERT(result == RESULT_OK && message_type(heard + decoded.header_bytes) == MESSAGE_SNAPSHOT);
    result = snapshot_decode(seen, heard + decoded.header_bytes, (size_t)frame.payload_bytes);
    ASSERT(result == RESULT_OK && !seen->hash_differs);
}

static uint64_t visible_count(const struct hub *hub)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < hub->live_count; i++)
        count += hub->sessions[hub->live[i]].viewer.member_count;
    return count;
}

static void measure(uint32_t client_count, const char *game, const char *map)
{
    static uint64_t input[TICKS], step[TICKS], fan[TICKS], all[TICKS];
    static struct wire_entity lists[2][VIEW_ENTITIES_MAX];
    static struct bench bench;
    struct bench *b = &bench;
    struct seen seen;
    struct cost cost;

    *b = (struct bench){0};
    rng_init(&rng, client_count);
    open_server(b, client_count, game, map);
    set_time(b, 1000000);
    seen_init(&seen, room_schema(b->room), lists[0], lists[1], VIEW_ENTITIES_MAX);
    for (uint32_t tick = 0; tick < WARM_TICKS || b->client_count < client_count; tick++) {
        for (int i = 0; i < JOINS_A_TICK && b->client_count < client_count; i++)
            connect_client(b, b->client_count++);
        one_tick(b, &cost);
        check_heard(&seen);
    }
    sent_bytes = sent_count = 0;
    for (int tick = 0; tick < TICKS; tick++) {
        one_tick(b, &cost);
        check_heard(&seen);
        input[tick] = cost.input_ns, step[tick] = cost.room_ns, fan[tick] = cost.fanout_ns;
        all[tick] = cost.input_ns + cost.room_ns + cost.fanout_ns;
    }
    ASSERT(sent_count == (uint64_t)client_count * TICKS);
    double n = client_count;
    printf("%7" PRIu32 "  %7.0f  %7.0f  %7.0f  %7.0f  %5.1f  %5.1f\n", client_count,
           median(input) / n, median(step) / n, median(fan) / n, median(all) / n,
           (double)sent_bytes / (double)sent_count, (double)visible_count(b->worker->sessions) / n);
    close_server(b);
}

int main(int argc, char *argv[])
{
    const char *game = argc > 3 ? argv[2] : "skirmish";
    const char *map = argc > 3 ? argv[3] : "assets/maps/plains.json";
    static const uint32_t counts[] = {200, 1000};

    printf(
        "%s: ns per client and tick\nclients    input     room   fanout      all  bytes   seen\n",
        game);
    if (argc > 1) {
        uint32_t count = (uint32_t)strtoul(argv[1], NULL, 10);
        if (count < 1 || count > CLIENTS_MAX) return EXIT_FAILURE;
        measure(count, game, map);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        measure(counts[i], game, map);
    return EXIT_SUCCESS;
}
