#include "client/view/fired.h"

#include "client/view/words.h"
#include "shared/bytes.h"
#include "shared/tick.h"

/* A moment this long after the shot left: the server has not answered, so there is no such shot. */
#define UNANSWERED_TICKS_MAX 40

void fired_init(struct fired *f, const struct game *game, const struct schema *schema,
                const struct map *map, uint16_t seat)
{
    *f = (struct fired){.game = game, .schema = schema, .map = map, .seat = seat};
}

static void prepare_next(const struct fired *f, struct fired_one *one)
{
    one->next = one->now;
    one->is_over = !f->game->fly(f->map, &one->next);
}

void fired_note(struct fired *f, const struct entity *body, const struct usercmd *cmd,
                struct moment seen)
{
    struct fired_one one = {.seq = cmd->seq, .since = seen};
    if (f->game == NULL || f->game->fire == NULL || f->game->fly == NULL) return;
    if (!f->game->fire(f->map, body, cmd, &one.now)) return;

    prepare_next(f, &one);
    f->list[f->made++ % FIRED_MAX] = one;
}

void fired_confirm(struct fired *f, uint32_t input_seq, uint32_t tick)
{
    for (unsigned i = 0; i < FIRED_MAX; i++) {
        struct fired_one *one = &f->list[i];
        if (one->now.kind == 0 || one->has_last || tick_is_newer(one->seq, input_seq)) continue;
        one->has_last = true;
        one->last_tick = tick;
    }
}

/* Lets it fly up to the tick that `at` lies in. Returns whether there is anything to draw. */
static bool fly_to(const struct fired *f, struct fired_one *one, struct moment at)
{
    int32_t since = tick_difference(at.tick, one->since.tick);
    bool has_come = one->has_last && tick_difference(at.tick, one->last_tick) >= 0;
    if (one->now.kind == 0 || has_come || since > UNANSWERED_TICKS_MAX) return false;

    int64_t into_us = (int64_t)since * TICK_US + at.after_us - one->since.after_us;
    while (!one->is_over && into_us >= (int64_t)(one->ticks + 1) * TICK_US) {
        one->now = one->next;
        one->ticks++;
        prepare_next(f, one);
    }
    return !one->is_over || into_us < (int64_t)(one->ticks + 1) * TICK_US;
}

static void draw_one(const struct fired *f, const struct fired_one *one, struct moment at,
                     struct drawn *out)
{
    int32_t since = tick_difference(at.tick, one->since.tick) - (int32_t)one->ticks;
    int64_t into_us = (int64_t)since * TICK_US + at.after_us - one->since.after_us;
    int64_t part = into_us < 0 ? 0 : into_us > TICK_US ? WORDS_ONE : into_us * WORDS_ONE / TICK_US;
    const struct entity_kind *kind = &f->schema->table->kinds[one->now.kind - 1];

    bytes_copy(out->words, one->now.words, sizeof out->words);
    for (unsigned i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        unsigned word = field->word;
        if (field->audience != AUDIENCE_ALL || !words_is_smooth(field)) continue;
        int64_t ahead_by = words_difference(field, one->next.words[word], one->now.words[word]);
        out->words[word] = words_confine(field, one->now.words[word] + words_scale(ahead_by, part));
    }
}

uint32_t fired_draw(struct fired *f, struct moment at, struct drawn *out, uint32_t capacity)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < FIRED_MAX && count < capacity; i++) {
        struct fired_one *one = &f->list[i];
        if (!fly_to(f, one, at)) {
            one->now.kind = 0;
            continue;
        }
        out[count] = (struct drawn){.slot = (uint16_t)(FIRED_FIRST_SLOT + i),
                                    .generation = (uint8_t)one->seq,
                                    .kind = one->now.kind,
                                    .owner = f->seat,
                                    .flags = DRAWN_MINE | DRAWN_PREDICTED};
        draw_one(f, one, at, &out[count++]);
    }
    return count;
}
