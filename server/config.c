#include "server/config.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/config_file.h"
#include "server/config_keys.h"
#include "shared/bytes.h"
#include "shared/host/error.h"
#include "shared/json_scan.h"

#define KEYS_MAX 128

#define SIO_PAYLOAD_BYTES      65536
#define SIO_ECHO_PAYLOAD_BYTES 1000000 /* what the conformance suites expect */

/* Flags that are no keys: they say what to do, not how. */
static const struct action {
    const char *flag;
    enum config_action action;
    const char *help;
} actions[] = {
    {"--check-config", CONFIG_CHECK, "check flags and file, start nothing"},
    {"--version", CONFIG_VERSION, "print the version"},
    {"--help", CONFIG_HELP, "print this"},
};

void config_set_defaults(struct config *config)
{
    bytes_zero(config, sizeof *config);
    strcpy(config->record, "recordings");
    strcpy(config->trusted_proxies, "127.0.0.1,::1");
    config->log_level = LOG_INFO;
    config->room_players_max = 1000;
    config->rooms_max = CONFIG_ROOMS_MAX;
    config->room_keep_s = 60;
    config->empty_rooms_sleep = true;
    config->rooms_public = true;
    config->rooms_recorded_max = 64;
    config->seat_keep_s = 30;
    config->drain_ms = 5000;
    config->connections_max = 10000;
    config->address_sockets_max = 64;
    config->address_new_per_s = 20;
    config->address_burst = 60;
    config->address_requests_per_s = 50;
    /* A page is 20 requests, and a household may open a dozen at once. */
    config->address_requests_burst = 500;
    config->descriptors_kept = 64;
    config->descriptors_shed_percent = 90;
    config->handshake_ms = 10000;
    config->head_bytes_max = 8192;
    config->head_fields_max = 64;
    config->keepalive_ms = 60000;
    config->keepalive_requests_max = 1000;
    config->message_bytes_max = MESSAGE_UP_BYTES_MAX;
    config->message_unjoined_bytes_max = MESSAGE_UP_BYTES_MAX / 4;
    config->fragments_max = 16;
    config->message_ms = 5000;
    config->json_depth_max = JSON_DEPTH_MAX;
    config->json_tokens_max = JSON_TOKENS_MAX;
    config->messages_per_s = 60;
    config->message_bytes_per_s = 16384;
    config->controls_per_s = 20;
    /* A link that stood still for 15 s brings 300 honest messages at once. */
    config->burst_s = 5;
    config->unsent_bytes_max = 65536;
    config->stall_ms = 10000;
    config->ping_ms = 15000;
    config->pong_ms = 15000;
    config->close_ms = 2000;
    strcpy(config->sio_path, "/socket.io/");
    config->sio_ping_ms = 25000;
    config->sio_ping_timeout_ms = 20000;
    config->sio_connect_timeout_ms = 45000;
    config->sio_upgrade_timeout_ms = 10000;
    config->address_polls_max = 16;
    config->playbacks_max = 32;
    config->address_playbacks_max = 4;
    config->playback_idle_s = 600;
    config->spectate_delay_ms = 3000;
    config->deflate = true;
    config->deflate_window_bits = 12;
    config->deflate_state_bytes_max = 16u * 1024u * 1024u;
}

uint32_t config_sio_max_payload(const struct config *config)
{
    if (config->sio_max_payload != 0) return config->sio_max_payload;
    return config->sio_echo ? SIO_ECHO_PAYLOAD_BYTES : SIO_PAYLOAD_BYTES;
}

/* ---- flags ---- */

/* One argument, taken apart: --name=value, or --name with its value in the next one. */
struct flag {
    char name[64]; /* as the key: underscores */
    const char *argument, *value;
};

struct command_line {
    int argc;
    char *const *argv;
    int next;
};

static enum result take_flag(struct command_line *line, struct flag *flag, struct error *error)
{
    const char *argument = line->argv[line->next++];
    const char *equals = strchr(argument, '=');
    size_t length = equals != NULL ? (size_t)(equals - argument) : strlen(argument);

    *flag = (struct flag){.argument = argument, .value = equals != NULL ? equals + 1 : NULL};
    if (strncmp(argument, "--", 2) != 0 || length < 3 || length - 2 >= sizeof flag->name)
        return error_set(error, RESULT_INVALID, "%.80s: expected a flag; see --help", argument);
    for (size_t i = 2; i < length; i++)
        flag->name[i - 2] = argument[i] == '-' ? '_' : argument[i];
    return RESULT_OK;
}

