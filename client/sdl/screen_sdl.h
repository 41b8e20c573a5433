/* screen_sdl.h - the window and its renderer, or a hidden picture of the same size.
 *
 * Place:   main opens one; everything that draws asks it for size and scale.
 * Units:   pixels of the renderer, which are more than the window's on a dense display. `scale` is
 *          how many of them a text or a line of nominal size 1 takes.
 * Memory:  owns window, renderer, brush and fonts.
 */
#ifndef TICKWIRE_CLIENT_SDL_SCREEN_SDL_H
#define TICKWIRE_CLIENT_SDL_SCREEN_SDL_H

#include <SDL_video.h>
#include <stdbool.h>
#include <stdint.h>

#include "client/sdl/paint_sdl.h"
#include "client/sdl/text_sdl.h"
#include "shared/result.h"

struct screen {
    SDL_Window *window;
    SDL_Renderer *renderer;
    struct paint *paint;
    struct text *text;
    float width, height, scale; /* as of screen_begin() */
    float text_scale;           /* the player's, a part of `scale` */
    float foot;                 /* pixels at the lower edge that figures must leave free */
    uint64_t shown_ns;          /* when the last picture was */
    bool is_headless;
};

/* Opens a window, or for `is_headless` a picture in memory. */
enum result screen_init(struct screen *s, bool is_headless, bool is_fullscreen,
                        struct error *error);
void screen_deinit(struct screen *s);

/* Starts a picture, all of it `background`. */
void screen_begin(struct screen *s, struct rgba background);

/* Where a place of the window, of the mouse say, is in the picture. */
struct point screen_pixel(const struct screen *s, int x, int y);

/* Shows the picture; waits for the display's next frame, or without one for about as long. */
void screen_end(struct screen *s);

/* Saves the picture begun as a PNG; between begin and end. */
enum result screen_save(struct screen *s, const char *path, struct error *error);

/* Text and what stands around it: 1 is the usual size. */
void screen_set_text_scale(struct screen *s, float text_scale);

/* The scale without the player's choice, for what is no text. */
float screen_base_scale(const struct screen *s);

/* Whether pictures wait for the display, as far as it can be chosen. */
void screen_set_vsync(struct screen *s, bool has_vsync);

void screen_set_full(struct screen *s, bool is_full);
bool screen_is_full(const struct screen *s);

#endif
