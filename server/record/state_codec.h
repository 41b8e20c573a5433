/* state_codec.h - every word of a world, tick by tick, as the difference to the tick before.
 *
 * Place:   the tape encodes with it, the reader decodes; both keep the same state as they go.
 * Layout:  README.md "State". Words that are positions are coded against the step they made last
 *          time, so a thing that flies straight costs nothing; all other words against their last
 *          value. A new chunk starts with steps of zero, a new entity with words of zero.
 *          A keyframe is the difference to nothing.
 * Memory:  a codec owns its state and steps (about 200 bytes a slot), made once.
 */
#ifndef TICKWIRE_SERVER_RECORD_STATE_CODEC_H
#define TICKWIRE_SERVER_RECORD_STATE_CODEC_H

#include <stdint.h>

#include "server/record/varint.h"
#include "shared/fields.h"
#include "shared/result.h"
#include "shared/world.h"

struct state_codec {
    uint32_t slot_capacity;
    uint8_t kind_count;
    uint32_t stepping[KINDS_MAX + 1]; /* by entity.kind: a bit for each word that is a position */
    struct world_state *state;        /* owned: as of the last call; beyond slot_count all zero */
    int32_t (*steps)[ENTITY_WORDS];   /* owned: by slot, how the stepping words changed last */
    uint32_t touched_slots;           /* from here on, entities and steps are zero */
};

/* RESULT_IO when there is no memory. `table` has passed schema_init(). */
enum result state_codec_init(struct state_codec *c, const struct field_table *table,
                             uint32_t slot_capacity);
void state_codec_deinit(struct state_codec *c);

/* Encodes a keyframe; the codec's state is then `state`, its steps are zero. */
void state_codec_put_full(struct state_codec *c, struct buffer *out,
                          const struct world_state *state);

/* Before the first tick of a chunk, on both sides: steps are zero. */
void state_codec_begin_chunk(struct state_codec *c);

/* Encodes `state`, whose tick is the next after the codec's. */
void state_codec_put_next(struct state_codec *c, struct buffer *out,
                          const struct world_state *state);

/* Decode the same. RESULT_INVALID: the bytes break a rule; the codec's state is then of no use
 * until the next keyframe. */
enum result state_codec_get_full(struct state_codec *c, struct cursor *in);
enum result state_codec_get_next(struct state_codec *c, struct cursor *in);

#endif
