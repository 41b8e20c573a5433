#include "client/view/interpolate.h"

#include "client/view/words.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"

/* The two states that a moment lies between, and where. */
struct span {
    uint32_t index; /* of `from` */
    const struct interpolate_past *from;
    const struct interpolate_past *to; /* NULL: `from` is the newest */
    int64_t into_us;                   /* since `from`; >= 0 */
};

/* What is known of one entity before the moment and after it. */
struct course {
    const struct wire_entity *from;
    const struct wire_entity *to; /* NULL: nothing after it */
    int64_t into_us, length_us;   /* since `from` was so; from then to `to` */
};

void interpolate_init(struct interpolate *p, const struct schema *schema,
                      struct wire_entity *memory, uint32_t past_capacity, uint32_t entity_capacity)
{
    ASSERT(past_capacity >= 2 && past_capacity <= INTERPOLATE_PASTS_MAX);

    *p = (struct interpolate){
        .schema = schema, .entity_capacity = entity_capacity, .past_capacity = past_capacity};
    for (uint32_t i = 0; i < past_capacity; i++)
        p->pasts[i].list = memory + (size_t)i * entity_capacity;
}

void interpolate_clear(struct interpolate *p)
{
    p->first = p->count = 0;
}

/* The state at `index`, 0 the oldest. */
static const struct interpolate_past *past_at(const struct interpolate *p, uint32_t index)
{
    return &p->pasts[(p->first + index) % p->past_capacity];
}

void interpolate_push(struct interpolate *p, uint32_t tick, const struct wire_entity *list,
                      uint32_t count)
{
    ASSERT(count <= p->entity_capacity);

    if (p->count == p->past_capacity) {
        p->first = (p->first + 1) % p->past_capacity;
        p->count--;
    }
    struct interpolate_past *past = &p->pasts[(p->first + p->count++) % p->past_capacity];
    past->tick = tick;
    past->count = count;
    bytes_copy(past->list, list, count * sizeof *list);
}

static struct span find_span(const struct interpolate *p, struct moment at)
{
    uint32_t index = p->count - 1;
    while (index > 0 && tick_is_newer(past_at(p, index)->tick, at.tick))
        index--;

    struct span span = {.index = index, .from = past_at(p, index)};
    int32_t ticks = tick_difference(at.tick, span.from->tick);
    if (ticks >= 0) span.into_us = (int64_t)ticks * TICK_US + at.after_us;
    if (index + 1 < p->count) span.to = past_at(p, index + 1);
    return span;
}

static bool is_same(const struct wire_entity *a, const struct wire_entity *b)
{
    return a->slot == b->slot && a->generation == b->generation && a->kind == b->kind &&
           a->owner == b->owner;
}

