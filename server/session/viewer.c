#include "server/session/viewer.h"

#include <stdlib.h>

#include "server/session/mates.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"

#define MEMBERS_AT_FIRST 64
#define MEMBERS_MORE     16

static size_t name_bytes(uint32_t seat_count)
{
    return (seat_count + 7) / 8;
}

enum result viewer_init(struct viewer *v, struct room_view *view, uint16_t seat, uint32_t capacity)
{
    const struct game *game = room_settings(view->room)->game;
    *v = (struct viewer){.view = view,
                         .seat = seat,
                         .half_x = game->view_half_x * game->unit,
                         .half_y = game->view_half_y * game->unit,
                         .member_room = capacity < MEMBERS_AT_FIRST ? capacity : MEMBERS_AT_FIRST,
                         .member_capacity = capacity,
                         .seat_count = room_settings(view->room)->seat_capacity,
                         .next_line = view->lines.end,
                         .names_max = SNAPSHOT_NAMES_MAX};
    v->members = malloc(v->member_room * sizeof *v->members);
    v->known_names = calloc(1, name_bytes(v->seat_count));
    if (v->members != NULL && v->known_names != NULL) return RESULT_OK;
    viewer_deinit(v);
    return RESULT_IO;
}

void viewer_deinit(struct viewer *v)
{
    if (v->view != NULL) viewer_forget(v);
    free(v->members);
    free(v->known_names);
    v->members = NULL;
    v->known_names = NULL;
}

void viewer_forget(struct viewer *v)
{
    if (v->mosaic != NULL) mosaic_give(v);
    if (v->has_base) room_view_drop(v->view, v->base_tick);
    if (v->has_before) room_view_drop(v->view, v->before_tick);
    v->has_base = v->has_before = false;
    v->member_count = 0;
}

void viewer_move(struct viewer *v, struct room_view *view)
{
    viewer_forget(v);
    uint32_t seat_count = room_settings(view->room)->seat_capacity;
    if (seat_count > v->seat_count) {
        uint8_t *known_names = realloc(v->known_names, name_bytes(seat_count));
        /* Without memory the seats beyond have no names. */
        if (known_names != NULL) v->known_names = known_names, v->seat_count = seat_count;
    }
    bytes_zero(v->known_names, name_bytes(v->seat_count));
    *v = (struct viewer){.view = view,
                         .seat = v->seat,
                         .half_x = v->half_x,
                         .half_y = v->half_y,
                         .members = v->members,
                         .member_room = v->member_room,
                         .member_capacity = v->member_capacity,
                         .snapshot_count = v->snapshot_count,
                         .names_max = v->names_max,
                         .next_line = view->lines.end,
                         .camera = v->camera,
                         .known_names = v->known_names,
                         .seat_count = v->seat_count};
}

/* Finds the frames that the client's knowledge rests on; without them the snapshot is a full one.
 */
static void choose_base(struct viewer *v, struct viewer_plan *p)
{
    p->now = v->view->newest;
    p->base = v->has_base ? room_view_find(v->view, v->base_tick) : NULL;
    uint32_t waited_ticks = v->mosaic != NULL ? MOSAIC_WAIT_TICKS : 0;
    bool is_usable = p->base != NULL && p->base->epoch == p->now->epoch &&
                     p->now->tick - p->base->tick <= BASE_AGE_TICKS_MAX - waited_ticks;
    if (!is_usable) {
        p->base = NULL;
        v->member_count = 0;
    }
    p->before = p->base != NULL ? p->base : v->view->previous;
    if (p->before != NULL && p->before->epoch != p->now->epoch) p->before = NULL;
}

static void fill_self(const struct frame *frame, uint16_t seat, struct snapshot_self *self)
{
    self->is_known = false;
    if (frame == NULL || seat >= frame->seat_count) return;
    uint16_t slot = frame->seats[seat].body_slot;
    const struct entity *body = slot == SLOT_NONE ? NULL : frame_entity(frame, slot);
    if (body == NULL) return;
    *self = (struct snapshot_self){.is_known = true, .slot = slot, .body = *body};
}

