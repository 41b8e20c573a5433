/* snapshot.h - the message that carries what one client sees at one tick, and its decoder.
 *
 * Place:   the server's encoder calls the put functions in the order they stand here; every client
 *          hands whole messages to snapshot_decode(). message.h has the other messages.
 * Layout:  PROTOCOL.md "Snapshot". Bits, lowest first; the sections follow each other unaligned.
 * Memory:  struct seen owns nothing: its lists are the caller's. A decode works on a scratch list
 *          and commits only when the message parses to its exact end.
 */
#ifndef TICKWIRE_SHARED_SNAPSHOT_H
#define TICKWIRE_SHARED_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/bits.h"
#include "shared/delta.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/world.h"

#define SNAPSHOT_NAMES_MAX  16 /* names in one message; the rest follow with the next */
#define SNAPSHOT_EVENTS_MAX 64 /* events in one message, chat included */
#ifndef SNAPSHOT_HASH_EVERY
#define SNAPSHOT_HASH_EVERY 64 /* snapshots between two that carry the list's hash */
#endif

struct snapshot_header {
    uint32_t tick;
    bool is_full;       /* the base is nothing */
    uint32_t age_ticks; /* since the base, 1..BASE_AGE_TICKS_MAX; 0 if full */
    uint32_t input_seq; /* the client's last usercmd applied at `tick`; 0: none yet */
    bool has_self, has_names, has_events, has_hash, has_echo, has_clock; /* sections that follow */
    bool is_partial; /* of the entities known, some are left out; never if full */
};

/* Once a second: how the client learns its round trip, its cadence and how early its input is. */
struct snapshot_echo {
    uint16_t stamp_ms;   /* the client's own clock, as last received */
    uint32_t hold_ms;    /* how long ago that was when this was sent */
    uint32_t late_100us; /* how long after the tick's due time this was sent */
    uint8_t cadence;     /* ticks between two snapshots: 1, 2 or 4 */
    uint8_t queued;      /* usercmds that wait in the room */
};

/* With full snapshots, whenever the schedule shifts, and when the ticks up to this one came late: then
 * it was not the link. */
struct snapshot_clock {
    uint64_t due_us; /* the server's monotonic clock when `tick` was due */
};

/* Whose body one steers, as told in the self block. */
struct snapshot_self {
    bool is_known; /* false: one has no body now */
    uint16_t slot;
    struct entity
        body; /* OWNER and ALL words at simulation precision; a decoded one has no owner */
};

struct snapshot_name {
    uint16_t seat;
    uint8_t length_bytes; /* 0: the seat is empty again */
    uint8_t colour;       /* that was chosen, 1..COLOURS_MAX; 0: by the seat */
    char text[NAME_BYTES_MAX];
};

enum line_kind { LINE_EVENT, LINE_CHAT };

/* One event of the game, or one line of chat, and when it happened. */
struct snapshot_line {
    uint8_t line_kind;         /* enum line_kind */
    uint8_t age_ticks;         /* before the message's tick, capped at 255 */
    struct event event;        /* LINE_EVENT */
    uint16_t chat_seat;        /* LINE_CHAT; SEAT_NONE: the server says it */
    uint8_t chat_length_bytes; /* LINE_CHAT */
    char chat_text[CHAT_BYTES_MAX];
};

/* -- the server's side: in this order, header flags deciding which sections there are -- */

/* `expected_seq` is the input_seq of the base plus age_ticks (0 if full): then it costs one bit. */
void snapshot_put_header(struct bits_writer *w, const struct snapshot_header *h,
                         uint32_t expected_seq);
void snapshot_put_clock(struct bits_writer *w, const struct snapshot_clock *c);
void snapshot_put_echo(struct bits_writer *w, const struct snapshot_echo *e);

/* removed[] are ascending indexes into the base's list; a full message too calls it, with none. */
void snapshot_put_removes(struct bits_writer *w, const uint16_t *removed, uint32_t count);

/* Announces `count` adds; then, slots ascending, each by snapshot_put_add(). */
void snapshot_put_add_count(struct bits_writer *w, uint32_t count);
void snapshot_put_add(struct bits_writer *w, const struct schema *s, const struct wire_entity *e,
                      uint32_t previous_slot_plus_1);

/* Here follow the update fragments of all entities that were in the base's list and still are; in a
 * partial message a flag before each says whether it is there. The age of an update counts from the
 * last one of the same entity. */

/* `base` is the self of the base, or one with is_known false (always so if full). Without this
 * section the self is as in the base; unknown if full. `own_wire` is what the new list says of the
 * body, NULL if it is not in it. */
void snapshot_put_self(struct bits_writer *w, const struct schema *s,
                       const struct snapshot_self *now, const struct snapshot_self *base,
                       const int32_t *own_wire);

void snapshot_put_names(struct bits_writer *w, const struct snapshot_name *names, uint32_t count);
void snapshot_put_lines(struct bits_writer *w, const struct schema *s,
                        const struct snapshot_line *lines, uint32_t count);
void snapshot_put_hash(struct bits_writer *w, uint32_t hash);

/* Starts a MESSAGE_LINES, which goes on with snapshot_put_names() and _lines(), either of them
 * perhaps with none. */
void snapshot_put_lines_header(struct bits_writer *w, uint32_t tick);

/* -- a client's side -- */

/* What a client knows: the list of its last snapshot, slots ascending, and what came with it. */
struct seen {
    const struct schema *schema; /* borrowed */
    struct wire_entity *list;    /* borrowed: `capacity` entries */
    struct wire_entity *scratch; /* borrowed: `capacity` entries; swapped with list */
    uint32_t capacity;
    uint32_t count;
    bool has_base; /* a full snapshot has arrived */
    uint32_t tick;
    uint32_t input_seq;
    struct snapshot_self self;
    /* Of the last message alone: */
    struct snapshot_header header;
    struct snapshot_echo echo;
    struct snapshot_clock clock;
    struct snapshot_name names[SNAPSHOT_NAMES_MAX];
    uint32_t name_count;
    struct snapshot_line lines[SNAPSHOT_EVENTS_MAX];
    uint32_t line_count;
    bool hash_differs; /* the server's list is another: ask for a full one */
};

void seen_init(struct seen *s, const struct schema *schema, struct wire_entity *list,
               struct wire_entity *scratch, uint32_t capacity);

/* Applies one snapshot message (type byte included). RESULT_INVALID leaves list, tick and self as
 * they were and the client without a base: it asks for a full snapshot. RESULT_AGAIN: a delta
 * without its base (before the first full one, or after a RESULT_INVALID), to be ignored. */
enum result snapshot_decode(struct seen *s, const uint8_t *bytes, size_t length_bytes);

/* Applies a message of names and lines alone (MESSAGE_LINES); header.tick is its tick. */
enum result snapshot_decode_lines(struct seen *s, const uint8_t *bytes, size_t length_bytes);

/* Returns the entity in `slot` of the last list, or NULL. */
const struct wire_entity *seen_find(const struct seen *s, uint16_t slot);

#endif
