/* scene.h - what there is to draw in one frame, whether it comes from a server or from a recording.
 *
 * Place:   live and replay fill it; ground, entities, effects, hud and minimap draw from it.
 * Memory:  everything is borrowed until the source's next step.
 */
#ifndef TICKWIRE_CLIENT_SDL_SCENE_H
#define TICKWIRE_CLIENT_SDL_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/look.h"
#include "client/view/drawn.h"
#include "shared/fields.h"
#include "shared/map.h"

struct scene {
    const struct field_table *table;
    const struct look *look;
    const struct map *map;
    int32_t unit;           /* simulation units to one unit of length */
    int32_t tile_units;     /* a tile's edge */
    int32_t half_x, half_y; /* units to show in each direction, at most */
    const struct drawn *drawn;
    uint32_t count;
    int32_t own_index;   /* whom the camera follows, or -1 */
    const float *turned; /* radians that the player commands now: own layers that turn by an angle
                            follow it rather than the state; NULL: none */
    bool is_still;       /* nothing moves that does not have to: the player asked for it */
    struct look_facts facts;
    double now_s; /* for what moves by itself; stands still in a pause */
};

/* Returns the kind of an entity that the table has. */
static inline const struct entity_kind *scene_kind(const struct scene *s, const struct drawn *d)
{
    return &s->table->kinds[d->kind - 1];
}

/* Where the entity is, in units. */
static inline struct point scene_place(const struct scene *s, const struct drawn *d)
{
    const struct entity_kind *kind = scene_kind(s, d);
    return (struct point){(float)d->words[kind->x_word] / (float)s->unit,
                          (float)d->words[kind->y_word] / (float)s->unit};
}

static inline struct look_subject scene_subject(const struct drawn *d)
{
    return (struct look_subject){
        .words = d->words, .owner = d->owner, .is_own = (d->flags & DRAWN_OWN) != 0};
}

/* The body that the camera follows, or NULL. */
static inline const struct drawn *scene_own(const struct scene *s)
{
    return s->own_index >= 0 ? &s->drawn[s->own_index] : NULL;
}

#endif
