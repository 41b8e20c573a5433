#include "client/sdl/replay.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "client/sdl/between.h"
#include "client/view/words.h"
#include "server/record/reader.h"
#include "shared/bytes.h"
#include "shared/game.h"
#include "shared/host/error.h"

#define SPEED_STEPS_MIN  (-3) /* an eighth */
#define SPEED_STEPS_MAX  4    /* 16 times as fast */
#define EVENTS_MAX       256
#define LINES_MAX        128
#define GAP_STEP_TICKS   10 /* how finely the end of a gap is looked for */
#define STARTED_BYTES    32
#define TILE_UNITS_OTHER 32 /* of a game that this build does not know */
#define HALF_X_OTHER     640
#define HALF_Y_OTHER     400

struct seat_name {
    uint8_t colour;
    char text[NAME_BYTES_MAX + 1];
};

struct replay {
    struct reader *reader;
    const struct reader_info *info;
    const struct field_table *table; /* the recording's own */
    const struct game *game;         /* of that name in this build; NULL: none */

    /* The states around the position; the same at the end. */
    struct world_state *before, *after;
    uint32_t before_tick, after_tick;
    double position;
    int speed_step;
    bool is_paused, is_at_end, is_free;

    uint16_t followed;       /* seat, or SEAT_NONE */
    struct seat_name *names; /* by seat, as of before_tick */
    uint32_t seat_count;
    struct drawn *drawn;
    uint32_t drawn_count;

    struct recording_event events[EVENTS_MAX];
    struct view_line lines[LINES_MAX]; /* a ring; when it is full, the oldest goes */
    uint32_t line_first, line_count;
    struct error problem;
    char started[STARTED_BYTES];
    struct markers markers;
};

/* ---- lines ---- */

static void put_line(struct replay *r, const struct recording_event *event)
{
    struct view_line line = {.tick = event->tick};

    if (event->is_chat) {
        line.line.line_kind = LINE_CHAT;
        line.line.chat_seat = event->event.seat;
        line.line.chat_length_bytes = event->text_bytes;
        bytes_copy(line.line.chat_text, event->text, event->text_bytes);
    } else {
        if (event->event.kind >= r->table->event_kind_count) return;
        line.line.line_kind = LINE_EVENT;
        line.line.event = event->event;
    }
    if (r->line_count == LINES_MAX) {
        r->line_first = (r->line_first + 1) % LINES_MAX;
        r->line_count--;
    }
    r->lines[(r->line_first + r->line_count++) % LINES_MAX] = line;
}

static void take_events(struct replay *r, uint32_t tick)
{
    struct error ignored;
    size_t count = 0;

    if (reader_events(r->reader, tick, tick, r->events, EVENTS_MAX, &count, &ignored) != RESULT_OK)
        return;
    for (size_t i = 0; i < count && i < EVENTS_MAX; i++)
        put_line(r, &r->events[i]);
}

bool replay_take_line(struct replay *r, struct view_line *line)
{
    if (r->line_count == 0) return false;
    *line = r->lines[r->line_first];
    r->line_first = (r->line_first + 1) % LINES_MAX;
    r->line_count--;
    return true;
}

/* ---- ticks ---- */

static void read_names(struct replay *r)
{
    size_t count;
    const struct recording_player *players = reader_players(r->reader, &count);

    memset(r->names, 0, r->seat_count * sizeof r->names[0]);
    for (size_t i = 0; i < count; i++) {
        const struct recording_player *player = &players[i];
        bool is_there = player->from_tick <= r->before_tick &&
                        (!player->has_left || player->to_tick >= r->before_tick);
        if (!is_there || player->seat >= r->seat_count) continue;
        bytes_copy(r->names[player->seat].text, player->name, player->name_bytes);
        r->names[player->seat].text[player->name_bytes] = '\0';
        r->names[player->seat].colour = player->colour;
    }
}

