#include "server/session/room_view.h"

#include <stdlib.h>

#include "server/session/late.h"
#include "shared/check.h"
#include "shared/tick.h"

#define BUSY_LEAST  8 /* sessions: fewer may well be on one narrow link */
#define BUSY_ONE_OF 4
#define LAG_MS_MAX  1000

static struct history_entry *entry_of(struct room_view *v, uint32_t tick)
{
    return &v->history[tick % HISTORY_FRAMES];
}

enum result room_view_init(struct room_view *v, struct room *room, uint32_t worker,
                           uint32_t session_capacity)
{
    v->room = room;
    v->schema = room_schema(room);
    v->worker = worker;
    v->member_capacity = session_capacity;
    const struct field_table *table = v->schema->table;
    for (unsigned kind = 1; kind <= table->kind_count; kind++) {
        const struct entity_kind *k = &table->kinds[kind - 1];
        for (unsigned i = 0; i < k->field_count; i++) {
            bool is_seat = k->fields[i].kind == FIELD_SEAT && k->fields[i].audience == AUDIENCE_ALL;
            if (is_seat) v->seat_words[kind] |= UINT32_C(1) << k->fields[i].word;
            v->any_has_seat |= is_seat;
        }
    }
    cohorts_init(&v->cohorts, v->schema, room_settings(room)->slot_capacity);
    json_pieces_init(&v->json, v->schema, room_settings(room)->slot_capacity);
    v->members = calloc(session_capacity, sizeof *v->members);
    return v->members == NULL ? RESULT_IO : RESULT_OK;
}

enum result room_view_enter(struct room_view *v)
{
    if (v->session_count == v->member_capacity) {
        uint32_t capacity = 2 * v->member_capacity;
        uint32_t *members = realloc(v->members, capacity * sizeof *members);
        if (members == NULL) return RESULT_IO;
        v->members = members;
        v->member_capacity = capacity;
    }
    v->session_count++;
    return RESULT_OK;
}

void room_view_forget(struct room_view *v)
{
    for (unsigned i = 0; i < HISTORY_FRAMES; i++) {
        if (v->history[i].frame != NULL) frame_release(v->history[i].frame);
        v->history[i] = (struct history_entry){0};
    }
    v->newest = v->previous = NULL;
}

void room_view_deinit(struct room_view *v)
{
    late_destroy(v->late);
    room_view_forget(v);
    cohorts_deinit(&v->cohorts);
    json_pieces_deinit(&v->json);
    free(v->members);
    *v = (struct room_view){0};
}

struct frame *room_view_find(const struct room_view *v, uint32_t tick)
{
    struct frame *frame = v->history[tick % HISTORY_FRAMES].frame;
    return frame != NULL && frame->tick == tick ? frame : NULL;
}

void room_view_hold(struct room_view *v, uint32_t tick)
{
    ASSERT(room_view_find(v, tick) != NULL);
    entry_of(v, tick)->users++;
}

void room_view_drop(struct room_view *v, uint32_t tick)
{
    struct history_entry *entry = entry_of(v, tick);
    if (room_view_find(v, tick) == NULL) return;
    ASSERT(entry->users > 0);
    if (--entry->users > 0) return;
    frame_release(entry->frame);
    entry->frame = NULL;
}

/* Takes over the reference to `frame`. What stands in its place is older than any base may be. */
static void remember(struct room_view *v, struct frame *frame)
{
    struct history_entry *entry = entry_of(v, frame->tick);
    if (entry->frame != NULL) frame_release(entry->frame);
    *entry = (struct history_entry){.frame = frame};
}

/* The newest frame and the one before it stay, viewers or not: a full snapshot tells velocities. */
static void move_on(struct room_view *v, struct frame *frame)
{
    struct frame *second = v->newest;
    if (v->previous != NULL) room_view_drop(v, v->previous->tick);
    remember(v, frame);
    room_view_hold(v, frame->tick);
    v->newest = frame;
    v->previous = second;
}

void room_view_recall(struct room_view *v)
{
    if (v->log != NULL && !v->lines.has_first) line_log_recall(v->log, &v->lines, NULL);
}

/* What was recalled is not filed again. */
static void file_lines(struct room_view *v, const struct frame *frame)
{
    struct lines *l = &v->lines;

    bool has_gap = !l->has_first || tick_is_newer(frame->tick, l->last_tick + 1);
    if (v->log != NULL && has_gap) line_log_recall(v->log, l, &frame->tick);
    bool is_known = v->log != NULL && l->has_first && !tick_is_newer(frame->tick, l->last_tick);
    if (!is_known) lines_file(l, v->schema->table, frame);
}

void room_view_note_hold(struct room_view *v, bool is_held)
{
    v->holds.asked_count++;
    v->holds.held_count += is_held;
}

bool room_view_is_busy(const struct room_view *v)
{
    const struct tick_holds *h = &v->former_holds;
    if (v->lag_ms > 0) return true;
    return h->asked_count >= BUSY_LEAST && h->held_count * BUSY_ONE_OF > h->asked_count;
}

/* A worker that has more to do than it can takes the newest frame of several. */
static void note_lag(struct room_view *v, uint32_t former_tick)
{
    uint32_t former = v->skipped_ticks;
    v->skipped_ticks = v->newest->tick - former_tick - 1;
    uint32_t most = v->skipped_ticks > former ? v->skipped_ticks : former;
    v->lag_ms = most < LAG_MS_MAX / TICK_MS ? most * TICK_MS : LAG_MS_MAX;
}

bool room_view_take_frames(struct room_view *v)
{
    struct frame *frame;
    bool any = false, has_former = v->newest != NULL;
    uint32_t former_tick = has_former ? v->newest->tick : 0;
    while ((frame = room_take_frame(v->room, v->worker)) != NULL) {
        if (!any) v->first_due_us = frame->due_us;
        if (v->late != NULL) late_put(v->late, frame);
        file_lines(v, frame);
        move_on(v, frame);
        any = true;
    }
    if (!any) return false;
    if (has_former) note_lag(v, former_tick);
    v->former_holds = v->holds;
    v->holds = (struct tick_holds){0};
    cohorts_begin(&v->cohorts, v->newest);
    json_pieces_begin(&v->json, v->newest);
    return true;
}

void room_view_put_frame(struct room_view *v, struct frame *frame)
{
    lines_file(&v->lines, v->schema->table, frame);
    move_on(v, frame);
    cohorts_begin(&v->cohorts, v->newest);
    json_pieces_begin(&v->json, v->newest);
}

void room_view_add_member(struct room_view *v, uint32_t session_index)
{
    ASSERT(v->member_count < v->member_capacity);
    v->members[v->member_count++] = session_index;
}

void room_view_remove_member(struct room_view *v, uint32_t session_index)
{
    for (uint32_t i = 0; i < v->member_count; i++) {
        if (v->members[i] != session_index) continue;
        v->members[i] = v->members[--v->member_count];
        return;
    }
}
