#include "server/config_keys.h"

#include <stdio.h>
#include <string.h>

#include "server/http/request.h"
#include "shared/bytes.h"
#include "shared/check.h"
#include "shared/json_scan.h"

#define SECONDS 1000u
#define MINUTES (60u * SECONDS)

#define FIELD_BYTES(field) (sizeof((struct config *)NULL)->field)
#define NUMBER(field, min_, max_, help_)                                                      \
    {                                                                                         \
        .name = #field, .kind = CONFIG_KIND_NUMBER, .offset = offsetof(struct config, field), \
        .min = (min_), .max = (max_), .value = "N", .help = (help_)                           \
    }
#define BOOL(field, help_)                                                                  \
    {                                                                                       \
        .name = #field, .kind = CONFIG_KIND_BOOL, .offset = offsetof(struct config, field), \
        .value = "", .help = (help_)                                                        \
    }
#define TEXT(field, kind_, value_, help_)                                          \
    {                                                                              \
        .name = #field, .kind = (kind_), .offset = offsetof(struct config, field), \
        .max = FIELD_BYTES(field), .value = (value_), .help = (help_)              \
    }
#define LIST(field, count, kind_, value_, help_)                                           \
    {                                                                                      \
        .name = #field, .kind = (kind_), .offset = offsetof(struct config, field),         \
        .count_offset = offsetof(struct config, count), .value = (value_), .help = (help_) \
    }