static void copy_state(struct replay *r, struct world_state *to)
{
    const struct world_state *from = reader_state(r->reader);
    bytes_copy(to, from, world_state_bytes(from));
}

/* The state before has no successor: the picture stands still. */
static void stop_at_end(struct replay *r)
{
    r->is_at_end = true;
    r->position = r->before_tick;
    r->after_tick = r->before_tick;
    bytes_copy(r->after, r->before, world_state_bytes(r->before));
}

/* Reads the state that follows `before`. */
static void read_after(struct replay *r)
{
    struct error error;
    enum result result = reader_step(r->reader, &error);

    if (result == RESULT_OK) {
        copy_state(r, r->after);
        r->after_tick = reader_tick(r->reader);
        return;
    }
    if (result != RESULT_CLOSED) r->problem = error;
    stop_at_end(r);
}

/* Goes on by one tick, or over a gap. */
static void shift(struct replay *r)
{
    struct world_state *before = r->before;

    r->before = r->after;
    r->after = before;
    r->before_tick = r->after_tick;
    if (r->position < r->before_tick) r->position = r->before_tick;
    read_names(r);
    take_events(r, r->before_tick);
    read_after(r);
}

/* Whether the picture after the one at `before` is due. A gap is not waited for. */
static bool is_after_due(const struct replay *r)
{
    return !r->is_at_end && r->position >= r->before_tick + 1.0;
}

void replay_advance(struct replay *r, double seconds)
{
    if (r->is_paused || r->is_at_end) return;
    r->position += seconds * TICK_HZ * ldexp(1, r->speed_step);
    while (is_after_due(r))
        shift(r);
}

/* Finds a tick at or behind `tick` that is there; a gap may begin at it. */
static enum result seek_reader(struct replay *r, uint32_t tick, struct error *error)
{
    enum result result = reader_seek(r->reader, tick, error);

    while (result == RESULT_TOO_BIG && tick < r->info->last_tick) {
        tick =
            r->info->last_tick - tick > GAP_STEP_TICKS ? tick + GAP_STEP_TICKS : r->info->last_tick;
        result = reader_seek(r->reader, tick, error);
    }
    return result;
}

static enum result go_to(struct replay *r, uint32_t tick, struct error *error)
{
    if (seek_reader(r, tick, error) != RESULT_OK) return error->code;
    r->is_at_end = false;
    r->line_count = 0;
    r->problem = (struct error){0};
    copy_state(r, r->before);
    r->before_tick = reader_tick(r->reader);
    r->position = r->before_tick;
    read_names(r);
    read_after(r);
    return RESULT_OK;
}

void replay_seek(struct replay *r, double position)
{
    double first = r->info->first_tick, last = r->info->last_tick;
    double wanted = position < first ? first : position > last ? last : position;
    struct error error;

    if (go_to(r, (uint32_t)wanted, &error) != RESULT_OK) {
        r->problem = error;
        stop_at_end(r);
    }
}

void replay_step(struct replay *r, int ticks)
{
    r->is_paused = true;
    if (ticks < 0) {
        /* Back to the tick's own picture first, if this one lies behind it. */
        bool is_behind = r->position > r->before_tick;
        replay_seek(r, (double)r->before_tick + ticks + (is_behind ? 1 : 0));
    } else if (!r->is_at_end) {
        r->position = r->before_tick + (double)ticks;
        while (is_after_due(r))
            shift(r);
    }
}

void replay_set_paused(struct replay *r, bool is_paused)
{
    if (!is_paused && r->is_at_end && r->problem.code == RESULT_OK)
        replay_seek(r, r->info->first_tick);
    r->is_paused = is_paused;
}

void replay_change_speed(struct replay *r, int steps)
{
    int wanted = r->speed_step + steps;
    r->speed_step = wanted > SPEED_STEPS_MAX   ? SPEED_STEPS_MAX
                    : wanted < SPEED_STEPS_MIN ? SPEED_STEPS_MIN
                                               : wanted;
}

