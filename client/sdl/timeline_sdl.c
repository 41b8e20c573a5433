#include "client/sdl/timeline_sdl.h"

#include <math.h>
#include <stdio.h>

#include "client/sdl/theme.h"
#include "shared/limits.h"

#define HEIGHT       52.0f
#define BAR_HEIGHT   6.0f
#define BAR_TOP      14.0f
#define REACH        9.0f /* how far beside the bar the mouse may point */
#define KNOB         7.0f
#define ICON         10.0f
#define TICKS_A_MARK (TICK_HZ * 60)
#define TIME_BYTES   32

float timeline_height(const struct screen *screen)
{
    return HEIGHT * screen->scale;
}

static SDL_FRect bar_of(const struct screen *screen)
{
    float s = screen->scale, inset = 2 * THEME_EDGE * s;
    return (SDL_FRect){inset, screen->height - (HEIGHT - BAR_TOP) * s, screen->width - 2 * inset,
                       BAR_HEIGHT * s};
}

static double part_of(const struct replay_place *place, double position)
{
    double length = (double)place->last_tick - place->first_tick;
    return length > 0 ? (position - place->first_tick) / length : 0;
}

static void print_time(char out[TIME_BYTES], double ticks)
{
    unsigned seconds = ticks > 0 ? (unsigned)(ticks / TICK_HZ) : 0;
    (void)snprintf(out, TIME_BYTES, "%u:%02u", seconds / 60, seconds % 60);
}

static void draw_bar(struct screen *screen, const struct replay_place *place)
{
    float s = screen->scale;
    SDL_FRect bar = bar_of(screen), done = bar;
    struct point knob = {0, bar.y + bar.h / 2};

    done.w = fmaxf(bar.h, bar.w * (float)part_of(place, place->position));
    knob.x = bar.x + bar.w * (float)part_of(place, place->position);
    paint_panel(screen->paint, bar, bar.h / 2, THEME_GROOVE);
    for (double tick = place->first_tick + TICKS_A_MARK; tick < place->last_tick;
         tick += TICKS_A_MARK) {
        float x = bar.x + bar.w * (float)part_of(place, tick);
        paint_rect(screen->paint, (SDL_FRect){floorf(x), bar.y, 1, bar.h}, THEME_LINE);
    }
    paint_panel(screen->paint, done, bar.h / 2, rgba_faded(THEME_ACCENT, 0.75f));
    paint_glow(screen->paint, (struct circle){knob, 3 * KNOB * s}, rgba_faded(THEME_ACCENT, 0.5f));
    paint_disc(screen->paint, (struct circle){knob, KNOB * s}, THEME_ACCENT);
    paint_disc(screen->paint, (struct circle){knob, KNOB * 0.45f * s}, THEME_BACK);
}

/* A triangle while it plays, two bars while it stands. */
static void draw_icon(struct screen *screen, float x, float y, bool is_paused)
{
    static const uint8_t triangle[3] = {0, 1, 2};
    float size = ICON * screen->scale;
    struct point points[3] = {{x, y}, {x + size, y + size / 2}, {x, y + size}};

    if (!is_paused) {
        paint_polygon(screen->paint, &(struct polygon){points, 3, triangle, 3}, THEME_INK);
        return;
    }
    paint_rect(screen->paint, (SDL_FRect){x, y, size * 0.3f, size}, THEME_INK);
    paint_rect(screen->paint, (SDL_FRect){x + size * 0.6f, y, size * 0.3f, size}, THEME_INK);
}

static void draw_words(struct screen *screen, const struct replay_place *place)
{
    float s = screen->scale;
    SDL_FRect bar = bar_of(screen);
    float y = bar.y + 15 * s;
    struct text_style style = {.size = 12 * s, .color = THEME_INK};
    char line[96], now[TIME_BYTES], length[TIME_BYTES], speed[16];

    draw_icon(screen, bar.x, y + 3 * s, place->is_paused || place->is_at_end);
    print_time(now, place->position - place->first_tick);
    print_time(length, (double)place->last_tick - place->first_tick);
    (void)snprintf(line, sizeof line, "%s / %s", now, length);
    text_draw(screen->text, (struct point){bar.x + 20 * s, y}, line, &style);
    style.color = THEME_FAINT;
    (void)snprintf(speed, sizeof speed, place->speed < 1 ? "1/%.0f" : "%.0f",
                   (double)(place->speed < 1 ? 1 / place->speed : place->speed));
    (void)snprintf(line, sizeof line, "tick %u    speed %s", place->tick, speed);
    text_draw(screen->text, (struct point){bar.x + 130 * s, y}, line, &style);

    style.align = TEXT_RIGHT;
    (void)snprintf(line, sizeof line, "%s    follows %s", place->started,
                   place->followed[0] != '\0' ? place->followed : "nobody");
    text_draw(screen->text, (struct point){bar.x + bar.w, y}, line, &style);
    style.align = TEXT_CENTRE;
    text_draw(screen->text, (struct point){bar.x + bar.w / 2, y},
              "Space: pause ←/→: 5 s, . : one tick + -: speed Tab: whom to follow", &style);
}

void timeline_draw(struct screen *screen, const struct replay_place *place)
{
    float height = timeline_height(screen);
    SDL_FRect ground = {0, screen->height - height, screen->width, height};

    paint_gradient(screen->paint, ground, THEME_PANEL, THEME_BACK);
    paint_rect(screen->paint, (SDL_FRect){0, ground.y, ground.w, 1}, THEME_LINE);
    draw_bar(screen, place);
    draw_words(screen, place);
}

bool timeline_position_at(const struct screen *screen, const struct replay_place *place, float x,
                          float y, bool is_dragging, double *position)
{
    SDL_FRect bar = bar_of(screen);
    float part = fmaxf(0, fminf(1, (x - bar.x) / bar.w)), reach = REACH * screen->scale;

    if (!is_dragging && (y < bar.y - reach || y > bar.y + bar.h + reach)) return false;
    *position = place->first_tick + (double)part * ((double)place->last_tick - place->first_tick);
    return true;
}
