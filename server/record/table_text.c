#include "server/record/table_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char *const field_kinds[] = {"position", "angle", "unsigned", "enum",
                                          "seat",     "warp",  "number"};
static const char *const audiences[] = {"none", "owner", "all"};
static const char *const extrapolations[] = {"hold", "velocity", "heading"};
static const char *const kind_flag_names[] = {"body", "everywhere", "nameless"};
static const char *const usercmd_kinds[] = {"buttons", "angle", "unsigned", "signed"};
static const char *const event_classes[] = {"reliable", "droppable"};
static const char *const event_values[] = {"number", "seat", "position"};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])

_Static_assert(COUNT_OF(field_kinds) == FIELD_NUMBER + 1, "one word for each field kind");
_Static_assert(COUNT_OF(audiences) == AUDIENCE_ALL + 1, "one word for each audience");
_Static_assert(COUNT_OF(extrapolations) == EXTRAPOLATE_HEADING + 1, "one for each extrapolation");
_Static_assert(COUNT_OF(usercmd_kinds) == USERCMD_SIGNED + 1, "one word for each usercmd kind");
_Static_assert(COUNT_OF(event_values) == EVENT_POSITION + 1, "one word for each event value");

/* -- writing -- */

static cJSON *add_object(cJSON *array)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    return object;
}

static void add_unit(cJSON *object, int32_t numerator, int32_t denominator)
{
    const int numbers[2] = {numerator, denominator};
    cJSON_AddItemToObject(object, "unit", cJSON_CreateIntArray(numbers, 2));
}

static void write_field(cJSON *object, const struct field *f)
{
    cJSON_AddStringToObject(object, "name", f->name);
    cJSON_AddStringToObject(object, "kind", field_kinds[f->kind]);
    cJSON_AddStringToObject(object, "audience", audiences[f->audience]);
    cJSON_AddStringToObject(object, "extrapolate", extrapolations[f->extrapolate]);
    cJSON_AddNumberToObject(object, "word", f->word);
    cJSON_AddNumberToObject(object, "shift", f->shift);
    cJSON_AddNumberToObject(object, "bits", f->bits);
    cJSON_AddBoolToObject(object, "wraps", f->wraps);
    cJSON_AddNumberToObject(object, "min", f->min);
    cJSON_AddNumberToObject(object, "max", f->max);
    add_unit(object, f->unit_numerator, f->unit_denominator);
}

static void write_kind(cJSON *object, const struct entity_kind *kind)
{
    cJSON_AddStringToObject(object, "name", kind->name);
    cJSON *flags = cJSON_AddArrayToObject(object, "flags");
    for (unsigned i = 0; i < COUNT_OF(kind_flag_names); i++) {
        if (!(kind->flags & 1u << i)) continue;
        cJSON_AddItemToArray(flags, cJSON_CreateString(kind_flag_names[i]));
    }
    cJSON_AddNumberToObject(object, "x_word", kind->x_word);
    cJSON_AddNumberToObject(object, "y_word", kind->y_word);
    cJSON *fields = cJSON_AddArrayToObject(object, "fields");
    for (unsigned i = 0; i < kind->field_count; i++)
        write_field(add_object(fields), &kind->fields[i]);
}

static void write_usercmd_field(cJSON *object, const struct usercmd_field *f)
{
    cJSON_AddStringToObject(object, "name", f->name);
    cJSON_AddStringToObject(object, "kind", usercmd_kinds[f->kind]);
    cJSON_AddNumberToObject(object, "bits", f->bits);
    cJSON_AddNumberToObject(object, "min", f->min);
    cJSON_AddNumberToObject(object, "max", f->max);
    add_unit(object, f->unit_numerator, f->unit_denominator);
}

static void write_event_kind(cJSON *object, const struct event_kind *kind)
{
    cJSON_AddStringToObject(object, "name", kind->name);
    cJSON_AddStringToObject(object, "class", event_classes[kind->event_class]);
    cJSON *fields = cJSON_AddArrayToObject(object, "fields");
    for (unsigned i = 0; i < kind->field_count; i++) {
        cJSON *field = add_object(fields);
        cJSON_AddStringToObject(field, "name", kind->fields[i].name);
        cJSON_AddStringToObject(field, "value", event_values[kind->fields[i].value]);
    }
}

/* A code as text: a digit for the length of each symbol's word, in base 16. */
static cJSON *code_text(const struct code_lengths *code)
{
    char digits[CODE_SYMBOLS_MAX + 1] = "";
    for (unsigned i = 0; i < code->symbol_count; i++)
        digits[i] = "0123456789abcdef"[code->lengths[i]];
    return cJSON_CreateString(digits);
}