/* A player looks from the own body. */
static void look_from_body(uint16_t seat, const struct frame *frame, struct interest_view *look)
{
    look->own_slot = frame->seats[seat].body_slot;
    const struct entity *body =
        look->own_slot == SLOT_NONE ? NULL : frame_entity(frame, look->own_slot);
    if (body == NULL) return;
    const struct entity_kind *kind = &frame->schema->table->kinds[body->kind - 1];
    look->x = body->words[kind->x_word];
    look->y = body->words[kind->y_word];
}

static struct interest_view look_from(struct viewer *v, const struct frame *frame)
{
    const struct room_settings *settings = room_settings(v->view->room);
    int32_t tile_sim = settings->game->tile_units * settings->game->unit;
    struct interest_view look = {.x = settings->map->width * tile_sim / 2,
                                 .y = settings->map->height * tile_sim / 2,
                                 .half_x = v->half_x,
                                 .half_y = v->half_y,
                                 .own_slot = SLOT_NONE,
                                 .is_circle = settings->game->view_is_circle,
                                 .wraps_at = settings->game->wraps_at};
    if (v->seat < frame->seat_count) {
        look_from_body(v->seat, frame, &look);
    } else {
        camera_aim(&v->camera, frame, &look);
    }
    return look;
}

/* Makes room for `count` members. False: no memory. */
static bool make_room(struct viewer *v, uint32_t count)
{
    uint32_t room = (count + MEMBERS_MORE - 1) / MEMBERS_MORE * MEMBERS_MORE;
    if (room > v->member_capacity) room = v->member_capacity;
    struct interest_member *members = realloc(v->members, room * sizeof *members);
    if (members == NULL) return false;
    v->members = members;
    v->member_room = room;
    return true;
}

/* Finds what is seen now, and how that differs from the old list. */
static void look_around(struct viewer *v, struct viewer_plan *p)
{
    struct interest_list list = {v->members, v->member_count};
    struct interest_seen seen = {.slots = p->slots, .is_new = p->is_new, .removed = p->removed};
    uint32_t mates = room_settings(v->view->room)->game->mates != NULL ? MATES_MAX : 0;
    interest_query(p->now, &p->look, &list, &p->interest, &seen, v->member_capacity - mates);
    if (seen.count + mates > v->member_room && !make_room(v, seen.count + mates))
        interest_query(p->now, &p->look, &list, &p->interest, &seen, v->member_room - mates);
    p->count = seen.count;
    p->new_count = seen.new_count;
    p->removed_count = seen.removed_count;
    mates_put(v, p);
}

void viewer_match_list(const struct viewer *v, struct viewer_plan *p)
{
    uint32_t old = 0, removed = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        p->old[i] = 0;
        if (p->is_new[i]) continue;
        for (; removed < p->removed_count && p->removed[removed] == old; removed++)
            old++;
        p->old[i] = (uint16_t)old++;
    }
    ASSERT(old <= v->member_count);
}

static const struct roster_entry *roster_find(const struct viewer *v, const struct frame *frame,
                                              uint32_t seat)
{
    if (seat >= frame->roster->seat_count || seat >= v->seat_count) return NULL;
    return &frame->roster->entries[seat];
}

/* Lists the name of `seat` unless the client knows it, or it is listed already. */
static void want_name(const struct viewer *v, struct viewer_plan *p, uint32_t seat)
{
    const struct roster_entry *entry = roster_find(v, p->now, seat);
    if (entry == NULL) return;
    bool is_known = v->known_names[seat / 8] >> (seat % 8) & 1;
    if (is_known && !tick_is_newer(entry->since_tick, v->names_tick)) return;
    for (uint32_t i = 0; i < p->name_count; i++) {
        if (p->names[i].seat == seat) return;
    }
    if (p->name_count == v->names_max) {
        p->names_incomplete = true;
        return;
    }
    struct snapshot_name *name = &p->names[p->name_count++];
    name->seat = (uint16_t)seat;
    name->length_bytes = entry->is_taken ? entry->length_bytes : 0;
    name->colour = entry->colour;
    bytes_copy(name->text, entry->name, sizeof name->text);
}

