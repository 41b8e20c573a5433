/* input_codec.h - who came, who went and what everybody asked for, tick by tick, as it was applied.
 *
 * Place:   the tape encodes with it, the reader decodes; verify hands the result to the game again.
 * Layout:  README.md "Inputs". A usercmd is coded against its seat's last one in the same chunk.
 * Memory:  a codec owns one usercmd a seat and, when it decodes, the lists of the last tick.
 */
#ifndef TICKWIRE_SERVER_RECORD_INPUT_CODEC_H
#define TICKWIRE_SERVER_RECORD_INPUT_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "server/record/varint.h"
#include "server/room/frame.h"
#include "shared/fields.h"
#include "shared/game.h"
#include "shared/result.h"

struct input_codec {
    const struct field_table *table; /* borrowed */
    uint32_t seat_capacity;
    struct usercmd *last;        /* owned: by seat */
    struct seat_change *changes; /* owned: of the tick last decoded */
    size_t change_capacity;
    struct seat_input *inputs; /* owned: seat_capacity of them */
};

enum result input_codec_init(struct input_codec *c, const struct field_table *table,
                             uint32_t seat_capacity);
void input_codec_deinit(struct input_codec *c);

/* Before the first tick of a chunk, on both sides. */
void input_codec_begin_chunk(struct input_codec *c);

void input_codec_put(struct input_codec *c, struct buffer *out, const struct tick_inputs *inputs);

/* Decodes one tick; `inputs` borrows until the next call. RESULT_INVALID: a seat out of range or
 * out of order, a usercmd that breaks its field's range, or bytes missing. */
enum result input_codec_get(struct input_codec *c, struct cursor *in, struct tick_inputs *inputs);

/* Returns a 64-bit hash of every word of them. */
uint64_t tick_inputs_hash(const struct tick_inputs *inputs);

#endif
