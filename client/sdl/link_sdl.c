#include "client/sdl/link_sdl.h"

#include <SDL_net.h>
#include <SDL_thread.h>
#include <SDL_timer.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/sdl/ws_client.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/clock.h"
#include "shared/host/digest.h"
#include "shared/host/error.h"
#include "shared/host/ring.h"
#include "shared/host/tls.h"
#include "shared/ws_close.h"

#define EVENTS_MAX 32
#define SENDS_MAX  16

/* SDL2_net has no way to be woken while it waits for the socket, so this is how long a usercmd may
 * lie in the ring. */
#define TURN_MS 2

#define OPEN_TIMEOUT_MS 10000 /* from the first byte to the end of the handshakes */
#define PING_AFTER_MS   5000  /* of silence */
#define LOST_AFTER_MS   15000
#define GOODBYE_MS      500
#define PAUSE_STEP_MS   10
#define HELD_LONG_MS    5000 /* a connection that lasted so long was a good one */

struct outgoing {
    uint32_t connection;
    uint32_t length_bytes;
    uint8_t bytes[MESSAGE_UP_BYTES_MAX];
};

/* Why the main thread wants a connection ended; handed over by `connection`. */
struct refusal {
    uint16_t code;
    char reason[REASON_BYTES_MAX + 1];
};

struct link {
    struct url url;
    SDL_Thread *thread;

    /* -- both threads -- */
    struct ring events, sends;
    _Atomic size_t unsent_bytes;
    atomic_bool is_stopping, is_retrying, is_finished;
    atomic_uint refused_connection; /* 0: none */
    struct refusal refusal;         /* written before, read after refused_connection */

    /* -- the main thread -- */
    struct link_event polled;
    struct outgoing handed;
    uint32_t opened_connection;

    /* -- the network thread -- */
    struct tls_context *tls; /* owned; NULL for ws:// */
    TCPsocket socket;
    SDLNet_SocketSet sockets;
    struct ws_client *client;
    uint32_t connection;
    struct backoff backoff;
    struct rng rng;
    uint64_t heard_ms, pinged_ms, opened_ms;
    struct ending ending;
    struct link_event event;
    struct outgoing taken;
};

/* ---- events, from the network thread ---- */

/* Waits for a place: the main thread may be busy, and the socket then fills instead. */
static void push_event(struct link *link)
{
    link->event.at_us = clock_monotonic_us();
    link->event.connection = link->connection;
    while (ring_push(&link->events, &link->event, NULL) != RESULT_OK) {
        if (atomic_load(&link->is_stopping)) return;
        SDL_Delay(1);
    }
}

static void announce(struct link *link, enum link_event_kind kind)
{
    link->event.kind = kind;
    push_event(link);
}

static void announce_message(struct link *link, const uint8_t *bytes, size_t length_bytes)
{
    ASSERT(length_bytes <= sizeof link->event.bytes);
    link->event.kind = LINK_MESSAGE;
    link->event.length_bytes = (uint32_t)length_bytes;
    if (length_bytes > 0) bytes_copy(link->event.bytes, bytes, length_bytes);
    push_event(link);
}

static void announce_ending(struct link *link, uint32_t wait_ms)
{
    link->event.kind = LINK_ENDED;
    link->event.is_passing = ending_is_passing(&link->ending);
    link->event.wait_ms = wait_ms;
    link->event.close_code = ending_close_code(&link->ending);
    ending_describe(&link->ending, link->url.authority, link->event.sentence);
    push_event(link);
}

static enum result end(struct link *link, enum ending_kind kind, const char *detail)
{
    ending_set(&link->ending, kind, 0, detail);
    return RESULT_CLOSED;
}

/* ---- one connection ---- */

/* Sends what the client has for the socket. Blocks as long as TCP does. */
static enum result flush(struct link *link)
{
    uint8_t bytes[4096];
    size_t length_bytes;

    while ((length_bytes = ws_client_drain(link->client, bytes, sizeof bytes)) > 0) {
        if (SDLNet_TCP_Send(link->socket, bytes, (int)length_bytes) != (int)length_bytes)
            return end(link, ENDING_LOST, "");
    }
    return RESULT_OK;
}

/* Sends the messages of the ring, those for connections before aside. */
static enum result send_messages(struct link *link)
{
    while (ring_pop(&link->sends, &link->taken)) {
        enum result r = RESULT_OK;
        if (link->taken.connection == link->connection && ws_client_is_open(link->client)) {
            /* Flushed after each one, so there is always room. */
            r = ws_client_send(link->client, link->taken.bytes, link->taken.length_bytes);
            if (r == RESULT_OK) r = flush(link);
        }
        atomic_fetch_sub(&link->unsent_bytes, link->taken.length_bytes);
        if (r != RESULT_OK) return r;
    }
    return RESULT_OK;
}