static void want_names_of_line(const struct viewer *v, struct viewer_plan *p,
                               const struct snapshot_line *line)
{
    if (line->line_kind == LINE_CHAT) {
        want_name(v, p, line->chat_seat);
        return;
    }
    const struct event_kind *kind = &v->view->schema->table->event_kinds[line->event.kind];
    for (unsigned i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].value == EVENT_SEAT) want_name(v, p, (uint32_t)line->event.words[i]);
    }
}

static void want_names_of_entity(const struct viewer *v, struct viewer_plan *p,
                                 const struct entity *e)
{
    const struct entity_kind *kind = &v->view->schema->table->kinds[e->kind - 1];
    bool shows_name = kind->flags & KIND_BODY && !(kind->flags & KIND_NAMELESS);
    if (shows_name) want_name(v, p, e->owner);
    for (uint32_t words = v->view->seat_words[e->kind]; words != 0; words &= words - 1)
        want_name(v, p, (uint32_t)e->words[__builtin_ctz(words)]);
}

/* `look` is what it sees, or NULL for nothing. */
static void collect_lines(struct viewer *v, struct viewer_plan *p, const struct interest_view *look)
{
    struct lines_reader reader = {.seat = v->seat, .tick = p->now->tick, .sees = look != NULL};
    if (look != NULL) {
        reader.x = look->x;
        reader.y = look->y;
        reader.half_x = look->half_x;
        reader.half_y = look->half_y;
    }
    p->next_line = v->next_line;
    p->has_lost_lines = false;
    p->line_count = lines_read(&v->view->lines, v->view->schema->table, &p->next_line, &reader,
                               p->lines, SNAPSHOT_EVENTS_MAX, &p->has_lost_lines);
    p->name_count = 0;
    p->names_incomplete = false;
    for (uint32_t i = 0; i < p->line_count; i++)
        want_names_of_line(v, p, &p->lines[i]);
}

/* Those newly seen bring their names; when somebody came, went or was renamed, all are looked at.
 */
static void collect_names(const struct viewer *v, struct viewer_plan *p)
{
    bool look_at_all = v->names_incomplete || p->base == NULL || p->base->roster != p->now->roster;
    if (v->seat != SEAT_NONE) want_name(v, p, v->seat);
    if (!look_at_all && p->new_count == 0 && !v->view->any_has_seat) return;
    for (uint32_t i = 0; i < p->count; i++) {
        uint8_t kind = identity_kind(frame_identity(p->now, p->slots[i]));
        if (look_at_all || p->is_new[i] || v->view->seat_words[kind] != 0) {
            want_names_of_entity(v, p, frame_entity(p->now, p->slots[i]));
        }
    }
}

static void fill_header(struct viewer *v, struct viewer_plan *p)
{
    p->clock.due_us = room_view_due_us(v->view, p->now);
    uint64_t clock_us = p->clock.due_us - (uint64_t)p->now->tick * (TICK_MS * 1000);
    bool has_seat = v->seat < p->now->seat_count;
    p->header = (struct snapshot_header){
        .tick = p->now->tick,
        .is_full = p->base == NULL,
        .age_ticks = p->base == NULL ? 0 : p->now->tick - p->base->tick,
        .input_seq = has_seat ? p->now->seats[v->seat].input_seq : 0,
        .has_self = v->seat != SEAT_NONE,
        .has_names = p->name_count > 0,
        .has_events = p->line_count > 0,
        .has_hash = (v->snapshot_count + 1) % SNAPSHOT_HASH_EVERY == 0,
        .has_clock = p->base == NULL || clock_us != v->clock_us || v->view->is_late,
    };
}

