#include "server/room/inputs.h"

#include "server/room/room.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/tick.h"

/* This many may wait: they are what evens out a jittery line. More, and the body lags behind. */
#define WAITING_MAX 1

_Static_assert(USERCMDS_PER_TICK_MAX == 2, "queued_count() hands out one or two");

void inputs_init(struct inputs *in, uint8_t mode, uint32_t tick)
{
    bytes_zero(in, sizeof *in);
    in->mode = mode;
    in->tokens = INPUT_BURST;
    in->pushed_tick = tick;
}

/* The second oldest takes the place of the oldest, whose presses it gets. */
static void merge_oldest(struct inputs *in, const struct field_table *table)
{
    usercmd_merge(table, &in->queue[0], &in->queue[1]);
    in->queue_ticks[0] = in->queue_ticks[1];
    in->count--;
    for (unsigned i = 1; i < in->count; i++) {
        in->queue[i] = in->queue[i + 1];
        in->queue_ticks[i] = in->queue_ticks[i + 1];
    }
}

static struct usercmd pop_oldest(struct inputs *in)
{
    struct usercmd oldest = in->queue[0];
    in->count--;
    for (unsigned i = 0; i < in->count; i++) {
        in->queue[i] = in->queue[i + 1];
        in->queue_ticks[i] = in->queue_ticks[i + 1];
    }
    return oldest;
}

bool inputs_push(struct inputs *in, const struct field_table *table, const struct usercmd *cmd,
                 uint32_t tick)
{
    if (!usercmd_is_valid(table, cmd) || !tick_is_newer(cmd->seq, in->pushed_seq)) return false;

    if (in->count == INPUT_QUEUE_MAX) merge_oldest(in, table);
    in->queue[in->count] = *cmd;
    in->queue_ticks[in->count] = tick;
    in->count++;
    if (in->mode == INPUT_HELD && in->count > 1) merge_oldest(in, table);
    in->newest = *cmd;
    in->pushed_seq = cmd->seq;
    in->pushed_tick = tick;
    return true;
}

/* Nothing pressed, nothing pushed (0 lies in every field's range), looking where it looked. */
static struct usercmd neutral_usercmd(const struct inputs *in, const struct field_table *table)
{
    struct usercmd cmd = {.seq = in->pushed_seq};
    for (unsigned i = 0; i < table->usercmd_field_count; i++) {
        if (table->usercmd_fields[i].kind == USERCMD_ANGLE) cmd.words[i] = in->newest.words[i];
    }
    return cmd;
}

/* The player goes on doing it, and goes on looking. */
static struct usercmd held_usercmd(const struct inputs *in, uint32_t tick)
{
    struct usercmd cmd = in->newest;
    if (cmd.view_tick != 0) cmd.view_tick += tick - in->pushed_tick;
    return cmd;
}

static bool is_silent_for(const struct inputs *in, uint32_t tick, int32_t ticks)
{
    return tick_difference(tick, in->pushed_tick) > ticks;
}

static void take_held(struct inputs *in, const struct field_table *table, uint32_t tick,
                      struct seat_input *out)
{
    bool is_over = in->pushed_seq == 0 || is_silent_for(in, tick, INPUT_STALE_TICKS);
    out->count = 1;
    if (in->count > 0) {
        out->cmds[0] = pop_oldest(in);
    } else {
        out->cmds[0] = is_over ? neutral_usercmd(in, table) : held_usercmd(in, tick);
    }
    in->applied_seq = out->cmds[0].seq;
}

static unsigned queued_count(const struct inputs *in)
{
    unsigned wanted = in->count > 1 + WAITING_MAX ? 2 : in->count > 0 ? 1 : 0;
    return wanted < in->tokens ? wanted : in->tokens;
}

static void take_queued(struct inputs *in, const struct field_table *table, uint32_t tick,
                        struct seat_input *out)
{
    if (in->tokens < INPUT_BURST) in->tokens++;
    while (in->count > 1 && tick_difference(tick, in->queue_ticks[0]) > INPUT_STALE_TICKS)
        merge_oldest(in, table);

    out->count = (uint16_t)queued_count(in);
    for (unsigned i = 0; i < out->count; i++) {
        out->cmds[i] = pop_oldest(in);
        in->applied_seq = out->cmds[i].seq;
    }
    if (out->count == 0 && in->count == 0 && is_silent_for(in, tick, INPUT_PATIENCE_TICKS)) {
        out->cmds[0] = neutral_usercmd(in, table);
        out->count = 1;
    }
    in->tokens = (uint8_t)(in->tokens - out->count);
}

void inputs_take(struct inputs *in, const struct field_table *table, uint32_t tick,
                 struct seat_input *out)
{
    bytes_zero(out->cmds, sizeof out->cmds);
    if (in->mode == INPUT_HELD) {
        take_held(in, table, tick, out);
    } else {
        take_queued(in, table, tick, out);
    }
    for (unsigned i = 0; i < out->count; i++)
        usercmd_bound_lag(&out->cmds[i], tick);
}
