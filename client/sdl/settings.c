#include "client/sdl/settings.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared/host/error.h"
#include "shared/message.h"

#define PATH_BYTES 1100

/* ---- the table of plain values ---- */

enum value_kind { VALUE_FLAG, VALUE_NUMBER };

struct value {
    const char *key;
    enum value_kind kind;
    size_t offset; /* in struct settings, of a bool or a uint8_t */
    int min, max, missing;
};

#define FLAG(key, member, missing)                                        \
    {                                                                     \
        key, VALUE_FLAG, offsetof(struct settings, member), 0, 1, missing \
    }
#define NUMBER(key, member, min, max, missing)                                  \
    {                                                                           \
        key, VALUE_NUMBER, offsetof(struct settings, member), min, max, missing \
    }

static const struct value values[] = {
    NUMBER("colour", colour, 0, COLOURS_MAX, 0),
    NUMBER("volume", volume, 0, 100, 70),
    FLAG("muted", is_muted, 0),
    FLAG("captions", has_captions, 0),
    FLAG("reduced_motion", has_reduced_motion, 0),
    NUMBER("text_scale", text_scale, SETTINGS_SCALE_MIN, SETTINGS_SCALE_MAX, 100),
    FLAG("full_screen", is_full_screen, 0),
    FLAG("vsync", has_vsync, 1),
};

#define VALUE_COUNT (sizeof values / sizeof values[0])

static int read_value(const struct settings *s, const struct value *value)
{
    const char *at = (const char *)s + value->offset;
    return value->kind == VALUE_FLAG ? *(const bool *)at : *(const uint8_t *)at;
}

static void write_value(struct settings *s, const struct value *value, int number)
{
    char *at = (char *)s + value->offset;
    if (value->kind == VALUE_FLAG)
        *(bool *)at = number != 0;
    else
        *(uint8_t *)at = (uint8_t)number;
}

void settings_default(struct settings *s)
{
    *s = (struct settings){0};
    for (size_t i = 0; i < VALUE_COUNT; i++)
        write_value(s, &values[i], values[i].missing);
}

/* ---- recent servers ---- */

void settings_note_url(struct settings *s, const char *url)
{
    uint8_t at = 0;

    if (strlen(url) > SETTINGS_URL_CHARS_MAX) return;
    while (at < s->recent_count && strcmp(s->recent[at], url) != 0)
        at++;
    if (at == SETTINGS_RECENT_MAX) at--;
    if (at == s->recent_count) s->recent_count++;
    memmove(s->recent[1], s->recent[0], at * sizeof s->recent[0]);
    memcpy(s->recent[0], url, strlen(url) + 1);
}

/* ---- keys ---- */

static uint8_t index_of(const struct settings *s, const char *field, const char *code)
{
    uint8_t at = 0;
    while (at < s->key_count &&
           (strcmp(s->keys[at].field, field) != 0 || strcmp(s->keys[at].code, code) != 0))
        at++;
    return at;
}

const struct settings_key *settings_find_key(const struct settings *s, const char *field,
                                             const char *code)
{
    uint8_t at = index_of(s, field, code);
    return at < s->key_count ? &s->keys[at] : NULL;
}

bool settings_set_key(struct settings *s, const char *field, const char *code, int32_t bits)
{
    uint8_t at = index_of(s, field, code);
    bool fits = strlen(field) < SETTINGS_FIELD_BYTES && strlen(code) < LOOK_CODE_BYTES;

    if (at == SETTINGS_KEYS_MAX || !fits) return false;
    if (at == s->key_count) s->key_count++;
    s->keys[at].bits = bits;
    memcpy(s->keys[at].field, field, strlen(field) + 1);
    memcpy(s->keys[at].code, code, strlen(code) + 1);
    return true;
}

void settings_forget_key(struct settings *s, const char *field, const char *code)
{
    uint8_t at = index_of(s, field, code);
    if (at < s->key_count) s->keys[at] = s->keys[--s->key_count];
}

/* ---- reading ---- */

static enum result refuse(struct error *error, const char *key, const char *expected)
{
    return error_set(error, RESULT_INVALID, "settings: %s: expected %s", key, expected);
}

