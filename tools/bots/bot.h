/* bot.h - one player without a person: joins, decodes every update, thinks, sends input.
 *
 * Place:   stands on a client; the swarm tells it when its input is due and reads its figures. It
 *          thinks by game->bot on what it has decoded, as a server's bot does.
 * Memory:  a bot is given a list for what it sees; the list that a decode writes to is the spare one
 *          of all bots, so that lists go round. The map and the entities to think about are shared.
 * Errors:  an update that cannot be decoded, or a list whose hash differs from the server's, is
 *          counted and a full snapshot is asked for.
 */
#ifndef TICKWIRE_TOOLS_BOTS_BOT_H
#define TICKWIRE_TOOLS_BOTS_BOT_H

#include <stdbool.h>
#include <stdint.h>

#include "client/view/outbox.h"
#include "client/view/tickclock.h"
#include "shared/game.h"
#include "shared/message.h"
#include "shared/snapshot.h"
#include "tools/bots/client.h"
#include "tools/bots/options.h"
#include "tools/bots/report.h"

#define BOT_ENTITIES_MAX    512
#define BOT_THINK_TICKS     4 /* usercmds between two thoughts, if there is time for that many */
#define BOT_RESYNC_EVERY_US 5000000u

struct bot_shared {
    struct client_shared client;
    struct report *report; /* borrowed */
    const char *name;      /* borrowed: before each bot's number */
    uint32_t seed;         /* of what they do by chance */
    uint32_t room_count;   /* by number, each bot is in one of them */
    bool is_counting;      /* set by the swarm: updates count in the report's groups */
    uint64_t now_us;       /* set by the swarm before it hands over an event */
    int64_t think_us;      /* how long bots may still think now; refilled by the swarm */
    bool has_map;
    struct map map; /* of the room they all are in, or one like it */
    uint8_t *tiles; /* owned: MAP_TILES_MAX */
    uint8_t schema_count;
    struct schema schemas[SCHEMAS_MAX]; /* of games_get(i) */
    struct wire_entity *spare;          /* BOT_ENTITIES_MAX: */
    struct wire_entity *first_spare;    /* owned: the one that it was at first */
    struct entity entities[BOT_ENTITIES_MAX];
    const struct entity *entity_list[BOT_ENTITIES_MAX];
    uint16_t slot_list[BOT_ENTITIES_MAX];
};

struct bot {
    struct bot_shared *shared; /* borrowed */
    uint32_t number;
    uint16_t seat;
    bool is_slow;
    bool was_joined;         /* it has seen a first full snapshot */
    bool is_joined;          /* and is still there */
    int64_t due_us;          /* when the newest tick applied was due, by our clock */
    const struct game *game; /* NULL until welcome */
    uint64_t resynced_us;
    struct rng rng;
    struct client client;
    struct outbox outbox;
    struct tickclock clock;
    struct wire_entity *list; /* borrowed: BOT_ENTITIES_MAX, for `seen` once there is a game */
    struct seen seen;
};

enum result bot_shared_init(struct bot_shared *s, const struct options *o,
                            const struct target *target, struct report *report,
                            struct error *error);
void bot_shared_deinit(struct bot_shared *s);

/* Begins to connect; `receive_bytes` as in client_start(). The list, BOT_ENTITIES_MAX, is borrowed
 * for as long as there are bots. */
void bot_start(struct bot *b, struct bot_shared *shared, struct wire_entity *list, uint32_t number,
               int receive_bytes);
void bot_deinit(struct bot *b);

/* Makes the usercmds that are due and sends them, with an ack, if nothing of ours is unsent. */
void bot_send_input(struct bot *b);

/* Returns the group of the report that this bot counts in. */
struct report_group *bot_group(const struct bot *b);

#endif
