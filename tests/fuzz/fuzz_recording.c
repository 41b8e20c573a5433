/* fuzz_recording.c - whatever a recording's blobs hold, the decoders stay in their bounds, and what
 * they accept comes back when it is encoded again.
 *
 * Layout:  the first byte chooses: 0 a keyframe and the ticks after it, 1 the inputs of ticks, 2
 *          the text of a field table, 3 a packed blob behind two bytes of its unpacked length.
 */
#include <stdlib.h>
#include <string.h>

#include "server/record/input_codec.h"
#include "server/record/pack.h"
#include "server/record/state_codec.h"
#include "server/record/table_text.h"
#include "shared/check.h"
#include "tests/unit/test_game.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SLOTS 40
#define SEATS 12

static void check_state(const struct world_state *state)
{
    static const struct entity nothing;
    ASSERT(state->slot_count <= SLOTS);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const struct entity *e = &state->entities[slot];
        ASSERT(e->kind <= TEST_KIND_COUNT);
        ASSERT(slot < state->slot_count || memcmp(e, &nothing, sizeof *e) == 0);
    }
}

/* Encodes the state as a keyframe and reads that back. */
static void check_round_trip(const struct world_state *state)
{
    struct state_codec codec;
    struct buffer buffer = {0};
    struct cursor in;
    ASSERT(state_codec_init(&codec, &test_table, SLOTS) == RESULT_OK);
    state_codec_put_full(&codec, &buffer, state);
    cursor_init(&in, buffer.bytes, buffer.length_bytes);
    ASSERT(state_codec_get_full(&codec, &in) == RESULT_OK && cursor_left_bytes(&in) == 0);
    ASSERT(memcmp(codec.state, state, world_state_bytes(state)) == 0);
    buffer_deinit(&buffer);
    state_codec_deinit(&codec);
}

static void fuzz_state(struct cursor *in)
{
    struct state_codec codec;
    ASSERT(state_codec_init(&codec, &test_table, SLOTS) == RESULT_OK);
    enum result result = state_codec_get_full(&codec, in);
    while (result == RESULT_OK) {
        check_state(codec.state);
        check_round_trip(codec.state);
        if (cursor_left_bytes(in) == 0) break;
        result = state_codec_get_next(&codec, in);
    }
    state_codec_deinit(&codec);
}

static void check_inputs(const struct tick_inputs *inputs)
{
    for (uint32_t i = 0; i < inputs->change_count; i++)
        ASSERT(inputs->changes[i].seat < SEATS);
    for (uint32_t i = 0; i < inputs->input_count; i++) {
        const struct seat_input *input = &inputs->inputs[i];
        ASSERT(input->seat < SEATS && input->count <= USERCMDS_PER_TICK_MAX);
        ASSERT(i == 0 || input->seat > inputs->inputs[i - 1].seat);
        for (uint32_t j = 0; j < input->count; j++)
            ASSERT(usercmd_is_valid(&test_table, &input->cmds[j]));
    }
}

static void fuzz_inputs(struct cursor *in)
{
    struct input_codec codec, again;
    struct buffer buffer = {0};
    struct tick_inputs inputs, copies;
    ASSERT(input_codec_init(&codec, &test_table, SEATS) == RESULT_OK);
    ASSERT(input_codec_init(&again, &test_table, SEATS) == RESULT_OK);
    while (cursor_left_bytes(in) > 0 && input_codec_get(&codec, in, &inputs) == RESULT_OK) {
        struct cursor back;
        check_inputs(&inputs);
        buffer_clear(&buffer);
        input_codec_begin_chunk(&again);
        input_codec_put(&again, &buffer, &inputs);
        cursor_init(&back, buffer.bytes, buffer.length_bytes);
        input_codec_begin_chunk(&again);
        ASSERT(input_codec_get(&again, &back, &copies) == RESULT_OK);
        ASSERT(tick_inputs_hash(&copies) == tick_inputs_hash(&inputs));
    }
    buffer_deinit(&buffer);
    input_codec_deinit(&again);
    input_codec_deinit(&codec);
}

static void fuzz_table(const uint8_t *data, size_t size)
{
    struct stored_table *stored = malloc(2 * sizeof *stored);
    if (table_text_read(&stored[0], (const char *)data, size) == RESULT_OK) {
        char *text = table_text_write(&stored[0].table);
        ASSERT(table_text_read(&stored[1], text, strlen(text)) == RESULT_OK);
        ASSERT(stored[0].schema.hash == stored[1].schema.hash);
        free(text);
    }
    free(stored);
}

static void fuzz_pack(const uint8_t *data, size_t size)
{
    struct buffer buffer = {0};
    if (size < 2) return;
    size_t unpacked_bytes = data[0] | (size_t)data[1] << 8;
    if (pack_decode(&buffer, data + 2, size - 2, unpacked_bytes) == RESULT_OK) {
        ASSERT(buffer.length_bytes == unpacked_bytes);
    }
    buffer_deinit(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in;
    if (size == 0) return 0;
    cursor_init(&in, data + 1, size - 1);
    if (data[0] == 0) fuzz_state(&in);
    if (data[0] == 1) fuzz_inputs(&in);
    if (data[0] == 2) fuzz_table(data + 1, size - 1);
    if (data[0] == 3) fuzz_pack(data + 1, size - 1);
    return 0;
}
