#include "client/view/outbox.h"

#include "client/view/words.h"
#include "shared/bytes.h"

#define PERIOD_US      (TICK_MS * 1000u)
#define SLOWER_US      1000u /* 2 % for each usercmd too many, */
#define SLOWER_MAX     2u    /* at most twice */
#define QUEUED_WANTED  1u
#define LATE_TICKS_MAX USERCMDS_PER_MESSAGE_MAX

void outbox_init(struct outbox *o, const struct field_table *table)
{
    *o = (struct outbox){.table = table, .period_us = PERIOD_US};
}

void outbox_set_input(struct outbox *o, const int32_t words[USERCMD_WORDS])
{
    for (unsigned i = 0; i < o->table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &o->table->usercmd_fields[i];
        int32_t word = words[i] < f->min ? f->min : words[i] > f->max ? f->max : words[i];
        o->held[i] = word;
        if (f->kind == USERCMD_BUTTONS) o->pressed[i] |= word;
    }
}

void outbox_steer(struct outbox *o, unsigned queued)
{
    unsigned extra = queued > QUEUED_WANTED ? queued - QUEUED_WANTED : 0;
    o->period_us = PERIOD_US + SLOWER_US * (extra < SLOWER_MAX ? extra : SLOWER_MAX);
}

struct usercmd outbox_next(const struct outbox *o, struct moment seen)
{
    struct usercmd next = {.seq = o->last_seq + 1,
                           .view_tick = seen.tick,
                           .view_part = seen.after_us * VIEW_PARTS / TICK_US};
    for (unsigned i = 0; i < USERCMD_WORDS; i++)
        next.words[i] = o->held[i] | o->pressed[i];
    return next;
}

/* Makes room for one more. Returns whether the two oldest had to become one for it. */
static bool make_room(struct outbox *o)
{
    if (o->unsent_count < USERCMDS_PER_MESSAGE_MAX) return false;

    usercmd_merge(o->table, &o->unsent[0], &o->unsent[1]);
    o->unsent_count--;
    bytes_move(&o->unsent[1], &o->unsent[2], (o->unsent_count - 1u) * sizeof o->unsent[0]);
    return true;
}

bool outbox_make(struct outbox *o, uint64_t now_us, struct moment seen, struct usercmd *made,
                 bool *merged)
{
    *merged = false;
    if (!o->is_started || now_us > o->next_us + (uint64_t)LATE_TICKS_MAX * o->period_us) {
        o->is_started = true;
        o->next_us = now_us;
    }
    if (now_us < o->next_us) return false;

    *made = outbox_next(o, seen);
    *merged = make_room(o);
    o->unsent[o->unsent_count++] = *made;
    o->last_seq = made->seq;
    o->next_us += o->period_us;
    bytes_zero(o->pressed, sizeof o->pressed);
    return true;
}

uint32_t outbox_part(const struct outbox *o, uint64_t now_us)
{
    if (!o->is_started || now_us >= o->next_us) return WORDS_ONE;
    uint64_t left_us = o->next_us - now_us;
    if (left_us >= o->period_us) return 0;
    return (uint32_t)((o->period_us - left_us) * WORDS_ONE / o->period_us);
}

void outbox_take(struct outbox *o, struct message_input *m)
{
    m->count = o->unsent_count;
    bytes_copy(m->cmds, o->unsent, o->unsent_count * sizeof o->unsent[0]);
    o->unsent_count = 0;
}
