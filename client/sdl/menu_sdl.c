#include "client/sdl/menu_sdl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client/sdl/hud_sdl.h"
#include "client/sdl/keys_sdl.h"
#include "client/sdl/pad.h"
#include "client/sdl/theme.h"

#define TITLE            "Tickwire"
#define WIDTH            640.0f
#define ROW              38.0f
#define HEAD             118.0f /* above the rows: the title */
#define FOOT             64.0f  /* below them: the notice and the hint */
#define LABEL_PART       0.36f
#define SWATCH           13.0f
#define ROWS_AT_ONCE_MIN 4

static const char hint[] = "↑ ↓ choose    ← → change    Enter press    Esc back";
static const char key_hint[] = "Enter, then the key for it    Backspace: no key    Esc back";

/* ---- where rows lie ---- */

struct layout {
    SDL_FRect panel;
    float row; /* height */
    uint16_t first, count;
};

/* As many rows as fit, the chosen one among them. */
static struct layout lay_out(const struct menu *m, const struct screen *screen)
{
    float s = screen->scale, row = ROW * s, head = HEAD * screen_base_scale(screen);
    float room = screen->height - head - FOOT * s;
    uint16_t fitting = (uint16_t)fmaxf(ROWS_AT_ONCE_MIN, floorf(room / row));
    uint16_t count = m->row_count < fitting ? m->row_count : fitting;
    uint16_t first = m->chosen + 1 > count ? (uint16_t)(m->chosen + 1 - count) : 0;
    float width = fminf(WIDTH * s, screen->width - 4 * THEME_EDGE * s);
    float top = head + fmaxf(0, (room - (float)count * row) * 0.3f);

    return (struct layout){.panel = {(screen->width - width) / 2, top, width, (float)count * row},
                           .row = row,
                           .first = first,
                           .count = count};
}

static SDL_FRect row_rect(const struct layout *l, uint16_t row)
{
    return (SDL_FRect){l->panel.x, l->panel.y + (float)(row - l->first) * l->row, l->panel.w,
                       l->row};
}

/* ---- drawing ---- */

/* All colours of the palette; a ring is around the one that was chosen. */
static void draw_colours(const struct menu *m, struct screen *screen, SDL_FRect rect,
                         const struct look_palette *palette)
{
    float radius = SWATCH / 2 * screen->scale, step = 3 * radius;
    float left = rect.x + rect.w - (float)palette->other_count * step - radius;
    uint8_t colour = m->settings->colour;

    for (uint8_t i = 0; i < palette->other_count; i++) {
        struct circle dot = {{left + (float)i * step + radius, rect.y + rect.h / 2}, radius};
        bool is_chosen = colour > 0 && (colour - 1) % palette->other_count == i;
        paint_disc(screen->paint, dot, palette->others[i]);
        dot.radius *= 1.35f;
        if (is_chosen) paint_ring(screen->paint, dot, 2 * screen->scale, THEME_INK);
    }
}

/* A text that is too long for its place shows its end, where one types. */
static const char *last_part(struct screen *screen, const char *text, float width,
                             const struct text_style *style)
{
    while (*text != '\0' && text_width(screen->text, text, style) > width) {
        text++;
        while ((*text & 0xc0) == 0x80)
            text++;
    }
    return text;
}

static void draw_value(const struct menu *m, struct screen *screen, const struct menu_row *row,
                       SDL_FRect rect)
{
    float s = screen->scale;
    bool is_chosen = row == &m->rows[m->chosen];
    struct text_style style = {.size = 15 * s, .color = THEME_INK};
    struct point at = {rect.x + rect.w * LABEL_PART, rect.y + 10 * s};
    char text[sizeof row->value + 8];

    (void)snprintf(text, sizeof text, "%s", row->value);
    if (row->kind == MENU_CHOICE && is_chosen)
        (void)snprintf(text, sizeof text, "◂ %s ▸", row->value);
    if (row->kind == MENU_FIELD && is_chosen) (void)snprintf(text, sizeof text, "%s|", row->value);
    if (row->kind == MENU_FIELD && !is_chosen && row->value[0] == '\0') {
        style.color = THEME_FAINT;
        (void)snprintf(text, sizeof text, "%s",
                       row->id == MENU_ID_OTHER_ROOM ? "type its name" : "as it comes");
    }
    if (row->kind == MENU_KEY && row->value[0] == '\0') (void)snprintf(text, sizeof text, "none");
    if (is_chosen && m->is_waiting) {
        style.color = THEME_AMBER;
        (void)snprintf(text, sizeof text, "press the key for it, or Esc");
    }
    float width = rect.w * (1 - LABEL_PART) - 20 * s;
    text_draw(screen->text, at, last_part(screen, text, width, &style), &style);
}