static void add_indexes(cJSON *object, const char *key, const uint8_t *indexes, unsigned count)
{
    cJSON *array = cJSON_AddArrayToObject(object, key);
    for (unsigned i = 0; i < count; i++)
        cJSON_AddItemToArray(array, cJSON_CreateNumber(indexes[i]));
}

static void write_codes(cJSON *root, const struct field_table *table)
{
    cJSON *codes = cJSON_AddArrayToObject(root, "codes");
    for (unsigned i = 0; i < table->codes->code_count; i++)
        cJSON_AddItemToArray(codes, code_text(&table->codes->codes[i]));
    cJSON *kinds = cJSON_AddArrayToObject(root, "kind_codes");
    for (unsigned i = 0; i < table->kind_count; i++) {
        const struct kind_codes *kind = &table->codes->kinds[i];
        cJSON *object = add_object(kinds);
        add_indexes(object, "shapes", kind->shapes, 2);
        cJSON_AddNumberToObject(object, "mask", kind->mask);
        add_indexes(object, "residues", kind->residues, WIRE_FIELDS_MAX);
    }
}

char *table_text_write(const struct field_table *table)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "game", table->game);
    cJSON_AddNumberToObject(root, "step_version", table->step_version);
    cJSON *kinds = cJSON_AddArrayToObject(root, "kinds");
    for (unsigned i = 0; i < table->kind_count; i++)
        write_kind(add_object(kinds), &table->kinds[i]);
    cJSON *globals = cJSON_AddArrayToObject(root, "globals");
    for (unsigned i = 0; i < table->global_count; i++)
        cJSON_AddItemToArray(globals, cJSON_CreateString(table->global_names[i]));
    cJSON *usercmd = cJSON_AddArrayToObject(root, "usercmd");
    for (unsigned i = 0; i < table->usercmd_field_count; i++)
        write_usercmd_field(add_object(usercmd), &table->usercmd_fields[i]);
    cJSON *events = cJSON_AddArrayToObject(root, "events");
    for (unsigned i = 0; i < table->event_kind_count; i++)
        write_event_kind(add_object(events), &table->event_kinds[i]);
    if (table->codes != NULL) write_codes(root, table);

    char *text = cJSON_PrintUnformatted(root);
    cJSON_Delete(root);
    return text;
}

/* -- reading: each getter notes a failure and goes on, the caller asks once -- */

struct table_reader {
    struct stored_table *stored;
    bool failed;
};

static int32_t number_of(struct table_reader *r, const cJSON *item, double min, double max)
{
    if (!cJSON_IsNumber(item) || item->valuedouble < min || item->valuedouble > max ||
        item->valuedouble != (double)(int64_t)item->valuedouble) {
        r->failed = true;
        return 0;
    }
    return (int32_t)item->valuedouble;
}

static int32_t get_number(struct table_reader *r, const cJSON *object, const char *key, double min,
                          double max)
{
    return number_of(r, cJSON_GetObjectItemCaseSensitive(object, key), min, max);
}

static uint8_t get_byte(struct table_reader *r, const cJSON *object, const char *key)
{
    return (uint8_t)get_number(r, object, key, 0, UINT8_MAX);
}

static int32_t get_i32(struct table_reader *r, const cJSON *object, const char *key)
{
    return get_number(r, object, key, INT32_MIN, INT32_MAX);
}

static const char *keep_name(struct table_reader *r, const cJSON *item)
{
    struct stored_table *stored = r->stored;
    size_t length_bytes = cJSON_IsString(item) ? strlen(item->valuestring) + 1 : SIZE_MAX;
    if (length_bytes > sizeof stored->names - stored->names_bytes) {
        r->failed = true;
        return "";
    }
    char *name = stored->names + stored->names_bytes;
    memcpy(name, item->valuestring, length_bytes);
    stored->names_bytes += length_bytes;
    return name;
}

static const char *get_name(struct table_reader *r, const cJSON *object)
{
    return keep_name(r, cJSON_GetObjectItemCaseSensitive(object, "name"));
}

/* Returns the index of the item's text in `words`. */
static uint8_t word_of(struct table_reader *r, const cJSON *item, const char *const *words,
                       size_t count)
{
    for (size_t i = 0; cJSON_IsString(item) && i < count; i++) {
        if (strcmp(item->valuestring, words[i]) == 0) return (uint8_t)i;
    }
    r->failed = true;
    return 0;
}

