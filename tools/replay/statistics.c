#include "tools/replay/statistics.h"

#include <math.h>
#include <stdlib.h>

#define EVENTS_MAX 1024 /* of one tick */

/* Which seats of events count: the table's order. */
static void collect_roles(struct statistics *s, const struct field_table *table)
{
    for (unsigned i = 0; i < table->event_kind_count; i++) {
        for (unsigned j = 0; j < table->event_kinds[i].field_count; j++) {
            if (table->event_kinds[i].fields[j].value != EVENT_SEAT) continue;
            s->roles[s->role_count++] = (struct event_role){(uint8_t)i, (uint8_t)j};
        }
    }
}

enum result statistics_init(struct statistics *s, struct reader *reader, struct error *error)
{
    uint32_t seat_capacity = reader_info(reader)->head.seat_capacity;
    *s = (struct statistics){.reader = reader};
    s->who = reader_players(reader, &s->player_count);
    collect_roles(s, reader_schema(reader)->table);
    s->players = calloc(s->player_count + 1, sizeof s->players[0]);
    s->role_counts = calloc((s->player_count + 1) * (s->role_count + 1), sizeof s->role_counts[0]);
    s->sitting = malloc((seat_capacity + 1) * sizeof s->sitting[0]);
    s->events = malloc(EVENTS_MAX * sizeof s->events[0]);
    if (s->players == NULL || s->role_counts == NULL || s->sitting == NULL || s->events == NULL) {
        return error_set(error, RESULT_IO, "no memory for %zu players", s->player_count);
    }
    for (uint32_t seat = 0; seat < seat_capacity; seat++)
        s->sitting[seat] = -1;
    for (size_t i = 0; i < s->player_count; i++)
        s->players[i].role_counts = &s->role_counts[i * s->role_count];
    return RESULT_OK;
}

void statistics_deinit(struct statistics *s)
{
    free(s->events);
    free(s->sitting);
    free(s->role_counts);
    free(s->players);
}

/* Players stand in the order of their coming. */
static void seat_players(struct statistics *s, uint32_t tick)
{
    uint32_t seat_capacity = reader_info(s->reader)->head.seat_capacity;
    while (s->seats_known < s->player_count && s->who[s->seats_known].from_tick <= tick) {
        uint16_t seat = s->who[s->seats_known].seat;
        if (seat < seat_capacity) s->sitting[seat] = (int32_t)s->seats_known;
        s->seats_known++;
    }
}

static struct player_statistics *player_in(struct statistics *s, int32_t seat, uint32_t tick)
{
    if (seat < 0 || (uint32_t)seat >= reader_info(s->reader)->head.seat_capacity) return NULL;
    int32_t index = s->sitting[seat];
    if (index < 0) return NULL;
    const struct recording_player *p = &s->who[index];
    return p->has_left && p->to_tick < tick ? NULL : &s->players[index];
}

/* Whether it was put elsewhere since. */
static bool is_warped(const struct entity_kind *kind, const struct entity *now,
                      const struct entity *before)
{
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *f = &kind->fields[i];
        if (f->kind == FIELD_WARP && now->words[f->word] != before->words[f->word]) return true;
    }
    return now->generation != before->generation;
}

static void take_body(struct statistics *s, const struct entity *e, uint32_t tick)
{
    const struct entity_kind *kind = &reader_schema(s->reader)->table->kinds[e->kind - 1];
    struct player_statistics *p = NULL;
    if (kind->flags & KIND_BODY) p = player_in(s, e->owner, tick);
    if (p == NULL) return;
    bool goes_on = p->last.kind == e->kind && p->body_tick + 1 == tick;
    if (goes_on && !is_warped(kind, e, &p->last)) {
        p->distance += hypot((double)e->words[kind->x_word] - p->last.words[kind->x_word],
                             (double)e->words[kind->y_word] - p->last.words[kind->y_word]);
    }
    p->last = *e;
    p->body_tick = tick;
    p->body_ticks++;
}

static void take_players(struct statistics *s, uint32_t tick)
{
    uint32_t seat_capacity = reader_info(s->reader)->head.seat_capacity;
    const struct world_state *state = reader_state(s->reader);
    for (uint32_t seat = 0; seat < seat_capacity; seat++) {
        struct player_statistics *p = player_in(s, (int32_t)seat, tick);
        if (p != NULL) p->tick_count++;
    }
    for (uint32_t slot = 0; slot < state->slot_count; slot++) {
        if (state->entities[slot].kind != 0) take_body(s, &state->entities[slot], tick);
    }
}

static void take_inputs(struct statistics *s, uint32_t tick)
{
    const struct tick_inputs *inputs = reader_inputs(s->reader);
    for (uint32_t i = 0; inputs != NULL && i < inputs->input_count; i++) {
        struct player_statistics *p = player_in(s, inputs->inputs[i].seat, tick);
        if (p != NULL) p->usercmd_count += inputs->inputs[i].count;
    }
}

static void take_event(struct statistics *s, const struct recording_event *e)
{
    if (e->is_chat) {
        struct player_statistics *p = player_in(s, e->event.seat, e->tick);
        if (p != NULL) p->chat_count++;
        return;
    }
    for (unsigned i = 0; i < s->role_count; i++) {
        if (s->roles[i].kind != e->event.kind) continue;
        struct player_statistics *p = player_in(s, e->event.words[s->roles[i].word], e->tick);
        if (p != NULL) p->role_counts[i]++;
    }
}

enum result statistics_take(struct statistics *s, struct error *error)
{
    uint32_t tick = reader_tick(s->reader);
    size_t count;
    seat_players(s, tick);
    take_players(s, tick);
    take_inputs(s, tick);
    enum result result = reader_events(s->reader, tick, tick, s->events, EVENTS_MAX, &count, error);
    for (size_t i = 0; result == RESULT_OK && i < count && i < EVENTS_MAX; i++)
        take_event(s, &s->events[i]);
    return result;
}
