#include "tools/bots/bot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/check.h"
#include "shared/host/clock.h"

#define CLOCK_TRUSTED_US 60000000 /* a state that seems older or newer is another clock's */

static void opened(void *context);
static void message(void *context, uint8_t *bytes, size_t length_bytes);

static const struct client_handler handler = {.opened = opened, .message = message};

/* ---- what is shared ---- */

enum result bot_shared_init(struct bot_shared *s, const struct options *o,
                            const struct target *target, struct report *report, struct error *error)
{
    memset(s, 0, sizeof *s);
    s->report = report;
    s->name = o->name;
    s->seed = o->seed;
    s->room_count = o->rooms;
    s->tiles = malloc(MAP_TILES_MAX);
    s->spare = s->first_spare = calloc(BOT_ENTITIES_MAX, sizeof *s->spare);
    if (s->tiles == NULL || s->spare == NULL) {
        *error = (struct error){.code = RESULT_IO, .message = "no memory for the bots"};
        return RESULT_IO;
    }
    for (size_t i = 0; i < games_count() && i < SCHEMAS_MAX; i++) {
        enum result r = schema_init(&s->schemas[i], games_get(i)->table);
        ASSERT(r == RESULT_OK);
        s->schema_count++;
    }
    return client_shared_init(&s->client, target, &handler, o->ca_file, error);
}

void bot_shared_deinit(struct bot_shared *s)
{
    client_shared_deinit(&s->client);
    free(s->first_spare);
    free(s->tiles);
    s->spare = s->first_spare = NULL;
    s->tiles = NULL;
}

struct report_group *bot_group(const struct bot *b)
{
    return b->is_slow ? &b->shared->report->slow : &b->shared->report->fast;
}

void bot_start(struct bot *b, struct bot_shared *shared, struct wire_entity *list, uint32_t number,
               int receive_bytes)
{
    *b = (struct bot){.shared = shared,
                      .list = list,
                      .number = number,
                      .is_slow = receive_bytes > 0,
                      .seat = SEAT_NONE};
    rng_init(&b->rng, (uint64_t)shared->seed << 32 | number);
    client_start(&b->client, &shared->client, b, (number - 1) % shared->room_count, receive_bytes);
}

void bot_deinit(struct bot *b)
{
    client_deinit(&b->client);
    b->game = NULL;
}

/* ---- messages up ---- */

static enum result say(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    ASSERT(length_bytes > 0);
    return client_send(&b->client, WS_BINARY, bytes, length_bytes);
}

static void opened(void *context)
{
    struct bot *b = context;
    uint8_t bytes[CLIENT_FRAME_BYTES];
    struct message_hello hello = {.schema_count = b->shared->schema_count,
                                  .entities_max = BOT_ENTITIES_MAX,
                                  .has_colour = true,
                                  .colour = (uint8_t)(1 + rng_below(&b->rng, COLOURS_MAX))};
    for (unsigned i = 0; i < hello.schema_count; i++) {
        hello.schemas[i] = b->shared->schemas[i].hash;
    }
    (void)snprintf(hello.name, sizeof hello.name, "%s %u", b->shared->name, b->number % 100000);
    (void)say(b, bytes, message_encode_hello(bytes, sizeof bytes, &hello));
}

static void ask_for_full(struct bot *b)
{
    const uint8_t resync = MESSAGE_RESYNC;
    bool is_too_soon =
        b->resynced_us != 0 && b->shared->now_us - b->resynced_us < BOT_RESYNC_EVERY_US;
    if (is_too_soon || say(b, &resync, 1) != RESULT_OK) return;
    b->resynced_us = b->shared->now_us;
}

/* ---- messages down ---- */

static void note_garbage(struct bot *b)
{
    b->shared->report->decode_errors++;
    if (b->is_joined) ask_for_full(b);
}

static const struct schema *find_schema(const struct bot *b, const struct message_welcome *m)
{
    for (unsigned i = 0; i < b->shared->schema_count; i++) {
        const struct schema *s = &b->shared->schemas[i];
        if (s->hash == m->schema_hash && strcmp(s->table->game, m->game) == 0) return s;
    }
    return NULL;
}

static void take_welcome(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    struct message_welcome m;
    if (b->game != NULL || message_decode_welcome(bytes, length_bytes, &m) != RESULT_OK) {
        note_garbage(b);
        return;
    }
    const struct schema *schema = find_schema(b, &m);
    if (schema == NULL) {
        note_garbage(b);
        return;
    }
    b->game = games_get((size_t)(schema - b->shared->schemas));
    b->seat = m.seat;
    seen_init(&b->seen, schema, b->list, b->shared->spare, BOT_ENTITIES_MAX);
    outbox_init(&b->outbox, schema->table);
    tickclock_init(&b->clock, client_is_local(&b->client));
}

static void take_map(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    struct bot_shared *s = b->shared;
    if (s->has_map) return; /* another bot's: all their rooms have the same */
    enum result r = map_unpack(&s->map, bytes + 1, length_bytes - 1, s->tiles, MAP_TILES_MAX);
    s->has_map = r == RESULT_OK;
    if (!s->has_map) note_garbage(b);
}

static void note_time(struct bot *b)
{
    uint64_t now_us = b->shared->now_us;
    int64_t former_transit_us = b->clock.transit_us;
    bool is_first = !b->clock.has_origin;

    tickclock_receive(&b->clock, &b->seen, now_us);
    int64_t age_us = (int64_t)now_us - tickclock_due_us(&b->clock, b->seen.tick);
    if (b->clock.shares_clock && (age_us > CLOCK_TRUSTED_US || age_us < -CLOCK_TRUSTED_US)) {
        tickclock_init(&b->clock, false);
        tickclock_receive(&b->clock, &b->seen, now_us);
    }
    b->due_us = tickclock_due_us(&b->clock, b->seen.tick);
    int64_t moved_us = b->clock.transit_us - former_transit_us;
    if (!is_first && b->shared->is_counting) {
        distribution_add(&bot_group(b)->jitter_us, (uint64_t)(moved_us < 0 ? -moved_us : moved_us));
    }
}

