/* table_text.h - a field table as JSON text, so that a recording describes itself.
 *
 * Place:   a new recording stores the text of its game's table; the reader makes a table of it
 *          again, which codecs, tools and mappings interpret as they do a game's own.
 * Layout:  README.md "The field table". Every member of the structs in fields.h, by name.
 * Memory:  a stored_table owns its names and arrays; `table` points into it, so it must not be
 *          moved.
 */
#ifndef TICKWIRE_SERVER_RECORD_TABLE_TEXT_H
#define TICKWIRE_SERVER_RECORD_TABLE_TEXT_H

#include "shared/fields.h"
#include "shared/result.h"

#define TABLE_TEXT_BYTES_MAX  (256 * 1024)
#define TABLE_NAMES_BYTES_MAX (24 * 1024) /* all names of the largest table */

struct stored_table {
    struct field_table table;
    struct schema schema; /* of `table` */
    struct entity_kind kinds[KINDS_MAX];
    struct field fields[KINDS_MAX][ENTITY_WORDS];
    const char *global_names[GLOBAL_WORDS];
    struct usercmd_field usercmd_fields[USERCMD_WORDS];
    struct event_kind event_kinds[EVENT_KINDS_MAX];
    struct code_set code_set;
    struct code_lengths codes[CODES_MAX];
    uint8_t code_lengths[CODES_MAX][CODE_SYMBOLS_MAX];
    struct kind_codes kind_codes[KINDS_MAX];
    char names[TABLE_NAMES_BYTES_MAX];
    size_t names_bytes;
};

/* Returns the text, to be released by free(), or NULL without memory. */
char *table_text_write(const struct field_table *table);

/* Reads such a text and prepares its schema. RESULT_INVALID: not JSON, a member is missing or of
 * another type, or schema_init() refuses the table. */
enum result table_text_read(struct stored_table *stored, const char *text, size_t length_bytes);

#endif
