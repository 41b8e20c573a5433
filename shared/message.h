/* message.h - every message of the binary flavour but the snapshot: one WebSocket message each.
 *
 * Place:   server/session encodes down and decodes up, client/view and the bots the reverse.
 * Layout:  PROTOCOL.md "Messages": a type byte, then fields in little-endian order; texts are a
 *          length byte and UTF-8. The whole message must be used up, else it is invalid.
 * Memory:  decoded structs own copies; nothing is allocated.
 */
#ifndef TICKWIRE_SHARED_MESSAGE_H
#define TICKWIRE_SHARED_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/fields.h"
#include "shared/limits.h"
#include "shared/result.h"
#include "shared/usercmd.h"

#define MESSAGE_VERSION     1 /* of hello and welcome; the schema hash tells other wires apart */
#define SUBPROTOCOL_BINARY  "tickwire.v1"
#define SUBPROTOCOL_JSON    "tickwire.json.v1"
#define SCHEMAS_MAX         8
#define GAME_NAME_BYTES_MAX 32

enum message_down {
    MESSAGE_ABOUT = 0, /* then JSON text: what a recording holds */
    MESSAGE_WELCOME = 1,
    MESSAGE_SNAPSHOT = 2,
    MESSAGE_MAP = 3, /* then the packed map (map.h) */
    MESSAGE_BYE = 4,
    MESSAGE_LINES = 5, /* names and events without state: tick u32, names, lines (snapshot.h) */
    MESSAGE_PACE = 6,
    MESSAGE_PLAYBACK = 7 /* where a recording stands */
};

/* The lowest bits of a message's first byte are its type; of all but a snapshot the others are 0.
 */
#define MESSAGE_TYPE_BITS 3

static inline unsigned message_type(const uint8_t *bytes)
{
    return bytes[0] % (1u << MESSAGE_TYPE_BITS);
}

enum message_up {
    MESSAGE_HELLO = 1,
    MESSAGE_INPUT = 2,
    MESSAGE_CHAT = 3,
    MESSAGE_RESYNC = 4, /* no payload: "send me a full snapshot" */
    MESSAGE_VIEW = 5,
    MESSAGE_CONTROL = 6,
    MESSAGE_CAMERA = 7
};

/* Who one is and what one understands. Empty name: the server makes one up. Of a resumed seat, what
 * is not said stays. */
struct message_hello {
    uint32_t schemas[SCHEMAS_MAX]; /* hashes of the games that this build knows */
    uint8_t schema_count;
    uint16_t view_half_x, view_half_y; /* units; the game's own limit still holds */
    uint16_t entities_max;             /* room for that many, 16..VIEW_ENTITIES_MAX */
    bool has_token;
    uint8_t token[TOKEN_BYTES]; /* of the seat to come back to */
    uint16_t token_seat;
    bool has_colour;
    uint8_t colour; /* 1..COLOURS_MAX; whatever else: by the seat */
    char name[NAME_BYTES_MAX + 1];
};

struct message_welcome {
    uint32_t tick;
    uint8_t tick_hz;
    uint16_t seat; /* SEAT_NONE: a spectator */
    bool is_resumed;
    uint8_t token[TOKEN_BYTES];
    uint32_t schema_hash;
    char game[GAME_NAME_BYTES_MAX + 1];
    char room[ROOM_NAME_BYTES_MAX + 1];
    char map[32];
};

struct message_bye {
    uint16_t code; /* the close code that follows */
    char reason[REASON_BYTES_MAX + 1];
};

/* How much is sent from now on: told when it changes. Before the first one it is every tick. */
struct message_pace {
    uint8_t cadence;       /* ticks between two snapshots: 1, 2 or 4 */
    uint16_t update_bytes; /* about what a snapshot may have; what has no place in it comes later */
};

/* The usercmds made since the last message, oldest first; none: a mere ack. */
struct message_input {
    uint32_t ack_tick;                             /* the newest tick applied */
    bool has_ack;                                  /* false: no snapshot yet */
    uint16_t stamp_ms;                             /* the client's clock */
    uint8_t count;                                 /* 0..USERCMDS_PER_MESSAGE_MAX */
    struct usercmd cmds[USERCMDS_PER_MESSAGE_MAX]; /* seqs ascend by one */
};

/* Returns the colour, or 0 for a number that is none: palettes differ, so that it is no mistake. */
static inline uint8_t colour_known(int64_t colour)
{
    return colour >= 1 && colour <= COLOURS_MAX ? (uint8_t)colour : 0;
}

/* What part of the world one looks at; hidden: no snapshots, only lines and pings. */
struct message_view {
    bool is_hidden;
    uint16_t view_half_x, view_half_y;
};

struct message_chat {
    char text[CHAT_BYTES_MAX + 1];
};