const struct config_key config_keys[] = {
    LIST(listen, listen_count, CONFIG_KIND_LISTENS, "HOST:PORT", "serve plain HTTP here"),
    LIST(tls_listen, tls_listen_count, CONFIG_KIND_LISTENS, "HOST:PORT", "serve HTTPS here"),
    LIST(cert, cert.count, CONFIG_KIND_PATHS, "FILE",
         "certificate chain (PEM); the n-th is the n-th tls_listen's own, all are for their names"),
    LIST(key, key.count, CONFIG_KIND_PATHS, "FILE", "private key (PEM) of the n-th cert"),
    LIST(room, room_count, CONFIG_KIND_ROOMS, "NAME[,OPTION]...",
         "a room; options are game=NAME map=FILE bots=N players=N match_s=N; the first one is the"
         " default room"),
    {.name = "room_template",
     .kind = CONFIG_KIND_TEMPLATE,
     .offset = offsetof(struct config, room_template),
     .value = "OPTION[,OPTION]...",
     .help = "make unknown rooms like this, until they are empty; without it they are refused"},
    NUMBER(rooms_max, 1, 10000, "rooms at once, those of the config included"),
    NUMBER(room_keep_s, 0, 86400, "how long a room made on demand stays when it is empty"),
    BOOL(empty_rooms_sleep, "without players no ticks; if false bots go on alone (default true)"),
    NUMBER(rooms_recorded_max, 0, 10000, "rooms that are recorded at once"),
    TEXT(record, CONFIG_KIND_RECORD, "DIR|none", "record matches into this folder"),
    NUMBER(record_keep_s, 0, 4294967295u, "delete recordings of that age; 0: never"),
    NUMBER(record_keep_mb, 0, 4294967295u, "delete the oldest above this in all; 0: never"),
    TEXT(web_root, CONFIG_KIND_TEXT, "DIR", "folder of the page (found beside the program)"),
    NUMBER(workers, 0, 64, "threads that serve connections; 0: one per core"),
    NUMBER(room_threads, 0, 64, "threads that run rooms; 0: as many as fit the cores"),
    NUMBER(room_players_max, 1, 65000, "players in one room"),
    NUMBER(seat_keep_s, 0, 3600, "how long a lost player's seat is kept"),
    TEXT(origins, CONFIG_KIND_TEXT, "LIST|*",
         "other pages that may connect: https://a.example,..."),
    BOOL(origin_required, "refuse WebSockets without an Origin, which only browsers send"),
    TEXT(hosts, CONFIG_KIND_TEXT, "LIST", "host names that are ours; others get 421"),
    TEXT(trusted_proxies, CONFIG_KIND_TEXT, "LIST", "addresses whose forwarding headers count"),
    BOOL(ops_public, "let anyone read /metrics and /api/..., not just this machine"),
    BOOL(rooms_public, "let anyone list the rooms at /rooms (default true)"),
    BOOL(replay_public, "let anyone list and watch recordings, not just this machine"),
    BOOL(echo, "open /ws/echo, for conformance tools"),
    TEXT(node_id, CONFIG_KIND_TEXT, "ID", "name of this node, in the log and in /metrics"),
    {.name = "log_level",
     .kind = CONFIG_KIND_LEVEL,
     .offset = offsetof(struct config, log_level),
     .value = "LEVEL",
     .help = "debug, info, warning or error"},
    NUMBER(drain_ms, 0, 10 * MINUTES, "how long connections may take to end at a stop"),
    NUMBER(connections_max, 1, 1000000, "connections of one worker"),
    NUMBER(address_sockets_max, 1, 1000000, "connections of one address (IPv6: of a /64)"),
    NUMBER(address_new_per_s, 1, 1000000, "new connections of one address"),
    NUMBER(address_burst, 1, 1000000, "how many of these may come at once"),
    NUMBER(address_requests_per_s, 1, 1000000, "HTTP requests of one address"),
    NUMBER(address_requests_burst, 1, 1000000, "how many of these may come at once"),
    NUMBER(descriptors_kept, 0, 10000, "descriptors that no connection gets"),
    NUMBER(descriptors_shed_percent, 10, 100, "of all descriptors; beyond it connections get 503"),
    BOOL(caps_for_loopback, "count connections of this machine as well, for tests"),
    NUMBER(handshake_ms, 100, 10 * MINUTES, "from accept to the end of the request head"),
    NUMBER(head_bytes_max, 512, 16000, "size of a request head"),
    NUMBER(head_fields_max, 8, HTTP_HEADERS_MAX, "header fields in it"),
    NUMBER(keepalive_ms, 100, 10 * MINUTES, "between two requests on one connection"),
    NUMBER(keepalive_requests_max, 1, 1000000, "requests on one connection"),
    NUMBER(message_bytes_max, 256, 1048576, "size of a message from a client that has joined"),
    NUMBER(message_unjoined_bytes_max, 256, 1048576, "and of one that has not"),
    NUMBER(fragments_max, 1, 65536, "frames of one message"),
    NUMBER(message_ms, 100, 10 * MINUTES, "from the first to the last byte of a message"),
    NUMBER(json_depth_max, 1, JSON_DEPTH_CAPACITY, "arrays and objects within each other"),
    NUMBER(json_tokens_max, 16, 1000000, "keys, values, arrays and objects of one message"),
    NUMBER(messages_per_s, 1, 100000, "messages of a client"),
    NUMBER(message_bytes_per_s, 256, 1000000000, "bytes of a client"),
    NUMBER(controls_per_s, 1, 100000, "pings and pongs of a client"),
    NUMBER(burst_s, 1, 60, "how much of these rates may come at once"),
    NUMBER(unsent_bytes_max, 16384, 67108864, "what may wait in a client's send queue"),
    NUMBER(stall_ms, 1000, 10 * MINUTES, "without progress of a waiting queue: closed"),
    NUMBER(ping_ms, 100, 10 * MINUTES, "silence after which a WebSocket is pinged"),
    NUMBER(pong_ms, 100, 10 * MINUTES, "silence after that ping: closed"),
    NUMBER(close_ms, 100, 10 * MINUTES, "for the peer's half of a close handshake"),
    TEXT(sio_path, CONFIG_KIND_TEXT, "PATH", "where Socket.IO is served (/socket.io/); empty: not"),
    BOOL(sio_echo, "bare echoes at /engine.io/ and sio_path instead of the game, for conformance"),
    NUMBER(sio_ping_ms, 10, 10 * MINUTES, "between two pings of an Engine.IO session"),
    NUMBER(sio_ping_timeout_ms, 10, 10 * MINUTES, "for the answer to one: the session is closed"),
    NUMBER(sio_connect_timeout_ms, 10, 10 * MINUTES, "for a session to join a namespace: closed"),
    NUMBER(sio_upgrade_timeout_ms, 10, 10 * MINUTES, "for a WebSocket to take a session over"),
    NUMBER(sio_max_payload, 0, 16777216, "bytes of a polling body or message; 0: by sio_echo"),
    TEXT(sio_cookie, CONFIG_KIND_TEXT, "NAME", "a cookie with the session's id, for proxies"),
    BOOL(sio_credentials, "let pages of origins send cookies with their polls"),
    NUMBER(address_polls_max, 1, 1000000, "sessions on polling of one address"),
    NUMBER(spectate_delay_ms, 0, 10000, "how late a running match is shown to who only watches"),
    NUMBER(playbacks_max, 0, 1024, "recordings watched at once"),
    NUMBER(address_playbacks_max, 1, 1024, "of these, by one address"),
    NUMBER(playback_idle_s, 1, 86400, "a recording that stands still that long is closed"),
    BOOL(deflate, "compress text on WebSockets that offer it (default true)"),
    BOOL(deflate_context_takeover, "messages may refer to earlier ones; costs memory for each"),
    NUMBER(deflate_window_bits, 9, 15, "how far back compressed messages refer, as a power of 2"),
    NUMBER(deflate_state_bytes_max, 0, 4294967295u, "memory of all that take over together"),
};
const size_t config_key_count = sizeof config_keys / sizeof config_keys[0];

