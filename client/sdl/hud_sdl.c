#include "client/sdl/hud_sdl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "client/sdl/theme.h"
#include "shared/limits.h"
#include "shared/world.h"

#define BOARD_WIDTH  220.0f
#define BOARD_LINES  8
#define COLUMN_WIDTH 38.0f
#define LINE_HEIGHT  21.0f
#define FEED_LINES   6
#define CHAT_LINES   8
#define CHAT_WIDTH   360.0f
#define LABEL_WIDTH  52.0f
#define BAR_WIDTH    170.0f
#define BAR_HEIGHT   8.0f
#define VALUE_WIDTH  62.0f
#define HELP_WIDTH   340.0f
#define HELP_NEEDS   1180.0f /* of the picture: else it would lie on the own body's figures */
#define LOW_PART     0.3f
#define OWN_ROW      19.0f
#define LARGE_TEXT   1.3f /* from here on there is less of it */
#define BOARD_LARGE  5
#define FEED_LARGE   3

void hud_panel(struct screen *screen, SDL_FRect rect)
{
    float radius = THEME_RADIUS * screen->scale;
    SDL_FRect inner = {rect.x + 1, rect.y + 1, rect.w - 2, rect.h - 2};

    paint_panel(screen->paint, rect, radius, THEME_LINE);
    paint_panel(screen->paint, inner, radius - 1, THEME_PANEL);
}

void hud_text(struct screen *screen, struct point at, const char *string,
              const struct text_style *style)
{
    struct text_style rim = *style;
    rim.color = rgba_faded(THEME_SHADE, (float)style->color.a / 255);
    for (int i = 0; i < 4; i++) {
        struct point beside = {at.x + (i % 2 ? 1.0f : -1.0f), at.y + (i / 2 ? 1.5f : -0.5f)};
        text_draw(screen->text, beside, string, &rim);
    }
    text_draw(screen->text, at, string, style);
}

static struct text_style style_of(const struct screen *screen, float size, struct rgba color)
{
    return (struct text_style){.size = size * screen->scale, .color = color};
}

static bool is_large(const struct screen *screen)
{
    return screen->text_scale > LARGE_TEXT;
}

/* The middle of the picture, or with large text of what the leaderboard leaves. */
static float middle_of(const struct screen *screen)
{
    float board = is_large(screen) ? (BOARD_WIDTH + 2 * THEME_EDGE) * screen->scale : 0;
    return (screen->width - board) / 2;
}

/* ---- leaderboard and clock ---- */

struct board_line {
    const struct drawn *drawn;
    uint16_t seat;
    int64_t order; /* ascending */
};

static uint16_t board_seat(const struct look_leaderboard *board, const struct drawn *d)
{
    return board->seat_word == LOOK_NO_WORD ? d->owner : (uint16_t)d->words[board->seat_word];
}

/* Fills the first lines, by insertion. Returns how many there are. */
static size_t rank(const struct scene *scene, struct board_line lines[BOARD_LINES])
{
    const struct look_leaderboard *board = &scene->look->leaderboard;
    size_t count = 0;

    for (uint32_t i = 0; i < scene->count; i++) {
        const struct drawn *d = &scene->drawn[i];
        if (d->kind != board->kind || board_seat(board, d) == SEAT_NONE) continue;

        int64_t value = board->order_word != LOOK_NO_WORD ? d->words[board->order_word] : 0;
        struct board_line line = {d, board_seat(board, d), board->is_ascending ? value : -value};
        size_t at = count < BOARD_LINES ? count++ : BOARD_LINES;
        for (; at > 0 && lines[at - 1].order > line.order; at--)
            if (at < BOARD_LINES) lines[at] = lines[at - 1];
        if (at < BOARD_LINES) lines[at] = line;
    }
    return count;
}

