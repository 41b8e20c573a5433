/* config.h - what the server was told: defaults, then the JSON file, then the flags.
 *
 * Place:   read once by main(), passed down as const. One table in config_keys.c holds every key:
 *          its flag, its range, its help; config_file.c reads the same keys from JSON.
 * Memory:  plain data, no pointers.
 * Errors:  one sentence that names the file or flag, the key and what was expected.
 */
#ifndef TICKWIRE_SERVER_CONFIG_H
#define TICKWIRE_SERVER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/host/log.h"
#include "shared/limits.h"
#include "shared/result.h"

#define CONFIG_LIST_MAX   32  /* of a repeatable key */
#define CONFIG_ROOMS_MAX  256 /* rooms of the config */
#define CONFIG_TEXT_BYTES 256
#define CONFIG_PATH_BYTES 1024
#define CONFIG_LIST_BYTES 2048

struct config_listen {
    char
        host[CONFIG_TEXT_BYTES]; /* a name or address, IPv6 without brackets; "localhost" is both */
    uint16_t port;               /* 0: any free one */
};

/* --room NAME[,game=NAME][,map=FILE][,bots=N][,players=N][,match_s=N]. Whether game and map exist is
 * for the rooms to say. */
struct config_room {
    char name[ROOM_NAME_BYTES_MAX + 1];
    char game[ROOM_NAME_BYTES_MAX + 1]; /* "": the default game */
    char map[CONFIG_PATH_BYTES];        /* "": the game's own */
    int32_t bots;                       /* -1: the game's default */
    int32_t players;                    /* -1: room_players_max */
    int32_t match_s;                    /* -1: the game's default */
};

struct config_paths {
    char items[CONFIG_LIST_MAX][CONFIG_PATH_BYTES];
    size_t count;
};

struct config {
    /* where */
    struct config_listen listen[CONFIG_LIST_MAX];
    size_t listen_count;
    struct config_listen tls_listen[CONFIG_LIST_MAX];
    size_t tls_listen_count;
    struct config_paths cert, key; /* pairs; the n-th is the n-th tls_listen's own, or the first */
    char config_file[CONFIG_PATH_BYTES]; /* "": none */
    char web_root[CONFIG_PATH_BYTES];    /* "": beside the program */
    char record[CONFIG_PATH_BYTES];      /* "": do not record */
    uint32_t record_keep_s;              /* 0: whatever a recording's age */
    uint32_t record_keep_mb;             /* 0: whatever the size of all */

    /* what */
    struct config_room room[CONFIG_ROOMS_MAX];
    size_t room_count; /* 0: one room, named and filled by the rooms' own defaults */
    uint32_t room_players_max;
    struct config_room room_template; /* of rooms made on demand; without a name */
    bool has_room_template;           /* false: an unknown room is refused */
    uint32_t rooms_max;               /* at once, those of the config included */
    uint32_t room_keep_s;             /* an empty room made on demand */
    bool empty_rooms_sleep;
    uint32_t rooms_recorded_max; /* at once */
    uint32_t seat_keep_s;        /* a lost player's seat */
    uint32_t workers;            /* 0: one per core */
    uint32_t room_threads;       /* 0: one per core, at most four */
    bool echo;
    enum log_level log_level;
    uint32_t drain_ms;
    char node_id[CONFIG_TEXT_BYTES];

    /* who may */
    char origins[CONFIG_LIST_BYTES];         /* comma list or "*"; "": the same host */
    bool origin_required;                    /* refuse upgrades without an Origin */
    char hosts[CONFIG_LIST_BYTES];           /* comma list of names; "": any */
    char trusted_proxies[CONFIG_LIST_BYTES]; /* comma list of addresses */
    bool ops_public;                         /* /metrics, /api/... to anyone */
    bool rooms_public;                       /* /rooms to anyone */
    bool replay_public;                      /* recordings to anyone */

    /* limits (their reasons: server/README.md) */
    uint32_t connections_max;
    uint32_t address_sockets_max, address_new_per_s, address_burst;
    uint32_t address_requests_per_s, address_requests_burst;
    uint32_t descriptors_kept, descriptors_shed_percent;
    bool caps_for_loopback;
    uint32_t handshake_ms;
    uint32_t head_bytes_max, head_fields_max;
    uint32_t keepalive_ms, keepalive_requests_max;
    uint32_t message_bytes_max, message_unjoined_bytes_max;
    uint32_t fragments_max, message_ms;
    uint32_t json_depth_max, json_tokens_max;
    uint32_t messages_per_s, message_bytes_per_s, controls_per_s, burst_s;
    uint32_t unsent_bytes_max;
    uint32_t stall_ms, ping_ms, pong_ms, close_ms;

    /* Engine.IO and Socket.IO */
    char sio_path[CONFIG_TEXT_BYTES];   /* begins and ends with '/'; "": not served */
    char sio_cookie[CONFIG_TEXT_BYTES]; /* the cookie that polling clients get; "": none */
    bool sio_echo, sio_credentials;
    uint32_t sio_ping_ms, sio_ping_timeout_ms, sio_connect_timeout_ms, sio_upgrade_timeout_ms;
    uint32_t sio_max_payload; /* 0: config_sio_max_payload() chooses */
    uint32_t address_polls_max;
    uint32_t playbacks_max, address_playbacks_max; /* recordings watched at once */
    uint32_t playback_idle_s;
    uint32_t spectate_delay_ms; /* of a running match, for whoever watches it */

    /* permessage-deflate */
    bool deflate, deflate_context_takeover;
    uint32_t deflate_window_bits, deflate_state_bytes_max;
};

/* What the caller shall do with a command line that was read without an error. */
enum config_action { CONFIG_RUN, CONFIG_CHECK, CONFIG_HELP, CONFIG_VERSION };

/* Reads defaults, the file that --config names, then the flags. */
enum result config_read(struct config *config, int argc, char *const argv[],
                        enum config_action *action, struct error *error);

void config_set_defaults(struct config *config);

/* The largest body of a poll and message of a WebSocket that Engine.IO clients are told. */
uint32_t config_sio_max_payload(const struct config *config);

/* The text of --help, into `text`; returns its length. */
size_t config_help(const struct config *defaults, char *text, size_t capacity_bytes);

/* Whether `item` (exact, case of ASCII letters aside) stands in the comma list. */
bool config_list_has(const char *list, const char *item, size_t item_length);

/* "localhost:8080", "[::1]:0", "0.0.0.0:80", ":8080" (all addresses). */
enum result config_parse_listen(struct config_listen *listen, const char *text);

/* Whether `text` may name a room: 1 to ROOM_NAME_BYTES_MAX letters, digits, '-' and '_'. */
bool config_is_name(const char *text);

/* Fills `room` from NAME[,key=value]...; on RESULT_INVALID `expected` says what was wrong. */
enum result config_parse_room(struct config_room *room, const char *text, const char **expected);

/* The same without the name: key=value[,key=value]... */
enum result config_parse_room_options(struct config_room *room, const char *text,
                                      const char **expected);

#endif
