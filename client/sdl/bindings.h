/* bindings.h - which keys steer: the look's, a game pad's, and what the player laid elsewhere.
 *
 * Place:   picture loads a look, then binds it; the menu's page of keys lists and changes them.
 * Rule:    a game pad's cross does what the arrow keys do, its first buttons what the pointer's do
 *          (client/README.md); what the settings say comes last.
 */
#ifndef TICKWIRE_CLIENT_SDL_BINDINGS_H
#define TICKWIRE_CLIENT_SDL_BINDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/look.h"
#include "client/sdl/settings.h"

/* Completes a look's own controls, one for each of the usercmd's fields. */
void bindings_apply(struct look_control *controls, const struct field_table *table,
                    const struct settings *settings);

/* Lays a key on an action of the usercmd's field: from now on it does that alone. `plain` are
 * the look's own controls, so that only what differs is kept. False: too many differ. */
bool bindings_lay(struct settings *settings, const struct field_table *table,
                  const struct look_control *plain, uint8_t field, const char *code, int32_t bits);

/* Takes all keys from an action. */
bool bindings_clear(struct settings *settings, const struct field_table *table,
                    const struct look_control *plain, uint8_t field, int32_t bits);

/* Lists the codes that do exactly `bits`, as a player reads them: "W, Up, Pad Up". */
void bindings_print(const struct look_control *control, int32_t bits, char *out,
                    size_t capacity_bytes);

/* Whether the code steers anything. */
bool bindings_has(const struct look_control *controls, const char *code);

#endif
