#include "server/session/lines.h"

#include "shared/bytes.h"
#include "shared/tick.h"

#define AGE_TICKS_MAX 255

static const char *text_of(const struct lines *l, const struct line *line)
{
    return line->is_chat ? l->texts[line - l->reliable.lines] : NULL;
}

/* Appends `line`, which gets the next number; the oldest of its class gives way. `text` is a chat's. */
static void append(struct lines *l, const struct line *line, const char *text)
{
    struct line_ring *ring = line->is_reliable ? &l->reliable : &l->droppable;
    struct line *place = &ring->lines[ring->end % LINES_KEPT];
    if (ring->end >= LINES_KEPT && line->is_reliable) l->reliable_end = place->number + 1;
    *place = *line;
    if (line->is_chat) bytes_copy(l->texts[ring->end % LINES_KEPT], text, line->text_bytes);
    place->number = l->end++;
    ring->end++;
}

void lines_file(struct lines *l, const struct field_table *table, const struct frame *frame)
{
    if (!l->has_first || frame->tick != l->last_tick + 1) l->first_tick = frame->tick;
    l->has_first = true;
    l->last_tick = frame->tick;
    for (uint32_t i = 0; i < frame->event_count; i++) {
        const struct event *event = &frame->events[i];
        bool reliable = table->event_kinds[event->kind].event_class == EVENT_RELIABLE;
        append(
            l,
            &(struct line){
                .tick = frame->tick, .seat = event->seat, .is_reliable = reliable, .event = *event},
            NULL);
    }
    for (uint32_t i = 0; i < frame->chat_count; i++) {
        const struct frame_chat *chat = &frame->chats[i];
        append(l,
               &(struct line){.tick = frame->tick,
                              .seat = SEAT_NONE,
                              .is_chat = true,
                              .is_reliable = true,
                              .text_bytes = chat->length_bytes,
                              .chat_seat = chat->seat},
               chat->text);
    }
}

/* Returns where in `ring` the lines from `number` on begin: from the end, for most who read are a few
 * lines behind. */
static uint32_t find(const struct line_ring *ring, uint32_t number)
{
    uint32_t first = ring->end < LINES_KEPT ? 0 : ring->end - LINES_KEPT, at = ring->end;
    while (at != first && !tick_is_newer(number, ring->lines[(at - 1) % LINES_KEPT].number))
        at--;
    return at;
}

/* The number of the first line in `ring` that is newer than `tick`; the end's if there is none. */
static uint32_t first_after(const struct lines *l, const struct line_ring *ring, uint32_t tick)
{
    uint32_t at = ring->end < LINES_KEPT ? 0 : ring->end - LINES_KEPT;
    while (at != ring->end && !tick_is_newer(ring->lines[at % LINES_KEPT].tick, tick))
        at++;
    return at != ring->end ? ring->lines[at % LINES_KEPT].number : l->end;
}

/* The tick after which every reliable line is still here. */
static uint32_t whole_after(const struct lines *l)
{
    const struct line *oldest = &l->reliable.lines[l->reliable.end % LINES_KEPT];
    bool is_overwritten = l->reliable.end > LINES_KEPT;

    return is_overwritten && tick_is_newer(oldest->tick, l->first_tick) ? oldest->tick
                                                                        : l->first_tick - 1;
}

bool lines_find_after(const struct lines *l, uint32_t tick, uint32_t *number)
{
    uint32_t droppable = first_after(l, &l->droppable, tick);
    uint32_t reliable = first_after(l, &l->reliable, tick);

    if (!l->has_first || tick_is_newer(whole_after(l), tick)) return false;
    *number = tick_is_newer(droppable, reliable) ? reliable : droppable;
    return true;
}

