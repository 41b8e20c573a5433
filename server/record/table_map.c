#include "server/record/table_map.h"

#include <string.h>

/* How many units one simulation unit of the field is: numerator / denominator. */
struct scale {
    int64_t numerator, denominator;
};

static struct scale scale_of(const struct field *f)
{
    return (struct scale){f->unit_numerator, (int64_t)f->unit_denominator << f->shift};
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void map_word(struct word_map *w, const struct field *from, const struct field *to)
{
    struct scale old = scale_of(from), new = scale_of(to);
    *w = (struct word_map){.from = from->word, .to = to->word};
    /* Reduced before they are multiplied, so that 64 bits hold them for all but absurd tables. */
    int64_t by_unit = common_divisor(old.numerator, new.numerator);
    int64_t by_parts = common_divisor(old.denominator, new.denominator);
    bool is_huge = __builtin_mul_overflow(old.numerator / by_unit, new.denominator / by_parts,
                                          &w->numerator) ||
                   __builtin_mul_overflow(new.numerator / by_unit, old.denominator / by_parts,
                                          &w->denominator);
    w->is_scaled = !is_huge && w->numerator != w->denominator;
}

static void map_fields(struct kind_map *m, const struct entity_kind *from,
                       const struct entity_kind *to)
{
    for (unsigned i = 0; i < from->field_count; i++) {
        for (unsigned j = 0; j < to->field_count; j++) {
            if (strcmp(from->fields[i].name, to->fields[j].name) != 0) continue;
            if (m->word_count == ENTITY_WORDS) return;
            map_word(&m->words[m->word_count++], &from->fields[i], &to->fields[j]);
            break;
        }
    }
}

static void map_kinds(struct table_map *m, const struct field_table *from,
                      const struct field_table *to)
{
    for (unsigned i = 0; i < from->kind_count; i++) {
        for (unsigned j = 0; j < to->kind_count; j++) {
            if (strcmp(from->kinds[i].name, to->kinds[j].name) != 0) continue;
            m->kinds[i + 1].to = (uint8_t)(j + 1);
            map_fields(&m->kinds[i + 1], &from->kinds[i], &to->kinds[j]);
            break;
        }
    }
}

static void map_globals(struct table_map *m, const struct field_table *from,
                        const struct field_table *to)
{
    for (uint8_t i = 0; i < from->global_count; i++) {
        for (uint8_t j = 0; j < to->global_count; j++) {
            if (strcmp(from->global_names[i], to->global_names[j]) != 0) continue;
            m->globals[m->global_count++] = (struct word_map){.from = i, .to = j};
            break;
        }
    }
}

static void map_events(struct table_map *m, const struct field_table *from,
                       const struct field_table *to)
{
    memset(m->event_kinds, EVENT_KINDS_MAX, sizeof m->event_kinds);
    for (unsigned i = 0; i < from->event_kind_count; i++) {
        for (unsigned j = 0; j < to->event_kind_count; j++) {
            bool is_same = strcmp(from->event_kinds[i].name, to->event_kinds[j].name) == 0;
            if (is_same) m->event_kinds[i] = (uint8_t)j;
        }
    }
}

/* Whether every one of `all` words goes to its own place as it is. */
static bool is_in_place(const struct word_map *words, unsigned count, unsigned all)
{
    for (unsigned i = 0; i < count; i++) {
        if (words[i].from != words[i].to || words[i].is_scaled) return false;
    }
    return count == all;
}

/* States are laid out alike: how values travel over the wire does not matter. */
static bool is_identity(const struct table_map *m, const struct field_table *from,
                        const struct field_table *to)
{
    bool same = from->kind_count == to->kind_count && from->global_count == to->global_count &&
                from->event_kind_count == to->event_kind_count &&
                is_in_place(m->globals, m->global_count, from->global_count);
    for (unsigned i = 0; same && i < from->kind_count; i++) {
        const struct kind_map *kind = &m->kinds[i + 1];
        unsigned field_count = from->kinds[i].field_count;
        same = kind->to == i + 1 && field_count == to->kinds[i].field_count &&
               is_in_place(kind->words, kind->word_count, field_count);
    }
    for (unsigned i = 0; same && i < from->event_kind_count; i++)
        same = m->event_kinds[i] == i;
    return same;
}

void table_map_init(struct table_map *m, const struct field_table *from,
                    const struct field_table *to)
{
    memset(m, 0, sizeof *m);
    map_kinds(m, from, to);
    map_globals(m, from, to);
    map_events(m, from, to);
    m->is_identity = is_identity(m, from, to);
}

static int32_t map_value(const struct word_map *w, int32_t value)
{
    if (!w->is_scaled) return value;
    int64_t scaled;
    if (__builtin_mul_overflow(value, w->numerator, &scaled)) return value;
    scaled /= w->denominator;
    return (int32_t)(scaled > INT32_MAX ? INT32_MAX : scaled < INT32_MIN ? INT32_MIN : scaled);
}

static void map_entity(const struct table_map *m, struct entity *to, const struct entity *from)
{
    const struct kind_map *kind = &m->kinds[from->kind];
    *to = (struct entity){.kind = kind->to,
                          .generation = from->generation,
                          .owner = kind->to == 0 ? 0 : from->owner,
                          .since_tick = from->since_tick};
    for (unsigned i = 0; kind->to != 0 && i < kind->word_count; i++) {
        const struct word_map *w = &kind->words[i];
        to->words[w->to] = map_value(w, from->words[w->from]);
    }
}

void table_map_state(const struct table_map *m, struct world_state *to,
                     const struct world_state *from)
{
    if (m->is_identity) {
        memcpy(to, from, world_state_bytes(from));
        return;
    }
    *to =
        (struct world_state){.tick = from->tick, .slot_count = from->slot_count, .rng = from->rng};
    for (unsigned i = 0; i < m->global_count; i++)
        to->globals[m->globals[i].to] = from->globals[m->globals[i].from];
    for (uint32_t slot = 0; slot < from->slot_count; slot++)
        map_entity(m, &to->entities[slot], &from->entities[slot]);
}

bool table_map_event(const struct table_map *m, struct event *event)
{
    if (event->kind >= EVENT_KINDS_MAX || m->event_kinds[event->kind] == EVENT_KINDS_MAX) {
        return false;
    }
    event->kind = m->event_kinds[event->kind];
    return true;
}
