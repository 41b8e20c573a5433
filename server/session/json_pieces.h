/* json_pieces.h - each entity's JSON written once for all clients that were last sent the same tick.
 *
 * Place:   a worker keeps one set per room, as it keeps its cohorts; flavour_json appends from it. In
 *          JSON nothing is extrapolated, so what is to be said follows from the last tick sent
 *          alone, and what is said to who knows nothing from the present one.
 * Memory:  per page an entry by slot and an arena for the texts, taken when it is first used and
 *          kept; a full arena, or no memory for one, means writing straight into the caller's piece.
 * Cost:    writing a moving entity of two numbers takes some 700 instructions, handing out its text
 *          some 20: tests/bench/socketio prints the CPU of a whole update.
 */
#ifndef TICKWIRE_SERVER_SESSION_JSON_PIECES_H
#define TICKWIRE_SERVER_SESSION_JSON_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "server/room/frame.h"
#include "shared/json_update.h"

#define JSON_PAGES_MAX 16 /* bases in use at once: cadences, and those who held or polled late */
#define JSON_PAGE_SLOT_BYTES \
    128 /* of the arena for each slot of the room; untouched, it is not there */

/* One text. Empty: there is nothing to say. */
struct json_piece {
    const char *text;
    size_t length_bytes;
};

struct json_page_entry {
    uint32_t stamp; /* of the page's turn in which it was written */
    uint32_t at;    /* in the arena */
    uint32_t length_bytes;
};

struct json_page {
    uint32_t stamp;                  /* entries of another stamp are old */
    uint32_t used_bytes;             /* of the arena */
    struct json_page_entry *entries; /* owned: by slot */
    char *arena;                     /* owned */
    const struct frame *base;        /* borrowed for this turn; NULL: clients that know nothing */
};

struct json_pieces {
    const struct schema *schema; /* borrowed */
    const struct frame *now;     /* borrowed for this turn */
    uint32_t slot_capacity;
    uint32_t arena_bytes;
    struct json_page pages[JSON_PAGES_MAX];
    uint32_t used_count;                  /* of the pages, in this turn */
    uint64_t written_count, handed_count; /* for tests */
};

void json_pieces_init(struct json_pieces *p, const struct schema *schema, uint32_t slot_capacity);
void json_pieces_deinit(struct json_pieces *p);

/* Starts the turn of a new frame: all texts are old. */
void json_pieces_begin(struct json_pieces *p, const struct frame *now);

/* Returns the page of clients last sent `base` (NULL: nothing); the one used first gives way when
 * there are too many. Frames stay borrowed until the next json_pieces_begin(). */
struct json_page *json_pieces_page(struct json_pieces *p, const struct frame *base);

/* Returns the text of `slot`, which is in use now, and in the page's base by the same entity. It is
 * valid until the next call, or until the turn's end; `spare` has JSON_PIECE_BYTES_MAX bytes. */
struct json_piece json_page_get(struct json_pieces *p, struct json_page *page, uint16_t slot,
                                char *spare);

/* Returns the same for one client that knows this entity from another tick than the rest of what it
 * sees: from the page of that tick if there is one, else written for it alone. */
struct json_piece json_pieces_get_alone(struct json_pieces *p, const struct frame *base,
                                        uint16_t slot, char *spare);

#endif
