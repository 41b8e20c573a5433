#include "tests/unit/ws_vectors.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/* Used where a vector says nothing. */
#define MESSAGE_BYTES_MAX (1u << 20)
#define FRAGMENTS_MAX     16

static const char *const kinds[] = {
    [WS_EVENT_NONE] = "none", [WS_EVENT_TEXT] = "text", [WS_EVENT_BINARY] = "binary",
    [WS_EVENT_PING] = "ping", [WS_EVENT_PONG] = "pong", [WS_EVENT_CLOSE] = "close",
};

static _Noreturn void fail(const char *what, const char *name)
{
    fprintf(stderr, "ws_vectors: %s: %s\n", what, name);
    exit(EXIT_FAILURE);
}

static const char *string_of(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    if (text == NULL) fail("missing text", key);
    return text;
}

static uint32_t number_of(const cJSON *object, const char *key, uint32_t otherwise)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);
    return number == NULL ? otherwise : (uint32_t)cJSON_GetNumberValue(number);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail("cannot open", path);
    fseek(file, 0, SEEK_END);
    size_t length_bytes = (size_t)ftell(file);
    rewind(file);

    char *text = calloc(1, length_bytes + 1);
    if (text == NULL || fread(text, 1, length_bytes, file) != length_bytes) fail("unread", path);
    fclose(file);
    return text;
}

static void put_hex(struct ws_transcript *out, const char *hex)
{
    for (; *hex != '\0'; hex += 2) {
        unsigned byte;
        if (sscanf(hex, "%2x", &byte) != 1) fail("not hex", hex);
        ws_transcript_put(out, &(uint8_t){(uint8_t)byte}, 1);
    }
}

/* Returns the bytes that a list of hex strings and repetitions stands for. */
static struct ws_transcript bytes_of(const cJSON *parts)
{
    struct ws_transcript out = {0};
    const cJSON *part;

    cJSON_ArrayForEach(part, parts)
    {
        if (cJSON_IsString(part)) {
            put_hex(&out, cJSON_GetStringValue(part));
            continue;
        }
        for (uint32_t left = number_of(part, "count", 0); left > 0; left--)
            put_hex(&out, string_of(part, "repeat"));
    }
    return out;
}

static uint8_t kind_of(const char *text)
{
    for (uint8_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        if (strcmp(kinds[kind], text) == 0) return kind;
    }
    fail("unknown event", text);
}

static void put_event(struct ws_transcript *expected, const cJSON *item)
{
    struct ws_transcript payload = bytes_of(cJSON_GetObjectItemCaseSensitive(item, "payload"));

    ws_transcript_put_event(expected,
                            &(struct ws_event){
                                .kind = kind_of(string_of(item, "kind")),
                                .compressed = cJSON_IsTrue(cJSON_GetObjectItem(item, "compressed")),
                                .close_code = (uint16_t)number_of(item, "code", 0),
                                .payload = payload.bytes,
                                .payload_bytes = payload.used_bytes,
                            });
    ws_transcript_deinit(&payload);
}

static enum result end_of(const char *text)
{
    for (int r = 0; r < RESULT_COUNT; r++) {
        if (strcmp(result_name((enum result)r), text) == 0) return (enum result)r;
    }
    fail("unknown end", text);
}

static struct ws_vector vector_of(const cJSON *item)
{
    struct ws_transcript bytes = bytes_of(cJSON_GetObjectItemCaseSensitive(item, "bytes"));
    const char *section = string_of(item, "section"), *name = string_of(item, "name");
    size_t name_bytes = strlen(section) + strlen(name) + sizeof ": ";
    struct ws_vector v = {
        .name = malloc(name_bytes),
        .config = {.role = strcmp(string_of(item, "reader"), "server") == 0 ? WS_SERVER : WS_CLIENT,
                   .allow_rsv1 = cJSON_IsTrue(cJSON_GetObjectItem(item, "rsv1")),
                   .message_bytes_max = number_of(item, "message_bytes_max", MESSAGE_BYTES_MAX),
                   .fragments_max = number_of(item, "fragments_max", FRAGMENTS_MAX)},
        .bytes = bytes.bytes,
        .length_bytes = bytes.used_bytes,
        .close_code = (uint16_t)number_of(item, "close", 0),
    };
    const cJSON *event;

    snprintf(v.name, name_bytes, "%s: %s", section, name);
    if (v.close_code != 0) snprintf(v.breach, sizeof v.breach, "%s", string_of(item, "breach"));
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(item, "events"))
    {
        put_event(&v.expected, event);
    }
    v.expected.end = end_of(string_of(item, "end"));
    return v;
}

struct ws_vectors ws_vectors_load(const char *path)
{
    char *text = read_file(path);
    cJSON *array = cJSON_Parse(text);
    struct ws_vectors vectors = {.count = 0};
    const cJSON *item;

    if (cJSON_GetArraySize(array) == 0) fail("no vectors", path);
    vectors.items = calloc((size_t)cJSON_GetArraySize(array), sizeof *vectors.items);
    if (vectors.items == NULL) fail("no memory", path);
    cJSON_ArrayForEach(item, array)
    {
        vectors.items[vectors.count++] = vector_of(item);
    }
    cJSON_Delete(array);
    free(text);
    return vectors;
}

void ws_vectors_free(struct ws_vectors *vectors)
{
    for (size_t i = 0; i < vectors->count; i++) {
        free(vectors->items[i].name);
        free(vectors->items[i].bytes);
        ws_transcript_deinit(&vectors->items[i].expected);
    }
    free(vectors->items);
    *vectors = (struct ws_vectors){0};
}
