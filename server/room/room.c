#include "server/room/room_state.h"

#include <stdlib.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"

#define CLOSE_TRY_LATER 1013 /* IANA's registry of close codes */

/* ---- its making and its end ---- */

static enum result check_settings(const struct room_settings *s, struct error *error)
{
    if (s->slot_capacity < 1 || s->slot_capacity > SLOTS_MAX)
        return error_set(error, RESULT_INVALID, "room %s: %u entities, possible are 1 to %u",
                         s->name, (unsigned)s->slot_capacity, (unsigned)SLOTS_MAX);
    if (s->seat_capacity < 1 || s->seat_capacity >= SEAT_NONE)
        return error_set(error, RESULT_INVALID, "room %s: %u players, possible are 1 to %u",
                         s->name, (unsigned)s->seat_capacity, (unsigned)SEAT_NONE - 1);
    return RESULT_OK;
}

/* The game's schema, which rooms share, or one of its own. */
static enum result take_schema(struct room *room, struct error *error)
{
    const struct room_settings *s = &room->settings;
    room->schema = s->schema;
    if (room->schema != NULL) return RESULT_OK;
    room->schema = room->own_schema = malloc(sizeof *room->own_schema);
    if (room->own_schema == NULL) return error_set(error, RESULT_IO, "room %s: no memory", s->name);
    if (schema_init(room->own_schema, s->game->table) != RESULT_OK)
        return error_set(error, RESULT_INVALID, "room %s: the field table of %s breaks a rule",
                         s->name, s->game->name);
    return RESULT_OK;
}

static enum result pack_map(struct room *room, struct error *error)
{
    room->packed_map = malloc(MAP_BYTES_MAX);
    if (room->packed_map == NULL)
        return error_set(error, RESULT_IO, "room %s: no memory", room->settings.name);
    room->packed_map_bytes = map_pack(room->settings.map, room->packed_map, MAP_BYTES_MAX);
    if (room->packed_map_bytes == 0)
        return error_set(error, RESULT_TOO_BIG, "room %s: map %s packs to more than %u bytes",
                         room->settings.name, room->settings.map_name, MAP_BYTES_MAX);
    uint8_t *shrunk = realloc(room->packed_map, room->packed_map_bytes);
    if (shrunk != NULL) room->packed_map = shrunk;
    return RESULT_OK;
}

static enum result make_world(struct room *room)
{
    const struct room_settings *s = &room->settings;
    room->world_memory = malloc(world_memory_bytes(s->slot_capacity, s->seat_capacity));
    if (room->world_memory == NULL) return RESULT_IO;
    world_init(&room->world, s->game, s->map, room->world_memory, s->slot_capacity,
               s->seat_capacity);
    return RESULT_OK;
}

static enum result make_seats(struct room *room)
{
    const struct room_settings *s = &room->settings;
    struct seats_settings seats = {.table = s->game->table,
                                   .capacity = s->seat_capacity,
                                   .bots = s->game->bot != NULL ? s->bots : 0,
                                   .keep_ticks = s->seat_keep_ticks,
                                   .seed = s->seed};
    room->changes = calloc(2 * (size_t)s->seat_capacity, sizeof *room->changes);
    room->inputs = calloc(s->seat_capacity, sizeof *room->inputs);
    room->members = calloc(room->worker_count, sizeof *room->members);
    if (room->changes == NULL || room->inputs == NULL || room->members == NULL) return RESULT_IO;
    if (seats_init(&room->seats, &seats) != RESULT_OK) return RESULT_IO;
    return bots_init(&room->bots, s->game, s->map, s->slot_capacity);
}

static void init_frames(struct room *room)
{
    struct frame_shape shape = {.slot_capacity = room->settings.slot_capacity,
                                .seat_capacity = room->settings.seat_capacity,
                                .wire_stride = frame_wire_stride(room->schema)};
    grid_shape_init(&shape.grid, room->settings.map, room->settings.game);
    frame_pool_init(&room->frames, &shape);
    roster_pool_init(&room->rosters, room->settings.seat_capacity);
}

enum result room_init_shown(struct room *room, const struct room_settings *settings,
                            struct error *error)
{
    *room = (struct room){.settings = *settings};
    if (check_settings(settings, error) != RESULT_OK) return error->code;
    if (take_schema(room, error) != RESULT_OK || pack_map(room, error) != RESULT_OK)
        room_deinit(room);
    return room->packed_map != NULL ? RESULT_OK : error->code;
}

