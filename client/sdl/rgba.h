/* rgba.h - a colour: straight red, green, blue and alpha.
 *
 * Place:   looks hold them, the brush and the fonts draw with them.
 */
#ifndef TICKWIRE_CLIENT_SDL_RGBA_H
#define TICKWIRE_CLIENT_SDL_RGBA_H

#include <stdint.h>

struct rgba {
    uint8_t r, g, b, a;
};

#define RGBA_WHITE ((struct rgba){255, 255, 255, 255})

/* The colour with `factor` (clamped to 0..1) of its alpha. */
static inline struct rgba rgba_faded(struct rgba color, float factor)
{
    float part = factor < 0 ? 0 : factor > 1 ? 1 : factor;
    color.a = (uint8_t)((float)color.a * part);
    return color;
}

#endif