const struct config_key *config_key_find(const char *name)
{
    for (size_t i = 0; i < config_key_count; i++) {
        if (strcmp(config_keys[i].name, name) == 0) return &config_keys[i];
    }
    return NULL;
}

bool config_key_is_repeatable(const struct config_key *key)
{
    return key->kind == CONFIG_KIND_LISTENS || key->kind == CONFIG_KIND_PATHS ||
           key->kind == CONFIG_KIND_ROOMS;
}

static void *field_of(struct config *config, const struct config_key *key)
{
    return (uint8_t *)config + key->offset;
}

static size_t *count_of(struct config *config, const struct config_key *key)
{
    return (size_t *)(void *)((uint8_t *)config + key->count_offset);
}

void config_key_expectation(const struct config_key *key, char expected[CONFIG_EXPECTED_BYTES])
{
    static const char *const by_kind[] = {
        [CONFIG_KIND_BOOL] = "true or false",
        [CONFIG_KIND_LEVEL] = "debug, info, warning or error",
        [CONFIG_KIND_LISTENS] = "HOST:PORT, an IPv6 address in brackets",
        [CONFIG_KIND_PATHS] = "a path",
        [CONFIG_KIND_ROOMS] = "NAME[,game=NAME][,map=FILE][,bots=N][,players=N][,match_s=N]",
        [CONFIG_KIND_TEMPLATE] = "game=NAME, map=FILE, bots=N, players=N, match_s=N, by commas",
        [CONFIG_KIND_COUNT] = NULL};

    if (key->kind == CONFIG_KIND_NUMBER)
        (void)snprintf(expected, CONFIG_EXPECTED_BYTES, "a whole number from %u to %u", key->min,
                       key->max);
    else if (by_kind[key->kind] == NULL)
        (void)snprintf(expected, CONFIG_EXPECTED_BYTES, "a text of at most %u bytes", key->max - 1);
    else
        (void)snprintf(expected, CONFIG_EXPECTED_BYTES, "%s", by_kind[key->kind]);
}

/* ---- one value ---- */

static enum result set_text(char *field, uint32_t capacity_bytes, const char *text)
{
    if (strlen(text) >= capacity_bytes) return RESULT_TOO_BIG;
    strcpy(field, text);
    return RESULT_OK;
}

