/* fields.h - a game's own description of its data: entity kinds, their fields, usercmd and events.
 *
 * Place:   each game supplies one constant `field_table`; delta, JSON writer, recorder, desync
 *          report and dump tools interpret it at run time. A recording stores its own, so a newer
 *          build can read it. `schema` is the table prepared for the codecs.
 * Memory:  tables are constant and borrowed for as long as anything made from them lives.
 * Layout:  shared/PROTOCOL.md "Entity fragments" says how each kind is coded.
 */
#ifndef TICKWIRE_SHARED_FIELDS_H
#define TICKWIRE_SHARED_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/code.h"
#include "shared/result.h"

#define KINDS_MAX         15 /* kind 0 is a free slot */
#define ENTITY_WORDS      24 /* simulation words of one entity */
#define WIRE_FIELDS_MAX   16 /* fields of one kind that go to all */
#define MOVING_FIELDS_MAX 4  /* of those, extrapolated positions */
#define GLOBAL_WORDS      32 /* simulation words of the world itself */
#define USERCMD_WORDS     4
#define EVENT_WORDS       6
#define EVENT_KINDS_MAX   32
#define CODES_MAX         48 /* code tables of one game */
#define HEADING_BITS_MAX  16 /* of an angle that is a heading */

/* Symbols of an update (PROTOCOL.md "Code tables"). A shape says at once which groups differ from
 * what is expected and, where two fields move, how the smallest misses of both come together. */
#define NEAR_MAX        2 /* a near miss of a moving field: -2..2 */
#define NEAR_WIDTH      (2 * NEAR_MAX + 1)
#define MISS_FAR        (NEAR_WIDTH * NEAR_WIDTH) /* the moving fields' residues follow */
#define MISSES          (MISS_FAR + 1)            /* 0: as expected */
#define SHAPE_TURNING   MISSES
#define SHAPE_RARE      (2 * MISSES)
#define SHAPES          (4 * MISSES)
#define MASK_FIELDS_MAX 6 /* rare fields whose joint mask is one symbol: mask - 1 */
/* A residue: 0; then by size, each positive and negative: 1..7, the halves of 8..15, 16..31, up to
 * 2048..4095 with further bits; at last the field's value itself. */
#define RESIDUE_EXACT   7
#define RESIDUE_BUCKETS 25
#define RESIDUE_RAW     (1 + 2 * RESIDUE_BUCKETS)
#define RESIDUES        (RESIDUE_RAW + 1)

enum field_kind {
    FIELD_POSITION, /* a coordinate: residue against its extrapolation */
    FIELD_ANGLE,    /* wraps over its whole range: residue against the last value */
    FIELD_UNSIGNED, /* a count or an amount: absolute when it changed */
    FIELD_ENUM,     /* one of a few, or a set of flags: absolute when it changed */
    FIELD_SEAT,  /* a player (SEAT_NONE: nobody): absolute; whoever learns it learns the name too */
    FIELD_WARP,  /* a small counter; a new value says: the entity was put elsewhere, do not
                    extrapolate or interpolate over it */
    FIELD_NUMBER /* any int32_t of the simulation; never on the wire but in the self block */
};

enum field_audience {
    AUDIENCE_NONE,  /* stays on the server (and in recordings) */
    AUDIENCE_OWNER, /* self block only: simulation precision */
    AUDIENCE_ALL    /* everyone who sees the entity, at wire precision; the owner also at
                       simulation precision */
};

enum extrapolation {
    EXTRAPOLATE_HOLD,     /* expected to stay as it was */
    EXTRAPOLATE_VELOCITY, /* expected to go on as between the last two states sent */
    EXTRAPOLATE_HEADING   /* two positions, x before y: expected to go on as fast, in the direction
                             that the kind's heading has at the end; and the angle that is this
                             heading, 0 along +x, a quarter turn along +y */
};

/* One field. The wire value is `sim >> shift` (floor); it must lie in [min, max]. */
struct field {
    const char *name;    /* [a-z][a-z0-9_]*, also the JSON key */
    uint8_t kind;        /* enum field_kind */
    uint8_t audience;    /* enum field_audience */
    uint8_t extrapolate; /* enum extrapolation */
    uint8_t word;        /* index into entity.words */
    uint8_t shift;       /* simulation bits below one wire quantum */
    uint8_t bits;        /* width of (wire value - min), 1..24; 0 unless AUDIENCE_ALL */
    bool wraps;          /* max + 1 is min again */
    int32_t min, max;    /* of the wire value, checked on decode */
    int32_t unit_numerator, unit_denominator; /* units = wire value * numerator / denominator */
};

enum kind_flags {
    KIND_BODY = 1,       /* the entity that a player steers: at most one per seat */
    KIND_EVERYWHERE = 2, /* no place in the world: everyone sees it (match, leaders) */
    KIND_NAMELESS = 4    /* a body whose player's name does not come with it */
};

struct entity_kind {
    const char *name;
    uint8_t flags;          /* enum kind_flags */
    uint8_t x_word, y_word; /* where its position stands, unless KIND_EVERYWHERE */
    uint8_t field_count;
    const struct field *fields;
};

enum usercmd_field_kind {
    USERCMD_BUTTONS, /* a set of bits; a press is kept when usercmds are merged */
    USERCMD_ANGLE,   /* wraps over its whole range */
    USERCMD_UNSIGNED,
    USERCMD_SIGNED /* min may be negative */
};

