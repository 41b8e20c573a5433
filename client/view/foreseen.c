#include "client/view/foreseen.h"

#include "shared/tick.h"

void foreseen_init(struct foreseen *f, const struct game *game, const struct map *map,
                   uint16_t seat)
{
    *f = (struct foreseen){.game = game, .map = map, .seat = seat};
}

struct event *foreseen_note(struct foreseen *f, const struct entity *body,
                            const struct usercmd *cmd)
{
    struct event event = {0};
    if (f->game == NULL || f->game->strike == NULL) return NULL;
    if (!f->game->strike(f->map, body, cmd, &event)) return NULL;

    struct foreseen_one *one = &f->list[f->made++ % FORESEEN_MAX];
    *one = (struct foreseen_one){.number = f->made, .seq = cmd->seq, .event = event};
    return &one->event;
}

void foreseen_confirm(struct foreseen *f, uint32_t input_seq, uint32_t tick)
{
    for (unsigned i = 0; i < FORESEEN_MAX; i++) {
        struct foreseen_one *one = &f->list[i];
        if (one->number == 0 || one->is_applied || tick_is_newer(one->seq, input_seq)) continue;
        one->is_applied = true;
        one->after_tick = f->tick;
        one->last_tick = tick;
    }
    f->tick = tick;
}

static bool is_same(const struct foreseen *f, const struct foreseen_one *one,
                    const struct event *event, uint32_t tick)
{
    return one->number != 0 && one->is_applied && !one->is_true && one->event.kind == event->kind &&
           event->words[0] == f->seat && tick_is_newer(tick, one->after_tick) &&
           !tick_is_newer(tick, one->last_tick);
}

bool foreseen_is_known(struct foreseen *f, const struct event *event, uint32_t tick)
{
    for (unsigned i = 0; i < FORESEEN_MAX; i++) {
        struct foreseen_one *one = &f->list[(f->made + i) % FORESEEN_MAX]; /* oldest first */
        if (!is_same(f, one, event, tick)) continue;
        one->is_true = true;
        return true;
    }
    return false;
}

bool foreseen_take(struct foreseen *f, uint32_t tick, struct view_line *line)
{
    for (unsigned i = 0; i < FORESEEN_MAX; i++) {
        struct foreseen_one *one = &f->list[(f->made + i) % FORESEEN_MAX];
        if (one->number == 0 || one->is_told) continue;
        one->is_told = true;
        *line = (struct view_line){.tick = tick,
                                   .line = {.line_kind = LINE_EVENT, .event = one->event},
                                   .foreseen = one->number};
        return true;
    }
    return false;
}

uint32_t foreseen_take_withdrawn(struct foreseen *f)
{
    for (unsigned i = 0; i < FORESEEN_MAX; i++) {
        struct foreseen_one *one = &f->list[(f->made + i) % FORESEEN_MAX];
        if (one->number == 0 || !one->is_applied || one->is_true || one->is_withdrawn) continue;
        one->is_withdrawn = true;
        one->is_told = true; /* if it was not, it never will be */
        return one->number;
    }
    return 0;
}
