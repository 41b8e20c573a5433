/* look_json.h - reads single values of a look, each with what stands for a missing or mistyped one.
 *
 * Place:   look_file and look_sounds read a look with it; cJSON stands inside.
 * Errors:  none: what is not as it should be counts as missing.
 */
#ifndef TICKWIRE_CLIENT_SDL_LOOK_JSON_H
#define TICKWIRE_CLIENT_SDL_LOOK_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/look.h"

/* Where names of fields lead: an entity kind's, or an event kind's. */
struct look_names {
    const struct entity_kind *kind; /* one of the two is NULL; both: no names */
    const struct event_kind *event;
};

float look_json_number(const cJSON *object, const char *key, double missing);
int32_t look_json_integer(const cJSON *object, const char *key, int32_t missing);
bool look_json_flag(const cJSON *object, const char *key);
const char *look_json_text(const cJSON *object, const char *key); /* "" if missing */

/* Copies as much as fits, whole characters. */
void look_json_copy(char *to, size_t capacity_bytes, const char *from);

/* The word of the field of that name, or of the one that object[key] names; or LOOK_NO_WORD. */
int8_t look_json_word_named(const struct look_names *names, const char *name);
int8_t look_json_word(const cJSON *object, const char *key, const struct look_names *names);

/* The entity's field in that word, or NULL. */
const struct field *look_json_field_at(const struct look_names *names, int8_t word);

/* Whether the word holds a seat. */
bool look_json_is_seat(const struct look_names *names, int8_t word);

/* "#rrggbb" or "#rrggbbaa". */
bool look_json_parse_rgba(const char *text, struct rgba *rgba);
struct rgba look_json_rgba(const cJSON *object, const char *key, struct rgba missing);

/* The conditions in object["if"]. */
struct look_if look_json_if(const cJSON *object, const struct look_names *names);

#endif
