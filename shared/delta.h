/* delta.h - one entity on the wire: its prediction, its update fragment, its first appearance.
 *
 * Place:   the server builds a fragment once per tick and cohort and appends it to many snapshots
 *          (server/session); every client decodes with the same rules (snapshot.h).
 *          delta.c has the rule that both ends follow, delta_write.c and delta_read.c the two
 *          directions, delta_self.c what a player alone is told of its own body.
 * Rule:    a moving field is expected to go on as between the last two states sent, or along its
 *          kind's heading as it is now; only the residue travels, in the game's code tables. Both
 *          ends compute in wire quanta, so no error accumulates.
 * Layout:  PROTOCOL.md "Entity fragments".
 * Memory:  borrows everything, allocates nothing.
 */
#ifndef TICKWIRE_SHARED_DELTA_H
#define TICKWIRE_SHARED_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/bits.h"
#include "shared/fields.h"
#include "shared/world.h"

#define FRAGMENT_BITS_MAX 1024 /* no update of any valid table is longer */

/* What a client knows of one entity after its last update: the base of the next one. */
struct wire_entity {
    uint16_t slot;
    uint16_t owner;
    uint8_t kind; /* 1 + index into table->kinds */
    uint8_t generation;
    uint16_t behind_ticks; /* its list's tick is that much newer: partial messages left it out */
    int32_t wire[WIRE_FIELDS_MAX];         /* by schema_kind.wire */
    int32_t velocity16[MOVING_FIELDS_MAX]; /* by schema_kind.moving: 1/16 quanta a tick; along a
                                              heading the speed, and 0 */
};

/* -- the rule: delta.c -- */

/* Fills wire[] with the quantized words of `e`, which is in use. */
void delta_quantize(const struct schema *s, const struct entity *e, int32_t wire[WIRE_FIELDS_MAX]);

/* Starts a wire_entity that stands at `now`, with no velocity. */
void delta_start(const struct schema *s, struct wire_entity *w, uint16_t slot,
                 const struct entity *now);

/* Moves the base on to `now`, `age_ticks` (>= 1) later: the step both ends take after an update. */
void delta_advance(const struct schema *s, struct wire_entity *w,
                   const int32_t now[WIRE_FIELDS_MAX], uint32_t age_ticks);

/* Fills wire[] with what is expected of `base` after `age_ticks`. */
void delta_predict(const struct schema *s, const struct wire_entity *base, uint32_t age_ticks,
                   int32_t wire[WIRE_FIELDS_MAX]);

/* Returns the velocity of moving field number `moving_index`, 1/16 quanta a tick. */
int32_t delta_velocity16(const struct schema *s, const struct wire_entity *e,
                         unsigned moving_index);

/* What decides which of a kind's two codes its next shape has. */
bool delta_has_moved(const struct schema *s, const struct wire_entity *base);

/* Moves an entity that is behind on to its list's tick, as expected: what is drawn meanwhile. */
void delta_catch_up(const struct schema *s, struct wire_entity *e);

/* Fills an entity with the words that a client knows or, where it is behind, expects, at the low
 * edge of each quantum. */
void delta_dequantize(const struct schema *s, const struct wire_entity *w, struct entity *e);

/* A 32-bit hash of a client's list, which both ends compare now and then: of a whole list, or
 * entity by entity in its order. */
uint32_t delta_hash(const struct schema *s, const struct wire_entity *list, uint32_t count);
uint32_t delta_hash_start(uint32_t count);
uint32_t delta_hash_add(uint32_t hash, const struct schema *s, const struct wire_entity *e);

/* -- writing: delta_write.c -- */

/* How `now` differs from what is expected of a base: what an update says, before it is coded. */
struct delta_difference {
    unsigned shape;                    /* fields.h */
    unsigned mask;                     /* a bit for each rare field that changed */
    int32_t residues[WIRE_FIELDS_MAX]; /* by schema_kind.wire */
};

void delta_compare(const struct schema *s, const struct wire_entity *base,
                   const int32_t now[WIRE_FIELDS_MAX], uint32_t age_ticks,
                   struct delta_difference *d);

/* Returns a residue's symbol (fields.h) and the bits that follow its word. */
unsigned delta_residue_symbol(int32_t value, unsigned *extra_bits);

/* Appends the update from `base` to `now`. */
void delta_encode_update(struct bits_writer *w, const struct schema *s,
                         const struct wire_entity *base, const int32_t now[WIRE_FIELDS_MAX],
                         uint32_t age_ticks);

/* The wire values of one entity at the last two ticks that a client was sent, and now. */
struct delta_step {
    const int32_t *before; /* NULL: it was not sent, or was put elsewhere, or is another */
    const int32_t *base, *now;
    uint32_t base_age_ticks; /* from before to base, if there is one */
    uint32_t age_ticks;      /* from base to now */
};

/* Appends the same update as delta_encode_update() for the base that those ticks lead to. */
void delta_encode_step(struct bits_writer *w, const struct schema *s, uint8_t kind_number,
                       const struct delta_step *step);

/* Appends a first appearance, slot aside: identity, all fields, and the velocity. */
void delta_encode_add(struct bits_writer *w, const struct schema *s, const struct wire_entity *e);

/* -- reading: delta_read.c -- */

/* Takes one update and advances `base`. RESULT_INVALID if a value is out of its range: then `base`
 * is of no use any more. */
enum result delta_decode_update(struct bits_reader *r, const struct schema *s,
                                struct wire_entity *base, uint32_t age_ticks);

/* Takes a first appearance into `e`, whose slot is set and stays. RESULT_INVALID as above. */
enum result delta_decode_add(struct bits_reader *r, const struct schema *s, struct wire_entity *e);

/* -- one's own body: delta_self.c -- */

/* Appends or takes what its owner alone gets of its own body: every OWNER and ALL word at
 * simulation precision, against `base` and, if the client sees its own body, the wire values that
 * the same message brought it to (else `own_wire` is NULL). */
void delta_encode_self(struct bits_writer *w, const struct schema *s, const struct entity *now,
                       const struct entity *base, const int32_t *own_wire);
enum result delta_decode_self(struct bits_reader *r, const struct schema *s, struct entity *body,
                              const int32_t *own_wire);

#endif
