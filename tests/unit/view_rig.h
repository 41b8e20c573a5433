/* view_rig.h - a whole match in virtual time: a plain server of one client, a link with delay, and
 * a view at its end.
 *
 * Place:   test_view plays with it; test_view_golden records what its view gets and draws. The game
 *          is the default one; other seats are moved at random.
 * Memory:  one static struct; about 7 MB.
 */
#ifndef TICKWIRE_TESTS_UNIT_VIEW_RIG_H
#define TICKWIRE_TESTS_UNIT_VIEW_RIG_H

#include "client/view/view.h"
#include "shared/rng.h"

#define RIG_SEATS         8
#define RIG_OWN_SEAT      3
#define RIG_SLOTS         512
#define RIG_MESSAGE_BYTES 8192
#define RIG_MESSAGES      256
#define RIG_MAP_EDGE      40
#define RIG_FRAME_US      16667
#define RIG_VIEW_BYTES    (6 * 1024 * 1024)
#define RIG_SERVER_US     777000000u /* the server's clock is ahead of the client's */

struct rig_message {
    uint64_t arrives_us;
    size_t length_bytes;
    uint8_t bytes[RIG_MESSAGE_BYTES];
};

/* One direction of the link: in order, like TCP. */
struct rig_link {
    struct rig_message messages[RIG_MESSAGES];
    uint32_t first, count;
    uint64_t last_us;
};

/* What a recording of the session wants to know; any may be NULL. */
struct rig_listener {
    void *context;
    void (*connected)(void *context);
    void (*received)(void *context, uint64_t now_us, const uint8_t *bytes, size_t length_bytes);
    void (*steered)(void *context, const int32_t words[USERCMD_WORDS]);
    void (*polled)(void *context, uint64_t now_us, const uint8_t *bytes, size_t length_bytes);
    void (*drawn)(void *context, uint64_t now_us, const struct view_frame *frame);
};

struct rig {
    /* Knobs, to be turned at any time. */
    uint64_t delay_us, jitter_us; /* of one way */
    bool link_is_stuck;           /* nothing goes up: unsent bytes stay */
    bool server_is_silent;        /* no snapshots */
    bool link_stops;              /* nothing arrives, at either end: it comes later */
    bool server_stops;  /* no ticks: afterwards they are due that much later, and it says so */
    bool client_sleeps; /* it neither reads nor draws */
    uint64_t frame_us;  /* between two frames; RIG_FRAME_US at first */
    int32_t input[USERCMD_WORDS];
    struct rig_listener listener;

    uint64_t now_us; /* the client's clock */
    struct rng rng;
    struct rig_link up, down;

    /* The server. */
    const struct game *game;
    struct schema schema;
    struct map map;
    uint8_t tiles[RIG_MAP_EDGE * RIG_MAP_EDGE];
    _Alignas(16) uint8_t world_memory[RIG_SLOTS * (sizeof(struct entity) + 8)];
    struct world world;
    uint64_t next_tick_us;
    bool is_joined, wants_full, is_hidden;
    struct message_hello hello;
    struct usercmd queue[64];
    uint32_t queue_count, applied_seq, received_cmds, resyncs;
    struct message_chat chat;
    uint16_t stamp_ms;
    uint64_t stamp_us;
    uint32_t echo_tick;
    bool has_stamp;
    struct wire_entity list[RIG_SLOTS], next_list[RIG_SLOTS];
    uint32_t list_count, base_tick, base_seq;
    struct snapshot_self self;
    bool has_shifted; /* its schedule: told with the next snapshot */
    bool has_base, names_sent;
    uint32_t full_sent;

    /* The client. */
    struct view *view;
    const struct view_frame *frame; /* of the last step */
    uint64_t next_frame_us;
    _Alignas(16) uint8_t view_memory[RIG_VIEW_BYTES];
};

/* Sets up server and view and connects them; the client's clock starts at 10 s. */
void rig_init(struct rig *r, uint64_t delay_us, uint64_t jitter_us);

/* Lets time go by. */
void rig_run(struct rig *r, uint64_t duration_us);

/* The server's own body of the player, or NULL. */
const struct entity *rig_body(const struct rig *r);

/* Puts a message on its way to the client. */
void rig_send(struct rig *r, const uint8_t *bytes, size_t length_bytes);

/* A connection anew, as after a break: the server knows nothing of the client's state. */
void rig_reconnect(struct rig *r);

#endif