static enum result take_events(struct link *link)
{
    struct ws_client_event event;
    enum result r;

    while ((r = ws_client_next(link->client, &event)) == RESULT_OK) {
        if (event.kind == WS_CLIENT_OPENED) {
            link->opened_ms = clock_monotonic_ms();
            announce(link, LINK_OPENED);
        } else {
            announce_message(link, event.bytes, event.length_bytes);
        }
    }
    if (r == RESULT_AGAIN) return RESULT_OK;
    link->ending = *ws_client_ending(link->client);
    return r;
}

static enum result receive(struct link *link)
{
    uint8_t bytes[WS_CLIENT_FEED_BYTES_MAX];

    if (SDLNet_CheckSockets(link->sockets, TURN_MS) <= 0) return RESULT_OK;
    int length_bytes = SDLNet_TCP_Recv(link->socket, bytes, (int)sizeof bytes);
    if (length_bytes <= 0) return end(link, ENDING_LOST, "");
    link->heard_ms = clock_monotonic_ms();
    ws_client_feed(link->client, bytes, (size_t)length_bytes);
    return take_events(link);
}

/* A server that is alive sends at least an answer to a ping. */
static enum result check_silence(struct link *link)
{
    uint64_t now_ms = clock_monotonic_ms();
    uint64_t silent_ms = now_ms - link->heard_ms;

    if (!ws_client_is_open(link->client)) {
        return silent_ms < OPEN_TIMEOUT_MS ? RESULT_OK : end(link, ENDING_LOST, "");
    }
    if (silent_ms >= LOST_AFTER_MS) return end(link, ENDING_LOST, "");
    if (silent_ms >= PING_AFTER_MS && now_ms - link->pinged_ms >= PING_AFTER_MS) {
        link->pinged_ms = now_ms;
        ws_client_ping(link->client);
    }
    return RESULT_OK;
}

/* What the main thread wants ended. */
static enum result check_wishes(struct link *link)
{
    if (atomic_load(&link->is_stopping)) {
        ws_client_close(link->client, WS_CLOSE_GOING_AWAY, "the player left");
        return end(link, ENDING_CLOSED, "");
    }
    if (atomic_load(&link->refused_connection) != link->connection) return RESULT_OK;

    const struct refusal *refusal = &link->refusal;
    ws_client_close(link->client, refusal->code, refusal->reason);
    ending_set(&link->ending, ENDING_CLOSED, refusal->code, refusal->reason);
    return RESULT_CLOSED;
}

static enum result turn(struct link *link)
{
    enum result r = check_wishes(link);
    if (r == RESULT_OK) r = send_messages(link);
    if (r == RESULT_OK) r = check_silence(link);
    if (r == RESULT_OK) r = flush(link);
    return r == RESULT_OK ? receive(link) : r;
}

static bool open_socket(struct link *link)
{
    IPaddress address;

    if (SDLNet_ResolveHost(&address, link->url.host, link->url.port) != 0) {
        (void)end(link, ENDING_UNKNOWN_HOST, "");
        return false;
    }
    link->socket = SDLNet_TCP_Open(&address);
    if (link->socket == NULL) {
        (void)end(link, ENDING_UNREACHABLE, "");
        return false;
    }
    return true;
}

static void converse(struct link *link)
{
    link->client = ws_client_create(&link->url, link->tls);
    link->sockets = SDLNet_AllocSocketSet(1);
    if (link->client == NULL || link->sockets == NULL ||
        SDLNet_TCP_AddSocket(link->sockets, link->socket) < 0) {
        (void)end(link, ENDING_SETUP, "There is no memory left.");
        return;
    }
    link->heard_ms = link->pinged_ms = clock_monotonic_ms();
    link->opened_ms = 0;
    while (turn(link) == RESULT_OK)
        continue;

    /* A close frame or an alert may wait; why it ended is known already. */
    struct ending ending = link->ending;
    (void)flush(link);
    link->ending = ending;
    if (link->opened_ms != 0 && clock_monotonic_ms() - link->opened_ms >= HELD_LONG_MS)
        backoff_reset(&link->backoff);
}

static void close_all(struct link *link)
{
    ws_client_destroy(link->client);
    if (link->sockets != NULL) SDLNet_FreeSocketSet(link->sockets);
    if (link->socket != NULL) SDLNet_TCP_Close(link->socket);
    link->client = NULL;
    link->sockets = NULL;
    link->socket = NULL;
}

/* ---- one after the other ---- */