static void draw_row(const struct menu *m, struct screen *screen, const struct menu_row *row,
                     SDL_FRect rect)
{
    float s = screen->scale;
    bool is_chosen = row == &m->rows[m->chosen];
    struct text_style style = {.size = 15 * s, .color = THEME_FAINT};
    struct point at = {rect.x + 18 * s, rect.y + 10 * s};

    if (is_chosen) {
        SDL_FRect edge = {rect.x + 4 * s, rect.y + 2 * s, rect.w - 8 * s, rect.h - 4 * s};
        SDL_FRect inner = {edge.x + 1.5f, edge.y + 1.5f, edge.w - 3, edge.h - 3};
        paint_panel(screen->paint, edge, 8 * s, THEME_ACCENT);
        paint_panel(screen->paint, inner, 8 * s - 1.5f, THEME_CHOSEN);
        style.color = THEME_INK;
    }
    if (row->kind == MENU_BUTTON) style.color = THEME_INK;
    style.is_bold = row->id == MENU_ID_PLAY || row->id == MENU_ID_ROOM;
    if (row->kind == MENU_HEADING) {
        style.size = 12 * s;
        at.y += 6 * s;
    }
    float width = (row->value[0] != '\0' ? rect.w * LABEL_PART : rect.w) - 30 * s;
    text_draw(screen->text, at, last_part(screen, row->label, width, &style), &style);
    bool has_value = row->kind == MENU_BUTTON ? row->value[0] != '\0' : row->kind != MENU_HEADING;
    if (has_value) draw_value(m, screen, row, rect);
}

/* The title is large enough already for those who want larger text. */
static void draw_head(const struct menu *m, struct screen *screen, const struct layout *l)
{
    float s = screen->scale, base = screen_base_scale(screen), middle = screen->width / 2;
    struct text_style style = {
        .size = 40 * base, .is_bold = true, .align = TEXT_CENTRE, .color = THEME_ACCENT};

    text_draw(screen->text, (struct point){middle, l->panel.y - 100 * base}, TITLE, &style);
    style = (struct text_style){.size = 14 * s, .align = TEXT_CENTRE, .color = THEME_FAINT};
    text_draw(screen->text, (struct point){middle, l->panel.y - 10 * base - 26 * s}, menu_title(m),
              &style);
}

static void draw_foot(const struct menu *m, struct screen *screen, const struct layout *l)
{
    float s = screen->scale, y = l->panel.y + l->panel.h + 22 * s;
    struct text_style style = {.size = 13 * s, .align = TEXT_CENTRE, .color = THEME_FAINT};
    bool has_notice = m->notice[0] != '\0';

    if (has_notice) style.color = THEME_AMBER;
    const char *line = m->rows[m->chosen].kind == MENU_KEY ? key_hint : hint;
    text_draw(screen->text, (struct point){screen->width / 2, y}, has_notice ? m->notice : line,
              &style);
}

/* How far one has scrolled, where not all rows show. */
static void draw_scroll(const struct menu *m, struct screen *screen, const struct layout *l)
{
    if (l->count == m->row_count) return;

    float part = (float)l->count / (float)m->row_count;
    float begin = (float)l->first / (float)m->row_count;
    SDL_FRect bar = {l->panel.x + l->panel.w + 6, l->panel.y + begin * l->panel.h, 4,
                     part * l->panel.h};
    paint_panel(screen->paint, bar, 2, THEME_LINE);
}

void menu_draw(const struct menu *m, struct screen *screen, const struct look_palette *palette)
{
    struct layout l = lay_out(m, screen);
    float pad = 8 * screen->scale;
    SDL_FRect panel = {l.panel.x - pad, l.panel.y - pad, l.panel.w + 2 * pad, l.panel.h + 2 * pad};

    draw_head(m, screen, &l);
    hud_panel(screen, panel);
    for (uint16_t i = l.first; i < l.first + l.count; i++) {
        draw_row(m, screen, &m->rows[i], row_rect(&l, i));
        if (menu_row_is_colour(&m->rows[i])) draw_colours(m, screen, row_rect(&l, i), palette);
    }
    draw_scroll(m, screen, &l);
    draw_foot(m, screen, &l);
}

