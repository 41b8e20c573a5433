#include "client/sdl/look_json.h"

#include <string.h>

#include "shared/utf8.h"

float look_json_number(const cJSON *object, const char *key, double missing)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    double value = cJSON_IsNumber(item) ? item->valuedouble : missing;
    /* Also what is no number at all ends up within what pictures and integers can take. */
    return value > -1e6 && value < 1e6 ? (float)value : (float)missing;
}

int32_t look_json_integer(const cJSON *object, const char *key, int32_t missing)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(item) ? item->valueint : missing;
}

bool look_json_flag(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

const char *look_json_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text != NULL ? text : "";
}

void look_json_copy(char *to, size_t capacity_bytes, const char *from)
{
    size_t kept = utf8_cut_bytes(from, strlen(from), capacity_bytes - 1);
    memcpy(to, from, kept);
    to[kept] = '\0';
}

/* ---- names ---- */

static int8_t entity_word(const struct entity_kind *kind, const char *name)
{
    for (uint8_t i = 0; i < kind->field_count; i++) {
        if (strcmp(kind->fields[i].name, name) == 0) return (int8_t)kind->fields[i].word;
    }
    return LOOK_NO_WORD;
}

static int8_t event_word(const struct event_kind *event, const char *name)
{
    for (uint8_t i = 0; i < event->field_count; i++) {
        if (strcmp(event->fields[i].name, name) == 0) return (int8_t)i;
    }
    return LOOK_NO_WORD;
}

int8_t look_json_word_named(const struct look_names *names, const char *name)
{
    if (names->kind != NULL) return entity_word(names->kind, name);
    if (names->event != NULL) return event_word(names->event, name);
    return LOOK_NO_WORD;
}

int8_t look_json_word(const cJSON *object, const char *key, const struct look_names *names)
{
    return look_json_word_named(names, look_json_text(object, key));
}

const struct field *look_json_field_at(const struct look_names *names, int8_t word)
{
    if (names->kind == NULL || word == LOOK_NO_WORD) return NULL;
    for (uint8_t i = 0; i < names->kind->field_count; i++) {
        if (names->kind->fields[i].word == word) return &names->kind->fields[i];
    }
    return NULL;
}

bool look_json_is_seat(const struct look_names *names, int8_t word)
{
    if (word == LOOK_NO_WORD) return false;
    if (names->event != NULL) return names->event->fields[word].value == EVENT_SEAT;
    const struct field *field = look_json_field_at(names, word);
    return field != NULL && field->kind == FIELD_SEAT;
}

/* ---- colours ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* "#rrggbb" or "#rrggbbaa". */
bool look_json_parse_rgba(const char *text, struct rgba *rgba)
{
    size_t length = strlen(text);
    uint8_t bytes[4] = {0, 0, 0, 255};

    if (text[0] != '#' || (length != 7 && length != 9)) return false;
    for (size_t i = 1; i < length; i += 2) {
        int high = hex_digit(text[i]), low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return false;
        bytes[i / 2] = (uint8_t)(high * 16 + low);
    }
    *rgba = (struct rgba){bytes[0], bytes[1], bytes[2], bytes[3]};
    return true;
}

struct rgba look_json_rgba(const cJSON *object, const char *key, struct rgba missing)
{
    struct rgba rgba;
    return look_json_parse_rgba(look_json_text(object, key), &rgba) ? rgba : missing;
}

/* ---- conditions ---- */

static struct look_condition read_condition(const cJSON *object, const struct look_names *names)
{
    const cJSON *own = cJSON_GetObjectItemCaseSensitive(object, "own");
    struct look_condition c = {.kind = LOOK_IF_NEVER};

    if (cJSON_IsBool(own)) {
        c.kind = LOOK_IF_OWN;
        c.is = cJSON_IsTrue(own);
        return c;
    }
    c.word = look_json_word(object, "field", names);
    if (c.word == LOOK_NO_WORD) return c;
    if (cJSON_HasObjectItem(object, "is")) {
        c.kind = LOOK_IF_MASKED;
        c.mask = look_json_integer(object, "mask", -1);
        c.is = look_json_integer(object, "is", 0);
    } else {
        c.kind = LOOK_IF_WITHIN;
        c.min = look_json_integer(object, "min", INT32_MIN);
        c.max = look_json_integer(object, "max", INT32_MAX);
    }
    return c;
}

struct look_if look_json_if(const cJSON *object, const struct look_names *names)
{
    const cJSON *item;
    struct look_if when = {0};

    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(object, "if"))
    {
        if (when.count < LOOK_CONDITIONS_MAX)
            when.conditions[when.count++] = read_condition(item, names);
    }
    return when;
}