/* What a watcher asks of time. */
enum control_kind {
    CONTROL_PAUSE,
    CONTROL_PLAY,
    CONTROL_SPEED,   /* amount: 2^amount times as fast as it was played */
    CONTROL_SEEK,    /* tick */
    CONTROL_SEEK_BY, /* amount: ticks on or back from what is shown */
    CONTROL_STEP,    /* amount: the same, and pauses there */
    CONTROL_LIVE,    /* back to the running match */
    CONTROL_COUNT
};

#define CONTROL_SPEED_MIN (-3)
#define CONTROL_SPEED_MAX 4
#define CONTROL_STEP_MAX  1000

struct message_control {
    uint8_t kind;   /* enum control_kind */
    uint32_t tick;  /* SEEK */
    int32_t amount; /* SPEED, SEEK_BY, STEP */
};

enum camera_kind {
    CAMERA_AUTO,   /* the first body there is */
    CAMERA_SEAT,   /* a player's body; while there is none, where it was */
    CAMERA_ENTITY, /* likewise */
    CAMERA_PLACE,
    CAMERA_COUNT
};

/* Where a watcher looks from. */
struct message_camera {
    uint8_t kind;       /* enum camera_kind */
    uint16_t seat;      /* SEAT */
    uint16_t slot;      /* ENTITY */
    uint8_t generation; /* ENTITY */
    int32_t x, y;       /* PLACE, in units */
};

/* Where a recording stands. The newest state shown is of `tick`; between two of these it goes on by
 * itself. */
struct message_playback {
    uint32_t first_tick, last_tick; /* that may be sought now */
    uint32_t tick;
    int8_t speed; /* 2^speed times as fast as it was played */
    bool is_paused;
    bool is_at_end;
    bool is_running; /* the match still goes on: last_tick grows, and CONTROL_LIVE leads to it */
    bool is_live;    /* what is sent is the running match, not a recording; the rest is as it was */
};

/* Each encoder returns the length in bytes, 0 if it did not fit into the capacity. */
size_t message_encode_hello(uint8_t *bytes, size_t capacity_bytes, const struct message_hello *m);
size_t message_encode_welcome(uint8_t *bytes, size_t capacity_bytes,
                              const struct message_welcome *m);
size_t message_encode_bye(uint8_t *bytes, size_t capacity_bytes, const struct message_bye *m);
size_t message_encode_pace(uint8_t *bytes, size_t capacity_bytes, const struct message_pace *m);
size_t message_encode_chat(uint8_t *bytes, size_t capacity_bytes, const struct message_chat *m);
size_t message_encode_view(uint8_t *bytes, size_t capacity_bytes, const struct message_view *m);
size_t message_encode_control(uint8_t *bytes, size_t capacity_bytes,
                              const struct message_control *m);
size_t message_encode_camera(uint8_t *bytes, size_t capacity_bytes, const struct message_camera *m);
size_t message_encode_playback(uint8_t *bytes, size_t capacity_bytes,
                               const struct message_playback *m);
size_t message_encode_input(uint8_t *bytes, size_t capacity_bytes, const struct field_table *table,
                            const struct message_input *m);

/* Each decoder checks the type byte, every limit, UTF-8 where there is text, and the exact end. */
enum result message_decode_hello(const uint8_t *bytes, size_t length_bytes,
                                 struct message_hello *m);
enum result message_decode_welcome(const uint8_t *bytes, size_t length_bytes,
                                   struct message_welcome *m);
enum result message_decode_bye(const uint8_t *bytes, size_t length_bytes, struct message_bye *m);
enum result message_decode_pace(const uint8_t *bytes, size_t length_bytes, struct message_pace *m);
enum result message_decode_chat(const uint8_t *bytes, size_t length_bytes, struct message_chat *m);
enum result message_decode_view(const uint8_t *bytes, size_t length_bytes, struct message_view *m);
enum result message_decode_control(const uint8_t *bytes, size_t length_bytes,
                                   struct message_control *m);
enum result message_decode_camera(const uint8_t *bytes, size_t length_bytes,
                                  struct message_camera *m);
enum result message_decode_playback(const uint8_t *bytes, size_t length_bytes,
                                    struct message_playback *m);
/* `near_tick` is the newest tick sent: 16-bit ticks are extended around it. */
enum result message_decode_input(const uint8_t *bytes, size_t length_bytes,
                                 const struct field_table *table, uint32_t near_tick,
                                 struct message_input *m);

/* Whether kind, tick and amount go together. */
bool control_is_valid(const struct message_control *m);

/* Returns whether a name or a chat line may be shown: valid UTF-8 without control characters, line
 * breaks, or direction overrides, and not blank. */
bool text_is_showable(const char *text, size_t length_bytes);

#endif
