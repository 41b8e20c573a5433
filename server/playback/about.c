#include "server/playback/about.h"

#include <string.h>

#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/json_write.h"
#include "shared/message.h"

#define SLICE_TICKS    40 /* read at once */
#define SLICES         10 /* in one go: some milliseconds at most */
#define STRETCH_TICKS  20 /* the first one */
#define MARK_BYTES_MAX 160
#define CLOSING_BYTES  64

_Static_assert(ABOUT_MARKS_MAX * 36 + ABOUT_PLAYERS_MAX * 64 < ABOUT_BYTES_MAX,
               "usual ones all fit");

void about_begin(struct about *a, uint32_t first_tick, uint32_t last_tick)
{
    a->next_tick = first_tick;
    a->last_tick = last_tick;
    a->stretch_ticks = 0;
    a->count = 0;
}

/* Whether a mark of that kind stands already in the stretch of `tick`. */
static bool is_covered(const struct about *a, uint32_t count, uint32_t tick, uint8_t kind)
{
    if (a->stretch_ticks == 0) return false;
    uint32_t stretch = tick / a->stretch_ticks;
    while (count > 0 && a->marks[count - 1].tick / a->stretch_ticks == stretch) {
        if (a->marks[--count].kind == kind) return true;
    }
    return false;
}

static void thin(struct about *a)
{
    uint32_t kept = 0;
    a->stretch_ticks = a->stretch_ticks == 0 ? STRETCH_TICKS : a->stretch_ticks * 2;
    for (uint32_t i = 0; i < a->count; i++) {
        struct about_mark mark = a->marks[i];
        if (!is_covered(a, kept, mark.tick, mark.kind)) a->marks[kept++] = mark;
    }
    a->count = kept;
}

static void note(struct about *a, const struct recording_event *e)
{
    while (a->count == ABOUT_MARKS_MAX)
        thin(a);
    if (is_covered(a, a->count, e->tick, e->event.kind)) return;
    struct about_mark *mark = &a->marks[a->count++];
    *mark = (struct about_mark){.tick = e->tick, .kind = e->event.kind};
    bytes_copy(mark->words, e->event.words, sizeof mark->words);
}

static void gather_slice(struct about *a, struct reader *reader)
{
    const struct field_table *table = reader_info(reader)->head.table;
    uint32_t left = a->last_tick - a->next_tick;
    uint32_t to_tick = a->next_tick + (left < SLICE_TICKS ? left : SLICE_TICKS - 1);
    struct error ignored;
    size_t count = 0;
    /* Where the events cannot be read, a step will say so; the timeline has fewer marks then. */
    if (reader_events(reader, a->next_tick, to_tick, a->events, ABOUT_EVENTS_MAX, &count,
                      &ignored) != RESULT_OK)
        count = 0;
    for (size_t i = 0; i < count && i < ABOUT_EVENTS_MAX; i++) {
        const struct recording_event *e = &a->events[i];
        bool is_mark = !e->is_chat && e->event.seat == SEAT_NONE &&
                       table->event_kinds[e->event.kind].event_class == EVENT_RELIABLE;
        if (is_mark) note(a, e);
    }
    a->next_tick = to_tick + 1;
}

bool about_gather(struct about *a, struct reader *reader)
{
    for (unsigned i = 0; i < SLICES && a->next_tick <= a->last_tick; i++)
        gather_slice(a, reader);
    return a->next_tick <= a->last_tick;
}

/* ---- writing ---- */

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    json_put_key(w, key);
    json_put_text(w, text, strlen(text));
}

static void put_number(struct json_writer *w, const char *key, uint64_t value)
{
    json_put_key(w, key);
    json_put_unsigned(w, value);
}

static void put_kinds(struct json_writer *w, const struct field_table *table)
{
    json_put_key(w, "kinds");
    json_open(w, '[');
    for (unsigned i = 0; i < table->event_kind_count; i++) {
        const struct event_kind *kind = &table->event_kinds[i];
        json_open(w, '{');
        put_text(w, "type", kind->name);
        json_put_key(w, "fields");
        json_open(w, '[');
        for (unsigned j = 0; j < kind->field_count; j++)
            json_put_text(w, kind->fields[j].name, strlen(kind->fields[j].name));
        json_close(w, ']');
        json_close(w, '}');
    }
    json_close(w, ']');
}

static void put_player(struct json_writer *w, const struct recording_player *player)
{
    bool is_showable = text_is_showable(player->name, player->name_bytes);
    json_open(w, '[');
    json_put_unsigned(w, player->seat);
    json_put_text(w, player->name, is_showable ? player->name_bytes : 0);
    json_put_bool(w, player->is_bot);
    json_put_unsigned(w, player->from_tick);
    if (player->has_left) {
        json_put_unsigned(w, player->to_tick);
    } else {
        json_put_null(w);
    }
    json_put_unsigned(w, player->colour);
    json_close(w, ']');
}

static void put_players(struct json_writer *w, const struct reader *reader, uint32_t last_tick)
{
    size_t count;
    uint32_t written = 0;
    const struct recording_player *players = reader_players(reader, &count);
    json_put_key(w, "players");
    json_open(w, '[');
    for (unsigned bots = 0; bots < 2; bots++) {
        for (size_t i = 0; i < count && written < ABOUT_PLAYERS_MAX; i++) {
            if (players[i].is_bot != (bots == 1) || players[i].from_tick > last_tick) continue;
            put_player(w, &players[i]);
            written++;
        }
    }
    json_close(w, ']');
}

static void put_mark(struct json_writer *w, const struct about_mark *mark,
                     const struct recording_head *head)
{
    const struct event_kind *kind = &head->table->event_kinds[mark->kind];
    json_open(w, '[');
    json_put_unsigned(w, mark->tick);
    json_put_unsigned(w, mark->kind);
    for (unsigned i = 0; i < kind->field_count; i++) {
        bool is_place = kind->fields[i].value == EVENT_POSITION;
        bool is_seat = kind->fields[i].value == EVENT_SEAT;
        if (is_seat && (mark->words[i] < 0 || mark->words[i] >= SEAT_NONE)) {
            json_put_null(w);
        } else {
            json_put_ratio(w, mark->words[i], is_place && head->unit > 0 ? head->unit : 1);
        }
    }
    json_close(w, ']');
}

size_t about_write(const struct about *a, const struct reader *reader, const char *id, char *text,
                   size_t capacity_bytes)
{
    const struct reader_info *info = reader_info(reader);
    struct json_writer w;
    ASSERT(capacity_bytes >= ABOUT_BYTES_MAX);
    json_writer_init(&w, text, capacity_bytes);
    json_open(&w, '{');
    put_text(&w, "type", "about");
    put_text(&w, "recording", id);
    put_text(&w, "room", info->head.room);
    put_text(&w, "game", info->game);
    put_number(&w, "started", info->head.started_ms);
    put_number(&w, "rate", info->head.tick_hz);
    put_text(&w, "status", recording_status_name(info->status));
    put_kinds(&w, info->head.table);
    put_players(&w, reader, a->last_tick);
    json_put_key(&w, "marks");
    json_open(&w, '[');
    for (uint32_t i = 0; i < a->count; i++) {
        if (w.length_bytes + MARK_BYTES_MAX + CLOSING_BYTES > capacity_bytes) break;
        put_mark(&w, &a->marks[i], &info->head);
    }
    json_close(&w, ']');
    json_close(&w, '}');
    return json_finish(&w);
}
