#include "server/config_file.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/config_keys.h"
#include "shared/host/error.h"

/* Where in which file something is wrong. */
struct place {
    const char *file, *key;
};

__attribute__((format(printf, 3, 4))) static enum result fail(struct error *error,
                                                              const struct place *place,
                                                              const char *format, ...)
{
    char key[64] = "", what[CONFIG_EXPECTED_BYTES];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    if (place->key != NULL) (void)snprintf(key, sizeof key, ": key \"%.48s\"", place->key);
    (void)error_set(error, RESULT_INVALID, "%s%s: %s", place->file, key, what);
    /* The file may hold anything; the sentence is shown on a terminal. */
    for (char *c = error->message; *c != '\0'; c++) {
        if (*c < ' ' || *c > '~') *c = '?';
    }
    return error->code;
}

static enum result expect(struct error *error, const struct place *place, const char *expected)
{
    return fail(error, place, "expected %s", expected);
}

static enum result set_item(struct config *config, const struct config_key *key, const cJSON *item,
                            const struct place *place, struct error *error)
{
    char expected[CONFIG_EXPECTED_BYTES];
    enum result r = RESULT_INVALID;

    config_key_expectation(key, expected);
    if (key->kind == CONFIG_KIND_NUMBER) {
        if (cJSON_IsNumber(item))
            r = config_key_set_number(config, key, item->valuedouble, expected);
    } else if (key->kind == CONFIG_KIND_BOOL) {
        if (cJSON_IsBool(item)) {
            config_key_set_bool(config, key, cJSON_IsTrue(item));
            r = RESULT_OK;
        }
    } else if (cJSON_IsString(item)) {
        r = config_key_set_text(config, key, item->valuestring, expected);
    }
    return r == RESULT_OK ? r : expect(error, place, expected);
}

/* A repeatable key is an array; a single text will do for an array of one. */
static enum result set_list(struct config *config, const struct config_key *key, const cJSON *value,
                            const struct place *place, struct error *error)
{
    const cJSON *item;

    config_key_clear(config, key);
    if (cJSON_IsString(value)) return set_item(config, key, value, place, error);
    if (!cJSON_IsArray(value)) return expect(error, place, "an array of texts");
    cJSON_ArrayForEach(item, value)
    {
        if (set_item(config, key, item, place, error) != RESULT_OK) return error->code;
    }
    return RESULT_OK;
}

static bool stood_before(const cJSON *object, const cJSON *value)
{
    for (const cJSON *other = object->child; other != value; other = other->next) {
        if (strcmp(other->string, value->string) == 0) return true;
    }
    return false;
}

static enum result set_all(struct config *config, const char *name, const cJSON *root,
                           struct error *error)
{
    const cJSON *value;

    if (!cJSON_IsObject(root)) return expect(error, &(struct place){name, NULL}, "a JSON object");
    cJSON_ArrayForEach(value, root)
    {
        const struct config_key *key = config_key_find(value->string);
        struct place place = {name, value->string};
        if (key == NULL)
            return fail(error, &place, "there is no such key; tickwire-server --help has them all");
        if (stood_before(root, value)) return fail(error, &place, "it stands there twice");
        enum result r = config_key_is_repeatable(key) ? set_list(config, key, value, &place, error)
                                                      : set_item(config, key, value, &place, error);
        if (r != RESULT_OK) return r;
    }
    return RESULT_OK;
}

static unsigned line_of(const char *json, size_t offset)
{
    unsigned line = 1;
    for (size_t i = 0; i < offset; i++)
        line += json[i] == '\n';
    return line;
}

enum result config_file_parse(struct config *config, const char *name, const char *json,
                              size_t length_bytes, struct error *error)
{
    const char *end = json;
    cJSON *root = cJSON_ParseWithLengthOpts(json, length_bytes, &end, false);
    size_t used = end != NULL ? (size_t)(end - json) : 0;
    enum result r;

    while (root != NULL && used < length_bytes && strchr(" \t\r\n", json[used]) != NULL &&
           json[used] != '\0')
        used++;
    if (root == NULL || used < length_bytes)
        r = fail(error, &(struct place){name, NULL}, "line %u: this is no JSON",
                 line_of(json, used < length_bytes ? used : length_bytes));
    else
        r = set_all(config, name, root, error);
    cJSON_Delete(root);
    return r;
}

enum result config_file_read(struct config *config, const char *path, struct error *error)
{
    struct place place = {path, NULL};
    FILE *file = fopen(path, "rb");
    char *json = malloc(CONFIG_FILE_BYTES_MAX);
    enum result r;

    if (file == NULL) {
        r = fail(error, &place, "%s", strerror(errno));
    } else if (json == NULL) {
        r = fail(error, &place, "no memory to read it");
    } else {
        size_t length = fread(json, 1, CONFIG_FILE_BYTES_MAX, file);
        if (ferror(file))
            r = fail(error, &place, "%s", strerror(errno));
        else if (length == CONFIG_FILE_BYTES_MAX)
            r = fail(error, &place, "expected a file under %d bytes", CONFIG_FILE_BYTES_MAX);
        else
            r = config_file_parse(config, path, json, length, error);
    }
    if (file != NULL) (void)fclose(file);
    free(json);
    return r;
}
