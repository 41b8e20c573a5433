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

#include "shared/result.h"

#define KINDS_MAX         15 /* kind 0 is a free slot */
#define ENTITY_WORDS      24 /* simulation words of one entity */
#define WIRE_FIELDS_MAX   16 /* fields of one kind that go to all */
#define MOVING_FIELDS_MAX 4  /* of those, extrapolated by velocity */
#define GLOBAL_WORDS      32 /* simulation words of the world itself */
#define USERCMD_WORDS     4
#define EVENT_WORDS       6
#define EVENT_KINDS_MAX   32

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
    EXTRAPOLATE_HOLD,    /* expected to stay as it was */
    EXTRAPOLATE_VELOCITY /* expected to go on as between the last two states sent */
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
};

/* The fields of one kind sorted as the codec wants them: indexes into kind->fields. */
struct schema_kind {
    uint8_t
        wire[WIRE_FIELDS_MAX]; /* AUDIENCE_ALL, in table order; values on the wire use this order */
    uint8_t wire_count;
    uint8_t self[ENTITY_WORDS]; /* AUDIENCE_ALL and _OWNER, in table order */
    uint8_t self_count;
    /* indexes into wire[]: */
    uint8_t moving[MOVING_FIELDS_MAX]; /* EXTRAPOLATE_VELOCITY */
    uint8_t moving_count;
    uint8_t turning[WIRE_FIELDS_MAX]; /* FIELD_ANGLE and resting FIELD_POSITION */
    uint8_t turning_count;
    uint8_t rare[WIRE_FIELDS_MAX];
    uint8_t rare_count;
    int8_t warp; /* index into wire[], or -1 */
};

struct schema {
    const struct field_table *table; /* borrowed */
    uint32_t hash;                   /* of everything both ends must agree on */
    unsigned kind_bits;              /* width of a kind on the wire */
    struct schema_kind kinds[KINDS_MAX];
};

/* Checks `table` against every rule above and prepares it. RESULT_INVALID if it breaks one:
 * tables of recordings come from outside. */
enum result schema_init(struct schema *s, const struct field_table *table);

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
