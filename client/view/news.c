#include "client/view/news.h"

#include "shared/bytes.h"
#include "shared/tick.h"

void news_init(struct news *n, struct news_name *names, uint32_t seat_capacity)
{
    n->names = names;
    n->seat_capacity = seat_capacity;
    n->first = n->count = 0;
    bytes_zero(names, seat_capacity * sizeof names[0]);
}

static void take_name(struct news *n, const struct snapshot_name *name)
{
    if (name->seat >= n->seat_capacity) return;
    char *text = n->names[name->seat].text;
    bytes_copy(text, name->text, name->length_bytes);
    text[name->length_bytes] = '\0';
    n->names[name->seat].colour = name->colour;
}

static struct view_line *append(struct news *n)
{
    if (n->count == NEWS_LINES_MAX) {
        n->first = (n->first + 1) % NEWS_LINES_MAX;
        n->count--;
    }
    return &n->lines[(n->first + n->count++) % NEWS_LINES_MAX];
}

_Static_assert(SNAPSHOT_EVENTS_MAX <= 64, "a bit of news_receive_new()'s `known` for each line");

void news_receive(struct news *n, const struct seen *seen, uint32_t tick)
{
    news_receive_new(n, seen, tick, 0);
}

void news_receive_new(struct news *n, const struct seen *seen, uint32_t tick, uint64_t known)
{
    for (uint32_t i = 0; i < seen->name_count; i++)
        take_name(n, &seen->names[i]);
    for (uint32_t i = 0; i < seen->line_count; i++) {
        if (known >> i & 1) continue;
        *append(n) =
            (struct view_line){.tick = tick - seen->lines[i].age_ticks, .line = seen->lines[i]};
    }
}

void news_drop_lines(struct news *n)
{
    n->first = n->count = 0;
}

bool news_pop(struct news *n, uint32_t tick, struct view_line *line)
{
    if (n->count == 0 || tick_is_newer(n->lines[n->first].tick, tick)) return false;

    *line = n->lines[n->first];
    n->first = (n->first + 1) % NEWS_LINES_MAX;
    n->count--;
    return true;
}

const char *news_name(const struct news *n, uint16_t seat)
{
    return seat < n->seat_capacity ? n->names[seat].text : "";
}

uint8_t news_colour(const struct news *n, uint16_t seat)
{
    return seat < n->seat_capacity ? n->names[seat].colour : 0;
}