static uint8_t get_word(struct table_reader *r, const cJSON *object, const char *key,
                        const char *const *words, size_t count)
{
    return word_of(r, cJSON_GetObjectItemCaseSensitive(object, key), words, count);
}

#define GET_WORD(r, object, key, words) get_word(r, object, key, words, COUNT_OF(words))

/* Returns an array of at most `capacity` items, and its length. */
static const cJSON *get_array(struct table_reader *r, const cJSON *object, const char *key,
                              size_t capacity, uint8_t *count)
{
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, key);
    *count = 0;
    if (!cJSON_IsArray(array) || (size_t)cJSON_GetArraySize(array) > capacity) {
        r->failed = true;
        return NULL;
    }
    *count = (uint8_t)cJSON_GetArraySize(array);
    return array;
}

static void get_unit(struct table_reader *r, const cJSON *object, int32_t *numerator,
                     int32_t *denominator)
{
    uint8_t count;
    const cJSON *unit = get_array(r, object, "unit", 2, &count);
    *numerator = number_of(r, cJSON_GetArrayItem(unit, 0), INT32_MIN, INT32_MAX);
    *denominator = number_of(r, cJSON_GetArrayItem(unit, 1), INT32_MIN, INT32_MAX);
}

static void read_field(struct table_reader *r, const cJSON *object, struct field *f)
{
    const cJSON *wraps = cJSON_GetObjectItemCaseSensitive(object, "wraps");
    if (!cJSON_IsBool(wraps)) r->failed = true;
    *f = (struct field){.name = get_name(r, object),
                        .kind = GET_WORD(r, object, "kind", field_kinds),
                        .audience = GET_WORD(r, object, "audience", audiences),
                        .extrapolate = GET_WORD(r, object, "extrapolate", extrapolations),
                        .word = get_byte(r, object, "word"),
                        .shift = get_byte(r, object, "shift"),
                        .bits = get_byte(r, object, "bits"),
                        .wraps = cJSON_IsTrue(wraps),
                        .min = get_i32(r, object, "min"),
                        .max = get_i32(r, object, "max")};
    get_unit(r, object, &f->unit_numerator, &f->unit_denominator);
}

static void read_kind(struct table_reader *r, const cJSON *object, struct entity_kind *kind,
                      struct field *fields)
{
    uint8_t flag_count, field_count;
    const cJSON *flags = get_array(r, object, "flags", COUNT_OF(kind_flag_names), &flag_count);
    const cJSON *list = get_array(r, object, "fields", ENTITY_WORDS, &field_count);
    const cJSON *item;

    *kind = (struct entity_kind){.name = get_name(r, object),
                                 .x_word = get_byte(r, object, "x_word"),
                                 .y_word = get_byte(r, object, "y_word"),
                                 .field_count = field_count,
                                 .fields = fields};
    cJSON_ArrayForEach(item, flags)
    {
        unsigned flag = word_of(r, item, kind_flag_names, COUNT_OF(kind_flag_names));
        kind->flags = (uint8_t)(kind->flags | 1u << flag);
    }
    cJSON_ArrayForEach(item, list) read_field(r, item, fields++);
}

static void read_usercmd_field(struct table_reader *r, const cJSON *object, struct usercmd_field *f)
{
    *f = (struct usercmd_field){.name = get_name(r, object),
                                .kind = GET_WORD(r, object, "kind", usercmd_kinds),
                                .bits = get_byte(r, object, "bits"),
                                .min = get_i32(r, object, "min"),
                                .max = get_i32(r, object, "max")};
    get_unit(r, object, &f->unit_numerator, &f->unit_denominator);
}

static void read_event_kind(struct table_reader *r, const cJSON *object, struct event_kind *kind)
{
    *kind = (struct event_kind){.name = get_name(r, object),
                                .event_class = GET_WORD(r, object, "class", event_classes)};
    const cJSON *fields = get_array(r, object, "fields", EVENT_WORDS, &kind->field_count);
    struct event_field *field = kind->fields;
    const cJSON *item;
    cJSON_ArrayForEach(item, fields)
    {
        field->name = get_name(r, item);
        field->value = GET_WORD(r, item, "value", event_values);
        field++;
    }
}