static enum result parse_value(struct settings *s, const struct value *value, const cJSON *item,
                               struct error *error)
{
    char expected[48] = "true or false";

    if (value->kind == VALUE_FLAG && cJSON_IsBool(item)) {
        write_value(s, value, cJSON_IsTrue(item));
        return RESULT_OK;
    }
    if (value->kind == VALUE_NUMBER) {
        bool is_in = cJSON_IsNumber(item) && item->valuedouble >= value->min &&
                     item->valuedouble <= value->max;
        (void)snprintf(expected, sizeof expected, "a number of %d to %d", value->min, value->max);
        if (is_in) {
            write_value(s, value, (int)item->valuedouble);
            return RESULT_OK;
        }
    }
    return refuse(error, value->key, expected);
}

static enum result parse_name(struct settings *s, const cJSON *item, struct error *error)
{
    const char *name = cJSON_GetStringValue(item);

    if (item == NULL) return RESULT_OK;
    if (name == NULL || strlen(name) > NAME_BYTES_MAX || !text_is_showable(name, strlen(name)))
        return refuse(error, "name", "readable text of at most 24 bytes");
    memcpy(s->name, name, strlen(name) + 1);
    return RESULT_OK;
}

static enum result parse_palette(struct settings *s, const cJSON *item, struct error *error)
{
    const char *word = cJSON_GetStringValue(item);

    if (item == NULL) return RESULT_OK;
    s->is_safe = word != NULL && strcmp(word, "safe") == 0;
    if (s->is_safe || (word != NULL && strcmp(word, "standard") == 0)) return RESULT_OK;
    return refuse(error, "palette", "\"standard\" or \"safe\"");
}

static enum result parse_field_keys(struct settings *s, const cJSON *field, struct error *error)
{
    const cJSON *key;

    cJSON_ArrayForEach(key, field)
    {
        bool is_right = cJSON_IsNumber(key) && key->valuedouble >= INT32_MIN &&
                        key->valuedouble <= INT32_MAX && key->string[0] != '\0';
        if (!is_right || !settings_set_key(s, field->string, key->string, key->valueint))
            return refuse(error, "keys", "at most 64 codes of keys with numbers");
    }
    return RESULT_OK;
}

static enum result parse_keys(struct settings *s, const cJSON *object, struct error *error)
{
    const cJSON *field;

    if (object != NULL && !cJSON_IsObject(object)) return refuse(error, "keys", "an object");
    cJSON_ArrayForEach(field, object)
    {
        if (!cJSON_IsObject(field)) return refuse(error, "keys", "an object for each field");
        if (parse_field_keys(s, field, error) != RESULT_OK) return error->code;
    }
    return RESULT_OK;
}

/* The file has the newest first; more than are kept are left out. */
static enum result parse_recent(struct settings *s, const cJSON *list, struct error *error)
{
    int count = cJSON_GetArraySize(list);

    if (list != NULL && !cJSON_IsArray(list)) return refuse(error, "recent", "a list of addresses");
    for (int i = count < SETTINGS_RECENT_MAX ? count - 1 : SETTINGS_RECENT_MAX - 1; i >= 0; i--) {
        const char *url = cJSON_GetStringValue(cJSON_GetArrayItem(list, i));
        if (url == NULL || !text_is_showable(url, strlen(url)))
            return refuse(error, "recent", "a list of addresses");
        settings_note_url(s, url);
    }
    return RESULT_OK;
}

static enum result parse_all(struct settings *s, const cJSON *root, struct error *error)
{
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, values[i].key);
        if (item != NULL && parse_value(s, &values[i], item, error) != RESULT_OK)
            return error->code;
    }
    enum result r = parse_name(s, cJSON_GetObjectItemCaseSensitive(root, "name"), error);
    if (r == RESULT_OK)
        r = parse_palette(s, cJSON_GetObjectItemCaseSensitive(root, "palette"), error);
    if (r == RESULT_OK) r = parse_keys(s, cJSON_GetObjectItemCaseSensitive(root, "keys"), error);
    if (r == RESULT_OK)
        r = parse_recent(s, cJSON_GetObjectItemCaseSensitive(root, "recent"), error);
    return r;
}

