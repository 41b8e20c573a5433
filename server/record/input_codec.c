#include "server/record/input_codec.h"

#include <stdlib.h>
#include <string.h>

#include "shared/check.h"

/* A usercmd starts with the mask of its changed words and these flags. */
enum {
    SEQ_JUMPS = 1 << USERCMD_WORDS,
    VIEW_JUMPS = 2 << USERCMD_WORDS,
    PART_CHANGES = 4 << USERCMD_WORDS,
    HEAD_MAX = 8 << USERCMD_WORDS
};

enum result input_codec_init(struct input_codec *c, const struct field_table *table,
                             uint32_t seat_capacity)
{
    size_t seats = seat_capacity == 0 ? 1 : seat_capacity;
    *c = (struct input_codec){.table = table, .seat_capacity = seat_capacity};
    c->last = calloc(seats, sizeof c->last[0]);
    c->inputs = calloc(seats, sizeof c->inputs[0]);
    if (c->last != NULL && c->inputs != NULL) return RESULT_OK;
    input_codec_deinit(c);
    return RESULT_IO;
}

void input_codec_deinit(struct input_codec *c)
{
    free(c->last);
    free(c->changes);
    free(c->inputs);
    *c = (struct input_codec){0};
}

void input_codec_begin_chunk(struct input_codec *c)
{
    memset(c->last, 0, c->seat_capacity * sizeof c->last[0]);
}

static int32_t difference(uint32_t now, uint32_t last)
{
    return (int32_t)(now - last);
}

static void put_usercmd(struct input_codec *c, struct buffer *out, const struct usercmd *now,
                        struct usercmd *last)
{
    uint32_t head = 0;
    for (unsigned i = 0; i < c->table->usercmd_field_count; i++) {
        if (now->words[i] != last->words[i]) head |= 1u << i;
    }
    if (now->seq != last->seq + 1) head |= SEQ_JUMPS;
    if (now->view_tick != last->view_tick + 1) head |= VIEW_JUMPS;
    if (now->view_part != last->view_part) head |= PART_CHANGES;

    buffer_put_number(out, head);
    if (head & SEQ_JUMPS) buffer_put_signed(out, difference(now->seq, last->seq));
    if (head & VIEW_JUMPS) buffer_put_signed(out, difference(now->view_tick, last->view_tick));
    if (head & PART_CHANGES) buffer_put_byte(out, (uint8_t)now->view_part);
    for (unsigned i = 0; i < c->table->usercmd_field_count; i++) {
        if (!(head & 1u << i)) continue;
        buffer_put_signed(out, difference((uint32_t)now->words[i], (uint32_t)last->words[i]));
    }
    *last = *now;
}

void input_codec_put(struct input_codec *c, struct buffer *out, const struct tick_inputs *inputs)
{
    buffer_put_number(out, inputs->change_count);
    for (uint32_t i = 0; i < inputs->change_count; i++) {
        buffer_put_number(out, (uint32_t)inputs->changes[i].seat << 1 | inputs->changes[i].is_join);
    }
    uint32_t next_seat = 0;
    buffer_put_number(out, inputs->input_count);
    for (uint32_t i = 0; i < inputs->input_count; i++) {
        const struct seat_input *input = &inputs->inputs[i];
        ASSERT(input->seat >= next_seat && input->seat < c->seat_capacity);
        buffer_put_number(out, input->seat - next_seat);
        buffer_put_byte(out, (uint8_t)input->count);
        for (uint32_t j = 0; j < input->count; j++)
            put_usercmd(c, out, &input->cmds[j], &c->last[input->seat]);
        next_seat = input->seat + 1u;
    }
}

static enum result get_changes(struct input_codec *c, struct cursor *in, uint32_t *count)
{
    *count = cursor_get_number(in);
    if (in->failed || *count > cursor_left_bytes(in)) return RESULT_INVALID;
    if (*count > c->change_capacity) {
        struct seat_change *changes = realloc(c->changes, *count * sizeof changes[0]);
        if (changes == NULL) return RESULT_IO;
        c->changes = changes;
        c->change_capacity = *count;
    }
    for (uint32_t i = 0; i < *count; i++) {
        uint32_t change = cursor_get_number(in);
        if (change >> 1 >= c->seat_capacity) return RESULT_INVALID;
        c->changes[i] =
            (struct seat_change){.seat = (uint16_t)(change >> 1), .is_join = (change & 1) != 0};
    }
    return RESULT_OK;
}

