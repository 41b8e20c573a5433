/* camera.h - from units of the world to pixels of the screen.
 *
 * Place:   moved by the app once a frame; everything in the world is drawn through it.
 * Rule:    what a client may see fills the screen at least, so that nobody sees more by a larger
 *          window.
 */
#ifndef TICKWIRE_CLIENT_SDL_CAMERA_H
#define TICKWIRE_CLIENT_SDL_CAMERA_H

#include "client/sdl/outline.h"
#include "client/sdl/scene.h"

struct camera {
    struct point centre; /* units */
    float width, height; /* pixels */
    float scale;         /* pixels in a unit */
};

/* Fits the camera to the screen and moves it to the body it follows; without one it stays. */
static inline void camera_follow(struct camera *c, const struct scene *scene, float width,
                                 float height)
{
    float scale_x = width / (2 * (float)scene->half_x);
    float scale_y = height / (2 * (float)scene->half_y);

    c->width = width;
    c->height = height;
    c->scale = scale_x > scale_y ? scale_x : scale_y;
    const struct drawn *own = scene_own(scene);
    if (own != NULL) c->centre = scene_place(scene, own);
}

static inline struct point camera_pixel(const struct camera *c, struct point place)
{
    return (struct point){c->width / 2 + (place.x - c->centre.x) * c->scale,
                          c->height / 2 + (place.y - c->centre.y) * c->scale};
}

/* Whether a disc of `radius` units around `place` shows. */
static inline int camera_sees(const struct camera *c, struct point place, float radius)
{
    struct point at = camera_pixel(c, place);
    float reach = radius * c->scale;
    return at.x > -reach && at.y > -reach && at.x < c->width + reach && at.y < c->height + reach;
}

#endif