void viewer_plan(struct viewer *v, struct viewer_plan *p)
{
    choose_base(v, p);
    p->is_partial = false;
    p->look = look_from(v, p->now);
    look_around(v, p);
    if (v->mosaic != NULL) viewer_match_list(v, p);
    fill_self(p->now, v->seat, &p->self);
    fill_self(p->base, v->seat, &p->base_self);
    collect_lines(v, p, &p->look);
    collect_names(v, p);
    fill_header(v, p);
}

void viewer_known_by(const struct viewer *v, const struct viewer_plan *p, uint32_t i,
                     const struct frame **base, const struct frame **before)
{
    if (v->mosaic != NULL) {
        const struct mosaic_piece *piece = &v->mosaic->pieces[p->old[i]];
        *base = mosaic_base(v, piece);
        *before = mosaic_before(v, piece);
        return;
    }
    *base = p->base;
    *before = v->has_before ? room_view_find(v->view, v->before_tick) : NULL;
}

void viewer_plan_lines(struct viewer *v, struct viewer_plan *p)
{
    p->now = v->view->newest;
    collect_lines(v, p, NULL);
}

void viewer_commit_lines(struct viewer *v, const struct viewer_plan *p)
{
    for (uint32_t i = 0; i < p->name_count; i++) {
        v->known_names[p->names[i].seat / 8] |= (uint8_t)(1u << p->names[i].seat % 8);
    }
    v->next_line = p->next_line;
}

/* Names told now are as new as the roster; a known one that changed while others were told first is
 * forgotten, so that it is told yet. */
static void commit_names(struct viewer *v, const struct viewer_plan *p)
{
    if (p->names_incomplete) {
        for (uint32_t seat = 0; seat < p->now->roster->seat_count; seat++) {
            const struct roster_entry *entry = roster_find(v, p->now, seat);
            if (entry == NULL || !tick_is_newer(entry->since_tick, v->names_tick)) continue;
            v->known_names[seat / 8] &= (uint8_t) ~(1u << seat % 8);
        }
    }
    v->names_incomplete = p->names_incomplete;
    v->names_tick = p->now->tick;
    viewer_commit_lines(v, p);
}

static void list_members(struct viewer *v, const struct viewer_plan *p)
{
    struct interest_member *members = v->members;
    const uint16_t *identities = p->now->identities;
    v->member_count = p->count;
    for (uint32_t i = 0, count = p->count; i < count; i++)
        members[i] = (struct interest_member){p->slots[i], identities[p->slots[i]]};
}

void viewer_commit(struct viewer *v, const struct viewer_plan *p)
{
    uint32_t former_tick = v->base_tick;
    bool had_base = v->has_base && p->base != NULL;
    commit_names(v, p);
    if (v->mosaic != NULL && p->base == NULL) mosaic_give(v);
    if (v->mosaic != NULL) mosaic_commit(v, p);

    room_view_hold(v->view, p->now->tick);
    if (p->before != NULL) room_view_hold(v->view, p->before->tick);
    if (v->has_before) room_view_drop(v->view, v->before_tick);
    if (v->has_base) room_view_drop(v->view, v->base_tick);
    ASSERT(!had_base || p->before->tick == former_tick);
    v->has_base = true;
    v->has_before = p->before != NULL;
    v->base_tick = p->now->tick;
    v->before_tick = v->has_before ? p->before->tick : 0;
    v->epoch = p->now->epoch;
    v->input_seq = p->header.input_seq;
    v->clock_us = room_view_due_us(v->view, p->now) - (uint64_t)p->now->tick * (TICK_MS * 1000);
    v->snapshot_count++;

    if (p->new_count > 0 || p->removed_count > 0) list_members(v, p);
    if (v->mosaic != NULL && !p->is_partial && mosaic_is_even(v)) mosaic_give(v);
}