void lines_recall(struct lines *l, const struct lines *from, const uint32_t *before_tick)
{
    uint32_t last_tick = before_tick != NULL ? *before_tick - 1 : from->last_tick;
    uint32_t after_tick = l->has_first ? l->last_tick : whole_after(from);
    const struct line_ring *ring = &from->reliable;
    uint32_t at = ring->end < LINES_KEPT ? 0 : ring->end - LINES_KEPT;
    bool is_whole =
        !tick_is_newer(whole_after(from), after_tick) && !tick_is_newer(last_tick, from->last_tick);

    if (!is_whole || !tick_is_newer(last_tick, after_tick)) return;
    if (!l->has_first) l->first_tick = after_tick + 1;
    l->has_first = true;
    l->last_tick = last_tick;
    for (; at != ring->end; at++) {
        const struct line *line = &ring->lines[at % LINES_KEPT];
        bool is_missing =
            tick_is_newer(line->tick, after_tick) && !tick_is_newer(line->tick, last_tick);
        if (is_missing) append(l, line, text_of(from, line));
    }
}

/* Takes the older one of the next lines of both rings; NULL: there are no more. */
static const struct line *take_next(const struct lines *l, uint32_t *droppable, uint32_t *reliable)
{
    const struct line *d = &l->droppable.lines[*droppable % LINES_KEPT];
    const struct line *r = &l->reliable.lines[*reliable % LINES_KEPT];
    bool has_d = *droppable != l->droppable.end, has_r = *reliable != l->reliable.end;
    if (has_d && has_r) has_d = tick_is_newer(r->number, d->number);
    if (has_d) {
        (*droppable)++;
        return d;
    }
    if (!has_r) return NULL;
    (*reliable)++;
    return r;
}

static bool is_in_sight(const struct lines_reader *reader, int32_t x, int32_t y)
{
    int64_t dx = (int64_t)x - reader->x, dy = (int64_t)y - reader->y;
    return reader->sees && dx >= -reader->half_x && dx <= reader->half_x && dy >= -reader->half_y &&
           dy <= reader->half_y;
}

/* Positions stand in pairs, x before y. Masks those out of sight; false: there were some, and all
 * are. */
static bool mask_positions(const struct event_kind *kind, const struct lines_reader *reader,
                           struct event *event)
{
    bool has_any = false, has_seen = false;
    for (unsigned i = 0; i + 1 < kind->field_count; i++) {
        if (kind->fields[i].value != EVENT_POSITION) continue;
        has_any = true;
        if (is_in_sight(reader, event->words[i], event->words[i + 1])) {
            has_seen = true;
        } else {
            event->words[i] = event->words[i + 1] = EVENT_UNSEEN;
        }
        i++;
    }
    return has_seen || !has_any;
}

/* Fills `out` with what the reader may know of `line`; false: nothing. */
static bool tell(const struct lines *l, const struct line *line, const struct field_table *table,
                 const struct lines_reader *reader, struct snapshot_line *out)
{
    int32_t age_ticks = tick_difference(reader->tick, line->tick);
    if (line->seat != SEAT_NONE && line->seat != reader->seat) return false;
    if (!line->is_reliable && age_ticks > LINE_DROP_TICKS) return false;

    if (age_ticks < 0) age_ticks = 0; /* recalled from who was a moment ahead */
    out->age_ticks = (uint8_t)(age_ticks > AGE_TICKS_MAX ? AGE_TICKS_MAX : age_ticks);
    out->line_kind = line->is_chat ? LINE_CHAT : LINE_EVENT;
    if (line->is_chat) {
        out->chat_seat = line->chat_seat;
        out->chat_length_bytes = line->text_bytes;
        bytes_copy(out->chat_text, text_of(l, line), line->text_bytes);
        return true;
    }
    out->event = line->event;
    return mask_positions(&table->event_kinds[line->event.kind], reader, &out->event) ||
           line->is_reliable;
}

uint32_t lines_read(const struct lines *l, const struct field_table *table, uint32_t *next,
                    const struct lines_reader *reader, struct snapshot_line *out, uint32_t capacity,
                    bool *lost)
{
    uint32_t count = 0;
    if (tick_is_newer(l->reliable_end, *next)) *lost = true;
    if (*next == l->end) return 0;

    const struct line *line;
    uint32_t droppable = find(&l->droppable, *next), reliable = find(&l->reliable, *next);
    while (count < capacity && (line = take_next(l, &droppable, &reliable)) != NULL) {
        if (tell(l, line, table, reader, &out[count])) count++;
        *next = line->number + 1;
    }
    if (count < capacity) *next = l->end;
    return count;
}
