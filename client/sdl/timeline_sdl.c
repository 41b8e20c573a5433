#include "client/sdl/timeline_sdl.h"

#include <math.h>
#include <stdio.h>

#include "client/sdl/hud_sdl.h"
#include "client/sdl/theme.h"
#include "shared/limits.h"

#define HEIGHT        66.0f
#define BAR_HEIGHT    6.0f
#define BAR_TOP       20.0f
#define REACH         9.0f /* how far beside the bar the mouse may point */
#define KNOB          7.0f
#define MARKER_HEIGHT 7.0f
#define BUTTONS_TOP   14.0f /* below the bar */
#define BUTTON_HEIGHT 22.0f
#define TEXT_SIZE     12.0f
#define TICKS_A_MARK  (TICK_HZ * 60)
#define TIME_BYTES    32
#define TIP_BYTES     160

/* From the bar's left end, at a scale of 1. */
static const struct button {
    float x, width;
    const char *label; /* NULL: drawn otherwise */
} buttons[TIMELINE_BUTTON_COUNT] = {
    [TIMELINE_STEP_BACK] = {0, 26, "|◂"}, [TIMELINE_PAUSE] = {30, 26, NULL},
    [TIMELINE_STEP_ON] = {60, 26, "▸|"},  [TIMELINE_SLOWER] = {212, 24, "−"},
    [TIMELINE_FASTER] = {284, 24, "+"},   [TIMELINE_PREVIOUS] = {332, 24, "◂"},
    [TIMELINE_NEXT] = {504, 24, "▸"},     [TIMELINE_FREE] = {532, 60, "free"},
};
#define TIME_X  98.0f
#define SPEED_X 260.0f /* its middle */
#define NAME_X  430.0f

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

static SDL_FRect button_of(const struct screen *screen, enum timeline_button button)
{
    float s = screen->scale;
    SDL_FRect bar = bar_of(screen);
    return (SDL_FRect){bar.x + buttons[button].x * s, bar.y + BUTTONS_TOP * s,
                       buttons[button].width * s, BUTTON_HEIGHT * s};
}