/* ---- whom to follow ---- */

static bool is_body(const struct replay *r, const struct entity *entity)
{
    return entity->kind != 0 && entity->kind <= r->table->kind_count &&
           (r->table->kinds[entity->kind - 1].flags & KIND_BODY) != 0 && entity->owner != SEAT_NONE;
}

/* Returns the lowest seat from `seat` on that has a body, or SEAT_NONE. */
static uint16_t next_seat(const struct replay *r, uint32_t seat)
{
    uint16_t next = SEAT_NONE;

    for (uint32_t slot = 0; slot < r->before->slot_count; slot++) {
        const struct entity *entity = &r->before->entities[slot];
        if (is_body(r, entity) && entity->owner >= seat && entity->owner < next)
            next = entity->owner;
    }
    return next;
}

/* Returns the highest seat below `seat` that has a body, or SEAT_NONE. */
static uint16_t previous_seat(const struct replay *r, uint32_t seat)
{
    uint16_t previous = SEAT_NONE;

    for (uint32_t slot = 0; slot < r->before->slot_count; slot++) {
        const struct entity *entity = &r->before->entities[slot];
        bool is_closer = previous == SEAT_NONE || entity->owner > previous;
        if (is_body(r, entity) && entity->owner < seat && is_closer) previous = entity->owner;
    }
    return previous;
}

void replay_follow_next(struct replay *r)
{
    uint16_t next = r->followed != SEAT_NONE ? next_seat(r, r->followed + 1u) : SEAT_NONE;
    replay_follow(r, next != SEAT_NONE ? next : next_seat(r, 0));
}

void replay_follow_previous(struct replay *r)
{
    uint16_t previous = r->followed != SEAT_NONE ? previous_seat(r, r->followed) : SEAT_NONE;
    replay_follow(r, previous != SEAT_NONE ? previous : previous_seat(r, SEAT_NONE));
}

void replay_follow(struct replay *r, uint16_t seat)
{
    r->followed = seat;
    r->is_free = false;
}

void replay_set_free(struct replay *r, bool is_free)
{
    r->is_free = is_free;
}

const struct markers *replay_markers(const struct replay *r)
{
    return &r->markers;
}

/* People before bots. */
static void follow_somebody(struct replay *r)
{
    size_t count;
    const struct recording_player *players = reader_players(r->reader, &count);

    r->followed = next_seat(r, 0);
    for (size_t i = 0; i < count; i++) {
        if (players[i].is_bot || next_seat(r, players[i].seat) != players[i].seat) continue;
        r->followed = players[i].seat;
        return;
    }
}

/* ---- what to draw ---- */

static const char *name_of(const void *source, uint16_t seat)
{
    const struct replay *r = source;
    return seat < r->seat_count ? r->names[seat].text : "";
}

static uint8_t colour_of(const void *source, uint16_t seat)
{
    const struct replay *r = source;
    return seat < r->seat_count ? r->names[seat].colour : 0;
}

/* Marks the followed body and returns its index, or -1. */
static int32_t find_followed(struct replay *r)
{
    for (uint32_t i = 0; i < r->drawn_count; i++) {
        struct drawn *drawn = &r->drawn[i];
        bool has_body = (r->table->kinds[drawn->kind - 1].flags & KIND_BODY) != 0;
        if (!has_body || drawn->owner != r->followed || r->followed == SEAT_NONE) continue;
        if (r->is_free) return -1;
        drawn->flags |= DRAWN_OWN;
        return (int32_t)i;
    }
    return -1;
}

