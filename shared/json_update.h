/* json_update.h - the messages down of the JSON flavour, written straight from the field table.
 *
 * Place:   server/session calls the functions in the order they stand here, as it calls those of
 *          snapshot.h for the binary flavour; a browser applies the result with Object.assign.
 * Layout:  PROTOCOL.md "JSON": only what changed, absolute values, in units; a key whose value
 *          would be empty is absent. What a client knows is the same struct wire_entity as in the
 *          binary flavour, its velocities unused.
 * Memory:  borrows the caller's buffer, allocates nothing. A piece depends on now and base alone,
 *          so all clients that were last sent the same tick can share it.
 */
#ifndef TICKWIRE_SHARED_JSON_UPDATE_H
#define TICKWIRE_SHARED_JSON_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/json_write.h"
#include "shared/message.h"
#include "shared/snapshot.h"
#include "shared/world.h"

#define JSON_PIECE_BYTES_MAX 1536                  /* no entity of any valid table needs more */
#define JSON_TOKEN_CHARS     (2 * TOKEN_BYTES + 4) /* the secret, then the seat, in hex digits */

struct json_update_header {
    uint32_t tick;
    bool has_ack;
    uint32_t ack_seq; /* the client's last usercmd applied at `tick`, if has_ack */
    bool is_full;     /* forget all entities first */
    bool is_lines;    /* "lines" instead of "update": names and events without state */
};

/* Closed: visible to be embedded. */
struct json_update {
    struct json_writer writer;
    uint32_t tick;
    uint8_t section; /* which list is open */
};

/* What is to be said of one entity. */
struct json_entity {
    uint16_t slot;
    uint8_t kind;
    uint16_t owner;      /* a seat, or SEAT_NONE */
    const int32_t *wire; /* its wire values now, as delta_quantize() makes them */
    const int32_t *base; /* what the client knows of the same entity; NULL: nothing */
};

/* Writes one entity as a member of "put": `"17":{"x":12.5}`, with what differs from what is known,
 * or, where nothing is, its kind, its owner and all. Returns the length, 0 if nothing differs.
 * `capacity_bytes` is at least JSON_PIECE_BYTES_MAX. */
size_t json_piece_write(char *text, size_t capacity_bytes, const struct schema *s,
                        const struct json_entity *e);

void json_update_begin(struct json_update *u, char *text, size_t capacity_bytes,
                       const struct json_update_header *h);

/* Adds one piece; an empty one is left out. */
void json_update_put_piece(struct json_update *u, const char *piece, size_t length_bytes);

/* Adds one entity, unshared, with what differs from the wire values `base`, or all of it. */
void json_update_put(struct json_update *u, const struct schema *s, uint16_t slot,
                     const struct entity *now, const int32_t *base);

/* The entity in `slot` is gone; if another took its place, that one is put whole, not deleted. */
void json_update_del(struct json_update *u, uint16_t slot);

/* What the owner alone gets: its body's slot, and of the words that only it knows those that differ
 * from `base`, as last told (is_known false: nothing yet). */
void json_update_you(struct json_update *u, const struct schema *s, uint16_t seat,
                     const struct snapshot_self *now, const struct snapshot_self *base);

/* A name that is told without a colour has none: it goes by the seat. */
void json_update_names(struct json_update *u, const struct snapshot_name *names, uint32_t count);

/* `unit` is the game's: simulation units to one unit of length. */
void json_update_lines(struct json_update *u, const struct schema *s, int32_t unit,
                       const struct snapshot_line *lines, uint32_t count);

/* One line as a message of its own, as it would stand in an update of `tick`. Returns the length, 0 if
 * it did not fit. */
size_t json_line_write(char *text, size_t capacity_bytes, const struct schema *s, int32_t unit,
                       const struct snapshot_line *line, uint32_t tick);

/* Returns the length in bytes, or 0 if it did not fit. */
size_t json_update_end(struct json_update *u);

/* The other messages down. Each returns the length in bytes, or 0 if it did not fit. */

struct json_welcome {
    const struct message_welcome *welcome;
    int32_t tile_units;               /* a map tile's edge */
    int32_t view_half_x, view_half_y; /* what one will see, in units */
};

size_t json_welcome_write(char *text, size_t capacity_bytes, const struct json_welcome *m);
size_t json_bye_write(char *text, size_t capacity_bytes, const struct message_bye *m);
size_t json_pace_write(char *text, size_t capacity_bytes, const struct message_pace *m);

/* `reason` is UTF-8 ended by NUL. */
size_t json_error_write(char *text, size_t capacity_bytes, const char *reason);

/* Answers a ping: its own `t`, in ten-thousandths. */
size_t json_pong_write(char *text, size_t capacity_bytes, int64_t t_10000, uint32_t tick);
size_t json_playback_write(char *text, size_t capacity_bytes, const struct message_playback *m);

#endif