static void draw_board_line(struct screen *screen, const struct scene *scene,
                            const struct board_line *line, SDL_FRect at)
{
    const struct look_leaderboard *board = &scene->look->leaderboard;
    struct text_style style =
        style_of(screen, 13, look_seat_colour(scene->look, &scene->facts, line->seat));
    char stand_in[LOOK_TEXT_BYTES], number[16];

    style.is_bold = line->seat == scene->facts.own_seat;
    text_draw(screen->text, (struct point){at.x, at.y},
              look_name(&scene->facts, line->seat, stand_in), &style);
    style.align = TEXT_RIGHT;
    for (uint8_t i = 0; i < board->column_count; i++) {
        float right =
            at.x + at.w - (float)(board->column_count - 1 - i) * COLUMN_WIDTH * screen->scale;
        style.color = i == 0 ? THEME_INK : THEME_FAINT;
        (void)snprintf(number, sizeof number, "%d", line->drawn->words[board->columns[i]]);
        text_draw(screen->text, (struct point){right, at.y}, number, &style);
    }
}

/* Writes "m:ss" until the tick in the clock's word, or nothing. */
static void print_clock(const struct scene *scene, char *out, size_t capacity_bytes)
{
    const struct look_clock *clock = &scene->look->clock;

    out[0] = '\0';
    for (uint32_t i = 0; clock->kind != 0 && i < scene->count; i++) {
        const struct drawn *d = &scene->drawn[i];
        struct look_subject subject = scene_subject(d);
        if (d->kind != clock->kind || !look_holds(&clock->when, &subject)) continue;

        /* The word may hold the tick's lower bits only. */
        int64_t left = ((int64_t)d->words[clock->word] - scene->facts.tick) % clock->span;
        if (left < 0) left += clock->span;
        if (left > clock->span / 2) left = 0;
        int64_t seconds = (left + TICK_HZ - 1) / TICK_HZ;
        (void)snprintf(out, capacity_bytes, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
    }
}

static void draw_board(struct screen *screen, const struct scene *scene, const char *title)
{
    struct board_line lines[BOARD_LINES];
    size_t count = scene->look->leaderboard.kind != 0 ? rank(scene, lines) : 0;
    if (is_large(screen) && count > BOARD_LARGE) count = BOARD_LARGE;
    float s = screen->scale, width = BOARD_WIDTH * s;
    float height = (THEME_INSET * 2 + 18 + (float)count * LINE_HEIGHT + (count > 0 ? 4 : 0)) * s;
    SDL_FRect panel = {screen->width - width - THEME_EDGE * s, THEME_EDGE * s, width, height};
    SDL_FRect at = {panel.x + THEME_INSET * s, panel.y + THEME_INSET * s,
                    width - 2 * THEME_INSET * s, LINE_HEIGHT * s};
    struct text_style head = style_of(screen, 12, THEME_INK);
    char clock[16];

    hud_panel(screen, panel);
    print_clock(scene, clock, sizeof clock);
    head.is_bold = true;
    text_draw(screen->text, (struct point){at.x, at.y}, clock, &head);
    head.color = THEME_FAINT;
    head.align = TEXT_RIGHT;
    text_draw(screen->text, (struct point){at.x + at.w, at.y}, title, &head);
    at.y += 22 * s;
    for (size_t i = 0; i < count; i++, at.y += LINE_HEIGHT * s)
        draw_board_line(screen, scene, &lines[i], at);
}

/* ---- the own body ---- */

static void draw_own_bar(struct screen *screen, const struct scene *scene,
                         const struct look_bar *bar, struct point at)
{
    float s = screen->scale;
    struct look_subject subject = scene_subject(scene_own(scene));
    float part = fmaxf(0, fminf(1, (float)subject.words[bar->word] / bar->max));
    if (bar->is_inverted) part = 1 - part;
    bool is_low = part < LOW_PART && bar->low.source != LOOK_COLOUR_NONE;
    struct rgba color =
        look_colour(scene->look, is_low ? &bar->low : &bar->colour, &subject, &scene->facts);
    SDL_FRect groove = {at.x + LABEL_WIDTH * s, at.y + 4 * s, BAR_WIDTH * s, BAR_HEIGHT * s};
    SDL_FRect filled = {groove.x, groove.y, fmaxf(groove.h, groove.w * part), groove.h};
    struct text_style style = style_of(screen, 12, THEME_FAINT);

    text_draw(screen->text, at, bar->label, &style);
    paint_panel(screen->paint, groove, groove.h / 2, THEME_GROOVE);
    if (part > 0) paint_panel(screen->paint, filled, groove.h / 2, color);
}

static void draw_own_value(struct screen *screen, const struct scene *scene,
                           const struct look_value *value, struct point at)
{
    struct text_style style = style_of(screen, 11, THEME_FAINT);
    char number[16];

    style.align = TEXT_CENTRE;
    text_draw(screen->text, at, value->label, &style);
    style = (struct text_style){
        .size = 19 * screen->scale, .is_bold = true, .align = TEXT_CENTRE, .color = THEME_INK};
    (void)snprintf(number, sizeof number, "%d", scene_own(scene)->words[value->word]);
    text_draw(screen->text, (struct point){at.x, at.y + 14 * screen->scale}, number, &style);
}

static void draw_own(struct screen *screen, const struct scene *scene)
{
    const struct look *look = scene->look;
    if (look->bar_count + look->value_count == 0 || scene_own(scene) == NULL) return;

    float s = screen->scale;
    float bars_width = look->bar_count > 0 ? LABEL_WIDTH + BAR_WIDTH + 22 : 0;
    float rows = fmaxf(2, (float)look->bar_count);
    float width = (bars_width + (float)look->value_count * VALUE_WIDTH + 36) * s;
    float height = (rows * OWN_ROW + 18) * s;
    SDL_FRect panel = {(screen->width - width) / 2,
                       screen->height - screen->foot - height - THEME_EDGE * s, width, height};

    hud_panel(screen, panel);
    struct point at = {panel.x + 18 * s,
                       panel.y + (height - (float)look->bar_count * OWN_ROW * s) / 2 + s};
    for (uint8_t i = 0; i < look->bar_count; i++, at.y += OWN_ROW * s)
        draw_own_bar(screen, scene, &look->bars[i], at);
    at = (struct point){panel.x + (18 + bars_width + VALUE_WIDTH / 2) * s,
                        panel.y + height / 2 - 19 * s};
    for (uint8_t i = 0; i < look->value_count; i++, at.x += VALUE_WIDTH * s)
        draw_own_value(screen, scene, &look->values[i], at);
}

/* ---- words ---- */

static void draw_notice(struct screen *screen, const struct scene *scene)
{
    if (scene_own(scene) == NULL) return;
    struct look_subject subject = scene_subject(scene_own(scene));
    struct text_style style = style_of(screen, 22, THEME_INK);
    char line[LOOK_LINE_BYTES];

    style.align = TEXT_CENTRE;
    for (uint8_t i = 0; i < scene->look->notice_count; i++) {
        const struct look_notice *notice = &scene->look->notices[i];
        if (!look_holds(&notice->when, &subject)) continue;
        if (!look_print(&notice->text, &subject, &scene->facts, line, sizeof line)) continue;
        hud_text(screen, (struct point){middle_of(screen), screen->height * 0.34f}, line, &style);
        return;
    }
}

static void draw_announcement(struct screen *screen, const struct feed *feed, double now_s)
{
    float strength = feed_strength(feed->announced_s, FEED_ANNOUNCE_SECONDS, now_s);
    if (strength <= 0) return;
    struct text_style style = style_of(screen, 36, rgba_faded(RGBA_WHITE, strength));

    style.is_bold = true;
    style.align = TEXT_CENTRE;
    hud_text(screen, (struct point){middle_of(screen), screen->height * 0.22f}, feed->announcement,
             &style);
}

/* What happened: from the top downwards, the newest last. */
static void draw_events(struct screen *screen, const struct feed *feed, double now_s)
{
    const struct feed_line *shown[FEED_LINES];
    const struct feed_line *line;
    size_t count = 0;
    float y = THEME_EDGE * screen->scale;

    size_t most = is_large(screen) ? FEED_LARGE : FEED_LINES;
    for (uint32_t i = 0; count < most && (line = feed_line_at(feed, i)) != NULL; i++)
        if (!line->is_chat && feed_strength(line->at_s, FEED_SECONDS, now_s) > 0)
            shown[count++] = line;
    while (count > 0) {
        line = shown[--count];
        struct text_style style = style_of(
            screen, 13, rgba_faded(THEME_FAINT, feed_strength(line->at_s, FEED_SECONDS, now_s)));
        style.align = TEXT_CENTRE;
        hud_text(screen, (struct point){middle_of(screen), y}, line->text, &style);
        y += 19 * screen->scale;
    }
}

static void draw_chat_line(struct screen *screen, const struct feed_line *line, struct point at,
                           float strength)
{
    struct text_style style = style_of(screen, 13, rgba_faded(line->color, strength));
    char name[LOOK_TEXT_BYTES + 2];

    style.is_bold = true;
    if (line->name[0] != '\0') {
        (void)snprintf(name, sizeof name, "%s: ", line->name);
        hud_text(screen, at, name, &style);
        at.x += text_width(screen->text, name, &style);
    }
    style.is_bold = false;
    style.color = rgba_faded(THEME_INK, strength);
    hud_text(screen, at, line->text, &style);
}

/* What was said: from the bottom upwards, all of it while one writes. */
static void draw_chat(struct screen *screen, const struct feed *feed, const struct hud_words *words)
{
    float s = screen->scale, x = THEME_EDGE * s,
          y = screen->height - screen->foot - (THEME_EDGE + 44) * s;
    const struct feed_line *line;
    unsigned shown = 0;

    if (words->typed != NULL) {
        SDL_FRect box = {x, y, CHAT_WIDTH * s, 32 * s};
        struct text_style style = style_of(screen, 13, THEME_INK);
        char typed[CHAT_BYTES_MAX + 4];

        hud_panel(screen, box);
        (void)snprintf(typed, sizeof typed, "%s_", words->typed);
        if (words->typed[0] == '\0') {
            style.color = THEME_FAINT;
            (void)snprintf(typed, sizeof typed, "Say something, then Enter");
        }
        text_draw(screen->text, (struct point){x + 10 * s, y + 8 * s}, typed, &style);
    }
    for (uint32_t i = 0; shown < CHAT_LINES && (line = feed_line_at(feed, i)) != NULL; i++) {
        float strength =
            words->typed != NULL ? 1 : feed_strength(line->at_s, FEED_CHAT_SECONDS, words->feed_s);
        if (!line->is_chat || strength <= 0) continue;
        y -= 20 * s;
        shown++;
        draw_chat_line(screen, line, (struct point){x, y}, strength);
    }
}

static void draw_warning(struct screen *screen, const char *warning)
{
    float s = screen->scale;
    struct text_style style = style_of(screen, 14, (struct rgba){0xff, 0xcf, 0x8a, 0xff});
    float width = text_width(screen->text, warning, &style) + 28 * s;
    SDL_FRect box = {(screen->width - width) / 2, screen->height * 0.12f, width, 32 * s};

    paint_panel(screen->paint, box, 8 * s, (struct rgba){0x7a, 0x5a, 0x2a, 0xff});
    box = (SDL_FRect){box.x + 1, box.y + 1, box.w - 2, box.h - 2};
    paint_panel(screen->paint, box, 8 * s - 1, (struct rgba){0x2a, 0x1d, 0x0a, 0xe8});
    style.align = TEXT_CENTRE;
    text_draw(screen->text, (struct point){screen->width / 2, box.y + 7 * s}, warning, &style);
}

static void draw_help(struct screen *screen, const char *help)
{
    float s = screen->scale;
    struct text_style style = style_of(screen, 12, THEME_FAINT);
    style.line_width = HELP_WIDTH * s;
    if (screen->width < HELP_NEEDS * s) return;
    struct point at = {screen->width - (THEME_EDGE + HELP_WIDTH) * s,
                       screen->height - screen->foot - (THEME_EDGE + 68) * s};

    text_draw_wrapped(screen->text, at, help, &style);
}

void hud_draw(struct screen *screen, const struct scene *scene, const struct feed *feed,
              const struct hud_words *words)
{
    draw_board(screen, scene, words->title);
    draw_own(screen, scene);
    draw_events(screen, feed, words->feed_s);
    draw_chat(screen, feed, words);
    draw_help(screen, words->help);
    draw_notice(screen, scene);
    draw_announcement(screen, feed, words->feed_s);
    if (words->warning != NULL) draw_warning(screen, words->warning);
}