static bool is_in(SDL_FRect rect, struct point at)
{
    return at.x >= rect.x && at.x < rect.x + rect.w && at.y >= rect.y && at.y < rect.y + rect.h;
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

/* ---- the bar ---- */

static void draw_minutes(struct screen *screen, const struct replay_place *place, SDL_FRect bar)
{
    for (double tick = place->first_tick + TICKS_A_MARK; tick < place->last_tick;
         tick += TICKS_A_MARK) {
        float x = bar.x + bar.w * (float)part_of(place, tick);
        paint_rect(screen->paint, (SDL_FRect){floorf(x), bar.y, 1, bar.h}, THEME_LINE);
    }
}

/* Events stand above the bar; comings, goings and chat below it. */
static void draw_markers(struct screen *screen, const struct markers *m, SDL_FRect bar)
{
    float s = screen->scale, width = fmaxf(1, floorf(bar.w / MARKER_PLACES)),
          height = MARKER_HEIGHT * s;

    for (size_t i = 0; i < MARKER_PLACES; i++) {
        const struct marker_place *place = &m->places[i];
        float x = bar.x + bar.w * ((float)i + 0.5f) / MARKER_PLACES;
        if (place->event_count > 0) {
            float tall = fminf(height, height * (0.4f + 0.2f * (float)place->event_count));
            paint_rect(screen->paint, (SDL_FRect){x, bar.y - 1 - tall, width, tall}, THEME_AMBER);
        }
        if (place->join_count + place->leave_count + place->chat_count == 0) continue;
        SDL_FRect below = {x, bar.y + bar.h + 1, 2 * width, height * 0.6f};
        paint_rect(screen->paint, below, place->join_count > 0 ? THEME_ACCENT : THEME_FAINT);
    }
}

static void draw_bar(struct screen *screen, const struct timeline *t)
{
    float s = screen->scale;
    SDL_FRect bar = bar_of(screen), done = bar;
    struct point knob = {bar.x + bar.w * (float)part_of(t->place, t->place->position),
                         bar.y + bar.h / 2};

    done.w = fmaxf(bar.h, knob.x - bar.x);
    paint_panel(screen->paint, bar, bar.h / 2, THEME_GROOVE);
    draw_minutes(screen, t->place, bar);
    draw_markers(screen, t->markers, bar);
    paint_panel(screen->paint, done, bar.h / 2, rgba_faded(THEME_ACCENT, 0.75f));
    paint_glow(screen->paint, (struct circle){knob, 3 * KNOB * s}, rgba_faded(THEME_ACCENT, 0.5f));
    paint_disc(screen->paint, (struct circle){knob, KNOB * s}, THEME_ACCENT);
    paint_disc(screen->paint, (struct circle){knob, KNOB * 0.45f * s}, THEME_BACK);
}

/* Under the mouse: the time there, and what happened. */
static void draw_tip(struct screen *screen, const struct timeline *t)
{
    struct text_style style = {
        .size = TEXT_SIZE * screen->scale, .color = THEME_INK, .align = TEXT_CENTRE};
    char time[TIME_BYTES], what[TIP_BYTES], tip[TIME_BYTES + TIP_BYTES + 2];
    double position;

    if (!timeline_position_at(screen, t->place, t->mouse, false, &position)) return;
    print_time(time, position - t->place->first_tick);
    bool happened = markers_describe(t->markers, markers_place_of(t->markers, (uint32_t)position),
                                     what, sizeof what);
    (void)snprintf(tip, sizeof tip, happened ? "%s  %s" : "%s", time, what);
    float half = text_width(screen->text, tip, &style) / 2 + THEME_INSET * screen->scale;
    float x = fmaxf(half, fminf(screen->width - half, t->mouse.x));
    hud_text(screen, (struct point){x, bar_of(screen).y - 3.2f * MARKER_HEIGHT * screen->scale},
             tip, &style);
}

/* ---- the row below ---- */

/* A triangle while it stands, two bars while it plays: what a press will do. */
static void draw_pause(struct screen *screen, SDL_FRect at, bool stands, struct rgba color)
{
    static const uint8_t triangle[3] = {0, 1, 2};
    float size = at.h * 0.45f, x = at.x + (at.w - size) / 2, y = at.y + (at.h - size) / 2;
    struct point points[3] = {{x, y}, {x + size, y + size / 2}, {x, y + size}};

    if (stands) {
        paint_polygon(screen->paint, &(struct polygon){points, 3, triangle, 3}, color);
        return;
    }
    paint_rect(screen->paint, (SDL_FRect){x, y, size * 0.3f, size}, color);
    paint_rect(screen->paint, (SDL_FRect){x + size * 0.6f, y, size * 0.3f, size}, color);
}

static void draw_button(struct screen *screen, const struct timeline *t,
                        enum timeline_button button)
{
    SDL_FRect at = button_of(screen, button);
    bool is_lit = is_in(at, t->mouse) || (button == TIMELINE_FREE && t->place->is_free);
    struct rgba color = is_lit ? THEME_ACCENT : THEME_INK;
    struct text_style style = {
        .size = TEXT_SIZE * screen->scale, .color = color, .align = TEXT_CENTRE};

    paint_panel(screen->paint, at, at.h / 4, THEME_GROOVE);
    if (button == TIMELINE_PAUSE) {
        draw_pause(screen, at, t->place->is_paused || t->place->is_at_end, color);
    } else {
        struct point middle = {at.x + at.w / 2, at.y + (at.h - 1.3f * style.size) / 2};
        text_draw(screen->text, middle, buttons[button].label, &style);
    }
}

static void draw_words(struct screen *screen, const struct replay_place *place)
{
    float s = screen->scale;
    SDL_FRect bar = bar_of(screen);
    float y = bar.y + (BUTTONS_TOP + 3) * s;
    struct text_style style = {.size = TEXT_SIZE * s, .color = THEME_INK};
    char line[96], now[TIME_BYTES], length[TIME_BYTES];

    print_time(now, place->position - place->first_tick);
    print_time(length, (double)place->last_tick - place->first_tick);
    (void)snprintf(line, sizeof line, "%s / %s", now, length);
    text_draw(screen->text, (struct point){bar.x + TIME_X * s, y}, line, &style);

    style.align = TEXT_CENTRE;
    (void)snprintf(line, sizeof line, place->speed < 1 ? "1/%.0f×" : "%.0f×",
                   (double)(place->speed < 1 ? 1 / place->speed : place->speed));
    text_draw(screen->text, (struct point){bar.x + SPEED_X * s, y}, line, &style);
    const char *followed = place->followed[0] != '\0' ? place->followed : "nobody";
    text_draw(screen->text, (struct point){bar.x + NAME_X * s, y},
              place->is_free ? "free camera" : followed, &style);

    style.align = TEXT_RIGHT;
    style.color = THEME_FAINT;
    (void)snprintf(line, sizeof line, "tick %u    %s", place->tick, place->started);
    text_draw(screen->text, (struct point){bar.x + bar.w, y}, line, &style);
}

void timeline_draw(struct screen *screen, const struct timeline *t)
{
    float height = timeline_height(screen);
    SDL_FRect ground = {0, screen->height - height, screen->width, height};

    paint_gradient(screen->paint, ground, THEME_PANEL, THEME_BACK);
    paint_rect(screen->paint, (SDL_FRect){0, ground.y, ground.w, 1}, THEME_LINE);
    draw_bar(screen, t);
    for (int button = TIMELINE_NO_BUTTON + 1; button < TIMELINE_BUTTON_COUNT; button++)
        draw_button(screen, t, (enum timeline_button)button);
    draw_words(screen, t->place);
    draw_tip(screen, t);
}

/* ---- the mouse ---- */

enum timeline_button timeline_button_at(const struct screen *screen, struct point at)
{
    for (int button = TIMELINE_NO_BUTTON + 1; button < TIMELINE_BUTTON_COUNT; button++) {
        if (is_in(button_of(screen, (enum timeline_button)button), at))
            return (enum timeline_button)button;
    }
    return TIMELINE_NO_BUTTON;
}

bool timeline_position_at(const struct screen *screen, const struct replay_place *place,
                          struct point at, bool is_dragging, double *position)
{
    SDL_FRect bar = bar_of(screen);
    float part = fmaxf(0, fminf(1, (at.x - bar.x) / bar.w)), reach = REACH * screen->scale;

    if (!is_dragging && (at.y < bar.y - reach || at.y > bar.y + bar.h + reach)) return false;
    *position = place->first_tick + (double)part * ((double)place->last_tick - place->first_tick);
    return true;
}
