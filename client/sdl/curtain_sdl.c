#include "client/sdl/curtain_sdl.h"

#include "client/sdl/stars_sdl.h"
#include "client/sdl/theme.h"

#define TITLE      "Tickwire"
#define TEXT_WIDTH 620.0f

void curtain_dim(struct screen *screen)
{
    paint_rect(screen->paint, (SDL_FRect){0, 0, screen->width, screen->height}, THEME_CURTAIN);
}

void curtain_draw(struct screen *screen, const struct curtain *curtain)
{
    float s = screen->scale, middle = screen->width / 2, y = screen->height / 2 - 90 * s;
    struct text_style style = {
        .size = 40 * s, .is_bold = true, .align = TEXT_CENTRE, .color = THEME_ACCENT};

    stars_draw(screen, THEME_STAR, (struct point){0, 0});
    text_draw(screen->text, (struct point){middle, y}, TITLE, &style);
    style = (struct text_style){.size = 18 * s, .align = TEXT_CENTRE, .color = THEME_INK};
    text_draw(screen->text, (struct point){middle, y + 60 * s}, curtain->state, &style);
    style.size = 14 * s;
    style.color = THEME_FAINT;
    style.line_width = TEXT_WIDTH * s;
    float height = text_draw_wrapped(screen->text, (struct point){middle, y + 92 * s},
                                     curtain->reason, &style);
    style.color = THEME_ACCENT;
    text_draw(screen->text, (struct point){middle, y + 108 * s + height}, curtain->keys, &style);
}
