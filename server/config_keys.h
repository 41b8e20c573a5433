/* config_keys.h - the table of everything that can be set, and setting one key from outside.
 *
 * Place:   config.c sets keys from flags, config_file.c from JSON, both by the same rules.
 * Errors:  RESULT_INVALID with an expectation in words ("a whole number from 0 to 64").
 */
#ifndef TICKWIRE_SERVER_CONFIG_KEYS_H
#define TICKWIRE_SERVER_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/config.h"

#define CONFIG_EXPECTED_BYTES 160

enum config_kind {
    CONFIG_KIND_NUMBER, /* uint32_t */
    CONFIG_KIND_BOOL,
    CONFIG_KIND_TEXT,     /* char[capacity] */
    CONFIG_KIND_RECORD,   /* the same, but "none" is "" */
    CONFIG_KIND_LEVEL,    /* enum log_level */
    CONFIG_KIND_TEMPLATE, /* the options of a room without a name */
    CONFIG_KIND_LISTENS,  /* the repeatable ones, with a count each */
    CONFIG_KIND_PATHS,
    CONFIG_KIND_ROOMS,
    CONFIG_KIND_COUNT
};

struct config_key {
    const char *name; /* "drain_ms"; the flag is --drain-ms */
    enum config_kind kind;
    size_t offset;       /* of its field in struct config */
    size_t count_offset; /* repeatable: of its count */
    uint32_t min, max;   /* number: its range; text: max is the capacity in bytes */
    const char *value;   /* how the help names it */
    const char *help;
};

extern const struct config_key config_keys[];
extern const size_t config_key_count;

/* The key of that name, or NULL. */
const struct config_key *config_key_find(const char *name);

bool config_key_is_repeatable(const struct config_key *key);

/* Sets the key, or appends to it if it is repeatable. */
enum result config_key_set_text(struct config *config, const struct config_key *key,
                                const char *text, char expected[CONFIG_EXPECTED_BYTES]);
enum result config_key_set_number(struct config *config, const struct config_key *key,
                                  double number, char expected[CONFIG_EXPECTED_BYTES]);
void config_key_set_bool(struct config *config, const struct config_key *key, bool value);

/* Empties a repeatable key. */
void config_key_clear(struct config *config, const struct config_key *key);

/* The value of a number key. */
uint32_t config_key_number(const struct config *config, const struct config_key *key);

/* What the key expects, in words. */
void config_key_expectation(const struct config_key *key, char expected[CONFIG_EXPECTED_BYTES]);

#endif