/* Where the entity of that slot would stand in the list. */
static const struct wire_entity *find_in(const struct interpolate_past *past, uint16_t slot)
{
    uint32_t low = 0, high = past->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (past->list[middle].slot < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low < past->count ? &past->list[low] : NULL;
}

static int64_t ticks_us(uint32_t to, uint32_t from)
{
    return (int64_t)tick_difference(to, from) * TICK_US;
}

/* A partial state repeats what was known of those that it left out: the next one that tells of
 * `from` is the end of its course. `to` is what the state after `from`'s says, NULL: nothing. */
static struct course find_course(const struct interpolate *p, const struct span *span,
                                 const struct wire_entity *from, const struct wire_entity *to)
{
    uint32_t known_tick = span->from->tick - from->behind_ticks;
    struct course course = {.from = from,
                            .into_us = span->into_us + (int64_t)from->behind_ticks * TICK_US};
    for (uint32_t i = span->index + 1; to != NULL && is_same(from, to); i++) {
        if (to->behind_ticks == 0) {
            course.to = to;
            course.length_us = ticks_us(past_at(p, i)->tick, known_tick);
            break;
        }
        to = i + 1 < p->count ? find_in(past_at(p, i + 1), from->slot) : NULL;
    }
    return course;
}

static void draw_between(const struct schema *s, const struct course *course, struct drawn *out)
{
    const struct wire_entity *from = course->from, *to = course->to;
    const struct schema_kind *sorted = &s->kinds[from->kind - 1];
    const struct field *fields = s->table->kinds[from->kind - 1].fields;
    if (sorted->warp >= 0 && from->wire[sorted->warp] != to->wire[sorted->warp]) return;

    int64_t part = course->into_us * WORDS_ONE / course->length_us;
    for (unsigned i = 0; i < sorted->wire_count; i++) {
        const struct field *f = &fields[sorted->wire[i]];
        if (!words_is_smooth(f)) continue;
        int32_t difference = field_difference(f, to->wire[i], from->wire[i]);
        int64_t moved = words_scale(difference * ((int64_t)1 << f->shift), part);
        out->words[f->word] = words_confine(f, out->words[f->word] + moved);
    }
}

static void draw_beyond(const struct schema *s, const struct wire_entity *from, int64_t into_us,
                        struct drawn *out)
{
    const struct schema_kind *sorted = &s->kinds[from->kind - 1];
    const struct field *fields = s->table->kinds[from->kind - 1].fields;

    if (into_us > INTERPOLATE_EXTRAPOLATE_US) into_us = INTERPOLATE_EXTRAPOLATE_US;
    for (unsigned i = 0; i < sorted->moving_count; i++) {
        const struct field *f = &fields[sorted->wire[sorted->moving[i]]];
        int64_t per_16_ticks = (int64_t)delta_velocity16(s, from, i) * ((int64_t)1 << f->shift);
        int64_t moved = per_16_ticks * into_us / (16 * TICK_US);
        out->words[f->word] = words_confine(f, out->words[f->word] + moved);
    }
}

/* The words as they were when they were told, however long ago. */
static void take_words(const struct schema *s, const struct wire_entity *e, struct drawn *out)
{
    struct wire_entity told;
    struct entity known;
    if (e->behind_ticks > 0) {
        told = *e;
        told.behind_ticks = 0;
        e = &told;
    }
    delta_dequantize(s, e, &known);
    bytes_copy(out->words, known.words, sizeof out->words);
}

/* `goes`: it is not in the next state. */
static void draw_one(const struct schema *s, const struct course *course, bool goes,
                     struct drawn *out)
{
    const struct wire_entity *from = course->from;
    *out = (struct drawn){.slot = from->slot,
                          .generation = from->generation,
                          .kind = from->kind,
                          .owner = from->owner};
    take_words(s, from, out);
    if (course->to != NULL) {
        draw_between(s, course, out);
        return;
    }
    draw_beyond(s, from, course->into_us, out);
    if (goes || course->into_us == 0) return;
    out->flags |= DRAWN_EXTRAPOLATED;
    if (course->into_us > INTERPOLATE_EXTRAPOLATE_US) out->flags |= DRAWN_HELD;
}

uint32_t interpolate_draw(const struct interpolate *p, struct moment at, struct drawn *out,
                          uint32_t capacity)
{
    if (p->count == 0) return 0;

    struct span span = find_span(p, at);
    uint32_t next = 0, drawn_count = 0;
    for (uint32_t i = 0; i < span.from->count && drawn_count < capacity; i++) {
        const struct wire_entity *from = &span.from->list[i];
        const struct wire_entity *to = NULL;
        while (span.to != NULL && next < span.to->count && span.to->list[next].slot < from->slot)
            next++;
        if (span.to != NULL && next < span.to->count && is_same(from, &span.to->list[next])) {
            to = &span.to->list[next];
        }
        struct course course = find_course(p, &span, from, to);
        bool goes = span.to != NULL && to == NULL;
        draw_one(p->schema, &course, goes, &out[drawn_count++]);
    }
    return drawn_count;
}
