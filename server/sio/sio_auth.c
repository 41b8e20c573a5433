#include "server/sio/sio_auth.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/session/json_input.h"
#include "shared/base64.h"
#include "shared/bytes.h"
#include "shared/host/digest.h"
#include "shared/json_update.h"

#define OFFSET_CHARS_MAX 10

/* A pid begins with the token's digits; behind the dot it may say what it likes. */
static bool read_pid(struct sio_auth *auth, const char *pid)
{
    uint8_t bytes[JSON_TOKEN_CHARS / 2];
    size_t length = strlen(pid);

    if (length < JSON_TOKEN_CHARS || length > SIO_PID_CHARS_MAX) return false;
    if (strspn(pid, "0123456789abcdef.") != length || pid[JSON_TOKEN_CHARS] != '.') return false;
    for (size_t i = 0; i < sizeof bytes; i++) {
        char digits[3] = {pid[2 * i], pid[2 * i + 1], '\0'};
        if (strchr(digits, '.') != NULL) return false;
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    bytes_copy(auth->hello.token, bytes, TOKEN_BYTES);
    auth->hello.token_seat = (uint16_t)(bytes[TOKEN_BYTES] << 8 | bytes[TOKEN_BYTES + 1]);
    auth->hello.has_token = true;
    bytes_copy(auth->pid, pid, length + 1);
    return true;
}

void sio_auth_write_pid(char pid[SIO_PID_CHARS_MAX + 1], const uint8_t token[TOKEN_BYTES],
                        uint16_t seat)
{
    uint16_t mark;
    char *at = pid;

    digest_random(&mark, sizeof mark);
    for (size_t i = 0; i < TOKEN_BYTES; i++)
        at += snprintf(at, 3, "%02x", token[i]);
    (void)snprintf(at, 10, "%04x.%04x", seat, mark);
}

static void read_offset(struct sio_auth *auth, const char *text)
{
    size_t length = strlen(text);

    if (length == 0 || length > OFFSET_CHARS_MAX || strspn(text, "0123456789") != length) return;
    auth->has_offset = true;
    auth->offset = (uint32_t)strtoull(text, NULL, 10);
}

/* The binary flavour's hello, in base64: a client of its wasm need not say things twice. */
static const char *read_packed_hello(struct sio_auth *auth, const char *text)
{
    uint8_t bytes[BASE64_BYTES_MAX(SIO_AUTH_BYTES_MAX)];
    size_t length_bytes;

    if (base64_decode(bytes, &length_bytes, text, strlen(text)) != RESULT_OK ||
        message_decode_hello(bytes, length_bytes, &auth->hello) != RESULT_OK)
        return "hello cannot be read";
    return NULL;
}

/* A pid or offset that is none of ours is no error: the client just has not been here. */
static const char *read_members(struct sio_auth *auth, const cJSON *root)
{
    const char *pid = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "pid"));
    const char *offset = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "offset"));
    const char *hello = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "hello"));
    const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
    const char *name = cJSON_GetStringValue(format);

    if (format != NULL && (name == NULL || (strcmp(name, "json") != 0 && strcmp(name, "binary"))))
        return "format is neither json nor binary";
    auth->is_binary = name != NULL && strcmp(name, "binary") == 0;
    auth->is_spectator = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "spectate"));
    const char *why = hello != NULL ? read_packed_hello(auth, hello) : NULL;
    if (why != NULL) return why;
    if (pid != NULL && read_pid(auth, pid) && offset != NULL) read_offset(auth, offset);
    return NULL;
}

/* The object as a hello: with its type in front. The table is for inputs, of which there is
 * none. */
static const char *read_hello(struct sio_auth *auth, struct sio_text json)
{
    static const struct field_table no_table;
    static const struct usercmd no_cmd;
    static const struct json_input_terms terms = {
        &no_table,
        &no_cmd,
        {JSON_DEPTH_CAPACITY, JSON_TOKENS_MAX}}; /* the packet was within its own */
    char text[SIO_AUTH_BYTES_MAX + 32];
    struct json_input in;
    struct error error;
    bool is_empty = json.length > 1 && json.chars[1] == '}';

    int length = snprintf(text, sizeof text, "{\"type\":\"hello\"%s%.*s", is_empty ? "" : ",",
                          (int)json.length - 1, json.chars + 1);
    if (json_input_read(&in, text, (size_t)length, &terms, &error) != RESULT_OK)
        return "name, colour, token or view cannot be read";
    bytes_copy(auth->hello.name, in.name, sizeof in.name);
    auth->hello.has_colour = in.has_colour;
    auth->hello.colour = in.colour;
    auth->hello.has_token = in.has_token;
    auth->hello.token_seat = in.token_seat;
    bytes_copy(auth->hello.token, in.token, sizeof in.token);
    auth->hello.view_half_x = in.has_view ? in.view_half_x : 0;
    auth->hello.view_half_y = in.has_view ? in.view_half_y : 0;
    return NULL;
}

const char *sio_auth_read(struct sio_auth *auth, struct sio_text json)
{
    bytes_zero(auth, sizeof *auth);
    if (json.length > SIO_AUTH_BYTES_MAX) return "auth is too long";
    const char *why = read_hello(auth, json);
    if (why != NULL) return why;
    cJSON *root = cJSON_ParseWithLength(json.chars, json.length);
    if (root == NULL) return "auth cannot be read";
    why = read_members(auth, root);
    cJSON_Delete(root);
    return why;
}
