#include "client/view/mend.h"

#include "client/view/words.h"
#include "shared/bytes.h"

void mend_init(struct mend *m, const struct schema *schema, int32_t unit, struct mend_one *memory,
               uint32_t capacity)
{
    *m = (struct mend){.schema = schema, .unit = unit, .list = memory, .spare = memory + capacity};
}

void mend_clear(struct mend *m)
{
    m->count = 0;
    m->has_guesses = false;
}

static const struct field *moving_field(const struct mend *m, uint8_t kind, unsigned index)
{
    const struct schema_kind *sorted = &m->schema->kinds[kind - 1];
    if (index >= sorted->moving_count) return NULL;
    return &m->schema->table->kinds[kind - 1].fields[sorted->wire[sorted->moving[index]]];
}

static bool is_same(const struct mend_one *one, const struct drawn *d)
{
    return one->slot == d->slot && one->generation == d->generation && one->kind == d->kind;
}

static void absorb_one(const struct mend *m, struct mend_one *one, const struct drawn *d)
{
    int64_t limit = (int64_t)MEND_SNAP_UNITS * m->unit;
    const struct field *f;
    bool snaps = false;
    for (unsigned i = 0; (f = moving_field(m, one->kind, i)) != NULL; i++) {
        int64_t jump = words_difference(f, one->shown[i], d->words[f->word]);
        snaps |= jump > limit || jump < -limit;
        one->jump[i] = snaps ? 0 : (int32_t)jump;
    }
    if (snaps) bytes_zero(one->jump, sizeof one->jump);
}

void mend_absorb(struct mend *m, const struct drawn *drawn, uint32_t count)
{
    for (uint32_t i = 0, next = 0; i < m->count; i++) {
        while (next < count && drawn[next].slot < m->list[i].slot)
            next++;
        if (next == count) break;
        if (m->list[i].is_guess && is_same(&m->list[i], &drawn[next])) {
            absorb_one(m, &m->list[i], &drawn[next]);
        }
    }
    m->has_guesses = false;
}

/* Moves `d` by what is left of the jump. Returns whether anything is. */
static bool apply(const struct mend *m, const struct mend_one *one, struct drawn *d)
{
    const struct field *f;
    bool is_off = false;
    for (unsigned i = 0; (f = moving_field(m, one->kind, i)) != NULL; i++) {
        d->words[f->word] = words_confine(f, (int64_t)d->words[f->word] + one->jump[i]);
        is_off |= one->jump[i] != 0;
    }
    return is_off;
}

static void note(const struct mend *m, struct mend_one *one, const struct drawn *d)
{
    const struct field *f;
    one->slot = d->slot;
    one->generation = d->generation;
    one->kind = d->kind;
    one->is_guess = d->flags & DRAWN_EXTRAPOLATED;
    for (unsigned i = 0; (f = moving_field(m, d->kind, i)) != NULL; i++)
        one->shown[i] = d->words[f->word];
}

static void fade(struct mend *m, uint64_t now_us)
{
    int32_t left = words_fade(WORDS_ONE, words_fade_ms(&m->faded_us, now_us));
    for (uint32_t i = 0; i < m->count; i++) {
        for (unsigned j = 0; j < MOVING_FIELDS_MAX; j++)
            m->list[i].jump[j] = (int32_t)words_scale(m->list[i].jump[j], left);
    }
}

void mend_draw(struct mend *m, struct moment moment, uint64_t now_us, struct drawn *drawn,
               uint32_t count)
{
    uint32_t known = 0, kept = 0;
    fade(m, now_us);
    m->moment = moment;
    m->has_guesses = false;
    for (uint32_t i = 0; i < count; i++) {
        struct drawn *d = &drawn[i];
        while (known < m->count && m->list[known].slot < d->slot)
            known++;
        bool is_known = known < m->count && is_same(&m->list[known], d);
        bool is_off = is_known && apply(m, &m->list[known], d);
        bool is_guess = d->flags & DRAWN_EXTRAPOLATED;
        if (!is_off && !is_guess) continue;
        m->spare[kept] = is_known ? m->list[known] : (struct mend_one){0};
        note(m, &m->spare[kept++], d);
        m->has_guesses |= is_guess;
    }
    struct mend_one *list = m->list;
    m->list = m->spare;
    m->spare = list;
    m->count = kept;
}
