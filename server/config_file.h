/* config_file.h - the config as a JSON file: the same keys as the flags.
 *
 * Place:   config_read() reads the file that --config names. A home of cJSON.
 * Errors:  one sentence with the file's name and the key, or the line where the JSON breaks.
 */
#ifndef TICKWIRE_SERVER_CONFIG_FILE_H
#define TICKWIRE_SERVER_CONFIG_FILE_H

#include <stddef.h>

#include "server/config.h"

#define CONFIG_FILE_BYTES_MAX (1024 * 1024)

enum result config_file_read(struct config *config, const char *path, struct error *error);

/* The same from memory; `name` stands in the sentences. A list given here replaces the one before.
 */
enum result config_file_parse(struct config *config, const char *name, const char *json,
                              size_t length_bytes, struct error *error);

#endif