static enum result parse_number(const char *text, double *number)
{
    size_t length = strlen(text);

    if (length == 0 || length > 12 || strspn(text, "0123456789") != length) return RESULT_INVALID;
    *number = 0;
    for (; *text != '\0'; text++)
        *number = *number * 10 + (*text - '0');
    return RESULT_OK;
}

enum result config_key_set_number(struct config *config, const struct config_key *key,
                                  double number, char expected[CONFIG_EXPECTED_BYTES])
{
    ASSERT(key->kind == CONFIG_KIND_NUMBER);

    /* Written so that a NaN fails. */
    if (!(number >= key->min && number <= key->max) || number != (double)(uint32_t)number) {
        config_key_expectation(key, expected);
        return RESULT_INVALID;
    }
    *(uint32_t *)field_of(config, key) = (uint32_t)number;
    return RESULT_OK;
}

void config_key_set_bool(struct config *config, const struct config_key *key, bool value)
{
    ASSERT(key->kind == CONFIG_KIND_BOOL);
    *(bool *)field_of(config, key) = value;
}

uint32_t config_key_number(const struct config *config, const struct config_key *key)
{
    ASSERT(key->kind == CONFIG_KIND_NUMBER);
    return *(const uint32_t *)(const void *)((const uint8_t *)config + key->offset);
}

void config_key_clear(struct config *config, const struct config_key *key)
{
    ASSERT(config_key_is_repeatable(key));
    *count_of(config, key) = 0;
}

/* ---- the repeatable ones ---- */

enum result config_parse_listen(struct config_listen *listen, const char *text)
{
    const char *colon = strrchr(text, ':'), *host = text;
    double port;

    if (colon == NULL || parse_number(colon + 1, &port) != RESULT_OK || port > 65535)
        return RESULT_INVALID;
    size_t length = (size_t)(colon - text);
    if (text[0] == '[') {
        if (length < 3 || text[length - 1] != ']') return RESULT_INVALID;
        host++, length -= 2;
    } else if (memchr(text, ':', length) != NULL) {
        return RESULT_INVALID;
    }
    if (length >= sizeof listen->host) return RESULT_INVALID;
    bytes_copy(listen->host, host, length);
    listen->host[length] = '\0';
    listen->port = (uint16_t)port;
    return RESULT_OK;
}

bool config_is_name(const char *text)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789-_";
    size_t length = strlen(text);
    return length > 0 && length <= ROOM_NAME_BYTES_MAX && strspn(text, allowed) == length;
}

static enum result set_count(int32_t *field, const char *text, uint32_t most)
{
    double number;

    if (parse_number(text, &number) != RESULT_OK || number > most) return RESULT_INVALID;
    *field = (int32_t)number;
    return RESULT_OK;
}

static enum result set_room_option(struct config_room *room, const char *option, const char *value,
                                   const char **expected)
{
    *expected = "game, map, bots, players or match_s behind the room's name";
    if (strcmp(option, "game") == 0) {
        *expected = "a game's name of letters, digits, '-' and '_'";
        return config_is_name(value) ? set_text(room->game, sizeof room->game, value)
                                     : RESULT_INVALID;
    }
    if (strcmp(option, "map") == 0) {
        *expected = "a map's file name";
        return value[0] != '\0' ? set_text(room->map, sizeof room->map, value) : RESULT_INVALID;
    }
    if (strcmp(option, "bots") == 0) {
        *expected = "a whole number of bots from 0 to 10000";
        return set_count(&room->bots, value, 10000);
    }
    if (strcmp(option, "players") == 0) {
        *expected = "a room for 1 to 65000 players";
        enum result r = set_count(&room->players, value, 65000);
        return r == RESULT_OK && room->players == 0 ? RESULT_INVALID : r;
    }
    if (strcmp(option, "match_s") == 0) {
        *expected = "a match of 1 to 86400 seconds";
        enum result r = set_count(&room->match_s, value, 86400);
        return r == RESULT_OK && room->match_s == 0 ? RESULT_INVALID : r;
    }
    return RESULT_INVALID;
}

