/* text_sdl.h - words on the screen, by SDL_ttf with the DejaVu fonts.
 *
 * Place:   names, the HUD, the net graph and the message screens draw with it, over paint_sdl.
 * Memory:  owns fonts of a few sizes and a cache of rendered texts; the one not drawn for longest
 *          gives way.
 * Errors:  a text that cannot be rendered is left out.
 */
#ifndef TICKWIRE_CLIENT_SDL_TEXT_SDL_H
#define TICKWIRE_CLIENT_SDL_TEXT_SDL_H

#include <SDL_render.h>
#include <stdbool.h>

#include "client/sdl/paint_sdl.h"
#include "client/sdl/rgba.h"
#include "shared/result.h"

struct text;

enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };

/* How a text is drawn. */
struct text_style {
    float size; /* pixels */
    bool is_bold;
    enum text_align align;
    struct rgba color;
    float line_width; /* pixels; of text_draw_wrapped() alone */
};

/* Borrows the brush. RESULT_IO: a font is missing; says which package has it. */
enum result text_create(struct text **text, struct paint *paint, struct error *error);
void text_destroy(struct text *t);

/* Draws `string` (UTF-8) with its top at at.y and its left, middle or right at at.x. */
void text_draw(struct text *t, struct point at, const char *string, const struct text_style *style);

float text_width(struct text *t, const char *string, const struct text_style *style);

/* Draws `string` in lines broken at spaces. Returns the height. */
float text_draw_wrapped(struct text *t, struct point at, const char *string,
                        const struct text_style *style);

#endif