enum result room_init(struct room *room, const struct room_settings *settings,
                      uint32_t worker_count, struct error *error)
{
    *room = (struct room){.settings = *settings,
                          .worker_count = worker_count,
                          .seed = settings->seed,
                          .starts_match = true};

    if (check_settings(settings, error) != RESULT_OK) return error->code;
    if (take_schema(room, error) != RESULT_OK || pack_map(room, error) != RESULT_OK) goto fail;
    if (make_world(room) != RESULT_OK || make_seats(room) != RESULT_OK) {
        error_set(error, RESULT_IO, "room %s: no memory", settings->name);
        goto fail;
    }
    init_frames(room);
    return RESULT_OK;
fail:
    room_deinit(room);
    return error->code;
}

static void drop_newest(struct room *room)
{
    if (room->newest != NULL) frame_release(room->newest);
    room->newest = NULL;
}

bool room_is_idle(const struct room *room)
{
    return room->newest == NULL && frame_pool_is_idle(&room->frames);
}

void room_deinit(struct room *room)
{
    room->rooms = NULL;
    drop_newest(room);
    frame_pool_deinit(&room->frames);
    if (room->roster != NULL) roster_release(room->roster);
    room->roster = NULL;
    roster_pool_deinit(&room->rosters);
    bots_deinit(&room->bots);
    seats_deinit(&room->seats);
    free(room->members);
    free(room->inputs);
    free(room->changes);
    free(room->world_memory);
    free(room->packed_map);
    free(room->own_schema);
    room->own_schema = NULL;
    room->schema = NULL;
    room->members = NULL;
    room->inputs = NULL;
    room->changes = NULL;
    room->world_memory = NULL;
    room->packed_map = NULL;
}

/* ---- commands ---- */

static uint32_t next_tick(const struct room *room)
{
    return room->world.state->tick + 1;
}

static void add_member(struct room *room, uint16_t worker)
{
    ASSERT(worker < room->worker_count);
    room->members[worker]++;
    room->member_count++;
}

static void remove_member(struct room *room, uint16_t worker)
{
    ASSERT(worker < room->worker_count && room->members[worker] > 0);
    room->members[worker]--;
    room->member_count--;
}

static uint32_t apply_join(struct room *room, const struct room_command *c,
                           struct room_reply *replies)
{
    struct seats_joined joined;
    if (seats_join(&room->seats, c, next_tick(room), &joined) != RESULT_OK) {
        replies[0] = (struct room_reply){.kind = ROOM_REFUSED,
                                         .session = c->session,
                                         .seat = SEAT_NONE,
                                         .close_code = CLOSE_TRY_LATER,
                                         .reason = "the room is full"};
        return 1;
    }
    add_member(room, c->session.worker);
    replies[0] = (struct room_reply){.kind = ROOM_JOINED,
                                     .session = c->session,
                                     .seat = joined.seat,
                                     .seat_generation = joined.generation,
                                     .is_resumed = joined.is_resumed};
    if (!joined.takes_over) return 1;
    remove_member(room, joined.old_session.worker);
    replies[1] = (struct room_reply){.kind = ROOM_TAKEN_OVER,
                                     .session = joined.old_session,
                                     .seat = joined.seat,
                                     .seat_generation = joined.old_generation};
    return 2;
}

static uint32_t apply_watch(struct room *room, const struct room_command *c,
                            struct room_reply *replies)
{
    add_member(room, c->session.worker);
    replies[0] = (struct room_reply){.kind = ROOM_JOINED, .session = c->session, .seat = SEAT_NONE};
    return 1;
}

static uint32_t apply_leave(struct room *room, const struct room_command *c,
                            struct room_reply *replies)
{
    (void)replies;
    if (c->seat == SEAT_NONE) {
        remove_member(room, c->session.worker);
        return 0;
    }
    const struct seat *seat = seats_find(&room->seats, c->seat, c->seat_generation);
    if (seat == NULL) return 0;
    uint16_t worker = seat->session.worker;
    seats_leave(&room->seats, c->seat, c->seat_generation, c->leave.keep_seat, next_tick(room));
    remove_member(room, worker);
    return 0;
}

static void count_one(_Atomic uint64_t *counter)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed) + 1;
    atomic_store_explicit(counter, now, memory_order_relaxed);
}