/* Waits for the next attempt: for the back-off, or for link_retry() alone. */
static void pause_attempts(struct link *link, bool is_passing, uint32_t wait_ms)
{
    uint64_t until_ms = clock_monotonic_ms() + wait_ms;

    while (!atomic_load(&link->is_stopping) && !atomic_exchange(&link->is_retrying, false)) {
        if (is_passing && clock_monotonic_ms() >= until_ms) return;
        SDL_Delay(PAUSE_STEP_MS);
    }
}

static int run(void *data)
{
    struct link *link = data;

    while (!atomic_load(&link->is_stopping)) {
        link->connection++;
        announce(link, LINK_CONNECTING);
        if (open_socket(link)) converse(link);
        close_all(link);
        if (atomic_load(&link->is_stopping)) break;

        uint32_t wait_ms = backoff_wait_ms(&link->backoff, &link->rng);
        announce_ending(link, wait_ms);
        pause_attempts(link, ending_is_passing(&link->ending), wait_ms);
    }
    atomic_store(&link->is_finished, true);
    return 0;
}

/* ---- the main thread's side ---- */

static enum result fail(struct error *error, const char *what)
{
    (void)error_set(error, RESULT_IO, "%s: %s", what, SDL_GetError());
    return error->code;
}

static void release(struct link *link)
{
    tls_context_destroy(link->tls);
    ring_deinit(&link->sends);
    ring_deinit(&link->events);
    free(link);
    SDLNet_Quit();
}

enum result link_create(struct link **link, const struct url *url, const char *ca_file,
                        struct error *error)
{
    uint64_t seed;

    if (SDLNet_Init() != 0) return fail(error, "SDL_net");
    /* The rings' indices want cache lines of their own. */
    struct link *made = aligned_alloc(alignof(struct link), sizeof *made);
    if (made == NULL) {
        SDLNet_Quit();
        return fail(error, "no memory for the link");
    }
    memset(made, 0, sizeof *made);
    made->url = *url;
    digest_random(&seed, sizeof seed);
    rng_init(&made->rng, seed);
    if (ring_init(&made->events, EVENTS_MAX, sizeof(struct link_event)) != RESULT_OK ||
        ring_init(&made->sends, SENDS_MAX, sizeof(struct outgoing)) != RESULT_OK) {
        (void)fail(error, "no memory for the link");
        goto fail;
    }
    if (url->is_secure && tls_client_context_create(&made->tls, ca_file, error) != RESULT_OK)
        goto fail;
    made->thread = SDL_CreateThread(run, "link", made);
    if (made->thread == NULL) {
        (void)fail(error, "no thread for the link");
        goto fail;
    }
    *link = made;
    return RESULT_OK;
fail:
    release(made);
    return error->code;
}

const struct link_event *link_poll(struct link *link)
{
    if (!ring_pop(&link->events, &link->polled)) return NULL;
    if (link->polled.kind == LINK_OPENED) link->opened_connection = link->polled.connection;
    return &link->polled;
}

bool link_send(struct link *link, const uint8_t *bytes, size_t length_bytes)
{
    ASSERT(length_bytes <= sizeof link->handed.bytes);

    link->handed.connection = link->opened_connection;
    link->handed.length_bytes = (uint32_t)length_bytes;
    bytes_copy(link->handed.bytes, bytes, length_bytes);
    atomic_fetch_add(&link->unsent_bytes, length_bytes);
    if (ring_push(&link->sends, &link->handed, NULL) == RESULT_OK) return true;
    atomic_fetch_sub(&link->unsent_bytes, length_bytes);
    return false;
}

size_t link_unsent_bytes(const struct link *link)
{
    return atomic_load(&link->unsent_bytes);
}

void link_refuse(struct link *link, uint16_t code, const char *reason)
{
    if (atomic_load(&link->refused_connection) == link->opened_connection) return;
    link->refusal.code = ws_close_is_sendable(code) ? code : WS_CLOSE_PROTOCOL_ERROR;
    (void)snprintf(link->refusal.reason, sizeof link->refusal.reason, "%s", reason);
    atomic_store(&link->refused_connection, link->opened_connection);
}

void link_retry(struct link *link)
{
    atomic_store(&link->is_retrying, true);
}

void link_destroy(struct link *link)
{
    if (link == NULL) return;

    atomic_store(&link->is_stopping, true);
    uint64_t until_ms = clock_monotonic_ms() + GOODBYE_MS;
    while (!atomic_load(&link->is_finished)) {
        if (clock_monotonic_ms() >= until_ms) {
            SDL_DetachThread(link->thread);
            return;
        }
        SDL_Delay(1);
    }
    SDL_WaitThread(link->thread, NULL);
    release(link);
}