struct usercmd_field {
    const char *name;
    uint8_t kind; /* enum usercmd_field_kind */
    uint8_t bits; /* 1..24: width of (value - min) */
    int32_t min, max;
    int32_t unit_numerator, unit_denominator; /* as in struct field, for JSON */
};

enum event_class {
    EVENT_RELIABLE, /* kept until sent, in order */
    EVENT_DROPPABLE /* forgotten after EVENT_DROP_TICKS */
};

enum event_value {
    EVENT_NUMBER,  /* as it is */
    EVENT_SEAT,    /* a player */
    EVENT_POSITION /* simulation units, x before y; JSON divides by the game's `unit` */
};

/* Stands for a position that lies out of the reader's sight. */
#define EVENT_UNSEEN (-1)

struct event_field {
    const char *name;
    uint8_t value; /* enum event_value */
};

struct event_kind {
    const char *name;
    uint8_t event_class; /* enum event_class */
    uint8_t field_count; /* <= EVENT_WORDS */
    struct event_field fields[EVENT_WORDS];
};

/* One code, by the length of each symbol's word (code.h). */
struct code_lengths {
    uint8_t symbol_count;
    const uint8_t *lengths;
};

/* The codes of one kind: indexes into code_set.codes. What a kind has no use for is 0. */
struct kind_codes {
    uint8_t shapes[2]; /* of one that rested; of one that moved */
    uint8_t mask;      /* 2..MASK_FIELDS_MAX rare fields */
    uint8_t residues[WIRE_FIELDS_MAX];
};

/* What tools/train made of recordings. */
struct code_set {
    uint8_t code_count; /* 1..CODES_MAX */
    const struct code_lengths *codes;
    const struct kind_codes *kinds; /* one per kind of the table */
};

struct field_table {
    const char *game;
    uint32_t step_version; /* raised when the same inputs would give other states */
    const struct entity_kind *kinds;
    uint8_t kind_count;              /* entity.kind - 1 indexes `kinds` */
    const char *const *global_names; /* one per global word in use */
    uint8_t global_count;
    const struct usercmd_field *usercmd_fields; /* usercmd.words[i] is described by [i] */
    uint8_t usercmd_field_count;
    const struct event_kind *event_kinds; /* event.kind indexes them */
    uint8_t event_kind_count;
    const struct code_set *codes; /* NULL: untrained, which suits any game a little */
};

/* One wire field, as the codec wants it. */
struct wire_field {
    int32_t min, max;
    int32_t span; /* max - min + 1 */
    uint8_t word, shift, bits, kind;
    bool wraps;
    uint8_t code; /* of its residues: index into schema.codes */
};

/* One word of the self block. */
struct self_field {
    uint8_t word;   /* of the entity */
    int8_t wire;    /* index into wire[] of what everybody is told of it, or -1: nothing */
    uint8_t shift;  /* bits below what everybody is told */
    bool is_moving; /* they are likely to change */
};

/* The fields of one kind sorted as the codec wants them: indexes into kind->fields. */
struct schema_kind {
    uint8_t
        wire[WIRE_FIELDS_MAX]; /* AUDIENCE_ALL, in table order; values on the wire use this order */
    uint8_t wire_count;
    uint8_t self[ENTITY_WORDS]; /* AUDIENCE_ALL and _OWNER, in table order */
    uint8_t self_count;
    /* indexes into wire[]: */
    uint8_t moving[MOVING_FIELDS_MAX]; /* positions that are extrapolated */
    uint8_t moving_count;
    uint8_t turning[WIRE_FIELDS_MAX]; /* FIELD_ANGLE and other FIELD_POSITION */
    uint8_t turning_count;
    uint8_t rare[WIRE_FIELDS_MAX];
    uint8_t rare_count;
    int8_t warp;             /* index into wire[], or -1 */
    int8_t heading;          /* index into wire[] of what the moving fields follow, or -1 */
    uint8_t heading_shift;   /* from this angle to 1/65536 of a turn */
    uint8_t shapes[2], mask; /* indexes into schema.codes */
    struct wire_field fields[WIRE_FIELDS_MAX];   /* by wire[] */
    struct self_field self_fields[ENTITY_WORDS]; /* by self[] */
};

struct schema {
    const struct field_table *table; /* borrowed */
    uint32_t hash;                   /* of everything both ends must agree on */
    unsigned kind_bits;              /* width of a kind on the wire */
    struct schema_kind kinds[KINDS_MAX];
    unsigned code_count;
    struct code codes[CODES_MAX];
};

/* Checks `table` against every rule above and prepares it. RESULT_INVALID if it breaks one:
 * tables of recordings come from outside. */
enum result schema_init(struct schema *s, const struct field_table *table);

/* Whether a kind's entities can have an update of that shape. */
bool schema_has_shape(const struct schema_kind *kind, unsigned shape);

/* Returns the value on the wire of a simulation value, clamped or wrapped into the field's range.
 */
int32_t field_quantize(const struct field *f, int32_t sim);

/* Returns the simulation value at the low edge of the quantum `wire`. */
int32_t field_dequantize(const struct field *f, int32_t wire);

/* Returns to - from, by the shorter way round where the field wraps. */
int32_t field_difference(const struct field *f, int32_t to, int32_t from);

/* Returns `wire` brought into [min, max]: round the edge where the field wraps, else clamped. */
int32_t field_confine(const struct field *f, int64_t wire);

#endif