/* The frame's header is 2 bytes, or 4 from 126 bytes of payload on. */
static void note_update(struct bot *b, size_t length_bytes)
{
    struct report_group *group = bot_group(b);
    if (b->shared->is_counting) {
        group->updates++;
        group->update_bytes += length_bytes + (length_bytes < 126 ? 2 : 4);
    }
    if (!b->was_joined) group->joined++;
    b->was_joined = b->is_joined = true;
}

static void take_snapshot(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    if (b->game == NULL) {
        note_garbage(b);
        return;
    }
    b->seen.scratch = b->shared->spare;
    enum result r = snapshot_decode(&b->seen, bytes, length_bytes);
    b->shared->spare = b->seen.scratch;
    if (r == RESULT_AGAIN) return; /* a delta that was under way when we lost its base */
    if (r != RESULT_OK) {
        note_garbage(b);
        return;
    }
    note_update(b, length_bytes);
    note_time(b);
    if (b->seen.header.has_echo) outbox_steer(&b->outbox, b->seen.echo.queued);
    if (b->seen.header.has_hash) b->shared->report->hashes++;
    if (b->seen.hash_differs) {
        b->shared->report->hash_errors++;
        ask_for_full(b);
    }
}

static void take_lines(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    bool ok = b->game != NULL && snapshot_decode_lines(&b->seen, bytes, length_bytes) == RESULT_OK;
    if (!ok) note_garbage(b);
}

/* The close frame behind it carries the same. */
static void take_bye(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    struct message_bye m;
    if (message_decode_bye(bytes, length_bytes, &m) != RESULT_OK) note_garbage(b);
}

/* A bot draws nothing: it need not know how much comes. */
static void take_pace(struct bot *b, const uint8_t *bytes, size_t length_bytes)
{
    struct message_pace m;
    if (message_decode_pace(bytes, length_bytes, &m) != RESULT_OK) note_garbage(b);
}

typedef void taker(struct bot *, const uint8_t *, size_t);

static taker *const takers[] = {
    [MESSAGE_WELCOME] = take_welcome, [MESSAGE_SNAPSHOT] = take_snapshot,
    [MESSAGE_MAP] = take_map,         [MESSAGE_BYE] = take_bye,
    [MESSAGE_LINES] = take_lines,     [MESSAGE_PACE] = take_pace};

static void message(void *context, uint8_t *bytes, size_t length_bytes)
{
    struct bot *b = context;
    unsigned type = length_bytes > 0 ? message_type(bytes) : 0;
    if (type < sizeof takers / sizeof takers[0] && takers[type] != NULL) {
        takers[type](b, bytes, length_bytes);
    } else {
        note_garbage(b);
    }
}

/* ---- thinking ---- */

/* Lays out what it knows as the game wants to see it; its own body as it alone knows it. */
static void fill_view(struct bot *b, struct game_view *view)
{
    struct bot_shared *s = b->shared;
    const struct snapshot_self *self = &b->seen.self;
    b->seen.self.body.owner = b->seat;
    for (uint32_t i = 0; i < b->seen.count; i++) {
        const struct wire_entity *e = &b->seen.list[i];
        bool is_own = self->is_known && e->slot == self->slot;
        if (!is_own) delta_dequantize(b->seen.schema, e, &s->entities[i]);
        s->entity_list[i] = is_own ? &self->body : &s->entities[i];
        s->slot_list[i] = e->slot;
    }
    *view = (struct game_view){.tick = b->seen.tick,
                               .seat = b->seat,
                               .map = &s->map,
                               .own = self->is_known ? &self->body : NULL,
                               .entities = s->entity_list,
                               .slots = s->slot_list,
                               .count = b->seen.count};
}

static void think(struct bot *b)
{
    struct game_view view;
    struct usercmd cmd = {.seq = b->outbox.last_seq + 1, .view_tick = b->seen.tick};
    uint64_t start_us = clock_monotonic_us();
    fill_view(b, &view);
    b->game->bot(&view, &b->rng, &cmd);
    outbox_set_input(&b->outbox, cmd.words);
    b->shared->think_us -= (int64_t)(clock_monotonic_us() - start_us);
}

/* It goes on doing the same in between, and while other bots have used up the time. */
static bool may_think(const struct bot *b)
{
    bool is_its_turn = (b->outbox.last_seq + b->number) % BOT_THINK_TICKS == 0;
    return is_its_turn && b->shared->think_us > 0 && b->game->bot != NULL && b->shared->has_map &&
           b->seat != SEAT_NONE;
}

void bot_send_input(struct bot *b)
{
    uint8_t bytes[CLIENT_FRAME_BYTES];
    struct usercmd made;
    bool merged;
    struct message_input m = {.ack_tick = b->seen.tick,
                              .has_ack = b->is_joined,
                              .stamp_ms = (uint16_t)(b->shared->now_us / 1000)};
    if (may_think(b)) think(b);
    struct moment seen = {.tick = b->seen.tick};
    while (b->seat != SEAT_NONE &&
           outbox_make(&b->outbox, b->shared->now_us, seen, &made, &merged)) {
    }
    if (client_unsent_bytes(&b->client) > 0) return;
    outbox_take(&b->outbox, &m);
    (void)say(b, bytes, message_encode_input(bytes, sizeof bytes, b->seen.schema->table, &m));
}