/* The value behind the flag, if it has none in itself. */
static enum result take_value(struct command_line *line, struct flag *flag, struct error *error)
{
    if (flag->value != NULL) return RESULT_OK;
    if (line->next >= line->argc)
        return error_set(error, RESULT_INVALID, "%.80s: expected a value behind it",
                         flag->argument);
    flag->value = line->argv[line->next++];
    return RESULT_OK;
}

static bool is_action(const struct flag *flag, enum config_action *action)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(flag->argument, actions[i].flag) != 0) continue;
        *action = actions[i].action;
        return true;
    }
    return false;
}

static enum result set_from_flag(struct config *config, const struct config_key *key,
                                 const struct flag *flag, struct error *error)
{
    char expected[CONFIG_EXPECTED_BYTES];

    if (config_key_set_text(config, key, flag->value, expected) == RESULT_OK) return RESULT_OK;
    return error_set(error, RESULT_INVALID, "--%.*s %.80s: expected %s",
                     (int)strcspn(flag->argument + 2, "="), flag->argument + 2, flag->value,
                     expected);
}

/* A list of the file gives way to the flags as a whole: with the first one it starts anew. */
static enum result apply_flag(struct config *config, struct command_line *line, struct flag *flag,
                              bool given[KEYS_MAX], struct error *error)
{
    const struct config_key *key = config_key_find(flag->name);

    if (key == NULL || strchr(flag->argument, '_') != NULL)
        return error_set(error, RESULT_INVALID, "%.80s: there is no such flag; see --help",
                         flag->argument);
    if (key->kind == CONFIG_KIND_BOOL && flag->value == NULL) {
        config_key_set_bool(config, key, true);
        return RESULT_OK;
    }
    if (take_value(line, flag, error) != RESULT_OK) return error->code;
    bool *was_given = &given[key - config_keys];
    if (config_key_is_repeatable(key) && !*was_given) config_key_clear(config, key);
    *was_given = true;
    return set_from_flag(config, key, flag, error);
}

/* Finds --config, checks every flag's shape, and says what is to be done. */
static enum result scan(struct config *config, struct command_line line, enum config_action *action,
                        struct error *error)
{
    struct flag flag;

    *action = CONFIG_RUN;
    while (line.next < line.argc) {
        if (take_flag(&line, &flag, error) != RESULT_OK) return error->code;
        const struct config_key *key = config_key_find(flag.name);
        if (is_action(&flag, action)) continue;
        if (strcmp(flag.name, "config") == 0) {
            if (take_value(&line, &flag, error) != RESULT_OK) return error->code;
            if (strlen(flag.value) >= sizeof config->config_file)
                return error_set(error, RESULT_INVALID, "--config: expected a shorter path");
            strcpy(config->config_file, flag.value);
        } else if (key != NULL && key->kind != CONFIG_KIND_BOOL) {
            if (take_value(&line, &flag, error) != RESULT_OK) return error->code;
        }
    }
    return RESULT_OK;
}

static enum result apply_flags(struct config *config, struct command_line line, struct error *error)
{
    bool given[KEYS_MAX] = {false};
    enum config_action ignored;
    struct flag flag;

    while (line.next < line.argc) {
        if (take_flag(&line, &flag, error) != RESULT_OK) return error->code;
        if (is_action(&flag, &ignored)) continue;
        enum result r = strcmp(flag.name, "config") == 0
                            ? take_value(&line, &flag, error)
                            : apply_flag(config, &line, &flag, given, error);
        if (r != RESULT_OK) return r;
    }
    return RESULT_OK;
}

/* ---- the whole ---- */

/* What no key alone can know. */
#define NODE_ID_CHARS_MAX 64
#define NODE_ID_CHARS     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

static enum result check_whole(const struct config *config, struct error *error)
{
    const struct config_paths *lists[] = {&config->cert, &config->key};
    static const char *const names[] = {"cert", "key"};

