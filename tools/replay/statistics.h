/* statistics.h - what each player did in a match, by the words of the recording's own tables.
 *
 * Place:   export --what players walks over the ticks with it.
 * Rules:   a player's presence is a row of the recording: who comes back, or takes another name, is
 *          counted anew. An event counts for each player that one of its seats names. The body's
 *          last values are those of the last tick in which it had one.
 * Memory:  one struct a player, however long the match.
 */
#ifndef TICKWIRE_TOOLS_REPLAY_STATISTICS_H
#define TICKWIRE_TOOLS_REPLAY_STATISTICS_H

#include "server/record/reader.h"
#include "shared/host/error.h"

#define STATISTICS_ROLES_MAX (EVENT_KINDS_MAX * EVENT_WORDS)

/* A seat in a kind of event: "kill.by". */
struct event_role {
    uint8_t kind, word;
};

struct player_statistics {
    uint32_t tick_count, body_ticks;
    uint32_t usercmd_count, chat_count;
    double distance;       /* flown, in simulation units */
    uint32_t body_tick;    /* the last one in which it had a body */
    struct entity last;    /* that body; kind 0: it never had one */
    uint32_t *role_counts; /* borrowed from the whole's: one per role */
};

struct statistics {
    struct reader *reader; /* borrowed; its players' order is that of `players` */
    const struct recording_player *who;
    size_t player_count, seats_known;
    struct player_statistics *players; /* owned */
    uint32_t *role_counts;             /* owned */
    int32_t *sitting;                  /* owned: by seat, index of the player or -1 */
    struct event_role roles[STATISTICS_ROLES_MAX];
    unsigned role_count;
    struct recording_event *events; /* owned: of one tick */
};

enum result statistics_init(struct statistics *s, struct reader *reader, struct error *error);
void statistics_deinit(struct statistics *s); /* accepts a zeroed one */

/* Takes the tick where the reader stands, its inputs decoded. */
enum result statistics_take(struct statistics *s, struct error *error);

#endif