enum result settings_parse(struct settings *s, const char *text, size_t length_bytes,
                           struct error *error)
{
    cJSON *root = cJSON_ParseWithLength(text, length_bytes);

    settings_default(s);
    enum result r = cJSON_IsObject(root)
                        ? parse_all(s, root, error)
                        : error_set(error, RESULT_INVALID, "settings: expected a JSON object");
    cJSON_Delete(root);
    if (r != RESULT_OK) settings_default(s);
    return r;
}

/* ---- writing ---- */

static void print_keys(const struct settings *s, cJSON *root)
{
    cJSON *keys = cJSON_AddObjectToObject(root, "keys");

    for (uint8_t i = 0; i < s->key_count; i++) {
        const struct settings_key *key = &s->keys[i];
        cJSON *field = cJSON_GetObjectItemCaseSensitive(keys, key->field);
        if (field == NULL) field = cJSON_AddObjectToObject(keys, key->field);
        (void)cJSON_AddNumberToObject(field, key->code, key->bits);
    }
}

char *settings_print(const struct settings *s)
{
    cJSON *root = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(root, "name", s->name);
    for (size_t i = 0; i < VALUE_COUNT; i++) {
        int number = read_value(s, &values[i]);
        if (values[i].kind == VALUE_FLAG)
            (void)cJSON_AddBoolToObject(root, values[i].key, number);
        else
            (void)cJSON_AddNumberToObject(root, values[i].key, number);
    }
    (void)cJSON_AddStringToObject(root, "palette", s->is_safe ? "safe" : "standard");
    print_keys(s, root);
    cJSON *recent = cJSON_AddArrayToObject(root, "recent");
    for (uint8_t i = 0; i < s->recent_count; i++)
        (void)cJSON_AddItemToArray(recent, cJSON_CreateString(s->recent[i]));
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    return text;
}

/* ---- files ---- */

/* Keeps a bad file beside; whoever wrote it by hand wants it back. */
static enum result set_aside(const char *path, struct error *error)
{
    char beside[PATH_BYTES];
    char why[ERROR_MESSAGE_BYTES];

    (void)snprintf(beside, sizeof beside, "%s.bad", path);
    (void)snprintf(why, sizeof why, "%s", error->message);
    if (rename(path, beside) != 0)
        return error_set(error, RESULT_INVALID, "%s: %s; the defaults are used", path, why);
    return error_set(error, RESULT_INVALID, "%s: %s; the defaults are used, and the file is now %s",
                     path, why, beside);
}

enum result settings_load(struct settings *s, const char *path, struct error *error)
{
    settings_default(s);
    FILE *file = fopen(path, "rb");
    if (file == NULL && errno == ENOENT) return RESULT_OK;
    if (file == NULL) return error_set(error, RESULT_IO, "%s: %s", path, strerror(errno));

    char *text = malloc(SETTINGS_FILE_BYTES_MAX + 1);
    size_t length_bytes = text != NULL ? fread(text, 1, SETTINGS_FILE_BYTES_MAX + 1, file) : 0;
    enum result r = length_bytes <= SETTINGS_FILE_BYTES_MAX
                        ? settings_parse(s, text, length_bytes, error)
                        : error_set(error, RESULT_INVALID, "settings: expected at most 64 KB");
    free(text);
    (void)fclose(file);
    return r == RESULT_OK ? r : set_aside(path, error);
}

enum result settings_save(const struct settings *s, const char *path, struct error *error)
{
    char fresh[PATH_BYTES];
    char *text = settings_print(s);

    (void)snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *file = text != NULL ? fopen(fresh, "wb") : NULL;
    bool is_written = file != NULL && fputs(text, file) >= 0 && fputc('\n', file) != EOF;
    if (file != NULL && fclose(file) != 0) is_written = false;
    free(text);
    if (is_written && rename(fresh, path) == 0) return RESULT_OK;
    return error_set(error, RESULT_IO, "%s: cannot be saved: %s", path, strerror(errno));
}