    for (size_t i = 0; i < 2; i++) {
        size_t count = lists[i]->count;
        if (config->tls_listen_count == 0 && count > 0)
            return error_set(error, RESULT_INVALID, "%s: expected a tls_listen that it belongs to",
                             names[i]);
        if (config->tls_listen_count > 0 && count == 0)
            return error_set(error, RESULT_INVALID, "%s: expected at least one for tls_listen",
                             names[i]);
    }
    if (config->cert.count != config->key.count)
        return error_set(error, RESULT_INVALID, "key: expected one for each cert: %zu, not %zu",
                         config->cert.count, config->key.count);
    if (strspn(config->node_id, NODE_ID_CHARS) != strlen(config->node_id))
        return error_set(error, RESULT_INVALID, "node_id: expected letters, digits, - and _ alone");
    if (config->room_count > config->rooms_max)
        return error_set(error, RESULT_INVALID, "rooms_max: expected at least %zu, for each room",
                         config->room_count);
    if (strlen(config->node_id) > NODE_ID_CHARS_MAX)
        return error_set(error, RESULT_INVALID, "node_id: expected at most %d characters",
                         NODE_ID_CHARS_MAX);
    size_t path_length = strlen(config->sio_path);
    if (path_length > 0 && (config->sio_path[0] != '/' || config->sio_path[path_length - 1] != '/'))
        return error_set(error, RESULT_INVALID, "sio_path: expected a path like /socket.io/");
    if (strspn(config->sio_path, NODE_ID_CHARS "/.") != path_length || path_length == 1)
        return error_set(error, RESULT_INVALID, "sio_path: expected a path like /socket.io/");
    if (strspn(config->sio_cookie, NODE_ID_CHARS) != strlen(config->sio_cookie))
        return error_set(error, RESULT_INVALID,
                         "sio_cookie: expected letters, digits, - and _ alone");
    for (size_t i = 0; i < config->room_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(config->room[i].name, config->room[j].name) == 0)
                return error_set(error, RESULT_INVALID,
                                 "room: expected another name for the second \"%s\"",
                                 config->room[i].name);
        }
    }
    return RESULT_OK;
}

static void listen_by_default(struct config *config)
{
    if (config->listen_count > 0 || config->tls_listen_count > 0) return;
    strcpy(config->listen[0].host, "localhost");
    config->listen[0].port = 8080;
    config->listen_count = 1;
}

enum result config_read(struct config *config, int argc, char *const argv[],
                        enum config_action *action, struct error *error)
{
    struct command_line line = {argc, argv, 1};

    config_set_defaults(config);
    if (scan(config, line, action, error) != RESULT_OK) return error->code;
    if (*action == CONFIG_HELP || *action == CONFIG_VERSION) return RESULT_OK;
    if (config->config_file[0] != '\0' &&
        config_file_read(config, config->config_file, error) != RESULT_OK)
        return error->code;
    if (apply_flags(config, line, error) != RESULT_OK) return error->code;
    listen_by_default(config);
    return check_whole(config, error);
}

/* ---- help ---- */

struct text {
    char *bytes;
    size_t capacity_bytes, used_bytes;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    size_t free_bytes = t->capacity_bytes - t->used_bytes;
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(t->bytes + t->used_bytes, free_bytes, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < free_bytes) t->used_bytes += (size_t)length;
}

static void put_flag(struct text *t, const char *flag, const char *value, const char *help)
{
    int width = (int)(strlen(flag) + strlen(value) + 1);

    put(t, "  %s %s%*s%s", flag, value, width < 32 ? 32 - width : 1, "", help);
}

size_t config_help(const struct config *defaults, char *text, size_t capacity_bytes)
{
    struct text t = {.bytes = text, .capacity_bytes = capacity_bytes};
    char flag[64];

    put(&t, "usage: tickwire-server [FLAG]...\n\n"
            "Serves Tickwire rooms over WebSocket, and the page to play them.\n"
            "Without --listen and --tls-listen it listens on localhost:8080.\n\n");
    put_flag(&t, "--config", "FILE", "read these keys from JSON first: {\"drain_ms\": 1000}\n");
    for (size_t i = 0; i < config_key_count; i++) {
        const struct config_key *key = &config_keys[i];
        (void)snprintf(flag, sizeof flag, "--%s", key->name);
        for (char *c = flag; *c != '\0'; c++) {
            if (*c == '_') *c = '-';
        }
        put_flag(&t, flag, key->value, key->help);
        if (key->kind == CONFIG_KIND_NUMBER)
            put(&t, " (%u to %u, default %u)", key->min, key->max,
                config_key_number(defaults, key));
        put(&t, "%s\n", config_key_is_repeatable(key) ? "; may be repeated" : "");
    }
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        put_flag(&t, actions[i].flag, "", actions[i].help);
        put(&t, "\n");
    }
    return t.used_bytes;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool config_list_has(const char *list, const char *item, size_t item_length)
{
    while (*list != '\0') {
        size_t length = strcspn(list, ",");
        size_t i = 0;
        while (i < length && i < item_length && lower(list[i]) == lower(item[i]))
            i++;
        if (i == length && length == item_length && length > 0) return true;
        list += length + (list[length] == ',');
    }
    return false;
}
