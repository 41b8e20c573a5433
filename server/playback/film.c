#include "server/playback/film.h"

#include <stdlib.h>
#include <string.h>

#include "server/record/reader.h"
#include "server/record/table_map.h"
#include "server/room/frame_pool.h"
#include "server/room/room_state.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/host/error.h"
#include "shared/message.h"

#define GAP_STEP_TICKS 10 /* how finely the end of a gap is looked for */

struct film {
    struct reader *reader;
    const struct reader_info *info;
    struct table_map map;
    struct room room;
    struct world_state *mapped; /* owned; NULL: the tables are the same */
    struct frame_pool frames;
    struct roster_pool rosters;
    struct roster *roster; /* a reference, or NULL */
    bool roster_holds;     /* from one tick to the other, both included */
    uint32_t roster_from, roster_until;
    struct recording_event *events; /* owned: EVENTS_PER_TICK_MAX + CHATS_PER_TICK_MAX */
    uint32_t told_tick;             /* what happened up to here has been told, or never will be */
    uint32_t delay_ms;
    uint32_t held_back_ticks;
};

#define EVENTS_MAX (EVENTS_PER_TICK_MAX + CHATS_PER_TICK_MAX)

/* ---- opening ---- */

/* What must be held back as of now: a match that has ended ages without growing. */
static void note_extent(struct film *f, uint64_t wall_ms)
{
    uint64_t held_ms = f->delay_ms;
    if (f->info->status != RECORDING_OPEN) {
        uint64_t ago_ms = wall_ms > f->info->ended_ms ? wall_ms - f->info->ended_ms : 0;
        held_ms = ago_ms < held_ms ? held_ms - ago_ms : 0;
    }
    f->held_back_ticks = (uint32_t)((held_ms + TICK_MS - 1) / TICK_MS);
}

static enum result describe_room(struct film *f, struct error *error)
{
    const struct recording_head *head = &f->info->head;
    const struct game *game = games_find(f->info->game);
    if (game == NULL)
        return error_set(error, RESULT_INVALID, "this server does not know the game %.32s",
                         f->info->game);
    const struct room_settings settings = {.name = head->room,
                                           .game = game,
                                           .map = reader_map(f->reader),
                                           .map_name = head->map_name,
                                           .slot_capacity = head->slot_capacity,
                                           .seat_capacity = head->seat_capacity,
                                           .match_ticks = head->match_ticks};
    return room_init_shown(&f->room, &settings, error);
}

static enum result allocate(struct film *f, struct error *error)
{
    uint32_t slots = f->info->head.slot_capacity;
    struct frame_shape shape = {.slot_capacity = slots,
                                .seat_capacity = f->info->head.seat_capacity};
    grid_shape_init(&shape.grid, reader_map(f->reader), f->room.settings.game);
    frame_pool_init(&f->frames, &shape);
    roster_pool_init(&f->rosters, shape.seat_capacity);
    f->events = calloc(EVENTS_MAX, sizeof *f->events);
    if (!f->map.is_identity)
        f->mapped = calloc(1, sizeof *f->mapped + slots * sizeof f->mapped->entities[0]);
    if (f->events == NULL || (f->mapped == NULL && !f->map.is_identity))
        return error_set(error, RESULT_IO, "no memory for a recording of %u entities", slots);
    return RESULT_OK;
}

enum result film_open(struct film **film, const char *path, uint32_t delay_ms, uint64_t wall_ms,
                      struct error *error)
{
    struct film *f = calloc(1, sizeof *f);
    if (f == NULL) return error_set(error, RESULT_IO, "no memory for a recording");
    f->delay_ms = delay_ms;
    if (reader_open(&f->reader, path, error) != RESULT_OK) goto fail;
    f->info = reader_info(f->reader);
    if (describe_room(f, error) != RESULT_OK) goto fail;
    table_map_init(&f->map, f->info->head.table, f->room.settings.game->table);
    if (allocate(f, error) != RESULT_OK) goto fail;
    note_extent(f, wall_ms);
    if (f->info->last_tick - f->info->first_tick < f->held_back_ticks) {
        (void)error_set(error, RESULT_AGAIN, "the match has only just begun");
        goto fail;
    }
    if (film_seek(f, f->info->first_tick, error) != RESULT_OK) goto fail;
    *film = f;
    return RESULT_OK;
fail:
    film_close(f);
    return error->code;
}

