/* flatten.c - writes a recording as a plain stream: what prove.c reads where there is no sqlite.
 *
 * Use:     flatten RECORDING.db >STREAM
 * Layout:  integers little-endian, structs as they lie in memory: the same on every build.
 *          head: game name length u32, name; slot_capacity, seat_capacity, map length u32, packed map
 *          then records: u32 kind, u64 hash of the state after the tick
 *            1 start: state length u32, struct world_state
 *            2 tick:  count u32, struct seat_change each; count u32, struct seat_input each
 *            0 the end */
#include <stdio.h>
#include <string.h>

#include "server/record/reader.h"

enum record { RECORD_END, RECORD_START, RECORD_TICK };

static void put(const void *bytes, size_t length_bytes)
{
    fwrite(bytes, 1, length_bytes, stdout);
}

static void put_u32(uint32_t value)
{
    put(&value, sizeof value);
}

static void put_block(const void *bytes, size_t length_bytes)
{
    put_u32((uint32_t)length_bytes);
    put(bytes, length_bytes);
}

static void put_head(const struct reader_info *info)
{
    put_block(info->game, strlen(info->game));
    put_u32(info->head.slot_capacity);
    put_u32(info->head.seat_capacity);
    put_block(info->head.packed_map, info->head.packed_map_bytes);
}

static void put_record(const struct reader *r)
{
    uint64_t hash = reader_hash(r);
    const struct tick_inputs *inputs = reader_inputs(r);
    put_u32(reader_is_start(r) ? RECORD_START : RECORD_TICK);
    put(&hash, sizeof hash);
    if (inputs == NULL) {
        put_block(reader_state(r), world_state_bytes(reader_state(r)));
        return;
    }
    put_u32(inputs->change_count);
    put(inputs->changes, inputs->change_count * sizeof inputs->changes[0]);
    put_u32(inputs->input_count);
    put(inputs->inputs, inputs->input_count * sizeof inputs->inputs[0]);
}

int main(int argc, char **argv)
{
    struct reader *r;
    struct error error;
    if (argc != 2) return 2;
    enum result result = reader_open(&r, argv[1], &error);
    if (result == RESULT_OK) {
        put_head(reader_info(r));
        reader_want_inputs(r, true);
        result = reader_seek(r, reader_info(r)->first_tick, &error);
    }
    for (; result == RESULT_OK; result = reader_step(r, &error))
        put_record(r);
    if (result != RESULT_CLOSED || r == NULL) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    put_u32(RECORD_END);
    reader_close(r);
    return fflush(stdout) == 0 ? 0 : 1;
}