enum result config_parse_room_options(struct config_room *room, const char *text,
                                      const char **expected)
{
    char copy[sizeof *room + 64], *rest = copy, *item;

    *room = (struct config_room){.bots = -1, .players = -1, .match_s = -1};
    *expected = "a shorter text";
    if (strlen(text) >= sizeof copy) return RESULT_INVALID;
    strcpy(copy, text);
    while ((item = strsep(&rest, ",")) != NULL) {
        char *value = item;
        const char *option = strsep(&value, "=");
        if (set_room_option(room, option, value != NULL ? value : "", expected) != RESULT_OK)
            return RESULT_INVALID;
    }
    return RESULT_OK;
}

enum result config_parse_room(struct config_room *room, const char *text, const char **expected)
{
    size_t length = strcspn(text, ",");
    char name[ROOM_NAME_BYTES_MAX + 1] = "";

    *room = (struct config_room){.bots = -1, .players = -1, .match_s = -1};
    if (length < sizeof name) bytes_copy(name, text, length);
    *expected = "a room's name of 1 to 32 letters, digits, '-' and '_'";
    if (!config_is_name(name)) return RESULT_INVALID;
    if (text[length] == ',' &&
        config_parse_room_options(room, text + length + 1, expected) != RESULT_OK)
        return RESULT_INVALID;
    strcpy(room->name, name);
    return RESULT_OK;
}

static enum result append(struct config *config, const struct config_key *key, const char *text,
                          const char **expected)
{
    size_t *count = count_of(config, key);
    size_t most = key->kind == CONFIG_KIND_ROOMS ? CONFIG_ROOMS_MAX : CONFIG_LIST_MAX;
    enum result r;

    if (*count >= most) {
        *expected = "fewer of them";
        return RESULT_FULL;
    }
    if (key->kind == CONFIG_KIND_LISTENS) {
        struct config_listen *listens = field_of(config, key);
        r = config_parse_listen(&listens[*count], text);
    } else if (key->kind == CONFIG_KIND_ROOMS) {
        r = config_parse_room(&config->room[*count], text, expected);
    } else {
        struct config_paths *paths = field_of(config, key);
        r = text[0] != '\0' ? set_text(paths->items[*count], CONFIG_PATH_BYTES, text)
                            : RESULT_INVALID;
    }
    if (r == RESULT_OK) (*count)++;
    return r;
}

enum result config_key_set_text(struct config *config, const struct config_key *key,
                                const char *text, char expected[CONFIG_EXPECTED_BYTES])
{
    const char *in_detail = NULL;
    enum result r = RESULT_OK;
    double number;

    switch (key->kind) {
    case CONFIG_KIND_NUMBER:
        r = parse_number(text, &number);
        if (r == RESULT_OK) return config_key_set_number(config, key, number, expected);
        break;
    case CONFIG_KIND_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) r = RESULT_INVALID;
        config_key_set_bool(config, key, strcmp(text, "true") == 0);
        break;
    case CONFIG_KIND_TEXT:
        r = set_text(field_of(config, key), key->max, text);
        break;
    case CONFIG_KIND_RECORD:
        r = set_text(field_of(config, key), key->max, strcmp(text, "none") == 0 ? "" : text);
        break;
    case CONFIG_KIND_TEMPLATE:
        r = config_parse_room_options(&config->room_template, text, &in_detail);
        config->has_room_template = r == RESULT_OK;
        break;
    case CONFIG_KIND_LEVEL:
        if (!log_level_from_text(field_of(config, key), text)) r = RESULT_INVALID;
        break;
    default:
        r = append(config, key, text, &in_detail);
        break;
    }
    if (r == RESULT_OK) return RESULT_OK;
    config_key_expectation(key, expected);
    if (in_detail != NULL) (void)snprintf(expected, CONFIG_EXPECTED_BYTES, "%s", in_detail);
    return RESULT_INVALID;
}