void room_apply_usercmd(struct room *room, const struct room_usercmd *u)
{
    bool is_taken =
        seats_push_usercmd(&room->seats, u->seat, u->seat_generation, &u->usercmd, next_tick(room));
    count_one(is_taken ? &room->counters.usercmds : &room->counters.usercmds_dropped);
}

/* What a crowd says beyond a frame's places is not said. */
static uint32_t apply_chat(struct room *room, const struct room_command *c,
                           struct room_reply *replies)
{
    (void)replies;
    ASSERT(c->chat.length_bytes <= CHAT_BYTES_MAX);

    if (room->chat_count == CHATS_PER_TICK_MAX) return 0;
    if (!seats_take_chat_line(&room->seats, c->seat, c->seat_generation, next_tick(room))) return 0;
    struct frame_chat *chat = &room->chats[room->chat_count++];
    chat->seat = c->seat;
    chat->length_bytes = c->chat.length_bytes;
    bytes_copy(chat->text, c->chat.text, c->chat.length_bytes);
    return 0;
}

static uint32_t apply_rename(struct room *room, const struct room_command *c,
                             struct room_reply *replies)
{
    (void)replies;
    seats_rename(&room->seats, c->seat, c->seat_generation, &c->guise, next_tick(room));
    return 0;
}

static uint32_t (*const appliers[])(struct room *, const struct room_command *,
                                    struct room_reply *) = {
    [ROOM_JOIN] = apply_join, [ROOM_WATCH] = apply_watch,   [ROOM_LEAVE] = apply_leave,
    [ROOM_CHAT] = apply_chat, [ROOM_RENAME] = apply_rename,
};

uint32_t room_apply(struct room *room, const struct room_command *command,
                    struct room_reply replies[ROOM_REPLIES_MAX])
{
    ASSERT(command->kind < sizeof appliers / sizeof appliers[0]);
    return appliers[command->kind](room, command, replies);
}

bool room_has_players(const struct room *room)
{
    return room->seats.player_count + room->seats.lost_count > 0;
}

bool room_is_wanted(const struct room *room)
{
    return room->member_count > 0 || room_has_players(room);
}

/* ---- one tick ---- */

static void begin_match(struct room *room)
{
    room->starts_match = false;
    room->epoch++;
    world_start(&room->world, room->world.state->tick, room->seed, room->settings.match_ticks);
    /* Knuth's MMIX generator: the seeds of a room's matches follow from the first. */
    room->seed = room->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    seats_leave_world(&room->seats);
    drop_newest(room);
}

/* Renews the roster if somebody came, went or changes name; without memory, a tick later. */
static void renew_roster(struct room *room)
{
    if (room->roster != NULL && !room->seats.roster_is_stale) {
        roster_pool_rest(&room->rosters);
        return;
    }
    struct roster *renewed = roster_pool_take(&room->rosters);
    if (renewed == NULL) return;
    seats_fill_roster(&room->seats, renewed);
    if (room->roster != NULL) roster_release(room->roster);
    room->roster = renewed;
    room->seats.roster_is_stale = false;
}

static void fill_seats(const struct room *room, struct frame_seat *seats)
{
    const struct seats *s = &room->seats;
    for (uint32_t i = 0; i < room->settings.seat_capacity; i++)
        seats[i] = (struct frame_seat){.body_slot = SLOT_NONE};
    for (uint32_t i = seats_next(s, 0); i != MARKS_NONE; i = seats_next(s, i + 1)) {
        const struct seat *seat = &s->items[i];
        bool is_taken = seat->state != SEAT_FREE;
        seats[i] = (struct frame_seat){.is_taken = is_taken,
                                       .queued = is_taken ? seat->inputs.count : 0,
                                       .body_slot = world_body(&room->world, (uint16_t)i),
                                       .input_seq = is_taken ? seat->inputs.applied_seq : 0};
    }
}

static void fill_lists(struct room *room, struct frame_draft *d)
{
    struct frame *f = &d->frame;
    f->seat_count = room->settings.seat_capacity;
    fill_seats(room, d->seats);
    f->event_count = room->world.event_count;
    bytes_copy(d->events, room->world.events, f->event_count * sizeof d->events[0]);
    f->chat_count = room->chat_count;
    bytes_copy(d->chats, room->chats, f->chat_count * sizeof d->chats[0]);
    room->chat_count = 0;
    if (room->is_unrecorded) return;
    f->change_count = room->change_count;
    bytes_copy(d->changes, room->changes, f->change_count * sizeof d->changes[0]);
    f->input_count = room->input_count;
    bytes_copy(d->inputs, room->inputs, f->input_count * sizeof d->inputs[0]);
}

