/* look_file.h - reads a look.json (client/README.md) and binds it to a game's field table.
 *
 * Place:   the app asks for the look of the game in the welcome; cJSON stands inside.
 * Errors:  unknown keys, fields and kinds are ignored and missing ones have their defaults, so that
 *          a look can start small; only what is no JSON object at all is refused.
 */
#ifndef TICKWIRE_CLIENT_SDL_LOOK_FILE_H
#define TICKWIRE_CLIENT_SDL_LOOK_FILE_H

#include <stddef.h>

#include "client/sdl/look.h"
#include "shared/result.h"

#define LOOK_FILE_BYTES_MAX 65536

/* Reads the text of a look. RESULT_INVALID leaves the default look. */
enum result look_parse(struct look *look, const struct field_table *table, const char *text,
                       size_t length_bytes, struct error *error);

/* Reads games/<game>/look.json in the folder `assets`. On an error the look is the default one. */
enum result look_load(struct look *look, const struct field_table *table, const char *assets,
                      struct error *error);

#endif
