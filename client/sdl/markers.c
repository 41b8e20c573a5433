#include "client/sdl/markers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_TICKS  600  /* read at once */
#define WINDOW_EVENTS 4096 /* of one window; more are not marked */

size_t markers_place_of(const struct markers *m, uint32_t tick)
{
    uint64_t length = (uint64_t)m->last_tick - m->first_tick + 1;
    if (tick < m->first_tick) return 0;
    if (tick > m->last_tick) return MARKER_PLACES - 1;
    return (size_t)((uint64_t)(tick - m->first_tick) * MARKER_PLACES / length);
}

static void mark_event(struct markers *m, const struct recording_event *e)
{
    struct marker_place *place = &m->places[markers_place_of(m, e->tick)];
    if (e->is_chat) {
        place->chat_count++;
    } else if (m->table->event_kinds[e->event.kind].event_class == EVENT_RELIABLE) {
        place->events |= UINT32_C(1) << e->event.kind;
        place->event_count++;
    }
}

static void mark_events(struct markers *m, struct reader *reader)
{
    struct recording_event *events = malloc(WINDOW_EVENTS * sizeof events[0]);
    struct error ignored;
    size_t count;
    for (uint64_t from = m->first_tick; events != NULL && from <= m->last_tick;
         from += WINDOW_TICKS) {
        uint64_t to = from + WINDOW_TICKS - 1;
        if (to > m->last_tick) to = m->last_tick;
        if (reader_events(reader, (uint32_t)from, (uint32_t)to, events, WINDOW_EVENTS, &count,
                          &ignored) != RESULT_OK) {
            break;
        }
        for (size_t i = 0; i < count && i < WINDOW_EVENTS; i++)
            mark_event(m, &events[i]);
    }
    free(events);
}

/* Who was there from the start, or stayed to the end, did not come or go. */
static void mark_players(struct markers *m, const struct reader *reader)
{
    size_t count;
    const struct recording_player *players = reader_players(reader, &count);
    for (size_t i = 0; i < count; i++) {
        const struct recording_player *p = &players[i];
        if (p->is_bot) continue;
        if (p->from_tick > m->first_tick) {
            m->places[markers_place_of(m, p->from_tick)].join_count++;
        }
        if (p->has_left && p->to_tick < m->last_tick) {
            m->places[markers_place_of(m, p->to_tick)].leave_count++;
        }
    }
}

void markers_read(struct markers *m, struct reader *reader)
{
    const struct reader_info *info = reader_info(reader);
    *m = (struct markers){
        .table = info->head.table, .first_tick = info->first_tick, .last_tick = info->last_tick};
    mark_events(m, reader);
    mark_players(m, reader);
}

bool marker_is_empty(const struct marker_place *place)
{
    return place->event_count + place->join_count + place->leave_count + place->chat_count == 0;
}

/* -- in words -- */

struct words {
    char *text;
    size_t capacity_bytes, used_bytes;
};

/* One of something goes without its number. */
static void add(struct words *w, const char *what, unsigned count)
{
    char number[16] = "";
    if (count == 0 || w->used_bytes >= w->capacity_bytes) return;
    if (count > 1) snprintf(number, sizeof number, "%u ", count);
    int length = snprintf(w->text + w->used_bytes, w->capacity_bytes - w->used_bytes, "%s%s%s",
                          w->used_bytes > 0 ? ", " : "", number, what);
    w->used_bytes += length > 0 ? (size_t)length : 0;
}

bool markers_describe(const struct markers *m, size_t place, char *text, size_t capacity_bytes)
{
    struct words w = {text, capacity_bytes, 0};
    struct marker_place sum = {0};
    for (size_t i = place > 0 ? place - 1 : 0; i <= place + 1 && i < MARKER_PLACES; i++) {
        sum.events |= m->places[i].events;
        sum.join_count = (uint16_t)(sum.join_count + m->places[i].join_count);
        sum.leave_count = (uint16_t)(sum.leave_count + m->places[i].leave_count);
        sum.chat_count = (uint16_t)(sum.chat_count + m->places[i].chat_count);
    }
    text[0] = '\0';
    for (unsigned kind = 0; kind < m->table->event_kind_count; kind++) {
        if (sum.events >> kind & 1) add(&w, m->table->event_kinds[kind].name, 1);
    }
    add(&w, sum.join_count == 1 ? "somebody joins" : "join", sum.join_count);
    add(&w, sum.leave_count == 1 ? "somebody leaves" : "leave", sum.leave_count);
    add(&w, sum.chat_count == 1 ? "chat" : "lines of chat", sum.chat_count);
    return w.used_bytes > 0;
}
