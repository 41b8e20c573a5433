#include "shared/usercmd.h"

#include "shared/tick.h"

bool usercmd_is_valid(const struct field_table *table, const struct usercmd *cmd)
{
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        if (cmd->words[i] < f->min || cmd->words[i] > f->max) return false;
    }
    return true;
}

void usercmd_merge(const struct field_table *table, struct usercmd *cmd,
                   const struct usercmd *newer)
{
    cmd->seq = newer->seq;
    cmd->view_tick = newer->view_tick;
    cmd->view_part = newer->view_part;
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        int32_t kept = table->usercmd_fields[i].kind == USERCMD_BUTTONS ? cmd->words[i] : 0;
        cmd->words[i] = newer->words[i] | kept;
    }
}

int32_t usercmd_lag(const struct usercmd *cmd, uint32_t tick)
{
    if (cmd->view_tick == 0) return VIEW_PARTS;

    int32_t ticks = tick_difference(tick, cmd->view_tick);
    if (ticks <= 1) return VIEW_PARTS;
    if (ticks > LAG_TICKS_MAX) return LAG_TICKS_MAX * VIEW_PARTS;
    return ticks * VIEW_PARTS - (int32_t)(cmd->view_part % VIEW_PARTS);
}

void usercmd_bound_lag(struct usercmd *cmd, uint32_t tick)
{
    uint32_t lag = (uint32_t)usercmd_lag(cmd, tick);
    uint32_t ticks = (lag + VIEW_PARTS - 1) / VIEW_PARTS;
    cmd->view_tick = tick - ticks;
    cmd->view_part = ticks * VIEW_PARTS - lag;
}

/* A word that repeats costs one bit: between two ticks most do. */
void usercmd_encode(struct bits_writer *w, const struct field_table *table,
                    const struct usercmd *cmd, const struct usercmd *previous)
{
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        bool changed = cmd->words[i] != previous->words[i];
        bits_put(w, changed, 1);
        if (changed) bits_put(w, (uint32_t)cmd->words[i] - (uint32_t)f->min, f->bits);
    }
}

enum result usercmd_decode(struct bits_reader *r, const struct field_table *table,
                           struct usercmd *cmd, const struct usercmd *previous)
{
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        const struct usercmd_field *f = &table->usercmd_fields[i];
        cmd->words[i] = previous->words[i];
        if (bits_get(r, 1) == 1) {
            int64_t word = (int64_t)bits_get(r, f->bits) + f->min;
            if (word > f->max) return RESULT_INVALID;
            cmd->words[i] = (int32_t)word;
        }
    }
    return r->overflow ? RESULT_INVALID : RESULT_OK;
}
