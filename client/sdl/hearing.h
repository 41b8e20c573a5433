/* hearing.h - what of a match is to be heard, how loud, and from where.
 *
 * Place:   earshot_sdl asks for it each frame and for each event, and plays it.
 * Rule:    what is as far as twice the half of a view is silent. A body's own shot, drawn before the
 *          server tells of it, sounds then, and not again when the server's takes over.
 * Memory:  plain data; beyond HEARING_ENTITIES_MAX an entity is silent.
 */
#ifndef TICKWIRE_CLIENT_SDL_HEARING_H
#define TICKWIRE_CLIENT_SDL_HEARING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/sdl/scene.h"
#include "shared/world.h"

#define HEARING_ENTITIES_MAX 256
#define HEARD_MAX            16 /* of one frame */

struct heard {
    const struct look_sound *sound; /* borrowed from the look */
    float volume;                   /* 0..1 */
    float pan;                      /* -1: left, 1: right */
};

struct hearing_mark {
    uint16_t slot;
    uint8_t generation;
};

struct hearing {
    bool has_begun; /* what was there before it did not just appear */
    uint16_t count;
    struct hearing_mark marks[HEARING_ENTITIES_MAX]; /* of the frame before, slots ascending */
    double predicted_s[KINDS_MAX]; /* when one of the kind was heard before the server told; by
                                      the scene's clock, 0: never */
};

/* Another match, another moment of a recording. */
void hearing_clear(struct hearing *h);

/* Fills `out` with what came into being since the frame before, as heard at `ear` (units). */
size_t hearing_appeared(struct hearing *h, const struct scene *scene, struct point ear,
                        struct heard out[HEARD_MAX]);

/* Fills `out` with what goes on, each sound once, as loud as the loudest of its kind. */
size_t hearing_loops(const struct scene *scene, struct point ear, struct heard out[HEARD_MAX]);

/* Fills `out` with the sounds of an event. */
size_t hearing_event(const struct scene *scene, struct point ear, const struct event *event,
                     struct heard out[LOOK_SOUNDS_MAX]);

#endif
