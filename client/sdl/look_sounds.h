/* look_sounds.h - reads which sounds a look has, and what they are called in words.
 *
 * Place:   look_file calls it for each kind and event.
 * Errors:  a sound whose name could lead out of assets/sounds, or is none, is left out.
 */
#ifndef TICKWIRE_CLIENT_SDL_LOOK_SOUNDS_H
#define TICKWIRE_CLIENT_SDL_LOOK_SOUNDS_H

#include "client/sdl/look_json.h"

/* Returns whether the effect is a sound, kept or not: then it is no picture. */
bool look_sounds_read_effect(struct look_event *event, const cJSON *effect,
                             const struct look_names *names);

void look_sounds_read_kind(struct look_kind *kind, const cJSON *object,
                           const struct look_names *names);

/* Those of the whole look, and the captions. */
void look_sounds_read(struct look *look, const cJSON *root);

/* The words for a sound, "" without captions for it. */
const char *look_sounds_caption(const struct look *look, const char *name);

#endif