void film_close(struct film *f)
{
    if (f == NULL) return;
    if (f->events != NULL) {
        frame_pool_deinit(&f->frames);
        if (f->roster != NULL) roster_release(f->roster);
        roster_pool_deinit(&f->rosters);
    }
    room_deinit(&f->room);
    free(f->mapped);
    free(f->events);
    reader_close(f->reader);
    free(f);
}

/* ---- what there is ---- */

const struct room *film_room(const struct film *f)
{
    return &f->room;
}

uint32_t film_first_tick(const struct film *f)
{
    return f->info->first_tick;
}

uint32_t film_last_tick(const struct film *f)
{
    uint32_t length = f->info->last_tick - f->info->first_tick;
    return f->info->first_tick + (length > f->held_back_ticks ? length - f->held_back_ticks : 0);
}

bool film_is_running(const struct film *f)
{
    return f->info->status == RECORDING_OPEN || f->held_back_ticks > 0;
}

enum result film_refresh(struct film *f, uint64_t wall_ms, struct error *error)
{
    if (reader_refresh(f->reader, error) != RESULT_OK) return error->code;
    f->roster_holds = false; /* somebody may have come or gone since */
    note_extent(f, wall_ms);
    return RESULT_OK;
}

uint32_t film_tick(const struct film *f)
{
    return reader_tick(f->reader);
}

/* ---- moving ---- */

enum result film_seek(struct film *f, uint32_t tick, struct error *error)
{
    uint32_t last = film_last_tick(f);
    if (tick < f->info->first_tick) tick = f->info->first_tick;
    if (tick > last) tick = last;
    enum result r = reader_seek(f->reader, tick, error);
    while (r == RESULT_TOO_BIG && tick < last) {
        tick = last - tick > GAP_STEP_TICKS ? tick + GAP_STEP_TICKS : last;
        r = reader_seek(f->reader, tick, error);
    }
    if (r == RESULT_OK) f->told_tick = reader_tick(f->reader);
    return r;
}

enum result film_step(struct film *f, uint32_t ticks, struct error *error)
{
    uint32_t last = film_last_tick(f), from = film_tick(f);
    uint32_t target = last - from > ticks ? from + ticks : last;
    if (from >= last) return RESULT_CLOSED;
    while (film_tick(f) < target) {
        enum result r = reader_step(f->reader, error);
        if (r == RESULT_CLOSED && film_tick(f) > from) break; /* it has moved */
        if (r != RESULT_OK) return r;
    }
    /* Behind a gap a step leads beyond what may be seen: that is no moment to show. */
    return film_tick(f) > last ? film_seek(f, from, error) : RESULT_OK;
}

/* ---- who sits where ---- */

static bool is_there(const struct recording_player *player, uint32_t tick)
{
    return player->from_tick <= tick && (!player->has_left || player->to_tick >= tick);
}

static void seat_player(struct roster *roster, const struct recording_player *player)
{
    if (player->seat >= roster->seat_count) return;
    struct roster_entry *entry = &roster->entries[player->seat];
    *entry = (struct roster_entry){.since_tick = player->from_tick,
                                   .is_taken = true,
                                   .is_bot = player->is_bot,
                                   .colour = player->colour};
    if (!text_is_showable(player->name, player->name_bytes)) return;
    entry->length_bytes = player->name_bytes;
    bytes_copy(entry->name, player->name, player->name_bytes);
}

/* Somebody who left makes the seat's entry new at the tick after. */
static void clear_seat(struct roster *roster, const struct recording_player *player)
{
    if (player->seat >= roster->seat_count) return;
    struct roster_entry *entry = &roster->entries[player->seat];
    if (!entry->is_taken && entry->since_tick <= player->to_tick)
        entry->since_tick = player->to_tick + 1;
}

/* Narrows the stretch of ticks about `tick` in which nobody comes or goes. */
static void narrow(struct film *f, uint32_t tick, uint32_t change_tick)
{
    if (change_tick <= tick && change_tick > f->roster_from) f->roster_from = change_tick;
    if (change_tick > tick && change_tick - 1 < f->roster_until) f->roster_until = change_tick - 1;
}

static void fill_roster(struct film *f, struct roster *roster, uint32_t tick)
{
    size_t count;
    const struct recording_player *players = reader_players(f->reader, &count);
    roster->seat_count = f->frames.shape.seat_capacity;
    bytes_zero(roster->entries, roster->seat_count * sizeof roster->entries[0]);
    f->roster_from = f->info->first_tick;
    f->roster_until = UINT32_MAX;
    for (size_t i = 0; i < count; i++) {
        narrow(f, tick, players[i].from_tick);
        if (players[i].has_left) narrow(f, tick, players[i].to_tick + 1);
        if (is_there(&players[i], tick)) {
            seat_player(roster, &players[i]);
        } else if (players[i].has_left && players[i].to_tick < tick) {
            clear_seat(roster, &players[i]);
        }
    }
}

