/* sound_sdl.h - plays sounds by SDL_mixer: short ones, and loops that last as long as asked for.
 *
 * Place:   earshot_sdl says what is heard; the app sets the volume.
 * Memory:  owns SDL's mixer and the sounds of one look.
 * Errors:  without a device, or a sound's file, it is silent; stderr says so once.
 */
#ifndef TICKWIRE_CLIENT_SDL_SOUND_SDL_H
#define TICKWIRE_CLIENT_SDL_SOUND_SDL_H

#include <stdbool.h>
#include <stddef.h>

#include "client/sdl/hearing.h"

struct sound;

/* NULL: there will be no sound, which every function below takes. */
struct sound *sound_create(void);
void sound_destroy(struct sound *s);

/* Loads the sounds that the look names, from the folder `assets`; forgets those before. */
void sound_use(struct sound *s, const struct look *look, const char *assets);

void sound_set_volume(struct sound *s, unsigned percent, bool is_muted);

void sound_play(struct sound *s, const struct heard *heard);

/* From now on these go on, and no others. */
void sound_set_loops(struct sound *s, const struct heard *loops, size_t count);

/* Ends all that sounds. */
void sound_hush(struct sound *s);

#endif
