/* theme.h - colours and measures of everything around the field, the same as the page's style.css.
 *
 * Units:   nominal pixels, to be multiplied by the screen's scale.
 */
#ifndef TICKWIRE_CLIENT_SDL_THEME_H
#define TICKWIRE_CLIENT_SDL_THEME_H

#include "client/sdl/rgba.h"

#define THEME_INK     ((struct rgba){0xe6, 0xec, 0xf7, 0xff})
#define THEME_FAINT   ((struct rgba){0x93, 0xa0, 0xb8, 0xff})
#define THEME_LINE    ((struct rgba){0x2a, 0x36, 0x50, 0xff})
#define THEME_PANEL   ((struct rgba){0x0a, 0x0f, 0x1a, 0xd4})
#define THEME_ACCENT  ((struct rgba){0x5f, 0xf0, 0xd0, 0xff})
#define THEME_AMBER   ((struct rgba){0xff, 0xb4, 0x54, 0xff})
#define THEME_STAR    ((struct rgba){0xb9, 0xc8, 0xee, 0xff})
#define THEME_CHOSEN  ((struct rgba){0x12, 0x2b, 0x33, 0xff})
#define THEME_GROOVE  ((struct rgba){0xff, 0xff, 0xff, 0x1a})
#define THEME_SHADE   ((struct rgba){0x00, 0x00, 0x00, 0xc0})
#define THEME_BACK    ((struct rgba){0x05, 0x07, 0x0d, 0xff})
#define THEME_CURTAIN ((struct rgba){0x05, 0x07, 0x0d, 0xd8})

#define THEME_EDGE   14.0f /* from the window's edge */
#define THEME_INSET  12.0f /* within a panel */
#define THEME_RADIUS 10.0f

#endif
