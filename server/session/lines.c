#include "server/session/lines.h"

#include "shared/bytes.h"
#include "shared/tick.h"

#define AGE_TICKS_MAX 255

static struct line *append(struct lines *l)
{
    struct line *line = &l->ring[l->end % LINES_KEPT];
    if (l->end >= LINES_KEPT && line->is_reliable) l->reliable_end = l->end - LINES_KEPT + 1;
    l->end++;
    return line;
}

void lines_file(struct lines *l, const struct field_table *table, const struct frame *frame)
{
    for (uint32_t i = 0; i < frame->event_count; i++) {
        const struct event *event = &frame->events[i];
        bool reliable = table->event_kinds[event->kind].event_class == EVENT_RELIABLE;
        *append(l) = (struct line){
            .tick = frame->tick, .seat = event->seat, .is_reliable = reliable, .event = *event};
    }
    for (uint32_t i = 0; i < frame->chat_count; i++) {
        *append(l) = (struct line){.tick = frame->tick,
                                   .seat = SEAT_NONE,
                                   .is_chat = true,
                                   .is_reliable = true,
                                   .chat = frame->chats[i]};
    }
}

static void tell(struct snapshot_line *out, const struct line *line, uint32_t tick)
{
    int32_t age_ticks = tick_difference(tick, line->tick);
    out->age_ticks = (uint8_t)(age_ticks > AGE_TICKS_MAX ? AGE_TICKS_MAX : age_ticks);
    out->line_kind = line->is_chat ? LINE_CHAT : LINE_EVENT;
    if (line->is_chat) {
        out->chat_seat = line->chat.seat;
        out->chat_length_bytes = line->chat.length_bytes;
        bytes_copy(out->chat_text, line->chat.text, sizeof out->chat_text);
    } else {
        out->event = line->event;
    }
}

uint32_t lines_read(const struct lines *l, uint32_t *next, uint16_t seat, uint32_t tick,
                    struct snapshot_line *out, uint32_t capacity, bool *lost)
{
    uint32_t count = 0;
    if (tick_is_newer(l->reliable_end, *next)) *lost = true;
    if (l->end - *next > LINES_KEPT) *next = l->end - LINES_KEPT;

    for (; *next != l->end && count < capacity; (*next)++) {
        const struct line *line = &l->ring[*next % LINES_KEPT];
        if (line->seat != SEAT_NONE && line->seat != seat) continue;
        if (!line->is_reliable && tick_difference(tick, line->tick) > LINE_DROP_TICKS) continue;
        tell(&out[count++], line, tick);
    }
    return count;
}