void replay_fill_scene(struct replay *r, struct scene *scene)
{
    double part = r->position - r->before_tick;
    const struct game *game = r->game;

    if (r->followed == SEAT_NONE) follow_somebody(r);
    /* Nothing moves in a gap. */
    if (r->after_tick != r->before_tick + 1) part = 0;
    const struct between between = {r->table, r->before, r->after, (int32_t)(part * WORDS_ONE)};
    r->drawn_count = between_draw(&between, r->drawn);
    *scene = (struct scene){.table = r->table,
                            .look = scene->look,
                            .map = reader_map(r->reader),
                            .unit = (int32_t)r->info->head.unit,
                            .tile_units = game != NULL ? game->tile_units : TILE_UNITS_OTHER,
                            .half_x = game != NULL ? game->view_half_x : HALF_X_OTHER,
                            .half_y = game != NULL ? game->view_half_y : HALF_Y_OTHER,
                            .drawn = r->drawn,
                            .count = r->drawn_count,
                            .own_index = find_followed(r),
                            .facts = {.tick = r->before_tick,
                                      .own_seat = r->is_free ? SEAT_NONE : r->followed,
                                      .name = name_of,
                                      .colour = colour_of,
                                      .source = r},
                            .now_s = r->position / TICK_HZ};
}

void replay_read_place(const struct replay *r, struct replay_place *place)
{
    *place = (struct replay_place){.first_tick = r->info->first_tick,
                                   .last_tick = r->info->last_tick,
                                   .tick = r->before_tick,
                                   .position = r->position,
                                   .speed = (float)ldexp(1, r->speed_step),
                                   .is_paused = r->is_paused,
                                   .is_at_end = r->is_at_end,
                                   .is_free = r->is_free,
                                   .followed = name_of(r, r->followed),
                                   .room = r->info->head.room,
                                   .started = r->started};
}

const char *replay_problem(const struct replay *r)
{
    return r->problem.code != RESULT_OK ? r->problem.message : "";
}

/* ---- opening ---- */

static void print_started(struct replay *r)
{
    time_t started_s = (time_t)(r->info->head.started_ms / 1000);
    struct tm local;

    if (localtime_r(&started_s, &local) != NULL)
        (void)strftime(r->started, sizeof r->started, "%Y-%m-%d %H:%M", &local);
}

static enum result allocate(struct replay *r, struct error *error)
{
    uint32_t slots = r->info->head.slot_capacity;
    size_t state_bytes = sizeof(struct world_state) + slots * sizeof(struct entity);

    r->seat_count = r->info->head.seat_capacity;
    r->before = calloc(1, state_bytes);
    r->after = calloc(1, state_bytes);
    r->drawn = calloc(slots, sizeof r->drawn[0]);
    r->names = calloc(r->seat_count, sizeof r->names[0]);
    if (r->before == NULL || r->after == NULL || r->drawn == NULL || r->names == NULL)
        return error_set(error, RESULT_IO, "no memory for a recording of %u entities", slots);
    return RESULT_OK;
}

enum result replay_open(struct replay **replay, const char *path, uint32_t tick,
                        struct error *error)
{
    struct replay *r = calloc(1, sizeof *r);
    if (r == NULL) return error_set(error, RESULT_IO, "no memory for a recording");

    r->followed = SEAT_NONE;
    if (reader_open(&r->reader, path, error) != RESULT_OK) goto fail;
    r->info = reader_info(r->reader);
    r->table = r->info->head.table;
    r->game = games_find(r->info->game);
    if (allocate(r, error) != RESULT_OK) goto fail;
    if (tick < r->info->first_tick) tick = r->info->first_tick;
    if (tick > r->info->last_tick) {
        (void)error_set(error, RESULT_TOO_BIG, "%s: it ends with tick %u", path,
                        r->info->last_tick);
        goto fail;
    }
    if (go_to(r, tick, error) != RESULT_OK) goto fail;
    print_started(r);
    follow_somebody(r);
    markers_read(&r->markers, r->reader);
    *replay = r;
    return RESULT_OK;
fail:
    replay_close(r);
    return error->code;
}

void replay_close(struct replay *r)
{
    if (r == NULL) return;
    free(r->names);
    free(r->drawn);
    free(r->after);
    free(r->before);
    reader_close(r->reader);
    free(r);
}