static enum result get_usercmd(struct input_codec *c, struct cursor *in, struct usercmd *now,
                               struct usercmd *last)
{
    uint32_t head = cursor_get_number(in);
    if (head >= HEAD_MAX) return RESULT_INVALID;

    *now = *last;
    now->seq += head & SEQ_JUMPS ? (uint32_t)cursor_get_signed(in) : 1;
    now->view_tick += head & VIEW_JUMPS ? (uint32_t)cursor_get_signed(in) : 1;
    if (head & PART_CHANGES) now->view_part = cursor_get_byte(in);
    if (now->view_part >= VIEW_PARTS) return RESULT_INVALID;
    for (unsigned i = 0; i < USERCMD_WORDS; i++) {
        if (!(head & 1u << i)) continue;
        if (i >= c->table->usercmd_field_count) return RESULT_INVALID;
        now->words[i] = (int32_t)((uint32_t)now->words[i] + (uint32_t)cursor_get_signed(in));
    }
    if (in->failed || !usercmd_is_valid(c->table, now)) return RESULT_INVALID;
    *last = *now;
    return RESULT_OK;
}

static enum result get_input(struct input_codec *c, struct cursor *in, struct seat_input *input,
                             uint32_t *next_seat)
{
    uint32_t distance = cursor_get_number(in);
    if (in->failed || distance >= c->seat_capacity - *next_seat) return RESULT_INVALID;
    input->seat = (uint16_t)(*next_seat + distance);
    input->count = cursor_get_byte(in);
    if (input->count > USERCMDS_PER_TICK_MAX) return RESULT_INVALID;
    for (uint32_t i = 0; i < input->count; i++) {
        enum result result = get_usercmd(c, in, &input->cmds[i], &c->last[input->seat]);
        if (result != RESULT_OK) return result;
    }
    *next_seat = input->seat + 1u;
    return RESULT_OK;
}

enum result input_codec_get(struct input_codec *c, struct cursor *in, struct tick_inputs *inputs)
{
    uint32_t change_count, next_seat = 0;
    enum result result = get_changes(c, in, &change_count);
    if (result != RESULT_OK) return result;

    uint32_t input_count = cursor_get_number(in);
    if (in->failed || input_count > c->seat_capacity) return RESULT_INVALID;
    for (uint32_t i = 0; i < input_count; i++) {
        result = get_input(c, in, &c->inputs[i], &next_seat);
        if (result != RESULT_OK) return result;
    }
    *inputs = (struct tick_inputs){.changes = c->changes,
                                   .change_count = change_count,
                                   .inputs = c->inputs,
                                   .input_count = input_count};
    return in->failed ? RESULT_INVALID : RESULT_OK;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9FB21C651E98DF25);
    return hash ^ hash >> 32;
}

static uint64_t mix_usercmd(uint64_t hash, const struct usercmd *cmd)
{
    hash = mix(hash, cmd->seq | (uint64_t)cmd->view_tick << 32);
    if (cmd->view_part != 0) hash = mix(hash, cmd->view_part);
    for (unsigned i = 0; i < USERCMD_WORDS; i += 2) {
        hash = mix(hash, (uint32_t)cmd->words[i] | (uint64_t)(uint32_t)cmd->words[i + 1] << 32);
    }
    return hash;
}

uint64_t tick_inputs_hash(const struct tick_inputs *inputs)
{
    uint64_t hash = inputs->change_count | (uint64_t)inputs->input_count << 32;
    for (uint32_t i = 0; i < inputs->change_count; i++)
        hash = mix(hash, (uint64_t)inputs->changes[i].seat << 1 | inputs->changes[i].is_join);
    for (uint32_t i = 0; i < inputs->input_count; i++) {
        const struct seat_input *input = &inputs->inputs[i];
        hash = mix(hash, input->seat | (uint64_t)input->count << 16);
        for (uint32_t j = 0; j < input->count; j++)
            hash = mix_usercmd(hash, &input->cmds[j]);
    }
    return hash;
}
