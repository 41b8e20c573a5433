#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/record/tape.h"
#include "shared/host/error.h"
#include "tools/replay/commands.h"
#include "tools/replay/range.h"
#include "tools/replay/show.h"

/* A recording of a recording: each tick becomes a frame again, as a room would have made it. */
struct cut {
    struct tape *tape;
    struct roster *roster;
    struct show show; /* for its events */
    struct event events[SHOW_EVENTS_MAX];
    struct frame_chat chats[SHOW_EVENTS_MAX];
};

static void fill_roster(struct cut *c, const struct reader *r)
{
    for (uint32_t seat = 0; seat < c->roster->seat_count; seat++) {
        const struct recording_player *p = reader_player(r, (uint16_t)seat, reader_tick(r));
        struct roster_entry *entry = &c->roster->entries[seat];
        *entry = (struct roster_entry){.is_taken = p != NULL};
        if (p == NULL) continue;
        entry->is_bot = p->is_bot;
        entry->colour = p->colour;
        entry->length_bytes = p->name_bytes;
        memcpy(entry->name, p->name, p->name_bytes);
    }
}

static enum result fill_events(struct cut *c, struct reader *r, struct frame *frame,
                               struct error *error)
{
    size_t count;
    uint32_t tick = reader_tick(r);
    enum result result =
        reader_events(r, tick, tick, c->show.events, SHOW_EVENTS_MAX, &count, error);
    for (size_t i = 0; result == RESULT_OK && i < count && i < SHOW_EVENTS_MAX; i++) {
        const struct recording_event *e = &c->show.events[i];
        if (!e->is_chat) {
            c->events[frame->event_count++] = e->event;
            continue;
        }
        struct frame_chat *chat = &c->chats[frame->chat_count++];
        *chat = (struct frame_chat){.seat = e->event.seat, .length_bytes = e->text_bytes};
        memcpy(chat->text, e->text, e->text_bytes);
    }
    return result;
}

static enum exit_code visit(void *context, struct reader *r)
{
    struct cut *c = context;
    struct error error;
    const struct tick_inputs *inputs = reader_inputs(r);
    struct frame frame = {.tick = reader_tick(r),
                          .roster = c->roster,
                          .events = c->events,
                          .chats = c->chats,
                          .state = reader_state(r)};
    if (inputs != NULL) {
        frame.changes = inputs->changes;
        frame.change_count = inputs->change_count;
        frame.inputs = inputs->inputs;
        frame.input_count = inputs->input_count;
    }
    fill_roster(c, r);
    if (fill_events(c, r, &frame, &error) != RESULT_OK) return complain(&error);
    if (tape_append(c->tape, &frame, &error) != RESULT_OK) return complain(&error);
    return EXIT_FINE;
}

static void print_result(const struct cut *c, const struct options *o)
{
    const struct tape_stats *stats = tape_stats(c->tape);
    if (!o->json) {
        printf("%u ticks\n", stats->tick_count);
        return;
    }
    const struct show_fact facts[] = {{"file", o->target, 0},
                                      {"ticks", NULL, stats->tick_count},
                                      {"first_tick", NULL, stats->first_tick},
                                      {"last_tick", NULL, stats->last_tick}};
    show_facts(facts, sizeof facts / sizeof facts[0]);
}

static enum exit_code copy(struct cut *c, struct reader *r, const struct options *o)
{
    const struct reader_info *info = reader_info(r);
    struct error error;
    uint32_t seat_count = info->head.seat_capacity;
    c->roster = calloc(1, sizeof *c->roster + seat_count * sizeof c->roster->entries[0]);
    if (c->roster == NULL) {
        error_set(&error, RESULT_IO, "no memory for a cut");
        return complain(&error);
    }
    c->roster->seat_count = seat_count;
    if (tape_create(&c->tape, o->target, &info->head, &error) != RESULT_OK) return complain(&error);
    reader_want_inputs(r, true);
    enum exit_code code = range_walk(r, o, visit, c);
    enum result result = code == EXIT_FINE ? tape_finish(c->tape, "cut from a longer recording",
                                                         NULL, info->ended_ms, &error)
                                           : RESULT_OK;
    if (result != RESULT_OK) code = complain(&error);
    if (code == EXIT_FINE) print_result(c, o);
    return code;
}

enum exit_code cut(struct reader *r, const struct options *o)
{
    struct cut *c = calloc(1, sizeof *c);
    struct error error;
    if (c == NULL) {
        error_set(&error, RESULT_IO, "no memory for a cut");
        return complain(&error);
    }
    enum exit_code code = copy(c, r, o);
    bool is_half = c->tape != NULL && code != EXIT_FINE;
    tape_destroy(c->tape);
    if (is_half) remove(o->target);
    free(c->roster);
    free(c);
    return code;
}