static void read_lists(struct table_reader *r, const cJSON *root)
{
    struct stored_table *stored = r->stored;
    struct field_table *table = &stored->table;
    const cJSON *item;
    size_t i = 0;

    const cJSON *kinds = get_array(r, root, "kinds", KINDS_MAX, &table->kind_count);
    cJSON_ArrayForEach(item, kinds)
    {
        read_kind(r, item, &stored->kinds[i], stored->fields[i]);
        i++;
    }
    const cJSON *globals = get_array(r, root, "globals", GLOBAL_WORDS, &table->global_count);
    i = 0;
    cJSON_ArrayForEach(item, globals) stored->global_names[i++] = keep_name(r, item);
    const cJSON *usercmd =
        get_array(r, root, "usercmd", USERCMD_WORDS, &table->usercmd_field_count);
    i = 0;
    cJSON_ArrayForEach(item, usercmd) read_usercmd_field(r, item, &stored->usercmd_fields[i++]);
    const cJSON *events = get_array(r, root, "events", EVENT_KINDS_MAX, &table->event_kind_count);
    i = 0;
    cJSON_ArrayForEach(item, events) read_event_kind(r, item, &stored->event_kinds[i++]);
}

static void read_code(struct table_reader *r, const cJSON *item, struct code_lengths *code,
                      uint8_t lengths[CODE_SYMBOLS_MAX])
{
    const char *digits = cJSON_IsString(item) ? item->valuestring : "";
    size_t count = strlen(digits);
    if (count == 0 || count > CODE_SYMBOLS_MAX) r->failed = true;
    for (size_t i = 0; i < count && !r->failed; i++) {
        const char *found = strchr("0123456789abcdef", digits[i]);
        if (found == NULL) r->failed = true;
        lengths[i] = found == NULL ? 0 : (uint8_t)(found - "0123456789abcdef");
    }
    *code = (struct code_lengths){r->failed ? 0 : (uint8_t)count, lengths};
}

static void read_indexes(struct table_reader *r, const cJSON *object, const char *key,
                         uint8_t *indexes, unsigned expected_count)
{
    uint8_t count;
    const cJSON *item, *array = get_array(r, object, key, expected_count, &count);
    if (count != expected_count) r->failed = true;
    cJSON_ArrayForEach(item, array) *indexes++ = (uint8_t)number_of(r, item, 0, UINT8_MAX);
}

/* A recording older than code tables has none, nor has a game untrained. */
static void read_codes(struct table_reader *r, const cJSON *root)
{
    struct stored_table *stored = r->stored;
    uint8_t kind_count;
    const cJSON *item;
    size_t i = 0;
    if (!cJSON_HasObjectItem(root, "codes")) return;

    const cJSON *codes = get_array(r, root, "codes", CODES_MAX, &stored->code_set.code_count);
    cJSON_ArrayForEach(item, codes)
    {
        read_code(r, item, &stored->codes[i], stored->code_lengths[i]);
        i++;
    }
    const cJSON *kinds = get_array(r, root, "kind_codes", KINDS_MAX, &kind_count);
    if (kind_count != stored->table.kind_count) r->failed = true;
    i = 0;
    cJSON_ArrayForEach(item, kinds)
    {
        struct kind_codes *kind = &stored->kind_codes[i++];
        read_indexes(r, item, "shapes", kind->shapes, 2);
        kind->mask = get_byte(r, item, "mask");
        read_indexes(r, item, "residues", kind->residues, WIRE_FIELDS_MAX);
    }
    stored->code_set.codes = stored->codes;
    stored->code_set.kinds = stored->kind_codes;
    stored->table.codes = &stored->code_set;
}

enum result table_text_read(struct stored_table *stored, const char *text, size_t length_bytes)
{
    struct table_reader r = {.stored = stored};
    if (length_bytes > TABLE_TEXT_BYTES_MAX) return RESULT_TOO_BIG;
    cJSON *root = cJSON_ParseWithLength(text, length_bytes);
    if (root == NULL) return RESULT_INVALID;

    memset(stored, 0, sizeof *stored);
    const cJSON *step_version = cJSON_GetObjectItemCaseSensitive(root, "step_version");
    if (!cJSON_IsNumber(step_version) || step_version->valuedouble < 0 ||
        step_version->valuedouble > UINT32_MAX) {
        r.failed = true;
    } else {
        stored->table.step_version = (uint32_t)step_version->valuedouble;
    }
    stored->table.game = keep_name(&r, cJSON_GetObjectItemCaseSensitive(root, "game"));
    stored->table.kinds = stored->kinds;
    stored->table.global_names = stored->global_names;
    stored->table.usercmd_fields = stored->usercmd_fields;
    stored->table.event_kinds = stored->event_kinds;
    read_lists(&r, root);
    read_codes(&r, root);
    cJSON_Delete(root);
    if (r.failed) return RESULT_INVALID;
    return schema_init(&stored->schema, &stored->table);
}
