/* earshot_sdl.h - lets a match be heard: its sounds, and captions for them.
 *
 * Place:   play and watch hand it each frame and each line.
 * Memory:  borrows the player of sounds, which may be NULL: captions show all the same.
 */
#ifndef TICKWIRE_CLIENT_SDL_EARSHOT_SDL_H
#define TICKWIRE_CLIENT_SDL_EARSHOT_SDL_H

#include "client/sdl/captions.h"
#include "client/sdl/hearing.h"
#include "client/sdl/picture_sdl.h"
#include "client/sdl/sound_sdl.h"

struct earshot {
    struct sound *sound; /* borrowed */
    bool is_resting;     /* nothing moves, or nobody looks: it is silent */
    struct hearing hearing;
    struct captions captions;
};

/* From now on hears a match of the look that `picture` has loaded. */
void earshot_use(struct earshot *e, struct sound *sound, const struct picture *picture);

/* Another moment of the same match. */
void earshot_clear(struct earshot *e);

/* Oneself has joined. */
void earshot_join(struct earshot *e, const struct look *look, double now_s);

/* What is on the scene, as heard in the middle of the picture. */
void earshot_take_frame(struct earshot *e, const struct scene *scene, struct point ear);
void earshot_take_line(struct earshot *e, const struct scene *scene, struct point ear,
                       const struct view_line *line);

void earshot_draw(const struct earshot *e, struct screen *screen, double now_s);

#endif
