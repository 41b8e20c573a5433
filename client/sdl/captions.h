/* captions.h - the words for what is heard, and where it comes from, while they show.
 *
 * Place:   earshot_sdl notes each sound, and draws them.
 * Memory:  a short list; the one that ends soonest gives way.
 */
#ifndef TICKWIRE_CLIENT_SDL_CAPTIONS_H
#define TICKWIRE_CLIENT_SDL_CAPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/look.h"

#define CAPTIONS_MAX     4
#define CAPTIONS_SECONDS 1.6

struct caption {
    const char *words; /* borrowed from the look; NULL: free */
    float pan;
    double until_s;
};

struct captions {
    struct caption list[CAPTIONS_MAX];
};

void captions_clear(struct captions *c);

/* Shows `words` from now on; those that show already stay as long again. "" is nothing. */
void captions_note(struct captions *c, const char *words, float pan, double now_s);

/* Writes the index-th caption as it is read, "< beam" for one from the left; false: none there. */
bool captions_print(const struct captions *c, uint32_t index, double now_s, char *out,
                    size_t capacity_bytes);

#endif