/* Returns the tick's frame, or NULL: then its chat waits for the next one, its events are lost. */
static struct frame *make_frame(struct room *room, uint64_t due_us)
{
    renew_roster(room);
    if (room->roster == NULL) return NULL;
    struct frame_draft *d = frame_pool_take(&room->frames);
    if (d == NULL) return NULL;

    frame_draft_fill(d, &room->frames.shape, room->world.state, room->schema, room->roster);
    fill_lists(room, d);
    d->frame.room = room;
    d->frame.epoch = room->epoch;
    d->frame.due_us = due_us;
    return &d->frame;
}

static void set(_Atomic uint32_t *counter, uint32_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

static uint32_t entity_count(const struct frame *f)
{
    return f->grid.cell_start[f->grid.columns * f->grid.rows] + f->grid.everywhere_count;
}

static void publish_counters(struct room *room, const struct frame *f)
{
    struct room_counters *c = &room->counters;
    set(&c->players, room->seats.player_count);
    set(&c->bots, room->seats.bot_count);
    set(&c->spectators, room->member_count - room->seats.player_count);
    set(&c->tick, room->world.state->tick);
    if (f != NULL) set(&c->entities, entity_count(f));
    count_one(&c->ticks);
}

struct frame *room_step(struct room *room, uint64_t due_us)
{
    const struct game *game = room->settings.game;
    uint32_t tick = next_tick(room);

    if (room->starts_match) begin_match(room);
    seats_step(&room->seats, tick);
    room->change_count = seats_collect_changes(&room->seats, room->changes);
    if (room->newest != NULL)
        bots_think(&room->bots, &room->seats, room->newest, tick, !room_is_wanted(room));
    room->input_count = seats_take_inputs(&room->seats, tick, room->inputs);
    world_step(&room->world, &(struct tick_inputs){room->changes, room->change_count, room->inputs,
                                                   room->input_count});
    room->starts_match = game->is_over != NULL && game->is_over(&room->world);

    if (!room_is_wanted(room) && !bots_look_at(tick)) {
        publish_counters(room, NULL);
        return NULL;
    }
    struct frame *f = make_frame(room, due_us);
    drop_newest(room);
    room->newest = f;
    publish_counters(room, f);
    return f;
}

void room_sleep(struct room *room)
{
    drop_newest(room);
    frame_pool_trim(&room->frames);
    room->starts_match = true;
    struct room_counters *c = &room->counters;
    set(&c->players, 0);
    set(&c->spectators, 0);
}

/* ---- what anyone may ask ---- */

uint16_t room_index(const struct room *room)
{
    return room->index;
}

const struct room_settings *room_settings(const struct room *room)
{
    return &room->settings;
}

const struct schema *room_schema(const struct room *room)
{
    return room->schema;
}

const uint8_t *room_packed_map(const struct room *room, size_t *length_bytes)
{
    *length_bytes = room->packed_map_bytes;
    return room->packed_map;
}

void room_read_stats(const struct room *room, struct room_stats *stats)
{
    const struct room_counters *c = &room->counters;
    *stats = (struct room_stats){
        .players = atomic_load_explicit(&c->players, memory_order_relaxed),
        .bots = atomic_load_explicit(&c->bots, memory_order_relaxed),
        .spectators = atomic_load_explicit(&c->spectators, memory_order_relaxed),
        .tick = atomic_load_explicit(&c->tick, memory_order_relaxed),
        .entities = atomic_load_explicit(&c->entities, memory_order_relaxed),
        .ticks = atomic_load_explicit(&c->ticks, memory_order_relaxed),
        .late_ticks = atomic_load_explicit(&c->late_ticks, memory_order_relaxed),
        .dropped_ticks = atomic_load_explicit(&c->dropped_ticks, memory_order_relaxed),
        .usercmds = atomic_load_explicit(&c->usercmds, memory_order_relaxed),
        .usercmds_dropped = atomic_load_explicit(&c->usercmds_dropped, memory_order_relaxed) +
                            atomic_load_explicit(&c->usercmds_refused, memory_order_relaxed),
        .frames_skipped = atomic_load_explicit(&c->frames_skipped, memory_order_relaxed),
    };
}