static struct roster *roster_at(struct film *f, uint32_t tick)
{
    if (f->roster_holds && tick >= f->roster_from && tick <= f->roster_until) return f->roster;
    struct roster *roster = roster_pool_take(&f->rosters);
    if (roster == NULL) return f->roster;
    fill_roster(f, roster, tick);
    if (f->roster != NULL) roster_release(f->roster);
    f->roster = roster;
    f->roster_holds = true;
    return roster;
}

static void fill_seats(struct frame_draft *d, const struct field_table *table, uint32_t seat_count)
{
    d->frame.seat_count = seat_count;
    for (uint32_t i = 0; i < seat_count; i++)
        d->seats[i] =
            (struct frame_seat){.is_taken = d->roster->entries[i].is_taken, .body_slot = SLOT_NONE};
    for (uint32_t slot = 0; slot < d->state->slot_count; slot++) {
        const struct entity *e = &d->state->entities[slot];
        if (e->kind == 0 || e->owner >= seat_count) continue;
        if (table->kinds[e->kind - 1].flags & KIND_BODY)
            d->seats[e->owner].body_slot = (uint16_t)slot;
    }
}

/* ---- what happened ---- */

static void add_chat(struct frame_draft *d, const struct recording_event *e)
{
    if (d->frame.chat_count == CHATS_PER_TICK_MAX) return;
    if (!text_is_showable(e->text, e->text_bytes)) return;
    struct frame_chat *chat = &d->chats[d->frame.chat_count++];
    chat->seat = e->event.seat;
    chat->length_bytes = e->text_bytes;
    bytes_copy(chat->text, e->text, e->text_bytes);
}

/* Words come from a file: a seat that cannot be one is nobody. */
static void add_event(struct film *f, struct frame_draft *d, const struct recording_event *e)
{
    struct event event = e->event;
    if (d->frame.event_count == EVENTS_PER_TICK_MAX || !table_map_event(&f->map, &event)) return;
    const struct event_kind *kind = &f->room.settings.game->table->event_kinds[event.kind];
    for (unsigned i = 0; i < kind->field_count; i++) {
        bool is_seat = event.words[i] >= 0 && event.words[i] <= SEAT_NONE;
        if (kind->fields[i].value == EVENT_SEAT && !is_seat) event.words[i] = SEAT_NONE;
    }
    d->events[d->frame.event_count++] = event;
}

static void tell_events(struct film *f, struct frame_draft *d, uint32_t tick)
{
    struct error ignored;
    size_t count = 0;
    if (tick <= f->told_tick) return;
    enum result r =
        reader_events(f->reader, f->told_tick + 1, tick, f->events, EVENTS_MAX, &count, &ignored);
    f->told_tick = tick;
    if (r != RESULT_OK) return; /* a step will say what is wrong with the file */
    for (size_t i = 0; i < count && i < EVENTS_MAX; i++) {
        if (f->events[i].is_chat) {
            add_chat(d, &f->events[i]);
        } else {
            add_event(f, d, &f->events[i]);
        }
    }
}

/* ---- frames ---- */

static const struct world_state *state_now(struct film *f)
{
    const struct world_state *state = reader_state(f->reader);
    if (f->map.is_identity) return state;
    table_map_state(&f->map, f->mapped, state);
    return f->mapped;
}

struct frame *film_take_frame(struct film *f, uint32_t epoch, uint64_t due_us)
{
    uint32_t tick = film_tick(f);
    struct roster *roster = roster_at(f, tick);
    if (roster == NULL) return NULL;
    struct frame_draft *d = frame_pool_take(&f->frames);
    if (d == NULL) return NULL;

    frame_draft_fill(d, &f->frames.shape, state_now(f), f->room.schema, roster);
    fill_seats(d, f->room.settings.game->table, f->frames.shape.seat_capacity);
    tell_events(f, d, tick);
    d->frame.room = &f->room;
    d->frame.tick = tick;
    d->frame.epoch = epoch;
    d->frame.due_us = due_us;
    return &d->frame;
}

struct reader *film_reader(struct film *f)
{
    return f->reader;
}