/* ---- events ---- */

struct press_key {
    int key; /* an SDL_Scancode, or an enum pad_button */
    enum menu_press press;
};

static const struct press_key keyboard[] = {
    {SDL_SCANCODE_UP, MENU_UP},          {SDL_SCANCODE_DOWN, MENU_DOWN},
    {SDL_SCANCODE_TAB, MENU_DOWN},       {SDL_SCANCODE_LEFT, MENU_LEFT},
    {SDL_SCANCODE_RIGHT, MENU_RIGHT},    {SDL_SCANCODE_RETURN, MENU_ENTER},
    {SDL_SCANCODE_KP_ENTER, MENU_ENTER}, {SDL_SCANCODE_ESCAPE, MENU_BACK},
    {SDL_SCANCODE_BACKSPACE, MENU_ERASE}};

static const struct press_key pad_buttons[] = {
    {PAD_UP, MENU_UP},   {PAD_DOWN, MENU_DOWN}, {PAD_LEFT, MENU_LEFT},  {PAD_RIGHT, MENU_RIGHT},
    {PAD_A, MENU_ENTER}, {PAD_B, MENU_BACK},    {PAD_START, MENU_BACK}, {PAD_X, MENU_ERASE}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct press_key *find(const struct press_key *list, size_t count, int key)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].key == key) return &list[i];
    }
    return NULL;
}

static enum menu_wish take_key(struct menu *m, const SDL_KeyboardEvent *event)
{
    SDL_Scancode scancode = event->keysym.scancode;
    const struct press_key *key = find(keyboard, COUNT(keyboard), (int)scancode);

    if (m->is_waiting && scancode != SDL_SCANCODE_ESCAPE) {
        if (event->repeat == 0) menu_take_code(m, keys_code(scancode));
        return MENU_NOTHING;
    }
    if (key == NULL) return MENU_NOTHING;
    bool is_back_tab = scancode == SDL_SCANCODE_TAB && (event->keysym.mod & KMOD_SHIFT) != 0;
    return menu_press(m, is_back_tab ? MENU_UP : key->press);
}

static enum menu_wish take_button(struct menu *m, int button)
{
    const struct press_key *key = find(pad_buttons, COUNT(pad_buttons), button);

    if (m->is_waiting && button != PAD_START) {
        menu_take_code(m, pad_code(button));
        return MENU_NOTHING;
    }
    return key != NULL ? menu_press(m, key->press) : MENU_NOTHING;
}

/* The row at a place of the window; MENU_ROWS_MAX: none. */
static uint16_t row_at(const struct menu *m, struct screen *screen, int x, int y)
{
    struct layout l = lay_out(m, screen);
    struct point at = screen_pixel(screen, x, y);
    float row = floorf((at.y - l.panel.y) / l.row);

    bool is_in =
        at.x >= l.panel.x && at.x < l.panel.x + l.panel.w && row >= 0 && row < (float)l.count;
    return is_in ? (uint16_t)(l.first + (uint16_t)row) : MENU_ROWS_MAX;
}

static enum menu_wish take_click(struct menu *m, struct screen *screen,
                                 const SDL_MouseButtonEvent *event)
{
    uint16_t row = row_at(m, screen, event->x, event->y);

    if (row >= m->row_count || event->button != SDL_BUTTON_LEFT || m->is_waiting)
        return MENU_NOTHING;
    menu_choose(m, row);
    bool is_pressed = m->chosen == row && m->rows[row].kind != MENU_FIELD;
    return is_pressed ? menu_press(m, MENU_ENTER) : MENU_NOTHING;
}

enum menu_wish menu_take_event(struct menu *m, struct screen *screen, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_KEYDOWN:
        return take_key(m, &event->key);
    case SDL_TEXTINPUT:
        menu_type(m, event->text.text);
        return MENU_NOTHING;
    case SDL_CONTROLLERBUTTONDOWN:
        return take_button(m, event->cbutton.button);
    case SDL_MOUSEMOTION:
        if (!m->is_waiting) menu_choose(m, row_at(m, screen, event->motion.x, event->motion.y));
        return MENU_NOTHING;
    case SDL_MOUSEBUTTONDOWN:
        return take_click(m, screen, &event->button);
    case SDL_MOUSEWHEEL:
        if (event->wheel.y != 0) (void)menu_press(m, event->wheel.y > 0 ? MENU_UP : MENU_DOWN);
        return MENU_NOTHING;
    default:
        return MENU_NOTHING;
    }
}
